"""StyleGAN2's convolution, whose weights a style scales, and its layers around it.

Karras et al. 2020 (arXiv 1912.04958), section 2.2 and figure 2c.
"""

from __future__ import annotations

import math

import keras
import numpy as np
from keras import layers, ops

from tfhand.nn.equalized import EqualizedDense, activate


class ModulatedConvolution(layers.Layer):
    """A convolution whose weights are scaled per sample, by a style, and then to unit norm again.

    Equations 1 to 3: w'_ijk = s_i w_ijk, w''_ijk = w'_ijk / sqrt(sum over i and k of w'_ijk^2 + epsilon), i being input
    channels, j output channels and k places. Here the input is scaled by s and the output by the root's inverse: the
    same function, but one convolution for the whole batch, where a kernel for each sample would need as many.

    Call with x (B, H, W, C) and style (B, D); gives (B, H, W, filters), or twice as high and wide.

    Args:
        filters: channels of the result.
        size: side of the kernel.
        upsample: nearest-neighbour doubling before the convolution; for a kernel of side 3.
        demodulate: equation 3; without it the style sets the scale of the result as well.
    """

    def __init__(self, filters: int, size: int = 3, upsample: bool = False, demodulate: bool = True, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.size, self.upsample, self.demodulate = filters, size, upsample, demodulate

    def build(self, x_shape, style_shape):
        shape = (self.size, self.size, x_shape[-1], self.filters)
        normal = keras.initializers.RandomNormal(stddev=1.0)
        self.kernel = self.add_weight(shape=shape, initializer=normal, name="kernel")
        self.affine = EqualizedDense(x_shape[-1], bias=1.0)
        self.affine.build(style_shape)
        self.gain = 1 / math.sqrt(math.prod(shape[:-1]))

    def call(self, x, style):
        kernel, scale = self.kernel * self.gain, self.affine(style)  # (B, C)
        x = x * scale[:, None, None, :]
        x = _doubled_convolution(x, kernel) if self.upsample else ops.conv(x, kernel, padding="same")
        if self.demodulate:
            squares = ops.sum(ops.square(kernel), axis=(0, 1))  # (C, filters)
            x = x * ops.rsqrt(ops.matmul(ops.square(scale), squares) + 1e-8)[:, None, None, :]
        return x

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "size": self.size,
            "upsample": self.upsample,
            "demodulate": self.demodulate,
        }


class StyledConv(layers.Layer):
    """Modulated convolution - noise of a learned strength - bias - activation.

    Call with x (B, H, W, C), style (B, D) and noise (B, H', W', 1), one number a pixel of the result; gives
    (B, H', W', filters).

    Args:
        filters: channels of the result.
        upsample: double height and width.
    """

    def __init__(self, filters: int, upsample: bool = False, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.upsample = filters, upsample

    def build(self, x_shape, style_shape, noise_shape=None):
        self.convolution = ModulatedConvolution(self.filters, upsample=self.upsample)
        self.convolution.build(x_shape, style_shape)
        self.strength = self.add_weight(shape=(), initializer="zeros", name="strength")
        self.bias = self.add_weight(shape=(self.filters,), initializer="zeros", name="bias")

    def call(self, x, style, noise):
        return activate(self.convolution(x, style) + self.strength * noise + self.bias)

    def get_config(self):
        return {**super().get_config(), "filters": self.filters, "upsample": self.upsample}


class ToImage(layers.Layer):
    """What a feature map adds to the picture: a modulated 1 x 1 convolution without demodulation, and a bias.

    Call with x (B, H, W, C) and style (B, D); gives (B, H, W, 1).
    """

    def build(self, x_shape, style_shape):
        self.convolution = ModulatedConvolution(1, size=1, demodulate=False)
        self.convolution.build(x_shape, style_shape)
        self.bias = self.add_weight(shape=(1,), initializer="zeros", name="bias")

    def call(self, x, style):
        return self.convolution(x, style) + self.bias


def upsample2x(x):
    """Bilinear doubling; (B, H, W, C) to (B, 2H, 2W, C).

    Written out because the second derivative of `ops.image.resize`, which path lengths need, is wrong in TensorFlow.
    """
    for axis in (1, 2):
        shape, places = list(x.shape), np.arange(x.shape[axis])
        before, after = (
            ops.take(x, np.clip(places + step, 0, len(places) - 1).astype(np.int32), axis=axis) for step in (-1, 1)
        )
        shape[0], shape[axis] = -1, 2 * shape[axis]
        x = ops.reshape(ops.stack([0.75 * x + 0.25 * before, 0.75 * x + 0.25 * after], axis=axis + 1), shape)
    return x


def _doubled_convolution(x, kernel):
    """Nearest-neighbour doubling, then a 3 x 3 convolution, as one transposed convolution with 16 of its 36 products.

    A pixel meets the kernel twice in each direction, one place apart: together a kernel of 4 x 4 at every second place.
    """
    flipped = ops.transpose(ops.flip(kernel, axis=(0, 1)), (0, 1, 3, 2))
    wide = sum(ops.pad(flipped, (rows, (0, 0), (0, 0), (0, 0))) for rows in ((0, 1), (1, 0)))
    wide = sum(ops.pad(wide, ((0, 0), columns, (0, 0), (0, 0))) for columns in ((0, 1), (1, 0)))
    return ops.conv_transpose(x, wide, strides=2, padding="same")

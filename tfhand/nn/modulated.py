"""StyleGAN2's convolution, whose weights a style scales, and its layers around it.

Karras et al. 2020 (arXiv 1912.04958), section 2.2 and figure 2c.
"""

from __future__ import annotations

import math

import keras
from keras import layers, ops

from tfhand.nn.equalized import EqualizedDense, activate
from tfhand.nn.resampling import doubled_convolution


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
        x = doubled_convolution(x, kernel) if self.upsample else ops.conv(x, kernel, padding="same")
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

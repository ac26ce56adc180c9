"""Residual blocks of the image networks: pre-activation, leaky ReLU, sum divided by the square root of 2.

All take and give channels-last images. Dividing by sqrt(2) keeps the variance of a sum of two like branches at one.
"""

from __future__ import annotations

import math

import keras
from keras import layers, ops

from tfhand.nn.precision import as_float32
from tfhand.nn.resampling import doubled_convolution, downsample2x, halved_convolution

SLOPE = 0.2  # of the leaky ReLU below zero
EPSILON = 1e-5  # of instance normalization; Keras's own 1e-3 is too much for faint features


def kaiming() -> keras.initializers.Initializer:
    """He et al. (2015) for ReLU networks: normal with variance 2 / fan_in, not truncated."""
    return keras.initializers.VarianceScaling(2.0, "fan_in", "untruncated_normal")


def activate(x):
    """The leaky ReLU of all image networks.

    With oneDNN, TensorFlow's graph optimizer reports "remapper failed" for it wherever its input is used elsewhere as
    well, and leaves that graph as it is. A form that avoids this, `where(x > 0, x, SLOPE * x)`, is a fifth slower.
    """
    return ops.leaky_relu(x, negative_slope=SLOPE)


class DoublingConvolution(layers.Conv2D):
    """Nearest-neighbour doubling and a convolution in one; (B, H, W, C) to (B, 2H, 2W, filters)."""

    def convolution_op(self, inputs, kernel):
        return doubled_convolution(inputs, kernel)


class HalvingConvolution(layers.Conv2D):
    """A convolution and 2 x 2 average pooling in one; (B, H, W, C) to (B, H / 2, W / 2, filters)."""

    def convolution_op(self, inputs, kernel):
        return halved_convolution(inputs, kernel)


def convolution(
    filters: int, size: int = 3, use_bias: bool = True, padding: str = "same", kind: type = layers.Conv2D
) -> layers.Conv2D:
    """A square convolution with He initialization; `kind` may be one that doubles or halves, of side 3."""
    return kind(filters, size, padding=padding, use_bias=use_bias, kernel_initializer=kaiming())


def dense(units: int) -> layers.Dense:
    """A dense layer with He initialization."""
    return layers.Dense(units, kernel_initializer=kaiming())


def normalize_instance(x, scale=1.0, offset=0.0):
    """Every channel of every image to another mean and deviation over its own pixels; (B, H, W, C) to (B, H, W, C).

    Written as a product and a sum, which go over all pixels only twice, there and back.

    Args:
        x: images.
        scale, offset: deviation and mean of the result, of a shape that goes with (B, 1, 1, C).
    """
    wide = as_float32(x)
    mean, variance = ops.moments(wide, axes=(1, 2), keepdims=True)  # (B, 1, 1, C)
    factor = as_float32(scale) * ops.rsqrt(variance + EPSILON)
    return ops.cast(wide * factor + (as_float32(offset) - mean * factor), x.dtype)


class InstanceNormalization(layers.Layer):
    """Instance normalization with a learned scale and offset per channel; (B, H, W, C) to (B, H, W, C)."""

    def build(self, input_shape):
        self.scale = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="scale")
        self.offset = self.add_weight(shape=(input_shape[-1],), initializer="zeros", name="offset")

    def call(self, x):
        return normalize_instance(x, self.scale, self.offset)


class AdaptiveNormalization(layers.Layer):
    """AdaIN: instance normalization whose scale and offset are a linear function of a style.

    Huang & Belongie, 2017 (arXiv 1703.06868), equation 8. The scale is learned as a difference from one.
    """

    def build(self, x_shape, style_shape):
        self.affine = layers.Dense(2 * x_shape[-1], kernel_initializer=kaiming())
        self.affine.build(style_shape)

    def call(self, x, style):
        scale, offset = ops.split(self.affine(style)[:, None, None, :], 2, axis=-1)  # (B, 1, 1, C) each
        return normalize_instance(x, 1 + scale, offset)


class ResidualBlock(layers.Layer):
    """(norm) - activation - convolution - (pool) - (norm) - activation - convolution, beside a shortcut.

    Args:
        filters: channels of the output.
        normalize: instance normalization before both activations.
        downsample: 2 x 2 average pooling, (B, H, W, C) to (B, H // 2, W // 2, filters).
    """

    def __init__(self, filters: int, normalize: bool = False, downsample: bool = False, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.normalize, self.downsample = filters, normalize, downsample

    def build(self, input_shape):
        channels = input_shape[-1]
        kind = HalvingConvolution if self.downsample else layers.Conv2D
        self.first, self.second = convolution(channels, kind=kind), convolution(self.filters)
        self.first.build(input_shape)
        self.second.build(input_shape)
        self.project = convolution(self.filters, 1, use_bias=False) if channels != self.filters else None
        if self.project is not None:
            self.project.build(input_shape)
        self.norms = [InstanceNormalization(), InstanceNormalization()] if self.normalize else []
        for norm in self.norms:
            norm.build(input_shape)

    def call(self, x):
        first_norm, second_norm = self.norms or (_same, _same)
        residual = self.first(activate(first_norm(x)))
        residual = self.second(activate(second_norm(residual)))
        shortcut = downsample2x(x) if self.downsample else x  # before the 1 x 1 projection, at a quarter of its cost
        if self.project is not None:
            shortcut = self.project(shortcut)
        return (shortcut + residual) / math.sqrt(2)

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "normalize": self.normalize,
            "downsample": self.downsample,
        }


class PlainBlock(layers.Layer):
    """Activation - (pool) - convolution - (norm): a block of one convolution, without a shortcut.

    Args:
        filters: channels of the output.
        normalize: instance normalization after the convolution.
        downsample: 2 x 2 average pooling, (B, H, W, C) to (B, H // 2, W // 2, filters).
    """

    def __init__(self, filters: int, normalize: bool = False, downsample: bool = False, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.normalize, self.downsample = filters, normalize, downsample

    def build(self, input_shape):
        self.convolve = convolution(self.filters)
        self.convolve.build(input_shape)
        self.norm = InstanceNormalization() if self.normalize else _same
        if self.normalize:
            self.norm.build((*input_shape[:-1], self.filters))

    def call(self, x):
        x = activate(x)
        if self.downsample:
            x = downsample2x(x)
        return self.norm(self.convolve(x))

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "normalize": self.normalize,
            "downsample": self.downsample,
        }


class AdaINResidualBlock(layers.Layer):
    """AdaIN - activation - (upsample) - convolution - AdaIN - activation - convolution, beside a shortcut.

    Call with x (B, H, W, C) and style (B, D).

    Args:
        filters: channels of the output.
        upsample: nearest-neighbour doubling, (B, H, W, C) to (B, 2H, 2W, filters).
    """

    def __init__(self, filters: int, upsample: bool = False, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.upsample = filters, upsample

    def build(self, x_shape, style_shape):
        narrow, wide = tuple(x_shape), (*x_shape[:-1], self.filters)
        kind = DoublingConvolution if self.upsample else layers.Conv2D
        self.first, self.second = convolution(self.filters, kind=kind), convolution(self.filters)
        self.first.build(narrow)
        self.second.build(wide)
        self.project = convolution(self.filters, 1, use_bias=False) if narrow[-1] != self.filters else None
        if self.project is not None:
            self.project.build(narrow)
        self.enlarge = layers.UpSampling2D() if self.upsample else _same
        self.first_norm, self.second_norm = AdaptiveNormalization(), AdaptiveNormalization()
        self.first_norm.build(narrow, style_shape)
        self.second_norm.build(wide, style_shape)

    def call(self, x, style):
        residual = self.first(activate(self.first_norm(x, style)))
        residual = self.second(activate(self.second_norm(residual, style)))
        shortcut = x if self.project is None else self.project(x)
        return (self.enlarge(shortcut) + residual) / math.sqrt(2)

    def get_config(self):
        return {**super().get_config(), "filters": self.filters, "upsample": self.upsample}


def _same(x):
    return x

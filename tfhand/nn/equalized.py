"""Layers with an equalized learning rate, and what StyleGAN's networks build of them.

Karras et al. 2018 (arXiv 1710.10196), section 4.1: weights are drawn from N(0, 1) and scaled to He's size each time
they are used, so that Adam, which moves every weight by about its learning rate, moves all layers at the same relative
speed.
"""

from __future__ import annotations

import math

import keras
from keras import layers, ops

from tfhand.nn import blocks
from tfhand.nn.precision import as_float32
from tfhand.nn.resampling import downsample2x


def activate(x):
    """Leaky ReLU times sqrt(2), which keeps the variance of a standard normal input at about one."""
    return math.sqrt(2) * blocks.activate(x)


def pixel_norm(x):
    """Every vector of the last axis to a mean square of 1 (the same paper, section 4.2)."""
    return x * ops.rsqrt(ops.mean(ops.square(x), axis=-1, keepdims=True) + 1e-8)


class EqualizedDense(layers.Layer):
    """A dense layer of equalized learning rate; (B, C) to (B, units).

    Args:
        units: entries of the result.
        rate: how fast it learns beside other layers: the weights are drawn wider and used smaller by this factor.
        bias: where the bias begins.
    """

    def __init__(self, units: int, rate: float = 1.0, bias: float = 0.0, **kwargs):
        super().__init__(**kwargs)
        self.units, self.rate, self.first_bias = units, rate, bias

    def build(self, input_shape):
        wide = keras.initializers.RandomNormal(stddev=1 / self.rate)
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), initializer=wide, name="kernel")
        begin = keras.initializers.Constant(self.first_bias / self.rate)
        self.bias = self.add_weight(shape=(self.units,), initializer=begin, name="bias")
        self.gain = self.rate / math.sqrt(input_shape[-1])

    def call(self, x):
        return ops.matmul(x, self.kernel * self.gain) + self.bias * self.rate

    def get_config(self):
        return {**super().get_config(), "units": self.units, "rate": self.rate, "bias": self.first_bias}


class EqualizedConvolution(layers.Layer):
    """A square convolution of equalized learning rate; (B, H, W, C) to (B, H, W, filters).

    Args:
        filters: channels of the result.
        size: side of the kernel.
        use_bias: add a learned bias.
    """

    def __init__(self, filters: int, size: int = 3, use_bias: bool = True, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.size, self.use_bias = filters, size, use_bias

    def build(self, input_shape):
        shape = (self.size, self.size, input_shape[-1], self.filters)
        normal = keras.initializers.RandomNormal(stddev=1.0)
        self.kernel = self.add_weight(shape=shape, initializer=normal, name="kernel")
        if self.use_bias:
            self.bias = self.add_weight(shape=(self.filters,), initializer="zeros", name="bias")
        self.gain = 1 / math.sqrt(math.prod(shape[:-1]))

    def call(self, x):
        x = ops.conv(x, self.kernel * self.gain, padding="same")
        return x + self.bias if self.use_bias else x

    def get_config(self):
        return {**super().get_config(), "filters": self.filters, "size": self.size, "use_bias": self.use_bias}


class DownBlock(layers.Layer):
    """Convolution - activation - pool - convolution - activation, beside a pooled shortcut without either.

    The discriminator's residual block of Karras et al. 2020 (arXiv 1912.04958), figure 7c, at half the size after its
    first convolution. (B, H, W, C) to (B, H / 2, W / 2, filters).

    Args:
        filters: channels of the result.
    """

    def __init__(self, filters: int, **kwargs):
        super().__init__(**kwargs)
        self.filters = filters

    def build(self, input_shape):
        self.first, self.second = EqualizedConvolution(input_shape[-1]), EqualizedConvolution(self.filters)
        self.project = EqualizedConvolution(self.filters, 1, use_bias=False)
        for layer in (self.first, self.second, self.project):
            layer.build(input_shape)

    def call(self, x):
        residual = activate(self.second(downsample2x(activate(self.first(x)))))
        return (self.project(downsample2x(x)) + residual) / math.sqrt(2)

    def get_config(self):
        return {**super().get_config(), "filters": self.filters}


class MinibatchStdDev(layers.Layer):
    """One more channel: how much the images of a group differ; (B, H, W, C) to (B, H, W, C + 1).

    A discriminator that sees it notices a generator that repeats itself. Karras et al. 2018 (arXiv 1710.10196), section
    3: the standard deviation over a group, averaged over places and channels; with the groups of arXiv 1912.04958.

    Args:
        group: images that are compared, those a B / group apart; a whole batch if it is no multiple of this.
    """

    def __init__(self, group: int = 4, **kwargs):
        super().__init__(**kwargs)
        self.group = group

    def call(self, x):
        batch, height, width, channels = x.shape
        group = batch if batch % self.group else self.group
        grouped = as_float32(ops.reshape(x, (group, -1, height, width, channels)))
        variance = ops.mean(ops.square(grouped - ops.mean(grouped, axis=0)), axis=0)
        deviation = ops.mean(ops.sqrt(variance + 1e-8), axis=(1, 2, 3))  # (B / group,)
        deviation = ops.cast(ops.reshape(ops.tile(deviation, group), (batch, 1, 1, 1)), x.dtype)
        return ops.concatenate([x, ops.broadcast_to(deviation, (batch, height, width, 1))], axis=-1)

    def get_config(self):
        return {**super().get_config(), "group": self.group}

"""StyleGAN2's layers, (B, C, H, W): equalized learning rates and convolutions whose weights a style scales.

Karras et al. 2018 (arXiv 1710.10196), section 4.1, and 2020 (arXiv 1912.04958), section 2.2.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from benchmarks.torch_gans import layers


def activate(x: Tensor) -> Tensor:
    return math.sqrt(2) * layers.activate(x)


def pixel_norm(x: Tensor) -> Tensor:
    return x * (x.square().mean(dim=-1, keepdim=True) + 1e-8).rsqrt()


class EqualizedDense(nn.Module):
    def __init__(self, channels: int, units: int, rate: float = 1.0, bias: float = 0.0):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(units, channels) / rate)
        self.bias = nn.Parameter(torch.full((units,), bias / rate))
        self.rate, self.gain = rate, rate / math.sqrt(channels)

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight * self.gain, self.bias * self.rate)


class EqualizedConvolution(nn.Module):
    def __init__(self, channels: int, filters: int, size: int = 3, bias: bool = True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(filters, channels, size, size))
        self.bias = nn.Parameter(torch.zeros(filters)) if bias else None
        self.gain = 1 / math.sqrt(channels * size * size)

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.weight * self.gain, self.bias, padding=self.weight.shape[-1] // 2)


class DownBlock(nn.Module):
    def __init__(self, channels: int, filters: int):
        super().__init__()
        self.first, self.second = EqualizedConvolution(channels, channels), EqualizedConvolution(channels, filters)
        self.project = EqualizedConvolution(channels, filters, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        residual = activate(self.second(F.avg_pool2d(activate(self.first(x)), 2)))
        return (self.project(F.avg_pool2d(x, 2)) + residual) / math.sqrt(2)


class ModulatedConvolution(nn.Module):
    """Equations 1 to 3: the input scaled by the style, and the output by the inverse norm of the scaled weights."""

    def __init__(
        self, channels: int, filters: int, style: int, size: int = 3, up: bool = False, demodulate: bool = True
    ):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(filters, channels, size, size))
        self.affine = EqualizedDense(style, channels, bias=1.0)
        self.gain, self.up, self.demodulate = 1 / math.sqrt(channels * size * size), up, demodulate

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        weight, scale = self.weight * self.gain, self.affine(style)
        x = x * scale[:, :, None, None]
        x = doubled_convolution(x, weight) if self.up else F.conv2d(x, weight, padding=weight.shape[-1] // 2)
        if self.demodulate:
            squares = weight.square().sum(dim=(2, 3))  # (filters, C)
            x = x * (F.linear(scale.square(), squares) + 1e-8).rsqrt()[:, :, None, None]
        return x


class StyledConvolution(nn.Module):
    """Modulated convolution - noise of a learned strength - bias - activation."""

    def __init__(self, channels: int, filters: int, style: int, up: bool = False):
        super().__init__()
        self.strength, self.bias = nn.Parameter(torch.zeros(())), nn.Parameter(torch.zeros(filters))
        self.convolution = ModulatedConvolution(channels, filters, style, up=up)

    def forward(self, x: Tensor, style: Tensor, noise: Tensor) -> Tensor:
        return activate(self.convolution(x, style) + self.strength * noise + self.bias[:, None, None])


class ToImage(nn.Module):
    def __init__(self, channels: int, style: int):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(1))
        self.convolution = ModulatedConvolution(channels, 1, style, size=1, demodulate=False)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        return self.convolution(x, style) + self.bias[:, None, None]


def upsample2x(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


def doubled_convolution(x: Tensor, weight: Tensor) -> Tensor:
    """Nearest-neighbour doubling and a 3 x 3 convolution as one transposed convolution, with 16 of its 36 products."""
    flipped = weight.flip(2, 3).transpose(0, 1)
    wide = F.pad(flipped, (0, 0, 0, 1)) + F.pad(flipped, (0, 0, 1, 0))
    wide = F.pad(wide, (0, 1)) + F.pad(wide, (1, 0))
    return F.conv_transpose2d(x, wide, stride=2, padding=1)

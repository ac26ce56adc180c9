"""Layers of the three GANs, (B, C, H, W)."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SLOPE, EPSILON = 0.2, 1e-5


def activate(x: Tensor) -> Tensor:
    return F.leaky_relu(x, SLOPE)


def flat(x: Tensor) -> Tensor:
    """(B, C, H, W) to (B, H W C), the channels last, as TensorFlow lays them."""
    return x.permute(0, 2, 3, 1).flatten(1)


def convolution(channels: int, filters: int, size: int = 3, bias: bool = True) -> nn.Conv2d:
    return nn.Conv2d(channels, filters, size, padding=size // 2, bias=bias)


class AdaptiveNormalization(nn.Module):
    """AdaIN: Huang & Belongie 2017 (arXiv 1703.06868), equation 8."""

    def __init__(self, channels: int, style: int):
        super().__init__()
        self.affine = nn.Linear(style, 2 * channels)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        scale, offset = self.affine(style)[:, :, None, None].chunk(2, dim=1)
        return F.instance_norm(x, eps=EPSILON) * (1 + scale) + offset


class ResidualBlock(nn.Module):
    """(norm) - activation - convolution - (pool) - (norm) - activation - convolution, beside a shortcut."""

    def __init__(self, channels: int, filters: int, normalize: bool = False, down: bool = False):
        super().__init__()
        self.down = down
        self.first, self.second = convolution(channels, channels), convolution(channels, filters)
        self.project = convolution(channels, filters, 1, bias=False) if channels != filters else nn.Identity()
        norm = (lambda: nn.InstanceNorm2d(channels, EPSILON, affine=True)) if normalize else nn.Identity
        self.norms = nn.ModuleList([norm(), norm()])

    def forward(self, x: Tensor) -> Tensor:
        residual = self.pool(self.first(activate(self.norms[0](x))))
        residual = self.second(activate(self.norms[1](residual)))
        return (self.project(self.pool(x)) + residual) / math.sqrt(2)

    def pool(self, x: Tensor) -> Tensor:
        return F.avg_pool2d(x, 2) if self.down else x


class AdaINResidualBlock(nn.Module):
    """AdaIN - activation - (doubling) - convolution - AdaIN - activation - convolution, beside a shortcut."""

    def __init__(self, channels: int, filters: int, style: int, up: bool = False):
        super().__init__()
        self.up = up
        self.first, self.second = convolution(channels, filters), convolution(filters, filters)
        self.project = convolution(channels, filters, 1, bias=False) if channels != filters else nn.Identity()
        self.first_norm, self.second_norm = (
            AdaptiveNormalization(channels, style),
            AdaptiveNormalization(filters, style),
        )

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        residual = self.first(self.enlarge(activate(self.first_norm(x, style))))
        residual = self.second(activate(self.second_norm(residual, style)))
        return (self.enlarge(self.project(x)) + residual) / math.sqrt(2)

    def enlarge(self, x: Tensor) -> Tensor:
        return F.interpolate(x, scale_factor=2, mode="nearest") if self.up else x


class DomainHeads(nn.Module):
    """A dense layer with its own kernel and bias for every domain; only the asked head is computed."""

    def __init__(self, domains: int, channels: int, units: int):
        super().__init__()
        self.kernel = nn.Parameter(torch.randn(domains, channels, units) * math.sqrt(2 / channels))
        self.bias = nn.Parameter(torch.zeros(domains, units))

    def forward(self, features: Tensor, domain: Tensor) -> Tensor:
        return torch.einsum("bc,bcu->bu", features, self.kernel[domain]) + self.bias[domain]


class MinibatchStdDev(nn.Module):
    """One more channel: how much images differ that are B / group apart; Karras et al. 2018 (arXiv 1710.10196)."""

    def __init__(self, group: int):
        super().__init__()
        self.group = group

    def forward(self, x: Tensor) -> Tensor:
        batch, _, height, width = x.shape
        grouped = x.reshape(self.group, -1, *x.shape[1:])
        deviation = (grouped.var(dim=0, unbiased=False) + 1e-8).sqrt().mean(dim=(1, 2, 3))
        deviation = deviation.repeat(self.group)[:, None, None, None].expand(batch, 1, height, width)
        return torch.cat([x, deviation], dim=1)


def projection(features: Tensor, expected: Tensor) -> Tensor:
    """Miyato & Koyama 2018 (arXiv 1802.05637), equation 3 without its unconditional term."""
    return (features * expected).sum(dim=-1) / math.sqrt(features.shape[-1])


class CharacterDiscriminator(nn.Module):
    """What judges images by `features` (B, C), with a number of its own and a row for each character."""

    unconditional: nn.Module
    character: nn.Embedding

    def features(self, images: Tensor) -> Tensor:
        raise NotImplementedError

    def is_character(self, features: Tensor, characters: Tensor) -> Tensor:
        return self.unconditional(features)[:, 0] + projection(features, self.character(characters))

    def forward(self, images: Tensor, characters: Tensor) -> Tensor:
        return self.is_character(self.features(images), characters)

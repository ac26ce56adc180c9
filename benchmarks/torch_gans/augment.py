"""Adaptive augmentation of letters: Karras et al. 2020 (arXiv 2006.06676), as in `tfhand.nn.augment`."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

STRENGTHS = (1 / 16, 0.14, 0.15, 0.1, 0.15, 0.25, 0.6, 0.12, 0.16)  # translation, rotation, ..., noise, cutout
PAPER, LIMIT, MEMORY = -1.0, 0.8, 4


class Augmentation:
    """Images (B, 1, S, S) as a discriminator sees them: each alteration with a chance that adapts to its logits."""

    def __init__(self, target: float, steps: int, device: torch.device):
        self.target, self.steps = target, steps
        self.probability, self.overfitting = torch.zeros((), device=device), torch.zeros((), device=device)
        self.strengths = torch.tensor(STRENGTHS, device=device)

    def draw(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Amounts (B, 9), places (B, 9) from -1 to 1, and grain (B, 1, S, S) for `augment`."""
        chance, first, second = torch.rand((3, len(images), len(STRENGTHS)), device=images.device)
        happens = (chance < self.probability) * self.strengths
        return happens, torch.stack([2 * first - 1, 2 * second - 1]), torch.randn_like(images)

    def update(self, margin: Tensor) -> None:
        """Once a step, with how sure the discriminator was of real images, (B,)."""
        self.overfitting += (margin.detach().sign().mean() - self.overfitting) / MEMORY
        self.probability += (self.overfitting - self.target).sign() / self.steps
        self.probability.clamp_(0, LIMIT)


def augment(images: Tensor, happens: Tensor, places: Tensor, grain: Tensor) -> Tensor:
    """Moved, turned, slanted, scaled, stretched, inked, blurred, grained, and with a square cut out."""
    before, side = images - PAPER, images.shape[-1]
    right, rotation, slant, scale, stretch, ink, blur, noise, _ = (happens * places[0]).unbind(dim=1)
    down, cutout = happens[:, 0] * places[1, :, 0], happens[:, -1]
    cosine, sine, size, wide = rotation.cos(), rotation.sin(), (-scale).exp(), (stretch / 2).exp()
    rows = [(cosine / wide - slant * sine, sine / wide + slant * cosine), (-wide * sine, wide * cosine)]
    matrix = torch.stack([torch.stack([size * each for each in row], dim=-1) for row in rows], dim=1)
    offset = -torch.einsum("bij,bj->bi", matrix, 2 * torch.stack([right, down], dim=-1))
    grid = F.affine_grid(torch.cat([matrix, offset[:, :, None]], dim=2), images.shape, align_corners=False)
    altered = F.grid_sample(before, grid, align_corners=False) * (1 + _spread(ink))
    altered = altered + _spread(blur) * (soften(altered) - altered) + _spread(noise) * grain
    line = (2 * torch.arange(side, device=images.device) + 1) / side - 1
    inside = [(line - centre[:, None]).abs() < cutout[:, None] for centre in (places[1, :, -1], places[0, :, -1])]
    altered = altered * ~(inside[0][:, None, :, None] & inside[1][:, None, None, :])
    return images + (altered - before)


def soften(ink: Tensor) -> Tensor:
    """Blurred by (1, 2, 1) / 4 both ways."""
    line = torch.tensor([0.25, 0.5, 0.25], device=ink.device)
    return F.conv2d(ink, torch.outer(line, line)[None, None], padding=1)


def margin(real: Tensor) -> Tensor:
    """Real logits over the best uninformed constant, where mislabelled images are half of the fakes."""
    return real - math.log(2)


def _spread(amounts: Tensor) -> Tensor:
    return amounts[:, None, None, None]

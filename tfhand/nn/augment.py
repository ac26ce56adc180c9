"""Augmentation of what a discriminator sees: the letter moved, turned, inked and blurred a little, with chance p each.

Karras et al. 2020, "Training generative adversarial networks with limited data" (arXiv 2006.06676), section 2 and
appendix B, in a choice made for letters. The paper flips pictures and turns them by quarters: a letter that is flipped
or turned is another character (b, d, p, q; 6, 9; N, Z), so here it is moved by no more than people's hands differ.
Real and generated images go through the same, with gradients for the generator.

All geometry is one affine map by one bilinear gather. At batch 32 and 32 pixels on one core under TensorFlow it takes
1.9 ms, with its gradient 2.6; ops.image.map_coordinates 7.6 and 25; two 1-D warps by interpolation matrices 4.0 and 4.3
and S numbers a pixel; ops.image.affine_transform 0.8 and 1.2, but XLA does not compile it.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

PAPER = -1.0  # ink is 1


@dataclass(frozen=True)
class Strengths:
    """How far each transformation goes at most; amounts are drawn evenly from minus to plus that. 0 leaves one out.

    translation: share of the side, each way.
    rotation: radians.
    slant: shear, a pixel to the right for each pixel of height.
    scale: logarithm of the size.
    stretch: logarithm of width over height.
    ink: share by which ink gets stronger or paler.
    blur: share of the way to the softened image; the other way sharpens.
    noise: standard deviation of grey grain, ink being 2 above the paper.
    cutout: side of a blank square, a share of the image's; always this large, anywhere.
    """

    translation: float = 1 / 16
    rotation: float = 0.14
    slant: float = 0.15
    scale: float = 0.1
    stretch: float = 0.15
    ink: float = 0.25
    blur: float = 0.6
    noise: float = 0.12
    cutout: float = 0.16


class Amounts(NamedTuple):
    """What is done to each image, arrays of shape (B,): 0 does nothing. Units as in `Strengths`."""

    right: Any
    down: Any
    rotation: Any
    slant: Any
    scale: Any
    stretch: Any
    ink: Any
    blur: Any
    noise: Any
    cutout: Any
    cutout_right: Any  # of the square's centre; -1 to 1 are the image's edges
    cutout_down: Any
    grain: Any  # standard normal, (B, S, S)


def augment(images, p, seed: keras.random.SeedGenerator, strengths: Strengths | None = None):
    """Images as a discriminator may see them: each transformation happens to each image with chance p.

    Args:
        images: floats of shape (B, S, S, 1), paper -1 and ink 1.
        p: scalar from 0, where the images come back as they are, to 1.
        seed: of the random numbers.
        strengths: the usual ones if None.

    Returns:
        Floats of the same shape, differentiable by the images. Strong ink, sharpening and grain reach beyond
        [-1, 1]; clipping them would stop gradients and could be undone less easily.
    """
    return alter(images, draw_amounts(ops.shape(images), p, seed, strengths or Strengths()))


def draw_amounts(shape, p, seed: keras.random.SeedGenerator, strengths: Strengths) -> Amounts:
    """Random amounts for images of shape (B, S, S, 1), each 0 with chance 1 - p, independently of all others."""
    largest = np.array(astuple(strengths), np.float32)
    chance, first, second = ops.unstack(keras.random.uniform((3, shape[0], len(largest)), seed=seed))
    happens = ops.cast(chance < ops.convert_to_tensor(p), "float32") * largest
    first, second = 2 * first - 1, 2 * second - 1
    right, *middle, _ = ops.unstack(happens * first, axis=1)
    down = happens[:, 0] * second[:, 0]
    cutout = happens[:, -1], first[:, -1], second[:, -1]
    return Amounts._make([right, down, *middle, *cutout, keras.random.normal(shape[:3], seed=seed)])


def alter(images, amounts: Amounts):
    """Images (B, S, S, 1) after exactly these amounts, in the order of their names."""
    before = images[..., 0] - PAPER  # (B, S, S), paper 0
    side = images.shape[1]
    matrices = inverse_shape(amounts.rotation, amounts.slant, amounts.scale, amounts.stretch)
    ink = warp(before, matrices, ops.stack([amounts.right, amounts.down], axis=-1) * side)
    ink = ink * (1 + _spread(amounts.ink))
    ink = ink + _spread(amounts.blur) * (soften(ink) - ink)
    ink = ink + _spread(amounts.noise) * amounts.grain
    ink = ink * outside(side, amounts.cutout, amounts.cutout_right, amounts.cutout_down)
    return images + (ink - before)[..., None]  # and not ink + PAPER, which would round


def inverse_shape(rotation, slant, scale, stretch):
    """What undoes a hand's shape, (B, 2, 2) on (x right, y down): inverse of `data.strokes.shape_matrix`, and scale."""
    cosine, sine, size, wide = ops.cos(rotation), ops.sin(rotation), ops.exp(-scale), ops.exp(stretch / 2)
    first = [cosine / wide - slant * sine, sine / wide + slant * cosine]
    second = [-wide * sine, wide * cosine]
    return _spread(size) * ops.stack([ops.stack(row, axis=-1) for row in (first, second)], axis=-2)


def warp(ink, matrices, shifts):
    """Bilinear affine maps about the images' centres; what lies outside an image is 0.

    Args:
        ink: floats of shape (B, S, S).
        matrices: (B, 2, 2), from a pixel's place (x right, y down) in the result to where it comes from.
        shifts: (B, 2), pixels that the result is moved right and down.

    Returns:
        Floats of shape (B, S, S).
    """
    side, centre = ink.shape[1], (ink.shape[1] - 1) / 2
    width = side + 3  # a blank line before and two behind: all that lies outside is looked up there
    across, down = np.meshgrid(*2 * [np.arange(side, dtype=np.float32) - centre])
    across, down = across - _spread(shifts[:, 0]), down - _spread(shifts[:, 1])  # (B, S, S)

    def source(row: int):
        place = _spread(matrices[:, row, 0]) * across + _spread(matrices[:, row, 1]) * down + (centre + 1)
        place = ops.clip(place, 0, side + 1)
        whole = ops.floor(place)
        return whole, place - whole

    (column, right), (line, below) = source(0), source(1)
    first = ops.reshape(ops.arange(ops.shape(ink)[0], dtype="int32") * width * width, (-1, 1, 1))
    corner = ops.cast(line * width + column, "int32") + first
    pixels = ops.reshape(ops.pad(ink, ((0, 0), (1, 2), (1, 2))), (-1,))
    upper = (1 - right) * ops.take(pixels, corner) + right * ops.take(pixels, corner + 1)
    lower = (1 - right) * ops.take(pixels, corner + width) + right * ops.take(pixels, corner + width + 1)
    return (1 - below) * upper + below * lower


def soften(ink):
    """Images (B, S, S) blurred by (1, 2, 1) / 4 both ways."""
    side = ink.shape[1]
    blur = (np.eye(side) / 2 + (np.eye(side, k=1) + np.eye(side, k=-1)) / 4).astype(np.float32)
    return ops.matmul(blur, ops.matmul(ink, blur))


def outside(side: int, cutout, right, down):
    """1 outside the squares and 0 inside, (B, side, side); arguments as in `Amounts`."""
    places = (2 * np.arange(side, dtype=np.float32) + 1) / side - 1  # -1 to 1
    inside = [ops.abs(places - centre[:, None]) < cutout[:, None] for centre in (down, right)]  # (B, S) each
    return 1 - ops.cast(ops.logical_and(inside[0][:, :, None], inside[1][:, None, :]), "float32")


def _spread(amounts):
    return amounts[:, None, None]

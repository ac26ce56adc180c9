"""Loss terms of StyleGAN2 (Karras et al. 2020, arXiv 1912.04958) and of its encoder."""

from __future__ import annotations

from keras import ops

from tfhand.training.losses import Tensor


def path_lengths(gradient: Tensor) -> Tensor:
    """How far an image moves with its styles: (B,) root of the squared gradient, summed over w, averaged over layers.

    Section 3.2, |J_w^T y| of equation 4. gradient (B, layers, D): that of the sum over pixels of the image times
    standard normal y, by the styles.
    """
    return ops.sqrt(ops.mean(ops.sum(ops.square(gradient), axis=-1), axis=-1) + 1e-12)


def path_length_penalty(lengths: Tensor, mean: Tensor) -> Tensor:
    """Mean squared distance of path lengths (B,) from their running mean; the same equation."""
    return ops.mean(ops.square(lengths - mean))


def style_error(found: Tensor, styles: Tensor, means: Tensor) -> Tensor:
    """Mean squared distance of styles found from those that were asked for, all (B, D), as a share of the spread.

    The spread is that of the styles about their characters' means: 1 is what finding just the means would cost.
    """
    spread = ops.mean(ops.square(styles - means))
    return ops.mean(ops.square(found - styles)) / (spread + 1e-8)

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


def energy_distance(first: Tensor, second: Tensor) -> Tensor:
    """How far two sets of vectors, (n, D) and (m, D), are from being drawn alike; about 0 where they are.

    Szekely & Rizzo 2013 (Journal of Statistical Planning and Inference 143), equation 2.1, without a vector's distance
    to itself, so that it is right on average however few there are. Between codes that an encoder found and codes that
    noise gives, it is the penalty of a Wasserstein autoencoder (Tolstikhin et al. 2018, arXiv 1711.01558, section 2.2).
    """

    def lengths(one, other):
        squares = ops.sum(ops.square(one[:, None] - other[None]), axis=-1)
        return ops.sqrt(ops.maximum(squares, 1e-8))  # has a gradient at 0 as well

    def within(one):
        count = one.shape[0]
        return ops.sum(lengths(one, one)) / (count * (count - 1))

    return 2 * ops.mean(lengths(first, second)) - within(first) - within(second)

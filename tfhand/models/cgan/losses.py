"""The loss term of the conditional GAN's encoder."""

from __future__ import annotations

from keras import ops

from tfhand.training.losses import Tensor


def kl_to_standard_normal(mean: Tensor, variance: Tensor) -> Tensor:
    """Mean Kullback-Leibler divergence of normal distributions (B, D) from the standard normal one, in nats.

    Kingma & Welling, 2014 (arXiv 1312.6114), appendix B, with its sign turned.
    """
    return 0.5 * ops.mean(ops.sum(ops.square(mean) + variance - 1 - ops.log(variance), axis=-1))

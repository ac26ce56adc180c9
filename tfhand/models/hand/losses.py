"""The loss term that only the networks that learn a hand have."""

from __future__ import annotations

from collections.abc import Sequence

from keras import ops

from tfhand.training.losses import Tensor


def feature_matching(first: Sequence[Tensor], second: Sequence[Tensor]) -> Tensor:
    """Mean distance of a discriminator's inner maps for two images, averaged over the maps; lists of (B, h, w, C).

    Wang et al., 2018 (arXiv 1711.11585), equation 4.
    """
    return sum(ops.mean(ops.abs(a - b)) for a, b in zip(first, second, strict=True)) / len(first)

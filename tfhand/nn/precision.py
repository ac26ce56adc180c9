"""What is computed in 32 bits where layers compute in 16: statistics, and what leaves the networks."""

from __future__ import annotations

from keras import ops


def as_float32(x):
    """The tensor in 32 bits; itself if it is so already."""
    return ops.cast(x, "float32")

"""How often the verifier is right in a batch."""

from __future__ import annotations

from keras import ops

from tfhand.training.losses import Tensor


def top_one_accuracy(likeness: Tensor) -> Tensor:
    """The share of rows (B, B) whose greatest entry stands on the diagonal."""
    right = ops.equal(ops.argmax(likeness, axis=1), ops.arange(likeness.shape[0]))
    return ops.mean(ops.cast(right, "float32"))

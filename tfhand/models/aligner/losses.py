"""What the aligner learns by."""

from __future__ import annotations

from keras import ops

from tfhand.training.losses import Tensor


def reading_loss(logits: Tensor, text: Tensor, length: Tensor) -> Tensor:
    """Minus the logarithm of the probability of texts, for each letter: connectionist temporal classification.

    Graves et al. 2006 (ICML), equation 12 with the blank as class 0.

    Args:
        logits: (B, T, classes).
        text: int (B, L), padded by 0.
        length: int (B,), of the texts.
    """
    columns = ops.zeros_like(length) + ops.shape(logits)[1]
    losses = ops.ctc_loss(text, logits, length, columns, mask_index=0)  # (B,)
    return ops.sum(losses) / ops.cast(ops.sum(length), losses.dtype)


def column_loss(logits: Tensor, columns: Tensor) -> tuple[Tensor, Tensor]:
    """(cross-entropy, share found) of the columns in which it is known what stands there.

    Args:
        logits: (B, T, classes).
        columns: int (B, T), the classes; negative where unknown.
    """
    known = ops.cast(columns >= 0, logits.dtype)
    count = ops.maximum(ops.sum(known), 1.0)
    truth = ops.one_hot(ops.maximum(columns, 0), logits.shape[-1])
    losses = -ops.sum(truth * ops.log_softmax(logits), axis=-1)  # (B, T)
    found = ops.cast(ops.equal(ops.cast(ops.argmax(logits, axis=-1), columns.dtype), columns), logits.dtype)
    return ops.sum(losses * known) / count, ops.sum(found * known) / count

"""What the aligner learns by."""

from __future__ import annotations

from keras import ops

from tfhand.training.losses import Tensor

_EVEN = 0.1  # share of even chances in the priors of a batch, which may lack a letter


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


def placing_loss(logits: Tensor, text: Tensor, length: Tensor, lines: Tensor, label_prior: float) -> Tensor:
    """Minus the logarithm of the likelihood of texts in columns of which none is known, for each letter.

    The same sum over alignments as CTC's, over posteriors divided by a power of the classes' priors. Without that the
    gap, which is likely everywhere, would take all columns of a letter but one. Huang et al. 2024 (ICASSP), "Less peaky
    and more accurate CTC forced alignment by label priors"; here the priors are the means of one batch.

    Args:
        logits: (B, T, classes), class 0 being the gap.
        text: int (B, L), padded by 0.
        length: int (B,), of the texts.
        lines: (B,), 1 for each line that counts, else 0.
        label_prior: the exponent of the priors.
    """
    priors = ops.mean(ops.stop_gradient(ops.softmax(logits)), axis=(0, 1))  # (classes,)
    priors = (1 - _EVEN) * priors + _EVEN / logits.shape[-1]
    scores = ops.log_softmax(logits) - label_prior * ops.log(priors)  # (B, T, classes)
    columns = ops.zeros_like(length) + ops.shape(logits)[1]
    losses = ops.ctc_loss(text, scores, length, columns, mask_index=0)  # of scores that sum to one in each column
    losses = lines * (losses - ops.sum(ops.logsumexp(scores, axis=-1), axis=1))  # (B,)
    return ops.sum(losses) / ops.maximum(ops.sum(lines * ops.cast(length, losses.dtype)), 1.0)


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

"""The loss terms of the networks between pictures and strokes."""

from __future__ import annotations

from keras import ops

from tfhand.training.losses import Tensor


def trajectory_likelihood(
    points: Tensor, counts: Tensor, candidates: Tensor, true_points: Tensor, true_counts: Tensor, weight: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Negative log-likelihood of trajectories under a mixture of the candidates.

    A candidate gives a trajectory the likelihood exp(-weight * distance), a Laplace density but for its constant, times
    the probability of its number of strokes (Bishop 1994, Mixture Density Networks, equation 29).

    Args:
        points: (B, M, N, 2) of the candidates.
        counts: logits (B, M, C) of the number of strokes, less one.
        candidates: logits (B, M).
        true_points: (B, N, 2).
        true_counts: int (B,), 1 or more.
        weight: of the distance, in sides of a letter.

    Returns:
        the mean likelihood, the distance of the likeliest candidate (mean over the points of |x| + |y|), and the share
        of letters whose number of strokes it gets right.
    """
    distances = ops.mean(ops.sum(ops.abs(points - true_points[:, None]), axis=-1), axis=-1)  # (B, M)
    right = ops.one_hot(true_counts - 1, counts.shape[-1])[:, None]  # (B, 1, C)
    scores = ops.sum(ops.log_softmax(counts, axis=-1) * right, axis=-1) - weight * distances
    likelihood = -ops.mean(ops.logsumexp(ops.log_softmax(candidates, axis=-1) + scores, axis=-1))
    chosen = ops.one_hot(ops.argmax(candidates, axis=-1), candidates.shape[-1])
    counted = ops.cast(ops.equal(ops.argmax(counts, axis=-1), true_counts[:, None] - 1), "float32")
    return (
        likelihood,
        ops.mean(ops.sum(distances * chosen, axis=-1)),
        ops.mean(ops.sum(counted * chosen, axis=-1)),
    )

"""Letters are like a person's as far as a verifier finds that person by them: a loss of what writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from keras import ops

from tfhand.models.verifier.networks import SHARPNESS
from tfhand.training.lazy import Tensor
from tfhand.training.losses import symmetric_info_nce


def people_found(forward: Callable, verify: Callable, written: Tensor, people: Mapping[str, Tensor]) -> Tensor:
    """InfoNCE of finding, by the glyphs written for each hand, the real glyphs of that hand, with a verifier.

    Args:
        forward: of the trainer, by which networks are called.
        verify: a `Verifier`.
        written: glyphs (H, T, S, S, 1).
        people: batch of a `HandStream`, whose `characters` were written; its references and targets are the real ones.

    Returns:
        a scalar.
    """
    mask = ops.ones(people["characters"].shape)
    ours = forward(verify, written, people["characters"], mask)  # (H, D)
    real = [
        ops.concatenate([people["references"], people["targets"]], axis=1),
        ops.concatenate([people["reference_characters"], people["characters"]], axis=1),
        ops.concatenate([people["reference_mask"], mask], axis=1),
    ]
    theirs = ops.stop_gradient(forward(verify, *real))
    return symmetric_info_nce(SHARPNESS * ours @ ops.transpose(theirs))

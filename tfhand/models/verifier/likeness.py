"""Letters are like a person's as far as a verifier finds that person by them: a loss of what writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from keras import ops

from tfhand.models.verifier.networks import SHARPNESS
from tfhand.training.lazy import Tensor
from tfhand.training.losses import symmetric_info_nce


def known_people(forward: Callable, verify: Callable, people: Mapping[str, Tensor]) -> Tensor:
    """People as a verifier knows them by the references and targets of a `HandStream`'s batch, (H, D)."""
    real = [
        ops.concatenate([people["references"], people["targets"]], axis=1),
        ops.concatenate([people["reference_characters"], people["characters"]], axis=1),
        ops.concatenate([people["reference_mask"], ops.ones(people["characters"].shape)], axis=1),
    ]
    return ops.stop_gradient(forward(verify, *real))


def people_found(forward: Callable, verify: Callable, written: Tensor, characters: Tensor, known: Tensor) -> Tensor:
    """InfoNCE of finding, by the glyphs written for each hand, the person, with a verifier.

    Args:
        forward: of the trainer, by which networks are called.
        verify: a `Verifier`.
        written: glyphs (H, T, S, S, 1).
        characters: of the glyphs, (H, T).
        known: the people as `known_people` gives them, (H, D).

    Returns:
        a scalar.
    """
    ours = forward(verify, written, characters, ops.ones(characters.shape))  # (H, D)
    return symmetric_info_nce(SHARPNESS * ours @ ops.transpose(known))

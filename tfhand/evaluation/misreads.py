"""Whether a Hand's letters are what they are said to be, as a reader sees it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tfhand.core.charset import reading
from tfhand.hands.glyph import as_network_input
from tfhand.hands.hand import Sample
from tfhand.models.batches import predict_in_batches

UNLIKELY = 0.05  # chance of a character and its look-alikes together, below which it is doubted


def doubts(samples: Sequence[Sample], reader) -> list[str]:
    """What each sample looks like where the reader does not take it for its character, else an empty string.

    Args:
        samples: of any characters; one that the reader does not know is not doubted.
        reader: a `Reader`.
    """
    known = [index for index, sample in enumerate(samples) if sample.character in reader.characters]
    found = [""] * len(samples)
    if not known:
        return found
    logits = predict_in_batches(reader, as_network_input(np.stack([samples[index].glyph for index in known]))).astype(
        float
    )
    chances = np.exp(logits - logits.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    readings = np.array([reading(character) for character in reader.characters])
    for index, chance in zip(known, chances, strict=True):
        own = reading(samples[index].character)
        best = int(chance.argmax())
        if readings[best] != own and chance[readings == own].sum() < UNLIKELY:
            found[index] = reader.characters[best]
    return found

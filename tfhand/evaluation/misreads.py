"""Which of a Hand's letters a reader takes for another character than the one they are named."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tfhand.core.charset import reading
from tfhand.hands.sample import Sample
from tfhand.models.reader.legibility import character_chances

UNLIKELY = 0.05  # probability of a character and its look-alikes together; a letter below it is flagged


def flag_misreads(samples: Sequence[Sample], reader) -> list[str]:
    """For each sample the character that the reader takes it for, or an empty string where that is its own.

    Args:
        samples: of any characters; those that the reader does not know are not flagged.
        reader: a `Reader`.
    """
    known = [index for index, sample in enumerate(samples) if sample.character in reader.characters]
    found = [""] * len(samples)
    if not known:
        return found
    chances = character_chances([samples[index] for index in known], reader)
    readings = np.array([reading(character) for character in reader.characters])
    for index, chance in zip(known, chances, strict=True):
        own = reading(samples[index].character)
        best = int(chance.argmax())
        if readings[best] != own and chance[readings == own].sum() < UNLIKELY:
            found[index] = reader.characters[best]
    return found

"""Letters that a reader takes for another character than their own, and texts that a picture does not show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tfhand.core import charset
from tfhand.core.charset import reading
from tfhand.errors import ReadingError
from tfhand.hands.hand import Hand
from tfhand.hands.sample import Sample
from tfhand.models.reader.legibility import character_chances

UNLIKELY = 0.05  # probability of a character and its look-alikes together; a letter below it is flagged


MISREAD_SHARE = 0.5  # of a text's letters; where more are misread, another text stands on the picture
LEAST_LETTERS = 4  # of a text that is judged so: two of three doubtful letters may be a hard hand


def flag_doubtful(hand: Hand, reader) -> Hand:
    """The Hand with a doubt on every sample that a `Reader` takes for another character."""
    doubts = flag_misreads(hand.samples, reader)
    return Hand(samples=(replace(one, doubt=doubt) for one, doubt in zip(hand.samples, doubts, strict=True)))


def check_text(hand: Hand, text: str) -> None:
    """Checks that the letters read from a picture are mostly those of the text that it was said to show.

    Args:
        hand: of `flag_doubtful`.
        text: as the person gave it.

    Raises:
        ReadingError: most letters look like others; the sentence says what was read instead.
    """
    known = [one for one in hand.samples if one.character in charset.CHARACTERS]
    doubtful = [one for one in known if one.doubt]
    if len(known) >= LEAST_LETTERS and len(doubtful) > MISREAD_SHARE * len(known):
        told = ", ".join(f"{one.character} like {one.doubt}" for one in doubtful[:8])
        more = " and more" if len(doubtful) > 8 else ""
        raise ReadingError(
            f"The picture does not seem to say {text!r}: {len(doubtful)} of its {len(known)} letters and digits look "
            f"like others ({told}{more}). Check the text."
        )


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

"""Letters that a reader takes for another character than their own, and texts that a picture does not show."""

from __future__ import annotations

import textwrap
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
MOST_TOLD, MOST_QUOTED = 8, 60  # letters that are named, and characters of the text


def flag_doubtful(hand: Hand, reader) -> Hand:
    """The Hand with a doubt on every sample that a `Reader` takes for another character."""
    doubts = flag_misreads(hand.samples, reader)
    samples = (replace(one, doubt=doubt) for one, doubt in zip(hand.samples, doubts, strict=True))
    return Hand(samples=samples, words=hand.words)


def check_text(hand: Hand, text: str, unfit: str = "", advice: str = "Check the text.") -> None:
    """Checks that most characters of a text are on the picture that it was said to stand on.

    Args:
        hand: the letters that were read from it, of `flag_doubtful`.
        text: as the person gave it.
        unfit: those of its characters for which there was no fitting ink.
        advice: what the person can do.

    Raises:
        ReadingError: most letters look like others or fit no ink; the sentence says which.
    """
    known = [one for one in hand.samples if one.character in charset.CHARACTERS]
    doubtful = [one for one in known if one.doubt]
    count = len(known) + len(unfit)
    if count < LEAST_LETTERS or len(doubtful) + len(unfit) <= MISREAD_SHARE * count:
        return
    told = [f"{one.character} like {one.doubt}" for one in doubtful]
    told += [f"no {character}" for character in unfit]
    more = " and more" if len(told) > MOST_TOLD else ""
    quoted = textwrap.shorten(text, MOST_QUOTED, placeholder=" ...")
    raise ReadingError(
        f"The picture does not seem to say {quoted!r}: {len(told)} of its {count} letters and digits are not there or "
        f"look like others ({', '.join(told[:MOST_TOLD])}{more}). {advice}"
    )


def flag_misreads(samples: Sequence[Sample], reader, *, joined: bool = False) -> list[str]:
    """For each sample the character that the reader takes it for, or an empty string where that is its own.

    Args:
        samples: of any characters; those that the reader does not know are not flagged.
        reader: a `Reader`.
        joined: cut out of joined writing. No letter of a word is a digit there, though alone some would look so: an r
            like a 2, a g like an 8.
    """
    known = [index for index, sample in enumerate(samples) if sample.character in reader.characters]
    found = [""] * len(samples)
    if not known:
        return found
    chances = character_chances([samples[index] for index in known], reader)
    readings = np.array([reading(character) for character in reader.characters])
    if joined:
        letters = np.array([samples[index].character.isalpha() for index in known])
        digits = ~np.isin(readings, readings[[character.isalpha() for character in reader.characters]])
        chances[np.ix_(letters, digits)] = 0.0
        chances /= chances.sum(axis=1, keepdims=True)
    for index, chance in zip(known, chances, strict=True):
        own = reading(samples[index].character)
        best = int(chance.argmax())
        if readings[best] != own and chance[readings == own].sum() < UNLIKELY:
            found[index] = reader.characters[best]
    return found

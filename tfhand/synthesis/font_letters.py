"""The letters of a font in a hand: its own, drawn and composed ones, and the forms of those that are joined."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tfhand.core import charset
from tfhand.hands.hand import Hand, Sample
from tfhand.synthesis.joined.text_words import Joined
from tfhand.synthesis.joined_font.joined_alphabet import joined_alphabet
from tfhand.synthesis.synthesizer import Synthesizer
from tfhand.typeface.joined import JoinedLetters


@dataclass(frozen=True, eq=False)
class FontLetters:
    """What `typeface.build` makes a font of.

    Attributes:
        letters: the samples of each character, the best first.
        composed: the characters that were composed of letters and strokes.
        drawn: the first sample of each character that the Hand does not hold.
        joined: the forms of joined letters; None where letters stand apart.
    """

    letters: Mapping[str, Sequence[Sample]]
    composed: str
    drawn: Sequence[Sample]
    joined: JoinedLetters | None


def font_letters(
    pen: Synthesizer,
    hand: Hand,
    joined: Joined = "auto",
    variants: int = 1,
    *,
    seed: int = 0,
    reader: Callable | None = None,
    composes: bool = True,
) -> FontLetters:
    """Finds the letters of a font.

    Args:
        pen: that draws the letters which the person did not write.
        hand: whose writing it is to be; letters that it lacks are cut out of its words if they are joined.
        joined: as for `joined_alphabet`.
        variants: glyphs of each letter, at most.
        seed: of generated letters.
        reader: a `Reader` that must read them; None to leave that out.
        composes: whether accents and signs are composed.
    """
    alphabet = joined_alphabet(hand, joined, reader)
    hand = alphabet.with_letters(variants) if alphabet else hand
    letters = pen.alphabet(hand, pen.writable(hand) if composes else "", variants, seed=seed, reader=reader)
    return FontLetters(
        letters,
        charset.order(c for c in letters if c not in hand and c not in pen.learned),
        [samples[0] for character, samples in letters.items() if character not in hand],
        alphabet.letters(letters, variants) if alphabet else None,
    )

"""The letters of a text one by one: the person's own, what networks write, and what is composed of both."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

import numpy as np

from tfhand.core import charset
from tfhand.hands.hand import Hand, Sample
from tfhand.synthesis.composition import StrokeStyle, bases
from tfhand.synthesis.composition.text_glyphs import PendingGlyph, SampleCycle, TextGlyphs, next_sample
from tfhand.synthesis.joined.pieces import letters_of

DRAWS = 4  # of one character by the networks for a text; where it stands more often they come again, bent a little
_SHOWN = "hldnotHT17"  # letters that show the stroke of a random hand, where signs are to be drawn in it
Generate = Callable[[Sequence[str], Sequence[str]], tuple[list[Sample], list[Sample]]]


def text_letters(
    characters: str,
    hand: Hand | None,
    own: SampleCycle,
    learned: str,
    generate: Generate,
    illegible: Callable[[Sequence[Sample]], str],
    rng: np.random.Generator,
) -> TextGlyphs:
    """A Sample for each character of a text without white space.

    Args:
        characters: the text.
        hand: whose it is to be; None for a random hand.
        own: the samples that are used as they are.
        learned: the characters that networks write.
        generate: gives samples of some characters, and of others that show the stroke of the hand.
        illegible: says which of the letters so given are hard to read; it is asked only where there are any.
        rng: of the differences from letter to letter.
    """
    pending = _pending(characters, own, learned)
    asked = [letter for one in pending for letter in one.missing]
    signs = any(one.composed for one in pending)
    shown = [c for c in _SHOWN if c in learned] if signs and hand is None else []
    letters, seen = generate(asked, shown) if asked or shown else ([], [])
    given = iter(letters)
    for one in pending:
        one.letters |= {c: next(given) for c in one.missing}
    stroke_style = StrokeStyle.from_samples(seen or (_samples(hand) if signs and hand is not None else ()))
    pools: dict[str, list[Sample]] = defaultdict(list)
    for one in pending:
        pools[one.character].append(one.sample(stroke_style, rng))
    samples = [
        own.next(c) if c in own else next_sample(pools[c], characters[:place].count(c), rng)
        for place, c in enumerate(characters)
    ]
    composed = charset.order(one.character for one in pending if one.composed)
    sources = tuple(sample.source if sample else None for sample in samples)
    return TextGlyphs(characters, tuple(samples), sources, composed, illegible(letters) if letters else "")


def _samples(hand: Hand) -> Sequence[Sample]:
    """What shows the stroke of a hand: what the person wrote, letter by letter or else in words."""
    return hand.written.samples or hand.samples or letters_of(hand.words, charset.CHARACTERS)


def _pending(characters: str, own: SampleCycle, learned: str) -> list[PendingGlyph]:
    """What is to be generated for a text: up to DRAWS of each character that the person did not write."""
    pending = []
    for character, count in Counter(c for c in characters if c not in own).items():
        needed = character if character in learned else bases(character)
        if needed is None or any(c not in own and c not in learned for c in needed):
            continue
        for _ in range(min(count, DRAWS)):
            letters = {c: own.next(c) for c in needed if c in own}
            missing = [c for c in dict.fromkeys(needed) if c not in own]
            pending.append(PendingGlyph(character, letters, missing, character not in learned))
    return pending

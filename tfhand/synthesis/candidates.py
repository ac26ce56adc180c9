"""Several forms of one character in one hand, for a person to choose from.

The noise of a preset makes one form differ as a person's own writings of it do. Other forms, such as a g with a loop,
are those of people who write like the person, where the networks remember any.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tfhand.hands.hand import Hand
from tfhand.hands.sample import GENERATED, Sample
from tfhand.metrics.resemblance import form_difference
from tfhand.models.pipeline import GlyphPipeline
from tfhand.models.reader.legibility import legibility
from tfhand.synthesis.composition import bases

if TYPE_CHECKING:
    from tfhand.synthesis.synthesizer import Synthesizer

OWN, PEOPLE = 8, 40  # draws of the hand itself, and people like it whose forms are tried
SURENESS = 0.9  # of the reader: a form that it doubts is no form to offer, as long as there are others


def draw_candidates(
    pipeline: GlyphPipeline, text: str, glyphs: np.ndarray, code: np.ndarray, character: str, seed: int
) -> list[Sample]:
    """Generated samples of one character: those of the hand itself first, then those of people like it.

    Args:
        pipeline: that writes the character.
        text: the characters of the person's samples; those of the character itself are left out if there are others.
        glyphs: of these samples, uint8 (n, S, S).
        code: the hand code of all of them, (code_size,).
        character: to be written.
        seed: of the noise.
    """
    others = [place for place, one in enumerate(text) if one != character] or list(range(len(text)))
    samples, numbers = glyphs[others], pipeline.numbers([text[place] for place in others])
    own = pipeline.codes(samples[None], numbers[None])[0] if len(others) < len(text) else code
    like = pipeline.related_codes(samples, numbers, PEOPLE)
    codes = np.repeat(own[None], OWN if len(like) else OWN + PEOPLE, axis=0)
    codes = np.concatenate([codes, like]) if len(like) else codes
    noise = pipeline.draw_noise(np.random.default_rng(seed), len(codes))
    images = pipeline.write(codes, pipeline.numbers(character * len(codes)), noise)
    return [Sample(character, image, GENERATED, seed=seed) for image in images]


def choose_candidates(samples: Sequence[Sample], count: int, reader: Callable | None) -> list[Sample]:
    """The first sample that is read for sure, then those of these that differ most from all chosen before.

    Where fewer are so read than asked for, the most legible of the others follow.

    Args:
        samples: of one character.
        count: how many are chosen, at most.
        reader: a `Reader` that must take them for the character; None reads everything.
    """
    read, sureness = np.ones(len(samples), bool), np.ones(len(samples))
    if reader is not None:
        read, sureness = legibility(samples, reader)
    best = np.lexsort((-sureness, ~read)).tolist()  # read ones first, each in the order of sureness
    legible = np.flatnonzero(read & (sureness >= SURENESS)).tolist()
    chosen = legible[:1]
    away = dict.fromkeys(legible, np.inf)
    while chosen and len(chosen) < min(count, len(legible)):
        del away[chosen[-1]]
        for place in away:
            away[place] = min(away[place], form_difference(samples[place].ink, samples[chosen[-1]].ink))
        chosen.append(max(away, key=away.__getitem__))
    chosen += [place for place in best if place not in chosen][: count - len(chosen)]
    return [samples[place] for place in chosen]


def composed_candidates(pen: Synthesizer, hand: Hand, character: str, count: int, seed: int) -> list[Sample]:
    """Forms of a character that is composed of letters: of the person's own ones, or of candidates for each."""
    own = [sample for sample in hand.samples if sample.character != character]
    missing = [letter for letter in bases(character) or "" if letter not in hand]
    forms = {letter: pen.candidates(hand, letter, count, seed=seed) for letter in missing}
    found: list[Sample] = []
    for number in range(count):
        letters = Hand(samples=[*own, *(some[number % len(some)] for some in forms.values())], words=hand.words)
        for sample in pen.text_glyphs(character, letters, seed=seed + number, joined="never").samples:
            if isinstance(sample, Sample) and sample not in found:
                found.append(replace(sample, seed=seed))
    return found

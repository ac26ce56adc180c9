"""Several glyphs of each character that can take turns in a font: each legible, and each in the form of the first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import cv2
import numpy as np

from tfhand.hands.glyph import ink_box
from tfhand.hands.sample import Sample
from tfhand.metrics.resemblance import form_difference
from tfhand.models.reader.legibility import are_read
from tfhand.typeface.alternates import bodies_of
from tfhand.typeset.shapes import DOTLESS, bend, ink_on_line
from tfhand.vector.distance_field import coverage

ALIKE = 0.03  # most `form_difference` of two writings of one form: four of five second writings are below it
SURENESS = 0.6  # of the reader: a letter on the edge might be misread once it is turned and scaled a little
BENDING = 0.025  # x-heights by which places of a bent glyph move: a standard deviation
TRIES = 3  # bends that are made for each alternate that is wanted; some may not be read


def choose_alternates(
    candidates: Mapping[str, Sequence[Sample]], count: int, random: np.random.Generator, reader: Callable | None = None
) -> dict[str, list[Sample]]:
    """Up to `count` glyphs of each character.

    The first is the first candidate that is read as its character, or the first of all if none is. The others are
    further candidates, and where these do not do, bends of those before. All of them are read as their character and
    look like the first; so a character of which no candidate is read has one glyph.

    Args:
        candidates: what there is of each character, the best first: the writings of a person, or what networks drew.
        count: glyphs wanted of each character.
        random: the source of the bends.
        reader: a `Reader` that must take each glyph, as the font draws it, for its character; None leaves that out.
    """
    look = _Looks(reader)
    look.at([sample for samples in candidates.values() for sample in samples])
    chosen = {}
    for character, samples in candidates.items():
        legible = [sample for sample in samples if look.legible(sample)]
        first = legible[0] if legible else samples[0]
        chosen[character] = [first, *(sample for sample in legible[1:] if look.alike(sample, first))][:count]
    bends = {
        character: [bend_sample(found[number % len(found)], random) for number in range(TRIES * (count - len(found)))]
        for character, found in chosen.items()
        if look.legible(found[0])
    }
    look.at([sample for samples in bends.values() for sample in samples])
    for character, samples in bends.items():
        found = chosen[character]
        found += [sample for sample in samples if look.legible(sample) and look.alike(sample, found[0])]
        del found[count:]
    return chosen


class _Looks:
    """How samples look in a font, and which of them the reader takes for their character; all without a reader."""

    def __init__(self, reader: Callable | None):
        self._reader = reader
        self._drawn: dict[int, Sample] = {}
        self._read: dict[int, bool] = {}

    def at(self, samples: Sequence[Sample]) -> None:
        """Draws samples and reads them, before they are asked for."""
        bodies = bodies_of(samples)
        drawn = [Sample(s.character, coverage(b.shape.field)) for s, b in zip(samples, bodies, strict=True) if b.shape]
        read = [True] * len(drawn) if self._reader is None else are_read(drawn, self._reader, SURENESS)
        self._drawn |= {id(sample): one for sample, one in zip(samples, drawn, strict=True)}
        self._read |= {id(sample): one for sample, one in zip(samples, read, strict=True)}

    def legible(self, sample: Sample) -> bool:
        return self._read[id(sample)]

    def alike(self, sample: Sample, first: Sample) -> bool:
        """Whether one sample has the form of the other, and what may have a dot as many parts."""
        one, other = self._drawn[id(sample)].ink, self._drawn[id(first)].ink
        dotted = first.character not in DOTLESS
        return not (dotted and _parts(one) != _parts(other)) and form_difference(one, other) < ALIKE


def _parts(ink: np.ndarray) -> int:
    return cv2.connectedComponents((ink > 127).astype(np.uint8))[0] - 1


def bend_sample(sample: Sample, random: np.random.Generator) -> Sample:
    """The sample bent a little, as if the person had written it once more; it keeps its source."""
    ink, baseline, height = ink_on_line(sample.character, sample)
    unit = ink.shape[0] / height  # pixels of an x-height
    edge = int(np.ceil(4 * BENDING * unit)) + 1
    bent = bend(np.pad(ink, edge), BENDING * unit, random)
    top, _, bottom, _ = ink_box(bent)
    if sample.height is None or sample.baseline is None:  # its size on paper is as unknown as before
        return Sample(sample.character, bent, sample.source, sample.baseline, sample.height)
    foot = baseline - (bottom - edge - ink.shape[0]) / unit
    return Sample(sample.character, bent, sample.source, foot, (bottom - top) / unit)

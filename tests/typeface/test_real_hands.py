"""Fonts of real people: every alternate is read as its character, looks like the first form, and keeps its dot."""

from __future__ import annotations

from pathlib import Path

import pytest
from scipy import ndimage

import tfhand
from tests.support import unipen
from tests.support.font_pictures import drawn_samples
from tfhand import typeface
from tfhand.core.charset import CHARACTERS
from tfhand.hands.hand import WRITTEN, Hand
from tfhand.metrics.resemblance import form_difference
from tfhand.models import registry
from tfhand.models.reader.legibility import are_read
from tfhand.synthesis.alternates import ALIKE

SAMPLE = Path(__file__).resolve().parents[2] / "examples" / "sample.jpg"
WRITES = "3579BDFHJLNPRTVXZbdfhijlnprtvxz"  # the others are generated
DRAWN = 0.01  # by which two outlines may differ more than the samples they are drawn from
pytestmark = pytest.mark.large


@pytest.fixture(scope="module")
def pen():
    return tfhand.load("hand62")


@pytest.fixture(scope="module")
def reader():
    return registry.load("reader62")


def hand_named(name: str) -> Hand:
    if name == "sample":
        return tfhand.scan.read_line(SAMPLE, says="quick fox 273")
    if not unipen.STROKES.is_file():
        pytest.skip("needs shared/data")
    return unipen.hand_of_writer(unipen.writers_of_all()[int(name)], characters=WRITES)


@pytest.mark.parametrize("name", ["sample", "0", *(pytest.param(name, marks=pytest.mark.slow) for name in "1234")])
def test_alternates(pen, reader, name):
    hand = hand_named(name)
    letters = pen.alphabet(hand, pen.writable(hand), 3, reader=reader)
    for character in hand:
        assert {sample.source for sample in letters[character]} == {WRITTEN}
    drawn = drawn_samples(typeface.build(letters, "Real"))
    assert "".join(drawn) == pen.writable(hand)
    again = [sample for samples in drawn.values() for sample in samples[1:]]
    misread = [sample.character for sample, read in zip(again, are_read(again, reader), strict=True) if not read]
    assert misread == []
    for character, samples in drawn.items():
        for sample in samples[1:]:
            assert form_difference(sample.ink, samples[0].ink) < ALIKE + DRAWN, character
    assert sum(len(drawn[character]) == 3 for character in CHARACTERS) >= 45
    for character in "ij":
        assert len({ndimage.label(sample.ink > 127)[1] for sample in drawn[character]}) == 1, character
    assert ndimage.label(drawn["i"][0].ink > 127)[1] == 2

"""Letters in one hand: in the person's nib, and drawn anew where nobody could read them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.support import photo
from tests.support.ink_shapes import bar, disc
from tfhand.core.charset import CHARACTERS
from tfhand.hands.glyph import INK_LEVEL
from tfhand.hands.hand import GENERATED, Hand, Sample
from tfhand.models import registry
from tfhand.models.reader.legibility import are_read
from tfhand.synthesis.letter_writer import DRAWS, LetterWriter
from tfhand.synthesis.synthesizer import Synthesizer, load
from tfhand.typeset.nib import nib_of

FINE = 0.036  # x-heights: capitals are 45 times as tall as this line is wide


class Pipeline:
    """Writes an o as a ring for large noise and as a bar for small, an l as a bar."""

    characters = "ol"

    def draw_noise(self, rng: np.random.Generator, count: int) -> np.ndarray:
        return rng.random((count, 1))

    def numbers(self, characters) -> np.ndarray:
        return np.array([self.characters.index(character) for character in characters])

    def write(self, codes, numbers, noise) -> np.ndarray:
        assert codes.shape == (len(numbers), 3)
        return np.stack(
            [disc(32, 3) if n == 0 and z > 0.5 else bar() for n, z in zip(numbers, noise[:, 0], strict=True)]
        )


class Reader:
    """Takes what is wider than half of its height for an o, all else for an l."""

    characters = "ol"

    def __call__(self, images):
        wide = (np.asarray(images).max(axis=(1, 3)) > 0).sum(axis=1) > 14
        return np.where(wide[:, None], np.array([9.0, 0]), np.array([0.0, 9]))


@pytest.fixture
def writer() -> LetterWriter:
    return LetterWriter(Pipeline(), np.zeros(3, np.float32))


class TestLegibility:
    @pytest.fixture
    def samples(self, writer) -> list[Sample]:
        samples = writer.write("olooloo", np.random.default_rng(2))
        assert set(are_read(samples, Reader())) == {True, False}
        return samples

    def test_what_is_not_read_is_drawn_anew(self, writer, samples):
        better = writer.made_legible(samples, Reader(), seed=0)
        assert all(are_read(better, Reader()))
        assert [one.character for one in better] == [one.character for one in samples]
        assert {one.source for one in better} == {GENERATED}
        for old, new, read in zip(samples, better, are_read(samples, Reader()), strict=True):
            assert (new is old) == read

    def test_the_seed_decides(self, writer, samples):
        once, again = (writer.made_legible(samples, Reader(), seed=5) for _ in range(2))
        assert once == again

    def test_nothing_is_drawn_where_all_are_read(self, writer, samples, monkeypatch):
        legible = writer.made_legible(samples, Reader(), seed=0)
        monkeypatch.setattr(Pipeline, "write", None)
        assert writer.made_legible(legible, Reader(), seed=0) == legible
        assert writer.made_legible(samples, None, seed=0) == samples

    def test_the_first_stays_where_no_draw_is_better(self, writer, samples, monkeypatch):
        monkeypatch.setattr(Pipeline, "draw_noise", lambda self, rng, count: np.zeros((count, 1)))
        better = writer.made_legible(samples, Reader(), seed=0)
        assert all(new is old for new, old in zip(better, samples, strict=True))
        assert DRAWS > 1


def test_letters_are_written_in_the_nib_of_the_person():
    usual, fine = (
        LetterWriter(Pipeline(), np.zeros(3, np.float32), nib).write("ll", np.random.default_rng(0))
        for nib in (None, FINE)
    )
    assert nib_of(fine) == pytest.approx(FINE, rel=0.2)
    assert nib_of(usual) > 4 * FINE


@pytest.fixture(scope="module")
def hand62() -> Synthesizer:
    return load("hand62")


@pytest.fixture(scope="module")
def fine_hand() -> Hand:
    letters, height = photo.pen_letters(7), 100
    samples = []
    for character in "aehnoTKB25":
        strokes = [stroke * height for stroke in letters[character][0]]
        low, margin = np.concatenate(strokes).min(axis=0), FINE * height / 2 + 5
        wide, high = np.ceil(np.ptp(np.concatenate(strokes), axis=0) + 2 * margin).astype(int).tolist()
        ink = photo.coverage([stroke - low + margin for stroke in strokes], wide, high, FINE * height)
        samples.append(Sample(character, np.uint8(240 - 200 * ink)))
    return Hand(samples=samples)


class TestFineliner:
    """hand62 learns a hand from a line that is 45 times thinner than its capitals are tall."""

    def test_its_letters_are_whole_fine_and_legible(self, hand62, fine_hand):
        found = hand62.text_glyphs(CHARACTERS, fine_hand, keep_written=False)
        assert nib_of(found.samples) == pytest.approx(nib_of(fine_hand.samples), rel=0.25)
        simple = [one.ink for one in found.samples if one.character in "CLOSUVZcelosuvz02368"]
        pieces = [cv2.connectedComponents((ink > INK_LEVEL * ink.max()).astype(np.uint8))[0] - 1 for ink in simple]
        assert np.mean(np.array(pieces) == 1) > 0.9
        assert np.mean(are_read(found.samples, registry.load("reader62"))) > 0.9
        assert len(found.illegible) < 6

    def test_networks_see_letters_as_they_know_them(self, hand62, fine_hand):
        _, glyphs = hand62.samples(fine_hand)
        assert glyphs.max(axis=(1, 2)).min() > 240
        assert np.median([sample.glyph.max() for sample in fine_hand.samples]) < 220

    def test_signs_are_as_fine(self, hand62, fine_hand):
        dot, dash, marked = hand62.text_glyphs(".–ö", fine_hand).samples
        assert dot.height < 2.5 * FINE
        assert dash.height < 2.5 * FINE
        assert nib_of([marked]) == pytest.approx(nib_of(fine_hand.samples), rel=0.4)

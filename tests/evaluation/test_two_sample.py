"""The two-sample test: blurred letters are recognized on other people, equal ones are not, and it is repeatable."""

from __future__ import annotations

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from tfhand.data import synthetic
from tfhand.evaluation import two_sample
from tfhand.evaluation.two_sample import Letters, two_sample_accuracy

pytestmark = pytest.mark.large

CHARACTERS = "2anRy"


@pytest.fixture(scope="module")
def people() -> list[Letters]:
    """Two groups of people, each person's letters twice over."""
    archives = [synthetic.archive(30, 2, seed=seed, characters=CHARACTERS) for seed in (1, 2)]
    return [Letters(archive.render(range(len(archive)), 16), archive.labels) for archive in archives]


def blurred(letters: Letters) -> Letters:
    return Letters(np.stack([cv2.GaussianBlur(glyph, (0, 0), 2) for glyph in letters.glyphs]), letters.characters)


def test_a_blurred_copy_is_told_from_the_original_whoever_wrote_it(people):
    known, others = people
    assert two_sample_accuracy(known, blurred(known), others, blurred(others), steps=60) > 0.9


@pytest.mark.large
def test_letters_of_one_kind_cannot_be_told_apart_nor_by_what_a_scan_hides(people):
    known, others = people

    def halves(letters: Letters) -> tuple[Letters, Letters]:
        paler = np.where(letters.glyphs == 255, 253, letters.glyphs)
        return Letters(*(each[::2] for each in letters)), Letters(paler[1::2], letters.characters[1::2])

    first, again = (two_sample_accuracy(*halves(known), *halves(others), steps=50, seed=3) for _ in range(2))
    assert first == pytest.approx(0.5, abs=0.12)  # of 300 letters: four standard deviations
    assert first == again


def test_kinds_count_alike_however_many_letters_there_are(people, monkeypatch):
    """What calls all letters written is half right, though three in four are; and it learns from as many of each."""
    known, _ = people
    batches = []
    stub = SimpleNamespace(
        train_on_batch=lambda inputs, kinds: batches.append((*inputs, kinds)),
        predict_on_batch=lambda inputs: np.ones((len(inputs[0]), 1)),
    )
    monkeypatch.setattr(two_sample, "_classifier", lambda *_: stub)
    few, many = Letters(known.glyphs[:99], known.characters[:99]), known
    assert two_sample_accuracy(few, many, few, many, steps=3) == 0.5
    images, characters, kinds = zip(*batches, strict=True)
    assert np.mean(kinds) == 0.5
    assert characters[0].shape == images[0].shape[:1] == kinds[0].shape[:1]
    assert len({image[image > -1].std() for image in images}) == 3  # a scanner each


def test_sets_that_cannot_be_compared(people):
    known, others = people
    nothing = Letters(known.glyphs[:0], known.characters[:0])
    with pytest.raises(ValueError, match="0 glyphs for 0 characters"):
        two_sample_accuracy(known, nothing, others, others)
    with pytest.raises(ValueError, match="300 glyphs for 7 characters"):
        two_sample_accuracy(known, known, others, Letters(others.glyphs, others.characters[:7]))

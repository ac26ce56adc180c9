from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.support import photo
from tfhand.scan.image.components import find_components
from tfhand.scan.image.deskew import page_from_photo
from tfhand.scan.image.ink import ink_mask

BLACK = (25, 25, 25)


@pytest.fixture(scope="module")
def shot() -> photo.Photo:
    """A word with paper around it."""
    given = photo.Conditions(width=800, aspect=0.6, noise=0.5, jitter=0.0)
    return photo.photograph(photo.simple_letters(seed=4), "THE273", given, seed=3)


def glyph_count(ink: np.ndarray) -> int:
    return len(find_components(ink, np.zeros_like(ink)))


def bounds(shot: photo.Photo) -> tuple[int, int, int, int]:
    top, left = shot.boxes[:, :2].min(axis=0).astype(int)
    bottom, right = shot.boxes[:, 2:].max(axis=0).astype(int)
    return top, left, bottom, right


@pytest.mark.parametrize("gap", [-1, 20], ids=["touching", "apart"])
@pytest.mark.parametrize("slope", [0.0, 0.02])
def test_a_line_under_a_word_goes_and_the_letters_stay(shot, gap, slope):
    _, left, bottom, right = bounds(shot)
    picture = shot.picture.copy()
    ends = (left - 20, bottom + gap), (right + 30, bottom + gap + round(slope * (right - left)))
    cv2.line(picture, *ends, BLACK, 4)
    page, clean = page_from_photo(picture), page_from_photo(shot.picture)
    assert glyph_count(page.ink) == glyph_count(clean.ink) == 6
    assert (page.ink & clean.ink).sum() > 0.9 * clean.ink.sum()
    assert (page.ink & ~clean.ink).sum() < 0.05 * clean.ink.sum()


def test_the_box_around_a_word_goes(shot):
    top, left, bottom, right = bounds(shot)
    picture = shot.picture.copy()
    cv2.rectangle(picture, (left - 25, top - 20), (right + 25, bottom + 12), BLACK, 5)
    page, clean = page_from_photo(picture), page_from_photo(shot.picture)
    assert glyph_count(page.ink) == 6
    assert (page.ink & clean.ink).sum() > 0.97 * clean.ink.sum()


def test_strokes_that_cross_a_line_are_continued(shot):
    top, left, bottom, right = bounds(shot)
    picture, middle = shot.picture.copy(), round(0.75 * bottom + 0.25 * top)
    cv2.line(picture, (left - 20, middle), (right + 20, middle), BLACK, 4)
    page = page_from_photo(picture)
    assert glyph_count(page.ink) <= 8  # most of the strokes that are cut at this height are whole
    assert (page.ink & page_from_photo(shot.picture).ink).sum() > 0.93 * page_from_photo(shot.picture).ink.sum()


@pytest.mark.parametrize("text", ["TTE", "HTL", "T", "ll11", "7"])
def test_straight_strokes_of_letters_are_no_lines(text):
    given = photo.Conditions(width=500, noise=0.5)
    picture = photo.photograph(photo.simple_letters(seed=2), text, given, seed=1)
    page = page_from_photo(picture.picture)
    whole = ink_mask(page.contrast, page.level)
    top, left, bottom, right = bounds(picture)
    assert np.array_equal(page.ink, whole)
    assert glyph_count(page.ink) == len(text)
    rows, columns = np.nonzero(page.ink)
    assert np.abs([rows.min() - top, columns.min() - left, rows.max() - bottom, columns.max() - right]).max() < 5


@pytest.mark.parametrize("scale", [1.0, 0.4])
def test_the_bars_of_bold_letters_are_no_lines(scale):
    three = np.array([[0, 0], [170, 0], [170, 60], [30, 115], [170, 115], [170, 240], [0, 240]])
    seven = np.array([[0, 0], [230, 4], [150, 220]])
    picture, left = np.full((600, 2000, 3), 250, np.uint8), 150
    for shape in (three, seven, three, three, three):
        cv2.polylines(picture, [shape + [left, 200]], False, BLACK, 32)
        left += 330
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    ink = page_from_photo(small).ink
    assert glyph_count(ink) == 5
    assert ink.sum() > 0.97 * (small[..., 0] < 140).sum()

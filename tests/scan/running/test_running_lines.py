"""Photos of joined writing, read with an aligner that knows where the letters of these drawings are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.support import photo
from tests.support.joined_words import STEP, joined_page
from tfhand.errors import ReadingError
from tfhand.scan import find_line, find_lines, read_lines


def aligner(pictures, texts):
    """Letters of equal width from the first ink of the word to the last; what it does not know it says."""
    found = []
    for picture, text in zip(pictures, texts, strict=True):
        inked = np.flatnonzero((picture.ink > 60).any(axis=0))
        edges = np.linspace(inked[0], inked[-1] + 1, len(text) + 1)
        known = set(text) <= set("elabcdo")
        found.append(np.column_stack([edges[:-1], edges[1:], np.full(len(text), 0.9 if known else np.nan)]))
        found[-1][:] = found[-1] if known else np.nan
    return found


def overlaps(boxes: np.ndarray, places: np.ndarray) -> np.ndarray:
    low, high = np.maximum(boxes[:, 1], places[:, 0]), np.minimum(boxes[:, 3], places[:, 1])
    return np.maximum(high - low, 0) / (np.maximum(boxes[:, 3], places[:, 1]) - np.minimum(boxes[:, 1], places[:, 0]))


@pytest.mark.parametrize("slope", [-0.05, 0.0, 0.04])
def test_words_and_letters_of_a_line(slope: float):
    says = "elle lele eel leelle"
    picture, places = joined_page(says, slope)
    reading = find_line(picture, says, find_letters=aligner)
    assert reading.doubt == ""
    assert [word.text for word in reading.words] == says.split()
    assert "".join(one.character for one in reading.found) == says.replace(" ", "")
    assert all(one.sample for one in reading.found)
    assert overlaps(np.array([one.box for one in reading.found]), places).min() > 0.5
    assert reading.hand.words == reading.words
    tall = [one.sample.height for one in reading.found if one.character == "l"]
    small = [one.sample.height for one in reading.found if one.character == "e"]
    assert min(tall) > 1.5 * max(small)
    assert all(abs(one.sample.baseline) < 0.35 for one in reading.found)
    for word in reading.words:
        assert np.diff(word.cuts) == pytest.approx(STEP, rel=0.35)


def test_lines_of_a_page():
    says = "elle lele\nleel\nelele le elle"
    picture, places = joined_page(says, 0.02, pitch=130)
    reading = find_lines(picture, says, find_letters=aligner)
    assert [word.text for word in reading.hand.words] == says.split()
    assert overlaps(np.array([one.box for one in reading.found]), places).min() > 0.5
    assert len(read_lines(picture, says, find_letters=aligner).words) == 6


def test_a_line_that_does_not_fit_is_left_out_and_the_others_are_read():
    picture, _ = joined_page("elle lele\nleel elle ele\nelele le elle")
    reading = find_lines(picture, "elle lele\nle el le el\nelele le elle", find_letters=aligner)
    assert [word.text for word in reading.hand.words] == ["elle", "lele", "elele", "le", "elle"]
    assert {one.reason for one in reading.found if not one.sample} == {"in a line that does not fit its text"}
    assert reading.doubt == ""


def test_nothing_is_taken_where_the_words_do_not_fit():
    picture, _ = joined_page("elle lele")
    with pytest.raises(ReadingError, match="letters are joined"):
        read_lines(picture, "e elleeleellele leelle lel lele", find_letters=aligner)


def test_words_with_unknown_signs_are_named():
    picture, _ = joined_page("elle lele eel")
    reading = find_line(picture, "elle l#le eel", find_letters=aligner)
    assert [word.text for word in reading.words] == ["elle", "eel"]
    assert {one.reason for one in reading.found if not one.sample} == {
        "in a word with signs that the aligner does not know"
    }


def test_separate_letters_are_read_as_before():
    """The aligner is not asked."""
    letters = photo.simple_letters(3)
    given = replace(photo.Conditions(), width=1200)
    shot = photo.photograph(letters, "a2c 7e", given, 1)

    def refuse(pictures, texts):
        raise AssertionError("separate letters need no aligner")

    reading = find_line(shot.picture, shot.says, find_letters=refuse)
    assert reading.words == ()
    assert photo.overlap(reading.boxes, shot.boxes).min() > 0.5

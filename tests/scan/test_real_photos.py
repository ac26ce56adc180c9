"""Photos that other people took, where they are at hand; `tests.support` draws their kinds for everywhere else."""

from __future__ import annotations

import functools

import cv2
import numpy as np
import pytest

from tests.support.photo import SHARED
from tfhand.core.pictures import read_picture
from tfhand.models import registry
from tfhand.models.aligner import photo_words
from tfhand.models.reader.legibility import reading_costs
from tfhand.scan import find_line, find_lines

PHOTOS = SHARED / "photos"
pytestmark = pytest.mark.skipif(not PHOTOS.exists(), reason="the photos are not here")
LINES = ["abcdefg", "hijklmno", "pqrstuv", "wxyzABC", "DEFGHI", "JKLMNO", "PQRSTUV", "WXYZ12345", "67890"]


@pytest.mark.parametrize("scale", [1.0, 0.5, 0.25])
@pytest.mark.parametrize("name", ["alphabet_photo", "alphabet_flatbed", "alphabet_phone_scan"])
def test_an_alphabet_comes_out_complete_at_any_size(name, scale):
    picture = read_picture(PHOTOS / f"{name}.jpg")
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    reading = find_lines(small, "\n".join(LINES))
    assert sorted(reading.hand) == sorted("".join(LINES))
    middles = [(line.boxes[:, :2] + line.boxes[:, 2:]) / 2 for line in reading.lines if line]
    assert all((np.diff(line[:, 1]) > 0).all() for line in middles)  # from left to right
    assert (np.diff([np.median(line[:, 0]) for line in middles]) > 0).all()  # and from top to bottom


@pytest.mark.parametrize(("name", "says"), [("ruled_word", "mutually"), ("dark_table", "quick fox 273")])
def test_a_word_on_a_rule_and_a_line_on_a_dark_table(name, says):
    read = functools.partial(reading_costs, registry.load("reader62"))
    found = find_line(PHOTOS / f"{name}.jpg", says, read).found
    assert [one.character for one in found if one.sample] == list(says.replace(" ", ""))


def test_half_the_letters_of_joined_words_are_taken():
    """Each picture is one word; whether what is taken is right was judged by eye, see docs/measurements.md."""
    find_letters = functools.partial(photo_words.find_letters, registry.load("aligner62"))
    words = [line.split("\t") for line in (PHOTOS / "cursive_words" / "words.tsv").read_text().splitlines()]
    found = [find_line(PHOTOS / "cursive_words" / name, text, find_letters=find_letters) for name, text in words]
    letters = [one for reading in found for one in reading.found]
    taken = [one for one in letters if one.sample]
    assert len(letters) == sum(len(text) for _, text in words)
    assert len(taken) > len(letters) / 2
    assert sum(bool(reading.words) for reading in found) >= 15  # of 21; of the others most letters stand apart
    assert all(word.text == text for reading, (_, text) in zip(found, words, strict=True) for word in reading.words)


def test_joined_writing_ends_with_a_sentence_and_no_letter():
    reading = find_line(PHOTOS / "joined_alphabet.png", "abcdefg")
    assert "joined" in reading.doubt

"""Dots and bars that stand over the letter beside their own."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tfhand.hands.word_sample import WordSample

LINE, UNIT = 100, 40  # row of the writing line, pixels of an x-height


def word(text: str, mark: tuple[float, float, float, float]) -> WordSample:
    """Three upright strokes 40 pixels apart, and a mark from x, y to x, y."""
    ink = np.zeros((140, 160), np.uint8)
    for x, letter in zip((30, 70, 110), text, strict=True):
        cv2.line(ink, (x, LINE), (x, LINE - (80 if letter in "lt" else UNIT)), 255, 5)
    cv2.line(ink, (int(mark[0]), int(mark[1])), (int(mark[2]), int(mark[3])), 255, 5)
    return WordSample(text, ink, LINE, UNIT, [50, 90])


@pytest.mark.parametrize(
    ("text", "mark", "owner"),
    [
        ("nin", (70, 40, 72, 40), 1),  # over its i
        ("nin", (100, 40, 102, 40), 1),  # over the letter after it
        ("nin", (40, 40, 42, 40), 1),
        ("nnn", (100, 40, 102, 40), 2),  # there is no i that it could belong to
        ("nnt", (66, 34, 92, 34), 2),  # a bar left of its t
        ("nit", (100, 40, 102, 40), 1),  # a dot left of a t
        ("üun", (66, 40, 68, 40), 0),
    ],
)
def test_a_mark_goes_with_its_letter(text, mark, owner):
    found = word(text, mark)
    high = int(found.baseline) - (LINE - int(mark[1]))
    inked = [found.piece(place, place + 1)[0][high - 3 : high + 4].any() for place in range(3)]
    tall = [letter in "lt" for letter in text]
    assert inked == [place == owner or tall[place] for place in range(3)]


def test_a_dot_leaves_the_letter_that_it_stood_over():
    found = word("nin", (100, 40, 102, 40))
    high = int(found.baseline) - UNIT - 10
    assert not found.piece(2, 3)[0][:high].any()
    assert found.piece(1, 2)[0][:high].any()


def test_all_letters_together_are_the_word():
    found = word("nin", (100, 40, 102, 40))
    whole, left = found.piece(0, 3)
    assert left == 0
    assert np.array_equal(whole, found.ink)


def test_ink_that_is_no_mark_stays_where_the_seams_put_it():
    tall = word("nil", (110, 20, 110, 60))
    assert not tall.piece(1, 2)[0][: int(tall.baseline) - 60].any()

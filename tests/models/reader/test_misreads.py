"""Misreads: letters that a reader takes for another character than the one they are named."""

from __future__ import annotations

import numpy as np
import pytest

from tfhand.errors import ReadingError
from tfhand.hands.hand import Hand
from tfhand.hands.sample import Sample
from tfhand.models.reader.misreads import check_text, flag_doubtful, flag_misreads


class Reader:
    """Sure that a picture is an l where all ink stands in one column, else that it is an o; a little less of what is
    round as well."""

    characters = "o0l1x"

    def __call__(self, images):
        narrow = (np.asarray(images).max(axis=(1, 3)) > 0).sum(axis=1) < 9
        return np.where(narrow[:, None], np.array([0, 0, 9, 8.0, 0]), np.array([9, 8.0, 0, 0, 0]))


def samples(text: str) -> list[Sample]:
    bar, ring = np.zeros((30, 30), np.uint8), np.full((30, 30), 255, np.uint8)
    bar[:, 13:16], ring[4:26, 4:26] = 255, 0
    ring = np.pad(ring, 3)
    return [
        Sample(character, bar if kind == "|" else ring) for kind, character in zip(text[::2], text[1::2], strict=True)
    ]


def test_only_what_looks_like_another_character_is_flagged():
    assert flag_misreads(samples("|l|1ooo0oO"), Reader()) == ["", "", "", "", ""]
    assert flag_misreads(samples("ol|0|x"), Reader()) == ["o", "l", "l"]


def test_a_letter_of_joined_writing_is_no_digit():
    class Doubting:
        """Sees a 4 in everything, or else an r; no k."""

        characters = "4rk"

        def __call__(self, images):
            return np.tile([9.0, 0.0, -9.0], (len(images), 1))

    assert flag_misreads(samples("|r|k"), Doubting()) == ["4", "4"]
    assert flag_misreads(samples("|r|k|4"), Doubting(), joined=True) == ["", "r", ""]


def test_what_the_reader_does_not_know_is_not_flagged():
    assert flag_misreads(samples("|éoß"), Reader()) == ["", ""]
    assert flag_misreads([], Reader()) == []


@pytest.mark.parametrize(
    ("written", "unfit", "refused"),
    [
        ("|looo0|1", "", False),
        ("|oolo0|1", "", False),
        ("|oolox|l", "", True),
        ("|looo0", "xx", False),
        ("|loo", "xxx", True),
        ("|o", "x", False),
    ],
)
def test_a_text_is_refused_where_most_of_it_is_not_there(written, unfit, refused):
    hand = flag_doubtful(Hand(samples=samples(written)), Reader())
    if refused:
        with pytest.raises(ReadingError, match="does not seem to say 'some text'"):
            check_text(hand, "some text", unfit)
    else:
        check_text(hand, "some text", unfit)

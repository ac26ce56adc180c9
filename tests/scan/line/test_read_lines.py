from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from tests.support import photo
from tfhand.errors import ReadingError, TextError
from tfhand.scan import find_lines, read_line, read_lines
from tfhand.scan.line.plausibility import NOT_FOUND

GIVEN = photo.Conditions(width=900, noise=0.5, aspect=0.1)
LINES = ["hi dalit", "273 Axe", "zebra"]


def paragraph(lines: list[str], skew: float = 0.0, seed: int = 4) -> tuple[np.ndarray, list[np.ndarray]]:
    """A picture of lines, and each of them by itself."""
    letters = photo.simple_letters(seed)
    alone = [
        photo.photograph(letters, line, replace(GIVEN, width=110 * len(line)), seed + i).picture
        for i, line in enumerate(lines)
    ]
    wide = max(picture.shape[1] for picture in alone)
    stacked = np.vstack([np.pad(one, ((0, 0), (0, wide - one.shape[1]), (0, 0)), mode="edge") for one in alone])
    paper = tuple(int(level) for level in stacked[2, 2])
    turned = Image.fromarray(stacked).rotate(-skew, Image.Resampling.BICUBIC, expand=True, fillcolor=paper)
    return np.asarray(turned), alone


@pytest.mark.parametrize("skew", [0.0, 5.0, -4.0])
def test_lines_are_read_as_each_by_itself(skew):
    picture, alone = paragraph(LINES, skew)
    hand = read_lines(picture, "\n".join([LINES[0], "", *LINES[1:], ""]))
    single = [sample for text, line in zip(LINES, alone, strict=True) for sample in read_line(line, text).samples]
    assert sorted(one.character for one in hand.samples) == sorted(one.character for one in single)
    for character in "2A7z":
        (mine,), (theirs,) = hand[character], [one.glyph for one in single if one.character == character]
        assert np.abs(mine.astype(int) - theirs).mean() < 25  # two different letters are 50 apart


def test_lines_that_are_not_on_the_picture_are_named():
    picture, _ = paragraph(LINES)
    reading = find_lines(picture, "\n".join([*LINES, "four"]))
    assert sorted(reading.hand) == sorted(set("".join(LINES)) - {" "})
    assert {one.character for one in reading.found if one.reason == NOT_FOUND} == set("four")


def test_a_wrong_line_does_not_lose_the_others():
    picture, _ = paragraph(LINES)
    reading = find_lines(picture, "\n".join([LINES[0], "27", LINES[2]]))
    assert set(reading.hand) >= set("hidalt") | set("zebr")
    assert not set(reading.hand) & set("3Ax")


def test_a_line_that_is_to_be_skipped_is_not_read():
    picture, _ = paragraph(LINES)
    assert sorted(read_lines(picture, "\n".join([LINES[0], "#skip", LINES[2]]))) == sorted(set("hidalitzebra"))
    with pytest.raises(TextError):
        read_lines(picture, "#skip\n#skip")


@pytest.mark.parametrize("says", ["", " \n ", "\n".join("a" * 61)])
def test_texts_that_cannot_stand_on_a_picture(says):
    with pytest.raises(TextError):
        read_lines(np.full((90, 90), 255, np.uint8), says)


def test_a_blank_page_is_told():
    with pytest.raises(ReadingError, match="no ink"):
        read_lines(np.full((300, 300), 255, np.uint8), "a\nb")

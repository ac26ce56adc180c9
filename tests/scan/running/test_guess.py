"""Lines and words of joined writing whose text is not known."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.joined_words import BASELINE, STEP, X_HEIGHT, joined_page
from tfhand.errors import ReadingError
from tfhand.scan.image.deskew import page_from_photo
from tfhand.scan.running.guess import find_baselines, guess_text


def by_width(pictures) -> list[str]:
    """Reads as many e as fit into each word."""
    widths = [np.ptp(np.flatnonzero((picture.ink > 60).any(axis=0))) for picture in pictures]
    return ["e" * round(width / STEP) for width in widths]


@pytest.mark.parametrize("lines", ["elle lele\nleel", "elle lele\neelle\nlee leel ele", "eel lele elle\n" * 6])
def test_baselines_and_x_height(lines: str):
    picture, _ = joined_page(lines, pitch=130)
    unit, baselines = find_baselines(page_from_photo(picture, whole=True).ink.sum(axis=1).astype(float))
    truth = [20 + BASELINE + 130 * number for number in range(len(lines.splitlines()))]
    assert baselines == pytest.approx(truth, abs=0.5 * X_HEIGHT)
    assert 0.4 * X_HEIGHT < unit < 1.6 * X_HEIGHT  # loops are no usual writing


@pytest.mark.parametrize("slope", [0.0, 0.03])
def test_words_line_by_line(slope: float):
    says = "elle lele\nleel ele\nelele le elle"
    picture, _ = joined_page(says, slope)
    assert guess_text(picture, by_width) == says.replace("l", "e")


def test_words_that_are_not_read_are_left_out():
    picture, _ = joined_page("elle lele\nleel")
    assert guess_text(picture, lambda pictures: ["" if len(pictures) == 1 else "e"] * len(pictures)) == "e e"
    with pytest.raises(ReadingError, match="could be read"):
        guess_text(picture, lambda pictures: [""] * len(pictures))


def test_an_empty_page():
    with pytest.raises(ReadingError, match="no ink"):
        guess_text(np.full((300, 400), 245, np.uint8), by_width)

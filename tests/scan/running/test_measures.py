"""Baseline, x-height and slant of running writing, and where its lines lie."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.support.joined_words import BASELINE, X_HEIGHT, joined_ink, joined_page
from tfhand.scan.image.deskew import page_from_photo
from tfhand.scan.line.geometry import LineGeometry
from tfhand.scan.running.baseline import fit_rows, row_spread
from tfhand.scan.running.lines import divide_rows
from tfhand.scan.running.slant import running_slant


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.5])
def test_baseline_and_x_height_at_any_size(scale: float):
    ink = cv2.resize(joined_ink("elleeele"), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    line = fit_rows(ink, "elleeele")
    assert line.baseline / scale == pytest.approx(BASELINE, abs=0.2 * X_HEIGHT)
    assert line.x_height / scale == pytest.approx(X_HEIGHT, rel=0.35)


def test_the_text_tells_small_letters_from_tall_ones():
    """The same ink is small letters or tall ones."""
    small, tall = fit_rows(joined_ink("eeee"), "aceo"), fit_rows(joined_ink("eeee"), "lbhk")
    assert small.x_height > 1.3 * tall.x_height


def test_the_slope_of_a_line():
    ink = joined_ink("elleeleleel")
    turned = cv2.warpAffine(ink, np.array([[1.0, 0, 0], [0.06, 1, -18]]), ink.shape[::-1])
    assert fit_rows(turned, "elleeleleel", 0.05).slope == pytest.approx(0.06, abs=0.015)
    assert fit_rows(ink, "elleeleleel", 0.05).slope == pytest.approx(0.0, abs=0.015)


def test_a_word_is_like_its_line():
    ink = joined_ink("ee")
    line = LineGeometry(X_HEIGHT, BASELINE)
    assert fit_rows(ink, "ll", before=line).x_height > fit_rows(ink, "ll").x_height
    assert row_spread("l g").sum() == pytest.approx(1.0)


@pytest.mark.parametrize("slant", [-0.2, 0.0, 0.3, 0.6])
def test_the_slant_of_stems_whatever_joins_them(slant: float):
    canvas = np.zeros((150, 500), np.uint8)
    for x in range(60, 360, 50):  # stems, and a line from the foot of each to the head of the next
        top, foot = (x + round(slant * 110), 20), (x, 130)
        cv2.line(canvas, foot, top, 255, 6)
        cv2.line(canvas, foot, (x + 50 + round(slant * 40), 90), 255, 5)
    assert running_slant(canvas > 0) == pytest.approx(slant, abs=0.1)


def test_no_ink_has_no_slant():
    assert running_slant(np.zeros((20, 20), bool)) == 0.0


def test_lines_are_divided_where_there_is_little_ink():
    texts = ["elle lele", "leel", "elele le elle"]
    picture, _ = joined_page("\n".join(texts), pitch=120)
    page = page_from_photo(picture, whole=True)
    ends = divide_rows(page.ink.sum(axis=1), texts)
    baselines = [20 + BASELINE + 120 * number for number in range(3)]
    assert len(ends) == 3
    assert ends[-1] == len(page.ink)
    for end, baseline, following in zip(ends, baselines, baselines[1:], strict=False):
        assert baseline < end < following - X_HEIGHT


def test_what_is_not_to_be_read_has_any_amount_of_ink():
    picture, _ = joined_page("elle lele\ne\nelele le", pitch=120)
    page = page_from_photo(picture, whole=True)
    ends = divide_rows(page.ink.sum(axis=1), ["elle lele", "#skip", "elele le"])
    assert 20 + BASELINE < ends[0] < 20 + BASELINE + 120
    assert 20 + BASELINE + 120 < ends[1] < 20 + BASELINE + 240

"""A page as strokes of the pen: they follow the ink of every glyph, whether the networks know its character or not."""

from __future__ import annotations

import re

import cv2
import numpy as np
import pytest

import tfhand
from tfhand.core.files import MILLIMETRES
from tfhand.errors import HandwritingError, TextError
from tfhand.synthesis.pen_paths import Strokes, pen_paths
from tfhand.synthesis.synthesizer import Synthesizer
from tfhand.typeset import Layout, Page, page_presets


@pytest.fixture(scope="module")
def pen(saved_models) -> Synthesizer:
    return tfhand.load(saved_models / "tiny-hand")


@pytest.fixture
def page(pen, hand_of) -> Page:
    return pen.write("big fox, 273?\nHAND: ij (at)", hand_of("bigfox273HANDjat"), layout=Layout(jitter=0.5))


def pixels(page: Page, strokes: Strokes) -> list[np.ndarray]:
    """Strokes of a page in its pixels."""
    return [stroke * page.dpi / MILLIMETRES for stroke in strokes]


def drawn(page: Page, strokes: Strokes, nib: int) -> np.ndarray:
    """Strokes drawn on an empty page: where there is ink."""
    image = np.zeros((page.height, page.width), np.uint8)
    for stroke in pixels(page, strokes):
        cv2.polylines(image, [np.round(stroke - 0.5).astype(np.int32)[:, None]], False, 255, nib)
    return image > 0


def test_the_pen_stays_on_the_ink_and_leaves_none_of_it_out(page):
    (strokes,) = pen_paths(page)
    ink = page.image() < 128
    nib = 2 * ink.sum() / cv2.Canny(ink.astype(np.uint8) * 255, 50, 150).astype(bool).sum()
    near = cv2.dilate(ink.astype(np.uint8), np.ones((3, 3))) > 0
    x, y = np.floor(np.concatenate(pixels(page, strokes))).astype(int).T
    assert near[y, x].mean() > 0.95
    assert drawn(page, strokes, round(1.6 * nib))[ink].mean() > 0.95


def test_letters_come_in_the_order_of_the_text_in_few_strokes(page):
    (strokes,) = pen_paths(page)
    first, last = strokes[0], strokes[-1]
    middle = page.width / page.dpi * MILLIMETRES / 2
    assert first[:, 0].max() < middle
    assert last[:, 1].mean() > first[:, 1].mean()
    assert len(page.glyphs) < len(strokes) < 2.5 * len(page.glyphs)  # more than one: i, f, x, the bars of A and H


def test_dots_are_there_and_no_stroke_runs_from_a_letter_to_its_dot(pen, hand_of):
    (strokes,) = pen.strokes("i", hand_of("i"))
    assert len(strokes) == 2
    heights = sorted(float(np.ptp(stroke[:, 1])) for stroke in strokes)
    assert heights[0] < 0.3 * heights[1]


def test_strokes_follow_the_person_and_not_the_usual_letter(pen, hand_of):
    layouts = [page_presets.layout(slant=slant, neatness=1.0) for slant in (0.0, 30.0)]
    upright, slanted = (pen.strokes("l1T", hand_of("l1T"), layout=layout)[0] for layout in layouts)
    lean = [np.mean([s[np.argmin(s[:, 1]), 0] - s[np.argmax(s[:, 1]), 0] for s in each]) for each in (upright, slanted)]
    assert lean[1] > lean[0] + 0.3  # millimetres at the top of letters over their bottom


def test_a_text_without_anything_to_write_is_refused(pen, hand_of):
    with pytest.raises(TextError, match="nothing to write"):
        pen.strokes(" \n", hand_of("ab"))


def test_saved_as_lines_of_the_same_size_as_the_page(page, tmp_path):
    (strokes,) = pen_paths(page)
    (path,) = page.save_strokes(tmp_path / "plotter.svg", [strokes])
    text = path.read_text()
    assert text.count("<path") == len(strokes)
    assert 'fill="none"' in text
    width = float(re.search(r'width="([\d.]+)mm"', text)[1])
    assert width == pytest.approx(page.width / page.dpi * MILLIMETRES, abs=1e-3)
    places = np.array(re.findall(r"([\d.]+) ([\d.]+)", "".join(re.findall(r'd="([^"]+)"', text))), float)
    np.testing.assert_allclose(places, np.concatenate(strokes), atol=0.006)


def test_only_svg_holds_lines(page, tmp_path):
    with pytest.raises(HandwritingError, match=r"saved as \.svg"):
        page.save_strokes(tmp_path / "plotter.png", pen_paths(page))
    assert not list(tmp_path.iterdir())

"""What a scan does to ink, in the graph."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tfhand.data.drawing.scan_noise import draw_scans, grain_sheets, scan_glyphs
from tfhand.metrics import thickness


def scanned(ink: np.ndarray, blur: float, gain: float = 1.0, grain: float = 0.0) -> np.ndarray:
    """Glyphs (n, S, S) in [0, 1] through one scanner."""
    sheets = grain_sheets(ink.shape[1])[: len(ink)]
    return np.asarray(scan_glyphs(ink[None], np.array([[blur, gain, grain]], np.float32), sheets[None]))[0]


@pytest.fixture(scope="module")
def ink(people) -> np.ndarray:
    return people.render(range(20)).astype(np.float32) / 255


@pytest.mark.parametrize("blur", [0.2, 0.5, 0.9])
def test_the_blur_is_a_gaussian(ink, blur):
    expected = np.stack([cv2.GaussianBlur(glyph, (7, 7), blur, borderType=cv2.BORDER_CONSTANT) for glyph in ink])
    np.testing.assert_allclose(scanned(ink, blur), expected, atol=1e-5)


def test_softens_the_ink_and_spares_the_paper(ink):
    noisy = scanned(ink, 0.8, 0.9, 0.03)
    assert 0.6 * ink.mean() < noisy.mean() < 1.05 * ink.mean()
    assert noisy[:, 0].max() < 0.01
    assert noisy.min() == 0
    assert noisy.max() <= 1
    blurred = scanned(ink, 0.8, 0.9)
    assert np.std((noisy - blurred)[(blurred > 0.2) & (blurred < 0.8)]) == pytest.approx(0.03, rel=0.1)
    as_bytes = [np.rint(255 * each).astype(np.uint8) for each in (noisy, ink)]
    assert (thickness(as_bytes[0]) > thickness(as_bytes[1])).mean() > 0.9  # blurred


def test_scans_differ_and_so_does_the_grain_of_glyphs():
    drawn = draw_scans(np.random.default_rng(0), 200, 5)
    assert drawn["scan"].shape == (200, 3)
    assert len(np.unique(drawn["sheet"])) > 500
    low, high = drawn["scan"].min(axis=0), drawn["scan"].max(axis=0)
    np.testing.assert_allclose(low, [0.2, 0.75, 0], atol=0.01)
    np.testing.assert_allclose(high, [0.9, 1.0, 10 / 255], atol=0.01)

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from tests.support import photo
from tfhand.scan.image.paper import as_paper, contrast_of
from tfhand.scan.image.rulings import ruling_slope, without_rulings


def test_rulings_are_found_and_strokes_that_cross_them_stay_whole():
    letters = photo.simple_letters(seed=4)
    given = photo.Conditions(width=700, ruling="lines", ruling_depth=0.25, skew=6.0, noise=1.0)
    ruled, unruled = (photo.photograph(letters, "HTE17", shot, seed=8) for shot in (given, replace(given, ruling="")))
    with_lines = contrast_of(as_paper(ruled.picture).grey)
    slope = ruling_slope(with_lines)
    assert np.rad2deg(np.arctan(slope)) == pytest.approx(6.0, abs=0.7)
    assert ruling_slope(contrast_of(as_paper(unruled.picture).grey)) is None
    cleaned, truth = without_rulings(with_lines, slope), contrast_of(as_paper(unruled.picture).grey)
    ink = truth > 0.4
    printed = ~ndimage.binary_dilation(ink, iterations=3) & (with_lines > truth + 0.1)
    assert printed.sum() > 500
    assert (cleaned - truth)[printed].mean() < 0.35 * (with_lines - truth)[printed].mean()
    assert np.quantile(cleaned[ink], 0.02) > 0.3

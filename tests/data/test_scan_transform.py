"""How a scan transforms a hand, and what it does to the ink."""

from __future__ import annotations

import numpy as np

from tfhand.data.scan_transform import TRANSFORM_SIZE, ScanTransform, scan_noise
from tfhand.metrics import thickness


class TestScanTransform:
    def test_transforms_are_about_standard_normal(self):
        rng = np.random.default_rng(0)
        vectors = np.stack([ScanTransform.draw(rng).vector for _ in range(600)])
        np.testing.assert_allclose(vectors.mean(axis=0), 0, atol=0.4)  # thin nibs are wanted more than thick ones
        np.testing.assert_allclose(vectors.std(axis=0), 1, atol=0.2)
        assert np.abs(vectors[:, :3]).max() <= 2.5 + 1e-6

    def test_neutral(self):
        assert np.array_equal(ScanTransform().vector, np.zeros(TRANSFORM_SIZE, np.float32))
        assert np.array_equal(ScanTransform().matrix, np.eye(2))
        assert ScanTransform.draw(np.random.default_rng(0), nib=1.7).nib == 1.7


def test_scan_noise_softens_the_ink_and_spares_the_paper(people):
    glyphs = people.render(range(20))
    noisy = scan_noise(np.random.default_rng(0), glyphs)
    assert (noisy.shape, noisy.dtype) == (glyphs.shape, np.uint8)
    assert not np.array_equal(noisy, glyphs)
    assert 0.6 * glyphs.mean() < noisy.mean() < 1.05 * glyphs.mean()
    assert noisy[:, 0].max() == 0
    assert (thickness(noisy) > thickness(glyphs)).mean() > 0.9  # blurred

"""How a scan transforms a hand."""

from __future__ import annotations

import numpy as np

from tfhand.data.scan_transform import TRANSFORM_SIZE, ScanTransform


class TestScanTransform:
    def test_transforms_are_about_standard_normal(self):
        rng = np.random.default_rng(0)
        vectors = ScanTransform.draw(rng, (60, 50)).vector.reshape(3000, TRANSFORM_SIZE)
        np.testing.assert_allclose(vectors.mean(axis=0), 0, atol=0.4)  # thin nibs are wanted more than thick ones
        np.testing.assert_allclose(vectors.std(axis=0), 1, atol=0.2)
        assert np.abs(vectors[:, :3]).max() <= 2.5 + 1e-6

    def test_neutral(self):
        assert np.array_equal(ScanTransform().vector, np.zeros(TRANSFORM_SIZE, np.float32))
        assert np.array_equal(ScanTransform().matrix, np.eye(2))
        assert ScanTransform.draw(np.random.default_rng(0), nib=1.7).nib == 1.7

    def test_of_many_hands(self):
        """Each has its own matrix, and its own nib where one is given."""
        drawn = ScanTransform.draw(np.random.default_rng(0), (3,), nib=np.array([1.7, np.nan, 3.0]))
        assert drawn.nib[[0, 2]].tolist() == [1.7, 3.0]
        for hand in range(3):
            one = ScanTransform(drawn.slant[hand], drawn.stretch[hand], drawn.rotation[hand], drawn.nib[hand])
            np.testing.assert_allclose(drawn.matrix[hand], one.matrix)
            np.testing.assert_allclose(drawn.vector[hand], one.vector)
        neutral = ScanTransform.neutral((2,), np.array([1.7, np.nan]))
        assert neutral.nib.tolist() == [1.7, 2.4]
        assert np.array_equal(neutral.matrix, np.broadcast_to(np.eye(2), (2, 2, 2)))

"""The loss term that only the networks that learn a hand have."""

from __future__ import annotations

import numpy as np
import pytest

from tfhand.models.hand.losses import feature_matching


def test_feature_matching():
    rng = np.random.default_rng(0)
    first, second = ([rng.normal(size=shape) for shape in ((2, 4, 4, 3), (2, 2, 2, 5))] for _ in range(2))
    expected = (np.abs(first[0] - second[0]).mean() + np.abs(first[1] - second[1]).mean()) / 2
    assert float(feature_matching(first, second)) == pytest.approx(expected, rel=1e-5)
    with pytest.raises(ValueError, match="zip"):
        feature_matching(first, second[:1])

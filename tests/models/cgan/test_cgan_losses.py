"""The encoder's loss term against a value worked out with NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from tfhand.models.cgan.losses import kl_to_standard_normal


def test_kl_is_nothing_for_plain_noise_and_grows_with_what_is_told():
    mean, variance = np.array([[0.0, 2.0], [0.0, 0.0]], "float32"), np.array([[1.0, 1.0], [1.0, 0.25]], "float32")
    assert float(kl_to_standard_normal(0 * mean, variance**0)) == 0
    narrow = 0.5 * (0.25 - 1 + np.log(4))
    assert float(kl_to_standard_normal(mean, variance)) == pytest.approx((2.0 + narrow) / 2, rel=1e-5)

"""Data sets are split by writers, and a share of 0 holds nobody out."""

from __future__ import annotations

import numpy as np
import pytest

from tfhand.data.archive import Archive
from tfhand.models.cgan.config import CGANTrainConfig
from tfhand.training.datasets import held_out_writers, split_writers


@pytest.mark.parametrize(("share", "unseen"), [(0.0, 0), (0.3, 1)])
def test_a_share_of_0_holds_nobody_out(share, unseen):
    images = np.random.default_rng(0).integers(0, 255, (40, 28, 28), np.uint8)
    labels, writers = np.arange(40, dtype=np.uint8) % 2, np.arange(40, dtype=np.int16) // 10
    archive = Archive(labels, np.array(["0", "1"]), writers, images)
    held = held_out_writers(["data/small set.npz"], [archive], CGANTrainConfig(validation=share))
    assert len(held["small set"]) == unseen
    training, validation = split_writers(archive, share)
    assert len(set(training.writers)) == 4 - unseen
    assert not set(held["small set"]) & set(training.writers)
    assert (validation is archive) == (not unseen)

"""Data sets are split by writers, and a share of 0 holds nobody out; nobody is on both sides."""

from __future__ import annotations

import numpy as np
import pytest

from tfhand.data.archive import Archive
from tfhand.models.cgan.config import CGANTrainConfig
from tfhand.training.datasets import held_out_writers, split_people


@pytest.mark.parametrize(("share", "unseen"), [(0.0, 0), (0.3, 1)])
def test_a_share_of_0_holds_nobody_out(share, unseen):
    images = np.random.default_rng(0).integers(0, 255, (40, 28, 28), np.uint8)
    labels, writers = np.arange(40, dtype=np.uint8) % 2, np.arange(40, dtype=np.int16) // 10
    archive = Archive(labels, np.array(["0", "1"]), writers, images)
    held = held_out_writers(["data/small set.npz"], [archive], CGANTrainConfig(validation=share))
    assert len(held["small set"]) == unseen
    (training,), (validation,) = split_people([archive], share)
    assert len(set(training.writers)) == 4 - unseen
    assert not set(held["small set"]) & set(training.writers)
    assert (validation is archive) == (not unseen)


def test_a_person_in_two_data_sets_is_on_one_side_in_both():
    rng = np.random.default_rng(1)
    letters, labels = rng.integers(0, 255, (60, 28, 28), np.uint8), np.arange(60, dtype=np.uint8) % 2
    some, others = (Archive(labels, np.array(["0", "1"]), first + np.arange(60) // 3, letters) for first in (0, 10))
    seen, unseen = split_people([some, others], 0.3)
    (first, second), (first_out, second_out) = (
        [set(archive.writers.tolist()) for archive in side] for side in (seen, unseen)
    )
    assert not (first | second) & (first_out | second_out)
    assert len(first_out) == 6
    assert second | second_out == set(range(10, 30))
    assert second_out - first_out  # some of those whom only the second data set has
    held = held_out_writers(["a.npz", "b.npz"], [some, others], CGANTrainConfig(validation=0.3))
    assert (set(held["a"]), set(held["b"])) == (first_out, second_out)

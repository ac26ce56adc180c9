"""Any stream: the same batch for the same number, and batches that go on where others stopped."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.support.streams import alike, same
from tfhand.data.streams.domains import DomainStream
from tfhand.data.streams.glyphs import GlyphStream
from tfhand.data.streams.parallel_writers import ParallelWritersStream
from tfhand.data.streams.trajectories import TrajectoryStream
from tfhand.data.streams.writers import HandStream

CHARACTERS = "0123abcXYZ"


class TestAnyStream:
    @pytest.fixture(params=["hand", "domains", "glyphs", "parallel writers", "trajectories"])
    def make(self, request, people):
        return {
            "hand": lambda seed=0: HandStream([people], [1.0], CHARACTERS, hands=5, targets=2, references=4, seed=seed),
            "domains": lambda seed=0: DomainStream(people, "a1", 16, 3, seed),
            "glyphs": lambda seed=0: GlyphStream([people], [1.0], "a1", 16, 3, seed, vary=True),
            "trajectories": lambda seed=0: TrajectoryStream([people], [1.0], "a1", 16, 3, seed),
            "parallel writers": lambda seed=0: ParallelWritersStream(
                [people], [1.0], CHARACTERS, 32, 12, seed, people=3, targets=2
            ),
        }[request.param]

    def test_a_batch_depends_on_seed_and_number_alone(self, make):
        stream = make()
        fifth = stream.batch(5)
        stream.batch(0)
        assert same(stream.batch(5), fifth)
        assert same(make().batch(5), fifth)
        assert not any(same(stream.batch(number), fifth) for number in (4, 6))
        assert not same(make(seed=1).batch(5), fifth)

    def test_batches_go_on_where_others_stopped(self, make):
        whole, rest = list(make().batches(0, steps=5)), list(make().batches(3, steps=2))
        assert [len(whole), len(rest)] == [5, 2]
        assert all(map(same, whole[3:], rest))
        assert alike(whole[4], make().batch(4))

    def test_the_dataset_holds_the_same(self, make):
        stream = make()
        for number, batch in zip(range(2, 4), stream.dataset(2, steps=2).as_numpy_iterator(), strict=True):
            assert alike(batch, stream.batch(number))

    def test_the_dataset_makes_each_batch_once(self, make, monkeypatch):
        stream, made = make(), []
        monkeypatch.setattr(stream, "plan", lambda number: made.append(number) or type(stream).plan(stream, number))
        assert len(list(stream.dataset(2, steps=3))) == 3
        assert sorted(made) == [2, 2, 3, 4]  # the first one also tells the shapes

    def test_batches_have_no_end(self, make):
        stream = make()
        endless = stream.batches(7)
        for number in range(7, 7 + 10):  # more than are made ahead
            assert alike(next(endless), stream.batch(number))
        endless.close()

    def test_images_are_in_range(self, make):
        for array in make().batch(0).values():
            if array.ndim > 3:
                assert array.dtype == np.float32
                assert array.min() == -1
                assert 0.3 < array.max() <= 1


BATCH = """
import sys
import numpy as np
from tfhand.data import synthetic
from tfhand.data.streams.writers import HandStream
people = synthetic.archive(writers=6, samples=2, seed=1, characters="0123abc")
stream = HandStream([people], [1.0], "0123abc", hands=5, targets=2, references=4)
np.savez(sys.argv[1], **next(stream.batches(3)))
"""


@pytest.mark.large
def test_a_batch_is_the_same_under_every_backend(tmp_path):
    batches = []
    for backend in ("tensorflow", "jax"):
        path = tmp_path / f"{backend}.npz"
        environment = {**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
        root = Path(__file__).resolve().parents[3]
        subprocess.run([sys.executable, "-c", BATCH, str(path)], env=environment, cwd=root, check=True, timeout=300)
        with np.load(path) as stored:
            batches.append(dict(stored))
    assert alike(*batches)

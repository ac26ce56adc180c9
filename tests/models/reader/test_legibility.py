"""Which glyphs a reader takes for their character."""

from __future__ import annotations

import numpy as np

from tests.support.ink_shapes import bar, disc
from tfhand.hands.sample import Sample
from tfhand.models.reader.legibility import are_read, character_chances


class Reader:
    """Takes a narrow picture for an l, any other for an o."""

    characters = "ol2"

    def __call__(self, images):
        narrow = (np.asarray(images).max(axis=(1, 3)) > 0).sum(axis=1) < 9
        return np.where(narrow[:, None], np.array([0.0, 3, 1]), np.array([3.0, 0, 1]))


def test_look_alikes_are_one():
    samples = [Sample(c, image) for c, image in zip("lo2Iol", [bar(), disc(32, 3)] * 3, strict=True)]
    assert are_read(samples[:2], Reader()) == [True, True]
    assert are_read([Sample("l", disc(32, 3)), Sample("2", bar()), Sample("o", bar())], Reader()) == [False] * 3


def test_what_the_reader_does_not_know_counts_as_read():
    assert are_read([Sample("é", bar()), Sample("I", disc(32, 3)), Sample("2", bar())], Reader()) == [True, True, False]
    assert are_read([], Reader()) == []


def test_a_doubtful_one_is_not_read():
    class Doubting(Reader):
        def __call__(self, images):
            return np.log(np.array([[0.45, 0.3, 0.25], [0.55, 0.3, 0.15]]))

    both = [Sample("o", disc(32, 3))] * 2
    assert are_read(both, Doubting(), 0.5) == [False, True]
    assert are_read(both, Doubting()) == [True, True]


def test_chances():
    chances = character_chances([Sample("l", bar()), Sample("o", disc(32, 3))], Reader())
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    assert chances.argmax(axis=1).tolist() == [1, 0]


def test_look_alikes_count_together_against_another_character():
    class Torn(Reader):
        """Not sure whether small or large, but surer of that letter than of any other."""

        characters = "sS5"

        def __call__(self, images):
            return np.log(np.array([[0.3, 0.28, 0.42]]))

    assert are_read([Sample("s", disc(32, 3))], Torn()) == [True]
    assert are_read([Sample("5", disc(32, 3))], Torn()) == [False]

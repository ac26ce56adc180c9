"""Alternates: legible, in the form of the first, and never short where bends will do."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.ink_shapes import bar, disc
from tfhand.hands.sample import GENERATED, WRITTEN, Sample
from tfhand.metrics.resemblance import form_difference
from tfhand.synthesis.alternates import ALIKE, bend_sample, choose_alternates

SERIFED = bar()
SERIFED[3:6, 8:27] = SERIFED[26:29, 8:27] = 255


class Reader:
    """Takes what is wider than half of its height for an o, all else for an I."""

    characters = "oI"

    def __call__(self, images):
        wide = (np.asarray(images).max(axis=(1, 3)) > 0).sum(axis=1) > 14
        return np.where(wide[:, None], np.array([9.0, 0]), np.array([0.0, 9]))


def chosen(samples: dict[str, list[Sample]], count: int = 3, reader=None) -> dict[str, list[Sample]]:
    return choose_alternates(samples, count, np.random.default_rng(0), reader)


def test_other_writings_come_before_bends():
    own = [Sample("o", disc(32, 3)), Sample("o", disc(32, 3, aspect=0.9))]
    first, second, bent = chosen({"o": own})["o"]
    assert (first, second) == tuple(own)
    assert bent not in own
    assert 0 < form_difference(bent.glyph, first.glyph) < ALIKE


def test_another_form_of_the_letter_is_left_out():
    own = [Sample("I", bar()), Sample("I", SERIFED)]
    found = chosen({"I": own})["I"]
    assert found[0] is own[0]
    assert len(found) == 3
    assert all(form_difference(one.glyph, bar()) < ALIKE for one in found)
    assert chosen({"I": own[::-1]}, 1)["I"] == [own[1]]  # the first one sets the form


def test_what_is_misread_is_left_out():
    drawn = [Sample("o", image, GENERATED) for image in (bar(), disc(32, 3), bar(), disc(32, 3, aspect=0.95))]
    found = chosen({"o": drawn}, reader=Reader())["o"]
    assert found[:2] == [drawn[1], drawn[3]]
    assert len(found) == 3


def test_a_letter_that_nobody_can_read_stands_alone():
    own = [Sample("o", bar()), Sample("o", bar(nib=2))]
    assert chosen({"o": own}, reader=Reader())["o"] == own[:1]
    assert len(chosen({"o": own})["o"]) == 3


def test_the_seed_decides():
    once, again = (chosen({"o": [Sample("o", disc(32, 3))]})["o"] for _ in range(2))
    assert once == again


class TestBends:
    def test_it_is_the_same_letter_a_little_different(self):
        sample = Sample("o", disc(96, 6), GENERATED, baseline=0.1, height=1.1)
        bent = bend_sample(sample, np.random.default_rng(1))
        assert (bent.character, bent.source) == ("o", GENERATED)
        assert bent.baseline == pytest.approx(0.1, abs=0.1)
        assert bent.height == pytest.approx(1.1, abs=0.1)
        assert not np.array_equal(bent.glyph, sample.glyph)

    def test_what_was_not_measured_stays_so(self):
        bent = bend_sample(Sample("o", disc(32, 3)), np.random.default_rng(1))
        assert (bent.source, bent.baseline, bent.height) == (WRITTEN, None, None)

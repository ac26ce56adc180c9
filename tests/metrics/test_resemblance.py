"""The difference of two forms: small for one written twice, large for a further stroke or another letter."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support import unipen
from tests.support.ink_shapes import bar, disc
from tfhand.metrics.resemblance import form_difference
from tfhand.synthesis.alternates import ALIKE

SERIFED = bar()
SERIFED[3:6, 8:27] = SERIFED[26:29, 8:27] = 255


def test_the_same_glyph_anywhere_and_at_any_size():
    assert form_difference(disc(32, 3), disc(32, 3)) == 0.0
    assert form_difference(disc(32, 3), np.roll(disc(40, 3.75), 3, axis=1)) < 0.015
    assert form_difference(disc(32, 3), disc(32, 3, aspect=0.85)) < 0.02  # a narrower o


def test_a_stroke_more():
    for one, other in ((bar(), SERIFED), (SERIFED, bar())):
        assert form_difference(one, other) > 1.8 * ALIKE


def test_another_letter():
    assert form_difference(bar(), disc(32, 3)) > 0.1


@pytest.mark.skipif(not unipen.STROKES.is_file(), reason="needs shared/data")
def test_what_people_write_twice_is_nearer_than_what_others_write():
    """The limit for alternates stands between most second writings of a person and nearly all other characters."""
    data, rng = unipen.archive(), np.random.default_rng(3)
    writers, found = data.writers, []
    while len(found) < 150:
        index = int(rng.integers(len(data)))
        mine, same = writers == writers[index], data.labels == data.labels[index]
        others = mine & same & (np.arange(len(data)) != index), ~mine & same, mine & ~same
        if all(one.any() for one in others):
            glyphs = [data.draw(int(rng.choice(np.flatnonzero(one)))) for one in others]
            found.append([form_difference(data.draw(index), glyph) for glyph in glyphs])
    again, person, character = np.array(found).T
    assert np.median(again) < np.median(person) < np.median(character)
    assert (again < ALIKE).mean() > 0.6
    assert (character < ALIKE).mean() < 0.12

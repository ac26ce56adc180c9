"""The scene: whom people are compared with, and traits without what belongs to the character."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.support.scenery import CHARACTERS, HELD_OUT, archive, scene
from tfhand.data.archive import Archive
from tfhand.data.rasterize import shape_matrix
from tfhand.errors import ArchiveError
from tfhand.evaluation import EvaluationSet
from tfhand.evaluation.evaluation_set import PLAIN_NIB
from tfhand.metrics import TRAITS

SLANT, THICKNESS = (list(TRAITS).index(name) for name in ("slant", "thickness"))


def test_held_out_people_are_never_compared_with():
    known = scene().known
    assert not set(known.writers) & set(HELD_OUT)
    assert not set(known.archive.writers[scene().medoids]) & set(HELD_OUT)
    assert not {trial.writer for trial in scene().practice} & set(HELD_OUT)
    assert "".join(known.archive.classes[known.archive.labels[scene().medoids]]) == scene().characters


def test_shearing_a_hand_raises_its_slant_alone():
    trial, whole = scene().trials[0], archive()
    upright, leaning = (
        np.stack([whole.draw(place, 32, trial.nib, shape_matrix(slant=by)) for place in trial.letters[trial.asked]])
        for by in (0.0, 0.3)
    )
    before, after = (scene().traits(trial.wanted, glyphs) for glyphs in (upright, leaning))
    assert after[SLANT] - before[SLANT] == pytest.approx(0.3, abs=0.04)
    assert after[THICKNESS] == pytest.approx(before[THICKNESS], abs=0.25)


def test_training_letters_have_traits_of_zero_on_the_whole():
    everything = [(column[column >= 0], at) for at, column in enumerate(scene().known.letters.T)]
    glyphs = np.concatenate([scene().known.draw(places, PLAIN_NIB) for places, _ in everything])
    characters = np.concatenate([np.full(len(places), at) for places, at in everything])
    np.testing.assert_allclose(scene().traits(characters, glyphs), 0, atol=1e-9)


@pytest.mark.parametrize(
    ("change", "held_out", "says"),
    [
        (lambda a: replace(a, writers=None), HELD_OUT, "no `writers`"),
        (lambda a: a, [50, 51], "None of the writers that the preset held out"),
        (lambda a: a.of_writers([1, 4]), [1, 4], "too few letters of training writers"),
        (
            lambda a: Archive(a.labels, a.classes, a.writers, images=np.full((len(a), 28, 28), 255, np.uint8)),
            HELD_OUT,
            "holds images",
        ),
    ],
)
def test_archives_that_cannot_serve(change, held_out, says):
    with pytest.raises(ArchiveError, match=says):
        EvaluationSet(change(archive()), held_out, CHARACTERS, samples=5)

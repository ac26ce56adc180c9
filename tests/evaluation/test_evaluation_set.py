"""The evaluation set: whom people are compared with, and traits without what belongs to the character."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.support.scenery import CHARACTERS, HELD_OUT, archive, evaluation_set
from tfhand.data.archive import Archive
from tfhand.data.rasterize import shape_matrix
from tfhand.errors import ArchiveError
from tfhand.evaluation import EvaluationSet
from tfhand.evaluation.evaluation_set import PLAIN_NIB
from tfhand.metrics import TRAITS

SLANT, THICKNESS = (list(TRAITS).index(name) for name in ("slant", "thickness"))


def test_held_out_people_are_never_compared_with():
    known = evaluation_set().known
    assert not set(known.writers) & set(HELD_OUT)
    assert not set(known.archive.writers[evaluation_set().medoids]) & set(HELD_OUT)
    assert not {episode.writer for episode in evaluation_set().training_episodes} & set(HELD_OUT)
    assert "".join(known.archive.classes[known.archive.labels[evaluation_set().medoids]]) == evaluation_set().characters


def test_shearing_a_hand_raises_its_slant_alone():
    episode, whole = evaluation_set().episodes[0], archive()
    upright, leaning = (
        np.stack(
            [whole.draw(place, 32, episode.nib, shape_matrix(slant=by)) for place in episode.letters[episode.query]]
        )
        for by in (0.0, 0.3)
    )
    before, after = (evaluation_set().traits(episode.query_characters, glyphs) for glyphs in (upright, leaning))
    assert after[SLANT] - before[SLANT] == pytest.approx(0.3, abs=0.04)
    assert after[THICKNESS] == pytest.approx(before[THICKNESS], abs=0.25)


def test_training_letters_have_traits_of_zero_on_the_whole():
    everything = [(column[column >= 0], at) for at, column in enumerate(evaluation_set().known.letters.T)]
    glyphs = np.concatenate([evaluation_set().known.draw(places, PLAIN_NIB) for places, _ in everything])
    characters = np.concatenate([np.full(len(places), at) for places, at in everything])
    np.testing.assert_allclose(evaluation_set().traits(characters, glyphs), 0, atol=1e-9)


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

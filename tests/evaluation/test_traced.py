"""Archives of pictures as pen strokes: the strokes draw what the pictures show."""

from __future__ import annotations

import numpy as np
import pytest

from tfhand.data import synthetic
from tfhand.data.archive import Archive
from tfhand.errors import ArchiveError
from tfhand.evaluation.traced import traced

CHARACTERS = "27abTE"


@pytest.fixture(scope="module")
def strokes() -> Archive:
    return synthetic.archive(writers=3, samples=1, seed=5, characters=CHARACTERS)


def pictures_of(archive: Archive, classes: np.ndarray) -> Archive:
    return Archive(archive.labels, classes, archive.writers, archive.render(range(len(archive)), 28, nib=3.0))


def test_strokes_draw_what_the_pictures_show(strokes):
    found = traced(pictures_of(strokes, strokes.classes))
    assert found.images is None
    assert found.characters == strokes.characters
    np.testing.assert_array_equal(found.labels, strokes.labels)
    np.testing.assert_array_equal(found.writers, strokes.writers)
    drawn, real = (each.render(range(len(each)), 32, nib=3.0).astype(float) for each in (found, strokes))
    alike = [np.corrcoef(one.ravel(), other.ravel())[0, 1] for one, other in zip(drawn, real, strict=True)]
    crossed = [np.corrcoef(one.ravel(), other.ravel())[0, 1] for one, other in zip(drawn, real[::-1], strict=True)]
    assert np.median(alike) > 0.7
    assert np.median(alike) > np.median(crossed) + 0.3


def test_an_archive_of_strokes_stays_as_it_is(strokes):
    assert traced(strokes) is strokes


def test_characters_that_nobody_can_trace_are_left_out(strokes):
    signs = np.array(["é", *strokes.classes[1:]])
    found = traced(pictures_of(strokes, signs))
    assert len(found) == np.count_nonzero(strokes.labels)
    with pytest.raises(ArchiveError, match="knows no character"):
        traced(pictures_of(strokes, np.array(list("éèàüöä"))))

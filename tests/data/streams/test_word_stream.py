"""Lines of words: their texts, where their letters are, and what may stand in one."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.streams import same
from tests.support.word_shapes import random_words, word_archive
from tfhand.data.streams.words import GAP, STEP, UNKNOWN, WordStream, without_overlaps
from tfhand.errors import ArchiveError

CHARACTERS = "lvnzx"


@pytest.fixture(scope="module")
def archive():
    return random_words(60)


def stream_of(archive, **options) -> WordStream:
    return WordStream([archive], [1.0], CHARACTERS, **{"height": 48, "width": 128, "batch_size": 12, **options})


def test_a_batch_has_the_shapes_that_it_says(archive):
    batch = stream_of(archive).batch(0)
    assert {name: (array.shape, array.dtype.name) for name, array in batch.items()} == {
        "image": ((12, 48, 128, 1), "float32"),
        "text": ((12, 20), "int32"),
        "length": ((12,), "int32"),
        "columns": ((12, 64), "int32"),
    }
    assert batch["image"].min() == -1
    assert ((batch["text"] > 0).sum(axis=1) == batch["length"]).all()


def test_a_batch_depends_on_seed_and_number_alone(archive):
    stream = stream_of(archive)
    fifth = stream.batch(5)
    stream.batch(0)
    assert same(stream.batch(5), fifth)
    assert same(stream_of(archive).batch(5), fifth)
    assert not same(stream_of(archive, seed=1).batch(5), fifth)


def test_columns_name_the_letter_of_the_ink_above(archive):
    batch = stream_of(archive, vary=False, batch_size=30).batch(1)
    ink = (batch["image"][..., 0] > -0.3).any(axis=1).reshape(30, 64, STEP)
    for inked, columns, text, length in zip(ink, batch["columns"], batch["text"], batch["length"], strict=True):
        letters = columns > 0
        assert not inked[columns == GAP].all(axis=1).any()
        assert inked[letters].any(axis=1).all()
        runs = columns[np.flatnonzero(np.diff(columns, prepend=-5))]
        assert runs[runs > 0].tolist() == text[:length].tolist()
        end = np.flatnonzero(letters)[-1]
        assert (columns[end + 12 :] == UNKNOWN).all()  # paper far behind the line


def test_what_is_not_known_is_not_said():
    hidden = random_words(30, lettered=[False] * 30)
    columns = stream_of(hidden).batch(0)["columns"]
    assert set(np.unique(columns)) == {UNKNOWN, GAP}
    assert (columns[:, 0] == GAP).all()  # the margin


def test_a_line_is_by_one_writer_and_of_one_kind():
    joined = [index % 4 == 0 for index in range(80)]
    archive = random_words(80, writers=4, joined=joined, lettered=[index % 8 > 1 for index in range(80)])
    stream, seen = stream_of(archive), 0
    for number in range(40):
        rng = stream.rng(number)
        words = stream._alike(rng, archive, stream._chances[0], stream._drawn(rng, stream._chances[0]))
        assert len(set(archive.writers[words])) == 1
        assert len(set(archive.joined[words])) == len(set(archive.lettered[words])) == 1
        assert archive.lengths[words].sum() <= 20
        seen += len(words)
    assert seen > 60


def test_words_that_do_not_fit_are_left_out():
    archive = word_archive(["nn", "nnnnnnnnnn", "n-"], [0, 1, 1])
    stream = stream_of(archive)
    texts = {tuple(text[text > 0]) for number in range(5) for text in stream.batch(number)["text"]}
    assert all(set(text) == {3} and len(text) % 2 == 0 for text in texts)
    with pytest.raises(ArchiveError, match="no word of these characters that fits"):
        WordStream([archive], [1.0], "x")


def test_overlapping_letters_share_the_overlap():
    cut = without_overlaps(np.array([[0.0, 5.0], [4.0, 8.0], [9.0, 10.0]]))
    np.testing.assert_allclose(cut, [[0, 4.5], [4.5, 8], [9, 10]])

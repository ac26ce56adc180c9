"""Metrics of found letters, on networks that know where every letter is, and on those that do not."""

from __future__ import annotations

from dataclasses import replace

import keras
import numpy as np
import pytest

from tests.support.word_shapes import random_words
from tfhand.core.config import as_json
from tfhand.data.streams.words import STEP, letter_columns
from tfhand.data.word_pictures import LineTransform, set_line
from tfhand.errors import ArchiveError
from tfhand.evaluation.aligned_words import overlap
from tfhand.evaluation.alignment_evaluator import (
    CER,
    CUTS,
    EQUAL,
    JOINED,
    MARKED,
    NETWORK,
    PRINT,
    SHUFFLED,
    SUREST,
    TRUE,
    USUAL,
    AlignmentEvaluator,
    divided,
    edit_distance,
)
from tfhand.models.aligner.config import AlignerConfig
from tfhand.models.aligner.durations import measure_durations
from tfhand.models.aligner.networks import Aligner

CHARACTERS = "lvnzx"
CONFIG = AlignerConfig(characters=CHARACTERS, widths=(2, 2, 2, 2), features=4, dilations=(1,))


class Knowing(Aligner):
    """Stands for trained networks: knows the columns of the pictures that it was told of."""

    def tell(self, evaluator: AlignmentEvaluator) -> None:
        self.told = {}
        for index, word in zip(evaluator._lettered, evaluator.words, strict=True):
            transform = LineTransform.draw(np.random.default_rng([evaluator.seed, 0, index]))
            line = set_line(evaluator.archive, np.array([index]), transform)
            numbers = np.array([1 + CHARACTERS.index(letter) for letter in word.text])
            width = STEP * -(-word.picture.shape[1] // STEP)
            columns = letter_columns(line, numbers, 48, width, transform.nib)
            self.told[word.picture.tobytes()] = np.maximum(columns, 0)

    def call(self, images):
        logits = np.zeros((len(images), images.shape[2] // STEP, 1 + len(CHARACTERS)), np.float32)
        logits[..., 0] = 5.0
        for row, image in zip(logits, images, strict=True):
            pixels = np.rint((image[..., 0] + 1) * 127.5).astype(np.uint8)
            for width in range(pixels.shape[1] + 1):
                columns = self.told.get(pixels[:, :width].tobytes())
                if columns is not None and not pixels[:, width:].any():
                    row[: len(columns)] = 10 * np.eye(1 + len(CHARACTERS))[columns]
        return logits, logits


@pytest.fixture(scope="module")
def archive():
    joined = [index % 3 == 0 for index in range(90)]
    return random_words(90, writers=6, joined=joined, lettered=[index % 5 > 0 for index in range(90)])


@pytest.fixture(scope="module")
def evaluator(archive) -> AlignmentEvaluator:
    networks = Knowing(**as_json(CONFIG))
    networks.durations.assign(measure_durations([archive], CHARACTERS))
    evaluator = AlignmentEvaluator(networks, archive, [3, 4])
    networks.tell(evaluator)
    return evaluator


def test_words_are_those_of_the_people_with_known_letters(archive, evaluator):
    assert 10 < len(evaluator.words) < 30
    assert {archive.writers[index] for index in evaluator._lettered} == {3, 4}
    assert archive.lettered[evaluator._lettered].all()
    for word in evaluator.words:
        assert word.truth.shape == (len(word.text), 2)
        assert 0 <= word.truth.min() <= word.truth.max() <= word.picture.shape[1] + 1
    again = AlignmentEvaluator(evaluator.networks, archive, [3, 4]).words
    assert all(np.array_equal(one.picture, other.picture) for one, other in zip(again, evaluator.words, strict=True))
    other = AlignmentEvaluator(evaluator.networks, archive, [3, 4], seed=1).words
    assert not np.array_equal(other[0].picture, evaluator.words[0].picture)


def test_who_knows_all_finds_all_and_a_wrong_text_finds_little(evaluator):
    table = evaluator.metrics(30)
    assert list(table) == [NETWORK, SHUFFLED, EQUAL, USUAL, TRUE]
    for kind in (PRINT, JOINED):
        assert table[TRUE][kind] > 95  # a broad nib makes letters overlap
        assert table[NETWORK][kind] > 90
        assert table[NETWORK][kind] + 5 > table[USUAL][kind] > table[EQUAL][kind] - 10
        assert table[SHUFFLED][kind] < 60
        assert np.isnan(table[EQUAL][kind + SUREST])
    joined = [len(word.text) for word in evaluator.words if word.kind == JOINED]
    assert evaluator.counts["letters joined"] == sum(joined) > 10
    assert sum(evaluator.counts.values()) == sum(len(word.text) for word in evaluator.words)


def test_marked_words_are_a_kind_of_their_own(archive, evaluator):
    row = next(i for i in np.flatnonzero(archive.writers == 3).tolist() if not archive.lettered[i])
    known = random_words(90, writers=6, joined=[index % 3 == 0 for index in range(90)])
    letters = np.concatenate(known.letters_of(row))
    pairs = np.array([(place, letters[place]) for place in np.flatnonzero(np.diff(letters, prepend=-9))])
    networks = Knowing(**as_json(CONFIG))
    networks.durations.assign(evaluator.networks.durations)
    marked = AlignmentEvaluator(networks, archive, [3, 4], marks={row: (str(archive.texts[row]), pairs)})
    networks.tell(marked)
    assert len(marked.words) == len(evaluator.words) + 1
    table = marked.metrics(5)
    assert table[NETWORK][MARKED] > 90
    assert table[NETWORK][CUTS] == table[TRUE][CUTS] == 100
    assert 0 <= table[SHUFFLED][CUTS] < 100
    assert table[NETWORK][PRINT] == evaluator.metrics(5)[NETWORK][PRINT]
    assert marked.counts == {**evaluator.counts, "letters marked": len(str(archive.texts[row]))}
    assert marked.picture(6).shape[0] == evaluator.picture(6).shape[0]


def test_the_surest_half_is_that_of_most_confidence(evaluator, monkeypatch):
    """Every third word is found far off, and without confidence."""
    found = [
        [
            replace(letter, left=letter.left + 40 * off, right=letter.right + 40 * off, confidence=0.9 - 0.8 * off)
            for letter in letters
        ]
        for letters, off in zip(evaluator.found, np.arange(len(evaluator.words)) % 3 == 0, strict=True)
    ]
    monkeypatch.setitem(evaluator.__dict__, "found", found)
    row = evaluator.metrics(10)[NETWORK]
    assert row[PRINT] < 80
    assert row[PRINT + SUREST] > 90


def test_networks_that_know_nothing_are_found_out(archive):
    keras.utils.set_random_seed(0)
    networks = Aligner(**as_json(CONFIG))
    table = AlignmentEvaluator(networks, archive, [3, 4]).metrics(20)
    assert table[NETWORK][PRINT] < 80
    assert table[NETWORK][CER] > 80


def test_the_character_error_is_that_of_what_is_read(evaluator, monkeypatch):
    monkeypatch.setattr("tfhand.evaluation.alignment_evaluator.read", lambda _, pictures: ["l"] * len(pictures))
    words = evaluator._drawn(np.random.default_rng([0, 1]).permutation(evaluator._readable)[:7].tolist(), 1)
    wrong = sum(len(word.text) - ("l" in word.text) for word in words)
    assert evaluator.character_error(7) == pytest.approx(wrong / sum(len(word.text) for word in words))


def test_the_picture_shows_words_of_both_kinds(evaluator):
    picture = evaluator.picture(4)
    assert picture.dtype == np.uint8
    assert picture.shape[0] > 2 * 3 * 48
    colours = {tuple(colour) for colour in picture.reshape(-1, 3)[::7].tolist()}
    assert (0x6A, 0x99, 0x55) in colours  # where letters are
    assert (0x1B, 0x5E, 0x8C) in colours  # where they are found


def test_people_without_such_words_are_refused(archive):
    networks = Aligner(**as_json(CONFIG))
    with pytest.raises(ArchiveError, match="None of the writers"):
        AlignmentEvaluator(networks, archive, [99])
    hidden = random_words(12, lettered=[False] * 12)
    with pytest.raises(ArchiveError, match="no word whose letters are known"):
        AlignmentEvaluator(networks, hidden, [0])


def test_overlap_is_what_two_have_in_common_over_both():
    spans, truth = np.array([[0, 4], [0, 4], [0, 4], [0, 4]]), np.array([[0, 4], [2, 6], [5, 6], [1, 3]])
    np.testing.assert_allclose(overlap(spans, truth), [1, 2 / 6, 0, 0.5])


def test_ink_is_divided_in_proportion():
    picture = np.zeros((4, 30), np.uint8)
    picture[2, 5:25] = 255
    np.testing.assert_allclose(divided(picture, np.ones(4)), [[5, 10], [10, 15], [15, 20], [20, 25]])
    picture[:, 13:18] = 0
    np.testing.assert_allclose(divided(picture, np.array([3.0, 1.0])), [[5, 20], [20, 25]])
    np.testing.assert_allclose(divided(picture, np.ones(2)), [[5, 13], [18, 25]])  # the ends are ink


def test_edit_distances():
    assert [edit_distance(*pair) for pair in (("", "abc"), ("abc", "abc"), ("kitten", "sitting"))] == [3, 0, 3]

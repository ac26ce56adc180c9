"""The aligner on a tiny scale: its shapes, its losses, and that it learns where letters are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import keras
import numpy as np
import pytest

from tests.support.word_shapes import GAP, random_words, word_archive
from tfhand.core.charset import geometry
from tfhand.core.config import ConfigError, as_json, config_from
from tfhand.data.word_pictures import draw_words, letter_pixels, set_line
from tfhand.errors import ArchiveError
from tfhand.models.aligner.alignment import align, read
from tfhand.models.aligner.config import AlignerConfig, AlignerTrainConfig
from tfhand.models.aligner.durations import measure_durations
from tfhand.models.aligner.losses import column_loss, placing_loss, reading_loss
from tfhand.models.aligner.networks import Aligner
from tfhand.models.registry import SPECS
from tfhand.training.backend import compile_step

CHARACTERS = "lvnzx"
TINY = AlignerConfig(characters=CHARACTERS, image_size=24, widths=(6, 8, 10, 12), features=20, dilations=(1, 2))
RECURRENT = replace(TINY, recurrent=2)
TRAINING = AlignerTrainConfig(batch_size=8, line_width=80, line_letters=8, learning_rate=1e-2, ema_decay=0.9)


@pytest.fixture
def networks() -> Aligner:
    keras.utils.set_random_seed(0)
    return Aligner(**as_json(TINY))


def test_gives_two_answers_for_every_second_column(networks):
    images = np.random.default_rng(0).uniform(-1, 1, (3, 24, 30, 1)).astype(np.float32)
    reading, letters = networks(images)
    assert reading.shape == letters.shape == (3, 15, 6)
    np.testing.assert_array_equal(reading, networks.read(images))
    np.testing.assert_array_equal(letters, networks.find_letters(images))
    assert np.abs(np.asarray(reading) - np.asarray(letters)).max() > 1e-2
    assert np.abs(np.asarray(networks(images, training=True)[0]) - np.asarray(reading)).max() > 1e-3


def test_has_as_many_parameters_as_its_settings_say(networks):
    picture = sum(9 * before * after + after for before, after in ((1, 6), (6, 8), (8, 10), (10, 12)))
    columns = (24 // 8 * 12 + 1) * 20
    along = 2 * (2 * 20 + 3 * 20 * 20 + 20)
    assert networks.count_params() == picture + columns + along + 2 * (20 + 1) * 6 + 2 * 6
    assert Aligner(**as_json(AlignerConfig())).count_params() < 500_000


def test_recurrent_layers_take_the_place_of_the_convolutions_along_the_line():
    keras.utils.set_random_seed(0)
    networks = Aligner(**as_json(RECURRENT))
    dilated = Aligner(**as_json(TINY))
    one_way = 3 * (20 * 10 + 10 * 10 + 2 * 10)  # three gates, each with weights of both inputs and two biases
    along = 2 * (3 * 20 * 20 + 20)
    assert networks.count_params() - dilated.count_params() == 2 * 2 * one_way - along
    rng = np.random.default_rng(0)
    images = rng.uniform(-1, 1, (1, 24, 120, 1)).astype(np.float32)
    other = images.copy()
    other[:, :, 100:] = rng.uniform(-1, 1, (1, 24, 20, 1))
    seen = np.abs(np.asarray(networks.read(images)) - np.asarray(networks.read(other)))[0].max(axis=1)
    assert seen.min() > 0
    assert seen[50:].max() > 100 * seen[:20].max()  # far away is nearly forgotten
    assert networks.reach > dilated.reach


def test_a_column_sees_its_neighbours_and_not_the_whole_line(networks):
    rng = np.random.default_rng(0)
    images = rng.uniform(-1, 1, (1, 24, 120, 1)).astype(np.float32)
    other = images.copy()
    other[:, :, 100:] = rng.uniform(-1, 1, (1, 24, 20, 1))
    seen = np.abs(np.asarray(networks.read(images)) - np.asarray(networks.read(other)))[0].max(axis=1)
    assert seen[50:].min() > 0
    assert not seen[:40].any()


def test_impossible_settings_are_refused():
    for values, sentence in (
        ({"image_size": 20}, "multiple of 8, not 20"),
        ({"widths": [4, 4]}, "widths must be four numbers"),
        ({"features": 0}, "features must be 1 or more"),
        ({"features": 7, "recurrent": 1}, "features must be even for recurrent layers"),
    ):
        with pytest.raises(ConfigError, match=sentence):
            config_from(AlignerConfig, values)
    with pytest.raises(ConfigError, match="an even number of pixels, not 81"):
        config_from(AlignerTrainConfig, {"line_width": 81})


def test_the_reading_loss_is_the_probability_of_all_ways_to_say_a_text():
    """Two columns, one letter: it is said in the first, in the second, or in both."""
    chances = np.array([[[0.5, 0.3, 0.2], [0.1, 0.6, 0.3]]])
    text, length = np.array([[1, 0]], np.int32), np.array([1], np.int32)
    loss = float(reading_loss(np.log(chances).astype(np.float32), text, length))
    assert loss == pytest.approx(-np.log(0.3 * 0.1 + 0.5 * 0.6 + 0.3 * 0.6), rel=1e-5)


def test_the_column_loss_counts_known_columns_alone():
    logits = np.log(np.array([[[0.7, 0.3], [0.2, 0.8], [0.9, 0.1]]], np.float32))
    loss, found = column_loss(logits, np.array([[0, 0, -1]], np.int32))
    assert float(loss) == pytest.approx(-(np.log(0.7) + np.log(0.2)) / 2, rel=1e-5)
    assert float(found) == 0.5
    assert float(column_loss(logits, np.full((1, 3), -1, np.int32))[0]) == 0


def test_the_placing_loss_makes_up_for_a_class_that_is_likely_everywhere():
    """Three columns, two letters: all ways through them, each column divided by a power of its class's mean."""
    chances = np.random.default_rng(0).dirichlet((6, 1, 1), (2, 3)).astype(np.float32)
    text, length = np.array([[1, 2], [2, 0]], np.int32), np.array([2, 1], np.int32)
    priors = 0.9 * chances.mean(axis=(0, 1)) + 0.1 / 3
    ways = {0: [(1, 2, 2), (1, 1, 2), (1, 2, 0), (1, 0, 2), (0, 1, 2)], 1: [*_placed(2, 3)]}
    for power, logits in ((0.0, np.log(chances)), (0.5, np.log(chances) + 7)):
        odds = chances / priors**power
        sums = [sum(np.prod(odds[line, range(3), way]) for way in some) for line, some in ways.items()]
        both = placing_loss(logits, text, length, np.ones(2, np.float32), power)
        assert float(both) == pytest.approx(-np.log(sums).sum() / 3, rel=1e-4)
        second = placing_loss(logits, text, length, np.array([0, 1], np.float32), power)
        assert float(second) == pytest.approx(-np.log(sums[1]), rel=1e-4)


def _placed(letter: int, columns: int) -> Iterator[tuple[int, ...]]:
    """One letter in neighbouring columns, and gaps in the others."""
    for start, stop in combinations(range(columns + 1), 2):
        yield tuple(letter if start <= column < stop else 0 for column in range(columns))


def test_durations_are_those_of_the_words_whose_letters_are_known():
    archive = word_archive(["nnz"] * 40 + ["vv"] * 9, list(range(7)) * 7, lettered=[1] * 40 + [0] * 9)
    means, deviations = measure_durations([archive], "nzv").T
    assert means[0] == pytest.approx(GAP, abs=0.02)
    assert means[1] == pytest.approx(0.9, abs=0.02)
    assert means[2] == pytest.approx(0.8, abs=0.05)
    assert means[3] == pytest.approx(geometry("v").width)  # nobody's v is known
    assert (deviations > 0.1).all()


@pytest.fixture(scope="module")
def trained():
    """A trainer after some steps, its losses, and the archive."""
    archive = random_words(120, writers=8, joined=[index % 3 == 0 for index in range(120)])
    setup = SPECS["aligner"].make_trainer([archive], TINY, TRAINING, 0)
    step, losses = compile_step(setup.trainer.train_step, False), []
    for batch in setup.stream.batches(0, 400):
        setup.trainer.reset_metrics()
        losses.append({name: float(value) for name, value in step(batch).items()})
    return setup.trainer, losses, archive


def test_training_lowers_both_losses(trained):
    _, losses, _ = trained
    for name in ("loss", "reading", "finding"):
        assert np.mean([one[name] for one in losses[-20:]]) < 0.5 * losses[0][name], name
    assert np.mean([one["found"] for one in losses[-20:]]) > 0.5


def test_training_remembers_widths_in_both_networks(trained):
    trainer, _, archive = trained
    seen = archive.of_writers(archive.split_writers(TRAINING.validation)[0])
    expected = measure_durations([seen], CHARACTERS)
    for networks in (trainer.networks, trainer.ema):
        np.testing.assert_allclose(networks.durations, expected, rtol=1e-5)


def test_then_it_finds_and_reads_letters_of_new_words(trained):
    trainer, _, _ = trained
    archive = random_words(30, seed=5)
    lines = [set_line(archive, np.array([index])) for index in range(30)]
    pictures, texts = [draw_words(line, 24) for line in lines], [line.text for line in lines]
    errors = []
    for line, letters in zip(lines, align(trainer.ema, pictures, texts), strict=True):
        found = np.array([(letter.left, letter.right) for letter in letters])
        errors.append(np.abs(found - letter_pixels(line, 24)).ravel())
    assert np.median(np.concatenate(errors)) < 1.0  # pixels; an x-height has 5.3
    assert np.mean([said == text for said, text in zip(read(trainer.ema, pictures), texts, strict=True)]) > 0.5


def test_words_that_teach_nothing_are_refused():
    with pytest.raises(ArchiveError, match="The data hold no v"):
        SPECS["aligner"].make_trainer([word_archive(["nl", "zx"], [0, 1])], TINY, TRAINING, 0)

"""The verifier that goes by strokes: what it is blind to, its mixtures of people, and that it learns people."""

from __future__ import annotations

from dataclasses import replace

import keras
import numpy as np
import pytest

from tests.support.quick import saved_like
from tests.support.tiny import moved, snapshot
from tfhand.core.config import as_json
from tfhand.data import synthetic
from tfhand.data.archive import Archive
from tfhand.data.trajectories import POINTS
from tfhand.errors import PresetError
from tfhand.models.registry import SPECS
from tfhand.models.stroke_verifier.config import StrokeVerifierConfig, StrokeVerifierTrainConfig
from tfhand.models.stroke_verifier.networks import StrokeVerifier
from tfhand.models.strokes.config import StrokesConfig
from tfhand.training.backend import compile_step

CHARACTERS = "012345abcdef"
STROKES = StrokesConfig(CHARACTERS, encoder_widths=(4, 8), encoder_features=12, decoder_width=16, form_size=8)
TINY = StrokeVerifierConfig(**vars(STROKES), verifier_width=16, embedding_size=8, dropout=0.0)
TRAINING = StrokeVerifierTrainConfig(people=6, glyphs=3, mixed=0.34, validation=0.25, learning_rate=5e-3, ema_decay=0.9)


@pytest.fixture(scope="module")
def archive() -> Archive:
    return synthetic.archive(writers=8, samples=2, seed=11, characters=CHARACTERS)


@pytest.fixture(scope="module")
def verifier() -> StrokeVerifier:
    keras.utils.set_random_seed(2)
    return StrokeVerifier(**as_json(TINY))


@pytest.fixture
def setup(archive):
    training = replace(TRAINING, strokes=saved_like("strokes", STROKES))
    return SPECS["stroke-verifier"].make_trainer([archive], TINY, training, 0)


def sets(count: int, people: int = 2) -> list[np.ndarray]:
    rng = np.random.default_rng(count)
    points = rng.uniform(-0.5, 0.5, (people, count, POINTS, 2)).astype(np.float32)
    counts, characters = rng.integers(1, 6, (people, count)), rng.integers(0, 12, (people, count)).astype(np.int32)
    return [points, counts, characters, np.ones((people, count), np.float32)]


def test_gives_unit_vectors_of_strokes_and_of_pictures(verifier):
    points, counts, characters, mask = sets(4)
    glyphs = np.random.default_rng(1).uniform(-1, 1, (2, 4, 32, 32, 1)).astype(np.float32)
    for found in (verifier.embed(points, counts, characters, mask), verifier(glyphs, characters, mask)):
        assert found.shape == (2, 8)
        np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    again = verifier.embed(*verifier.find_strokes(glyphs, characters), characters, mask)
    np.testing.assert_allclose(again, verifier(glyphs, characters, mask), atol=1e-6)


def test_a_set_has_no_order_and_blanks_do_not_count(verifier):
    points, counts, characters, mask = sets(5)
    expected = verifier.embed(points[:, :3], counts[:, :3], characters[:, :3], mask[:, :3])
    mask[:, 3:] = 0
    np.testing.assert_allclose(verifier.embed(points, counts, characters, mask), expected, atol=1e-5)
    turned = [each[:, ::-1] for each in (points, counts, characters, mask)]
    np.testing.assert_allclose(verifier.embed(*turned), expected, atol=1e-5)


def test_is_blind_to_place_and_size_but_not_to_shape(verifier):
    points, *others = sets(3)
    expected = np.asarray(verifier.embed(points, *others))
    np.testing.assert_allclose(verifier.embed(3 * points + 0.7, *others), expected, atol=1e-5)
    slanted = points + 0.5 * points[..., ::-1] * [1, 0]
    assert np.abs(np.asarray(verifier.embed(slanted.astype(np.float32), *others)) - expected).max() > 0.01


def test_a_mixture_lies_between_two_people_where_both_have_as_many_strokes(setup):
    trainer, batch = setup.trainer, setup.stream.batch(0)
    assert len(batch["partners"]) == 2  # of six people
    points, counts = trainer._find_strokes(batch["glyphs"], batch["characters"])
    theirs, their_counts = trainer._find_strokes(batch["partners"], batch["characters"][:2])
    mixed = np.asarray(trainer._mix(points, counts, batch))
    np.testing.assert_array_equal(mixed[4:], points[4:])
    share = np.repeat(batch["partner_shares"], 2)[:, None, None, None]
    alike = np.equal(counts[:4], their_counts)[..., None, None]
    between = (1 - share) * points[:4] + share * theirs
    np.testing.assert_allclose(mixed[:4], np.where(alike, between, points[:4]), atol=1e-6)


def test_strokes_are_found_as_the_preset_finds_them_and_stay_so(setup):
    networks = setup.trainer.networks
    known = SPECS["strokes"].networks().from_preset(setup.trainer.train_config.strokes)
    for own, theirs in ((networks.encoder, known.encoder), (networks.decoder, known.decoder)):
        for weight, expected in zip(own.get_weights(), theirs.get_weights(), strict=True):
            np.testing.assert_array_equal(weight, expected)
    before = snapshot([*networks.encoder.weights, *networks.decoder.weights])
    setup.trainer.train_step(setup.stream.batch(0))
    assert not any(moved(before, [*networks.encoder.weights, *networks.decoder.weights]))


def test_a_preset_with_other_settings_is_refused(archive):
    other = saved_like("strokes", replace(STROKES, form_size=6))
    with pytest.raises(PresetError, match="form_size 6, and these networks 8"):
        SPECS["stroke-verifier"].make_trainer([archive], TINY, replace(TRAINING, strokes=other), 0)


@pytest.mark.large
def test_learns_to_tell_people_apart(setup):
    trainer, seen = setup.trainer, setup.stream.batch(0)
    step, values = compile_step(trainer.train_step), []
    for _ in range(80):
        trainer.reset_metrics()
        values.append({name: float(value) for name, value in step(seen).items()})
    assert values[0]["loss"] > 0.8 * np.log(6)
    assert values[-1]["loss"] < 0.3
    assert values[-1]["accuracy"] == 1
    assert trainer.sample_grid(seen).shape == (6 * 34 - 2, 6 * 34 - 2)

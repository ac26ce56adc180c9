"""A trainer of StyleGAN whose encoder learns with the generator, by people's letters."""

from __future__ import annotations

from dataclasses import replace

import keras
import numpy as np
import pytest

from tests.support.stylegan import BATCH, CHARACTERS
from tests.support.tiny import TINY_STYLEGAN as TINY
from tests.support.tiny import moved, one_step, snapshot
from tfhand.core.config import as_json
from tfhand.models.registry import SPECS
from tfhand.models.stylegan.config import StyleGANTrainConfig
from tfhand.models.stylegan.people_trainer import ENCODED_METRICS, POPULATION, PeopleTrainer
from tfhand.models.stylegan.trainer import HAND_METRICS, METRICS, StyleGANTrainer
from tfhand.models.verifier.config import VerifierConfig
from tfhand.models.verifier.networks import Verifier
from tfhand.training.losses import multiscale_l1

pytestmark = pytest.mark.large
TRAINING = StyleGANTrainConfig(
    batch_size=8, encoder_batch=4, r1_every=2, path_length=0.0, ema_decay=0.9, augment_target=0.0, group=2, targets=2,
    references=3, encoded=0.5, same_writer=2.0, reconstruction=3.0, likeness=4.0, recognition=5.0, population=6.0,
)  # fmt: skip
PEER = np.array([1, 0, 3, 2, 5, 4, 7, 6])  # the other letter of each hand
rng = np.random.default_rng(0)
PEOPLE = {
    **BATCH,
    "references": rng.uniform(-1, 1, (4, 3, 8, 8, 1)).astype("float32"),
    "reference_characters": np.array([[0, 1, 2], [1, 0, 0], [2, 2, 0], [0, 1, 1]], np.int32),
    "reference_mask": np.array([[1, 1, 1], [1, 0, 0], [1, 1, 0], [1, 1, 1]], np.float32),
}
"""`BATCH` with other letters of its four hands, of which the first two are to be encoded."""


@pytest.fixture(scope="module")
def verifier() -> Verifier:
    keras.utils.set_random_seed(3)
    sizes = {"widths": (2, 2, 2), "features": 3, "character_size": 2, "embedding_size": 3}
    return Verifier(**as_json(VerifierConfig(characters=TINY.characters, image_size=8, **sizes)))


def trainer(verifier: Verifier | None = None, **changes) -> PeopleTrainer:
    keras.utils.set_random_seed(0)
    return PeopleTrainer(TINY, replace(TRAINING, **changes), verifier, seed=5)


def test_what_is_drawn_in_encoded_hands_is_held_against_the_people(verifier):
    """The encoder learns from it, and the other hands stay random."""
    one, noise = trainer(verifier, encoder_learning_rate=1e-3), np.zeros((8, TINY.noise_size), np.float32)
    mixture, networks = one._draw_mixture(CHARACTERS), one.networks
    total, parts = one._generator_loss(PEOPLE, mixture, noise)
    parts = {name: np.asarray(value) for name, value in parts.items()}
    told = sum(getattr(TRAINING, name) * parts[name] for name in ("adversarial", *ENCODED_METRICS))
    assert float(total) == pytest.approx(float(told + 2 * parts["hand"]), rel=1e-5)
    samples = [PEOPLE[name][:2] for name in ("references", "reference_characters", "reference_mask")]
    codes = np.repeat(np.asarray(networks.encode(*samples)), 2, axis=0)
    drawn = np.asarray(networks.write(codes, CHARACTERS[:4], noise[:4]))
    np.testing.assert_allclose(parts["drawn"][:4], drawn, atol=1e-5)
    styles = one._mixed_styles(CHARACTERS, *mixture)
    np.testing.assert_allclose(parts["drawn"][4:], networks.synthesize(styles, CHARACTERS, noise)[4:], atol=1e-5)
    assert parts["reconstruction"] == pytest.approx(float(multiscale_l1(drawn, PEOPLE["image"][:4])), rel=1e-4)


def test_a_step_moves_what_it_should(verifier):
    one = trainer(verifier, pixels=0.0)
    variables = [*one.networks.encoder.trainable_variables, one.recognize.kernel]
    before, judge = snapshot(variables), snapshot(verifier.weights)
    terms = one_step(one, PEOPLE)
    assert set(terms) == {"loss", *METRICS, *HAND_METRICS, *ENCODED_METRICS}
    assert all(moved(before, variables))
    assert not any(moved(judge, verifier.weights))
    terms = one_step(alone := trainer(), PEOPLE)
    assert terms["reconstruction"] > 0 == terms["likeness"] == terms["recognition"]  # without a verifier
    assert alone.recognize is None


def test_an_encoded_hand_is_held_against_the_person():
    drawn, real = rng.normal(size=(2, 8, 7)).astype("float32")
    logits = np.asarray(trainer()._is_drawn_hand(drawn, PEOPLE, real))
    others = np.concatenate([real[PEER][:4], drawn[PEER][4:]])
    np.testing.assert_allclose(logits, (drawn * others).sum(1) / np.sqrt(7), rtol=1e-4, atol=1e-6)
    random = StyleGANTrainer(TINY, TRAINING)._is_drawn_hand(drawn, PEOPLE, real)
    np.testing.assert_allclose(random, (drawn * drawn[PEER]).sum(1) / np.sqrt(7), rtol=1e-4, atol=1e-6)


def test_the_people_are_those_of_the_first_hands():
    people = trainer()._people(PEOPLE)
    np.testing.assert_array_equal(np.asarray(people["targets"]).reshape(4, 8, 8, 1), PEOPLE["image"][:4])
    np.testing.assert_array_equal(np.asarray(people["characters"]), [[0, 1], [2, 0]])
    for name in ("references", "reference_characters", "reference_mask"):
        np.testing.assert_array_equal(np.asarray(people[name]), PEOPLE[name][:2])


def test_a_code_is_to_tell_how_the_verifier_knows_the_person(verifier):
    one, codes = trainer(verifier), rng.normal(size=(2, 5)).astype("float32")
    found = float(one._people_terms(one._people(PEOPLE), codes, PEOPLE["image"][:4])["recognition"])
    kernel, away = np.asarray(one.recognize.kernel), []
    for hand in range(2):
        seen, own = int(PEOPLE["reference_mask"][hand].sum()), slice(2 * hand, 2 * hand + 2)
        letters = np.concatenate([PEOPLE["references"][hand][:seen], PEOPLE["image"][own]])
        who = np.concatenate([PEOPLE["reference_characters"][hand][:seen], CHARACTERS[own]])
        known = np.asarray(verifier(letters[None], who[None], np.ones((1, len(who)), np.float32)))[0]
        told = codes[hand] @ kernel
        away.append(1 - told @ known / np.linalg.norm(told))
    assert found == pytest.approx(np.mean(away), rel=1e-4)


def test_encoded_hands_are_to_lie_where_random_ones_do():
    one = trainer()
    random, people = np.asarray(one._random_hands(CHARACTERS[:1])), one._people(PEOPLE)
    assert random.shape == (POPULATION, TINY.style_size)
    near, far = (
        float(one._people_terms(people, random[:2] + move, PEOPLE["image"][:4])["population"])
        for move in (np.float32(0), np.float32(20))
    )
    assert near < 0.2 * far
    silent = dict.fromkeys(("adversarial", "same_writer", "reconstruction", "pixels"), 1e-12)
    one = trainer(**silent)
    before = snapshot(one.networks.mapping_network.trainable_variables)
    one_step(one, PEOPLE)
    assert any(moved(before, one.networks.mapping_network.trainable_variables))


def test_it_is_chosen_where_hands_are_to_be_encoded(people):
    for encoded, kind in ((0.5, PeopleTrainer), (0.0, StyleGANTrainer)):
        train_config = replace(TRAINING, encoded=encoded, validation=0.0)
        setup = SPECS["stylegan"].make_trainer([people], TINY, train_config, 0)
        assert type(setup.trainer) is kind
        assert ("references" in setup.stream.batch(0)) == bool(encoded)
        assert np.isfinite(one_step(setup.trainer, setup.stream.batch(0))["loss"])

"""The networks that complete an alphabet: what a hand code holds, and what is measured on archives."""

from __future__ import annotations

from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import ops

from tests.support.tiny import TINY_ALPHABET
from tfhand.core.config import as_json
from tfhand.data import synthetic
from tfhand.hands.glyph import as_network_input
from tfhand.metrics import thickness as measured_thickness
from tfhand.models.alphabet.networks import AlphabetNetworks, extents, thickness
from tfhand.models.alphabet.statistics import form_statistics

CHARACTERS = "0123abcXYZ"


@pytest.fixture(scope="module")
def networks() -> AlphabetNetworks:
    keras.utils.set_random_seed(0)
    networks = AlphabetNetworks(**as_json(replace(TINY_ALPHABET, characters=CHARACTERS)))
    rng = np.random.default_rng(1)
    networks.usual.assign(rng.standard_normal(networks.usual.shape))
    networks.spread.assign(rng.uniform(0.5, 2, networks.spread.shape))
    networks.variation.assign(0.3 * np.broadcast_to(np.eye(4), networks.variation.shape))
    networks.people.assign(np.concatenate([rng.standard_normal((1, 3)), np.eye(3)]))
    letters = np.ones((2, len(CHARACTERS)))
    letters[0, 0] = 0
    networks.known_letters.assign(letters)
    networks.known_forms.assign(letters[..., None] * rng.standard_normal(networks.known_forms.shape))
    networks.known_embeddings.assign(np.eye(3)[:2])
    return networks


@pytest.fixture(scope="module")
def samples(people) -> np.ndarray:
    return as_network_input(people.render(range(3), nib=2.0))[None]  # of 0, 1 and 2


def test_the_own_forms_stand_in_the_code_and_the_others_are_imagined(networks, samples):
    characters = np.array([[0, 1, 0]], np.int32)
    code = np.asarray(networks.encode(samples, characters, np.ones((1, 3), np.float32)))
    assert code.shape == (1, networks.code_size)
    forms = code[0, :-1].reshape(len(CHARACTERS), -1)
    own = np.asarray(networks.own_forms(samples, characters))[0]
    np.testing.assert_allclose(forms[1], own[1], atol=1e-4)
    np.testing.assert_allclose(forms[0], own[[0, 2]].mean(axis=0), atol=1e-4)
    hand = networks.hand_encoder(
        networks.normalized_forms(samples, characters), characters, np.ones((1, 3), np.float32)
    )
    embeddings = networks.embed(*networks.find_strokes(samples, characters), characters, np.ones((1, 3), np.float32))
    others = networks.imagined_alphabets(hand) + networks.left_out(embeddings) * networks.spread
    np.testing.assert_allclose(forms[4], others[0, 4], atol=1e-4)


def test_all_characters_are_imagined_as_each_one_is(networks):
    hands = np.random.default_rng(3).standard_normal((2, 3)).astype(np.float32)
    every = np.repeat(np.arange(len(CHARACTERS), dtype=np.int32)[None], 2, axis=0)
    found = networks.form_generator.alphabets(hands)
    np.testing.assert_allclose(found, networks.form_generator(hands, every), atol=1e-5)


def test_whoever_is_like_a_known_person_has_what_was_left_out_of_that_ones_forms(networks):
    forms, letters = np.array(networks.known_forms), np.array(networks.known_letters)
    every = np.repeat(np.arange(len(CHARACTERS), dtype=np.int32)[None], 2, axis=0)
    residuals = forms - np.asarray(networks.form_generator(networks.hand_encoder(forms, every, letters), every))
    first, second = np.asarray(networks.known_embeddings)
    found = np.asarray(networks.left_out(np.stack([first, first + second])))
    np.testing.assert_allclose(found[0, 1:], residuals[0, 1:], atol=1e-3)  # resemblance is great here
    np.testing.assert_allclose(found[0, 0], residuals[1, 0], atol=1e-3)  # only the second wrote this character
    np.testing.assert_allclose(found[1, 1:], residuals[:, 1:].mean(axis=0), atol=1e-3)  # like both


def test_related_codes_have_the_habits_of_one_like_person_each(networks, samples):
    characters = np.array([0, 1, 0], np.int32)
    code = np.asarray(networks.encode(samples, characters[None], np.ones((1, 3), np.float32)))[0]
    found = networks.related_codes(samples[0], characters, 5)
    assert found.shape == (2, networks.code_size)  # all who are known
    np.testing.assert_allclose(found[:, -1], code[-1])
    forms = found[:, :-1].reshape(2, len(CHARACTERS), -1)
    np.testing.assert_allclose(forms[:, :2], np.repeat(code[None, :8].reshape(1, 2, -1), 2, axis=0), atol=1e-4)
    embedding = networks.embed(*networks.find_strokes(samples, characters[None]), characters[None], np.ones((1, 3)))
    likest = np.argsort(-np.asarray(networks.known_embeddings) @ np.asarray(embedding)[0])
    left_out = np.asarray(networks.left_out(np.asarray(networks.known_embeddings)))[likest] * np.asarray(
        networks.spread
    )
    np.testing.assert_allclose(forms[0, 2:] - forms[1, 2:], left_out[0, 2:] - left_out[1, 2:], atol=1e-3)
    np.testing.assert_allclose(networks.related_codes(samples[0], characters, 1), found[:1], atol=1e-5)


def test_masked_samples_count_nowhere(networks, samples):
    characters, mask = np.array([[0, 1, 5]], np.int32), np.array([[1, 1, 0]], np.float32)
    with_masked = networks.encode(samples, characters, mask)
    np.testing.assert_allclose(with_masked, networks.encode(samples[:, :2], characters[:, :2], mask[:, :2]), atol=1e-4)


@pytest.mark.parametrize("nib", [1.5, 3.0])
def test_the_nib_is_the_samples(networks, people, nib):
    numbers = np.flatnonzero(people.writers == 0)
    characters = people.places_in(CHARACTERS)[numbers][None].astype(np.int32)
    glyphs = as_network_input(people.render(numbers, nib=nib))[None]
    code = np.asarray(networks.encode(glyphs, characters, np.ones(characters.shape, np.float32)))
    assert code[0, -1] == pytest.approx(nib, rel=0.25)


def test_thickness_is_that_of_the_metrics(people):
    glyphs = people.render(range(10), nib=2.5)
    np.testing.assert_allclose(thickness(as_network_input(glyphs)[None])[0], measured_thickness(glyphs), rtol=1e-4)


def test_noise_changes_a_letter_by_the_persons_variation(networks, samples):
    code = networks.encode(samples, np.array([[0, 1, 2]], np.int32), np.ones((1, 3), np.float32))
    codes, characters = ops.repeat(code, 2, axis=0), np.array([0, 0], np.int32)
    forms = np.asarray(networks._varied(codes, characters, np.array([[0, 0, 0, 0], [1, 0, 0, 0]], np.float32)))
    np.testing.assert_allclose(forms[1] - forms[0], [0.3, 0, 0, 0], atol=1e-5)
    path = np.asarray(networks.write_strokes(codes, characters, np.zeros((2, 4), np.float32)))
    assert path.shape == (2, 48, 3)


def test_random_hands_differ_and_axes_lead_from_one_to_another(networks):
    first, second = (networks.random_hand(np.random.default_rng(seed)) for seed in (0, 1))
    assert first.shape == (networks.code_size,)
    assert np.abs(first - second).max() > 0.01
    axes = networks.code_axes()
    assert axes.shape == (3, networks.code_size)
    assert not axes[:, -1].any()


def test_a_population_begins_at_the_average_hand_and_has_one_nib(networks):
    people = np.concatenate([np.zeros((1, 3)), np.eye(3)]).astype(np.float32)
    codes = networks.population(people, 2.5)
    assert codes.shape == (4, networks.code_size)
    assert (codes[:, -1] == 2.5).all()
    np.testing.assert_allclose(codes[1:, :-1] - codes[:1, :-1], networks.code_axes()[:, :-1], atol=1e-4)


def test_a_character_tells_of_people_what_its_form_shows(networks):
    characters = np.arange(len(CHARACTERS), dtype=np.int32)
    glyphs = np.zeros((len(characters), 32, 32, 1), np.float32)
    found = np.asarray(networks.precisions(glyphs, characters))
    slopes = networks.code_axes()[:, :-1].reshape(3, len(CHARACTERS), -1)  # of forms along people's numbers
    assert found.shape == (len(characters), 3)
    np.testing.assert_allclose(found[4, 1], np.square(slopes[1, 4] / networks.spread[4]).sum(), rtol=1e-4)


def test_extents_tell_small_letters_from_capitals():
    small, large = extents("aA")
    assert small < large


@pytest.fixture(scope="module")
def learner() -> AlphabetNetworks:
    """That can remember five people."""
    keras.utils.set_random_seed(0)
    return AlphabetNetworks(**as_json(replace(TINY_ALPHABET, characters=CHARACTERS, known=5)))


@pytest.fixture(scope="module")
def statistics(learner) -> dict[str, np.ndarray]:
    return form_statistics(learner, [synthetic.archive(5, 3, seed=3, characters=CHARACTERS)])


def test_forms_are_normal_by_the_statistics(learner, statistics):
    archive = synthetic.archive(5, 3, seed=3, characters=CHARACTERS)
    some = np.flatnonzero(archive.labels == 4)
    forms = np.asarray(learner.forms_of(as_network_input(archive.render(some, 32, 2.4)), np.full(len(some), 4)))
    normal = (forms - statistics["usual"][4]) / statistics["spread"][4]
    np.testing.assert_allclose(normal.mean(axis=0), 0, atol=1e-3)
    np.testing.assert_allclose(normal.std(axis=0), 1, atol=1e-2)
    means = [normal[archive.writers[some] == writer].mean(axis=0) for writer in range(5)]
    np.testing.assert_allclose(statistics["known_forms"][:, 4], means, atol=1e-2)
    assert (statistics["known_letters"] == 1).all()
    np.testing.assert_allclose(np.linalg.norm(statistics["known_embeddings"], axis=1), 1, atol=1e-5)


def test_one_persons_writings_differ_less_than_peoples(statistics):
    variation = statistics["variation"]
    within = np.square(variation).sum(axis=2)  # the diagonal of the covariance
    assert 0 < within.sum() < np.square(statistics["spread"]).sum()
    assert np.allclose(variation, np.tril(variation))


def test_whoever_wrote_each_character_once_leaves_no_variation(learner):
    found = form_statistics(learner, [synthetic.archive(3, 1, seed=3, characters=CHARACTERS)])
    assert np.abs(found["variation"]).max() < 0.01

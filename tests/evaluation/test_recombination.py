"""Recombination: letters by offsets keep to the mean styles, naive ones do not; samples are projected once."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace

import keras
import numpy as np
import pytest

from tests.support.scenery import CHARACTERS, HELD_OUT, archive, evaluation_set, reader
from tests.support.tiny import TINY_STYLEGAN
from tfhand.core.config import as_json
from tfhand.evaluation import EvaluationSet, recombination
from tfhand.evaluation.recombination import Recombined
from tfhand.hands.glyph import as_glyphs
from tfhand.models.stylegan.networks import StyleGAN

pytestmark = pytest.mark.large

SETTINGS = replace(
    TINY_STYLEGAN,
    characters=CHARACTERS[::-1],  # in another order than the evaluation_set's
    image_size=32,
    generator_widths=(6, 4, 4, 3),
    discriminator_widths=(3, 4, 4, 5),
    constants="by_character",
)


@pytest.fixture(scope="module")
def networks() -> StyleGAN:
    keras.utils.set_random_seed(4)
    model = StyleGAN(**as_json(SETTINGS))
    model.mean_styles.assign(np.random.default_rng(0).normal(size=model.mean_styles.shape))
    return model


def test_offsets_of_the_samples_go_to_the_characters_wanted(networks):
    method, episodes = Recombined(networks, "w", steps=2), evaluation_set().episodes
    letters, found = method(evaluation_set(), episodes), method.projection(evaluation_set(), episodes)
    episode, styles = episodes[1], found.styles[1]  # (5, layers, style_size)
    support, query = (np.array([SETTINGS.characters.index(CHARACTERS[one]) for one in each])
                     for each in (episode.samples[0], episode.query_characters))  # fmt: skip
    offset = (styles - np.asarray(networks.means(support))[:, None]).mean(axis=0)
    expected = networks.synthesize(np.asarray(networks.means(query))[:, None] + offset, query)
    np.testing.assert_allclose(letters[1].astype(int), as_glyphs(np.asarray(expected)), atol=1)
    assert [len(each) for each in letters] == [len(one.query) for one in episodes]


def test_the_hand_space_writes_as_the_hand_code_does(networks):
    method, episodes = Recombined(networks, "hand", steps=2), evaluation_set().episodes[:2]
    styles = method.projection(evaluation_set(), episodes).styles
    given = evaluation_set().numbers_in(SETTINGS.characters)[np.stack([episode.samples[0] for episode in episodes])]
    offsets = styles - np.asarray(networks.means(given.reshape(-1))).reshape(*given.shape, 1, -1)
    np.testing.assert_allclose(offsets, np.broadcast_to(offsets[:, :1, :1], offsets.shape), atol=1e-5)


def test_naive_letters_take_fine_layers_as_they_are(networks):
    episodes = evaluation_set().episodes[:1]
    careful = Recombined(networks, "w+", steps=1)
    naive = careful.naively()
    (letters,) = naive(evaluation_set(), episodes)
    styles = naive.projection(evaluation_set(), episodes).styles[0]
    wanted = evaluation_set().numbers_in(SETTINGS.characters)[episodes[0].query_characters]
    half = SETTINGS.layer_count // 2
    mixed = np.repeat(np.asarray(networks.means(wanted))[:, None], SETTINGS.layer_count, axis=1)
    mixed[:, half:] = styles[np.arange(len(wanted)) % len(styles)][:, half:]
    np.testing.assert_allclose(letters.astype(int), as_glyphs(np.asarray(networks.synthesize(mixed, wanted))), atol=1)
    assert (letters != careful(evaluation_set(), episodes)[0]).any()


@pytest.mark.large
def test_samples_are_projected_once(networks, monkeypatch):
    calls, project = [], recombination.project
    monkeypatch.setattr(recombination, "project", lambda *a, **o: calls.append(len(a[1])) or project(*a, **o))
    monkeypatch.setattr(recombination, "PEOPLE", 3)
    method = Recombined(networks, "w", steps=1)
    for _ in range(2):
        method(evaluation_set(), evaluation_set().episodes)
    method.reconstruction(evaluation_set(), evaluation_set().episodes, reader())
    method.naively()(evaluation_set(), evaluation_set().episodes)
    assert calls == [3, 1]
    method(evaluation_set(), [episode.fewer(2) for episode in evaluation_set().episodes])
    assert len(calls) == 4


def test_no_other_scene_can_take_the_place_of_one_that_is_known(networks):
    method, other = Recombined(networks, "w", steps=0), EvaluationSet(archive(), HELD_OUT, CHARACTERS, samples=5)
    method.projection(other, other.episodes[:1])
    kept = weakref.ref(other)
    del other
    gc.collect()
    assert kept() is not None


def test_reconstruction_of_the_samples(networks):
    few, more = (
        Recombined(networks, "w+", steps=steps).reconstruction(evaluation_set(), evaluation_set().episodes, reader())
        for steps in (1, 40)
    )
    assert set(few) == {"mse", "perceptual", "read"}
    assert more["mse"] < few["mse"]
    assert 0 <= more["read"] <= 1

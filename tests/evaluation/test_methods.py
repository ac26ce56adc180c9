"""Methods: a preset writes from the samples alone, the nearest writer is the one that the verifier names."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from tests.support.scenery import CHARACTERS, archive, evaluation_set, networks, pipeline, verifier
from tfhand.data.rasterize import shape_matrix
from tfhand.evaluation import EvaluationSet, NearestWriter, PresetMethod, another_person, mean_letter, retest_ceiling
from tfhand.evaluation.evaluation_set import NOISE
from tfhand.hands.glyph import as_glyphs, as_network_input
from tfhand.metrics import slant, thickness
from tfhand.models.batches import CHUNK, predict_in_batches, predict_on_sets
from tfhand.models.pipeline import GlyphPipeline
from tfhand.models.stargan.config import StarGANConfig
from tfhand.models.stargan.networks import TranslationWriter
from tfhand.models.stargan.spec import STARGAN

pytestmark = pytest.mark.large


def test_long_arrays_go_through_in_parts():
    seen = []

    def network(numbers):
        seen.append(len(numbers))
        return 2 * numbers

    np.testing.assert_array_equal(predict_in_batches(network, np.arange(10), chunk=4), 2 * np.arange(10))
    assert seen == [4, 4, 2]


def test_a_set_is_the_same_beside_longer_ones():
    rng = np.random.default_rng(0)
    sets = [(rng.permutation(21)[:k], rng.integers(0, 256, (k, 32, 32)).astype(np.uint8)) for k in (1, 7, 3)]
    together = predict_on_sets(verifier(), sets)
    for one, alone in zip(together, (predict_on_sets(verifier(), [each])[0] for each in sets), strict=True):
        np.testing.assert_allclose(one, alone, atol=1e-5)
    assert CHUNK > 21


def test_the_preset_writes_from_the_samples_alone():
    episodes = evaluation_set().episodes
    written = PresetMethod(pipeline())(evaluation_set(), episodes)
    assert [len(glyphs) for glyphs in written] == [len(episode.query) for episode in episodes]
    shown = [np.isin(np.arange(21), episode.support)[:, None, None] for episode in episodes]
    stripped = [replace(one, glyphs=np.where(seen, one.glyphs, 0)) for one, seen in zip(episodes, shown, strict=True)]
    for one, other in zip(written, PresetMethod(pipeline())(evaluation_set(), stripped), strict=True):
        np.testing.assert_array_equal(one, other)
    fewer = PresetMethod(pipeline())(evaluation_set(), [episode.fewer(1) for episode in episodes])
    assert any((one != other).any() for one, other in zip(written, fewer, strict=True))


def test_without_optimization_the_code_is_the_encoders():
    episode, preset = evaluation_set().episodes[0], PresetMethod(pipeline().with_steps(0))
    characters, samples = episode.samples  # the set and the networks number them alike
    given = (
        as_network_input(samples)[None],
        characters[None].astype(np.int32),
        np.ones((1, len(characters)), np.float32),
    )
    code = np.repeat(networks().encode(*given), len(episode.query), axis=0)
    noise = evaluation_set().rng(episode, NOISE, 0).standard_normal((21, networks().noise_size), np.float32)
    noise = pipeline().generation.noise_scale * noise[episode.query_characters]
    written = networks().write(code, episode.query_characters.astype(np.int32), noise)
    np.testing.assert_allclose(
        preset(evaluation_set(), [episode])[0].astype(int), as_glyphs(np.asarray(written)), atol=1
    )
    assert (PresetMethod(pipeline())(evaluation_set(), [episode])[0] != preset(evaluation_set(), [episode])[0]).any()


def test_a_letter_is_the_same_whatever_else_is_wanted():
    episode, preset = evaluation_set().episodes[2], PresetMethod(pipeline())
    (whole,) = preset.write(evaluation_set(), [episode], [np.arange(21)])
    _, some = preset.write(evaluation_set(), [evaluation_set().episodes[0], episode], [np.array([3]), np.array([8, 2])])
    np.testing.assert_allclose(some.astype(int), whole[[8, 2]], atol=1)


def test_another_draw_gives_other_letters():
    episodes = evaluation_set().episodes[:1]
    first, second = (PresetMethod(pipeline())(evaluation_set(), episodes, draw)[0] for draw in range(2))
    assert (first != second).any()


class Rewriter:
    """Stands for StarGAN v2: paints the target domain and the style's own number into the source's corner."""

    characters, image_size, config = CHARACTERS[::-1], 32, SimpleNamespace(latent_size=1)

    def as_hand_writer(self):
        return TranslationWriter(self)

    def map_latent(self, latents, domains):
        return np.stack([latents[:, 0], np.asarray(domains, np.float32)], axis=1)

    def truncate(self, styles, domains):
        return styles

    def translate(self, images, styles):
        painted, styles = np.array(images), np.asarray(styles)
        painted[:, 0, 0, 0] = np.tanh(styles[:, 0])
        painted[:, 0, 1, 0] = styles[:, 1] / 10 - 1
        return painted


def test_a_stargan_rewrites_the_samples_in_turn_in_one_style_a_person():
    episodes = [episode.fewer(3) for episode in evaluation_set().episodes]
    styles, rewriting = set(), PresetMethod(GlyphPipeline(Rewriter(), generation=STARGAN.generation(StarGANConfig())))
    for episode, glyphs in zip(episodes, rewriting(evaluation_set(), episodes), strict=True):
        domains = np.rint(glyphs[:, 0, 1] / 12.75).astype(int)
        assert [CHARACTERS[::-1][domain] for domain in domains] == [CHARACTERS[at] for at in episode.query_characters]
        assert len(set(glyphs[:, 0, 0])) == 1
        styles |= set(glyphs[:, 0, 0])
        sources = [next(at for at, g in enumerate(episode.samples[1]) if (g[1:] == one[1:]).all()) for one in glyphs]
        assert sources == [domain % 3 for domain in domains]
    assert len(styles) == len(episodes)


def test_the_retest_ceiling_is_the_second_writing():
    for episode, glyphs in zip(
        evaluation_set().episodes, retest_ceiling(evaluation_set(), evaluation_set().episodes), strict=True
    ):
        np.testing.assert_array_equal(glyphs, episode.retest)


def test_a_fixed_letter_has_the_nib_and_nothing_else():
    by_nib = sorted(evaluation_set().episodes, key=lambda episode: episode.nib)
    assert by_nib[-1].nib - by_nib[0].nib > 0.3
    thin, thick = mean_letter(evaluation_set(), [by_nib[0], by_nib[-1]])
    assert thickness(thick).mean() > thickness(thin).mean() + 0.2
    same = replace(by_nib[0], nib=2.0), replace(by_nib[-1], nib=2.0, query=by_nib[0].query)
    np.testing.assert_array_equal(*mean_letter(evaluation_set(), same))


def test_another_person_is_a_training_writer():
    (episode, *_), known = evaluation_set().episodes, evaluation_set().known
    (glyphs,) = another_person(evaluation_set(), [episode])
    owners = [known.draw(row[episode.query_characters], episode.nib) for row in known.letters]
    assert sum(np.array_equal(glyphs, owner) for owner in owners) == 1


def test_the_nearest_writer_is_whom_the_verifier_takes_for_the_person():
    """A verifier that sees the slant must find the writer who leans alike."""
    leans = np.array([-0.6, 0.6, -0.3, 0.0, 0.0, 0.3, -0.6, 0.6])  # of the writers 0 to 7; 1, 4 and 6 are held out
    leaning = archive().of_writers(np.arange(8))
    _, first = leaning._strokes
    starts = first[leaning._strokes[0]]
    upright, points = [np.mean(slant(leaning.of_writers([w]).render(range(42)))) for w in range(8)], []
    for number, writer in enumerate(leaning.writers):
        part = leaning.points[starts[number] : starts[number + 1]]
        points.append(part @ shape_matrix(slant=leans[writer] - upright[writer]).T)
    leaning = replace(leaning, points=np.rint(np.concatenate(points)).astype(np.int16))

    class Leaning:
        characters = CHARACTERS

        def __call__(self, samples, characters, mask):
            glyphs = np.rint((samples[..., 0] + 1) * 127.5).astype(np.uint8)
            angles = np.array([np.mean(slant(own[there > 0])) for own, there in zip(glyphs, mask, strict=True)])
            return np.stack([np.cos(angles), np.sin(angles)], axis=1)

    three = EvaluationSet(leaning, [1, 4, 6], CHARACTERS, samples=10)
    nearest = NearestWriter(Leaning())
    assert three.known.writers[nearest.order(three, three.episodes)[:, 0]].tolist() == [7, 3, 0]
    (glyphs, *_) = nearest(three, three.episodes)
    own = three.known.letters[list(three.known.writers).index(7), three.episodes[0].query_characters]
    np.testing.assert_array_equal(glyphs, three.known.draw(own, three.episodes[0].nib))

"""Signatures for text and pictures: what a server writes is what the pipeline writes."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tfhand.core.charset import CHARACTERS
from tfhand.data import synthetic
from tfhand.hands.glyph import as_ink, as_network_input, normalize
from tfhand.hands.hand import Hand
from tfhand.models import presets, registry
from tfhand.models.generation import GenerationConfig
from tfhand.models.optimize_code import optimize_code
from tfhand.models.pipeline import GlyphPipeline
from tfhand.models.serving import export, requests
from tfhand.models.serving.pictures import glyphs_of

LATER = "cgan-writers", "stylegan", "stargan-several"
STEPS = 3  # of an optimization: rounding grows with every one


def samples_of(pipeline: GlyphPipeline, count: int) -> tuple[np.ndarray, str]:
    """Glyphs of one person, and their characters."""
    known = "".join(one for one in pipeline.characters if one in CHARACTERS)[:: max(1, 62 // count // 2)][:count]
    own = synthetic.archive(1, 1, seed=7, characters=known)
    return own.render(range(len(known)), pipeline.image_size), known


def png(glyph: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(255 - glyph).save(file, "PNG")
    return file.getvalue()


def glyph(picture: bytes) -> np.ndarray:
    return 255 - np.asarray(Image.open(io.BytesIO(picture)))


def served(pipeline: GlyphPipeline, folder: Path):
    auxiliary = [pipeline.verifier] if pipeline.verifier else []
    export(pipeline.networks, requests.writing(pipeline), folder, auxiliary)
    model = tf.saved_model.load(str(folder))
    signatures = dict(model.signatures)
    signatures["loaded"] = model  # or it goes, and its weights with it
    return signatures


def with_few_steps(pipeline: GlyphPipeline) -> GlyphPipeline:
    return pipeline.with_steps(min(STEPS, pipeline.generation.steps))


def assert_writes_the_same(pipeline: GlyphPipeline, folder: Path, count: int = 5) -> None:
    """The hand of samples, as PNG files or glyphs, and letters in it, as glyphs or PNG files."""
    signatures, (glyphs, known) = served(pipeline, folder), samples_of(pipeline, count)
    text = [*pipeline.characters[1:4], pipeline.characters[1]]
    noise = pipeline.draw_noise(np.random.default_rng(1), len(text))
    given, code = {}, np.zeros((1, 0), np.float32)
    if pipeline.writer.code_size:
        code = pipeline.codes(glyphs[None], pipeline.numbers(known)[None])
        pictures = [[png(one) for one in glyphs]]
        found = signatures["learn_pictures"](pictures=tf.constant(pictures), characters=tf.constant([list(known)]))
        again = signatures["learn_glyphs"](glyphs=tf.constant(glyphs[None]), characters=tf.constant([list(known)]))
        np.testing.assert_allclose(found["code"], code, atol=5e-3 * code.std())
        np.testing.assert_array_equal(found["code"], again["code"])
        given = {"code": tf.constant(code)}
    ours = pipeline.write(np.repeat(code, len(text), axis=0), pipeline.numbers(text), noise).astype(int)
    drawn = signatures["write_glyphs"](text=tf.constant(text), noise=noise, **given)["glyphs"].numpy()
    files = signatures["write_pictures"](text=tf.constant(text), noise=noise, **given)["picture_bytes"].numpy()
    assert ours.std() > 1
    assert np.abs(ours - drawn).max() <= 1
    np.testing.assert_array_equal(np.stack([glyph(one) for one in files]), drawn)


@pytest.mark.parametrize(
    "name",
    [
        "tiny-hand",
        "tiny-cgan",
        "tiny-stargan",
        *(pytest.param(f"tiny-{name}", marks=pytest.mark.large) for name in LATER),
    ],
)
def test_a_server_writes_what_the_pipeline_writes(saved_models, tmp_path, name):
    assert_writes_the_same(with_few_steps(GlyphPipeline.from_preset(saved_models / name)), tmp_path / "1")


def test_an_alphabet_with_a_verifier_is_searched_for_as_in_python(saved_models, tmp_path):
    """With more samples than a step looks at, and other characters that must be like them."""
    networks, verifier = (registry.load(saved_models / name) for name in ("tiny-hand", "tiny-verifier"))
    assert_writes_the_same(GlyphPipeline(networks, verifier, GenerationConfig(steps=STEPS)), tmp_path / "1", count=20)


@pytest.mark.large
@pytest.mark.parametrize("name", ["alphabet62", "hand62", "cgan-writers", "cgan-digits", "stargan-mnist"])
def test_shipped_presets(tmp_path, name):
    assert_writes_the_same(with_few_steps(GlyphPipeline.from_preset(name)), tmp_path / "1")


@pytest.mark.large
def test_all_steps_lead_as_near_as_those_in_python(tmp_path):
    """Forty steps make of a rounding error what a change of the samples by a millionth makes in Python."""
    pipeline = GlyphPipeline.from_preset("hand62")
    signatures, (glyphs, known) = served(pipeline, tmp_path / "1"), samples_of(pipeline, 8)
    numbers, every = pipeline.numbers(known)[None], np.arange(62, dtype=np.int32)
    shaken = as_network_input(glyphs[None]) + 1e-6 * np.random.default_rng(0).standard_normal((1, *glyphs.shape, 1))

    def alphabet(code) -> np.ndarray:
        noise = np.zeros((62, pipeline.writer.noise_size), np.float32)
        return pipeline.write(np.repeat(np.asarray(code), 62, axis=0), every, noise).astype(int)

    found = signatures["learn_glyphs"](glyphs=tf.constant(glyphs[None]), characters=tf.constant([list(known)]))["code"]
    ours = alphabet(pipeline.codes(glyphs[None], numbers))
    other = optimize_code(pipeline.writer, pipeline.verifier, shaken.astype(np.float32), numbers, pipeline.generation)
    encoded = alphabet(pipeline.with_steps(0).codes(glyphs[None], numbers))
    moved, rounding, apart = (np.abs(one - ours).mean() for one in (encoded, alphabet(other), alphabet(found)))
    assert apart <= 3 * rounding + 0.1
    assert moved > 4 * apart


def test_several_people_at_once_and_unknown_characters(saved_models, tmp_path):
    pipeline = with_few_steps(GlyphPipeline.from_preset(saved_models / "tiny-hand"))
    signatures, (glyphs, known) = served(pipeline, tmp_path / "1"), samples_of(pipeline, 6)
    learn, one, other = signatures["learn_glyphs"], glyphs[:3], glyphs[3:]
    both = learn(glyphs=np.stack([one, other]), characters=tf.constant([list(known[:3]), list(known[3:])]))["code"]
    alone = learn(glyphs=other[None], characters=tf.constant([list(known[3:])]))["code"]
    np.testing.assert_allclose(both[1], alone[0], atol=1e-4)
    assert np.abs(both[0] - both[1]).max() > 1e-2
    with pytest.raises(tf.errors.InvalidArgumentError, match="Unknown characters"):
        learn(glyphs=one[None], characters=tf.constant([["!", "a", "b"]]))


def test_pictures_of_any_size_become_glyphs_as_those_of_a_hand_do():
    """Dark on light and light on dark; a picture of a glyph's size is one already."""
    own, rng = synthetic.archive(1, 1, seed=7, characters="agx1"), np.random.default_rng(2)
    pictures = [np.pad(each, rng.integers(3, 30, (2, 2))) for each in own.render(range(4), 70)]
    pictures[1], pictures[2] = 230 - pictures[1] // 2, pictures[2] // 2 + 20
    files = [png(one) for one in [*pictures, own.render([0], 32)[0]]]
    found = glyphs_of(tf.constant(files), 32).numpy().astype(int)
    expected = [normalize(as_ink(255 - one)) for one in pictures]
    assert np.abs(found[:4] - expected).max() <= 16  # Pillow rounds between rows and columns
    assert np.abs(found[:4] - expected).mean() < 0.2
    np.testing.assert_array_equal(found[4], own.render([0], 32)[0])


def test_a_picture_without_ink_is_refused():
    with pytest.raises(tf.errors.InvalidArgumentError, match="without ink"):
        glyphs_of(tf.constant([png(np.zeros((40, 30), np.uint8))]), 32)


def test_a_reader_reads_pictures(full_hand: Hand, tmp_path):
    networks = registry.load("reader62")
    signatures, auxiliary = requests.signatures("reader62", networks)
    assert auxiliary == []
    export(networks, signatures, tmp_path / "1")
    glyphs = [sample.glyph for sample in full_hand.samples]
    model = tf.saved_model.load(str(tmp_path / "1"))
    found = model.signatures["read_pictures"](pictures=tf.constant([png(one) for one in glyphs]))["text"].numpy()
    expected = np.asarray(networks(as_network_input(np.stack(glyphs)))).argmax(axis=1)
    assert [one.decode() for one in found] == [networks.characters[place] for place in expected]
    assert (
        np.mean([one.decode() == sample.character for one, sample in zip(found, full_hand.samples, strict=True)]) > 0.5
    )


def test_what_neither_writes_nor_reads_has_none(saved_models):
    networks = registry.load(saved_models / "tiny-verifier")
    assert requests.signatures(saved_models / "tiny-verifier", networks) == ({}, [])


def test_the_verifier_goes_along_where_it_is_used(saved_models, shelf):
    """The search of a preset without steps needs none."""
    pipeline = GlyphPipeline.from_preset("tiny-hand")
    with_it = replace(pipeline.generation, verifier="tiny-verifier")
    pipeline.networks.save_to_preset(shelf / "guided", generation=with_it)
    pipeline.networks.save_to_preset(shelf / "quick", generation=replace(with_it, steps=0))
    networks = registry.load("guided")
    assert [one.family for one in requests.signatures("guided", networks)[1]] == ["verifier"]
    assert requests.signatures("quick", networks)[1] == []
    assert presets.generation_of("quick").steps == 0

"""Presets run by LiteRT: they write and read as under TensorFlow, and need neither it nor Keras."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

import tfhand
from tests.support.joined_words import joined_page
from tfhand import export
from tfhand.errors import PresetError
from tfhand.hands.glyph import as_glyphs, as_network_input
from tfhand.hands.hand import Hand
from tfhand.models import light, presets, registry
from tfhand.models.pipeline import GlyphPipeline

ROOT = Path(__file__).resolve().parents[2]
LIGHT = "alphabet62", "reader62", "aligner62"
WITHOUT_TENSORFLOW = """
import sys
for name in ("tensorflow", "keras", "h5py", "matplotlib"):
    sys.modules[name] = None  # as if they were not installed
from tfhand.__main__ import main
raise SystemExit(main(sys.argv[1:]))
"""


def run_alone(*words: str) -> subprocess.CompletedProcess:
    """A command in a process where TensorFlow and Keras are not installed."""
    pytest.importorskip("ai_edge_litert.interpreter")
    alone = [sys.executable, "-c", WITHOUT_TENSORFLOW, *words]
    return subprocess.run(alone, cwd=ROOT, capture_output=True, text=True, timeout=300)


def write_alone(*words: str) -> str:
    """What `write` says there."""
    done = run_alone("write", *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def litert(monkeypatch: pytest.MonkeyPatch) -> None:
    """LiteRT runs presets, as where Keras is not installed."""
    pytest.importorskip("ai_edge_litert.interpreter")
    monkeypatch.setenv(light.ENVIRONMENT, light.LITERT)


def samples_of(hand: Hand, pipeline: GlyphPipeline) -> tuple[np.ndarray, np.ndarray]:
    return np.stack([one.glyph for one in hand.samples]), pipeline.numbers([one.character for one in hand.samples])


def test_the_shipped_files_belong_to_the_weights_beside_them(litert, hand_of):
    """They give the hand codes, letters, random hands and readings of the networks, within rounding."""
    ours, theirs = registry.load("alphabet62"), registry.load_for_inference("alphabet62")
    pipeline = GlyphPipeline(ours)
    glyphs, numbers = samples_of(hand_of("abnDR27gW"), pipeline)
    samples, mask = as_network_input(glyphs)[None], np.ones((1, len(numbers)), np.float32)
    codes = np.asarray(ours.encode(samples, numbers[None], mask))
    apart = np.abs(theirs.encode(samples, numbers[None], mask) - codes)[0, :-1].reshape(62, -1).max(axis=1)
    others = np.setdiff1d(np.arange(62), numbers)
    assert apart[others].max() <= 2e-3 * codes.std()
    assert np.median(apart[numbers]) <= 2e-3 * codes.std()  # given letters are found by steps: some go another way
    every, rng = np.arange(62, dtype=np.int32), np.random.default_rng(0)
    query = np.repeat(codes, 62, axis=0), every, 0.6 * rng.standard_normal((62, ours.noise_size), np.float32)
    images = np.asarray(ours.write(*query))
    apart = np.abs(as_glyphs(theirs.write(*query)).astype(int) - as_glyphs(images))
    assert apart.max() <= 1
    hands = [one.random_hand(np.random.default_rng(4)) for one in (ours, theirs)]
    np.testing.assert_allclose(*hands, atol=1e-3)
    reader = registry.load("reader62")
    logits = np.asarray(reader(images))
    np.testing.assert_allclose(registry.load_for_inference("reader62")(images), logits, atol=5e-3 * logits.std())


def test_the_shipped_aligner_says_what_the_networks_say(litert):
    ours, theirs = registry.load("aligner62"), registry.load_for_inference("aligner62")
    np.testing.assert_allclose(theirs.durations, ours.durations, atol=1e-6)
    assert (theirs.reach, theirs.characters) == (ours.reach, ours.characters)
    for rows, width in ((2, 90), (1, 204)):  # one file for any number and width
        images = np.random.default_rng(width).uniform(-1, 1, (rows, ours.image_size, width, 1)).astype(np.float32)
        for found, expected in zip(theirs(images), ours(images), strict=True):
            np.testing.assert_allclose(found, expected, atol=1e-3)
            assert np.std(expected) > 1


def test_writes_from_samples_as_tensorflow_does(monkeypatch, litert, hand_of):
    hand, text = hand_of("abnDR27gW"), "Hamburgefonstiv 0123456789"
    found = tfhand.load().glyphs(text, hand, seed=3).astype(int)
    monkeypatch.setenv(light.ENVIRONMENT, light.KERAS)
    np.testing.assert_allclose(found, tfhand.load().glyphs(text, hand, seed=3), atol=1)


def test_several_people_at_once(litert, hand_of):
    pipeline = GlyphPipeline.from_preset("alphabet62")
    glyphs, numbers = samples_of(hand_of("abnDR2"), pipeline)
    both = pipeline.codes(np.stack([glyphs[:3], glyphs[3:]]), np.stack([numbers[:3], numbers[3:]]))
    alone = pipeline.codes(glyphs[None, 3:], numbers[None, 3:])
    np.testing.assert_allclose(both[1], alone[0], atol=1e-5)
    assert np.abs(both[0] - both[1]).max() > 0.1


def test_a_line_is_written_from_a_photo_without_tensorflow(tmp_path):
    sample = ["--sample", "examples/sample.jpg", "--says", "quick fox 273"]
    told = write_alone("Dear Anna", *sample, "-o", str(tmp_path / "line.png"))
    assert "generated:        A D a e n r" in told
    with Image.open(tmp_path / "line.png") as page:
        assert page.width > 400


def test_joined_letters_are_found_without_tensorflow(tmp_path):
    Image.fromarray(joined_page("elle lele leel", 0.0)[0]).save(tmp_path / "sample.png")
    sample = ["--sample", str(tmp_path / "sample.png"), "--says", "elle lele leel"]
    assert "from the samples: e l" in write_alone("ellele", *sample, "-o", str(tmp_path / "line.png"))
    with Image.open(tmp_path / "line.png") as page:
        ink = np.asarray(page.convert("L")) < 128
    assert cv2.connectedComponents(ink.astype(np.uint8))[0] == 2  # paper, and one stroke


class TestWhatCannotBe:
    def test_a_preset_without_the_file(self, litert):
        with pytest.raises(PresetError, match=r"hand62 has no light.tflite.*pip install tensorflow"):
            _ = tfhand.load("hand62").pipeline.networks

    def test_forms_of_other_people(self, litert, hand_of):
        with pytest.raises(PresetError, match="needs TensorFlow"):
            tfhand.load().candidates(hand_of("abc"), "g")

    @pytest.mark.parametrize(
        ("words", "output", "told"),
        [
            (["fit", "reader", "--data", "synthetic:2", "--steps", "1", "--run-dir"], "runs", "needs TensorFlow"),
            (["write", "a", "--preset", "hand62", "-o"], "a.png", "needs TensorFlow"),
            (["sheet", "-o"], "sheet.pdf", "pip install matplotlib"),
        ],
    )
    def test_commands_that_need_more_say_so(self, tmp_path, words, output, told):
        done = run_alone(*words, str(tmp_path / output))
        assert (done.returncode, done.stdout) == (2, "")
        assert told in done.stderr
        assert done.stderr.count("\n") == 1

    def test_an_unknown_runtime(self, monkeypatch):
        monkeypatch.setenv(light.ENVIRONMENT, "onnx")
        with pytest.raises(PresetError, match="litert or tensorflow, not 'onnx'"):
            light.is_chosen()

    def test_a_broken_file(self, litert, tmp_path):
        (tmp_path / light.FILE).write_bytes(b"no flatbuffer")
        with pytest.raises(PresetError, match="fetch it again"):
            light.LightModel(tmp_path / light.FILE)

    def test_a_file_of_another_version(self, litert):
        model = light.LightModel(presets.find("alphabet62") / light.FILE)
        with pytest.raises(PresetError, match=r"made by another version.*export .*alphabet62 --light"):
            model("sing")

    def test_nothing_to_run_it(self, monkeypatch, tmp_path):
        monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
        with pytest.raises(PresetError, match="Neither TensorFlow nor LiteRT"):
            light.LightModel(tmp_path / light.FILE)


def test_tensorflow_runs_presets_where_it_is_installed(monkeypatch):
    monkeypatch.delenv(light.ENVIRONMENT, raising=False)
    assert not light.is_chosen()


@pytest.mark.large
@pytest.mark.parametrize("name", LIGHT)
def test_the_command_makes_the_shipped_file_again(litert, tmp_path, name, capsys):
    """Not to the byte, which the version of TensorFlow decides, but about as large, and with the same signatures."""
    assert export.main([name, "--light", "-o", str(tmp_path)]) == 0
    assert f"Wrote {tmp_path / light.FILE}" in capsys.readouterr().out
    sizes = [(folder / light.FILE).stat().st_size for folder in (tmp_path, presets.find(name))]
    assert sizes[0] == pytest.approx(sizes[1], rel=0.1)
    values = presets.read_config(name)
    made = registry.spec_of(name).light.load(light.LightModel(tmp_path / light.FILE), values)
    images = np.zeros((1, values["image_size"], 64, 1) if name == "aligner62" else (1, 32, 32, 1), np.float32)
    found = made.random_hand(np.random.default_rng(0)) if name == "alphabet62" else made(images)
    assert np.isfinite(found).all()

"""The clients of examples/serving/, and a server that loads SavedModels without tfhand: it writes as `write` does."""

from __future__ import annotations

import base64
import importlib.util
import io
import json
import os
import re
import runpy
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from tfhand import export
from tfhand.hands.hand import Hand
from tfhand.models import presets
from tfhand.models.pipeline import GlyphPipeline

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "serving"
WITHOUT_TFHAND = """
import runpy, sys
sys.modules["tfhand"] = None  # as if it were not installed
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
MODEL = "tiny-alphabet"


@pytest.fixture(scope="module")
def address(saved_models: Path, tmp_path_factory) -> Iterator[tuple[str, str]]:
    """The addresses of a server of REST, and of gRPC, the second empty where that cannot be."""
    folder = tmp_path_factory.mktemp("served")
    for name in (MODEL, "tiny-reader"):
        assert export.main([str(saved_models / name), "--serving", "-o", str(folder)]) == 0
    words = [sys.executable, "-c", WITHOUT_TFHAND, str(EXAMPLES / "server.py"), str(folder), "--rest_api_port", "0"]
    words += ["--port", "0"] if importlib.util.find_spec("tensorflow_serving") else []
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    with subprocess.Popen(words, env=quiet, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout
        said = server.stdout.readline()
        rest, grpc = re.search(r"at (http://\S+)", said), re.search(r"grpc://(\S+)", said)
        assert rest, said
        assert "tiny-alphabet, tiny-reader" in said
        yield rest.group(1), grpc.group(1) if grpc else ""
        server.terminate()


@pytest.fixture(scope="module")
def hand(full_hand: Hand, tmp_path_factory) -> Path:
    """A Hand's folder of three letters."""
    folder = tmp_path_factory.mktemp("hand") / "hand"
    Hand({character: full_hand[character] for character in "ag7"}).save(folder)
    return folder


def module(name: str) -> SimpleNamespace:
    """What an example defines."""
    return SimpleNamespace(**runpy.run_path(str(EXAMPLES / f"{name}.py")))


def written(saved_models: Path, hand: Path, text: str, noise: np.ndarray) -> np.ndarray:
    """Glyphs by the pipeline."""
    pipeline, samples = GlyphPipeline.from_preset(saved_models / MODEL), Hand.load(hand).samples
    glyphs, numbers = np.stack([one.glyph for one in samples]), pipeline.numbers([one.character for one in samples])
    code = pipeline.codes(glyphs[None], numbers[None])
    return pipeline.write(np.repeat(code, len(text), axis=0), pipeline.numbers(text), noise.astype(np.float32))


def glyph(picture: bytes) -> np.ndarray:
    return 255 - np.asarray(Image.open(io.BytesIO(picture)))


def test_rest_writes_what_the_pipeline_writes(address, saved_models, hand):
    client, (server, _) = module("rest_client"), address
    url, text = f"{server}/v1/models/{MODEL}", "Dear"
    pictures, characters = client.samples_of(hand)
    code = client.ask(url, "learn_pictures", {"pictures": [pictures], "characters": [characters]})
    noise = 0.6 * np.random.default_rng(0).standard_normal((len(text), client.noise_size(url)))
    found = client.ask(url, "write_pictures", {"text": list(text), "code": code, "noise": noise.tolist()})
    letters = np.stack([glyph(base64.b64decode(one["b64"])) for one in found]).astype(int)
    expected = written(saved_models, hand, text, noise)
    assert expected.std() > 1
    assert np.abs(letters - expected).max() <= 2  # the samples were read by Pillow there, and by TensorFlow here
    rows = [{"text": one, "code": code[0], "noise": each.tolist()} for one, each in zip(text, noise, strict=True)]
    body = json.dumps({"signature_name": "write_glyphs", "instances": rows}).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{url}:predict", body)) as response:
        np.testing.assert_array_equal(json.load(response)["predictions"], letters)


def test_rest_reads(address, hand):
    client, (server, _) = module("rest_client"), address
    pictures, _ = client.samples_of(hand)
    found = client.ask(f"{server}/v1/models/tiny-reader", "read_pictures", {"pictures": pictures})
    assert len(found) == 3
    assert all(len(one) == 1 for one in found)


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("nobody:predict", b"{}", "Servable not found"),
        (f"{MODEL}:predict", b"no json", "Expecting value"),
        (f"{MODEL}:predict", b'{"signature_name": "sing", "inputs": {}}', "sing"),
        (
            f"{MODEL}:predict",
            b'{"signature_name": "write_glyphs", "inputs": {"text": ["a"]}}',
            "takes code, noise, text",
        ),
        (f"{MODEL}:predict", b'{"inputs": {"a": 1}}', "not found"),
    ],
)
def test_rest_says_what_is_wrong(address, path, body, told):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(f"{address[0]}/v1/models/{path}", body))
    with refused.value as response:
        assert told in json.load(response)["error"]
        assert response.code in (400, 404)


def test_grpc_writes_what_the_pipeline_writes(address, saved_models, hand):
    if not address[1]:
        pytest.skip("tensorflow-serving-api is not installed")
    client, text = module("grpc_client").Client(address[1], MODEL), "Dear"
    glyphs = [one.glyph for one in Hand.load(hand).samples]
    noise = 0.6 * np.random.default_rng(0).standard_normal((len(text), 4)).astype(np.float32)
    characters = np.array([[one.character.encode() for one in Hand.load(hand).samples]], object)
    code = client.ask("learn_glyphs", "code", glyphs=np.stack(glyphs)[None], characters=characters)
    letters = np.array([one.encode() for one in text], object)
    found = client.ask("write_pictures", "picture_bytes", text=letters, code=code, noise=noise)
    expected = written(saved_models, hand, text, noise)
    assert np.abs(np.stack([glyph(one) for one in found]).astype(int) - expected).max() <= 1


@pytest.mark.parametrize("name", ["rest_client", "grpc_client"])
def test_the_clients_write_pictures(address, hand, tmp_path, name):
    server = address[0] if name == "rest_client" else address[1]
    if not server:
        pytest.skip("tensorflow-serving-api is not installed")
    words = ["Dear Anna", str(hand), "-o", str(tmp_path / "out.png"), "--server", server, "--model", MODEL]
    words += [] if name == "rest_client" else ["--noise-size", "4"]
    script = [sys.executable, "-c", WITHOUT_TFHAND, str(EXAMPLES / f"{name}.py"), *words]
    done = subprocess.run(script, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    if name == "rest_client":
        with Image.open(tmp_path / "out.png") as line:
            assert line.size == (8 * 32, 32)
            assert np.asarray(line).std() > 1
    else:
        assert len(list((tmp_path / "out.png").iterdir())) == 8


def test_the_model_is_one_with_a_noise_of_four(saved_models):
    """As the test of gRPC takes it for granted."""
    assert presets.read_config(saved_models / MODEL)["config"]["form_size"] == 4

"""SavedModels: TensorFlow alone loads them, and they give the images of the networks."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from tfhand import export
from tfhand.errors import PresetError
from tfhand.models import presets
from tfhand.models import serving as savedmodel

LOAD = """
import json, sys
import numpy as np
import tensorflow as tf
folder, found = sys.argv[1], {}
with np.load(f"{folder}/inputs.npz") as stored:
    inputs = {name: stored[name] for name in stored.files}
outputs = {}
for model in ("tiny-hand", "tiny-stargan", "tiny-cgan", "tiny-cgan-writers", "tiny-stylegan"):
    signatures = tf.saved_model.load(f"{folder}/{model}").signatures
    for name in set(signatures) - {"serving_default"}:  # Keras' second name for the first of them
        wanted = signatures[name].structured_input_signature[1]
        found[f"{model} {name}"] = sorted(wanted)
        given = {key: tf.constant(inputs[f"{model} {name} {key}"]) for key in wanted}
        outputs |= {f"{model} {name} {key}": np.array(array) for key, array in signatures[name](**given).items()}
np.savez(f"{folder}/outputs.npz", **outputs)
found["tfhand"] = "tfhand" in sys.modules
print(json.dumps(found))
"""


RESULTS = {
    "encode_hand": "code",
    "write": "images",
    "translate": "images",
    "encode_style": "style",
    "map_latent": "style",
    "generate": "images",
    "hand": "code",
    "map": "styles",
    "synthesize": "images",
    "mix": "styles",
}


def inputs_of(networks) -> dict[str, dict[str, np.ndarray]]:
    """For each signature random inputs by name, 3 in a batch and 4 samples a hand."""
    rng = np.random.default_rng(0)
    inputs = {}
    for name, (_, specs) in savedmodel.endpoints(networks).items():
        inputs[name] = {}
        for spec in specs:
            shape = [3, *(4 if side is None else side for side in spec.shape[1:])]
            whole = spec.dtype == "int32"
            inputs[name][spec.name] = (
                rng.integers(0, 10, shape).astype(np.int32) if whole else rng.uniform(-1, 1, shape).astype(np.float32)
            )
    if "encode_hand" in inputs:
        inputs["encode_hand"]["mask"] = np.array([[1, 0, 0, 0], [1, 1, 1, 0], [1, 1, 1, 1]], np.float32)
    return inputs


@pytest.fixture(scope="module")
def exported(saved_models, tmp_path_factory) -> tuple[dict, dict, dict]:
    """(what the fresh process found, its outputs, the networks with their inputs)."""
    folder = tmp_path_factory.mktemp("exported")
    names = "tiny-hand", "tiny-stargan", "tiny-cgan", "tiny-cgan-writers", "tiny-stylegan"
    loaded = {name: registry.load(saved_models / name) for name in names}
    known = {name: (networks, inputs_of(networks)) for name, networks in loaded.items()}
    for name, (networks, _) in known.items():
        savedmodel.export(networks, folder / name)
    np.savez(
        folder / "inputs.npz",
        **{
            f"{model} {signature} {key}": array
            for model, (_, inputs) in known.items()
            for signature, named in inputs.items()
            for key, array in named.items()
        },
    )
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    result = subprocess.run(
        [sys.executable, "-c", LOAD, str(folder)],
        cwd=folder,
        env=clean | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert result.returncode == 0, result.stderr
    with np.load(folder / "outputs.npz") as stored:
        outputs = {name: stored[name] for name in stored.files}
    return json.loads(result.stdout), outputs, known


def test_weights_are_stored_once(saved_models, tmp_path):
    import tensorflow as tf

    networks = registry.load(saved_models / "tiny-stargan")
    savedmodel.export(networks, tmp_path / "out")
    stored = tf.train.list_variables(str(tmp_path / "out" / "variables" / "variables"))
    assert sum(int(np.prod(shape)) for name, shape in stored if shape) == networks.count_params()


def test_signatures_and_their_inputs_have_names(exported):
    found, _, _ = exported
    assert found == {
        "tfhand": False,
        "tiny-hand encode_hand": ["characters", "mask", "samples"],
        "tiny-hand write": ["characters", "code", "noise"],
        "tiny-stargan encode_style": ["domain", "image"],
        "tiny-stargan map_latent": ["domain", "latent"],
        "tiny-stargan translate": ["image", "style"],
        "tiny-cgan generate": ["characters", "noise"],
        "tiny-cgan-writers hand": ["transform", "writers"],
        "tiny-cgan-writers write": ["characters", "code", "noise"],
        "tiny-stylegan map": ["characters", "latent"],
        "tiny-stylegan mix": ["crossover", "first", "second"],
        "tiny-stylegan synthesize": ["characters", "noise", "styles"],
    }


def test_a_fresh_process_gives_the_same_images(exported):
    _, outputs, known = exported
    expected = {}
    for model, (networks, inputs) in known.items():
        for signature, named in inputs.items():  # each is named after the method that it offers
            expected[f"{model} {signature} {RESULTS[signature]}"] = np.asarray(getattr(networks, signature)(**named))
    assert outputs.keys() == expected.keys()
    for name, array in expected.items():
        assert array.std() > 0.01
        np.testing.assert_allclose(outputs[name], array, atol=1e-4, err_msg=name)


def test_foreign_folders_are_left_alone(saved_models, tmp_path, listing):
    networks = registry.load(saved_models / "tiny-hand")
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("Anna")
    for place in ("letters", "letters/dear.txt", "letters/dear.txt/model"):
        with pytest.raises(PresetError, match=r"not a SavedModel|Cannot write"):
            savedmodel.export(networks, tmp_path / place)
    assert listing() == ["letters", "letters/dear.txt"]
    assert (tmp_path / "letters" / "dear.txt").read_text() == "Anna"


def test_a_preset_without_signatures(saved_models, tmp_path):
    with pytest.raises(PresetError, match="Reader has no signatures"):
        savedmodel.export(registry.load(saved_models / "tiny-reader"), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


class TestCommand:
    def test_exports_and_replaces_its_own(self, shelf, tmp_path, capsys):
        out = tmp_path / "model"
        out.mkdir()
        for name in ("saved_model.pb", "older"):
            (out / name).write_text("from an older export")
        assert export.main(["tiny-stargan", "-o", str(out)]) == 0
        assert capsys.readouterr().out == f"Wrote {out} with the signatures translate, encode_style, map_latent.\n"
        names = {path.name for path in out.iterdir()}
        assert {"saved_model.pb", "variables"} <= names
        assert "older" not in names
        assert (out / "saved_model.pb").stat().st_size > 10_000
        assert [path.name for path in tmp_path.iterdir()] == ["model"]

    @pytest.mark.parametrize("words", [["no-such"], ["tiny-reader", "-o", "out"]])
    def test_bad_input(self, here, refusal, words):
        assert refusal(export.main, *words)
        assert list(here.iterdir()) == []

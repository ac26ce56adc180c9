"""Export to a SavedModel: signatures by name, weights once, and nothing else of anybody's is touched.

That TensorFlow alone loads one, and that it gives what the networks give, is in test_families.py and
test_saved_models.py.
"""

from __future__ import annotations

import shutil

import keras
import numpy as np
import pytest

from tests.support.tiny import TINY_PRESETS
from tfhand import export
from tfhand.errors import PresetError
from tfhand.models import presets, registry, serving
from tfhand.models.networks import Networks

SIGNATURES = {
    "tiny-hand": {
        "encode_hand": (["samples", "characters", "mask"], "code"),
        "write": (["code", "characters", "noise"], "images"),
    },
    "tiny-stargan": {
        "translate": (["image", "style"], "images"),
        "encode_style": (["image", "domain"], "style"),
        "map_latent": (["latent", "domain"], "style"),
    },
    "tiny-stargan-several": {
        "translate": (["image", "style"], "images"),
        "encode_style": (["image", "domain"], "style"),
        "map_latent": (["latent", "domain"], "style"),
        "encode_hand": (["images", "characters", "mask", "domain"], "style"),
    },
    "tiny-cgan": {"generate": (["characters", "noise"], "images")},
    "tiny-cgan-writers": {
        "write": (["code", "characters", "noise"], "images"),
        "hand": (["writers", "transform"], "code"),
    },
    "tiny-stylegan": {
        "map": (["latent", "characters"], "styles"),
        "synthesize": (["styles", "characters", "noise"], "images"),
        "mix": (["first", "second", "crossover"], "styles"),
    },
    "tiny-stroke-verifier": {"embed": (["glyphs", "characters", "mask"], "embeddings")},
    "tiny-strokes": {"trace": (["images", "characters"], "strokes")},
    "tiny-alphabet": {
        "encode_hand": (["samples", "characters", "mask"], "code"),
        "write": (["code", "characters", "noise"], "images"),
        "write_strokes": (["code", "characters", "noise"], "strokes"),
    },
    "tiny-reader": {"read": (["images"], "logits")},
    "tiny-verifier": {"embed": (["glyphs", "characters", "mask"], "embeddings")},
    "tiny-aligner": {"read": (["images"], "logits"), "find_letters": (["images"], "logits")},
    "tiny-aligner-recurrent": {"read": (["images"], "logits"), "find_letters": (["images"], "logits")},
}


def exported(networks: Networks, folder) -> list[str]:
    return serving.export(networks, registry.SPECS[networks.family].signatures(networks), folder)


@pytest.mark.parametrize("name", TINY_PRESETS)
def test_signatures_and_their_inputs_have_names(saved_models, name):
    signatures = registry.spec_of(saved_models / name).signatures(registry.load(saved_models / name))
    found = {each: (list(signature.inputs), signature.output) for each, signature in signatures.items()}
    assert found == SIGNATURES[name]


def test_weights_are_stored_once(saved_models, tmp_path):
    import tensorflow as tf

    networks = registry.load(saved_models / "tiny-stargan")
    exported(networks, tmp_path / "out")
    stored = tf.train.list_variables(str(tmp_path / "out" / "variables" / "variables"))
    assert sum(int(np.prod(shape)) for name, shape in stored if shape) == networks.count_params()


def test_foreign_folders_are_left_alone(saved_models, tmp_path, listing):
    networks = registry.load(saved_models / "tiny-hand")
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("Anna")
    for place in ("letters", "letters/dear.txt", "letters/dear.txt/model"):
        with pytest.raises(PresetError, match=r"not a SavedModel|Cannot write"):
            exported(networks, tmp_path / place)
    assert listing() == ["letters", "letters/dear.txt"]
    assert (tmp_path / "letters" / "dear.txt").read_text() == "Anna"


def test_another_backend_is_refused(saved_models, tmp_path, monkeypatch):
    networks = registry.load(saved_models / "tiny-reader")
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(PresetError, match="is made under TensorFlow"):
        exported(networks, tmp_path / "out")
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

    @pytest.mark.parametrize("words", [["no-such"], ["tiny-hand", "-o", "letters"]])
    def test_bad_input(self, here, refusal, words):
        (here / "letters").mkdir()
        (here / "letters" / "dear.txt").write_text("Anna")
        assert refusal(export.main, *words)
        assert [path.name for path in here.iterdir()] == ["letters"]

    def test_goes_into_the_preset_without_an_output(self, saved_models, tmp_path, capsys):
        """And the preset is then found to hold it; the networks are those of its weights file."""
        preset = tmp_path / "tiny-reader"
        shutil.copytree(saved_models / "tiny-reader", preset)
        assert export.main([str(preset)]) == 0
        assert capsys.readouterr().out == f"Wrote {preset / '1'} with the signatures read.\n"
        assert {path.name for path in preset.iterdir()} == {presets.CONFIG, presets.CARD, presets.WEIGHTS, "1"}

"""Presets come back as they were saved, half as large, and a broken one is refused with a sentence."""

from __future__ import annotations

import json
import sys

import h5py
import keras
import numpy as np
import pytest

from tfhand.errors import PresetError
from tfhand.models import presets

# Keras itself converts its variables in a way that NumPy 2.4 frowns upon
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")
TRAINING = {"data": ["synthetic"], "steps": 7, "seed": 1}


class Scribe(keras.Model):
    """A tiny model with nested layers, a weight of its own and one that float16 cannot hold."""

    def __init__(self, width=3):
        super().__init__()
        self.width = width
        self.blocks = [keras.layers.Dense(width, name="first"), keras.layers.Dense(2)]
        self.scale = self.add_weight(name="scale", shape=(2,), initializer="ones")
        self.huge = self.add_weight(
            name="huge", shape=(), initializer=keras.initializers.Constant(1e6), trainable=False
        )
        self(np.zeros((1, 4), np.float32))

    def call(self, x):
        for block in self.blocks:
            x = block(x)
        return x * self.scale + self.huge / 1e6

    def get_config(self):
        return {"width": self.width}


@pytest.fixture(autouse=True)
def _known(monkeypatch, tmp_path):
    monkeypatch.setitem(presets.CLASSES, "Scribe", __name__)
    monkeypatch.setitem(sys.modules, __name__, sys.modules[__name__])
    monkeypatch.setenv(presets.ENVIRONMENT, str(tmp_path / "models"))


@pytest.fixture
def saved(tmp_path):
    model = Scribe(width=5)
    path = presets.save(tmp_path / "models" / "scribe", model, TRAINING, "# card", characters="01", image_size=16)
    return model, path


def test_a_preset_comes_back(saved):
    model, path = saved
    x = np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4)
    loaded = registry.load("scribe")
    assert loaded.width == 5
    assert {variable.dtype for variable in loaded.weights} == {"float32"}
    np.testing.assert_allclose(loaded(x), model(x), atol=5e-3)
    assert (path / "README.md").read_text() == "# card"
    config = json.loads((path / "config.json").read_text())
    assert config == {
        "class": "Scribe",
        "arguments": {"width": 5},
        "characters": "01",
        "image_size": 16,
        "training": TRAINING,
    }
    assert presets.read_config(path) == config


def test_weights_are_halved_where_float16_holds_them_and_keras_reads_them(saved):
    model, path = saved
    kinds = []
    with h5py.File(path / "model.weights.h5") as file:
        file.visititems(lambda _, node: kinds.append(str(node.dtype)) if isinstance(node, h5py.Dataset) else None)
    assert sorted(kinds) == ["float16"] * 5 + ["float32"]
    other = Scribe(width=5)
    other.load_weights(path / "model.weights.h5")
    assert float(other.huge) == 1e6
    np.testing.assert_allclose(other.blocks[0].kernel, model.blocks[0].kernel, rtol=1e-3)


def test_saving_again_replaces_the_whole_folder(saved):
    _, path = saved
    (path / "savedmodel").mkdir()
    presets.save(path, Scribe(width=2), {}, "# new", characters="0", image_size=16)
    assert sorted(each.name for each in path.iterdir()) == ["README.md", "config.json", "model.weights.h5"]
    assert registry.load(path).width == 2
    assert [each.name for each in path.parent.iterdir()] == ["scribe"]


def test_a_failed_save_leaves_the_old_preset(saved, monkeypatch):
    _, path = saved
    monkeypatch.setattr(presets, "_save_weights", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(PresetError, match="No space left"):
        presets.save(path, Scribe(), {}, "", characters="0", image_size=16)
    assert registry.load(path).width == 5
    assert [each.name for each in path.parent.iterdir()] == ["scribe"]


def test_saving_never_replaces_anything_else(tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("dear")
    with pytest.raises(PresetError, match="something that is not a preset"):
        presets.save(tmp_path / "letters", Scribe(), {}, "", characters="0", image_size=16)
    with pytest.raises(PresetError, match="Cannot write"):
        presets.save(tmp_path / "letters" / "dear.txt" / "x", Scribe(), {}, "", characters="0", image_size=16)
    assert (tmp_path / "letters" / "dear.txt").read_text() == "dear"
    with pytest.raises(PresetError, match="Dense is no class of a preset"):
        presets.save(tmp_path / "dense", keras.layers.Dense(1), {}, "", characters="0", image_size=16)


def test_a_path_goes_before_the_environment(saved, monkeypatch, tmp_path):
    here = tmp_path / "here"
    presets.save(here / "scribe", Scribe(width=1), {}, "", characters="0", image_size=16)
    assert presets.find("scribe") == tmp_path / "models" / "scribe"
    monkeypatch.chdir(here)
    assert registry.load("scribe").width == 1
    assert registry.load("./scribe").width == 1


def test_available_and_unknown(saved, tmp_path):
    assert "scribe" in presets.available()
    with pytest.raises(PresetError, match=r"no preset 'scrib'; there are:.*scribe"):
        presets.find("scrib")
    (tmp_path / "empty").mkdir()
    with pytest.raises(PresetError, match=r"empty is not a preset: it has no config\.json"):
        presets.find(tmp_path / "empty")


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ("{", "not a JSON file"),
        ("[]", "must hold one object"),
        ('{"class": "Scribe"}', "has no 'arguments'"),
        ({"class": "os.system"}, "names the class 'os.system'; known are"),
        ({"class": ["Scribe"]}, "names the class"),
        ({"arguments": [5]}, "must hold an object of 'arguments'"),
        ({"arguments": {"depth": 5}}, r"cannot be built from its config\.json"),
        ({"arguments": {"width": 6}}, "do not fit the model"),
    ],
)
def test_a_broken_config_is_refused(saved, config, sentence):
    path = saved[1] / "config.json"
    if isinstance(config, dict):
        config = json.dumps({**json.loads(path.read_text()), **config})
    path.write_text(config)
    with pytest.raises(PresetError, match=sentence) as caught:
        registry.load("scribe")
    assert "\n" not in str(caught.value)


def test_broken_weights_are_refused(saved):
    path = saved[1] / "model.weights.h5"
    whole = path.read_bytes()
    for broken in (whole[: len(whole) // 2], b"", b"no weights"):
        path.write_bytes(broken)
        with pytest.raises(PresetError, match="cut short or not an HDF5 file"):
            registry.load("scribe")
    path.write_bytes(whole)
    with h5py.File(path, "a") as file:
        del file["blocks"]
    with pytest.raises(PresetError, match="2 arrays for 6 variables"):
        registry.load("scribe")
    path.unlink()
    with pytest.raises(PresetError, match=r"has no model\.weights\.h5"):
        registry.load("scribe")

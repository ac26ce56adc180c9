"""Presets come back as they were saved, half as large, and a broken one is refused with a sentence."""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import MappingProxyType

import h5py
import keras
import numpy as np
import pytest

from tests.support.tiny import TINY, TINY_PRESETS
from tfhand.core.config import as_json, setting
from tfhand.errors import HandwritingError, PresetError
from tfhand.models import presets, registry
from tfhand.models.generation import GenerationConfig
from tfhand.models.networks import Networks
from tfhand.models.serving import export
from tfhand.models.spec import Capability, ModelSpec, always

TRAINING = {"data": [{"name": "synthetic"}], "steps": 7, "seed": 1}


@dataclass(frozen=True)
class ScribeConfig:
    characters: str = setting("01", "what it knows")
    image_size: int = setting(16, "pixels")
    width: int = setting(3, "units")

    def __post_init__(self):
        if self.width < 1:
            raise ValueError("width must be 1 or more.")


class Scribe(Networks):
    """Tiny networks with nested layers, a weight of their own and one that float16 cannot hold."""

    family = "scribe"
    config_class = ScribeConfig

    def __init__(self, **config):
        super().__init__(**config)
        self.blocks = [keras.layers.Dense(self.config.width, name="first"), keras.layers.Dense(2)]
        self.scale = self.add_weight(name="scale", shape=(2,), initializer="ones")
        self.huge = self.add_weight(
            name="huge", shape=(), initializer=keras.initializers.Constant(1e6), trainable=False
        )
        self(np.zeros((1, 4), np.float32))

    @property
    def parts(self):
        return {}

    def call(self, x):
        for block in self.blocks:
            x = block(x)
        return x * self.scale + self.huge / 1e6


SCRIBE = ModelSpec(
    name="scribe",
    help="for tests",
    config=ScribeConfig,
    train_config=ScribeConfig,
    networks=lambda: Scribe,
    make_trainer=lambda *_: None,
    capabilities=always(Capability.READS),
    signatures=lambda networks: {},
)


@pytest.fixture(autouse=True)
def _known(monkeypatch, tmp_path):
    monkeypatch.setattr(registry, "SPECS", MappingProxyType({**registry.SPECS, "scribe": SCRIBE}))
    monkeypatch.setenv(presets.ENVIRONMENT, str(tmp_path / "models"))


@pytest.fixture
def saved(tmp_path):
    model, path = Scribe(width=5), tmp_path / "models" / "scribe"
    model.save_to_preset(path, training=TRAINING, card="# card")
    return model, path


def test_a_preset_comes_back(saved):
    model, path = saved
    x = np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4)
    loaded = registry.load("scribe")
    assert loaded.config == ScribeConfig(width=5)
    assert (loaded.characters, loaded.image_size) == ("01", 16)
    assert {variable.dtype for variable in loaded.weights} == {"float32"}
    np.testing.assert_allclose(loaded(x), model(x), atol=5e-3)
    assert (path / "README.md").read_text() == "# card"
    values = json.loads((path / "config.json").read_text())
    assert values == {
        "family": "scribe",
        "config": {"characters": "01", "image_size": 16, "width": 5},
        "characters": "01",
        "image_size": 16,
        "generation": as_json(GenerationConfig()),
        "training": TRAINING,
    }
    assert tuple(values) == tuple(presets.KEYS)
    assert presets.read_config(path) == values
    assert presets.generation_of(path) == GenerationConfig()


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
    (path / "1").mkdir()
    generation = GenerationConfig(steps=3, verifier="someone")
    Scribe(width=2).save_to_preset(path, card="# new", generation=generation)
    assert sorted(each.name for each in path.iterdir()) == ["README.md", "config.json", "model.weights.h5"]
    assert registry.load(path).config.width == 2
    assert presets.generation_of(path) == generation
    assert [each.name for each in path.parent.iterdir()] == ["scribe"]


def test_a_failed_save_leaves_the_old_preset(saved, monkeypatch):
    _, path = saved
    monkeypatch.setattr(presets, "save_h5", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(PresetError, match="No space left"):
        Scribe().save_to_preset(path)
    assert registry.load(path).config.width == 5
    assert [each.name for each in path.parent.iterdir()] == ["scribe"]


def test_saving_never_replaces_anything_else(tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("dear")
    with pytest.raises(PresetError, match="something that is not a preset"):
        Scribe().save_to_preset(tmp_path / "letters")
    with pytest.raises(PresetError, match="Cannot write"):
        Scribe().save_to_preset(tmp_path / "letters" / "dear.txt" / "x")
    assert (tmp_path / "letters" / "dear.txt").read_text() == "dear"


def test_auxiliary_networks_lie_beside_and_come_back(saved, tmp_path):
    model, path = saved
    beside, other = Scribe(), Scribe()
    model.save_to_preset(path, auxiliary={"discriminator": beside})
    presets.load_auxiliary(path, {"discriminator": other, "absent": model})
    np.testing.assert_array_equal(other.blocks[0].kernel, presets.as_stored(beside.blocks[0].kernel.numpy()))
    assert (path / "discriminator.weights.h5").is_file()
    with pytest.raises(PresetError, match="do not fit"):
        presets.load_auxiliary(path, {"discriminator": Scribe(width=9)})


def test_a_path_goes_before_the_environment(saved, monkeypatch, tmp_path):
    here = tmp_path / "here"
    Scribe(width=1).save_to_preset(here / "scribe")
    assert presets.find("scribe") == tmp_path / "models" / "scribe"
    monkeypatch.chdir(here)
    assert registry.load("scribe").config.width == 1
    assert registry.load("./scribe").config.width == 1


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
        ('{"family": "scribe"}', "has no 'config'"),
        ({"family": "os.system"}, "names the family 'os.system'; known are hand, cgan"),
        ({"family": ["scribe"]}, "must hold a text .family."),
        ({"config": [5]}, "must hold an object 'config'"),
        ({"generation": 5}, "must hold an object 'generation'"),
        ({"config": {"depth": 5}}, r"scribe cannot be built from its config\.json: There is no setting 'depth'"),
        ({"config": {"width": 0}}, r"scribe cannot be built from its config\.json: width must be 1 or more\.$"),
        ({"config": {"width": 6}}, "do not fit the model"),
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


def test_a_broken_generation_block_is_refused(saved):
    path = saved[1] / "config.json"
    for block, sentence in (({"pace": 3}, "no setting 'pace'"), ({"steps": -1}, "cannot be negative")):
        path.write_text(json.dumps({**json.loads(path.read_text()), "generation": block}))
        with pytest.raises(PresetError, match=f"scribe has a config.json whose 'generation' is wrong: .*{sentence}"):
            presets.generation_of("scribe")


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
    with pytest.raises(PresetError, match=r"has neither model\.weights\.h5 nor a SavedModel"):
        registry.load("scribe")


class TestSavedModelWeights:
    """A preset may keep its weights as the variables of its SavedModel."""

    @pytest.fixture
    def moved(self, saved):
        model, path = saved
        export(model, {}, path / presets.SAVED_MODEL)
        (path / presets.WEIGHTS).unlink()
        return model, path

    def test_are_the_same_numbers(self, moved):
        for loaded, weight in zip(registry.load("scribe").weights, moved[0].weights, strict=True):
            np.testing.assert_array_equal(loaded, presets.as_stored(weight.numpy()))

    def test_that_are_broken_are_refused(self, moved):
        (data,) = (moved[1] / presets.SAVED_MODEL / "variables").glob("*.data*")
        index = data.with_name("variables.index")
        whole = index.read_bytes()
        index.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(PresetError, match=r"cannot be read: .*fetch it again") as caught:
            registry.load("scribe")
        assert "\n" not in str(caught.value)
        index.write_bytes(whole)
        data.write_bytes(data.read_bytes()[:10])
        with pytest.raises(PresetError, match=r"cannot be read: .*fetch it again"):
            registry.load("scribe")

    def test_of_other_networks_are_refused(self, moved):
        path = moved[1] / "config.json"
        path.write_text(path.read_text().replace('"width": 5', '"width": 6'))
        with pytest.raises(PresetError, match="does not fit the model; export it anew"):
            registry.load("scribe")


class TestUse:
    """What somebody does who takes networks from a preset by hand."""

    def test_a_preset_of_another_family_is_refused(self, saved_models):
        from tfhand.models.hand.networks import HandNetworks

        with pytest.raises(PresetError) as caught:
            HandNetworks.from_preset(saved_models / "tiny-reader")
        said = str(caught.value)
        assert said == f"The preset {saved_models / 'tiny-reader'} is of the family 'reader', not 'hand'."

    @pytest.mark.parametrize(("name", "family"), [(name, family) for name, (family, _) in TINY_PRESETS.items()])
    def test_what_a_preset_can_do_is_known_by_name(self, saved_models, monkeypatch, name, family):
        monkeypatch.setenv(presets.ENVIRONMENT, str(saved_models))
        spec = registry.spec_of(name)
        assert spec.name == family
        assert registry.capabilities(name) == spec.capabilities(TINY_PRESETS[name][1])
        writes = Capability.WRITES in registry.capabilities(name)
        assert writes == (family not in ("strokes", "reader", "verifier", "stroke-verifier", "aligner"))
        assert (Capability.HAS_WRITERS in registry.capabilities(name)) == (name == "tiny-cgan-writers")
        if not writes:
            with pytest.raises(HandwritingError, match=f"{name} does not write; choose another for --preset"):
                registry.require_capability(name, Capability.WRITES, "--preset")
        with pytest.raises(PresetError, match="choose another for --judge"):
            registry.require_capability(name, Capability(0), "--judge", image_size=TINY[family].image_size + 1)

"""What a run is to do: who goes before whom, what is refused, and the Python way to train."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import keras
import numpy as np
import pytest

from tests.support.dots import DOT, DotConfig, Dots, DotTrainConfig, make_trainer
from tfhand.core.config import as_json
from tfhand.errors import HandwritingError
from tfhand.models import registry
from tfhand.models.generation import GenerationConfig
from tfhand.models.reader.networks import Reader
from tfhand.models.registry import SPECS
from tfhand.training import RunConfig, RunDirectory, RunOptions, fit
from tfhand.training.family import WarmStart

ROOT = Path(__file__).resolve().parents[2]


def begin(archives, config, train_config, seed, preset):
    """A trainer that begins with a preset of dots."""
    setup = make_trainer(archives, config, train_config, seed)
    setup.trainer.init_weights(Dots.from_preset(preset).get_weights())
    return setup


WARM = replace(
    DOT,
    warm_start=WarmStart("train it on", MappingProxyType({"steps": 3, "learning_rate": 0.3, "log_every": 2}), begin),
)
DATA = {"data": ["synthetic:2:1"]}


@pytest.fixture
def preset(tmp_path) -> Path:
    """Of dots of width 5, whose hand codes a verifier finds."""
    networks = Dots(**as_json(DotConfig(width=5)))
    networks.save_to_preset(tmp_path / "wide", generation=GenerationConfig(noise_scale=0.1))
    return tmp_path / "wide"


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"learning_rate": 0.6, "seed": 7}))
    return path


def test_defaults():
    config = RunConfig.resolve(DOT)
    assert (config.options, config.config, config.train_config) == (RunOptions(), DotConfig(), DotTrainConfig())
    assert (config.origin, config.source, config.preset) == (None, None, None)


def test_a_preset_goes_before_defaults(preset):
    config = RunConfig.resolve(WARM, DATA, from_preset=str(preset))
    assert config.config == DotConfig(width=5)
    assert (config.options.steps, config.options.log_every, config.train_config.learning_rate) == (3, 2, 0.3)
    assert config.train_config.batch_size == DotTrainConfig().batch_size
    assert config.source.name == str(preset)


def test_a_file_goes_before_a_preset_and_values_before_a_file(preset, file):
    by_file = RunConfig.resolve(WARM, DATA, file=file, from_preset=str(preset))
    assert (by_file.options.steps, by_file.options.seed, by_file.train_config.learning_rate) == (3, 7, 0.6)
    by_value = RunConfig.resolve(WARM, {**DATA, "seed": 8}, file=file, from_preset=str(preset))
    assert (by_value.options.steps, by_value.options.seed, by_value.train_config.learning_rate) == (3, 8, 0.6)


def test_a_run_goes_before_defaults_and_values_before_a_run(tmp_path, preset, file):
    values = {**DATA, "steps": 2, "learning_rate": 0.2, "seed": 4}
    run = fit(RunConfig.resolve(WARM, values, from_preset=str(preset), run_dir=tmp_path / "runs"))
    resumed = RunConfig.resolve(WARM, {"steps": 5}, resume=run.folder)
    assert (resumed.options.steps, resumed.options.seed, resumed.train_config.learning_rate) == (5, 4, 0.2)
    assert (resumed.config.width, resumed.options.log_every) == (5, 2)  # what the preset gave, the run has kept
    assert (resumed.resumed.folder, resumed.branched, resumed.source.name) == (run.folder, None, str(preset))
    branch = RunConfig.resolve(WARM, {"seed": 9}, file=file, branch=run.folder)
    assert (branch.options.seed, branch.train_config.learning_rate, branch.options.steps) == (9, 0.6, 2)
    assert (branch.resumed, branch.branched.folder) == (None, run.folder)
    record = RunConfig.resolve(DOT, {"steps": 1}, file=run.folder / "config.json")  # a new run with its settings
    assert (record.options.seed, record.options.steps, record.config.width, record.origin) == (4, 1, 5, None)


def test_a_run_that_knows_no_such_option_had_its_default(tmp_path):
    """It was begun by a tfhand without the option."""
    config = RunConfig.resolve(DOT, DATA)
    settings = {name: value for name, value in config.values.items() if name not in ("precision", "strategy")}
    run = RunDirectory.create(tmp_path, "old", {"family": "dot", "config": settings})
    assert RunConfig.resolve(DOT, resume=run.folder).options == config.options
    assert RunConfig.resolve(DOT, {"strategy": "mirrored"}, resume=run.folder).options.strategy == "mirrored"
    with pytest.raises(HandwritingError, match="was trained with --precision float32; go on without it"):
        RunConfig.resolve(DOT, {"precision": "mixed_bfloat16"}, resume=run.folder)


def test_values_hold_all_settings_for_the_record():
    config = RunConfig.resolve(DOT, {**DATA, "width": 6})
    assert config.values == {**as_json(config.options), **as_json(config.config), **as_json(config.train_config)}
    assert json.loads(json.dumps(config.values)) == config.values
    assert config.values["width"] == 6


@pytest.mark.parametrize(
    ("values", "options", "sentence"),
    [
        ({"widht": 3}, {}, "There is no setting 'widht'; the settings are "),
        ({"width": 3.5}, {}, "The setting 'width' must be a whole number, not 3.5."),
        ({"steps": 0}, {}, "steps, log_every and samples_every must be 1 or more."),
        ({"seed": -1}, {}, "seed and checkpoint_minutes cannot be negative."),
        ({"data": []}, {}, "data must name at least one data set."),
        ({"jit": "maybe"}, {}, "The setting 'jit' must be one of auto, on, off, not 'maybe'."),
        ({}, {"resume": "here", "branch": "there"}, "give one of them."),
        ({}, {"resume": "here", "from_preset": "wide"}, "give one of them."),
        ({}, {"resume": "nowhere"}, "nowhere is not a run's folder: it has no config.json."),
        ({}, {"branch": "nowhere"}, "nowhere is not a run's folder: it has no config.json."),
        ({}, {"file": "none.json"}, "Cannot read none.json: No such file or directory."),
        ({}, {"from_preset": "no-such-preset"}, "There is no preset 'no-such-preset'"),
        ({}, {"from_preset": "wide"}, "--from learns somebody's letters; say whose with --data."),
        ({**DATA, "width": 6}, {"from_preset": "wide"}, "The preset wide has its own --width, 5; leave --width out"),
    ],
)
def test_refusals_are_one_sentence(values, options, sentence, preset, monkeypatch):
    monkeypatch.chdir(preset.parent)
    with pytest.raises(HandwritingError) as refused:
        RunConfig.resolve(WARM, values, **options)
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)
    assert str(refused.value).endswith(".")


def test_a_preset_of_another_family_is_refused(saved_models):
    with pytest.raises(HandwritingError, match="goes on with a preset of its own family"):
        RunConfig.resolve(SPECS["cgan"], DATA, from_preset=str(saved_models / "tiny-stylegan"))


def test_a_configuration_is_resolved_without_argparse_and_keras():
    """No command line is asked for, and what is refused is an exception, never the end of the process."""
    code = (
        "import sys\n"
        "from tfhand.models.registry import SPECS\n"
        "from tfhand.training import RunConfig\n"
        "RunConfig.resolve(SPECS['reader'], {'steps': 3})\n"
        "print(sorted({'argparse', 'keras', 'tensorflow'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


@pytest.mark.parametrize("room", ["core", "hands", "data", "nn", "training", "models"])
def test_command_lines_are_read_by_commands_alone(room):
    files = sorted((ROOT / "tfhand" / room).rglob("*.py"))
    assert files
    assert [file.name for file in files if "argparse" in file.read_text(encoding="utf-8")] == []


def test_training_in_python(tmp_path, people):
    """A family of the house, from a configuration to a preset that loads."""
    people.save(tmp_path / "six.npz")
    values = {
        "data": [str(tmp_path / "six.npz")],
        "steps": 3,
        "log_every": 2,
        "characters": "01a",
        "image_size": 8,
        "widths": [2, 2],
        "features": 3,
        "hands": 2,
        "targets": 2,
    }
    epochs = []
    counter = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: epochs.append((epoch, sorted(logs))))
    run = fit(RunConfig.resolve(SPECS["reader"], values, run_dir=tmp_path / "runs"), [counter])
    assert isinstance(run, RunDirectory)
    assert (run.folder.name, run.step) == ("0001-reader-six", 3)
    assert epochs == [(0, ["accuracy", "loss"]), (1, ["accuracy", "loss"])]
    networks = registry.load(run.preset)
    assert isinstance(networks, Reader)
    assert networks.characters == "01a"
    assert np.isfinite(networks(np.zeros((1, 8, 8, 1), np.float32))).all()

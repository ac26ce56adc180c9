"""Configurations come back from JSON as they went, and what cannot be is refused with a sentence."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, fields

import pytest

from tests.support.knobs import Knobs
from tfhand.core.config import (
    ConfigError,
    as_json,
    config_from,
    field_names,
    split_fields,
)
from tfhand.models.generation import GenerationConfig
from tfhand.models.hand.config import HandConfig
from tfhand.models.registry import SPECS
from tfhand.models.stargan.config import StarGANConfig, StarGANTrainConfig
from tfhand.training.run_config import RunOptions

CLASSES = (RunOptions, GenerationConfig, *(cls for spec in SPECS.values() for cls in (spec.config, spec.train_config)))


@pytest.mark.parametrize("cls", CLASSES)
def test_every_setting_is_explained_and_survives_json(cls):
    assert [field.name for field in fields(cls) if not field.metadata["help"]] == []
    config = cls()
    assert config_from(cls, json.loads(json.dumps(as_json(config)))) == config


def test_settings_of_a_family_never_share_a_name():
    for spec in SPECS.values():
        names = [name for cls in (RunOptions, spec.config, spec.train_config) for name in field_names(cls)]
        assert len(names) == len(set(names))


def test_a_configuration_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        StarGANTrainConfig().cycle = 2.0


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"counts": 1}, "There is no setting 'counts'"),
        ({"count": "3"}, "'count' must be a whole number, not '3'"),
        ({"count": True}, "'count' must be a whole number, not True"),
        ({"count": None}, "'count' must be a whole number, not None"),
        ({"rate": float("nan")}, "'rate' must be a number, not nan"),
        ({"widths": 4}, "'widths' must be a list, not 4"),
        ({"widths": [4, "8"]}, "'widths' must be a whole number, not '8'"),
        ({"mode": "left"}, "'mode' must be one of up, down, not 'left'"),
        ({"loud": 1}, "'loud' must be true or false, not 1"),
        ({"name": 1}, "'name' must be a text, not 1"),
    ],
)
def test_wrong_values_are_refused(values, sentence):
    with pytest.raises(ConfigError, match=sentence.replace("'", ".")):
        config_from(Knobs, values)


@pytest.mark.parametrize(
    ("cls", "values", "word"),
    [
        (StarGANConfig, {"image_size": 30}, "multiple of 8"),
        (StarGANConfig, {"image_size": 2**20}, "at most 512"),
        (StarGANConfig, {"latent_size": 0}, "latent_size must be 1 or more"),
        (StarGANConfig, {"characters": "11"}, "each once"),
        (StarGANTrainConfig, {"learning_rate": -1.0}, "learning_rate must be 0 or more"),
        (StarGANTrainConfig, {"batch_size": 0}, "batch_size must be 1 or more"),
        (HandConfig, {"image_size": 48}, "image_size is 48"),
        (HandConfig, {"encoder_widths": [16, 0, 64, 64]}, "encoder_widths must be 1 or more"),
    ],
)
def test_impossible_sizes_are_refused(cls, values, word):
    with pytest.raises(ConfigError, match=word):
        config_from(cls, values)


def test_values_are_sorted_by_class():
    assert split_fields({"count": 1, "latent_size": 2}, Knobs, StarGANConfig) == [{"count": 1}, {"latent_size": 2}]
    with pytest.raises(ConfigError, match="no setting 'depth'"):
        split_fields({"depth": 1}, Knobs)

"""Settings come back from flags and JSON as they went, and what cannot be is refused with a sentence."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass, fields
from typing import Literal

import pytest

from tfhand.cli.flags import add_flags, given, helps
from tfhand.core.config import ConfigError, as_json, config_from, read_json, split_fields, write_json
from tfhand.models.hand.config import HandConfig
from tfhand.models.registry import SPECS
from tfhand.models.stargan.config import StarGANConfig, StarGANTrainConfig
from tfhand.training.run_config import Options


@dataclass(frozen=True)
class Knobs:
    """All kinds of settings.

    Attributes:
        count: how many
        rate: how fast, which
            takes 50% of a second line
        widths: channels
        name: what it is called
        mode: which way
        loud: whether it is heard
    """

    count: int = 3
    rate: float = 0.5
    widths: tuple[int, ...] = (4, 8)
    name: str | None = None
    mode: Literal["up", "down"] = "up"
    loud: bool = True


def parse(*words: str) -> Knobs:
    parser = argparse.ArgumentParser()
    add_flags(parser, Knobs, "knobs", aliases={"count": "--how-many"})
    return config_from(Knobs, given(parser.parse_args(words), Knobs))


def test_no_flags_are_the_defaults():
    assert parse() == Knobs()


def test_every_kind_of_flag():
    words = "--count 5 --rate 2 --widths 1 2 3 --widths 4 --name a --mode down --no-loud"
    assert parse(*words.split()) == Knobs(5, 2.0, (1, 2, 3, 4), "a", "down", False)


def test_an_alias_sets_the_same_field():
    assert parse("--how-many", "7").count == 7


@pytest.mark.parametrize("words", ["--count 1.5", "--rate fast", "--mode left", "--widths", "--unknown 1"])
def test_a_wrong_flag_exits_with_2(words, capsys):
    with pytest.raises(SystemExit) as exit_:
        parse(*words.split())
    assert exit_.value.code == 2
    assert words.split()[0] in capsys.readouterr().err


def test_only_given_flags_are_given():
    parser = argparse.ArgumentParser()
    add_flags(parser, Knobs, "knobs")
    assert given(parser.parse_args(["--count", "3"]), Knobs) == {"count": 3}


def test_help_shows_text_and_default():
    parser = argparse.ArgumentParser(formatter_class=lambda prog: argparse.HelpFormatter(prog, width=200))
    add_flags(parser, Knobs, "knobs")
    text = parser.format_help()
    assert "how fast, which takes 50% of a second line (default: 0.5)" in text
    assert "channels (default: 4 8)" in text
    assert "what it is called (default: none)" in text
    assert "whether it is heard (default: on)" in text


@pytest.mark.parametrize("cls", sorted({c for f in SPECS.values() for c in (f.settings, f.training)}, key=str))
def test_every_setting_of_every_family_is_explained_and_survives_json(cls):
    assert [name for name, text in helps(cls).items() if not text] == []
    settings = cls()
    assert config_from(cls, json.loads(json.dumps(as_json(settings)))) == settings


def test_settings_of_a_family_never_share_a_name():
    for family in SPECS.values():
        names = [field.name for cls in (Options, family.settings, family.training) for field in fields(cls)]
        assert len(names) == len(set(names))


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
        (StarGANConfig, {"image_size": 30}, "multiple of 4"),
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


def test_json_file_round_trip(tmp_path):
    write_json(tmp_path / "new" / "a.json", {"characters": "äß", "n": [1, 2]})
    assert read_json(tmp_path / "new" / "a.json") == {"characters": "äß", "n": [1, 2]}


@pytest.mark.parametrize("content", [b"{", b"[1]", b"\xff\xfe\x00", b""])
def test_broken_json_files_are_refused(tmp_path, content):
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"a\.json"):
        read_json(path)
    with pytest.raises(ConfigError, match="Cannot read"):
        read_json(tmp_path / "none.json")


@pytest.mark.parametrize("module", ["fit", "bench"])
def test_parsers_do_not_wake_tensorflow(module):
    code = f"import sys, tfhand.{module} as m; m.build_parser(); print({{'tensorflow', 'keras'}} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "set()"

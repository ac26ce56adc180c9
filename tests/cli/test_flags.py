"""Settings come back from flags as they went, and a flag that cannot be is refused by its name."""

from __future__ import annotations

import argparse
import subprocess
import sys

import pytest

from tests.support.knobs import Knobs
from tfhand.cli.flags import add_flags, given
from tfhand.core.config import config_from


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
    with pytest.raises(SystemExit) as stopped:
        parse(*words.split())
    assert stopped.value.code == 2
    assert words.split()[0] in capsys.readouterr().err


def test_only_given_flags_are_given():
    parser = argparse.ArgumentParser()
    add_flags(parser, Knobs, "knobs")
    assert given(parser.parse_args(["--count", "3"]), Knobs) == {"count": 3}


def test_help_shows_text_and_default():
    parser = argparse.ArgumentParser(formatter_class=lambda prog: argparse.HelpFormatter(prog, width=200))
    add_flags(parser, Knobs, "knobs")
    text = parser.format_help()
    assert "how fast, which takes 50% of the time (default: 0.5)" in text
    assert "channels (default: 4 8)" in text
    assert "what it is called (default: none)" in text
    assert "whether it is heard (default: on)" in text


@pytest.mark.parametrize("module", ["fit", "bench"])
def test_parsers_do_not_wake_tensorflow(module):
    code = f"import sys, tfhand.{module} as m; m.build_parser(); print({{'tensorflow', 'keras'}} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "set()"

"""What others rely on keeps its name: see tests/support/public_names.py."""

from __future__ import annotations

import json

import pytest

from tests.support import public_names


@pytest.fixture(scope="module")
def now() -> dict:
    return json.loads(json.dumps(public_names.collect()))


@pytest.mark.parametrize("part", ["tfhand", "commands", "config.json", "configurations", "SavedModels", "hand.json"])
def test_public_names_are_as_they_were(now, part):
    golden = json.loads(public_names.FILE.read_text(encoding="utf-8"))
    assert sorted(golden) == sorted(now)
    assert now[part] == golden[part], (
        "run `python -m tests.support.public_names` if this is meant, and tell CHANGELOG.md"
    )

"""What tests of the page share: a person on it, and tiny networks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import tfhand
from tfhand.app.models import Models
from tfhand.app.session import OWN, Session
from tfhand.synthesis.synthesizer import Synthesizer


@pytest.fixture
def session() -> Iterator[Session]:
    """A person who has said that it is their own hand."""
    one = Session()
    one.agree(OWN, "Anna Müller")
    yield one
    one.close()


@pytest.fixture(scope="session")
def pen(saved_models: Path) -> Synthesizer:
    return tfhand.load(saved_models / "tiny-hand")


@pytest.fixture
def models(shelf: Path) -> Models:
    return Models("tiny-hand", "", "")

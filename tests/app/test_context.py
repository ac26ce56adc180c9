"""What an action of the page does to its outputs."""

from __future__ import annotations

from typing import Any

import gradio as gr
import pytest

from tfhand.app.context import AppContext
from tfhand.app.limits import Limits
from tfhand.app.sessions import Sessions
from tfhand.errors import HandwritingError

UNCHANGED = gr.skip()


@pytest.fixture
def outcome(session, models, tmp_path):
    """What the message and two outputs become, one tuple for each answer of an action to the browser."""

    def outcome(action) -> list[tuple[Any, ...]]:
        app = AppContext(Sessions(Limits(), tmp_path), models)
        tied = app.on(lambda tied, inputs, outputs, **options: tied, action, [], [gr.HTML(), gr.HTML()])
        return list(tied(session))

    return outcome


def test_what_an_action_gives_is_shown_and_the_message_goes(outcome):
    assert outcome(lambda session: ("a", "b")) == [("", "a", "b")]


def test_a_refusal_is_told_and_changes_nothing(outcome):
    def refuse(session):
        raise HandwritingError("The hand has no letters yet; give a picture of some first.")

    [(told, *outputs)] = outcome(refuse)
    assert "no letters yet" in told
    assert outputs == [UNCHANGED, UNCHANGED]


def test_an_action_that_gives_nothing_leaves_the_message_as_well(outcome):
    def nothing(session):
        yield from ()

    assert outcome(nothing) == [(UNCHANGED, UNCHANGED, UNCHANGED)]

"""What all parts of the page share: the person's session, a place for messages, and how buttons do something."""

from __future__ import annotations

import base64
import contextlib
import html
import inspect
import io
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import gradio as gr
import numpy as np
from PIL import Image

from tfhand.app import catalogue
from tfhand.app.models import Models
from tfhand.app.session import Session
from tfhand.app.sessions import Sessions
from tfhand.app.work import Cancelled, Expectation, Progress, watched
from tfhand.errors import HandwritingError

HEAVY, LIGHT = "heavy", "light"  # what may run beside what
AT_ONCE = {HEAVY: 2, LIGHT: 8}
SMALL = 40_000  # bytes of a PNG that need not be smaller


class AppContext:
    """The page while it is built, and what its actions need.

    Args:
        sessions: of all people.
        models: that read and write.
    """

    def __init__(self, sessions: Sessions, models: Models):
        self.sessions, self.models = sessions, models
        self.session = gr.State(None)
        self.message = gr.HTML("", elem_id="message")

    @staticmethod
    def text(key: str) -> Any:
        """A text that the browser shows in its language."""
        return gr.I18n()(key)

    def on(
        self,
        event: Callable[..., Any],
        action: Callable[..., Any],
        inputs: Sequence[Any] = (),
        outputs: Sequence[Any] = (),
        kind: str = LIGHT,
        data: bool = False,
        **options: Any,
    ) -> Any:
        """Ties an event to an action.

        Args:
            event: of a component, such as `button.click`.
            action: is called with the session, then the inputs; gives the outputs, as a tuple if they are several. One
                that is a generator function gives `Progress` before, which is shown with a bar.
            inputs, outputs: components.
            kind: HEAVY work waits for other heavy work.
            data: the action gets what a script of the page gave the event, a dict, after the session.
            **options: of the event.

        A HandwritingError is shown as its sentence, and leaves the outputs as they are; so does an action that gives
        nothing, and the message with them.
        """
        options = {"show_progress": "hidden", "api_visibility": "private", **options}
        return event(
            (self._told_data if data else self._told)(action, len(outputs)),
            [self.session, *inputs],
            [self.message, *outputs],
            concurrency_id=kind,
            concurrency_limit=AT_ONCE[kind],
            **options,
        )

    def stop(self, button: Any) -> None:
        """Ties a button to the end of the long work that goes on."""
        self.on(button.click, lambda session: session.stopped.set())

    def learn(self, session: Session) -> None:
        """Learns a hand in the background, so that it is known when a text is to be written."""

        def run() -> None:
            with contextlib.suppress(HandwritingError):  # it is told where the person waits for it
                session.complete(self.models.pen)

        threading.Thread(target=run, name="tfhand-learning", daemon=True).start()

    def _told_data(self, action: Callable[..., Any], count: int) -> Callable[..., Iterator[tuple]]:
        told = self._told(action, count)

        def run(event: gr.EventData, session: Session | None, *values: Any) -> Iterator[tuple]:
            yield from told(session, event._data if isinstance(event._data, dict) else {}, *values)

        return run

    def _told(self, action: Callable[..., Any], count: int) -> Callable[..., Iterator[tuple]]:
        same = tuple(gr.skip() for _ in range(count))

        def run(session: Session | None, *values: Any) -> Iterator[tuple]:
            if session is None or not session.folder.exists():
                yield (
                    error_box(catalogue.text(session.language if session else catalogue.LANGUAGES[0], "error_gone")),
                    *same,
                )
                return
            session.used, session.left = time.monotonic(), None
            told = False
            try:
                for step in _steps(action(session, *values)):
                    told = True
                    if isinstance(step, Progress):
                        yield bar(session, step), *same
                    else:
                        outcome = step if isinstance(step, tuple) else (step,) * bool(count)
                        yield "", *outcome
            except Cancelled:
                yield "", *same
            except HandwritingError as error:
                yield error_box(session.sentence(error)), *same
            except MemoryError:
                yield error_box(session.say("error_memory")), *same
            else:
                if not told:  # Gradio would empty the outputs of a generator that gives nothing
                    yield gr.skip(), *same

        return run


def _steps(outcome: Any) -> Iterator[Any]:
    if inspect.isgenerator(outcome):
        yield from outcome
    else:
        yield outcome


def long_work(
    session: Session, work: Callable[..., Any], expected: Expectation, then: Callable[[Any], Any]
) -> Iterator[Any]:
    """Some work as an action that shows how far it is, and what its outcome makes of the outputs."""
    session.stopped.clear()
    for step in watched(work, expected, session.stopped):
        yield then(step[0]) if isinstance(step, tuple) else step


def error_box(sentence: str) -> str:
    """A message that a screen reader reads out at once."""
    return f'<div class="said wrong" role="alert"><span aria-hidden="true">⚠ </span>{html.escape(sentence)}</div>'


def note_box(sentence: str) -> str:
    """A message that all is well."""
    return f'<div class="said well" role="status"><span aria-hidden="true">✓ </span>{html.escape(sentence)}</div>'


def bar(session: Session, progress: Progress) -> str:
    """How far some work is, and the time left."""
    percent = round(100 * progress.share)
    left = "" if progress.left is None else session.say("seconds_left", seconds=max(1, round(progress.left)))
    what = html.escape(progress.what or session.say("working"))
    return (
        f'<div class="said" role="status">{what} <progress max="100" value="{percent}" aria-label="{what}">'
        f"{percent} %</progress> {html.escape(left)}</div>"
    )


def picture(pixels: np.ndarray, alt: str, style: str = "") -> str:
    """A picture as part of a page, with words for those who do not see it."""
    return f'<img class="{style}" alt="{html.escape(alt, quote=True)}" src="{data_address(pixels)}">'


def data_address(pixels: np.ndarray) -> str:
    """A picture as an address that holds it: photos as JPEG, drawings as PNG, whichever is smaller."""
    files = []
    for kind, options in (("PNG", {"optimize": False}), ("JPEG", {"quality": 82})):
        file = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(pixels)).save(file, kind, **options)
        files.append((kind.lower(), file.getvalue()))
        if len(files[0][1]) < SMALL:
            break
    kind, content = min(files, key=lambda one: len(one[1]))
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"


def paragraphs(sentences: Sequence[str]) -> str:
    """Sentences as paragraphs."""
    return "".join(f"<p>{html.escape(one)}</p>" for one in sentences)

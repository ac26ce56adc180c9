"""The third part of the page: a text in the hand, shown while it is typed, and saved in many ways."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from tfhand.app import writing
from tfhand.app.context import HEAVY, LIGHT, AppContext, long_work, paragraphs, picture
from tfhand.app.session import Session
from tfhand.app.work import Expectation
from tfhand.app.writing import PDF, PNG, STROKES, SVG, TTF, WOFF2, Settings
from tfhand.typeset import page_presets

FONT_SECONDS, LEARN_SECONDS = 45.0, 6.0  # before this machine has done it once


class Write:
    """The tab."""

    def __init__(self, app: AppContext):
        self.app = app
        self.font_time, self.learn_time = Expectation(FONT_SECONDS), Expectation(LEARN_SECONDS)
        text = app.text
        gr.Markdown(text("write_intro"))
        self.text = gr.Textbox(
            label=text("write_text"), lines=4, max_lines=20, max_length=app.sessions.limits.text, elem_id="text"
        )
        self.shown = gr.HTML("", elem_id="written")
        with gr.Accordion(text("write_settings"), open=False):
            self._settings(text)
        gr.Markdown(text("save_title"), elem_classes="part")
        with gr.Row(elem_classes="formats"):
            self.buttons = {
                kind: gr.Button(text(f"save_{kind}"), elem_id=f"save-{kind}", min_width=130)
                for kind in (PDF, PNG, SVG, STROKES, TTF, WOFF2)
            }
            self.print = gr.Button(text("print"), elem_id="print", min_width=130)
            self.cancel = gr.Button(text("cancel"), elem_id="cancel-save", min_width=130)
        self.saved = gr.File(label=text("saved_files"), file_count="multiple", interactive=False, visible=False,
                             elem_id="saved")  # fmt: skip
        self._tie()

    def _settings(self, text: Any) -> None:
        def choice(key: str, values: tuple[str, ...], value: str) -> gr.Radio:
            names = [(text(f"{key}_{one}"), one) for one in values]
            return gr.Radio(names, value=value, label=text(key), elem_id=f"set-{key}")

        def slider(key: str, low: float, high: float, value: float, step: float) -> gr.Slider:
            return gr.Slider(low, high, value, step=step, label=text(key), elem_id=f"set-{key}")

        self.settings = [
            choice("page", writing.SIZES, writing.AS_WIDE),
            choice("paper", writing.PAPERS, "plain"),
            choice("ink", writing.INKS, "black"),
            slider("size", 1, 8, page_presets.SIZE, 0.1),
            slider("slant", -30, 30, 0, 1),
            slider("weight", 0.5, 2.5, 1, 0.05),
            slider("width", 0.5, 2, 1, 0.05),
            slider("neatness", 0, 1, 0.5, 0.05),
            choice("joined", writing.JOINED, "auto"),
            gr.Number(
                0, label=text("seed"), info=text("seed_info"), precision=0, minimum=0, maximum=2**31, elem_id="set-seed"
            ),
        ]

    def _tie(self) -> None:
        on, inputs = self.app.on, [self.text, *self.settings]
        for event in (one.change for one in inputs):
            on(event, self.show, inputs, [self.shown], trigger_mode="always_last")
        for kind, button in self.buttons.items():
            on(button.click, self._saving(kind), inputs, [self.saved], HEAVY if kind in (TTF, WOFF2) else LIGHT)
        self.app.stop(self.cancel)
        self.print.click(None, None, None, js="() => window.print()")

    def show(self, session: Session, *values: Any) -> Iterator[Any]:
        """The text as it will look; the hand is learned first where that was not done."""
        settings = _settings_of(values)
        settings.check_choices(session)
        if not settings.text.strip():
            session.require_hand()
            yield ""
            return
        if not session.is_complete(int(settings.seed)):
            yield from long_work(
                session,
                lambda tell: session.complete(self.app.models.pen, int(settings.seed)),
                self.learn_time,
                lambda _: "",
            )
        yield self._drawn(session, settings)

    def _drawn(self, session: Session, settings: Settings) -> str:
        live = Settings(writing.live_text(settings.text), *list(vars(settings).values())[1:])
        written = writing.write(session, live, self.app.models.pen, writing.shown_dpi(settings))
        pages = writing.as_shown(written.page)
        shown = "".join(picture(one, session.say("written_picture", text=live.text), "paper") for one in pages)
        notes = [session.say("live_part")] if live.text != settings.text else []
        notes += [session.say("not_writable", letters=" ".join(written.unknown))] if written.unknown else []
        notes += [session.say("hard_to_read", letters=" ".join(written.illegible))] if written.illegible else []
        return f"{shown}{paragraphs(notes)}"

    def _saving(self, kind: str) -> Any:
        def save(session: Session, *values: Any) -> Iterator[Any]:
            settings = _settings_of(values)
            if kind in (TTF, WOFF2):
                yield from long_work(
                    session,
                    lambda tell: [writing.save_font(session, kind, settings, self.app.models, tell)],
                    self.font_time,
                    shown,
                )
            else:
                yield from long_work(
                    session, lambda tell: writing.save(session, settings, kind, self.app.models), self.learn_time, shown
                )

        def shown(paths: list) -> Any:
            return gr.update(value=[str(path) for path in paths], visible=True)

        return save


def _settings_of(values: tuple) -> Settings:
    return Settings(
        *(default if value is None else value for value, default in zip(values, vars(Settings()).values(), strict=True))
    )

"""The page as a whole: whose hand it is first, then its four parts."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from tfhand.app import catalogue
from tfhand.app.begin import Begin
from tfhand.app.context import AppContext, error_box, note_box
from tfhand.app.mend import Mend
from tfhand.app.models import Models
from tfhand.app.report import Compare
from tfhand.app.session import OWN, PERMITTED, Session
from tfhand.app.sessions import Sessions
from tfhand.app.write import Write
from tfhand.core.files import read_text
from tfhand.errors import HandwritingError

SWEEP, KEPT = 300, 3600  # seconds: how often Gradio's own copies of files are looked at, and how old they become
STATIC = Path(__file__).parent / "static"
PARTS = BEGIN, MEND, WRITE, COMPARE = "begin", "mend", "write", "compare"


def build(sessions: Sessions, models: Models, language: str | None = None) -> gr.Blocks:
    """The page, ready to be served.

    Args:
        sessions: of the people on it.
        models: that read and write.
        language: of the page; None for each browser's.
    """
    with gr.Blocks(title="tfhand", analytics_enabled=False, delete_cache=(SWEEP, KEPT)) as blocks:
        app = AppContext(sessions, models)
        text = app.text
        gr.Markdown(text("title"))
        with gr.Column(elem_id="consent") as consent:
            gr.Markdown(text("consent_title"), elem_classes="part")
            whose = gr.Radio(
                [(text("consent_own"), OWN), (text("consent_permitted"), PERMITTED)], label=text("consent_whose"),
                elem_id="whose",
            )  # fmt: skip
            name = gr.Textbox(label=text("consent_name"), info=text("consent_name_info"), max_lines=1, elem_id="name")
            agree = gr.Button(text("consent_go"), variant="primary", interactive=False, elem_id="agree")
        with gr.Column(visible=False, elem_id="parts") as all_parts:
            steps = gr.Radio(
                [(text(f"tab_{part}"), part) for part in PARTS], value=BEGIN, label=text("steps"), elem_id="steps"
            )
            with gr.Column() as begin_part:
                begin = Begin(app)
            with gr.Column(visible=False) as mend_part:
                mend = Mend(app)
            with gr.Column(visible=False) as write_part:
                write = Write(app)
            with gr.Column(visible=False) as compare_part:
                Compare(app)
        app.on(agree.click, _agree, [whose, name], [consent, all_parts])
        for button, part in ((begin.onward, MEND), (mend.onward, WRITE)):
            button.click(None, None, steps, js=f"() => '{part}'")
        steps.change(
            lambda chosen: [gr.update(visible=chosen == part) for part in PARTS], steps,
            [begin_part, mend_part, write_part, compare_part], queue=False, show_progress="hidden",
            api_visibility="private", js="chosen => { window.scrollTo(0, 0); return chosen; }",
        )  # fmt: skip
        steps.change(None, None, app.message, js="() => ''")  # in the browser, before anything new can be said
        app.on(steps.change, _if(MEND, mend.show), [steps], mend.shown)
        app.on(steps.change, _if(WRITE, write.show), [steps, write.text, *write.settings], [write.shown])

        def opened(token: str, request: gr.Request) -> tuple[Any, ...]:
            accepted = request.headers.get("accept-language", "")
            try:
                session = sessions.open(
                    request.session_hash or "", language or catalogue.best(accepted), str(token or "")
                )
            except HandwritingError as error:
                return None, error_box(str(error)), gr.skip(), gr.skip(), gr.skip()
            known = bool(session.whose)  # the page was loaded again
            if session.hand.samples or session.hand.words:
                app.learn(session)
            note = note_box(session.say("again", letters=" ".join(session.hand))) if len(session.hand) else ""
            enabled = gr.update(interactive=True)  # nobody can begin before there is a place for them
            return session, note, enabled, gr.update(visible=not known), gr.update(visible=known)

        def left(request: gr.Request) -> None:
            sessions.leave(request.session_hash or "")

        token = gr.Textbox(visible=False)
        blocks.load(opened, token, [app.session, app.message, agree, consent, all_parts], queue=False,
                    show_progress="hidden", api_visibility="private", js="() => window.tfhandToken()")  # fmt: skip
        blocks.unload(left)
    return blocks


def _agree(session: Session, whose: str, name: str) -> tuple[Any, Any]:
    session.agree(whose, name or "")
    return gr.update(visible=False), gr.update(visible=True)


def _if(part: str, show: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """What a part shows when it is gone to."""

    def run(session: Session, chosen: str, *values: Any) -> Iterator[Any]:
        if chosen == part:
            yield from show(session, *values)

    return run


def look(language: str | None = None) -> dict[str, Any]:
    """How the page looks: letters of this machine, large and dark, and the words of its languages."""
    fonts = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"]
    theme = gr.themes.Base(
        primary_hue="indigo", text_size="lg", spacing_size="lg", font=fonts, font_mono=["ui-monospace", "monospace"]
    ).set(
        block_info_text_color="*neutral_700",
        block_label_text_color="*neutral_800",
        block_title_text_color="*neutral_800",
    )
    known = {one: catalogue.words(language or one) for one in catalogue.LANGUAGES}
    script = f"<script>window.tfhandLanguage = '{language or ''}';\n{read_text(STATIC / 'page.js')}</script>"
    first = f'<meta name="description" content="{html.escape(known["en"]["title"].lstrip("# "))}">'
    return {"theme": theme, "css": read_text(STATIC / "page.css"), "head": first + script, "i18n": gr.I18n(**known)}

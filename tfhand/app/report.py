"""The fourth part of the page: how like the hand is, in plain words and pictures, and what to write next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from tfhand.app.context import HEAVY, AppContext, long_work, note_box, paragraphs, picture
from tfhand.app.session import Session
from tfhand.app.work import Expectation, Tell
from tfhand.evaluation.config import EvaluationConfig
from tfhand.evaluation.report import Report
from tfhand.scan.sheet import layout, printing

REPORT_SECONDS, NEXT_SECONDS = 60.0, 30.0  # before this machine has done it once


class Compare:
    """The tab."""

    def __init__(self, app: AppContext):
        self.app = app
        self.report_time, self.next_time = Expectation(REPORT_SECONDS), Expectation(NEXT_SECONDS)
        text = app.text
        gr.Markdown(text("compare_intro"))
        with gr.Row():
            self.report = gr.Button(text("report_go"), variant="primary", elem_id="report")
            self.cancel = gr.Button(text("cancel"), elem_id="cancel-report")
        self.told = gr.HTML("", elem_id="told")
        gr.Markdown(text("next_title"), elem_classes="part")
        self.paper = gr.Radio([(one, one) for one in layout.PAPERS], value="A4", label=text("sheet_paper"))
        self.next = gr.Button(text("next_go"), elem_id="next")
        self.letters = gr.HTML("", elem_id="next-letters")
        self.sheet = gr.DownloadButton(text("save_file"), visible=False, elem_id="next-file", variant="primary")
        app.on(self.report.click, self._report, [], [self.told], HEAVY)
        app.on(self.next.click, self._next, [self.paper], [self.letters, self.sheet], HEAVY)
        app.stop(self.cancel)

    def _report(self, session: Session) -> Iterator[Any]:
        hand = session.require_hand().approved

        def evaluate(tell: Tell) -> Report:
            from tfhand.evaluation.one_hand_evaluation import evaluate_one_hand

            config = EvaluationConfig(self.app.models.preset, hand="hand")
            return evaluate_one_hand(config, hand, lambda what: tell(0, session.say("report_working")))

        yield from long_work(session, evaluate, self.report_time, lambda report: _told(session, report))

    def _next(self, session: Session, paper: str) -> Iterator[Any]:
        hand = session.require_hand().approved

        def ask(tell: Tell) -> str:
            from tfhand.evaluation.next_characters import next_characters

            return next_characters(self.app.models.pen, hand)

        def drawn(letters: str) -> tuple[str, Any]:
            path = session.folder / f"{session.say('sheet_name')}-2.pdf"
            printing.save_pdf(layout.pages_of(letters, 2, paper if paper in layout.PAPERS else "A4"), path)
            sentence = note_box(session.say("next_letters", letters=" ".join(letters)))
            return sentence, gr.update(value=str(path), visible=True)

        yield from long_work(session, ask, self.next_time, drawn)


def _told(session: Session, report: Report) -> str:
    """The sentences, the pictures and the table of a report."""
    pictures = "".join(picture(one, session.say("report_picture"), "seen") for one in report.pictures.values())
    return paragraphs(report.sentences) + paragraphs([session.say("report_above")]) + pictures

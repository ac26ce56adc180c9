"""The fourth part of the page: how like the hand is, in plain words and pictures, and what to write next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from tfhand.app.context import HEAVY, AppContext, long_work, note_box, paragraphs, picture
from tfhand.app.session import Session
from tfhand.app.work import Expectation, Tell
from tfhand.evaluation import plots
from tfhand.evaluation.hand_report import VERDICTS, HandReport
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
        hand, models = session.require_hand().approved, self.app.models

        def evaluate(tell: Tell) -> HandReport:
            from tfhand.evaluation.leave_out import leave_letters_out

            tell(0.0, session.say("report_working"))
            return leave_letters_out(
                models.pen, hand, models.reader, models.verifier,
                done=lambda share: tell(share, session.say("report_working")),
            )  # fmt: skip

        yield from long_work(session, evaluate, self.report_time, lambda report: _told(session, report))

    def _next(self, session: Session, paper: str) -> Iterator[Any]:
        hand = session.require_hand().approved

        def ask(tell: Tell) -> str:
            from tfhand.evaluation.next_characters import next_characters

            tell(0.0, "")
            return next_characters(self.app.models.pen, hand, done=lambda share: tell(share, ""))

        def drawn(letters: str) -> tuple[str, Any]:
            path = session.folder / f"{session.say('sheet_name')}-2.pdf"
            printing.save_pdf(layout.pages_of(letters, 2, paper if paper in layout.PAPERS else "A4"), path)
            sentence = note_box(session.say("next_letters", letters=" ".join(letters)))
            return sentence, gr.update(value=str(path), visible=True)

        yield from long_work(session, ask, self.next_time, drawn)


def _told(session: Session, report: HandReport) -> str:
    """The sentences and the pictures of a report."""
    picture_of_pairs = picture(plots.left_out(report.letters, titled=False), session.say("report_picture"), "seen")
    return paragraphs([*report_sentences(session, report), session.say("report_above")]) + picture_of_pairs


def report_sentences(session: Session, report: HandReport) -> list[str]:
    """What `HandReport.sentences` tells, in a person's language."""
    sentences = [session.say("report_only_weight")] if report.only_weight else []
    for verdict in VERDICTS:
        if names := report.traits_of(verdict):
            traits = ", ".join(session.say(f"trait_{name}") for name in names)
            sentences.append(session.say(f"report_{verdict}".replace(" ", "_"), traits=traits))
    percent = {"likeness": round(100 * report.likeness), "average": round(100 * report.average)}
    sentences.append(session.say("report_likeness", beaten=report.beaten, others=len(report.others), **percent))
    count, misread = len(report.letters), [f"{one.character} → {one.read}" for one in report.letters if one.misread]
    if misread:
        right, letters = count - len(misread), ", ".join(misread)
        sentences.append(session.say("report_misread", right=right, count=count, letters=letters))
    else:
        sentences.append(session.say("report_read", count=count))
    if report.next_characters:
        sentences.append(session.say("next_letters", letters=" ".join(report.next_characters)))
    return sentences

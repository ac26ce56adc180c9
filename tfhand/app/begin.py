"""The first part of the page: a sheet to print, pictures to read, a Hand from before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from tfhand.app import archive
from tfhand.app.context import HEAVY, AppContext, long_work, note_box, paragraphs, picture
from tfhand.app.reading import LINE, PAGE, PICTURES, SHEET, read_photos, told
from tfhand.app.session import Session
from tfhand.app.work import Expectation
from tfhand.scan.sheet import layout, printing

SECONDS = 20.0  # to read a picture, before this machine has read one


class Begin:
    """The tab."""

    def __init__(self, app: AppContext):
        self.app, self.expected = app, Expectation(SECONDS)
        text = app.text
        gr.Markdown(text("begin_intro"))
        with gr.Group():
            gr.Markdown(text("sheet_title"), elem_classes="part")
            self.paper = gr.Radio([(one, one) for one in layout.PAPERS], value="A4", label=text("sheet_paper"))
            self.times = gr.Radio([("1", 1), ("2", 2), ("3", 3)], value=1, label=text("sheet_times"))
            self.make_sheet = gr.Button(text("sheet_make"), elem_id="make-sheet")
            self.sheet = gr.DownloadButton(text("save_file"), visible=False, elem_id="sheet-file", variant="primary")
        with gr.Group():
            gr.Markdown(text("photo_title"), elem_classes="part")
            self.shown = gr.Radio(
                [(text("shows_sheet"), SHEET), (text("shows_line"), LINE), (text("shows_page"), PAGE)],
                value=SHEET, label=text("photo_shows"), elem_id="shown",
            )  # fmt: skip
            self.says = gr.Textbox(
                label=text("photo_says"), info=text("photo_says_info"), lines=3, visible=False, elem_id="says"
            )
            self.photos = gr.File(
                label=text("photo_files"), file_count="multiple", file_types=PICTURES, type="filepath", elem_id="photos"
            )
            with gr.Row():
                self.read = gr.Button(text("photo_read"), variant="primary", elem_id="read")
                self.cancel = gr.Button(text("cancel"), elem_id="cancel-read")
            self.found = gr.HTML("", elem_id="found")
            self.onward = gr.Button(text("go_mend"), variant="primary", visible=False, elem_id="go-mend")
        with gr.Group():
            gr.Markdown(text("before_title"), elem_classes="part")
            self.before = gr.File(label=text("before_file"), file_types=[".zip"], type="filepath", elem_id="before")
            self.load = gr.Button(text("before_load"), elem_id="load")
        with gr.Group():
            gr.Markdown(text("keep_title"), elem_classes="part")
            self.keep = gr.Button(text("keep_make"), elem_id="keep")
            self.kept = gr.DownloadButton(text("save_file"), visible=False, elem_id="kept", variant="primary")
        self._tie()

    def _tie(self) -> None:
        on = self.app.on
        self.shown.change(lambda shown: gr.update(visible=shown != SHEET), self.shown, self.says,
                          queue=False, show_progress="hidden", api_visibility="private")  # fmt: skip
        on(self.make_sheet.click, make_sheet, [self.paper, self.times], [self.sheet])
        on(self.read.click, self._read, [self.photos, self.shown, self.says], [self.found, self.onward], HEAVY)
        self.app.stop(self.cancel)
        on(self.load.click, self._load, [self.before], [self.found, self.onward])
        on(self.keep.click, keep_hand, [], [self.kept])

    def _read(self, session: Session, files: Sequence[str] | None, shown: str, says: str) -> Iterator[Any]:
        session.check_consent()
        paths = session.receive(files or [])

        def drawn(outcome: tuple) -> tuple[str, Any]:
            seen, failed = outcome
            self.app.learn(session)
            pictures = "".join(
                picture(one.picture, session.say("found_picture", name=one.name, letters=" ".join(one.hand)), "seen")
                for one in seen
            )
            sentences = told(session, seen, failed)
            return note_box(sentences[0]) + paragraphs([*sentences[1:], session.say("found_marks")]) + pictures, _shown

        yield from long_work(
            session,
            lambda tell: read_photos(session, paths, shown, says or "", self.app.models, tell),
            self.expected,
            drawn,
        )

    def _load(self, session: Session, file: str | None) -> tuple[str, Any]:
        """A Hand from before, beside what is there."""
        session.check_consent()
        (path,) = session.receive([file] if file else [])
        hand = archive.unpack(path)
        session.change(session.hand.merged(hand))
        self.app.learn(session)
        letters = session.say("found_letters", count=len(hand.samples), letters=" ".join(hand))
        words = [session.say("found_words", count=len(hand.words))] if hand.words else []
        return note_box(letters) + paragraphs(words), _shown


_shown = gr.update(visible=True)


def make_sheet(session: Session, paper: str, times: int) -> Any:
    """A sheet to print."""
    if paper not in layout.PAPERS or times not in (1, 2, 3):
        paper, times = "A4", 1
    path = session.folder / f"{session.say('sheet_name')}.pdf"
    printing.save_pdf(layout.pages_of(layout.EVERYTHING, times, paper), path)
    return gr.update(value=str(path), visible=True)


def keep_hand(session: Session) -> Any:
    """The Hand as a file to keep."""
    session.check_consent()
    path: Path = archive.pack(session.require_hand(), session.file(".zip"))
    return gr.update(value=str(path), visible=True)

"""The second part of the page: every letter and word as a tile, and whatever can be done about one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import gradio as gr

from tfhand.app import mending, tiles
from tfhand.app.context import HEAVY, AppContext, long_work
from tfhand.app.mending import text_of
from tfhand.app.reading import PICTURES
from tfhand.app.session import Session
from tfhand.app.work import Expectation
from tfhand.hands.sample import Sample
from tfhand.hands.word_sample import LONGEST

LEARN_SECONDS, OFFER_SECONDS = 8.0, 3.0  # before this machine has done it once
PICK = "element.addEventListener('click', event => tfhandPick(event, number => trigger('select', {number})));"


class Mend:
    """The tab."""

    def __init__(self, app: AppContext):
        self.app = app
        self.learn_time, self.offer_time = Expectation(LEARN_SECONDS), Expectation(OFFER_SECONDS)
        text = app.text
        gr.Markdown(text("mend_intro"))
        with gr.Row():
            self.undo = gr.Button(text("undo"), elem_id="undo", min_width=120)
            self.redo = gr.Button(text("redo"), elem_id="redo", min_width=120)
        self.tiles = gr.HTML("", js_on_load=PICK, elem_id="tiles")
        with gr.Column(visible=False, elem_id="letter") as self.letter:
            self.about = gr.HTML("", elem_id="about")
            self.subject = gr.Number(None, precision=0, visible=False)  # what all below is done to
            with gr.Row():
                self.approve = gr.Button(text("approve"), elem_id="approve", min_width=150)
                self.drop = gr.Button(text("drop"), elem_id="drop", min_width=150)
            with gr.Row():
                self.character = gr.Textbox(label=text("relabel"), max_lines=1, max_length=LONGEST, elem_id="character")
                self.relabel = gr.Button(text("relabel_go"), elem_id="relabel", min_width=120)
            with gr.Column() as self.ways:
                with gr.Accordion(text("offer_title"), open=False, elem_id="offer-part"):
                    self.offer = gr.Button(text("offer_go"), elem_id="offer")
                    self.offered = gr.HTML("", js_on_load=PICK, elem_id="offered")
                with gr.Accordion(text("draw_title"), open=False, elem_id="draw-part"):
                    self.field = gr.HTML(
                        "", js_on_load="tfhandField(element, strokes => trigger('submit', {strokes}));", elem_id="field"
                    )
                with gr.Accordion(text("cut_title"), open=False, elem_id="cut-part"):
                    self._build_cut(text)
            self.back = gr.Button(text("back"), elem_id="back")
        self.onward = gr.Button(text("go_write"), variant="primary", elem_id="go-write")
        self.shown = [self.tiles, self.letter, self.about, self.subject, self.ways, self.field, self.photo]
        self._tie()

    def _build_cut(self, text: Callable[[str], Any]) -> None:
        self.picture = gr.File(
            label=text("cut_file"), file_types=PICTURES, type="filepath", elem_id="cut-file", height=120
        )
        self.photo = gr.HTML("", js_on_load="tfhandBox(element);", elem_id="cut-photo")
        gr.Markdown(text("cut_how"))
        self.box = [
            gr.Number(0, label=text(f"cut_{side}"), precision=1, minimum=0, maximum=100, elem_id=f"cut-{side}")
            for side in ("left", "top", "wide", "high")
        ]
        self.cut = gr.Button(text("cut_go"), elem_id="cut")

    def _tie(self) -> None:
        on, mends = self.app.on, self._mends
        to_tiles = "() => document.querySelector('#tiles').scrollIntoView()"
        self.back.click(None, None, None, js=to_tiles)
        for button, step in ((self.undo, Session.undo), (self.redo, Session.redo)):
            on(button.click, self._changing(step), [], self.shown, HEAVY)
        mends(self.approve.click, mending.approve)
        mends(self.drop.click, mending.drop).then(None, None, None, js=to_tiles)
        for event in (self.relabel.click, self.character.submit):
            mends(event, mending.relabel, [self.character])
        on(self.tiles.select, self._choose, [], [*self.shown, self.offered, self.character], data=True).then(
            None, None, None, js="() => document.querySelector('#letter')?.scrollIntoView({behavior: 'smooth'})"
        )
        on(self.offer.click, self._offer, [self.subject], [self.offered], HEAVY)
        mends(self.offered.select, lambda session, data: mending.take(session, _number(data)), data=True)
        mends(self.field.submit, lambda session, data: mending.written(session, data["strokes"]), data=True)
        on(self.picture.upload, self._received, [self.picture], [self.photo])
        mends(self.cut.click, _cut, self.box)

    def _mends(
        self, event: Callable[..., Any], action: Callable[..., None], inputs: Sequence[Any] = (), data: bool = False
    ) -> Any:
        """Ties an event to what it does to the letter or word that the page shows."""

        def to_subject(session: Session, *values: Any) -> None:
            with mending.subject(session, values[-1]):
                action(session, *values[:-1])

        return self.app.on(event, self._changing(to_subject), [*inputs, self.subject], self.shown, HEAVY, data=data)

    def show(self, session: Session) -> Iterator[Any]:
        """All letters; the hand is learned first where that was not done."""
        session.require_hand()
        if not session.is_complete():
            for step in long_work(
                session, lambda tell: session.complete(self.app.models.pen), self.learn_time, lambda _: None
            ):
                if step is not None:
                    yield step
        yield self._drawn(session)

    def _drawn(self, session: Session) -> tuple[Any, ...]:
        shown = session.tiles = mending.tiles(session, self.app.models.pen)
        one = session.chosen
        if one is not None and not any(one is other for other in shown):
            one = session.chosen = next((other for other in shown if text_of(other) == text_of(one)), None)
        all_tiles = tiles.groups(session, shown)
        if one is None:
            return all_tiles, gr.update(visible=False), "", None, gr.skip(), "", ""
        chosen = all_tiles, gr.update(visible=True), tiles.about(session, one), mending.subject_number(session)
        if isinstance(one, Sample):
            return *chosen, gr.update(visible=True), tiles.field(session, one), tiles.photo(session)
        return *chosen, gr.update(visible=False), "", ""

    def _choose(self, session: Session, data: dict) -> tuple[Any, ...]:
        number = _number(data)
        if 0 <= number < len(session.tiles):
            with session.mending:
                session.chosen = session.tiles[number]
        return *self._drawn(session), "", ""

    def _changing(self, action: Callable[..., None]) -> Callable[..., Iterator[Any]]:
        def run(session: Session, *values: Any) -> Iterator[Any]:
            session.check_consent()
            action(session, *values)
            yield from self.show(session)

        return run

    def _offer(self, session: Session, number: int | None) -> Iterator[Any]:
        with mending.subject(session, number):
            character = mending.chosen_letter(session).character
        yield from long_work(
            session,
            lambda tell: mending.offer(session, self.app.models.pen, character),
            self.offer_time,
            lambda found: tiles.forms(session, found) if mending.is_about(session, character) else gr.skip(),
        )

    def _received(self, session: Session, file: str | None) -> str:
        if file:
            session.photos = session.receive([file])
        return tiles.photo(session)


def _cut(session: Session, *shares: float) -> None:
    """A piece of the last picture; nothing marked means all of it."""
    if not session.photos:
        session.receive([])
    percent = [float(share or 0) for share in shares]
    box = [share / 100 for share in percent] if percent[2] and percent[3] else None
    mending.cut(session, session.photos[-1], box)


def _number(data: dict) -> int:
    number = data.get("number", -1)
    return number if isinstance(number, int) else -1

"""The second part of the page: every letter as a tile, and whatever can be done about one."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import gradio as gr

from tfhand.app import mending
from tfhand.app.context import HEAVY, AppContext, data_address, long_work
from tfhand.app.session import DOUBTFUL, WRITTEN, Session, state_of
from tfhand.app.work import Expectation
from tfhand.core.pictures import read_picture
from tfhand.hands.glyph import inverted, normalize
from tfhand.hands.sample import GENERATED, Sample

LEARN_SECONDS, OFFER_SECONDS = 8.0, 3.0  # before this machine has done it once
TILE, LARGE = 72, 160  # pixels of a letter
SIGNS = {WRITTEN: "✓", DOUBTFUL: "?", GENERATED: "✎"}  # beside the words, as colour alone tells not everyone
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
            with gr.Row():
                self.approve = gr.Button(text("approve"), elem_id="approve", min_width=150)
                self.drop = gr.Button(text("drop"), elem_id="drop", min_width=150)
            with gr.Row():
                self.character = gr.Textbox(label=text("relabel"), max_lines=1, max_length=8, elem_id="character")
                self.relabel = gr.Button(text("relabel_go"), elem_id="relabel", min_width=120)
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
        self.shown = [self.tiles, self.letter, self.about, self.field, self.photo]
        self._tie()

    def _build_cut(self, text: Callable[[str], Any]) -> None:
        self.picture = gr.File(
            label=text("cut_file"), file_types=["image"], type="filepath", elem_id="cut-file", height=120
        )
        self.photo = gr.HTML("", js_on_load="tfhandBox(element);", elem_id="cut-photo")
        gr.Markdown(text("cut_how"))
        self.box = [
            gr.Number(0, label=text(f"cut_{side}"), precision=1, minimum=0, maximum=100, elem_id=f"cut-{side}")
            for side in ("left", "top", "wide", "high")
        ]
        self.cut = gr.Button(text("cut_go"), elem_id="cut")

    def _tie(self) -> None:
        on = self.app.on
        to_tiles = "() => document.querySelector('#tiles').scrollIntoView()"
        self.back.click(None, None, None, js=to_tiles)
        for button, action in (
            (self.undo, Session.undo),
            (self.redo, Session.redo),
            (self.approve, mending.approve),
            (self.drop, mending.drop),
        ):
            done = on(button.click, self._changing(action), [], self.shown, HEAVY)
            if button is self.drop:
                done.then(None, None, None, js=to_tiles)
        for event in (self.relabel.click, self.character.submit):
            on(event, self._changing(mending.relabel), [self.character], self.shown, HEAVY)
        on(self.tiles.select, self._choose, [], [*self.shown, self.offered, self.character], data=True).then(
            None, None, None, js="() => document.querySelector('#letter')?.scrollIntoView({behavior: 'smooth'})"
        )
        on(self.offer.click, self._offer, [], [self.offered], HEAVY)
        on(self.offered.select, self._changing(lambda session, data: mending.take(session, _number(data))), [],
           self.shown, HEAVY, data=True)  # fmt: skip
        on(self.field.submit, self._changing(lambda session, data: mending.written(session, data["strokes"])), [],
           self.shown, HEAVY, data=True)  # fmt: skip
        on(self.picture.upload, self._received, [self.picture], [self.photo])
        on(self.cut.click, self._changing(_cut), self.box, self.shown, HEAVY)

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
        all_letters = mending.letters(session, self.app.models.pen)
        session.letters = all_letters
        if session.chosen is not None and not any(session.chosen is one for one in all_letters):
            session.chosen = next((one for one in all_letters if one.character == session.chosen.character), None)
        one = session.chosen
        tiles = _groups(session, all_letters)
        if one is None:
            return tiles, gr.update(visible=False), "", "", ""
        return tiles, gr.update(visible=True), _about(session, one), _field(session, one), _photo(session)

    def _choose(self, session: Session, data: dict) -> tuple[Any, ...]:
        number = _number(data)
        if 0 <= number < len(session.letters):
            session.chosen = session.letters[number]
        return *self._drawn(session), "", ""

    def _changing(self, action: Callable[..., None]) -> Callable[..., Iterator[Any]]:
        def run(session: Session, *values: Any) -> Iterator[Any]:
            session.check_consent()
            action(session, *values)
            yield from self.show(session)

        return run

    def _offer(self, session: Session) -> Iterator[Any]:
        mending.chosen(session)
        again = bool(session.offered) and session.offered[0].character == mending.chosen(session).character
        yield from long_work(
            session,
            lambda tell: mending.offer(session, self.app.models.pen, again),
            self.offer_time,
            lambda found: _forms(session, found),
        )

    def _received(self, session: Session, file: str | None) -> str:
        if file:
            session.photos = session.receive([file])
        return _photo(session)


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


def _groups(session: Session, samples: Sequence[Sample]) -> str:
    """All letters in groups under headings: first those to look at."""
    states = [state_of(one) for one in samples]
    parts = []
    for state in (DOUBTFUL, WRITTEN, GENERATED):
        numbers = [number for number, own in enumerate(states) if own == state]
        if numbers:
            heading = session.say(f"group_{state}", count=len(numbers))
            tiles = "".join(_tile(session, number, samples[number]) for number in numbers)
            parts.append(f"<h3>{html.escape(heading)}</h3>{_group(tiles, heading)}")
    return "".join(parts)


def _forms(session: Session, samples: Sequence[Sample]) -> str:
    """Forms of one letter to choose among."""
    tiles = "".join(_tile(session, number, one, form=True) for number, one in enumerate(samples))
    return _group(tiles, session.say("offered_label"))


def _group(tiles: str, label: str) -> str:
    return f'<div class="tiles" role="group" aria-label="{html.escape(label, quote=True)}">{tiles}</div>'


def _tile(session: Session, number: int, one: Sample, form: bool = False) -> str:
    """A letter as a button."""
    state = state_of(one)
    name = session.say("form_number", number=number + 1) if form else one.character
    words = html.escape(f"{name}: {session.say(f'state_{state}', doubt=one.doubt)}", quote=True)
    note = "" if form else f'<span class="state">{SIGNS[state]} {html.escape(session.say(f"short_{state}"))}</span>'
    pressed = "true" if one is session.chosen else "false"
    return (
        f'<button type="button" class="tile {state}" data-number="{number}" aria-pressed="{pressed}" '
        f'aria-label="{words}" title="{words}"><img alt="" width="{TILE}" height="{TILE}" '
        f'src="{data_address(_paper(one, TILE))}"><span class="character">{html.escape(name)}</span>{note}</button>'
    )


def _paper(one: Sample, side: int) -> Any:
    return inverted(normalize(one.ink, side))


def _about(session: Session, one: Sample) -> str:
    """The chosen letter, large."""
    told = html.escape(session.say(f"about_{state_of(one)}", letter=one.character, doubt=one.doubt))
    alt = html.escape(session.say("letter_picture", letter=one.character), quote=True)
    return (
        f'<div class="about"><img alt="{alt}" width="{LARGE}" height="{LARGE}" '
        f'src="{data_address(_paper(one, LARGE))}"><p role="status">{told}</p></div>'
    )


def _field(session: Session, one: Sample) -> str:
    """A field to write a letter in, with the lines that it stands on."""
    words = {key: html.escape(session.say(key, letter=one.character)) for key in ("draw_how", "draw_clear", "draw_go")}
    side, base, high = mending.SIDE, mending.BASELINE, mending.X_HEIGHT
    return (
        f'<p>{words["draw_how"]}</p><canvas width="{side}" height="{side}" data-baseline="{base}" '
        f'data-height="{high}" role="img" aria-label="{words["draw_how"]}"></canvas><div class="row">'
        f'<button type="button" class="plain" data-clear>{words["draw_clear"]}</button>'
        f'<button type="button" class="plain main" data-send>{words["draw_go"]}</button></div>'
    )


def _photo(session: Session) -> str:
    """The last picture of the person, in which a box can be drawn."""
    if not session.photos:
        return ""
    from tfhand.app.reading import shown_size

    alt = html.escape(session.say("cut_picture"), quote=True)
    address = data_address(shown_size(read_picture(session.photos[-1])))
    return f'<div class="cutting"><img alt="{alt}" draggable="false" src="{address}"><div class="cut"></div></div>'

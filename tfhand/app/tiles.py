"""Letters and words as tiles to press, and the chosen one large, with a field and a picture to mend it by."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np
from PIL import Image

from tfhand.app import mending
from tfhand.app.context import data_address
from tfhand.app.mending import text_of
from tfhand.app.reading import shown_size
from tfhand.app.session import DOUBTFUL, WRITTEN, Session, state_of
from tfhand.core.pictures import read_picture
from tfhand.hands.contact_sheet import word_picture
from tfhand.hands.glyph import inverted, normalize
from tfhand.hands.sample import GENERATED, Sample
from tfhand.hands.word_sample import WordSample

TILE, LARGE = 72, 160  # pixels of a letter
WORD_TILE, LARGE_WORD = (200, 56), (600, 64)  # pixels: sides of a word; width and x-height of the chosen one
SIGNS = {WRITTEN: "✓", DOUBTFUL: "?", GENERATED: "✎"}  # beside the words, as colour alone tells not everyone


def groups(session: Session, tiles: Sequence[Sample | WordSample]) -> str:
    """All letters and words in groups under headings: first those to look at, last the letters that are drawn."""
    kinds = ["word" if isinstance(one, WordSample) else state_of(one) for one in tiles]
    parts = []
    for kind in (DOUBTFUL, WRITTEN, "word", GENERATED):
        numbers = [number for number, own in enumerate(kinds) if own == kind]
        if numbers:
            heading = session.say(f"group_{kind}", count=len(numbers))
            inner = "".join(_tile(session, number, tiles[number]) for number in numbers)
            parts.append(f"<h3>{html.escape(heading)}</h3>{_group(inner, heading, kind)}")
    return "".join(parts)


def forms(session: Session, samples: Sequence[Sample]) -> str:
    """Forms of one letter to choose among."""
    tiles = "".join(_tile(session, number, one, form=True) for number, one in enumerate(samples))
    return _group(tiles, session.say("offered_label"))


def _group(tiles: str, label: str, kind: str = "") -> str:
    return f'<div class="tiles {kind}" role="group" aria-label="{html.escape(label, quote=True)}">{tiles}</div>'


def _tile(session: Session, number: int, one: Sample | WordSample, form: bool = False) -> str:
    """A letter or a word as a button."""
    state = state_of(one)
    name = session.say("form_number", number=number + 1) if form else text_of(one)
    words = html.escape(f"{name}: {_told(session, 'state', one)}", quote=True)
    note = "" if form else f'<span class="state">{SIGNS[state]} {html.escape(session.say(f"short_{state}"))}</span>'
    pressed = "true" if one is session.chosen else "false"
    pixels = _word_paper(one) if isinstance(one, WordSample) else _paper(one, TILE)
    return (
        f'<button type="button" class="tile {state}" data-number="{number}" aria-pressed="{pressed}" '
        f'aria-label="{words}" title="{words}"><img alt="" width="{pixels.shape[1]}" height="{pixels.shape[0]}" '
        f'src="{data_address(pixels)}"><span class="character">{html.escape(name)}</span>{note}</button>'
    )


def _told(session: Session, key: str, one: Sample | WordSample) -> str:
    """What a letter or a word is."""
    if isinstance(one, WordSample):
        unsure = " ".join(letter for letter, sure in zip(one.text, one.sure, strict=True) if not sure)
        return session.say(f"{key}_word_{state_of(one)}", word=one.text, letters=unsure)
    return session.say(f"{key}_{state_of(one)}", letter=one.character, doubt=one.doubt)


def _paper(one: Sample, side: int) -> np.ndarray:
    return inverted(normalize(one.ink, side))


def _word_paper(one: WordSample) -> np.ndarray:
    picture = Image.fromarray(inverted(one.ink))
    picture.thumbnail(WORD_TILE, Image.Resampling.LANCZOS)
    return np.asarray(picture)


def about(session: Session, one: Sample | WordSample) -> str:
    """The chosen letter or word, large; a word with lines where it is cut into letters."""
    if isinstance(one, WordSample):
        pixels, alt = np.asarray(word_picture(one, *LARGE_WORD)), session.say("word_picture", word=one.text)
    else:
        pixels, alt = _paper(one, LARGE), session.say("letter_picture", letter=one.character)
    alt = html.escape(alt, quote=True)
    return (
        f'<div class="about"><img alt="{alt}" width="{pixels.shape[1]}" height="{pixels.shape[0]}" '
        f'src="{data_address(pixels)}"><p role="status">{html.escape(_told(session, "about", one))}</p></div>'
    )


def field(session: Session, one: Sample) -> str:
    """A field to write a letter in, with the lines that it stands on."""
    words = {key: html.escape(session.say(key, letter=one.character)) for key in ("draw_how", "draw_clear", "draw_go")}
    side, base, high = mending.SIDE, mending.BASELINE, mending.X_HEIGHT
    return (
        f'<p>{words["draw_how"]}</p><canvas width="{side}" height="{side}" data-baseline="{base}" '
        f'data-height="{high}" role="img" aria-label="{words["draw_how"]}"></canvas><div class="row">'
        f'<button type="button" class="plain" data-clear>{words["draw_clear"]}</button>'
        f'<button type="button" class="plain main" data-send>{words["draw_go"]}</button></div>'
    )


def photo(session: Session) -> str:
    """The last picture of the person, in which a box can be drawn."""
    if not session.photos:
        return ""
    alt = html.escape(session.say("cut_picture"), quote=True)
    address = data_address(shown_size(read_picture(session.photos[-1])))
    return f'<div class="cutting"><img alt="{alt}" draggable="false" src="{address}"><div class="cut"></div></div>'

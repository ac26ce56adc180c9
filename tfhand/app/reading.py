"""From the pictures that a person sent to a Hand: what was found, drawn on each picture and told in words."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from tfhand.app.models import Models
from tfhand.app.session import Session
from tfhand.app.work import Cancelled, Tell
from tfhand.core.pictures import count_pages, read_page, read_picture
from tfhand.core.progress import Done, part
from tfhand.errors import HandwritingError, ReadingError, TextError
from tfhand.hands.hand import Hand

SHEET, LINE, PAGE = "sheet", "line", "page"  # what a picture shows
PICTURES = [".jpg", ".jpeg", ".png", ".heic", ".heif", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".pdf"]
WIDEST = 1400  # pixels of a picture that is shown
_GREEN, _GREY, _RED = (0, 110, 0), (150, 150, 150), (190, 0, 0)


@dataclass(frozen=True, eq=False)
class Seen:
    """What one picture showed.

    Attributes:
        name: of the picture.
        hand: the letters on it.
        picture: uint8 [H, W, 3], the paper that was found with what was read, marked.
        left_out: characters that were not taken.
    """

    name: str
    hand: Hand
    picture: np.ndarray = field(repr=False)
    left_out: str = ""


def read_photos(
    session: Session, paths: Sequence[Path], shown: str, text: str, models: Models, tell: Tell
) -> tuple[list[Seen], list[str]]:
    """Reads pictures, adds their letters to the Hand, and gives what was seen and what is wrong with the others.

    Args:
        session: whose Hand it is.
        paths: of pictures and PDFs.
        shown: SHEET, LINE or PAGE.
        text: what stands on them; an empty line between the texts of two pictures. Unused for sheets.
        models: that find and check letters.
        tell: is called with the share done.

    Raises:
        HandwritingError: none of them can be read; the sentence of the first is raised.
    """
    pages = [(path, number) for path in paths for number in range(count_pages(path))]
    texts = [""] * len(pages) if shown == SHEET else _texts(session, text, len(pages))
    seen: list[Seen] = []
    failed: list[HandwritingError] = []
    for place, (path, number) in enumerate(pages):
        done = _telling(session, tell, place, len(pages))
        done(0.0)
        try:
            image = read_page(path, number)
            seen.append(_read_sheet(path.name, image, models) if shown == SHEET else
                        _read_text(session, path.name, image, texts[place], shown, models, done))  # fmt: skip
        except Cancelled:
            raise
        except HandwritingError as error:
            sentence = session.sentence(error)
            many = len(pages) > 1
            sentence = session.say("failed_photo", name=path.name, sentence=sentence) if many else sentence
            failed.append(type(error)(sentence))
    if failed and not seen:
        raise failed[0]
    hand = functools.reduce(Hand.merged, (one.hand for one in seen))
    if not hand.samples and not hand.words:
        raise ReadingError(session.say("error_nothing_written"))
    tell(1.0, "")  # who has stopped it gets nothing
    session.change(session.hand.merged(hand))
    session.photos = list(paths)
    return seen, [str(error) for error in failed]


def _telling(session: Session, tell: Tell, place: int, count: int) -> Done:
    """Tells how much of all pages is read by how much of one is."""
    what = session.say("reading_photo", number=place + 1, count=count)
    return part(lambda share: tell(share, what), place / count, (place + 1) / count)


def _texts(session: Session, text: str, count: int) -> list[str]:
    """The text of each picture."""
    text = text.strip()
    if not text:
        raise TextError(session.say("error_no_says"))
    texts = [text] if count == 1 else [part for part in re.split(r"\n\s*\n", text) if part.strip()]
    if len(texts) != count:
        raise TextError(session.say("error_says_count", texts=len(texts), count=count))
    return texts


def _read_text(
    session: Session, name: str, image: np.ndarray, text: str, shown: str, models: Models, done: Done
) -> Seen:
    """Reads writing whose text is known; a doubt of the reader about single letters counts, a person looks at it."""
    from tfhand.cli import text_photos

    kind = text_photos.LINE if shown == LINE else text_photos.LINES
    place = session.folder / "seen.png"
    found = text_photos.read_text_photo(
        image, text, kind, models.reader_name, place, models.aligner_name, draw_all=True, done=done
    )
    return Seen(name, found.hand, shown_size(read_picture(place)), "".join(found.left_out.values()))


def _read_sheet(name: str, image: np.ndarray, models: Models) -> Seen:
    from tfhand.models.reader.misreads import flag_doubtful
    from tfhand.scan import find_sheet
    from tfhand.scan.sheet.boxes import EMPTY, SCRIBBLED, UNREADABLE, WRITTEN

    reading = find_sheet(image)
    hand = reading.hand
    if hand and models.reader is not None:
        hand = flag_doubtful(hand, models.reader)
    picture = Image.fromarray(np.ascontiguousarray(reading.sheet.picture))
    draw, scale = ImageDraw.Draw(picture), reading.sheet.scale
    colours = {WRITTEN: _GREEN, EMPTY: _GREY, SCRIBBLED: _RED, UNREADABLE: _RED}
    for box, (top, left, bottom, right) in zip(reading.boxes, reading.page.boxes * scale, strict=True):
        draw.rectangle((left, top, right, bottom), outline=colours[box.state], width=max(2, round(0.3 * scale)))
        if box.state in (SCRIBBLED, UNREADABLE):  # a cross says it without the colour
            draw.line((left, top, right, bottom), fill=_RED, width=max(2, round(0.3 * scale)))
        elif box.state == WRITTEN:
            _tick(draw, right, top, scale)
    left_out = reading.with_state(SCRIBBLED) + reading.with_state(UNREADABLE)
    return Seen(name, hand, shown_size(np.asarray(picture)), left_out)


def _tick(draw: ImageDraw.ImageDraw, right: float, top: float, scale: float) -> None:
    """A tick in the top right corner of a box."""
    points = [(right - 3.4, top + 1.6), (right - 2.4, top + 2.6), (right - 0.8, top + 0.6)]
    places = [(right + (x - right) * scale, top + (y - top) * scale) for x, y in points]
    draw.line(places, fill=_GREEN, width=max(2, round(0.4 * scale)))


def shown_size(pixels: np.ndarray) -> np.ndarray:
    """A picture small enough for a page."""
    picture = Image.fromarray(pixels)
    picture.thumbnail((WIDEST, WIDEST))
    return np.asarray(picture)


def told(session: Session, seen: Sequence[Seen], failed: Sequence[str]) -> list[str]:
    """What was found, in sentences."""
    hand = functools.reduce(Hand.merged, (one.hand for one in seen))
    doubtful = [one.character for one in hand.samples if one.doubt]
    left_out = "".join(one.left_out for one in seen)
    sentences = [session.say("found_letters", count=len(hand.samples), letters=" ".join(hand))]
    sentences += [session.say("found_words", count=len(hand.words))] if hand.words else []
    sentences += [session.say("found_doubtful", letters=" ".join(doubtful))] if doubtful else []
    sentences += [session.say("found_left_out", letters=" ".join(left_out))] if left_out else []
    return [*sentences, *failed]

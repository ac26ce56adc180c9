"""The letters and words of a Hand one by one: what is there, what is drawn for what is not, and ways to mend one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from tfhand.app.session import Session, state_of
from tfhand.core.pictures import read_picture
from tfhand.data.rasterize import draw_line
from tfhand.errors import HandError, PictureError
from tfhand.hands.glyph import ink_box
from tfhand.hands.hand import Hand
from tfhand.hands.sample import GENERATED, WRITTEN, Sample
from tfhand.hands.word_sample import WordSample
from tfhand.synthesis.synthesizer import Synthesizer
from tfhand.typeset.nib import nib_of

OFFERED = 6  # forms to choose among
SIDE, BASELINE, X_HEIGHT = 300, 210, 90  # pixels of the field that letters are written in, as in static/page.js
NIB = 0.16  # x-heights, where the person's own is not known
MOST_POINTS = 20_000  # of a letter that is written on the page
MARGIN = 6  # pixels of paper around it


def tiles(session: Session, pen: Synthesizer) -> tuple[Sample | WordSample, ...]:
    """All letters, then all words.

    A letter is drawn for each that the Hand lacks, or of which it has only doubtful ones.
    """
    hand, complete = session.require_hand(), session.complete(pen)
    own = set(hand.approved)
    drawn = [samples[0] for c in complete if c not in own and (samples := complete.samples_of(c))]
    order = {c: place for place, c in enumerate(Hand(samples=(*hand.samples, *drawn)))}
    return *sorted((*hand.samples, *drawn), key=lambda one: order[one.character]), *hand.words


def text_of(one: Sample | WordSample) -> str:
    """What a letter or a word says."""
    return one.text if isinstance(one, WordSample) else one.character


def chosen(session: Session) -> Sample | WordSample:
    """The letter or the word that is being mended.

    Raises:
        HandError: none was chosen.
    """
    if session.chosen is None:
        raise HandError(session.say("error_no_letter"))
    return session.chosen


def chosen_letter(session: Session) -> Sample:
    """The letter that is being mended.

    Raises:
        HandError: none was chosen, or a word.
    """
    one = chosen(session)
    if isinstance(one, WordSample):
        raise HandError(session.say("error_word"))
    return one


def subject_number(session: Session) -> int | None:
    """The number under which the page knows what is chosen."""
    if session.chosen is None:
        return None
    numbers = [number for number, one in enumerate(session.subjects) if one is session.chosen]
    if not numbers:
        session.subjects.append(session.chosen)
    return numbers[0] if numbers else len(session.subjects) - 1


@contextmanager
def subject(session: Session, number: int | None) -> Iterator[None]:
    """What is done inside is done to what the page showed when a button was pressed, whatever was chosen since.

    What is mended keeps its number, so that a page that does not show it yet can ask for it.

    Raises:
        HandError: it is gone: thrown away, or undone.
    """
    with session.mending:
        asked = session.subjects[number] if number is not None and 0 <= number < len(session.subjects) else None
        since, session.chosen = session.chosen, asked
        try:
            if asked is not None and state_of(asked) != GENERATED and not _is_own(session, asked):
                raise HandError(session.say("error_no_letter"))
            yield
            if number is not None and session.chosen is not None:
                session.subjects[number] = session.chosen
        finally:
            if since is not asked:
                session.chosen = since


def _own(session: Session) -> Sample | WordSample:
    """What is being mended, if it is of the Hand."""
    one = chosen(session)
    if not _is_own(session, one):
        raise HandError(session.say("error_drawn_letter"))
    return one


def _is_own(session: Session, one: Sample | WordSample) -> bool:
    """Whether a letter or a word is of the Hand, and not drawn for what it lacks."""
    return any(one is own for own in _all(session.hand))


def _all(hand: Hand) -> tuple[Sample | WordSample, ...]:
    return *hand.samples, *hand.words


def relabel(session: Session, text: str) -> None:
    """The chosen letter is another one, or the chosen word says something else."""
    one = _own(session)
    text = text.strip()
    if isinstance(one, Sample) and len(text) != 1:
        raise HandError(session.say("error_one_letter"))
    _change(session, session.hand.relabel(one, text), one)


def drop(session: Session) -> None:
    """The chosen letter or word is thrown away."""
    session.change(session.hand.drop(_own(session)))
    session.chosen = None


def approve(session: Session) -> None:
    """The chosen letter or word is right; a letter that was drawn is kept as it is from now on."""
    one = chosen(session)
    if isinstance(one, WordSample) or _is_own(session, one):
        _change(session, session.hand.approve(one), one)
    else:
        _put(session, one)


def put(session: Session, sample: Sample) -> None:
    """Another form in the place of the chosen letter."""
    one = chosen_letter(session)
    if _is_own(session, one):
        _change(session, session.hand.replace(one, sample), one)
    else:
        _put(session, sample)


def _put(session: Session, sample: Sample) -> None:
    session.change(Hand(samples=(*session.hand.samples, sample), words=session.hand.words))
    session.chosen = sample


def _change(session: Session, hand: Hand, old: Sample | WordSample) -> None:
    """Takes a Hand in which one letter or word is another, which is then the chosen one."""
    before = {id(one) for one in _all(session.hand) if one is not old}
    session.change(hand)
    session.chosen = next((one for one in _all(hand) if id(one) not in before), None)


def is_about(session: Session, character: str) -> bool:
    """Whether the letter that is being mended is one of this character."""
    return isinstance(session.chosen, Sample) and session.chosen.character == character


def offer(session: Session, pen: Synthesizer, character: str) -> tuple[Sample, ...]:
    """Forms of a letter to choose among, as networks write it in this hand; other ones if asked again."""
    again = bool(session.offered) and session.offered[0].character == character
    session.offers = session.offers + 1 if again else 0
    own = session.require_hand().approved
    found = pen.candidates(own, character, OFFERED, seed=session.offers)
    session.offered = tuple(found)
    return session.offered


def take(session: Session, number: int) -> None:
    """One of the forms that were offered.

    Raises:
        HandError: there is no such form of the chosen letter.
    """
    chosen_letter(session)
    if not 0 <= number < len(session.offered) or not is_about(session, session.offered[number].character):
        raise HandError(session.say("error_no_form"))
    put(session, session.offered[number])


def cut(session: Session, picture: Path, box: Sequence[float] | None) -> None:
    """A piece of a picture in the place of the chosen letter.

    Args:
        session: whose letter it is.
        picture: of the person, in their folder.
        box: left, top, width and height as shares of the picture; None for all of it.
    """
    pixels = read_picture(picture)
    if box is not None:
        if len(box) != 4 or not all(math.isfinite(share) and 0 <= share <= 1 for share in box):
            raise PictureError(session.say("error_box"))
        high, wide = pixels.shape[:2]
        left, top = round(box[0] * wide), round(box[1] * high)
        pixels = pixels[top : top + round(box[3] * high), left : left + round(box[2] * wide)]
        if min(pixels.shape[:2]) < 4:
            raise PictureError(session.say("error_box"))
    put(session, Sample(chosen_letter(session).character, pixels))


def written(session: Session, strokes: Sequence[Sequence[Sequence[float]]]) -> None:
    """A letter that was written on the page, in the place of the chosen one.

    Args:
        session: whose letter it is.
        strokes: points (x, y) of each in pixels of the field.
    """
    lines = [_points(session, stroke) for stroke in strokes[:MOST_POINTS] if stroke]
    if not lines or sum(map(len, lines)) > MOST_POINTS:
        raise PictureError(session.say("error_no_stroke"))
    known = [one for one in session.hand.written.samples if one.height is not None]
    nib = nib_of(known) if known else NIB
    ink = draw_line(lines, (SIDE, SIDE), nib * X_HEIGHT)
    if ink.max() == 0:
        raise PictureError(session.say("error_no_stroke"))
    top, _, bottom, _ = ink_box(ink)
    foot, height = (BASELINE - bottom) / X_HEIGHT, (bottom - top) / X_HEIGHT
    character = chosen_letter(session).character
    put(session, replace(Sample(character, np.pad(ink, MARGIN), WRITTEN), baseline=foot, height=height))


def _points(session: Session, stroke: Sequence[Sequence[float]]) -> np.ndarray:
    """The points of a stroke, float64 (n, 2); what comes from a browser may be anything."""
    try:
        points = np.array(stroke, np.float64).reshape(-1, 2)
    except (TypeError, ValueError):
        raise PictureError(session.say("error_no_stroke")) from None
    if not np.isfinite(points).all():
        raise PictureError(session.say("error_no_stroke"))
    points = np.clip(points, 0, SIDE)
    return np.repeat(points, 2, axis=0) if len(points) == 1 else points

"""A line of running writing whose text is known, read into words that are cut into letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from tfhand.hands.glyph import ink_box
from tfhand.hands.hand import Hand, Sample, WordSample
from tfhand.hands.word_sample import LONGEST
from tfhand.scan.image.components import Component, find_components, stroke_width
from tfhand.scan.image.cropping import PADDING, crop_glyph, edge_of
from tfhand.scan.image.deskew import DeskewedPage, deskew
from tfhand.scan.line.found import FoundCharacter
from tfhand.scan.line.geometry import LineGeometry, box_costs, boxes_of
from tfhand.scan.line.mismatch import describe_mismatch
from tfhand.scan.running.baseline import fit_rows
from tfhand.scan.running.letters import FindLetters, SteadyLetters, WordPicture, cuts_between, steady_letters
from tfhand.scan.running.slant import running_slant
from tfhand.scan.running.words import match_words

FREE_SLOPE, RULED_SLOPE = 0.05, 0.012  # standard deviations of a line's slope, without rulings and with them
LEVEL_SLOPE = 0.004  # a line of less slope is left as it is
WORK_STROKE = 8.0  # pixels; broader strokes are read at a smaller scale
BORDER = 0.25  # share of the ink; more of it that touches the border is of the line
PIECE = 0.25  # share of a letter's mean ink that a piece of a letter's size has
JOINED = 0.85  # pieces for a letter; where there are fewer, letters are joined
SURE, SURE_WORD = 0.3, 0.4  # sureness from which a letter is taken, where that of the word's letters is so on average
MOST_COST = 4.0  # of a sure letter's place and size, as by `box_costs`
LEAST_SURE = 0.2  # share of a line's letters; where fewer are sure, the text is another one

INK = 60  # of 255: more counts as ink

NOT_SURE, NO_WORDS = "not surely told from its neighbours", "in a line whose words do not fit its text"
NOT_KNOWN = "in a word with signs that the aligner does not know"


@dataclass(frozen=True, eq=False)
class RunningReading:
    """The reading of a line of running writing.

    Attributes:
        found: the characters of the text without its spaces.
        words: the words that were cut into letters, in the order of the text.
        doubt: why nothing of it is to be believed, or an empty string.
    """

    found: tuple[FoundCharacter, ...]
    words: tuple[WordSample, ...] = field(default=(), repr=False)
    doubt: str = ""

    @property
    def taken(self) -> list[Sample]:
        """The letters that are sure."""
        return [one.sample for one in self.found if one.sample]

    @property
    def hand(self) -> Hand:
        """The words, and the letters that are sure."""
        return Hand(samples=self.taken, words=self.words)


@dataclass(frozen=True, eq=False)
class WrittenWord:
    """A word's ink, where its first pixel lies on the page, and the line in pixels of the ink.

    Attributes:
        text: what it says.
        ink: uint8 [h, w], white on black.
        corner: row and column on the page.
        line: level.
    """

    text: str
    ink: np.ndarray
    corner: tuple[int, int]
    line: LineGeometry


def find_running_on(page: DeskewedPage, says: str, find_letters: FindLetters) -> RunningReading:
    """All that can be read from a page that shows one line of running writing.

    Args:
        page: with some ink.
        says: the text; spaces are between its words.
        find_letters: an aligner.
    """
    page, line = level_line(_with_own_border(page), says)
    stroke, slant = stroke_width(page.ink), running_slant(page.ink & ~page.on_border)
    written = _written_words(page, says.split(), line, stroke)
    if not written:
        return _left_out(says, page)
    pictures = [WordPicture(one.ink, one.line.baseline, one.line.x_height, slant) for one in written]
    letters = steady_letters(pictures, [one.text for one in written], find_letters)
    samples = [_word_sample(one, own, slant, stroke) for one, own in zip(written, letters, strict=True)]
    sure = np.concatenate([one.sure if one else [False] for one in samples])
    if sure.mean() < LEAST_SURE:
        return _left_out(says, page)
    found = [
        each
        for one, sample in zip(written, samples, strict=True)
        for each in (_letters(page, one, sample) if sample else _without(one.text, NOT_KNOWN))
    ]
    return RunningReading(tuple(found), tuple(one for one in samples if one))


def _with_own_border(page: DeskewedPage) -> DeskewedPage:
    """The page, whose ink at the border is its own where that is much of it: one long word may touch the border."""
    much = page.on_border.sum() > BORDER * page.ink.sum()
    return replace(page, on_border=np.zeros_like(page.on_border)) if much else page


def is_running(page: DeskewedPage, says: str) -> bool:
    """Whether letters are joined: a text has more letters than there are pieces of ink of a letter's size.

    Args:
        page: with the ink of the text.
        says: the text.
    """
    page, letters = _with_own_border(page), len("".join(says.split()))
    sizes = np.array([len(one.rows) for one in find_components(page.ink, page.on_border) if not one.on_border])
    return bool((sizes > PIECE * sizes.sum() / letters).sum() < JOINED * letters)


def level_line(page: DeskewedPage, says: str) -> tuple[DeskewedPage, LineGeometry]:
    """The part of a page with ink, turned until its one line is level, at the scale that is read, and that line."""
    page = page.around_ink()
    stroke = stroke_width(page.ink)
    if stroke >= 2 * WORK_STROKE:
        page = page.reduced(int(stroke / WORK_STROKE))
    if page.ruled and abs(page.ruled) > LEVEL_SLOPE:
        page = deskew(page, page.ruled)
    spread = FREE_SLOPE if page.ruled is None else RULED_SLOPE
    line = fit_rows(page.ink & ~page.on_border, says, spread)
    if abs(line.slope) > LEVEL_SLOPE:
        page = deskew(page, line.slope)
    return page, fit_rows(page.ink & ~page.on_border, says)


def _written_words(page: DeskewedPage, words: Sequence[str], line: LineGeometry, stroke: float) -> list[WrittenWord]:
    """The words of a level line, cut out of the page; none where they are not told apart."""
    components = [one for one in find_components(page.ink, page.on_border) if not one.on_border]
    matched = match_words(components, words, line.x_height)
    return [written_word(page, *one, line, stroke) for one in zip(words, matched, strict=False)]


def written_word(
    page: DeskewedPage, text: str, components: Sequence[Component], line: LineGeometry, stroke: float
) -> WrittenWord:
    """The ink of a word, cut out of a level page.

    Args:
        page: on which it is written.
        text: what it says.
        components: its ink.
        line: on which it stands, in pixels of the page.
        stroke: width of the strokes in pixels.
    """
    assignment = -page.ink.astype(np.int16)
    for one in components:
        assignment[one.rows, one.columns] = 1
    top, left, bottom, right = boxes_of([components])[0].astype(int).tolist()
    ink = crop_glyph(page.contrast, assignment, 1, (top, left, bottom, right), page.level, stroke)
    corner = max(top - edge_of(stroke), -PADDING), max(left - edge_of(stroke), -PADDING)
    before = LineGeometry(line.x_height, line.baseline - corner[0])
    return WrittenWord(text, ink, corner, fit_rows(ink, text, before=before))


def _word_sample(word: WrittenWord, letters: SteadyLetters, slant: float, stroke: float) -> WordSample | None:
    """A word cut into letters; None where the aligner could not read it. Its measures are those of the ink."""
    if not letters.known or len(word.text) > LONGEST:
        return None
    sample = WordSample(
        word.text,
        word.ink,
        baseline=word.line.baseline + stroke / 2,
        x_height=word.line.x_height + stroke,
        cuts=cuts_between(letters.edges, slant, word.line.x_height).tolist(),
        slant=slant,
    )
    sure = (letters.sureness > SURE) & (letters.sureness.mean() > SURE_WORD) & _are_usual(sample, stroke)
    return replace(sample, sure=sure.tolist())


def _are_usual(word: WordSample, stroke: float) -> np.ndarray:
    """Whether each letter's ink has a place and size that is likely for it, bool (letters,)."""
    line = LineGeometry(word.x_height - stroke, word.baseline - stroke / 2)
    usual = np.zeros(len(word.text), bool)
    for k, character in enumerate(word.text):
        piece, _ = word.piece(k, k + 1)
        if (piece > INK).any():
            usual[k] = box_costs(np.array(ink_box(piece), float), character, line, stroke)[0] < MOST_COST
    return usual


def _letters(page: DeskewedPage, word: WrittenWord, sample: WordSample) -> list[FoundCharacter]:
    """The letters of a word, with samples of those that are sure."""
    down, along = (place + crop for place, crop in zip(word.corner, _crop_corner(word.ink), strict=True))
    found = []
    for k, character in enumerate(word.text):
        piece, begin = sample.piece(k, k + 1)
        if not (piece > INK).any():
            found += _without(character, NOT_SURE)
            continue
        top, left, bottom, right = ink_box(piece)
        rows = down + np.array([top, top, bottom, bottom]) - 0.5
        columns = along + begin + np.array([left, right, left, right]) - 0.5
        y, x = page.to_photo(rows, columns)
        box = np.array([y.min(), x.min(), y.max(), x.max()])
        letter = sample.sample(k)
        found.append(FoundCharacter(character, box, letter, "" if letter else NOT_SURE))
    return found


def _crop_corner(ink: np.ndarray) -> tuple[int, int]:
    """The row and column of a picture at which the ink of its `WordSample` begins."""
    top, left, _, _ = ink_box(ink)
    return top - 1, left - 1


def _left_out(says: str, page: DeskewedPage) -> RunningReading:
    """The reading of a line whose ink is not of its text."""
    characters = "".join(says.split())
    return RunningReading(tuple(_without(characters, NO_WORDS)), doubt=describe_mismatch(characters, page))


def _without(characters: str, reason: str) -> list[FoundCharacter]:
    return [FoundCharacter(one, np.full(4, np.nan), reason=reason) for one in characters]

"""A photo of a known text, read for a command: the letters that are sure, and a picture of those that are not."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfhand.core.files import atomic_write
from tfhand.core.pictures import write_tagged_picture
from tfhand.core.progress import Done, unwatched
from tfhand.errors import ReadingError

if TYPE_CHECKING:
    import numpy as np

    from tfhand.hands.hand import Hand
    from tfhand.hands.sample import Sample
    from tfhand.hands.word_sample import WordSample
    from tfhand.scan.line.paragraph import PageReading
    from tfhand.scan.line.reading import LineReading
    from tfhand.scan.running.letters import WordPicture
    from tfhand.scan.running.reading import RunningReading

ADVICE = "other pictures of the same writing may show them apart"
CHECK_FIELDS = "Forms differ: write the fields of this one, as they are printed on it, into a file for --says-file."
UNKNOWN = "?"  # what a letter is taken for whose text is a guess
LINE, LINES, NIST_HSF = "line", "lines", "nist-hsf"  # what a photo of a text may show


@dataclass(frozen=True)
class TextPhoto:
    """What a photo of a text showed.

    Attributes:
        hand: the letters that were taken, with the reader's doubts, and the words of joined writing.
        left_out: the other characters of the text by the reason why they were not taken.
        picture: where all this is drawn on the photo; None where nothing was left out.
    """

    hand: Hand
    left_out: Mapping[str, str] = field(default_factory=dict)
    picture: Path | None = None

    @property
    def told(self) -> str:
        """What was left out and why, for a person; empty where nothing was."""
        reasons = [f"{' '.join(characters)} ({reason})" for reason, characters in self.left_out.items()]
        return f"{', '.join(reasons)}; see {self.picture}; {ADVICE}" if reasons else ""


def read_text_photo(
    image: np.ndarray,
    text: str,
    shown: str,
    reader: str,
    picture: Path,
    aligner: str = "",
    draw_all: bool = False,
    done: Done = unwatched,
) -> TextPhoto:
    """Reads a photo of a text.

    Args:
        image: uint8 [H, W, 3].
        text: what stands on it.
        shown: `LINE`; `LINES`, broken in the text as on the photo; or `NIST_HSF`, the form with the text's fields.
        reader: the preset that helps to tell the letters and checks them; empty for none.
        picture: where what was seen is drawn if something is left out.
        aligner: the preset that finds the letters of joined writing; empty where letters must stand apart.
        draw_all: draws it in any case.
        done: is called with the share of several lines that are read.

    Raises:
        HandwritingError: nothing on the photo is sure to be of this text, or it says something else.
    """
    from tfhand.hands.hand import Hand
    from tfhand.models.reader.legibility import reading_costs
    from tfhand.models.reader.misreads import check_text, flag_misreads
    from tfhand.scan import find_form, find_line, find_lines
    from tfhand.scan.line.mismatch import annotated
    from tfhand.scan.line.plausibility import UNFIT
    from tfhand.scan.sheet.form import run_places

    read = functools.partial(reading_costs, _load(reader)) if reader else None
    find: dict[str, Callable[..., LineReading | RunningReading | PageReading]]
    find = {LINE: find_line, LINES: functools.partial(find_lines, done=done), NIST_HSF: find_form}
    letters = [functools.partial(_find_letters, aligner)] if aligner and shown != NIST_HSF else []
    found = find[shown](image, text, read, *letters)
    samples = [one.sample for one in found.found if one.sample]
    joined = bool(found.hand.words)
    doubts = flag_misreads(samples, _load(reader), joined=joined) if reader else [""] * len(samples)
    doubted = [one for one, doubt in zip(samples, doubts, strict=True) if doubt]
    words = [_without_doubted(one, doubted) for one in found.hand.words]
    samples = [replace(one, doubt=doubt) for one, doubt in zip(samples, doubts, strict=True)]
    left_out: dict[str, str] = defaultdict(str)
    for one in found.found:
        if one.reason:
            left_out[one.reason] += one.character
    if found.doubt or left_out or draw_all:
        write_tagged_picture(picture, annotated(image, found.found, doubts))
    if found.doubt:
        raise ReadingError(f"{found.doubt} What was seen is marked in {picture}.")
    if reader:
        judged = run_places(text) if shown == NIST_HSF else range(len(found.found))
        places = [k for k, one in enumerate(found.found) if one.sample]
        hand = Hand(samples=[one for k, one in zip(places, samples, strict=True) if k in judged])
        unfit = "".join(found.found[k].character for k in judged if found.found[k].reason in UNFIT)
        check_text(hand, text, unfit, *([CHECK_FIELDS] if shown == NIST_HSF else []))
    return TextPhoto(Hand(samples=samples, words=words), left_out, picture if left_out else None)


def _without_doubted(word: WordSample, doubted: Sequence[Sample]) -> WordSample:
    """A word whose letters are not sure either where the reader takes them for others."""
    sure = [one and word.sample(place) not in doubted for place, one in enumerate(word.sure)]
    return replace(word, sure=sure)


def read_guess(image: np.ndarray, aligner: str, text: Path, picture: Path) -> TextPhoto:
    """Reads a photo of joined writing whose text is not known; all that is taken is doubtful.

    Args:
        image: uint8 [H, W, 3].
        aligner: the preset that reads the words and finds their letters.
        text: the file for what was read, which a person corrects.
        picture: where what was seen is drawn if something is left out.

    Raises:
        HandwritingError: nothing on the photo could be read.
    """
    from tfhand.hands.hand import Hand
    from tfhand.models.aligner.photo_words import read_words
    from tfhand.scan.running.guess import guess_text

    guessed = guess_text(image, functools.partial(read_words, _load(aligner)))
    with atomic_write(text) as temporary:
        temporary.write_text(f"{guessed}\n", encoding="utf-8")
    print(f"read, to be corrected in {text} and given back with --says-file {text}:", guessed, sep="\n")
    found = read_text_photo(image, guessed, LINES, "", picture, aligner)
    samples = [replace(one, doubt=UNKNOWN) for one in found.hand.samples]
    words = [replace(one, sure=(False,) * len(one.text)) for one in found.hand.words]
    return replace(found, hand=Hand(samples=samples, words=words))


def _find_letters(aligner: str, pictures: Sequence[WordPicture], words: Sequence[str]) -> list[np.ndarray]:
    """As `FindLetters`; the networks are loaded where the first joined letters are seen."""
    from tfhand.models.aligner.photo_words import find_letters

    return find_letters(_load(aligner), pictures, words)


@functools.cache
def _load(preset: str) -> Any:
    from tfhand.models import registry

    return registry.load_for_inference(preset)

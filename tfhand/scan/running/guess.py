"""What running writing might say whose text is not known: its lines and words are found, and an aligner reads them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from tfhand.errors import ReadingError
from tfhand.scan.image.components import Component, find_components, stroke_width
from tfhand.scan.image.deskew import DeskewedPage, deskew, page_from_photo
from tfhand.scan.line.geometry import LineGeometry
from tfhand.scan.line.paragraph import page_slope
from tfhand.scan.running.baseline import row_heights, row_spread
from tfhand.scan.running.letters import WordPicture
from tfhand.scan.running.lines import ink_rows, parted
from tfhand.scan.running.reading import written_word
from tfhand.scan.running.words import runs_of

ReadWords = Callable[[Sequence[WordPicture]], list[str]]
"""An aligner that reads words without being told what they say; empty where it reads nothing."""

USUAL_TEXT = "the quick brown fox jumps over the lazy dog"
SIZES = np.geomspace(0.012, 0.5, 60)  # x-heights that are tried, as shares of the page's height
SMALLEST = 5.0  # pixels of an x-height
PITCH = 2.2  # x-heights from one baseline to the next, at least
LINE = 0.1  # share of the fullest line's likeness to writing that each line has
SPACE = 0.7  # x-heights: wider gaps are between words
SPECK = 0.5  # x-heights: smaller ink makes no word of its own


def guess_text(image: np.ndarray | str | os.PathLike, read_words: ReadWords) -> str:
    """What a photo of joined writing might say, with a line break after each line; often wrong.

    Args:
        image: uint8 array of shape (height, width) or (height, width, 3), dark ink on light paper, or a path.
        read_words: an aligner.

    Raises:
        PictureError: the picture is missing, unreadable, or too small or large.
        ReadingError: there is no ink that could be writing.
    """
    page = page_from_photo(image)
    page = deskew(page, page_slope(page))
    components = [one for one in find_components(page.ink, page.on_border) if not one.on_border]
    if not components:
        raise ReadingError("There is no ink to be seen on the picture; take the photo with paper all around the text.")
    unit, baselines = find_baselines(ink_rows(components).astype(float))
    ends = [round((upper + lower - unit) / 2) for upper, lower in pairwise(baselines)] + [len(page.ink)]
    parts, lines = parted(components, ends)
    texts = []
    for number, baseline in enumerate(baselines):
        own = [one for one, line in zip(parts, lines, strict=True) if line == number]
        words = _read_line(page, _words(own, unit), LineGeometry(unit, baseline), read_words)
        texts += [" ".join(words)] if words else []
    if not texts:
        raise ReadingError("Nothing on the picture could be read as writing; give its text with --says-file.")
    return "\n".join(texts)


def find_baselines(rows: np.ndarray) -> tuple[float, list[float]]:
    """The x-height of a level page and the baselines of its lines from top to bottom, in pixels.

    For each x-height the rows are correlated with those of usual writing, whose ink is spread as `row_spread` says; the
    x-height is taken at which lines explain most of the variance.

    Args:
        rows: float (h,), the ink in each row; some of it not 0.
    """
    spread = row_spread(USUAL_TEXT)
    heights = row_heights()
    best, found = -np.inf, (SMALLEST, [float(len(rows))])
    for unit in np.unique(np.maximum(SIZES * len(rows), SMALLEST)):
        reach = int(np.ceil(3 * unit))
        kernel = np.interp(-np.arange(-reach, reach + 1) / unit, heights, spread, left=0, right=0)
        kernel = (kernel - kernel.mean()) / np.linalg.norm(kernel - kernel.mean())
        likeness = np.correlate(np.pad(rows, 2 * reach), kernel, "valid")[reach:]  # of a baseline in each row
        peaks = _peaks(likeness, PITCH * unit)
        explained = float(np.square(likeness[peaks]).sum())
        if explained > best:
            best, found = explained, (float(unit), [float(peak) for peak in peaks])
    return found


def _peaks(likeness: np.ndarray, apart: float) -> list[int]:
    """The places of the largest values, no two of them nearer than `apart`, in order."""
    left, peaks = likeness.copy(), []
    while left.max() > max(LINE * likeness.max(), 0):
        peak = int(left.argmax())
        peaks.append(peak)
        left[max(0, int(peak - apart)) : int(peak + apart) + 1] = -np.inf
    return sorted(peaks)


def _words(components: Sequence[Component], unit: float) -> list[list[Component]]:
    """Components from left to right, divided at wide gaps; without specks that stand alone."""
    words = runs_of(components, SPACE * unit)
    return [word for word in words if max(one.longest_side for one in word) > SPECK * unit]


def _read_line(
    page: DeskewedPage, words: Sequence[list[Component]], line: LineGeometry, read_words: ReadWords
) -> list[str]:
    """What the words of a line say, without those of which nothing was read."""
    if not words:
        return []
    stroke, pictures = stroke_width(page.ink), []
    for word in words:
        own = written_word(page, USUAL_TEXT, word, line, stroke)
        pictures.append(WordPicture(own.ink, own.line.baseline, own.line.x_height))
    return [text for text in read_words(pictures) if text]

"""Where the letters of a known text stand in a line: the likeliest way through its columns.

The line is gap, letter, gap, letter, ..., gap, every gap possibly empty: a hidden semi-Markov model (Yu 2010,
Artificial Intelligence 174), solved by Viterbi's algorithm. A letter's columns are as likely as the aligner's heads
say, and its width as the person's letters usually are: as the character's usual width, made narrower or wider for the
whole line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import log_softmax

from tfhand.data.streams.words import STEP
from tfhand.data.word_pictures import NIB, pixels_per_x_height
from tfhand.errors import TextError
from tfhand.hands.glyph import as_network_input

INK = 60  # of 255: darker counts as ink
GAP = -3.0  # added to the logarithm of a gap's likelihood; paper that a letter takes in is cut off again
DURATION = 6.0  # weight of the logarithm of a letter's likely width beside those of its columns
_STRETCH = (0.5, 2.0)  # of usual widths, at most
_WIDEST = 4.0  # usual widths that a letter may have
_SELDOM = 1e-4  # least probability
_TOGETHER = 32  # pictures that go through the network at a time


@dataclass(frozen=True)
class AlignedLetter:
    """One letter of a text in a picture.

    Attributes:
        character: as the text has it.
        left, right: of its ink, in pixels of the picture.
        confidence: in [0, 1], how sure the network is of the letter in these columns: a geometric mean.
    """

    character: str
    left: float
    right: float
    confidence: float


def align(networks: Any, pictures: Sequence[np.ndarray], texts: Sequence[str]) -> list[list[AlignedLetter]]:
    """Finds the letters of known texts in pictures of lines.

    Args:
        networks: an `Aligner`.
        pictures: uint8 (H, W) each, white ink on black, of the networks' height and with the baseline and x-height of
            `tfhand.data.word_pictures`; as wide as they come.
        texts: what stands on each; spaces do not count.

    Returns:
        for each picture the letters in order, without spaces.

    Raises:
        TextError: a text is empty, holds a character that the networks do not know, or has more letters than its
            picture has columns.
    """
    numbers = [text_numbers(text, networks.characters) for text in texts]
    durations = np.asarray(networks.durations) + (NIB, 0.0)  # of ink, which is a nib wider than the pen's path
    durations = durations * pixels_per_x_height(networks.image_size) / STEP
    found = []
    for picture, logits, own, text in zip(pictures, column_logits(networks, pictures), numbers, texts, strict=True):
        if len(own) > len(logits[0]):
            raise TextError(f"A picture of {len(logits[0])} columns cannot hold the {len(own)} letters of {text!r}.")
        spans, sure = viterbi(*logits, own, durations[own] * line_stretch(picture, durations, own))
        found.append(
            [
                AlignedLetter(character, *trimmed(picture, *(STEP * span)), float(confidence))
                for character, span, confidence in zip("".join(text.split()), spans, sure, strict=True)
            ]
        )
    return found


def column_logits(networks: Any, pictures: Sequence[np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
    """(reading, letters) of each picture, (columns, 1 + characters) both.

    Paper is added at the right, so much that no column sees what lies beyond it.
    """
    paper = STEP * networks.reach
    found = []
    for at in range(0, len(pictures), _TOGETHER):
        some = pictures[at : at + _TOGETHER]
        width = STEP * -(-max(picture.shape[1] for picture in some) // STEP) + paper
        padded = np.stack([np.pad(picture, ((0, 0), (0, width - picture.shape[1]))) for picture in some])
        both = [np.asarray(logits).astype(float) for logits in networks(as_network_input(padded))]
        counts = [-(-picture.shape[1] // STEP) for picture in some]
        found += [(both[0][row, :count], both[1][row, :count]) for row, count in enumerate(counts)]
    return found


def read(networks: Any, pictures: Sequence[np.ndarray]) -> list[str]:
    """What lines say, without spaces: the likeliest class of every column, repetitions and blanks left out."""
    best = [reading.argmax(axis=-1) for reading, _ in column_logits(networks, pictures)]
    return [in_text(own[np.flatnonzero(np.diff(own, prepend=0))], networks.characters) for own in best]


def text_numbers(text: str, characters: str) -> np.ndarray:
    """The letters of a text as classes of the networks, without spaces, (letters,).

    Raises:
        TextError: no letter, or one that is not among the characters.
    """
    letters = "".join(text.split())
    if not letters:
        raise TextError("There is no letter to look for; say what stands on the line.")
    unknown = "".join(dict.fromkeys(one for one in letters if one not in characters))
    if unknown:
        raise TextError(f"The aligner does not know {' '.join(unknown)}; it knows {characters}.")
    return np.array([1 + characters.index(letter) for letter in letters])


def in_text(numbers: np.ndarray, characters: str) -> str:
    """The text of classes; those that are 0 are left out."""
    return "".join(characters[number - 1] for number in numbers if number)


def line_stretch(picture: np.ndarray, durations: np.ndarray, numbers: np.ndarray) -> float:
    """The factor that brings the usual widths of a text's letters to the columns that hold ink."""
    inked = np.count_nonzero((picture > INK).any(axis=0)) / STEP
    return float(np.clip(inked / max(durations[numbers, 0].sum(), 1e-6), *_STRETCH))


def trimmed(picture: np.ndarray, left: float, right: float) -> tuple[float, float]:
    """An interval of a picture without the paper at its ends; as it is where there is no ink."""
    inked = np.flatnonzero((picture[:, int(left) : int(right)] > INK).any(axis=0))
    return (int(left) + float(inked[0]), int(left) + float(inked[-1]) + 1) if len(inked) else (left, right)


def viterbi(
    reading: np.ndarray, letters: np.ndarray, numbers: np.ndarray, durations: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The likeliest columns of letters that follow each other.

    Args:
        reading, letters: (T, classes) logits of the two heads.
        numbers: (L,), the letters' classes.
        durations: (L, 2), mean and deviation of their widths in columns.

    Returns:
        first column of each letter and the one after its last, int (L, 2); and their confidences (L,).
    """
    steps, count = len(letters), len(numbers)
    which = np.unique(np.concatenate([[0], numbers]))
    log_columns = np.full(letters.shape, -np.inf)
    log_columns[:, which] = log_softmax(letters[:, which], axis=-1)  # no other letter is in the text
    peaks = np.log1p(
        -np.exp(np.minimum(log_softmax(reading, axis=-1), -_SELDOM))
    )  # that a letter is not read in a column
    gaps = _cumulated(log_columns[:, 0] + GAP)
    best = gaps.copy()  # (T + 1,): columns so far hold the letters so far and perhaps a gap
    longest = max(1, min(steps, int(np.ceil(_WIDEST * max(durations[:, 0].max(), 1.0)))))
    ends, widths = np.arange(steps + 1)[:, None], np.arange(1, longest + 1)[None]
    starts = np.maximum(ends - widths, 0)
    possible = ends >= widths
    begins, lasts = [], []
    for number, (mean, deviation) in zip(numbers, durations, strict=True):
        own, absent = _cumulated(log_columns[:, number]), _cumulated(peaks[:, number])
        score = best[starts] + own[ends] - own[starts]  # (T + 1, widths)
        score += np.log(_SELDOM + 1 - np.exp(absent[ends] - absent[starts]))  # somewhere in them the letter is read
        score -= DURATION * 0.5 * np.square((widths - mean) / deviation)
        score = np.where(possible, score, -np.inf)
        width = score.argmax(axis=1)
        after = score[np.arange(steps + 1), width] - gaps
        last = _where_best(after)
        begins.append(np.arange(steps + 1) - 1 - width)
        lasts.append(last)
        best = after[last] + gaps
    spans, end = np.zeros((count, 2), int), steps
    for letter in reversed(range(count)):
        end = int(lasts[letter][end])
        spans[letter] = begins[letter][end], end
        end = int(spans[letter, 0])
    sure = [log_columns[slice(*span), number].mean() for span, number in zip(spans, numbers, strict=True)]
    return spans, np.exp(np.minimum(sure, 0.0))


def _where_best(scores: np.ndarray) -> np.ndarray:
    """For each place that of the largest score so far, (n,)."""
    best = np.maximum.accumulate(scores)
    return np.maximum.accumulate(np.where(scores == best, np.arange(len(scores)), 0))


def _cumulated(logs: np.ndarray) -> np.ndarray:
    """Sums of the first 0, 1, ... numbers, (n + 1,)."""
    return np.concatenate([[0.0], np.cumsum(logs)])

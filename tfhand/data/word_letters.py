"""Letters cut out of printed words: single letters by many people who wrote no isolated ones."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tfhand.core import charset
from tfhand.data.archive import Archive
from tfhand.data.words import WordArchive
from tfhand.errors import ArchiveError

APART = 0.9  # body strokes for each letter, from which a word may be printed
_OVER = 0.45  # of the narrower one's width: two strokes that overlap by more are of one letter
_NARROW = 0.06  # x-heights: a dot or a bar as narrow belongs to the letter that it touches or nearly touches
_NEAR = 0.04  # x-heights
_OWN = 0.95  # of a stroke's points, which must be its letter's


def cut_letters(words: WordArchive) -> Archive:
    """The letters of printed words as an archive of characters, by the same writers.

    Where it is known which letter a point belongs to, a letter is its strokes, if no other letter has a part in them.
    Elsewhere the strokes of a word are put together where they lie over each other; if that gives as many groups as the
    word has letters, each group is a letter. Words in one stroke or with signs give none of theirs.

    Raises:
        ArchiveError: no word is printed.
    """
    found = [
        (character, strokes, int(words.writers[index]))
        for index in range(len(words))
        for character, strokes in _letters(words, index)
    ]
    if not found:
        raise ArchiveError("The archive's words are all joined; no single letter can be cut out of them.")
    characters = charset.order(character for character, _, _ in found)
    writers = np.array([writer for _, _, writer in found], words.writers.dtype)
    sides = np.array([np.ptp(np.concatenate(strokes), axis=0).max() for _, strokes, _ in found], float)
    usual = {writer: max(np.median(sides[writers == writer]), 1.0) for writer in np.unique(writers)}
    return Archive(
        labels=np.array([characters.index(character) for character, _, _ in found], np.uint8),
        classes=np.array([*characters]),
        writers=writers,
        points=np.concatenate([stroke for _, strokes, _ in found for stroke in strokes]),
        stroke_len=np.array([len(stroke) for _, strokes, _ in found for stroke in strokes], np.uint16),
        n_strokes=np.array([len(strokes) for _, strokes, _ in found], np.uint8),
        extent=np.array(
            [side / max(usual[writer], 1) for side, writer in zip(sides, writers, strict=True)], np.float32
        ),
    )


def _letters(words: WordArchive, index: int) -> Iterator[tuple[str, list[np.ndarray]]]:
    """The letters of one word that stand apart, and the strokes of each."""
    text, strokes = str(words.texts[index]), words.strokes(index)
    if words.lettered[index]:
        groups = _known_groups(words.letters_of(index), len(text))
    elif text.isalpha() and len(text) > 1 and words.body_counts[index] >= APART * len(text):
        groups = _groups_side_by_side(words.points_of(index))
    else:
        return
    if len(groups) == len(text):
        for character, group in zip(text, groups, strict=True):
            if group and character.isascii() and character.isalnum():
                yield character, [strokes[number] for number in group]


def _known_groups(letters: list[np.ndarray], count: int) -> list[list[int]]:
    """For each letter the numbers of its strokes; none where it shares a stroke with another."""
    groups: list[list[int]] = [[] for _ in range(count)]
    for number, places in enumerate(letters):
        own = np.bincount(places[places >= 0], minlength=count)
        for letter in np.flatnonzero(own):
            groups[letter].append(number)
    shared = [any(np.mean(letters[number] == letter) < _OWN for number in group) for letter, group in enumerate(groups)]
    return [[] if is_shared else group for group, is_shared in zip(groups, shared, strict=True)]


def _groups_side_by_side(strokes: list[np.ndarray]) -> list[list[int]]:
    """The numbers of strokes that lie over each other, from left to right."""
    boxes = [(stroke[:, 0].min(), stroke[:, 0].max()) for stroke in strokes]
    groups: list[tuple[float, float, list[int]]] = []
    for number in sorted(range(len(strokes)), key=lambda number: boxes[number]):
        left, right = boxes[number]
        overlaps = [min(right, end) - max(left, begin) for begin, end, _ in groups]
        best = int(np.argmax(overlaps)) if groups else -1
        if groups and _belongs(overlaps[best], right - left, groups[best][1] - groups[best][0]):
            begin, end, members = groups[best]
            groups[best] = min(begin, left), max(end, right), [*members, number]
        else:
            groups.append((left, right, [number]))
    return [sorted(members) for _, _, members in sorted(groups, key=lambda group: group[0] + group[1])]


def _belongs(overlap: float, width: float, group_width: float) -> bool:
    """Whether a stroke is of the group that it overlaps; an overlap below 0 is the gap between them."""
    return overlap > _OVER * min(width, group_width) or (width < _NARROW and overlap > -_NEAR)

"""Words set from single letters of one writer: print whose letters are known, wherever there are letters by writers."""

from __future__ import annotations

import numpy as np

from tfhand.core.charset import geometry
from tfhand.data.archive import Archive
from tfhand.data.words import X_HEIGHT, WordArchive
from tfhand.errors import ArchiveError

LONGEST = 8  # letters of a word
_GAPS = (0.05, 0.4)  # x-heights between two letters
_UNEVEN = 0.05  # x-heights, standard deviation of a letter's bottom over the baseline
_LETTERS = 3  # times that each letter is written, about


def spell(archive: Archive, seed: int = 0) -> WordArchive:
    """Words of random letters, by each writer as many as use every letter of theirs about three times.

    A letter is as high, and stands on the line, as is usual of its character; see `tfhand.core.charset.geometry`.

    Args:
        archive: pen strokes with writers.
        seed: of the words.

    Raises:
        ArchiveError: images, which have no strokes, or no writers.
    """
    if archive.images is not None:
        raise ArchiveError("Words are set from pen strokes; this archive is images.")
    rng, texts, writers = np.random.default_rng(seed), [], []
    strokes: list[np.ndarray] = []
    letters: list[np.ndarray] = []
    counts = []
    for writer in archive.need_writers(least=1):
        own = np.flatnonzero(np.asarray(archive.writers) == writer)
        left = _LETTERS * len(own)
        while left > 0:
            chosen = rng.choice(own, int(rng.integers(1, LONGEST + 1)))
            word, places = set_letters(rng, archive, chosen)
            texts.append("".join(archive.characters[archive.labels[index]] for index in chosen))
            writers.append(writer)
            counts.append(len(word))
            strokes += word
            letters += places
            left -= len(chosen)
    return WordArchive(
        texts=np.array(texts),
        writers=np.array(writers, np.int16),
        points=np.rint(np.concatenate(strokes) * X_HEIGHT).astype(np.int16),
        stroke_len=np.array([len(stroke) for stroke in strokes], np.uint16),
        n_strokes=np.array(counts, np.uint16),
        has_chars=np.ones(len(texts), bool),
        char_of_point=np.concatenate(letters).astype(np.int8),
    )


def set_letters(
    rng: np.random.Generator, archive: Archive, chosen: np.ndarray
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Strokes of a word in x-heights, and for each the place of its letter, (points,)."""
    word, places, end = [], [], 0.0
    for place, index in enumerate(chosen):
        usual = geometry(archive.characters[archive.labels[index]])
        strokes = archive.strokes(int(index))
        points = np.concatenate(strokes).astype(float)
        low, size = points.min(axis=0), np.maximum(np.ptp(points, axis=0), 1e-6)
        height = usual.likely_height((size[1], size[0]))
        scale = min(height / size[1], 2 * max(usual.width, height) / size[0])
        bottom = usual.likely_bottom(height) + rng.normal(0, _UNEVEN)
        corner = np.array([end, -bottom - scale * size[1]])
        word += [(stroke - low) * scale + corner for stroke in strokes]
        places += [np.full(len(stroke), place) for stroke in strokes]
        end += scale * size[0] + rng.uniform(*_GAPS)
    return word, places

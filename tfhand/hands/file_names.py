"""The names of pictures in a Hand's folder: a sample keeps the one that it was loaded from."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence

from tfhand.core import charset
from tfhand.hands.sample import Sample
from tfhand.hands.word_sample import WordSample

WORDS = "words"  # the folder of their pictures


def glyph_files(samples: Sequence[Sample]) -> list[str]:
    """A file for each glyph: a.png, a_2.png, a_3.png."""
    return _files(samples, [charset.file_name(sample.character) for sample in samples], True, ())


def word_files(words: Sequence[WordSample], taken: Iterable[str]) -> list[str]:
    """A file for each word: words/Anna_1.png, words/Anna_2.png.

    Args:
        words: to be saved.
        taken: files that are there already.
    """
    names = [f"{WORDS}/{re.sub('[^0-9A-Za-z]', '', word.text) or 'word'}" for word in words]
    return _files(words, names, False, taken)


def _files(samples: Sequence[Sample | WordSample], names: Sequence[str], bare: bool, taken: Iterable[str]) -> list[str]:
    """For each sample the file that it was loaded from if that has its name, else the first free one of its name.

    Case makes no name free: macOS and Windows take a.png for A.png. `bare` makes the first one go without a number.
    """
    used = {file.lower() for file in taken}
    kept: list[str] = []
    for sample, name in zip(samples, names, strict=True):
        own = re.fullmatch(f"{re.escape(name)}(_[1-9][0-9]*)?[.]png", sample.file) and sample.file.lower() not in used
        kept.append(sample.file if own else "")
        used.add(kept[-1].lower())
    for place, name in enumerate(names):
        if not kept[place]:
            numbered = (f"{name}_{number}.png" for number in itertools.count(2 if bare else 1))
            free = itertools.chain([f"{name}.png"] if bare else [], numbered)
            kept[place] = next(file for file in free if file.lower() not in used)
            used.add(kept[place].lower())
    return kept

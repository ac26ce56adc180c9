"""A Hand's folder: `hand.json` and one PNG a glyph or word, black ink on white, so that any paint program can edit it.

hand.json lists each glyph with its character, file, source, and baseline and height in x-heights (null if unknown);
"doubt" says what a reader takes a doubtful one for, and taking that off the list approves it. A glyph or word whose
picture was deleted is no longer of the Hand.
A folder without a list works too: pictures named after their character (a.png, a_2.png, upper_A.png, U+0041.png), or
folders named that way with any pictures in them (a/, A_upper/). Pictures with such names beside a hand.json count as
written.

It lists each word with its text, its file in the folder words/, and in pixels of that picture, from its top left
corner: the row of its baseline, its x_height, and the columns of its cuts, where one letter ends and the next begins
at the height of the baseline, one less than letters; slant says how far the cuts lean, as x gained for each unit of
height. "sure" has true or false for each letter: a letter with false is not written with until a person has moved the
cuts beside it and says true. Paper may be added or cut off at the right and at the bottom; ink may be painted over.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from PIL import Image

from tfhand.core import charset
from tfhand.core.folders import atomic_folder, is_filled, locked, read_consistently
from tfhand.core.pictures import MAX_GLYPH_PIXELS, read_picture
from tfhand.errors import HandError, HandwritingError, PictureError
from tfhand.hands import glyph
from tfhand.hands.file_names import WORDS, glyph_files, word_files
from tfhand.hands.index import (
    INDEX,
    MAX_SAMPLES,
    glyph_entry,
    glyph_facts,
    read_index,
    word_entry,
    word_facts,
    write_index,
)
from tfhand.hands.sample import Sample
from tfhand.hands.word_sample import WordSample

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")
MARGIN = 8  # pixels of paper around a saved glyph or word, from which loading learns the colour of the paper

One = TypeVar("One", Sample, WordSample)


def read(path: str | os.PathLike) -> tuple[list[Sample], list[WordSample]]:
    """The glyphs and words of a Hand's folder, with or without a hand.json.

    Raises:
        HandError: no such folder, no picture named after a character, an unreadable or blank picture, or a hand.json
            that is broken, that is too long, or that names a file outside the folder.
    """
    try:
        return read_consistently(path, lambda: _read(Path(path)))
    except HandError:
        raise
    except HandwritingError as error:
        raise HandError(f"{error}") from None


def _read(folder: Path) -> tuple[list[Sample], list[WordSample]]:
    if not os.path.isdir(folder):
        raise HandError(f"There is no Hand's folder at {folder}.")
    try:
        index = read_index(folder)
        known = {os.path.realpath(folder / file) for file in index.files}
        loose = [(character, file) for character, file in _named(folder) if os.path.realpath(file) not in known]
    except OSError as error:
        raise HandError(f"Cannot read the Hand's folder {folder}: {error.strerror}.") from None
    if not index.files and not loose:
        raise HandError(
            f"{folder} holds no picture named after its character; name them a.png, a_2.png, upper_A.png, 7.png."
        )
    count = len(index.glyphs) + len(loose)
    if count > MAX_SAMPLES:
        raise HandError(f"{folder} holds {count} pictures; a Hand has at most {MAX_SAMPLES}.")
    glyphs = [_load(Sample, folder, entry["file"], "glyph", glyph_facts(entry)) for entry in index.glyphs]
    glyphs += [_load(Sample, folder, _within(folder, file), "glyph", {"character": c}) for c, file in loose]
    return glyphs, [_load(WordSample, folder, entry["file"], "ink", word_facts(entry)) for entry in index.words]


def _within(folder: Path, file: Path) -> str:
    """A file's path from the folder, as hand.json has it on every system."""
    return file.relative_to(folder).as_posix()


def _load(kind: Callable[..., One], folder: Path, file: str, picture: str, facts: dict[str, Any]) -> One:
    """A sample made from a file of the folder, which every complaint names."""
    try:
        return kind(**facts, **{picture: read_picture(folder / file, MAX_GLYPH_PIXELS)}, file=file)
    except PictureError as error:
        raise HandError(str(error)) from None
    except HandError as error:
        raise HandError(f"{folder / file}: {error}") from None


def _named(folder: Path) -> Iterator[tuple[str, Path]]:
    """The pictures named after a character, and those in folders named after one."""
    for file in sorted(folder.iterdir()):
        if file.name.startswith("."):  # .DS_Store, and the ._a.png that macOS leaves on foreign disks
            continue
        if file.is_dir():
            character = charset.character_of(file.name)
            if character:
                yield from ((character, picture) for picture in sorted(file.iterdir()) if _is_picture(picture))
        elif _is_picture(file) and (character := charset.character_of(file.stem)):
            yield character, file


def _is_picture(file: Path) -> bool:
    return file.suffix.lower() in ENDINGS and not file.name.startswith(".") and file.is_file()


def write(path: str | os.PathLike, samples: Sequence[Sample], words: Sequence[WordSample] = ()) -> None:
    """Saves a Hand's folder, completely or not at all: a new folder is filled, then replaces the old one.

    Files in the old folder that are neither its glyphs, its words nor its hand.json are kept.

    Raises:
        HandError: there is nothing to save, the place cannot be written, or it is a folder that is not a Hand's.
    """
    if not samples and not words:
        raise HandError("This Hand holds no glyph yet; there is nothing to save.")
    target = Path(os.path.realpath(path))
    try:
        with locked(target):
            old = is_filled(target)
            if os.path.lexists(target) and not os.path.isdir(target):
                raise HandError(f"{target} is a file; choose another name for the Hand's folder.")
            if old and not os.path.isfile(target / INDEX):
                raise HandError(
                    f"{target} holds other files and no {INDEX}; choose a new or an empty folder for the Hand."
                )
            with atomic_folder(target) as new:
                if old:
                    _keep_others(target, new)
                _fill(new, samples, words)
    except OSError as error:
        raise HandError(
            f"Cannot write {target}: {error.strerror or error}; choose a place that can be written to."
        ) from None


def _keep_others(old: Path, new: Path) -> None:
    """Copies a person's own files from an old Hand's folder, without the glyphs and words, which are saved again."""
    glyphs = {file.resolve() for _, file in _named(old)} | {(old / INDEX).resolve()}
    with suppress(HandError):  # a broken hand.json is replaced; its pictures are still known by their names
        glyphs |= {(old / file).resolve() for file in read_index(old).files}
    shutil.copytree(
        old,
        new,
        dirs_exist_ok=True,
        ignore=lambda place, names: [name for name in names if (Path(place) / name).resolve() in glyphs],
    )
    with suppress(OSError):  # where all words were the Hand's
        (new / WORDS).rmdir()


def _fill(folder: Path, samples: Sequence[Sample], words: Sequence[WordSample]) -> None:
    """Saves the glyphs, the words and their list."""
    glyphs = list(zip(samples, glyph_files(samples), strict=True))
    for sample, file in glyphs:
        _save(folder / file, _with_paper(sample))
    if words:
        (folder / WORDS).mkdir(exist_ok=True)
    taken = [_within(folder, file) for file in folder.glob(f"{WORDS}/*")]
    listed = list(zip(words, word_files(words, taken), strict=True))
    for word, file in listed:
        _save(folder / file, np.pad(word.ink, MARGIN))
    glyph_entries = [glyph_entry(sample, file) for sample, file in glyphs]
    write_index(folder, glyph_entries, [word_entry(word, file, MARGIN) for word, file in listed])


def _save(file: Path, ink: np.ndarray) -> None:
    Image.fromarray(glyph.inverted(ink)).save(file)


def _with_paper(sample: Sample) -> np.ndarray:
    """The glyph itself where it is all there is; otherwise the ink with a margin of paper."""
    if np.array_equal(glyph.cropped(sample.glyph), sample.ink):
        return sample.glyph
    return np.pad(sample.ink, MARGIN)

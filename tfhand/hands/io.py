"""A Hand's folder: `hand.json` and one PNG a glyph, black ink on white, so that any paint program can edit it.

hand.json lists each glyph with its character, file, source, and baseline and height in x-heights (null if unknown);
"doubt" says what a reader takes a doubtful one for, and taking that off the list approves it.
A folder without it works too: pictures named after their character (a.png, a_2.png, upper_A.png, U+0041.png), or
folders named that way with any pictures in them (a/, A_upper/). Pictures with such names beside a hand.json count as
written.
"""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image

from tfhand.core import charset
from tfhand.core.folders import atomic_folder, is_filled, locked, read_consistently
from tfhand.core.json_files import JSONError, read_json
from tfhand.core.pictures import MAX_GLYPH_PIXELS, read_picture
from tfhand.errors import HandError, HandwritingError, PictureError
from tfhand.hands import glyph
from tfhand.hands.sample import WRITTEN, Sample

INDEX = "hand.json"
FORMAT = "tfhand hand 1"
ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")
MAX_SAMPLES = 5000
MARGIN = 8  # pixels of paper around a saved glyph, from which loading learns the colour of the paper


def read(path: str | os.PathLike) -> list[Sample]:
    """The samples of a Hand's folder, with or without a hand.json.

    Raises:
        HandError: no such folder, no picture named after a character, an unreadable or blank picture, or a hand.json
            that is broken, that is too long, or that names a missing file or one outside the folder.
    """
    try:
        return read_consistently(path, lambda: _read(Path(path)))
    except HandError:
        raise
    except HandwritingError as error:
        raise HandError(f"{error}") from None


def _read(folder: Path) -> list[Sample]:
    if not os.path.isdir(folder):
        raise HandError(f"There is no Hand's folder at {folder}.")
    try:
        listed = _listed(folder) if os.path.isfile(folder / INDEX) else []
        known = {os.path.realpath(folder / entry["file"]) for entry in listed}
        loose = [(character, file) for character, file in _named(folder) if os.path.realpath(file) not in known]
    except OSError as error:
        raise HandError(f"Cannot read the Hand's folder {folder}: {error.strerror}.") from None
    if not listed and not loose:
        raise HandError(
            f"{folder} holds no picture named after its character; name them a.png, a_2.png, upper_A.png, 7.png."
        )
    if len(listed) + len(loose) > MAX_SAMPLES:
        raise HandError(f"{folder} holds {len(listed) + len(loose)} pictures; a Hand has at most {MAX_SAMPLES}.")
    samples = [_sample(folder / entry["file"], **_facts(entry)) for entry in listed]
    return samples + [_sample(file, character=character) for character, file in loose]


def _sample(file: Path, **facts) -> Sample:
    try:
        return Sample(glyph=read_picture(file, MAX_GLYPH_PIXELS), **facts)
    except PictureError as error:
        raise HandError(str(error)) from None
    except HandError as error:
        raise HandError(f"{file}: {error}") from None


def _facts(entry: dict) -> dict:
    return {
        "character": entry["character"],
        "source": entry.get("source", WRITTEN),
        "baseline": entry.get("baseline"),
        "height": entry.get("height"),
        "doubt": entry.get("doubt") or "",
    }


def _listed(folder: Path) -> list[dict]:
    """The entries of hand.json, each with a character and a file that lies in the folder."""
    index = folder / INDEX
    mend = "mend it, or remove it to load the pictures by their names"
    try:
        entries = read_json(index).get("glyphs")
    except JSONError as error:
        raise HandError(f"{str(error).removesuffix('.')}; {mend}.") from None
    if not isinstance(entries, list):
        raise HandError(f'{index} has no list "glyphs"; {mend}.')
    if len(entries) > MAX_SAMPLES:
        raise HandError(f"{index} lists {len(entries)} glyphs; a Hand has at most {MAX_SAMPLES}.")
    inside = os.path.join(os.path.realpath(folder), "")
    for entry in entries:
        if not isinstance(entry, dict) or not all(isinstance(entry.get(key), str) for key in ("character", "file")):
            raise HandError(f"{index}: each glyph needs a character and a file, and {str(entry)[:60]} has not; {mend}.")
        file = folder / entry["file"]
        if "\0" in entry["file"] or not os.path.realpath(file).startswith(inside):
            raise HandError(f"{index} points outside its folder: {entry['file'][:60]!r}; {mend}.")
        if not os.path.isfile(file):
            raise HandError(
                f"{index} names {entry['file'][:60]!r}, which is not there; put it back or take it off the list."
            )
    return entries


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


def write(path: str | os.PathLike, samples: Sequence[Sample]) -> None:
    """Saves samples as a Hand's folder, completely or not at all: a new folder is filled, then replaces the old one.

    Files in the old folder that are neither its glyphs nor its hand.json are kept.

    Raises:
        HandError: there are no samples, the place cannot be written, or it is a folder that is not a Hand's.
    """
    if not samples:
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
                _fill(new, samples)
    except OSError as error:
        raise HandError(
            f"Cannot write {target}: {error.strerror or error}; choose a place that can be written to."
        ) from None


def _keep_others(old: Path, new: Path) -> None:
    """Copies a person's own files from an old Hand's folder, without the glyphs, which are saved again."""
    glyphs = {file.resolve() for _, file in _named(old)} | {(old / INDEX).resolve()}
    with suppress(HandError):  # a broken hand.json is replaced; its pictures are still known by their names
        glyphs |= {(old / entry["file"]).resolve() for entry in _listed(old)}
    shutil.copytree(
        old,
        new,
        dirs_exist_ok=True,
        ignore=lambda place, names: [name for name in names if (Path(place) / name).resolve() in glyphs],
    )


def _fill(folder: Path, samples: Sequence[Sample]) -> None:
    entries: list[dict] = []
    counts: Counter[str] = Counter()
    for sample in samples:
        counts[sample.character] += 1
        number = f"_{counts[sample.character]}" if counts[sample.character] > 1 else ""
        file = f"{charset.file_name(sample.character)}{number}.png"
        Image.fromarray(glyph.inverted(_with_paper(sample))).save(folder / file)
        lengths = {"baseline": sample.baseline, "height": sample.height}
        doubt = {"doubt": sample.doubt} if sample.doubt else {}
        entries.append({"character": sample.character, "file": file, "source": sample.source, **lengths, **doubt})
    text = json.dumps({"format": FORMAT, "glyphs": entries}, indent=1, ensure_ascii=False)
    (folder / INDEX).write_text(text + "\n", encoding="utf-8")


def _with_paper(sample: Sample) -> np.ndarray:
    """The glyph itself where it is all there is; otherwise the ink with a margin of paper."""
    if np.array_equal(glyph.cropped(sample.glyph), sample.ink):
        return sample.glyph
    return np.pad(sample.ink, MARGIN)

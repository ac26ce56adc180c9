"""The list of a Hand's folder, `hand.json`: read, checked and written."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tfhand.core.json_files import JSONError, read_json
from tfhand.errors import HandError
from tfhand.hands.sample import WRITTEN, Sample
from tfhand.hands.word_sample import WordSample

INDEX = "hand.json"
FORMAT = "tfhand hand 1"
MAX_SAMPLES = 5000  # glyphs of a Hand, and words
_MEND = "mend it, or remove it to load the pictures by their names"


@dataclass(frozen=True)
class Index:
    """The entries of a hand.json whose pictures are there: of glyphs, and of words."""

    glyphs: list[dict[str, Any]] = field(default_factory=list)
    words: list[dict[str, Any]] = field(default_factory=list)

    @property
    def files(self) -> list[str]:
        """The pictures that are listed, from the folder."""
        return [entry["file"] for entry in (*self.glyphs, *self.words)]


def read_index(folder: Path) -> Index:
    """The list of a Hand's folder, without what was deleted; an empty one where there is no hand.json.

    Raises:
        HandError: it is broken or too long, or names a file outside the folder.
    """
    index = folder / INDEX
    if not os.path.isfile(index):
        return Index()
    try:
        values = read_json(index)
    except JSONError as error:
        raise HandError(f"{str(error).removesuffix('.')}; {_MEND}.") from None
    glyphs = _checked(folder, values.get("glyphs"), "glyph", "character")
    words = _checked(folder, values.get("words", []), "word", "text")
    for entry in words:
        _check_word(index, entry)
    return Index(glyphs, words)


def _checked(folder: Path, entries: Any, kind: str, key: str) -> list[dict[str, Any]]:
    """The entries of a list, each with what its picture shows and a file that lies in the folder.

    Who deletes a picture has taken it out of the Hand, so entries whose file is gone are left out.
    """
    index = folder / INDEX
    if not isinstance(entries, list):
        raise HandError(f'{index} has no list "{kind}s"; {_MEND}.')
    if len(entries) > MAX_SAMPLES:
        raise HandError(f"{index} lists {len(entries)} {kind}s; a Hand has at most {MAX_SAMPLES}.")
    inside = os.path.join(os.path.realpath(folder), "")
    for entry in entries:
        if not isinstance(entry, dict) or not all(isinstance(entry.get(name), str) for name in (key, "file")):
            raise HandError(f"{index}: each {kind} needs a {key} and a file, and {str(entry)[:60]} has not; {_MEND}.")
        file = entry["file"]
        if "\0" in file or not os.path.realpath(folder / file).startswith(inside):
            raise HandError(f"{index} points outside its folder: {file[:60]!r}; {_MEND}.")
    return [entry for entry in entries if os.path.isfile(folder / entry["file"])]


def _check_word(index: Path, entry: dict[str, Any]) -> None:
    word = entry["text"][:60]
    if not all(_is_number(entry.get(name)) for name in ("baseline", "x_height")):
        raise HandError(
            f"{index}: the word {word!r} needs a baseline and an x_height in pixels of its picture; {_MEND}."
        )
    if not isinstance(entry.get("cuts", []), list) or not all(map(_is_number, entry.get("cuts", []))):
        raise HandError(f"{index}: the cuts of {word!r} are a list of columns of its picture; {_MEND}.")
    if not _is_number(entry.get("slant", 0)):
        raise HandError(f"{index}: the slant of {word!r} is a number; {_MEND}.")
    sure = entry.get("sure")
    if sure is not None and not (isinstance(sure, list) and all(isinstance(one, bool) for one in sure)):
        raise HandError(f"{index}: sure of {word!r} is a list of true and false, one for each letter; {_MEND}.")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def glyph_facts(entry: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a `Sample` but its picture and its file."""
    return {
        "character": entry["character"],
        "source": entry.get("source", WRITTEN),
        "baseline": entry.get("baseline"),
        "height": entry.get("height"),
        "doubt": entry.get("doubt") or "",
        "seed": entry.get("seed"),
    }


def word_facts(entry: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a `WordSample` but its picture and its file."""
    return {
        "text": entry["text"],
        "baseline": entry["baseline"],
        "x_height": entry["x_height"],
        "cuts": entry.get("cuts", []),
        "slant": entry.get("slant", 0.0),
        "sure": entry.get("sure"),
    }


def glyph_entry(sample: Sample, file: str) -> dict[str, Any]:
    """How a glyph is listed."""
    entry: dict[str, Any] = {"character": sample.character, "file": file, "source": sample.source}
    entry |= {"baseline": sample.baseline, "height": sample.height}
    entry |= {} if sample.seed is None else {"seed": sample.seed}
    return entry | ({"doubt": sample.doubt} if sample.doubt else {})


def word_entry(word: WordSample, file: str, margin: int) -> dict[str, Any]:
    """How a word is listed whose picture has so many pixels of paper around `ink`."""
    return {
        "text": word.text,
        "file": file,
        "baseline": round(word.baseline + margin, 2),
        "x_height": word.x_height,
        "cuts": [round(cut + margin, 2) for cut in word.cuts],
        "slant": word.slant,
        "sure": list(word.sure or ()),
    }


def write_index(folder: Path, glyphs: Sequence[dict[str, Any]], words: Sequence[dict[str, Any]]) -> None:
    """Writes the list; that of words only where there are any."""
    values: dict[str, Any] = {"format": FORMAT, "glyphs": list(glyphs)} | ({"words": list(words)} if words else {})
    text = json.dumps(values, indent=1, ensure_ascii=False)
    (folder / INDEX).write_text(text + "\n", encoding="utf-8")

"""A Hand's folder as one .zip file: packed for a person to keep, and unpacked with care."""

from __future__ import annotations

import stat
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

from tfhand.app.limits import MEGABYTE, ZIP_MEGABYTES
from tfhand.core.files import atomic_write
from tfhand.errors import HandError
from tfhand.hands.hand import Hand
from tfhand.hands.index import INDEX, MAX_SAMPLES
from tfhand.hands.io import ENDINGS

FOLDER = "hand"
_MOMENT = 2020, 1, 1, 0, 0, 0  # noted for every file, so that the same Hand is the same .zip
_BAD = "give the .zip that this page made, or one of a Hand's folder"


def pack(hand: Hand, path: Path) -> Path:
    """Writes a Hand's folder as a .zip file; gives its path."""
    with tempfile.TemporaryDirectory() as scratch, atomic_write(path) as temporary:
        hand.save(Path(scratch) / FOLDER)
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as file:
            for one in sorted(path for path in Path(scratch).rglob("*") if path.is_file()):
                entry = zipfile.ZipInfo(one.relative_to(scratch).as_posix(), _MOMENT)
                file.writestr(entry, one.read_bytes(), zipfile.ZIP_DEFLATED)
    return path


def unpack(path: Path) -> Hand:
    """The Hand in a .zip file. Nothing is written outside a folder of its own, which is deleted at once.

    Raises:
        HandError: it is no .zip, too large, has odd names in it, or holds no Hand.
    """
    with tempfile.TemporaryDirectory() as scratch:
        try:
            with zipfile.ZipFile(path) as file:
                _extract(file, Path(scratch))
        except HandError:
            raise
        except Exception:  # a hostile file makes zipfile and zlib raise many kinds
            raise HandError(f"{path.name} is not a .zip that can be read; {_BAD}.") from None
        folders = [index.parent for index in sorted(Path(scratch).rglob(INDEX))]
        if not folders:
            raise HandError(f"There is no {INDEX} in {path.name}; {_BAD}.")
        try:
            return Hand.load(folders[0])
        except HandError as error:
            sentence = str(error).replace(f"{scratch}/", "")
            raise HandError(f"The letters in {path.name} cannot be used: {sentence}") from None


def _extract(file: zipfile.ZipFile, folder: Path) -> None:
    """Writes the list and the pictures of an archive; whatever else is in it is left out."""
    entries = [entry for entry in file.infolist() if not entry.is_dir()]
    if len(entries) > 2 * MAX_SAMPLES + 10:
        raise HandError(f"The .zip holds {len(entries)} files; a Hand has at most {MAX_SAMPLES} letters.")
    room = ZIP_MEGABYTES * MEGABYTE
    for entry in entries:
        place = PurePosixPath(entry.filename)
        if (
            place.is_absolute()
            or ".." in place.parts
            or "\\" in entry.filename
            or stat.S_ISLNK(entry.external_attr >> 16)
        ):
            raise HandError(f"The .zip has a file outside its folder, {entry.filename[:60]!r}; {_BAD}.")
        if place.name != INDEX and place.suffix.lower() not in ENDINGS:
            continue
        with file.open(entry) as source:
            content = source.read(room + 1)  # what the list says of its size may be a lie
        room -= len(content)
        if room < 0:
            raise HandError(f"The .zip holds over {ZIP_MEGABYTES} MB; {_BAD}.")
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)

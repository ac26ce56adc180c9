"""Data sets by name or path, all brought to one form: an `Archive`.

| name | what | from |
|---|---|---|
| `synthetic`, `synthetic:500`, `synthetic:500:3` | synthetic writers: how many, samples of a character | no download |
| `mnist`, `emnist/balanced`, ... | digits and letters without writers | tensorflow-datasets, or MNIST's idx files |
| `qmnist` | the MNIST training digits with the person behind each | facebookresearch/qmnist, 10 MB |
| a path ending in .npz | an archive of characters; of one of words the printed letters | |
| a folder | one Hand, or a folder of Hands, each a writer | |
"""

from __future__ import annotations

import gzip
import hashlib
import http.client
import math
import os
import string
import urllib.request
import zlib
from pathlib import Path

import numpy as np

from tfhand.core import charset
from tfhand.core.arrays import array_names
from tfhand.core.files import atomic_write
from tfhand.data import synthetic
from tfhand.data.archive import Archive
from tfhand.data.spelling import spell
from tfhand.data.word_letters import cut_letters
from tfhand.data.words import WordArchive
from tfhand.errors import ArchiveError, HandwritingError
from tfhand.hands import glyph
from tfhand.hands.hand import Hand

SYNTHETIC_WRITERS, SYNTHETIC_SAMPLES = 200, 3  # of "synthetic" alone
QMNIST_URL = "https://raw.githubusercontent.com/facebookresearch/qmnist/master/"
QMNIST_FILES = {  # with their MD5, as torchvision lists them
    "qmnist-train-images-idx3-ubyte.gz": "ed72d4157d28c017586c42bc6afe6370",
    "qmnist-train-labels-idx2-int.gz": "0058f8dd561b90ffdd0f734c6a30e5e4",
}
MNIST_FILES = ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz")
_MERGED = string.digits + string.ascii_uppercase + "abdefghnqrt"  # the small letters unlike their capitals
EMNIST_CLASSES = {  # in the order of the labels (Cohen, Afshar, Tapson and van Schaik 2017, arXiv 1702.05373)
    "byclass": charset.CHARACTERS,
    "bymerge": _MERGED,
    "balanced": _MERGED,
    "letters": string.ascii_uppercase,  # capitals and small letters under one label, which counts from 1
    "digits": string.digits,
    "mnist": string.digits,
}
_IDX_TYPES = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
_SECONDS = 30  # without an answer from a server
_MOST_BYTES = 100_000_000  # of a download
_MOST_UNPACKED = 4 * 2**30  # bytes of a gzipped file


def is_downloaded(name: str, folder: str | os.PathLike | None = None) -> bool:
    """Whether all files of "qmnist", "mnist" or a split of EMNIST are there, so that `load` asks no server."""
    place = _data_folder(folder)
    files = {"qmnist": tuple(QMNIST_FILES), "mnist": MNIST_FILES}.get(name, ())
    whole = files and all(_present(file, place / name) for file in files)
    return bool(whole) or any((place / "tensorflow" / name).glob("*/dataset_info.json"))


def load(name_or_path: str | os.PathLike, folder: str | os.PathLike | None = None) -> Archive:
    """A data set by name or path; see the table above.

    Args:
        name_or_path: what to load.
        folder: where downloads lie or go; default $TFHAND_DATA, else ~/.cache/tfhand. What is there already is not
            asked for again, so a filled folder works without a network.

    Raises:
        ArchiveError: unknown, missing, broken, or impossible to download.
    """
    name, path = str(name_or_path), Path(name_or_path)
    kind, _, option = name.partition("/")
    if name.split(":")[0] == "synthetic":
        return _synthetic(name)
    if name == "qmnist":
        return _qmnist(_data_folder(folder))
    if name == "mnist":
        return _mnist(_data_folder(folder))
    if kind == "emnist" and not os.path.lexists(path):
        return _emnist(option, _data_folder(folder))
    if os.path.isdir(path):
        return _hands(path)
    if _holds_words(path):
        return cut_letters(WordArchive.load(path))
    if os.path.isfile(path) or path.suffix == ".npz":
        return Archive.load(path)
    raise ArchiveError(
        f"There is no data set {name!r}: neither a file, nor a folder, nor one of synthetic, mnist, qmnist, "
        f"{', '.join(f'emnist/{split}' for split in EMNIST_CLASSES)}."
    )


def load_words(name_or_path: str | os.PathLike, folder: str | os.PathLike | None = None) -> WordArchive:
    """An archive of words by its path; or words set from the letters of any other data set of pen strokes.

    Args:
        name_or_path, folder: as for `load`.

    Raises:
        ArchiveError: as for `load`; or it has no pen strokes, or no writers.
    """
    path = Path(name_or_path)
    return WordArchive.load(path) if _holds_words(path) else spell(load(name_or_path, folder))


def _holds_words(path: Path) -> bool:
    return os.path.isfile(path) and "texts" in array_names(path)


def read_idx(path: str | os.PathLike) -> np.ndarray:
    """A file in the idx format of MNIST (Y. LeCun, The MNIST database), gzipped or plain.

    Returns:
        array of the type, dimensions and values in the file, in the machine's byte order.

    Raises:
        ArchiveError: missing, not in the format, or longer or shorter than its header says.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            data = gzip.GzipFile(fileobj=file).read(_MOST_UNPACKED) if packed else file.read(_MOST_UNPACKED)
    except FileNotFoundError:
        raise ArchiveError(f"There is no idx file at {path}.") from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise ArchiveError(f"{path} is cut short or damaged; delete it and load it again.") from None
    except OSError as error:
        raise ArchiveError(f"Cannot read {path}: {error.strerror or error}.") from None
    dimensions = data[3] if len(data) > 3 else 0
    start = 4 + 4 * dimensions
    if data[:2] != b"\0\0" or dimensions == 0 or data[2] not in _IDX_TYPES or len(data) < start:
        raise ArchiveError(f"{path} is not an idx file; its first bytes are {data[:4].hex(' ') or 'missing'}.")
    shape = tuple(int.from_bytes(data[place : place + 4], "big") for place in range(4, start, 4))
    kind = np.dtype(_IDX_TYPES[data[2]])
    expected = start + kind.itemsize * math.prod(shape)
    if len(data) != expected:
        raise ArchiveError(f"{path} should hold {expected} bytes and holds {len(data)}; delete it and load it again.")
    return np.frombuffer(data, kind, offset=start).reshape(shape).astype(kind.newbyteorder("="))


def _synthetic(name: str) -> Archive:
    counts = [SYNTHETIC_WRITERS, SYNTHETIC_SAMPLES]
    for place, number in enumerate(name.split(":")[1:]):
        if place >= len(counts) or not number.isdecimal() or int(number) < 1:
            raise ArchiveError(
                f"{name!r} should be synthetic, synthetic:WRITERS or synthetic:WRITERS:SAMPLES, with numbers from 1 up."
            )
        counts[place] = int(number)
    writers, samples = counts
    return synthetic.archive(writers, samples)


def _qmnist(folder: Path) -> Archive:
    images, labels = (_fetched(name, folder / "qmnist") for name in QMNIST_FILES)
    digits, writers = qmnist_labels(labels)
    return _of_images(read_idx(images), digits, string.digits, writers)


def qmnist_labels(path: str | os.PathLike) -> tuple[np.ndarray, np.ndarray]:
    """The digits and writers in QMNIST's label file (Yadav and Bottou 2019, arXiv 1905.10498).

    Returns:
        (digit uint8 [N], writer int16 [N]); the writers are numbered from 0 in the order of their NIST numbers.

    Raises:
        ArchiveError: not such a file.
    """
    table = read_idx(path)
    if table.ndim != 2 or table.shape[1] != 8 or table.dtype != np.int32:
        raise ArchiveError(f"{path} is not QMNIST's label file: {table.dtype} {table.shape} is not int32 [N, 8].")
    _, writers = np.unique(table[:, 2], return_inverse=True)
    return table[:, 0].astype(np.uint8), writers.astype(np.int16)


def _mnist(folder: Path) -> Archive:
    images, labels = (_present(name, place) for name, place in zip(MNIST_FILES, 2 * [folder / "mnist"], strict=True))
    if images and labels:
        return _of_images(read_idx(images), read_idx(labels), string.digits)
    return _of_images(*_tensorflow_datasets("mnist", folder), string.digits)


def _emnist(split: str, folder: Path) -> Archive:
    if split not in EMNIST_CLASSES:
        raise ArchiveError(f"EMNIST has no split {split!r}; choose emnist/ and one of {', '.join(EMNIST_CLASSES)}.")
    images, labels = _tensorflow_datasets(f"emnist/{split}", folder)
    # published with rows and columns exchanged
    return _of_images(images.swapaxes(1, 2), labels - (split == "letters"), EMNIST_CLASSES[split])


def _tensorflow_datasets(name: str, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """The training split: images uint8 [N, 28, 28], labels [N]."""
    try:
        import tensorflow_datasets
    except ImportError:
        raise ArchiveError(
            f"{name} needs tensorflow-datasets; install it with: pip install 'tfhand[datasets]'"
        ) from None
    try:
        stored = tensorflow_datasets.load(name, split="train", batch_size=-1, data_dir=str(folder / "tensorflow"))
        stored = tensorflow_datasets.as_numpy(stored)
    except Exception as error:  # no network, a moved address, a full disk: it has an exception for each
        reason = str(error).strip().split("\n")[0][:200] or type(error).__name__
        raise ArchiveError(f"{name} could not be loaded through tensorflow-datasets: {reason}") from None
    return stored["image"][..., 0], stored["label"]


def _of_images(images: np.ndarray, labels: np.ndarray, classes: str, writers: np.ndarray | None = None) -> Archive:
    """Pictures of any size, white ink on black, as glyphs; the blank ones are left out."""
    if images.dtype != np.uint8 or images.ndim != 3 or labels.shape != images.shape[:1]:
        raise ArchiveError(f"Images {images.dtype} {images.shape} and labels {labels.shape} do not belong together.")
    if writers is not None and writers.shape != labels.shape:
        raise ArchiveError(f"There are {len(labels)} images and {len(writers)} labels; load both files again.")
    inked = np.flatnonzero(images.max(axis=(1, 2), initial=0) > 8)
    if inked.size == 0 or labels.min() < 0 or labels.max() >= len(classes):
        raise ArchiveError(f"The labels do not fit the {len(classes)} classes, or all images are blank.")
    return Archive(
        labels=labels[inked].astype(np.uint8),
        classes=np.array(list(classes)),
        writers=None if writers is None else writers[inked],
        images=np.stack([glyph.normalize(image) for image in images[inked]]),
    )


def _hands(folder: Path) -> Archive:
    """A Hand's folder as one writer, or a folder of such folders as several."""
    try:
        inside = sorted(entry for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith("."))
        people = [one for one in inside if os.path.isfile(one / "hand.json") or not charset.character_of(one.name)]
        if os.path.isfile(folder / "hand.json") or not people:
            people = [folder]
        hands = [Hand.load(person).written for person in people]
    except HandwritingError as error:
        raise ArchiveError(str(error)) from None
    except OSError as error:
        raise ArchiveError(f"Cannot read {folder}: {error.strerror}.") from None
    classes = charset.order(character for hand in hands for character in hand)
    found = [(classes.index(c), writer, image) for writer, hand in enumerate(hands) for c in hand for image in hand[c]]
    if not found:
        raise ArchiveError(f"{folder} holds no written glyph.")
    labels, writers, images = zip(*found, strict=True)
    return Archive(
        labels=np.array(labels, np.min_scalar_type(len(classes))),
        classes=np.array(list(classes)),
        writers=np.array(writers, np.int16),
        images=np.stack(images),
    )


def _data_folder(folder: str | os.PathLike | None) -> Path:
    return Path(folder or os.environ.get("TFHAND_DATA") or Path.home() / ".cache" / "tfhand")


def _present(name: str, folder: Path) -> Path | None:
    """The file in the folder or the one above it, gzipped or plain."""
    places = [place / ending for place in (folder, folder.parent) for ending in (name, name.removesuffix(".gz"))]
    return next((place for place in places if os.path.isfile(place)), None)


def _fetched(name: str, folder: Path) -> Path:
    """The file, downloaded and checked if it is not there."""
    if found := _present(name, folder):
        return found
    address = QMNIST_URL + name
    content = _download(address, folder)
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != QMNIST_FILES[name]:
        raise ArchiveError(f"{address} came damaged or has changed: its MD5 is not {QMNIST_FILES[name]}; try again.")
    with atomic_write(folder / name) as temporary:
        temporary.write_bytes(content)
    return folder / name


def _download(address: str, folder: Path) -> bytes:
    """What a server gives, whole, before anything is written."""
    try:
        with urllib.request.urlopen(address, timeout=_SECONDS) as answer:
            content = answer.read(_MOST_BYTES)
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise ArchiveError(
            f"Could not download {address} ({error}); check the network, or put the file into {folder}."
        ) from None
    return content

"""Data sets by name: procedural writers, the idx files of MNIST and QMNIST, EMNIST upright, folders of Hands."""

import functools
import gzip
import hashlib
import http.server
import struct
import sys
import threading
import types
from pathlib import Path

import numpy as np
import pytest

from tfhand.core.charset import CHARACTERS
from tfhand.data import sources
from tfhand.data.synthetic.writers import archive
from tfhand.errors import ArchiveError
from tfhand.hands.glyph import ink_box
from tfhand.hands.hand import Hand

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
LABELS, WRITERS = SHARED / "qmnist-train-labels-idx2-int.gz", SHARED / "mnist_writers.npz"
IMAGES_NAME, LABELS_NAME = sources.QMNIST_FILES


def idx(array, code):
    kind = {8: "u1", 12: ">i4", 13: ">f4"}[code]
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, code, array.ndim, *array.shape) + array.astype(kind).tobytes()


def digits(count=6, side=28):
    """Images with one slanting stroke of another place and length each."""
    images = np.zeros((count, side, side), np.uint8)
    for number, image in enumerate(images):
        image[4 + number : 24, 6 + number : 9 + number] = 255
    return images


def qmnist_files(folder, count=6):
    table = np.zeros((count, 8), np.int32)
    table[:, 0], table[:, 2] = np.arange(count) % 10, [2154, 7, 2154, 300, 7, 2154][:count]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / IMAGES_NAME).write_bytes(gzip.compress(idx(digits(count), 8)))
    (folder / LABELS_NAME).write_bytes(gzip.compress(idx(table, 12)))


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A web server on this machine in place of QMNIST's, with the checksums of what it serves."""
    folder = tmp_path / "served"
    qmnist_files(folder)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder)
    monkeypatch.setattr(http.server.SimpleHTTPRequestHandler, "log_message", lambda *_: None)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        monkeypatch.setattr(sources, "QMNIST_URL", f"http://127.0.0.1:{running.server_port}/")
        sums = {name: hashlib.md5((folder / name).read_bytes()).hexdigest() for name in sources.QMNIST_FILES}
        monkeypatch.setattr(sources, "QMNIST_FILES", sums)
        yield folder
        running.shutdown()
        thread.join()


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("the network was asked")

    monkeypatch.setattr("urllib.request.urlopen", refuse)


def test_synthetic_writers_take_how_many_writers_and_samples():
    data = sources.load("synthetic:3:2")
    assert data.characters == CHARACTERS
    assert len(data) == 3 * 2 * 62
    np.testing.assert_array_equal(data.points, archive(3, 2).points)
    assert len(sources.load("synthetic:2")) == 2 * sources.SYNTHETIC_SAMPLES * 62


@pytest.mark.parametrize("name", ["synthetic:0", "synthetic:x", "synthetic:", "synthetic:1:2:3", "synthetic:-1"])
def test_synthetic_writers_refuse_other_options(name):
    with pytest.raises(ArchiveError, match="should be synthetic, synthetic:WRITERS"):
        sources.load(name)


@pytest.mark.parametrize("name", ["mnits", "emnist/words", "emnist", "nowhere/at/all", "nowhere.npz"])
def test_an_unknown_name_is_said_to_be_unknown(name):
    with pytest.raises(ArchiveError, match="no"):
        sources.load(name)


def test_an_archive_by_its_path(tmp_path):
    archive(2, 1, characters="ab").save(tmp_path / "two.npz")
    assert sources.load(tmp_path / "two.npz").characters == "ab"


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_idx_files_come_back_as_they_were(tmp_path, pack):
    for array, code in [
        (np.arange(24, dtype=np.uint8).reshape(2, 3, 4), 8),
        (np.array([[1, -2], [70000, 2**31 - 1]], np.int32), 12),
        (np.array([0.5, -3], np.float32), 13),
        (np.zeros((0, 5), np.uint8), 8),
    ]:
        (tmp_path / "file").write_bytes(pack(idx(array, code)))
        read = sources.read_idx(tmp_path / "file")
        assert read.dtype == array.dtype
        np.testing.assert_array_equal(read, array)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not an idx"),
        (b"\0\0\x08", "not an idx"),
        (b"\0\0\x07\x01\0\0\0\x01a", "not an idx"),
        (b"\0\0\x08\x03\0\0\0\x01", "not an idx"),
        (b"PK\x03\x04 a zip file", "not an idx"),
        (idx(digits(2), 8)[:-1], "holds 1583"),
        (idx(digits(2), 8) + b"\0", "holds 1585"),
        (gzip.compress(idx(digits(2), 8), mtime=0)[:-12], "cut short or damaged"),
        (b"\x1f\x8b" + b"\xff" * 40, "cut short or damaged"),
    ],
)
def test_broken_idx_files_are_named(tmp_path, data, message):
    (tmp_path / "broken.gz").write_bytes(data)
    with pytest.raises(ArchiveError, match=rf"broken\.gz.*({message})"):
        sources.read_idx(tmp_path / "broken.gz")
    with pytest.raises(ArchiveError, match="no idx file"):
        sources.read_idx(tmp_path / "other.gz")


@pytest.mark.skipif(not (LABELS.is_file() and WRITERS.is_file()), reason="QMNIST's label file is not at hand")
def test_the_real_qmnist_labels_give_the_known_writers():
    known = np.load(WRITERS)
    labels, writers = sources.qmnist_labels(LABELS)
    np.testing.assert_array_equal(labels, known["labels"])
    np.testing.assert_array_equal(writers, known["writers"])
    assert len(np.unique(writers)) == 539
    assert hashlib.md5(LABELS.read_bytes()).hexdigest() == sources.QMNIST_FILES[LABELS_NAME]


@pytest.mark.skipif(not (LABELS.is_file() and WRITERS.is_file()), reason="QMNIST's label file is not at hand")
def test_real_digits_become_glyphs():
    images = np.load(WRITERS)["images"][:300]
    glyphs = sources._of_images(images, np.zeros(300, np.uint8), "0").images
    boxes = np.array([ink_box(image) for image in glyphs])
    sides = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    assert np.mean((sides >= 25) & (sides <= 26)) > 0.95


def test_qmnist_is_downloaded_once(tmp_path, server, monkeypatch):
    data = sources.load("qmnist", tmp_path / "cache")
    assert data.writers.tolist() == [2, 0, 2, 1, 0, 2]
    assert data.labels.tolist() == [0, 1, 2, 3, 4, 5]
    assert data.images.shape == (6, 32, 32)
    assert ink_box(data.images[0])[2] - ink_box(data.images[0])[0] == 26
    for name in sources.QMNIST_FILES:
        (server / name).unlink()
    again = sources.load("qmnist", tmp_path / "cache")
    np.testing.assert_array_equal(again.images, data.images)


def test_a_damaged_download_leaves_nothing_behind(tmp_path, server):
    (server / LABELS_NAME).write_bytes((server / LABELS_NAME).read_bytes()[:-5])
    with pytest.raises(ArchiveError, match="MD5"):
        sources.load("qmnist", tmp_path / "cache")
    assert [file.name for file in (tmp_path / "cache" / "qmnist").iterdir()] == [IMAGES_NAME]


def test_a_missing_download_says_where_the_file_may_be_put(tmp_path, server):
    (server / IMAGES_NAME).unlink()
    with pytest.raises(ArchiveError, match=r"404.*put the file into .*qmnist"):
        sources.load("qmnist", tmp_path / "cache")


def test_a_filled_folder_asks_no_network(tmp_path, no_network, monkeypatch):
    qmnist_files(tmp_path / "offline")
    assert len(sources.load("qmnist", tmp_path / "offline")) == 6
    (tmp_path / "offline" / LABELS_NAME[:-3]).write_bytes(
        gzip.decompress((tmp_path / "offline" / LABELS_NAME).read_bytes())
    )
    (tmp_path / "offline" / LABELS_NAME).unlink()
    monkeypatch.setenv("TFHAND_DATA", str(tmp_path / "offline"))
    assert len(sources.load("qmnist")) == 6


def test_images_and_labels_of_different_length_are_refused(tmp_path, no_network):
    qmnist_files(tmp_path)
    (tmp_path / IMAGES_NAME).write_bytes(gzip.compress(idx(digits(4), 8)))
    with pytest.raises(ArchiveError, match="do not belong together"):
        sources.load("qmnist", tmp_path)
    (tmp_path / LABELS_NAME).write_bytes(gzip.compress(idx(np.zeros((6, 3), np.int32), 12)))
    with pytest.raises(ArchiveError, match="not QMNIST's label file"):
        sources.load("qmnist", tmp_path)


def test_mnist_from_its_own_files(tmp_path, no_network):
    images, labels = sources.MNIST_FILES
    (tmp_path / images).write_bytes(gzip.compress(idx(digits(5), 8)))
    (tmp_path / labels[:-3]).write_bytes(idx(np.array([3, 1, 4, 1, 5]), 8))
    data = sources.load("mnist", tmp_path)
    assert data.labels.tolist() == [3, 1, 4, 1, 5]
    assert data.writers is None


def fake_datasets(monkeypatch, images, labels, asked):
    """Stands in for tensorflow-datasets, which serves images [N, 28, 28, 1] and integer labels."""
    module = types.ModuleType("tensorflow_datasets")

    def load(name, **options):
        asked.append((name, options))
        return {"image": images[..., None], "label": np.asarray(labels, np.int64)}

    module.load, module.as_numpy = load, lambda stored: stored
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", module)


def test_emnist_comes_upright_and_counts_its_letters_from_one(tmp_path, monkeypatch):
    upright, asked = digits(3), []
    fake_datasets(monkeypatch, upright.swapaxes(1, 2), [1, 26, 10], asked)
    data = sources.load("emnist/letters", tmp_path)
    assert [data.characters[label] for label in data.labels] == ["A", "Z", "J"]
    top, left, bottom, right = ink_box(data.images[0])
    assert bottom - top > 3 * (right - left)
    assert asked == [
        ("emnist/letters", {"split": "train", "batch_size": -1, "data_dir": str(tmp_path / "tensorflow")}),
    ]


@pytest.mark.parametrize(
    ("split", "labels", "written"),
    [
        ("balanced", [0, 10, 36, 46], "0Aat"),
        ("bymerge", [9, 35, 37, 45], "9Zbr"),
        ("byclass", [5, 10, 36, 61], "5Aaz"),
        ("digits", [7, 0, 1, 9], "7019"),
    ],
)
def test_emnist_labels_mean_these_characters(tmp_path, monkeypatch, split, labels, written):
    fake_datasets(monkeypatch, digits(4), labels, [])
    data = sources.load(f"emnist/{split}", tmp_path)
    assert "".join(data.characters[label] for label in data.labels) == written


def test_blank_images_are_left_out_and_foreign_labels_refused(tmp_path, monkeypatch):
    images = digits(3)
    images[1] = 0
    fake_datasets(monkeypatch, images, [4, 5, 6], [])
    assert sources.load("mnist", tmp_path).labels.tolist() == [4, 6]
    fake_datasets(monkeypatch, images, [4, 5, 10], [])
    with pytest.raises(ArchiveError, match="do not fit"):
        sources.load("mnist", tmp_path)


def test_without_tensorflow_datasets_the_way_to_get_it_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", None)
    with pytest.raises(ArchiveError, match=r"tfhand\[datasets\]"):
        sources.load("emnist/digits", tmp_path)


def test_a_failed_download_is_one_sentence(tmp_path, monkeypatch):
    module = types.ModuleType("tensorflow_datasets")
    module.load = lambda *_, **__: (_ for _ in ()).throw(ConnectionError("no route to host\nand more lines"))
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", module)
    with pytest.raises(ArchiveError, match=r"no route to host$"):
        sources.load("mnist", tmp_path)


def test_a_folder_of_hands_is_a_data_set_of_their_writers(tmp_path):
    data = archive(2, 1, characters="aB7")
    drawn = data.render(range(6), 32, 2.5)
    Hand({"a": [drawn[0]], "B": [drawn[1]], "7": [drawn[2]]}).save(tmp_path / "people" / "anna")
    Hand({"a": [drawn[3], drawn[0]], "7": [drawn[5]]}).save(tmp_path / "people" / "b")  # a person, though named b
    loaded = sources.load(tmp_path / "people")
    assert loaded.characters == "7Ba"
    got = sorted(zip(loaded.writers.tolist(), (loaded.characters[label] for label in loaded.labels), strict=True))
    assert got == [(0, "7"), (0, "B"), (0, "a"), (1, "7"), (1, "a"), (1, "a")]
    one = sources.load(tmp_path / "people" / "anna")
    assert one.writers.tolist() == [0, 0, 0]
    np.testing.assert_array_equal(
        one.images[one.labels == one.characters.index("B")][0], Hand({"B": [drawn[1]]})["B"][0]
    )


def test_a_folder_without_letters_is_refused(tmp_path):
    with pytest.raises(ArchiveError, match="no picture"):
        sources.load(tmp_path)
    (tmp_path / "someone").mkdir()
    with pytest.raises(ArchiveError, match="no picture"):
        sources.load(tmp_path)

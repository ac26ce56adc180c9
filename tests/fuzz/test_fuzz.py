"""Whatever a file holds, reading it gives a result or a sentence: a HandwritingError, and nothing else.

The tests try the same files every time. `python -m pytest tests/fuzz --fuzz-times 60` tries sixty times as many, others
in every run, which takes about an hour. What fails is kept by Hypothesis in `.hypothesis/`, and comes first in the next
such run.
"""

from __future__ import annotations

import io
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.support.mutation import damaged_bytes, damaged_json
from tfhand.app import archive
from tfhand.core.pictures import count_pages, read_page, read_picture
from tfhand.data import sources, synthetic
from tfhand.data.archive import Archive
from tfhand.errors import HandwritingError
from tfhand.hands.hand import Hand
from tfhand.models import presets, registry
from tfhand.models.stylegan.styles_file import read_styles, write_styles
from tfhand.synthesis.synthesizer import Synthesizer
from tfhand.training.run_directory import RunDirectory, load_state

PICTURES = {"PNG": "L", "JPEG": "RGB", "TIFF": "L", "BMP": "P", "GIF": "P", "WEBP": "RGB"}
LETTER = np.pad(np.full((20, 5), 255, np.uint8), 6)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as place:
        yield Path(place)


@pytest.fixture
def assert_read_or_refused(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Runs a reader on many damaged versions of what it reads."""

    times = request.config.getoption("--fuzz-times")

    def assert_read_or_refused(strategy: st.SearchStrategy, read: Callable, examples: int) -> None:
        @settings(
            max_examples=examples * times,
            derandomize=times == 1,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(strategy)
        def attempt(content):
            sentence = refusal_of(read, content)
            assert sentence is None or len(sentence.splitlines()) == 1

        attempt()

    return assert_read_or_refused


def refusal_of(read: Callable, content: Any) -> str | None:
    """The sentence by which a content is refused; None if it is read."""
    try:
        read(content)
    except HandwritingError as error:
        return str(error)
    return None


@cache
def picture(kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(255 - LETTER).convert(PICTURES[kind]).save(buffer, kind)
    return buffer.getvalue()


@cache
def pdf() -> bytes:
    buffer = io.BytesIO()
    first = Image.fromarray(255 - LETTER)
    first.save(buffer, "PDF", save_all=True, append_images=[first])
    return buffer.getvalue()


def written(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("kind", PICTURES)
def test_pictures(kind, assert_read_or_refused, folder):
    assert_read_or_refused(
        damaged_bytes(picture(kind)), lambda content: read_picture(written(folder / "a.png", content)), 250
    )


def test_pages(assert_read_or_refused, folder):
    def read(content):
        path = written(folder / "a.pdf", content)
        for number in range(count_pages(path)):
            read_page(path, number)

    assert_read_or_refused(damaged_bytes(pdf()), read, 150)


def test_the_pictures_of_a_hand(assert_read_or_refused, folder):
    Hand({"a": [LETTER], "b": [LETTER]}).save(folder / "hand")
    whole = (folder / "hand" / "a.png").read_bytes()

    def read(content):
        written(folder / "hand" / "a.png", content)
        Hand.load(folder / "hand")

    assert_read_or_refused(damaged_bytes(whole), read, 250)


def test_the_list_of_a_hand(assert_read_or_refused, folder):
    Hand({"a": [LETTER], "b": [LETTER]}).save(folder / "listed")
    index = folder / "listed" / "hand.json"
    whole = json.loads(index.read_text(encoding="utf-8"))
    whole["glyphs"][0] |= {"baseline": 0.1, "height": 1.5, "doubt": "o"}

    def read(content):
        written(index, content)
        Hand.load(folder / "listed")

    assert_read_or_refused(damaged_json(whole), read, 600)


def test_a_hand_in_a_zip(assert_read_or_refused, folder):
    whole = archive.pack(Hand({"a": [LETTER], "b": [LETTER]}), folder / "whole.zip").read_bytes()

    def read(content):
        archive.unpack(written(folder / "a.zip", content))

    assert_read_or_refused(damaged_bytes(whole), read, 400)


@pytest.mark.parametrize("kind", ["strokes", "images"])
def test_archives(kind, assert_read_or_refused, folder):
    letters = synthetic.archive(2, 1, characters="ab")
    if kind == "images":
        letters = Archive(letters.labels, letters.classes, letters.writers, letters.render(range(4)))
    buffer = io.BytesIO()
    arrays = {name: getattr(letters, name) for name in letters.__dataclass_fields__}
    np.savez(buffer, **{name: array for name, array in arrays.items() if array is not None})

    def read(content):
        data = sources.load(written(folder / "a.npz", content))
        data.render(range(min(len(data), 3)))

    assert_read_or_refused(damaged_bytes(buffer.getvalue()), read, 400)


@st.composite
def odd_arrays(draw: st.DrawFn) -> dict[str, np.ndarray]:
    """Arrays by the names that archives, styles and checkpoints have, of any kind and small shape."""
    names = draw(st.lists(st.sampled_from(
        ["labels", "classes", "writers", "images", "points", "stroke_len", "n_strokes", "extent", "session",
         "styles", "characters", "step", "paths", "00000"]), min_size=1, unique=True))  # fmt: skip
    arrays = {}
    for name in names:
        shape = tuple(draw(st.lists(st.integers(0, 3), max_size=3)))
        kind = draw(
            st.sampled_from(["u1", "i1", "i2", "u4", "i8", "u8", "f2", "f4", "f8", "c8", "?", "U1", "U3", "S2"])
        )
        values = draw(st.sampled_from([0, 1, 2, 255, np.nan, np.inf, -1, 1e300, "a", "ab"]))
        with suppress(ValueError, OverflowError, TypeError), np.errstate(all="ignore"):
            arrays[name] = np.full(shape, values).astype(kind)
    return arrays


def test_arrays_of_any_kind(assert_read_or_refused, folder):
    def read(arrays):
        np.savez(folder / "odd.npz", **arrays)
        for reader in (Archive.load, read_styles, lambda path: load_state(path, [np.zeros(2, np.float32)])):
            with suppress(HandwritingError):
                reader(folder / "odd.npz")

    assert_read_or_refused(odd_arrays(), read, 600)


def test_styles(assert_read_or_refused, folder):
    write_styles(folder / "whole.npz", np.zeros((2, 3, 4), np.float32), "ab")
    whole = (folder / "whole.npz").read_bytes()
    assert_read_or_refused(
        damaged_bytes(whole), lambda content: read_styles(written(folder / "styles.npz", content)), 300
    )


def test_idx_files(assert_read_or_refused, folder):
    whole = bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 3]) + bytes(range(18))
    assert_read_or_refused(
        damaged_bytes(whole), lambda content: sources.read_idx(written(folder / "a-idx3", content)), 300
    )


def test_configurations_of_presets(assert_read_or_refused, folder, saved_models):
    shutil.copytree(saved_models / "tiny-reader", folder / "reader")
    whole = json.loads((folder / "reader" / presets.CONFIG).read_text(encoding="utf-8"))

    def read(content):
        written(folder / "reader" / presets.CONFIG, content)
        presets.generation_of(folder / "reader")
        registry.load(folder / "reader")

    assert_read_or_refused(damaged_json(whole), read, 150)


def test_weights_of_presets(assert_read_or_refused, folder, saved_models):
    shutil.copytree(saved_models / "tiny-reader", folder / "weights")
    networks = registry.load(folder / "weights")
    whole = (folder / "weights" / presets.WEIGHTS).read_bytes()

    def read(content):
        written(folder / "weights" / presets.WEIGHTS, content)
        presets.load_weights(folder / "weights", networks)

    assert_read_or_refused(damaged_bytes(whole), read, 200)


def test_configurations_of_runs(assert_read_or_refused, folder):
    from tfhand.models.registry import SPECS
    from tfhand.training.run_config import RunConfig

    whole = RunConfig.resolve(SPECS["hand"], {"data": ["synthetic"]}).values
    run = {"family": "hand", "config": whole, "data": [], "versions": {}, "command": "", "from": None}

    def read(content):
        written(folder / "run" / "config.json", content)
        RunDirectory(folder / "run").values("hand")
        RunConfig.resolve(SPECS["hand"], file=folder / "run" / "config.json")
        RunConfig.resolve(SPECS["hand"], resume=folder / "run")

    assert_read_or_refused(damaged_json(run), read, 500)


def test_texts(assert_read_or_refused, full_hand):
    """Any text in a Hand that holds letters and digits: a page, or a sentence."""
    pen = Synthesizer.from_preset("hand62")
    letters = st.text(st.one_of(st.sampled_from("abcXYZ019 \n\t,.;é"), st.characters()), max_size=40)
    assert_read_or_refused(letters, lambda text: pen.write(text, full_hand), 25)

"""What the tests share: a few procedural writers, tiny networks saved as presets, and a line to learn a hand from."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.tiny import TINY_PRESETS
from tfhand.core.charset import CHARACTERS
from tfhand.data import synthetic
from tfhand.data.archive import Archive
from tfhand.hands.hand import Hand
from tfhand.models import presets
from tfhand.models.registry import SPECS
from tfhand.typeset import Layout, typeset


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fuzz-times", type=int, default=1, help="times as many damaged files in tests/fuzz (default: 1)")


def pytest_configure(config: pytest.Config) -> None:
    """Keras, when it saves weights, calls NumPy in a way that NumPy 2.4 warns of."""
    config.addinivalue_line(
        "filterwarnings", "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The notebooks, the file that takes longest, come first, so that no worker is left alone with them in the end."""
    items.sort(key=lambda item: item.path.name != "test_notebooks.py")


@pytest.fixture(scope="session", autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home, a cache and a data folder of the tests' own, for their processes as well."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name, place in (("HOME", "."), ("USERPROFILE", "."), ("XDG_CACHE_HOME", "cache"), ("TFHAND_DATA", "data")):
            patch.setenv(name, str(home / place))
        yield home


@pytest.fixture(scope="session", autouse=True)
def this_machine_only() -> Iterator[None]:
    """A connection to another machine is an error; servers and notebook kernels on this one are not."""
    connect = socket.socket.connect

    def local(self: socket.socket, address: Any) -> None:
        if self.family != getattr(socket, "AF_UNIX", None) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"A test asks {address} for something.")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", local)
        yield


@pytest.fixture(scope="session")
def people() -> Archive:
    """Six writers of ten characters, each written twice: pen strokes."""
    return synthetic.archive(6, 2, seed=20, characters="0123abcXYZ")


@pytest.fixture(scope="session")
def full_hand() -> Hand:
    """One writer's hand of all 62 characters, once each."""
    own = synthetic.archive(1, 1, seed=40)
    return Hand({character: [own.draw(index)] for index, character in enumerate(CHARACTERS)})


@pytest.fixture(scope="session")
def hand_of(full_hand: Hand) -> Callable[[str], Hand]:
    """The same writer's hand of these characters only."""
    return lambda characters: Hand({character: full_hand[character] for character in characters})


@pytest.fixture(scope="session")
def sample_picture(tmp_path_factory) -> Path:
    """A line that says 273, black on white."""
    own = synthetic.archive(1, 1, seed=41, characters="273")
    path = tmp_path_factory.mktemp("sample") / "273.png"
    page = typeset("273", list(own.render(range(3), 64)), Layout(x_height=40, letter_gap=0.6, jitter=0.0))
    page.save(path)
    return path


@pytest.fixture(scope="session")
def saved_models(tmp_path_factory) -> Path:
    """A folder of untrained presets: one of each family, and tiny-reader and tiny-verifier, which do not write."""
    import keras

    keras.utils.set_random_seed(3)
    folder = tmp_path_factory.mktemp("saved_models")
    for name, (family, config) in TINY_PRESETS.items():
        spec = SPECS[family]
        networks = spec.networks().from_config(config)
        record = {"command": "none: the weights are random"}
        generation = replace(spec.generation(networks.config), reader="")  # what untrained networks write, nobody reads
        networks.save_to_preset(folder / name, training=record, generation=generation, card="# For tests only\n")
    return folder


@pytest.fixture
def shelf(saved_models: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same folder, where presets are looked up by name."""
    monkeypatch.setenv(presets.ENVIRONMENT, str(saved_models))
    return saved_models


@pytest.fixture
def here(shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, where the presets are known."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def dot_family(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, where `fit` knows the family of tests/support/dots.py as well."""
    from tests.support.dots import DOT
    from tfhand import fit
    from tfhand.models import registry

    for module in (fit, registry):
        monkeypatch.setattr(module, "SPECS", {**SPECS, "dot": DOT})
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def data(tmp_path: Path) -> str:
    """The path of an archive of 40 noisy images of two characters by four writers."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (40, 28, 28), np.uint8)
    labels, writers = np.arange(40, dtype=np.uint8) % 2, np.arange(40, dtype=np.int16) // 10
    Archive(labels, np.array(["0", "1"]), writers, images).save(tmp_path / "small set.npz")
    return str(tmp_path / "small set.npz")


@pytest.fixture
def listing(tmp_path: Path) -> Callable[[], Sequence[str]]:
    """What lies below tmp_path, to see that a failed command left nothing behind."""
    return lambda: sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*"))


@pytest.fixture
def refusal(listing, capsys: pytest.CaptureFixture) -> Callable[..., str]:
    """Runs a command with words that will not do; gives its one sentence. Nothing else may be printed, or left."""

    def refusal(main: Callable[[Sequence[str]], int], *words: str) -> str:
        before = listing()
        assert main(words) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.count("\n") == 1
        assert "Traceback" not in captured.err
        assert listing() == before
        return captured.err

    return refusal


@pytest.fixture
def misuse(listing, capsys: pytest.CaptureFixture) -> Callable[..., str]:
    """Runs a command with flags that it cannot take; gives what is said below its usage. Nothing may be left."""

    def misuse(main: Callable[[Sequence[str]], int], *words: str) -> str:
        before = listing()
        with pytest.raises(SystemExit) as stopped:
            main(words)
        assert stopped.value.code == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert listing() == before
        return captured.err

    return misuse

"""Trained models by name: a folder of config.json, model.weights.h5 and a README.md.

config.json holds {"class", "arguments", "characters", "image_size", "training"}: the class is one of a fixed registry
and its arguments are plain JSON, so that nothing in a preset can run code.

model.weights.h5 is Keras' own weights file, as `keras.Model.save_weights` lays it out: groups named after attributes
and layers, which survive everything but a rename in the code. Only the number format differs: float32 is stored as
float16, half the size, wherever it fits that range. Keras casts to the variable's type on loading, so plain
`model.load_weights` reads it too.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfhand.core.config import read_json, write_json
from tfhand.errors import HandwritingError, PresetError

if TYPE_CHECKING:
    import keras

CLASSES = {
    "ConditionalGAN": "tfhand.models.cgan.networks",
    "StyleGAN": "tfhand.models.stylegan.networks",
    "StarGAN": "tfhand.models.stargan.networks",
    "HandNetworks": "tfhand.models.hand.networks",
    "Reader": "tfhand.models.reader.networks",
    "Verifier": "tfhand.models.verifier.networks",
}
"""The module of every class that a preset may name."""

ENVIRONMENT = "TFHAND_SAVED_MODELS"
CONFIG, WEIGHTS, CARD = "config.json", "model.weights.h5", "README.md"
KEYS = ("class", "arguments", "characters", "image_size", "training")
HALF_LIMIT = 60000.0  # float16 ends at 65504


def folders() -> list[Path]:
    """The folders that hold presets, in the order they are searched."""
    places = [Path(os.environ[ENVIRONMENT])] if os.environ.get(ENVIRONMENT) else []
    package = importlib.util.find_spec("tfhand.saved_models")
    if package and package.submodule_search_locations:
        places += map(Path, package.submodule_search_locations)
    return [*places, Path(__file__).resolve().parents[2] / "saved_models"]


def available() -> list[str]:
    """The names of all presets that `load` can find, sorted."""
    return sorted({path.parent.name for folder in folders() for path in folder.glob(f"*/{CONFIG}")})


def find(name_or_path: str | os.PathLike) -> Path:
    """The folder of a preset: a path as it is, else the first folder of that name in $TFHAND_SAVED_MODELS,
    the installed package and the checkout's saved_models/.

    Raises:
        PresetError: there is none; the sentence lists what there is.
    """
    path = Path(name_or_path)
    candidates = [path]
    if path.name == str(name_or_path) and path.name:
        candidates += [folder / path.name for folder in folders()]
    for candidate in candidates:
        if (candidate / CONFIG).is_file():
            return candidate
    if path.is_dir():
        raise PresetError(f"{path} is not a preset: it has no {CONFIG}.")
    known = ", ".join(available()) or "none"
    raise PresetError(
        f"There is no preset {str(name_or_path)!r}; there are: {known}; or give the path of a preset's folder."
    )


def config(name_or_path: str | os.PathLike) -> dict[str, Any]:
    """The config.json of a preset, checked for its keys.

    Raises:
        PresetError: unknown, broken, incomplete, or of a class that is not known.
    """
    path = find(name_or_path) / CONFIG
    try:
        values = read_json(path)
    except HandwritingError as error:
        raise PresetError(f"The preset's {error}") from None
    missing = [key for key in KEYS if key not in values]
    if missing:
        raise PresetError(f"The preset's {path} has no {missing[0]!r}.")
    if values["class"] not in list(CLASSES):  # a list, for what is not hashable
        raise PresetError(f"The preset's {path} names the class {values['class']!r}; known are {', '.join(CLASSES)}.")
    if not isinstance(values["arguments"], dict):
        raise PresetError(f"The preset's {path} must hold an object of 'arguments'.")
    return values


def load(name_or_path: str | os.PathLike) -> keras.Model:
    """The model of a preset with its weights.

    Raises:
        PresetError: unknown, files missing or broken, or weights that do not fit the model.
    """
    folder, values = find(name_or_path), config(name_or_path)
    path = folder / WEIGHTS
    if not path.is_file():
        raise PresetError(f"The preset {folder} has no {WEIGHTS}; fetch it again.")
    cls = getattr(importlib.import_module(CLASSES[values["class"]]), values["class"])
    try:
        model = cls.from_config(values["arguments"])
    except HandwritingError:
        raise
    except Exception as error:  # whatever a constructor makes of arguments that are not its own
        raise PresetError(f"The preset {folder} cannot be built from its {CONFIG}: {_first_line(error)}.") from None
    _load_weights(model, path)
    return model


def load_beside(name_or_path: str | os.PathLike, beside: Mapping[str, keras.Model]) -> None:
    """Sets networks, by name, to the weights that a preset holds of them; those that it does not hold stay as they are.

    Raises:
        PresetError: unknown, or weights that do not fit.
    """
    folder = find(name_or_path)
    for name, network in beside.items():
        path = folder / f"{name}.weights.h5"
        if path.is_file():
            _load_weights(network, path)


def guide(name_or_path: str | os.PathLike) -> keras.Model | None:
    """The verifier that a preset's training named, by which new people's hand codes are refined; None without one.

    Raises:
        PresetError: the preset or its verifier cannot be loaded.
    """
    name = verifier_name(name_or_path)
    return load(name) if name else None


def verifier_name(name_or_path: str | os.PathLike) -> str:
    """Name of the preset that `guide` gives, empty without one.

    Raises:
        PresetError: the preset cannot be loaded.
    """
    return (config(name_or_path)["training"].get("options") or {}).get("verifier", "")


def check_place(folder: str | os.PathLike) -> None:
    """Looks before a long training whether `save` may write there.

    Raises:
        PresetError: something else is there.
    """
    folder = Path(folder)
    if folder.exists() and not (folder / CONFIG).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise PresetError(f"{folder} holds something that is not a preset; choose another folder.")


def save(
    folder: str | os.PathLike,
    model: keras.Model,
    training: Mapping[str, Any],
    card: str,
    *,
    characters: str,
    image_size: int,
    beside: Mapping[str, keras.Model] | None = None,
) -> Path:
    """Writes a preset's folder, whole or not at all, in place of one that was there.

    Args:
        folder: of the preset; its name is the preset's.
        model: of a class in CLASSES, with a get_config of plain JSON values.
        training: how it was made: data, steps, seed, versions, command.
        card: the model card, Markdown.
        characters: all it can write, in the order of its domains.
        image_size: side of its glyphs in pixels.
        beside: networks, by name, that a training which begins with the preset needs as well; see `load_beside`.

    Raises:
        PresetError: the class is not known, or the folder holds something else or cannot be written.
    """
    folder, name = Path(folder), type(model).__name__
    if name not in CLASSES:
        raise PresetError(f"{name} is no class of a preset; known are {', '.join(CLASSES)}.")
    check_place(folder)
    values = {
        "class": name,
        "arguments": model.get_config(),
        "characters": characters,
        "image_size": image_size,
        "training": dict(training),
    }
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
            fresh = Path(scratch) / "fresh"
            fresh.mkdir()
            write_json(fresh / CONFIG, values)
            (fresh / CARD).write_text(card, encoding="utf-8")
            _save_weights(model, fresh / WEIGHTS)
            for other, network in (beside or {}).items():
                _save_weights(network, fresh / f"{other}.weights.h5")
            if folder.exists():
                folder.rename(Path(scratch) / "old")
            fresh.rename(folder)
    except OSError as error:
        raise PresetError(f"Cannot write the preset {folder}: {error.strerror or error}.") from None
    return folder


def _save_weights(model: keras.Model, path: Path) -> None:
    import h5py
    import numpy as np

    full = path.with_name("full.weights.h5")
    model.save_weights(full)
    with h5py.File(full, "r") as source, h5py.File(path, "w") as target:

        def copy(name: str, node: h5py.Group | h5py.Dataset) -> None:
            if isinstance(node, h5py.Dataset):
                array = node[()]
                half = array.dtype == np.float32 and np.abs(array).max(initial=0) < HALF_LIMIT
                target[name] = array.astype(np.float16) if half else array
            else:
                target.require_group(name)
            target[name].attrs.update(node.attrs)

        source.visititems(copy)
        target.attrs.update(source.attrs)
    full.unlink()


def _load_weights(model: keras.Model, path: Path) -> None:
    import h5py

    try:
        stored = 0
        with h5py.File(path, "r") as file:

            def count(name: str, node: h5py.Group | h5py.Dataset) -> None:
                nonlocal stored
                stored += isinstance(node, h5py.Dataset)

            file.visititems(count)
    except OSError:
        raise PresetError(f"The weights {path} are cut short or not an HDF5 file; fetch them again.") from None
    if stored != len(model.weights):
        raise PresetError(
            f"The weights {path} do not fit: {stored} arrays for {len(model.weights)} variables of the model."
        )
    try:
        model.load_weights(path)
    except (ValueError, KeyError, OSError) as error:
        raise PresetError(f"The weights {path} do not fit the model: {_first_line(error)}.") from None


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")

"""Trained models by name: a folder of config.json, weights and a README.md.

config.json holds {"family", "config", "characters", "image_size", "generation", "training"}: the family is one of the
registry's, its configuration is plain JSON, so that nothing in a preset can run code.

The weights are one of two:
    model.weights.h5   Keras's own weights file, float32 stored as float16 wherever it fits that range. Training writes
                       it, under every backend.
    1/                 a SavedModel (see `tfhand.models.serving`), whose variables are the same numbers.
Further networks that a training needs (a discriminator) lie beside them as NAME.weights.h5.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfhand.core.config import as_json, config_from
from tfhand.core.folders import atomic_folder, is_replaceable, recover
from tfhand.core.json_files import read_json, write_json
from tfhand.errors import HandwritingError, PresetError
from tfhand.models.generation import GenerationConfig

if TYPE_CHECKING:
    import keras

DEFAULT = "alphabet62"
"""The preset that writes where none is named."""
ENVIRONMENT = "TFHAND_SAVED_MODELS"
CONFIG, WEIGHTS, CARD, SAVED_MODEL = "config.json", "model.weights.h5", "README.md", "1"
KEYS = {"family": str, "config": dict, "characters": str, "image_size": int, "generation": dict, "training": dict}
KIND_NAMES = {str: "a text", int: "a whole number", dict: "an object"}
HALF_LIMIT = 60000.0  # float16 ends at 65504


def folders() -> list[Path]:
    """The folders that hold presets, in the order in which they are searched."""
    places = [Path(os.environ[ENVIRONMENT])] if os.environ.get(ENVIRONMENT) else []
    package = importlib.util.find_spec("tfhand.saved_models")
    if package and package.submodule_search_locations:
        places += map(Path, package.submodule_search_locations)
    return [*places, Path(__file__).resolve().parents[2] / "saved_models"]


def available() -> list[str]:
    """The names of all presets that `find` knows, sorted."""
    return sorted({path.parent.name for folder in folders() for path in folder.glob(f"*/{CONFIG}")})


def find(name_or_path: str | os.PathLike) -> Path:
    """The folder of a preset: a path as it is, else the first folder of that name in $TFHAND_SAVED_MODELS, the
    installed package and the checkout's saved_models/.

    Raises:
        PresetError: there is none; the sentence lists what there is.
    """
    path = Path(name_or_path)
    candidates = [path]
    if path.name == str(name_or_path) and path.name:
        candidates += [folder / path.name for folder in folders()]
    for candidate in candidates:
        recover(candidate)
        if os.path.isfile(candidate / CONFIG):
            return candidate
    if os.path.isdir(path):
        raise PresetError(f"{path} is not a preset: it has no {CONFIG}.")
    known = ", ".join(available()) or "none"
    raise PresetError(
        f"There is no preset {str(name_or_path)!r}; there are: {known}; or give the path of a preset's folder."
    )


def read_config(name_or_path: str | os.PathLike) -> dict[str, Any]:
    """The config.json of a preset, checked for its keys.

    Raises:
        PresetError: unknown, broken or incomplete.
    """
    path = find(name_or_path) / CONFIG
    try:
        values = read_json(path)
    except HandwritingError as error:
        raise PresetError(f"The preset's {error}") from None
    missing = [key for key in KEYS if key not in values]
    if missing:
        raise PresetError(f"The preset's {path} has no {missing[0]!r}.")
    for key, kind in KEYS.items():
        if type(values[key]) is not kind:
            raise PresetError(f"The preset's {path} must hold {KIND_NAMES[kind]} {key!r}.")
    training = values["training"]
    data = training.get("data", [])
    writers = [training.get(name) or {} for name in ("validation_writers", "writer_rows")]
    if not (_is_list_of(data, dict) and all(isinstance(each, dict) for each in writers)) or not all(
        _is_list_of(numbers, int) for each in writers for numbers in each.values()
    ):
        raise PresetError(f"The preset's {path} holds a record of its training that is broken.")
    return values


def _is_list_of(value: Any, kind: type) -> bool:
    return isinstance(value, list) and all(type(one) is kind for one in value)


def generation_of(name_or_path: str | os.PathLike) -> GenerationConfig:
    """The `generation` block of a preset.

    Raises:
        PresetError: the preset is unknown or broken.
    """
    values = read_config(name_or_path)["generation"]
    try:
        return config_from(GenerationConfig, values)
    except HandwritingError as error:
        raise PresetError(f"The preset {name_or_path} has a {CONFIG} whose 'generation' is wrong: {error}") from None


def load_weights(folder: Path, networks: keras.Model) -> None:
    """Sets built networks to the weights in a preset's folder.

    Raises:
        PresetError: there are none, they are broken, or they do not fit.
    """
    if os.path.isfile(folder / WEIGHTS):
        _load_h5(networks, folder / WEIGHTS)
    elif os.path.isdir(folder / SAVED_MODEL):
        _load_variables(networks, folder / SAVED_MODEL)
    else:
        raise PresetError(f"The preset {folder} has neither {WEIGHTS} nor a SavedModel; fetch it again.")


def load_auxiliary(name_or_path: str | os.PathLike, auxiliary: Mapping[str, keras.Model]) -> None:
    """Sets networks, by name, to the weights that a preset holds of them; those that it does not hold stay as they are.

    Raises:
        PresetError: unknown, or weights that do not fit.
    """
    folder = find(name_or_path)
    for name, network in auxiliary.items():
        path = folder / f"{name}.weights.h5"
        if os.path.isfile(path):
            _load_h5(network, path)


def check_target(folder: str | os.PathLike) -> None:
    """Looks before a long training whether `write` may write there.

    Raises:
        PresetError: something else is there.
    """
    folder = Path(folder)
    if not is_replaceable(folder, CONFIG):
        raise PresetError(f"{folder} holds something that is not a preset; choose another folder.")


def write(
    folder: str | os.PathLike,
    networks: keras.Model,
    values: Mapping[str, Any],
    generation: GenerationConfig,
    card: str,
    auxiliary: Mapping[str, keras.Model] | None = None,
) -> Path:
    """Writes a preset's folder, whole or not at all, in place of one that was there.

    Args:
        folder: of the preset; its name is the preset's.
        networks: whose weights are written.
        values: config.json but for its generation block.
        generation: that block.
        card: the model card, Markdown.
        auxiliary: networks, by name, that a training which begins with the preset needs as well.

    Raises:
        PresetError: the folder holds something else or cannot be written.
    """
    folder = Path(folder)
    check_target(folder)
    try:
        with atomic_folder(folder) as fresh:
            write_json(fresh / CONFIG, {key: {**values, "generation": as_json(generation)}[key] for key in KEYS})
            (fresh / CARD).write_text(card, encoding="utf-8")
            save_h5(networks, fresh / WEIGHTS)
            for name, network in (auxiliary or {}).items():
                save_h5(network, fresh / f"{name}.weights.h5")
    except OSError as error:
        raise PresetError(f"Cannot write the preset {folder}: {error.strerror or error}.") from None
    return folder


def as_stored(array):
    """A weight as presets keep it: float32 as float16 where every number fits that range."""
    import numpy as np

    half = array.dtype == np.float32 and np.abs(array).max(initial=0) < HALF_LIMIT
    return array.astype(np.float16) if half else array


def save_h5(network: keras.Model, path: Path) -> None:
    """Writes a network's weights as `as_stored` has them, laid out as `keras.Model.save_weights` does."""
    import h5py

    full = path.with_name("full.weights.h5")
    network.save_weights(full)
    with h5py.File(full, "r") as source, h5py.File(path, "w") as target:

        def copy(name: str, node: h5py.Group | h5py.Dataset) -> None:
            if isinstance(node, h5py.Dataset):
                target[name] = as_stored(node[()])
            else:
                target.require_group(name)
            target[name].attrs.update(node.attrs)

        source.visititems(copy)
        target.attrs.update(source.attrs)
    full.unlink()


def _load_h5(network: keras.Model, path: Path) -> None:

    try:
        shapes = _stored_shapes(path)
    except Exception:  # h5py raises many kinds for a broken file
        raise PresetError(f"The weights {path} are cut short or not an HDF5 file; fetch them again.") from None
    if len(shapes) != len(network.weights):
        raise PresetError(
            f"The weights {path} do not fit: {len(shapes)} arrays for {len(network.weights)} variables of the model."
        )
    if shapes != sorted(tuple(weight.shape) for weight in network.weights):
        raise PresetError(f"The weights {path} do not fit the model: their shapes differ from its variables'.")
    try:
        network.load_weights(path)
    except Exception as error:  # Keras and h5py raise many kinds
        raise PresetError(f"The weights {path} do not fit the model: {first_line(error)}.") from None


def _stored_shapes(path: Path) -> list[tuple[int, ...]]:
    """The shapes of all arrays of numbers in an HDF5 file, sorted."""
    import h5py

    shapes = []

    def note(name: str, node: h5py.Group | h5py.Dataset) -> None:
        if isinstance(node, h5py.Dataset):
            shapes.append(node.shape if node.dtype.kind in "fiub" else (-1,))

    with h5py.File(path, "r") as file:
        file.visititems(note)
    return sorted(shapes)


def _load_variables(network: keras.Model, saved_model: Path) -> None:
    """Weights from the variables of a SavedModel, which stand in the order of the network's weights."""
    try:
        import tensorflow as tf
    except ImportError:
        raise PresetError(
            f"The weights of {saved_model.parent} lie in a SavedModel, which only TensorFlow reads; "
            f"save_to_preset writes a copy with {WEIGHTS}, where TensorFlow is installed."
        ) from None
    keys = [f"stored/{number}/.ATTRIBUTES/VARIABLE_VALUE" for number in range(len(network.weights))]
    try:
        reader = tf.train.load_checkpoint(str(saved_model / "variables" / "variables"))
        there = reader.get_variable_to_shape_map()
        found = [tuple(there[key]) if key in there else None for key in keys]
        fits = found == [tuple(weight.shape) for weight in network.weights]
        arrays = [reader.get_tensor(key) for key in keys] if fits else []
    except Exception as error:  # TensorFlow's own kinds, which are no OSError
        raise PresetError(
            f"The SavedModel {saved_model} cannot be read: {first_line(error)}; fetch it again."
        ) from None
    if not fits:
        raise PresetError(f"The SavedModel {saved_model} does not fit the model; export it anew.")
    for weight, array in zip(network.weights, arrays, strict=True):
        weight.assign(array)


def first_line(error: Exception) -> str:
    """The first line of an error, for a sentence of our own."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")

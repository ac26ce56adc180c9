"""Styles of projected letters in a file: .npz of `styles` (n, layers, style_size) and `characters`, a text of n."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np

from tfhand.core.files import atomic_write
from tfhand.errors import HandwritingError


def write_styles(path: Path, styles: np.ndarray, characters: str) -> None:
    """Writes the file, whole or not at all."""
    with atomic_write(path) as temporary:
        np.savez_compressed(temporary, styles=styles, characters=np.array(characters))


def read_styles(path: Path) -> tuple[np.ndarray, str]:
    """The styles in a file, and the characters that they draw.

    Raises:
        HandwritingError: missing, broken, or of another kind.
    """
    if not path.is_file():
        raise HandwritingError(f"There is no file of styles at {path}.")
    try:
        if zipfile.is_zipfile(path):  # numpy takes any other file for a pickle
            with np.load(path, allow_pickle=False) as stored:
                return np.asarray(stored["styles"]), str(stored["characters"])
    except (KeyError, ValueError, OSError, EOFError, zipfile.BadZipFile, zlib.error):
        pass
    raise HandwritingError(f"{path} is not an .npz file of plain arrays `styles` and `characters`, or is cut short.")

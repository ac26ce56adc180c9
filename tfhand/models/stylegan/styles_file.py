"""Styles of projected letters in a file: .npz of `styles` (n, layers, style_size) and `characters`, a text of n."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tfhand.core.arrays import ArrayKind, ArraysError, read_arrays
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
    try:
        arrays = read_arrays(path, {"styles": ArrayKind("f", 3), "characters": ArrayKind("U", 0)})
    except ArraysError as error:
        raise HandwritingError(f"These are no styles of projected letters: {error}") from None
    styles, characters = arrays["styles"], str(arrays["characters"])
    if len(styles) != len(characters):
        raise HandwritingError(f"{path} holds {len(styles)} styles for {len(characters)} characters.")
    return styles, characters

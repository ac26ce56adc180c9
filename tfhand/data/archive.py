"""An archive: a data set of characters with labels and writers in one .npz, as images or as pen strokes.

Keys: `labels` uint8 [N] (index into `classes`), `classes` str [C] (absent: the ten digits), `writers` int16 [N] (may be
absent), and either `images` uint8 [N, H, W] (white ink on black) or pen strokes: `points` int16 [P, 2] (x right, y
down), `stroke_len` uint16 [S] (points of each stroke), `n_strokes` uint8 [N] (strokes of each character); optional
`extent` float32 [N] (the character's longest side over its writer's median) and `session` int32 [N].
"""

from __future__ import annotations

import os
import string
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from tfhand.core.arrays import ArrayKind, ArraysError, read_arrays
from tfhand.data.rasterize import draw_image, draw_strokes
from tfhand.data.written import Written
from tfhand.errors import ArchiveError

_KINDS = {
    "labels": ArrayKind("iu", 1),
    "classes": ArrayKind("U", 1, required=False),
    "writers": ArrayKind("iu", 1, required=False),
    "images": ArrayKind("u", 3, required=False),
    "points": ArrayKind("iu", 2, required=False),
    "stroke_len": ArrayKind("iu", 1, required=False),
    "n_strokes": ArrayKind("iu", 1, required=False),
    "extent": ArrayKind("f", 1, required=False),
    "session": ArrayKind("iu", 1, required=False),
}
EXTENTS = (0.5, 2.0)  # what a nib is divided by; the data holds a few absurd outliers


@dataclass(frozen=True, eq=False)
class Archive(Written):
    """Characters with labels and, mostly, writers. All arrays are read-only by convention.

    Raises:
        ArchiveError: the arrays do not belong together.
    """

    unit: ClassVar[str] = "glyphs"

    labels: np.ndarray
    classes: np.ndarray
    writers: np.ndarray | None = None
    images: np.ndarray | None = None
    points: np.ndarray | None = None
    stroke_len: np.ndarray | None = None
    n_strokes: np.ndarray | None = None
    extent: np.ndarray | None = None
    session: np.ndarray | None = None

    def __post_init__(self):
        if self.labels.ndim != 1 or self.labels.dtype.kind not in "iu":
            raise ArchiveError("The archive's `labels` must be whole numbers of shape (N,).")
        count = len(self.labels)
        if count == 0:
            raise ArchiveError("The archive holds no characters.")
        if self.classes.ndim != 1 or any(len(str(character)) != 1 for character in self.classes):
            raise ArchiveError("The archive's `classes` must be single characters.")
        if len(set(self.classes.tolist())) != len(self.classes):
            raise ArchiveError("The archive's `classes` name a character twice.")
        if self.labels.min() < 0 or self.labels.max() >= len(self.classes):
            raise ArchiveError("The archive's `labels` reach beyond its `classes`.")
        for name in ("writers", "images", "n_strokes", "extent", "session"):
            array = getattr(self, name)
            entries = count if array is None else array.shape[0] if array.ndim else 0
            if entries != count:
                raise ArchiveError(f"The archive's `{name}` has {entries} entries for {count} labels.")
        parts = [part is not None for part in (self.points, self.stroke_len, self.n_strokes)]
        if (self.images is None and not all(parts)) or (self.images is not None and any(parts)):
            raise ArchiveError("An archive holds either `images` or all of `points`, `stroke_len` and `n_strokes`.")
        self._check_strokes() if self.images is None else self._check_images()

    def _check_images(self):
        if self.images.ndim != 3 or self.images.dtype != np.uint8:
            raise ArchiveError("The archive's `images` must be uint8 of shape (N, height, width).")
        blank = int(np.count_nonzero(self.images.max(axis=(1, 2), initial=0) == 0))
        if blank:
            raise ArchiveError(f"The archive's `images` hold {blank} without any ink; leave them out.")

    @classmethod
    def load(cls, path: str | os.PathLike) -> Archive:
        """Reads an .npz; nothing in it can run code.

        Raises:
            ArchiveError: missing, not an .npz, with pickled objects, without labels, or inconsistent.
        """
        try:
            arrays = read_arrays(path, _KINDS)
        except ArraysError as error:
            raise ArchiveError(f"{error}") from None
        arrays.setdefault("classes", np.array(list(string.digits)))
        return cls(**arrays)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def characters(self) -> str:
        """The classes as one string, in label order."""
        return "".join(self.classes.tolist())

    def places_in(self, characters: str) -> np.ndarray:
        """Where in `characters` each sample's character stands, (N,); -1 for those that are not among them."""
        return np.array([characters.find(character) for character in self.classes])[self.labels]

    def draw(self, index: int, size: int = 32, nib: float = 2.5, matrix: np.ndarray | None = None) -> np.ndarray:
        """One character as a glyph.

        Args:
            index: which character.
            size: side of the glyph in pixels.
            nib: line width in pixels at 32 for a character of median extent; a small letter, scaled up to fill its
                glyph, gets a thicker line, as it does when real writing is cut out. Images keep their own ink.
            matrix: (2, 2) shape of the hand, see `rasterize.shape_matrix`.

        Returns:
            uint8 array of shape (size, size), white ink on black.
        """
        if self.images is not None:
            return draw_image(self.images[index], size, matrix)
        return draw_strokes(self.strokes(index), size, nib / self.extent_of(index), matrix)

    def extent_of(self, index: int) -> float:
        """What the nib of one character is divided by: its extent within bounds, or 1 where that is not known."""
        return 1.0 if self.extent is None else float(np.clip(self.extent[index], *EXTENTS))

    def render(self, indices, size: int = 32, nib: float = 2.5) -> np.ndarray:
        """Several characters as glyphs: uint8 array of shape (n, size, size)."""
        return np.stack([self.draw(int(index), size, nib) for index in indices])

    def select(self, indices: np.ndarray) -> Archive:
        """The archive of these characters only, in this order."""
        indices = np.asarray(indices)
        chosen = self._selected(("labels", "writers", "images", "n_strokes", "extent", "session"), indices)
        return replace(self, **chosen, **self._selected_strokes(indices))

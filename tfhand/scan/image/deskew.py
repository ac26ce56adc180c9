"""A page of writing: its contrast and ink, turned until its lines are level, and the way back to the photo."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from tfhand.scan.image.drawn_lines import without_drawn_lines
from tfhand.scan.image.ink import border_ink, ink_level, ink_mask
from tfhand.scan.image.paper import as_paper
from tfhand.scan.image.rulings import MAX_SLOPE, ruling_slope, without_rulings

MARGIN = 20  # pixels of paper around ink


@dataclass(frozen=True, eq=False)
class DeskewedPage:
    """The ink of a photo, or of a part of it.

    Attributes:
        contrast: float32 [h, w], see `scan.image.paper`.
        ink, on_border: bool [h, w], all ink, and the part of it that is connected to the edge of paper or picture.
        level: contrast of well inked strokes.
        plane: float64 [3, 3], takes (right, down, 1) in its pixels to the photo's.
        cut_out: whether it is a part of the photo that was taken for the sheet of paper.
        ruled: the slope (fall by run) of the printed rulings that were taken out of it, or None.
        angle: degrees by which it was turned counter-clockwise.
    """

    contrast: np.ndarray = field(repr=False)
    ink: np.ndarray = field(repr=False)
    on_border: np.ndarray = field(repr=False)
    level: float
    plane: np.ndarray = field(repr=False)
    cut_out: bool = False
    ruled: float | None = None
    angle: float = 0.0

    def to_photo(self, rows: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pixels of this page as rows and columns of the photo."""
        x, y, depth = self.plane @ np.stack([columns + 0.5, rows + 0.5, np.ones(len(rows))])
        return y / depth, x / depth

    @property
    def scale(self) -> float:
        """Pixels of the photo to one of these, in the middle."""
        middle = np.array(self.ink.shape, float) / 2
        rows, columns = self.to_photo(middle[0] + np.array([0, 1, 0]), middle[1] + np.array([0, 0, 1]))
        across, down = np.array([rows[1:] - rows[0], columns[1:] - columns[0]])
        return float(abs(across[0] * down[1] - across[1] * down[0]) ** 0.5)

    def around_ink(self) -> DeskewedPage:
        """The part of this page on which there is ink, with some paper around it."""
        rows, columns = (np.flatnonzero(self.ink.any(axis=axis)) for axis in (1, 0))
        if not rows.size:
            return self
        down, along = (
            slice(max(0, int(place[0]) - MARGIN), min(int(place[-1]) + 1 + MARGIN, size))
            for place, size in zip((rows, columns), self.ink.shape, strict=True)
        )
        return self.part(down, along, np.ones((down.stop - down.start, along.stop - along.start), bool))

    def reduced(self, factor: int) -> DeskewedPage:
        """This page with the means of squares of so many pixels."""
        height, width = (side // factor for side in self.ink.shape)

        def reduce(values: np.ndarray) -> np.ndarray:
            whole = values[: height * factor, : width * factor].astype(np.float32)
            return cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA)

        ink = reduce(self.ink) > 0.5
        return replace(
            self,
            contrast=reduce(self.contrast),
            ink=ink,
            on_border=ink & (reduce(self.on_border) > 0),
            plane=self.plane @ np.diag([factor, factor, 1.0]),
        )

    def part(self, rows: slice, columns: slice, keep: np.ndarray) -> DeskewedPage:
        """A rectangle of this page, with paper in place of the ink that is not to be kept.

        Args:
            rows, columns: with start and stop.
            keep: bool of the rectangle's shape.
        """
        moved = self.plane @ np.array([[1.0, 0, columns.start], [0, 1, rows.start], [0, 0, 1]])
        place = rows, columns
        return replace(
            self,
            contrast=np.where(keep, self.contrast[place], 0),
            ink=self.ink[place] & keep,
            on_border=self.on_border[place] & keep,
            plane=moved,
        )


def page_from_photo(image: np.ndarray | str | os.PathLike, whole: bool = False) -> DeskewedPage:
    """The ink of a picture, not turned yet.

    Args:
        image: a photo, as an array or a path.
        whole: takes the whole picture for paper.

    Raises:
        PictureError: not a picture, or too small or too large.
        ReadingError: nothing on it is dark enough, or most of it is dark.
    """
    paper = as_paper(image, whole)
    contrast = paper.contrast
    slope = ruling_slope(contrast)
    if slope is not None:
        contrast = without_rulings(contrast, slope)
    level = ink_level(contrast)
    ink = ink_mask(contrast, level)
    without = without_drawn_lines(contrast, ink)
    if without is not contrast:
        contrast, ink = without, ink_mask(without, level)
    return DeskewedPage(contrast, ink, border_ink(ink, paper.shown), level, paper.plane, paper.cut_out, slope)


def deskew(page: DeskewedPage, slope: float) -> DeskewedPage:
    """The page turned until lines of this slope (fall by run) are level, with room for its corners."""
    degrees = float(np.rad2deg(np.arctan(np.clip(slope, -MAX_SLOPE, MAX_SLOPE))))

    height, width = page.ink.shape
    sine, cosine = abs(np.sin(np.deg2rad(degrees))), np.cos(np.deg2rad(degrees))
    size = int(np.ceil(width * cosine + height * sine)), int(np.ceil(width * sine + height * cosine))
    back = _moved(page.ink.shape, 1) @ _turned(degrees) @ _moved(size[::-1], -1)

    def turn(values: np.ndarray, resampling: int) -> np.ndarray:
        return cv2.warpAffine(values, _of_pixel_centres(back)[:2], size, flags=resampling | cv2.WARP_INVERSE_MAP)

    levels = turn(page.ink.astype(np.uint8) + page.on_border.astype(np.uint8), cv2.INTER_NEAREST)
    contrast = turn(page.contrast, cv2.INTER_CUBIC)
    return replace(
        page,
        contrast=contrast,
        ink=levels > 0,
        on_border=levels == 2,
        plane=page.plane @ back,
        ruled=None if page.ruled is None else page.ruled - slope,
        angle=page.angle + degrees,
    )


def _moved(shape: tuple[int, ...], way: int) -> np.ndarray:
    """The plane that moves the middle of a picture to the origin (-1), or back from there (1)."""
    return np.array([[1.0, 0, way * shape[1] / 2], [0, 1, way * shape[0] / 2], [0, 0, 1]])


def _of_pixel_centres(plane: np.ndarray) -> np.ndarray:
    """A plane between pictures whose pixels' corners are whole numbers, as one between those whose centres are."""
    half = np.array([[1.0, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    return np.linalg.inv(half) @ plane @ half


def _turned(degrees: float) -> np.ndarray:
    turn = np.deg2rad(degrees)
    return np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])

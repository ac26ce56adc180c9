"""Figures read off glyphs: traits of a hand (after Morpho-MNIST, Castro et al. 2019, arXiv 1809.10780, and beyond)."""

from __future__ import annotations

import numpy as np

from tfhand.metrics.skeleton import MiddleLines, skeletons

_SHARPEST = 0.3  # radians at one node; a smoothed corner turns by more, and by how much is chance


def _ink(glyphs: np.ndarray) -> np.ndarray:
    """uint8 glyphs (n, S, S) as ink in 0..1."""
    return np.asarray(glyphs, np.float64) / 255.0


def thickness(glyphs: np.ndarray) -> np.ndarray:
    """Mean width of the line in pixels: twice the ink's area over the length of its outline.

    A line of length L and width t has area L t and an outline of about 2 L; the outline of antialiased ink is its
    total variation.

    Args:
        glyphs: uint8 array of shape (n, S, S).

    Returns:
        float64 array of shape (n,).
    """
    ink = np.pad(_ink(glyphs), ((0, 0), (1, 1), (1, 1)))
    down, right = ink[:, 1:, :-1] - ink[:, :-1, :-1], ink[:, :-1, 1:] - ink[:, :-1, :-1]
    outline = np.hypot(down, right).sum(axis=(1, 2))
    return 2 * ink.sum(axis=(1, 2)) / np.maximum(outline, 1e-6)


def _spread(glyphs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The ink's variance in x, its variance in y and their covariance, (n,) each, in square pixels; y runs downward."""
    ink = _ink(glyphs)
    ink /= np.maximum(ink.sum(axis=(1, 2), keepdims=True), 1e-6)
    rows, columns = np.mgrid[: ink.shape[1], : ink.shape[2]]
    x = columns - (ink * columns).sum(axis=(1, 2))[:, None, None]
    y = rows - (ink * rows).sum(axis=(1, 2))[:, None, None]
    return (ink * x * x).sum(axis=(1, 2)), (ink * y * y).sum(axis=(1, 2)), (ink * x * y).sum(axis=(1, 2))


def slant(glyphs: np.ndarray) -> np.ndarray:
    """Shear of the ink from its second moments: pixels to the right for each pixel up; positive leans right.

    Args:
        glyphs: uint8 array of shape (n, S, S).

    Returns:
        float64 array of shape (n,).
    """
    _, in_y, both = _spread(glyphs)
    return -both / np.maximum(in_y, 1e-6)


def width_to_height(glyphs: np.ndarray) -> np.ndarray:
    """Natural logarithm of the ink's width over its height, both as standard deviations of the ink.

    Args:
        glyphs: uint8 array of shape (n, S, S).

    Returns:
        float64 array of shape (n,).
    """
    in_x, in_y, _ = _spread(glyphs)
    return np.log(np.maximum(in_x, 1e-6) / np.maximum(in_y, 1e-6)) / 2


def length(glyphs: np.ndarray) -> np.ndarray:
    """Length of the stroke's middle line over the longest side of the box around it: a bar has 1, a circle pi.

    Args:
        glyphs: uint8 array of shape (n, S, S).

    Returns:
        float64 array of shape (n,).
    """
    lines = MiddleLines.of(glyphs)
    return lines.sum(lines.steps(), lines.links[:, 0]) / _side(lines.points, lines.glyph, lines.count)


def curvature(glyphs: np.ndarray) -> np.ndarray:
    """How much the middle line turns for each pixel of its length, in radians: 1 / r for a circle of r pixels.

    A corner counts as an arc does that turns as fast as a pen can be seen to turn, and crossings do not count.

    Args:
        glyphs: uint8 array of shape (n, S, S).

    Returns:
        float64 array of shape (n,).
    """
    lines = MiddleLines.of(glyphs)
    turns, bends = lines.turns()
    turned = lines.sum(np.minimum(turns, _SHARPEST), bends)
    return turned / np.maximum(lines.sum(lines.steps(), lines.links[:, 0]), 1.0)


def holes(glyphs: np.ndarray) -> np.ndarray:
    """The space that the middle line encloses, wholly or nearly, over the square of its box's longest side.

    From every blank place one looks out in eight directions. With a line in sight in all of them it counts in full,
    with a line in five or fewer, as between the arms of an x, not at all, and by thirds between. So a counter counts by
    its size, and one with a small gap nearly as much as if it were closed: people who close their a's now and then
    still have a steady value, which they have neither in the number of counters nor in their area.

    Args:
        glyphs: uint8 array of shape (n, S, S).

    Returns:
        float64 array of shape (n,).
    """
    drawn = skeletons(glyphs)
    closed = np.zeros(drawn.shape, np.uint8)
    for turn in range(4):
        above = np.rot90(drawn, turn, axes=(1, 2))
        slanting = above.copy()
        slanting[:, :, 1:] |= above[:, :, :-1]  # no ray slips between two pixels that touch at a corner
        for row in range(1, slanting.shape[1]):
            slanting[:, row, 1:] |= slanting[:, row - 1, :-1]
        straight = np.maximum.accumulate(above, axis=1)
        closed += np.rot90(straight.astype(np.uint8) + slanting, -turn, axes=(1, 2))
    enclosed = np.maximum(np.where(drawn, 0, closed) - 5.0, 0).sum(axis=(1, 2)) / 3
    glyph, *place = np.nonzero(drawn)
    return enclosed / np.square(_side(np.stack(place, axis=1), glyph, len(drawn)))


def mass(glyphs: np.ndarray) -> np.ndarray:
    """How far the ink's centre of mass lies above the middle of its box, over the box's height.

    Args:
        glyphs: uint8 array of shape (n, S, S).

    Returns:
        float64 array of shape (n,).
    """
    ink = _ink(glyphs)
    rows = (ink > ink.max(axis=(1, 2), keepdims=True) / 2).any(axis=2)
    top, bottom = rows.argmax(axis=1), rows.shape[1] - rows[:, ::-1].argmax(axis=1)
    by_row = ink.sum(axis=2)
    centre = (by_row * np.arange(rows.shape[1])).sum(axis=1) / np.maximum(by_row.sum(axis=1), 1e-6)
    return np.where(rows.any(axis=1), ((top + bottom - 1) / 2 - centre) / (bottom - top), 0.0)


def ends(glyphs: np.ndarray) -> np.ndarray:
    """The share of the middle line that lies in end strokes, each from a free end to the nearest crossing.

    Args:
        glyphs: uint8 array of shape (n, S, S).

    Returns:
        float64 array of shape (n,): 1 for a single open line or an x, 0 for a ring.
    """
    lines = MiddleLines.of(glyphs)
    _, loose = lines.strokes()
    everything = np.arange(len(lines.points))
    return lines.sum(loose, everything) / np.maximum(lines.sum(lines.degrees <= 2, everything), 1.0)


def _side(points: np.ndarray, glyph: np.ndarray, count: int) -> np.ndarray:
    """The longest side of the box around each glyph's points (P, 2), (count,); 1 at least."""
    low, high = np.full((count, 2), np.inf), np.full((count, 2), -np.inf)
    np.minimum.at(low, glyph, points)
    np.maximum.at(high, glyph, points)
    return np.maximum((high - low).max(axis=1, initial=1.0), 1.0)


TRAITS = {
    "slant": slant,
    "width:height": width_to_height,
    "thickness": thickness,
    "length": length,
    "curvature": curvature,
    "holes": holes,
    "mass": mass,
    "ends": ends,
}
"""By the names that tables show; uint8 glyphs (n, S, S) to float64 (n,). All but the thickness look past the nib."""

"""Traits of a hand, measured on glyphs (some after Morpho-MNIST, Castro et al. 2019, arXiv 1809.10780)."""

from __future__ import annotations

import numpy as np

from tfhand.metrics.skeleton import SkeletonGraph, skeletonize_glyphs

_SHARPEST = 0.3  # radians at one node: at a corner the angle is larger, and largely random


def _ink(glyphs: np.ndarray) -> np.ndarray:
    """uint8 glyphs (n, S, S) as ink from 0 to 1."""
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


def _second_moments(glyphs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
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
    _, in_y, both = _second_moments(glyphs)
    return -both / np.maximum(in_y, 1e-6)


def width_to_height(glyphs: np.ndarray) -> np.ndarray:
    """Natural logarithm of the ink's width over its height, both as standard deviations of the ink.

    Args:
        glyphs: uint8 array of shape (n, S, S).

    Returns:
        float64 array of shape (n,).
    """
    in_x, in_y, _ = _second_moments(glyphs)
    return np.log(np.maximum(in_x, 1e-6) / np.maximum(in_y, 1e-6)) / 2


def relative_length(glyphs: np.ndarray) -> np.ndarray:
    """Length of the middle line over the longest side of the box around it: 1 for a bar, pi for a circle.

    Args:
        glyphs: uint8 array of shape (n, S, S).

    Returns:
        float64 array of shape (n,).
    """
    graph = SkeletonGraph.from_glyphs(glyphs)
    return graph.sum(graph.link_lengths(), graph.links[:, 0]) / _longest_side(graph.points, graph.glyph, graph.count)


def curvature(glyphs: np.ndarray) -> np.ndarray:
    """Turning of the middle line in radians for each pixel of its length: 1 / r for a circle of r pixels.

    A corner counts at most `_SHARPEST` for each node, and crossings do not count.

    Args:
        glyphs: uint8 array of shape (n, S, S).

    Returns:
        float64 array of shape (n,).
    """
    graph = SkeletonGraph.from_glyphs(glyphs)
    angles, bends = graph.turns()
    turned = graph.sum(np.minimum(angles, _SHARPEST), bends)
    return turned / np.maximum(graph.sum(graph.link_lengths(), graph.links[:, 0]), 1.0)


def enclosed_space(glyphs: np.ndarray) -> np.ndarray:
    """The space that the middle line encloses, fully or nearly, over the square of its box's longest side.

    Each blank pixel looks for a line in eight directions. It counts in full if there is a line in all of them, not at
    all with a line in five or fewer, as between the arms of an x, and by thirds in between. So a counter counts by its
    size, and a counter with a small gap counts nearly as much as a closed one. A person who only sometimes closes
    their a's still has a steady value, unlike the number of holes or their area.

    Args:
        glyphs: uint8 array of shape (n, S, S).

    Returns:
        float64 array of shape (n,).
    """
    skeletons = skeletonize_glyphs(glyphs)
    directions = np.zeros(skeletons.shape, np.uint8)
    for turn in range(4):
        above = np.rot90(skeletons, turn, axes=(1, 2))
        slanting = above.copy()
        slanting[:, :, 1:] |= above[:, :, :-1]  # no slanting view passes between two pixels that touch
        for row in range(1, slanting.shape[1]):
            slanting[:, row, 1:] |= slanting[:, row - 1, :-1]
        straight = np.maximum.accumulate(above, axis=1)
        directions += np.rot90(straight.astype(np.uint8) + slanting, -turn, axes=(1, 2))
    enclosed = np.maximum(np.where(skeletons, 0, directions) - 5.0, 0).sum(axis=(1, 2)) / 3
    glyph, *place = np.nonzero(skeletons)
    return enclosed / np.square(_longest_side(np.stack(place, axis=1), glyph, len(skeletons)))


def mass_height(glyphs: np.ndarray) -> np.ndarray:
    """The height of the ink's centre of mass over the middle of its box, as a share of the box's height.

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


def end_stroke_share(glyphs: np.ndarray) -> np.ndarray:
    """The share of the middle line that lies in end strokes: those from a free end to the nearest crossing.

    Args:
        glyphs: uint8 array of shape (n, S, S).

    Returns:
        float64 array of shape (n,): 1 for a single open line or an x, 0 for a ring.
    """
    graph = SkeletonGraph.from_glyphs(glyphs)
    _, with_free_end = graph.pieces()
    nodes = np.arange(len(graph.points))
    return graph.sum(with_free_end, nodes) / np.maximum(graph.sum(graph.degrees <= 2, nodes), 1.0)


def _longest_side(points: np.ndarray, glyph: np.ndarray, count: int) -> np.ndarray:
    """The longest side of the box around each glyph's points (P, 2), (count,), at least 1."""
    low, high = np.full((count, 2), np.inf), np.full((count, 2), -np.inf)
    np.minimum.at(low, glyph, points)
    np.maximum.at(high, glyph, points)
    return np.maximum((high - low).max(axis=1, initial=1.0), 1.0)


TRAITS = {
    "slant": slant,
    "width:height": width_to_height,
    "thickness": thickness,
    "length": relative_length,
    "curvature": curvature,
    "holes": enclosed_space,
    "mass": mass_height,
    "ends": end_stroke_share,
}
"""Traits by their names in tables: uint8 glyphs (n, S, S) to float64 (n,). Only thickness depends on the nib."""

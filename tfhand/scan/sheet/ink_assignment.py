"""Ink on a page of boxes: which pixels are ink and not print, and the box to which each of them belongs."""

from __future__ import annotations

import cv2
import numpy as np
from scipy import spatial

from tfhand.scan.image.ink import LOW, MIN_INK_CONTRAST, hysteresis, noise_level

HIGH = 0.52  # upper limit of hysteresis in boxes, as a share of the ink's contrast
MIDDLE = 0.25  # of a box's sides, from its lines to its middle, which is reached by no neighbour's tail
MIN_SHARED = 0.2  # share of a component's ink in a box's middle or beyond its line; less is a stroke that ran over
NEAR = 0.8  # x-heights from ink between two boxes to other ink of the same character
INNER_MARGIN = 0.12  # x-heights from a box's lines: ink that stays nearer is the end of a neighbour's stroke
MIN_IN_BOXES = 0.35  # share of a component inside boxes; less is a thumb or the edge of the paper


def pixels(area: np.ndarray) -> tuple[slice, slice]:
    """The rows and columns of a box, for indexing."""
    top, left, bottom, right = np.rint(area).astype(int)
    return slice(max(top, 0), bottom), slice(max(left, 0), right)


def ink_levels(contrast: np.ndarray, areas: np.ndarray) -> tuple[float | None, float]:
    """The contrast of well inked strokes in the boxes (None without any), and a contrast above that of all print there.

    Args:
        contrast: float32 [h, w].
        areas: float [n, 4], the boxes: top, left, bottom, right in pixels.
    """
    inside = np.concatenate([contrast[pixels(area)].ravel() for area in areas])
    noise, printed = noise_level(inside), _print_level(contrast, areas)
    likely = inside[inside > max(MIN_INK_CONTRAST, 6 * noise, 1.6 * printed)]
    if likely.size < 8:
        return None, 0.0
    return float(np.percentile(likely, 80)), max(1.3 * printed, 2.5 * noise)


def _print_level(contrast: np.ndarray, areas: np.ndarray) -> float:
    """The contrast of the boxes' own lines: most of their length has no ink on it."""
    reach, seen = 3, []
    for area in areas:
        rows, columns = pixels(area)
        below = contrast[max(rows.stop - reach, 0) : rows.stop + reach, columns]
        beside = contrast[rows, max(columns.stop - reach, 0) : columns.stop + reach].T
        seen += [float(np.median(strip.max(axis=0))) for strip in (below, beside) if strip.size]
    return float(np.median(seen)) if seen else 0.0


def box_ink_mask(contrast: np.ndarray, level: float, print_level: float) -> np.ndarray:
    """The pixels of ink, bool of the page's shape.

    The upper limit is lower than for running lines: an i's dot, blurred, is paler than strokes, and there is little
    dirt as long as only the boxes are looked at.

    Args:
        contrast: float32 [h, w].
        level: contrast of well inked strokes.
        print_level: a contrast above that of all print in the boxes.
    """
    soft = cv2.GaussianBlur(contrast, (0, 0), 0.6)
    return hysteresis(soft, max(LOW * level, print_level), max(HIGH * level, 1.2 * print_level))


def assign_ink(ink: np.ndarray, areas: np.ndarray, x_height: float) -> np.ndarray:
    """The number of the box from 1 that each pixel of ink belongs to, 0 for none: int32 [h, w].

    A whole component goes to the box in whose middle it lies, or else to the one that holds most of it. One that lies
    in the middles of two is cut between them, and one on the line between two goes to that of the nearest ink.
    """
    count, labels = cv2.connectedComponents(ink.astype(np.uint8), connectivity=8)
    boxes, deep = np.zeros(ink.shape, np.int32), np.zeros(ink.shape, bool)
    middles = np.zeros(ink.shape, np.int32)
    for number, area in enumerate(areas, start=1):
        inwards = (area[2:] - area[:2])[[0, 1, 0, 1]] * np.array([1, 1, -1, -1])
        boxes[pixels(area)] = number
        middles[pixels(area + MIDDLE * inwards)] = number
        deep[pixels(area + INNER_MARGIN * x_height * np.array([1, 1, -1, -1]))] = True
    rows, columns = np.nonzero(ink)
    components = labels[rows, columns]
    held, held_deep = (_held(components, at[rows, columns], count, len(areas)) for at in (boxes, middles))
    sizes = np.bincount(components, minlength=count)
    total = held.sum(axis=1)
    foreign = (total <= MIN_IN_BOXES * sizes) | ~np.isin(np.arange(count), labels[deep])
    among = held_deep > MIN_SHARED * sizes[:, None]
    owner = np.where(among.any(axis=1), held_deep.argmax(axis=1), held.argmax(axis=1)) + 1
    owner[foreign] = 0
    between = ~foreign & ~among.any(axis=1) & ((held > MIN_SHARED * sizes[:, None]).sum(axis=1) > 1)
    owner[between] = -1
    assignment = np.zeros(ink.shape, np.int32)
    assignment[rows, columns] = owner[components]
    for component in np.flatnonzero(between):
        own = components == component
        candidates = np.flatnonzero(held[component] > MIN_SHARED * sizes[component]) + 1
        candidates = candidates[np.argsort(-held[component, candidates - 1])]
        place = rows[own], columns[own]
        assignment[place] = _fitting_box(assignment, place, candidates, NEAR * x_height)
    shared = ~foreign & (among.sum(axis=1) > 1)
    if shared.any():
        of_shared = shared[components]
        rows, columns = rows[of_shared], columns[of_shared]
        assignment[rows, columns] = _nearest_box(rows, columns, areas)
    return assignment


def _held(components: np.ndarray, boxes: np.ndarray, count: int, box_count: int) -> np.ndarray:
    """How many pixels of each component lie in each box, int [count, boxes], from the numbers of both at each pixel."""
    held = np.zeros((count, box_count + 1), np.int64)
    np.add.at(held, (components.astype(np.intp), boxes.astype(np.intp)), 1)
    return held[:, 1:]


def _fitting_box(assignment: np.ndarray, place: tuple[np.ndarray, ...], candidates: np.ndarray, near: float) -> int:
    """Which of some boxes is best for pixels between them, given as rows and columns.

    That of the nearest ink where some is near, or else the first that has no ink yet.
    """
    distances = []
    for number in candidates.tolist():
        ink = np.argwhere(assignment == number)
        distances.append(spatial.KDTree(ink).query(np.stack(place, axis=1))[0].min() if len(ink) else np.inf)
    nearest = int(np.argmin(distances))
    if distances[nearest] > near and max(distances) == np.inf:
        nearest = int(np.argmax(distances))
    return int(candidates[nearest])


def _nearest_box(rows: np.ndarray, columns: np.ndarray, areas: np.ndarray) -> np.ndarray:
    """The number from 1 of the box nearest to each pixel."""
    best, nearest = np.full(len(rows), np.inf), np.zeros(len(rows), np.int32)
    for number, (top, left, bottom, right) in enumerate(areas, start=1):
        distance = np.maximum(np.maximum(top - rows, rows - bottom), 0) ** 2
        distance = distance + np.maximum(np.maximum(left - columns, columns - right), 0) ** 2
        closer = distance < best
        best[closer], nearest[closer] = distance[closer], number
    return nearest

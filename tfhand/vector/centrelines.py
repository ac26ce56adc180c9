"""The middle lines of ink as open lines: where a pen would go that nobody saw write."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import ndimage
from skimage.morphology import skeletonize

_AROUND = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1) if (y, x) != (0, 0)]
_SPUR = 1.2  # depths of the ink at a crossing: a shorter branch from there comes from an uneven edge
_SMOOTHING = 1.5  # pixels: Gaussian along a line, which takes off the steps of the pixels

Pixel = tuple[int, int]


def centrelines(field: np.ndarray) -> list[np.ndarray]:
    """The middle lines of the ink in a field of signed distances, from one end or crossing to the next.

    Args:
        field: float array of shape (h, w), in pixels, positive within the ink, as from `tfhand.vector.distance_field`.

    Returns:
        One array for each line, float64 (n, 2), (x, y) in pixels of the field, y downward, the middle of the first
        pixel at (0.5, 0.5). A dot is a line of two equal points. Branches that end within the ink's own breadth, which
        come from an uneven edge, are left out.
    """
    depth = np.pad(field, 1)
    skeleton = skeletonize(depth > 0)
    links = {(row, column): _links(skeleton, (row, column)) for row, column in np.argwhere(skeleton).tolist()}
    lines = []
    for path in _paths(links):
        free = sum(len(links[end]) == 1 for end in (path[0], path[-1]))
        if free == 1 and len(path) <= _SPUR * depth[path[0] if len(links[path[0]]) > 1 else path[-1]]:
            continue
        lines.append(_smooth(np.array(path, float)[:, ::-1] - 0.5))
    return lines


def _links(skeleton: np.ndarray, pixel: Pixel) -> list[Pixel]:
    """The neighbours of a pixel; a diagonal one only where no straight one leads to it."""
    row, column = pixel
    found = [(row + y, column + x) for y, x in _AROUND if skeleton[row + y, column + x]]
    straight = [(y, x) for y, x in found if y == row or x == column]
    return straight + [
        (y, x) for y, x in found if y != row and x != column and (y, column) not in found and (row, x) not in found
    ]


def _paths(links: dict[Pixel, list[Pixel]]) -> Iterator[list[Pixel]]:
    """The paths between ends and crossings, and then the rings, each link once; a lonely pixel is a path of two."""
    seen: set[frozenset[Pixel]] = set()
    ends = [pixel for pixel, others in links.items() if len(others) != 2]
    yield from ([pixel, pixel] for pixel in ends if not links[pixel])
    for start in [*ends, *links]:
        for other in links[start]:
            path = [start]
            while frozenset((path[-1], other)) not in seen:
                seen.add(frozenset((path[-1], other)))
                path.append(other)
                onward = [each for each in links[other] if each != path[-2]]
                if len(links[other]) != 2 or not onward:
                    break
                other = onward[0]
            if len(path) > 1:
                yield path


def _smooth(line: np.ndarray) -> np.ndarray:
    """A line (n, 2) without the steps of its pixels; its ends stay, and a ring stays one."""
    if len(line) < 4:
        return line
    if (line[0] == line[-1]).all():
        ring = ndimage.gaussian_filter1d(line[:-1], _SMOOTHING, axis=0, mode="wrap")
        return np.concatenate([ring, ring[:1]])
    smooth = ndimage.gaussian_filter1d(line, _SMOOTHING, axis=0, mode="nearest")
    smooth[0], smooth[-1] = line[0], line[-1]
    return smooth

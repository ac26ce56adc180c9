"""The closed curves around the ink of a distance field, for vector pictures and fonts.

The contour is read off the field between its pixels, then cubic Bezier curves are fitted to it as in P. J. Schneider,
"An Algorithm for Automatically Fitting Digitized Curves" (Graphics Gems, 1990): the ends of a piece and the tangents
there are given, least squares finds the lengths of the handles, Newton's method the place of each point along its
curve, and a piece that is still too far off is cut in two at its worst point. All pieces are fitted at once.

Within this module, points are complex numbers: x + iy.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage
from skimage import measure

from tfhand.core.progress import Done, unwatched
from tfhand.vector.distance_field import nib_width

TOLERANCE = 0.3  # pixels: the greatest distance between the contour and the curves
SPECK = 4.0  # pixels of area: a smaller island or hole is dirt
DOT = 0.35  # squared nibs: the same where the line is so fine that this is less, or its dots would be lost
STEP = 0.75  # pixels from one point of the contour to the next
REACH = 2  # points to either side that give the direction at a point
CORNER = 50.0  # degrees of turning within REACH: more than at the round end of a stroke 3 pixels wide
CUT = 1.0  # pixels: the most that a corner may be cut off by
SHORTEST = 5  # steps: a shorter piece is not cut
ROUNDS = 4  # how often the points are moved along their curve
AT_ONCE = 32  # fields in one batch
NEARLY = 6.0  # times the tolerance: a piece that is farther off is cut without further rounds


def trace(field: np.ndarray, tolerance: float = TOLERANCE) -> list[np.ndarray]:
    """The outlines of the ink in a field of signed distances.

    Args:
        field: float array of shape (h, w), in pixels, positive within the ink, as from
            `tfhand.vector.distance_field`; a constant added to it makes the strokes broader. Beyond its sides is paper.
        tolerance: greatest distance in pixels between the field's contour at 0 and the curves.

    Returns:
        One array for each closed contour, float64 of shape (n, 4, 2): n cubic Bezier segments of start, handle, handle
        and end, (x, y) in pixels of the field, y downward, the middle of the first pixel at (0.5, 0.5). Each segment
        starts where the one before it ends, the first where the last one ends, smoothly but at corners of the ink.
        Seen on the page, contours around ink run clockwise, those around holes counter-clockwise.
    """
    return trace_all([field], tolerance)[0]


def trace_all(
    fields: Sequence[np.ndarray], tolerance: float = TOLERANCE, done: Done = unwatched
) -> list[list[np.ndarray]]:
    """The outlines in each of several fields, as from `trace` but in less than half the time.

    Args:
        fields, tolerance: as for `trace`.
        done: is called with the share of the fields that are traced.
    """
    found = []
    for at in range(0, len(fields), AT_ONCE):
        lines = [_contours(field) for field in fields[at : at + AT_ONCE]]
        curves = iter(_fit_curves([_cut_open(line) for some in lines for line in some], tolerance))
        found += [[next(curves) for _ in some] for some in lines]
        done(len(found) / len(fields))
    return found


def _contours(field: np.ndarray) -> list[np.ndarray]:
    """The closed lines along which a field is 0, without specks."""
    around = np.pad(np.asarray(field, np.float64), 1, constant_values=-1.0)
    lines = (contour @ (1j, 1) - (0.5 + 0.5j) for contour in measure.find_contours(around, 0.0))
    least = min(SPECK, DOT * nib_width(field) ** 2)
    return [_resample(line) for line in lines if abs(_area(line)) >= least]


def _area(line: np.ndarray) -> float:
    """The area within a closed line whose last point is its first; negative where it runs round a hole."""
    return float(np.sum(line[:-1].conj() * line[1:]).imag / 2)


def _resample(line: np.ndarray) -> np.ndarray:
    """A closed line as points at equal distances; the last one, which repeats the first, is left out."""
    along = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(line)))])
    at = np.linspace(0.0, along[-1], max(round(along[-1] / STEP), 2 * SHORTEST), endpoint=False)
    return np.interp(at, along, line)


def _cut_open(line: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A closed line cut open, at a corner if it has one.

    Returns:
        The points, the first one again at the end; the directions in which the line leaves and reaches each point,
        which differ only at corners; and the places of the corners, of both ends, and of a point between the ends.
    """
    ahead, behind = _unit(np.roll(line, -REACH) - line), _unit(line - np.roll(line, REACH))
    turning = np.abs(np.degrees(np.angle(ahead * behind.conj())))
    corner = (turning > CORNER) & (turning == ndimage.maximum_filter1d(turning, 2 * REACH + 1, mode="wrap"))
    through = _unit(ahead + behind)
    # pixels cut corners off: there the directions are taken a step further away, and the point moves to where they meet
    ahead, behind = np.roll(ahead, -1), np.roll(behind, 1)
    back, forth = np.roll(line, 1), np.roll(line, -1)
    across = np.where(corner, _cross(behind, ahead), 1.0)
    moved = back + behind * _cross(forth - back, ahead) / across - line
    line = line + np.where(corner, moved * np.minimum(1.0, CUT / np.maximum(np.abs(moved), CUT)), 0.0)
    start, count = int(np.argmax(corner)), len(line)
    places = (np.arange(count + 1) + start) % count
    nodes = np.union1d(np.flatnonzero(corner[places]), [0, count // 2, count])
    return line[places], np.where(corner, ahead, through)[places], np.where(corner, behind, through)[places], nodes


def _fit_curves(lines: Sequence[tuple[np.ndarray, ...]], tolerance: float) -> list[np.ndarray]:
    """Segments (n, 4, 2) along each line from node to node, with as many further nodes as the tolerance needs."""
    if not lines:
        return []
    points, leaving, arriving = (np.concatenate(arrays) for arrays in list(zip(*lines, strict=True))[:3])
    starts = np.cumsum([0, *(len(line[0]) for line in lines)])
    nodes = [start + line[3] for start, line in zip(starts, lines, strict=False)]
    first, last = (np.concatenate([ends[part] for ends in nodes]) for part in (slice(-1), slice(1, None)))
    places, found = [], []
    while len(first):
        curves, far, worst = _fit_pieces(points, leaving, arriving, first, last, tolerance)
        good = (far <= tolerance) | (last - first < SHORTEST)
        places.append(first[good])
        found.append(curves[good])
        first, last, worst = first[~good], last[~good], worst[~good]
        first, last = np.append(first, worst), np.append(worst, last)
    place = np.concatenate(places)
    order = np.argsort(place)
    curves = np.concatenate(found)[order]
    return np.split(np.stack([curves.real, curves.imag], axis=2), np.searchsorted(place[order], starts[1:-1]))


def _fit_pieces(points, leaving, arriving, first, last, tolerance) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Curves (p, 4) from points[first] to points[last], how far off each is (p,), and where to cut it (p,)."""
    sizes = last - first + 1
    starts = np.cumsum(sizes) - sizes
    piece = np.repeat(np.arange(len(sizes)), sizes)  # for all points of all pieces in a row: the piece,
    place = np.arange(len(piece)) - starts[piece]  # and the place in it
    line = points[first[piece] + place]
    t = place / (sizes[piece] - 1)
    for _ in range(ROUNDS):
        curves = _least_squares(line, t, piece, starts, leaving[first], arriving[last])
        spots, slopes, bends = _along(curves[piece].T, t)
        off = spots - line
        far = np.maximum.reduceat(np.abs(off), starts)
        nearly = (far > tolerance) & (far < NEARLY * tolerance)
        if not nearly.any():
            break
        down = np.abs(slopes) ** 2 + _dot(off, bends)
        down[~nearly[piece] | (down < 1e-6)] = np.inf  # the points of all other pieces stay
        t = np.clip(t - _dot(off, slopes) / down, 0.0, 1.0)
    inner = np.where(np.minimum(place, sizes[piece] - 1 - place) >= sizes[piece] // 5, np.abs(off), -1.0)
    highest = np.flatnonzero(inner == np.maximum.reduceat(inner, starts)[piece])
    return curves, far, first + place[highest[np.searchsorted(highest, starts)]]


def _least_squares(line, t, piece, starts, leaving, arriving) -> np.ndarray:
    """The cubic curves (p, 4) with given ends and directions (p,) that are nearest to their points at parameters t."""
    ends = np.append(starts[1:], len(line)) - 1
    begin, end = line[starts], line[ends]
    share, (_, second, third, _) = t * t * (3 - 2 * t), _bernstein(t)
    rest = line - begin[piece] - share * (end - begin)[piece]
    one, two = second * leaving[piece], -third * arriving[piece]
    products = np.stack([_dot(one, one), _dot(one, two), _dot(two, two), _dot(one, rest), _dot(two, rest)])
    aa, ab, bb, ar, br = np.add.reduceat(products, starts, axis=1)
    determinant, chord = aa * bb - ab**2, np.abs(end - begin)
    sound = determinant > 1e-9 * aa * bb
    handles = np.stack([bb * ar - ab * br, aa * br - ab * ar]) / np.where(sound, determinant, 1.0)
    sound &= ((handles > 0.02 * chord) & (handles < STEP * (ends - starts))).all(axis=0)
    before, after = np.where(sound, handles, chord / 3)
    return np.stack([begin, begin + before * leaving, end - after * arriving, end], axis=1)


def _bernstein(t: np.ndarray) -> tuple[np.ndarray, ...]:
    s = 1 - t
    return s * s * s, 3 * t * s * s, 3 * t * t * s, t * t * t


def _along(curves: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points, first and second derivatives (n,) of curves (4, n) at t."""
    steps, s = np.diff(curves, axis=0), 1 - t
    turns = np.diff(steps, axis=0)
    spots = sum(weight * corner for weight, corner in zip(_bernstein(t), curves, strict=True))
    slopes = 3 * (s * s * steps[0] + 2 * s * t * steps[1] + t * t * steps[2])
    return spots, slopes, 6 * (s * turns[0] + t * turns[1])


def _dot(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    return one.real * two.real + one.imag * two.imag


def _cross(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    return one.real * two.imag - one.imag * two.real


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.abs(vectors), 1e-12)

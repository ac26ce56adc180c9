"""Ink as a field of distances to its contour: glyphs enlarged to smooth, crisp shapes, and strokes of a pen.

The grey levels of a small glyph hold its contour: the line where the interpolated ink falls to half. Enlarging the grey
picture would blur it. Here the contour is found at a multiple of the final resolution and turned into a field of signed
distances to it. The field gives an edge one pixel wide at any size. Adding to it moves the contour and so makes the
strokes broader or thinner: letters that were enlarged by different factors then look written with one pen.
"""

from __future__ import annotations

import cv2
import numpy as np
from scipy.spatial import cKDTree

from tfhand.hands.glyph import INK_LEVEL

SUPERSAMPLING = 3  # the contour is found at this multiple of the field's resolution
SOFTENING = 0.55  # Gaussian over the glyph, in its own pixels: rounds off the staircase of its pixel grid
SMOOTHING = 0.5  # Gaussian over the distances, in the glyph's pixels: smooths a line and keeps its width
FAINTEST = 0.35  # share of the strongest ink: a fainter stroke may vanish; a lower limit would turn noise into ink
REACH = 5  # pixels of the glyph: side of the square in which the strength of a stroke is measured
FAR = 1e3  # pixels: larger distances are cut to this


def distance_field(
    ink: np.ndarray, scale: float, matrix: np.ndarray | None = None, softening: float = SOFTENING
) -> np.ndarray:
    """An enlarged glyph as distances to its contour.

    Args:
        ink: uint8 array of shape (height, width), white ink on black.
        scale: pixels of the result per pixel of the ink.
        matrix: (2, 2) on coordinates (x right, y down): a slant or a stretch, applied before the scale.
        softening: standard deviation of the Gaussian over the ink, in its own pixels.

    Returns:
        float32 array of shape (H, W): distance to the contour in pixels of the result, positive within the ink. The
        ink lies in the middle, with at least 3 pixels of paper around it.
    """
    margin = int(np.ceil(3 / scale)) + 2
    grey = np.pad(ink, margin).astype(np.float32)
    fine = scale * SUPERSAMPLING
    linear = fine * (np.eye(2) if matrix is None else np.asarray(matrix, np.float64))
    if fine < 1:  # a large scan: details that print cannot show would only cost time
        reduced = cv2.resize(grey, None, fx=fine, fy=fine, interpolation=cv2.INTER_AREA)
        linear = linear @ np.diag([grey.shape[1] / reduced.shape[1], grey.shape[0] / reduced.shape[0]])
        grey = np.asarray(reduced, np.float32)
    smooth = cv2.GaussianBlur(grey, (0, 0), softening, borderType=cv2.BORDER_REPLICATE)
    strength = cv2.dilate(smooth, np.ones((REACH, REACH), np.uint8))
    strength = cv2.GaussianBlur(np.maximum(strength, FAINTEST * smooth.max()), (0, 0), 1.0)
    distance = _signed_distance(_enlarge(smooth - strength / 2, linear) > 0)
    distance = cv2.GaussianBlur(distance, (0, 0), max(1.0, SMOOTHING * fine)) / SUPERSAMPLING
    high, wide = (side // SUPERSAMPLING for side in distance.shape)
    return cv2.resize(distance, (wide, high), interpolation=cv2.INTER_AREA)


def keep_islands(field: np.ndarray, ink: np.ndarray, scale: float, matrix: np.ndarray | None = None) -> np.ndarray:
    """A field in which each island of the ink is ink: one that fell below the threshold comes back.

    The dot of an i may be one faint pixel, and blurring leaves less than half of it. It comes back in its own shape and
    at least as broad as the glyph's line, since no pen leaves a thinner dot.

    Args:
        field: the ink's distances to its contour, from `distance_field` with the same scale and matrix, and maybe moved
            since; the middle of the ink is the middle of the field.
        ink: uint8 array of shape (height, width), white ink on black, without specks of dirt.
        scale, matrix: as for `distance_field`.
    """
    count, islands = cv2.connectedComponents((ink > INK_LEVEL * ink.max()).astype(np.uint8))
    if count <= 2:  # paper, and all ink in one piece
        return field
    linear = scale * (np.eye(2) if matrix is None else np.asarray(matrix, np.float64))
    middle, to_middle = ((np.array(one.shape[::-1]) - 1) / 2 for one in (ink, field))
    affine = np.column_stack([linear, to_middle - linear @ middle])
    for number in range(1, count):
        own = np.where(islands == number, ink, 0).astype(np.float32)
        level = cv2.warpAffine(own, affine, field.shape[::-1], flags=cv2.INTER_LINEAR)
        inked = level > level.max() / 2
        if not (field[inked] > 0).any():
            distance = _signed_distance(inked)
            broader = max(nib_width(field) / 2 - float(distance.max()), 0.0)
            field = np.maximum(field, distance + np.float32(broader))
    return field


def _enlarge(level: np.ndarray, linear: np.ndarray) -> np.ndarray:
    """The picture mapped by a matrix (2, 2) about its middle, on as much paper as it needs."""
    wide, high = SUPERSAMPLING * np.ceil(np.abs(linear) @ level.shape[::-1] / SUPERSAMPLING).astype(int)
    middle = (np.array(level.shape[::-1]) - 1) / 2
    affine = np.column_stack([linear, (np.array([wide, high]) - 1) / 2 - linear @ middle])
    paper = float(level.min())
    return cv2.warpAffine(level, affine, (wide, high), flags=cv2.INTER_CUBIC, borderValue=paper)


def _signed_distance(inked: np.ndarray) -> np.ndarray:
    """Pixels from each pixel's middle to the edge of the ink, which runs between pixels; positive within the ink."""
    mask = inked.astype(np.uint8)
    within, beyond = (cv2.distanceTransform(m, cv2.DIST_L2, cv2.DIST_MASK_5) for m in (mask, 1 - mask))
    return np.clip(within - beyond, -FAR, FAR) - np.where(inked, np.float32(0.5), np.float32(-0.5))


def stroke_field(line: np.ndarray, nib: float, shape: tuple[int, int]) -> np.ndarray:
    """A stroke of a round pen as distances to its contour.

    Args:
        line: points (n, 2) on the path of the pen, x right and y down, in pixels of the field; a single point is a dot.
        nib: width of the pen in pixels.
        shape: shape of the field.

    Returns:
        float32 array of that shape, positive within the ink.
    """
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    at = np.linspace(0, along[-1], max(2, int(np.ceil(2 * along[-1])) + 1))
    points = np.stack([np.interp(at, along, coordinate) for coordinate in line.T], axis=1)  # half a pixel apart
    places = np.stack(np.meshgrid(np.arange(shape[1]), np.arange(shape[0])), axis=-1) + 0.5
    return (nib / 2 - cKDTree(points).query(places)[0]).astype(np.float32)


def remove_specks(ink: np.ndarray, least: float, dotted: bool = False) -> np.ndarray:
    """The ink, uint8 (h, w), without islands that hold less ink than `least` squared nibs.

    Args:
        ink: uint8 array of shape (height, width), white ink on black.
        least: squared nibs.
        dotted: whether a dot belongs over the largest island, as with an i: one island over it stays,
            however small.
    """
    count, islands, stats, _ = cv2.connectedComponentsWithStats((ink > INK_LEVEL * ink.max()).astype(np.uint8))
    if count <= 2:  # paper, and all ink in one piece
        return ink
    share = ink.astype(np.float32) / ink.max()
    weights = np.bincount(islands.ravel(), weights=share.ravel(), minlength=count)
    both = sum(np.abs(np.diff(share, axis=axis)).sum() for axis in (0, 1))
    edge = both * np.pi / 4  # counting along both axes overstates the length
    small = weights < least * (2 * weights[1:].sum() / max(edge, 1.0)) ** 2
    small[0] = False  # the paper
    if dotted:
        body = 1 + int(np.argmax(weights[1:]))
        over = stats[:, cv2.CC_STAT_TOP] + stats[:, cv2.CC_STAT_HEIGHT] <= stats[body, cv2.CC_STAT_TOP]
        small[int(np.argmax(np.where(over, weights, 0.0)))] = False
    if not small.any() or small[1:].all():
        return ink
    near, kept = _dilate(small[islands], 5), _dilate((islands > 0) & ~small[islands], 3)
    return np.where(near & ~kept, 0, ink).astype(np.uint8)


def _dilate(mask: np.ndarray, side: int) -> np.ndarray:
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((side, side), np.uint8))) > 0


def nib_width(field: np.ndarray) -> float:
    """Pixels of mean stroke thickness in a distance field, from the ink's area A and its contour's length P.

    A line of length L and thickness w with round ends has A = L w + pi w^2 / 4 and P = 2 L + pi w; a closed line has
    no ends. Hence w follows from A = P w / 2 - e pi w^2 / 4, where e is the number of lines minus the number of holes.
    """
    inked = (field > 0).astype(np.uint8)
    area, contour = float(coverage(field).sum()) / 255, max(np.count_nonzero(np.abs(field) < 1) / 2, 1.0)
    ends = np.pi / 4 * (cv2.connectedComponents(inked)[0] - cv2.connectedComponents(1 - inked, connectivity=4)[0] + 1)
    if ends <= 0:
        return 2 * area / contour
    return float(contour / 2 - max(contour**2 / 4 - 4 * ends * area, 0.0) ** 0.5) / (2 * ends)


def even_widths(widths: np.ndarray, common: float, share: float) -> np.ndarray:
    """The numbers to add to distance fields to bring their strokes nearer to one thickness.

    Args:
        widths: `nib_width` of each field, (n,).
        common: the thickness to come nearer to.
        share: share of the difference that is removed.

    Returns:
        Pixels, (n,); no stroke becomes thinner by more than 35 % or broader by more than 50 %.
    """
    return np.clip(share * (common - widths), -0.35 * widths, 0.5 * widths) / 2


def thin(field: np.ndarray, by: float) -> np.ndarray:
    """A field with its contour moved inward by `by` pixels, and by less where the line is thin: it never breaks."""
    half = max(nib_width(field) / 2, 0.5)
    side = 2 * int(np.ceil(half)) + 1
    ridge = cv2.GaussianBlur(cv2.dilate(field, np.ones((side, side), np.uint8)), (0, 0), side / 4)
    return field - np.float32(by) * np.clip(ridge / (0.7 * half), 0, 1)


def coverage(field: np.ndarray) -> np.ndarray:
    """How much of each pixel is ink: uint8 of the field's shape, with edges one pixel wide."""
    return np.round(np.clip(field + 0.5, 0, 1) * 255).astype(np.uint8)

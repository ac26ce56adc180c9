"""The sheet of paper on a photo: told from the table, cut out and, where its corners are seen, straightened."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from tfhand.scan.image.quadrilateral import fit_sides, in_order

SIDE = 400  # pixels of the longer side of the picture in which the paper is looked for
WRITING = 24  # of these pixels: dark things narrower than this lie on the paper
LEVELS = 14  # thresholds of brightness that are tried
LEAST_AREA, MOST_AREA = 0.08, 0.985  # share of the picture that may be paper
SOLIDITY = 0.9  # share of its convex hull that paper fills
FIT = 0.94  # share of the best quadrilateral that the hull fills where all four corners are seen
NEAR = 0.03  # share of the sheet's shorter side by which its outline may leave a straight line
STEP = 0.3  # share of the light that is missing just outside the paper
SEEN = 0.75  # share of the edge at which light is missing
INSET = 0.006  # share of the longer side that is taken off as edge and shadow


@dataclass(frozen=True, eq=False)
class PaperEdges:
    """Where the paper lies on a photo.

    Attributes:
        outline: float32 [n, 2], a convex polygon in pixels of the photo, (right, down).
        corners: float32 [4, 2], top left, top right, bottom right, bottom left, or None where not all are on the photo.
    """

    outline: np.ndarray = field(repr=False)
    corners: np.ndarray | None = field(repr=False)

    @property
    def area(self) -> float:
        """Pixels of the photo that it covers."""
        return float(cv2.contourArea(self.outline))

    def scaled(self, factors: np.ndarray) -> PaperEdges:
        """The same on a picture that is scaled by these factors (right, down)."""
        corners = None if self.corners is None else np.asarray(self.corners * factors, np.float32)
        return PaperEdges(np.asarray(self.outline * factors, np.float32), corners)


def find_paper(colours: np.ndarray) -> PaperEdges | None:
    """The brightest large patch with dark or coloured surroundings, or None where the paper fills the picture.

    Brightness is that of the darkest of the three colours, which is high on white paper only: light wood has little
    blue. Writing is closed first, so that paper is one patch; every threshold gives other patches, and the one with
    the clearest edge is taken.

    Args:
        colours: uint8 [H, W, 3].
    """
    height, width = colours.shape[:2]
    scale = max(1.0, max(height, width) / SIDE)
    if min(height, width) / scale < 2 * WRITING:
        return None
    step = max(1, int(scale / 3))  # nine pixels are enough for the mean of one
    size = round(width / scale), round(height / scale)
    small = cv2.resize(np.ascontiguousarray(colours[::step, ::step]), size, interpolation=cv2.INTER_AREA)
    bright = cv2.medianBlur(np.ascontiguousarray(small.min(axis=2)), 5)
    closed = _without_writing(bright)
    low, high = np.percentile(closed, [2, 98])
    best, best_score = None, 0.0
    for level in np.linspace(low, high, LEVELS + 2)[1:-1]:
        for hull in _patches(closed > level):
            score = _edge_score(closed, hull)
            if score > best_score:
                best, best_score = hull, score
    if best is None:
        return None
    corners = _corners(best, closed.shape)
    scales = np.array([width / small.shape[1], height / small.shape[0]], np.float32)
    outline = (best.astype(np.float32) + 0.5) * scales
    return PaperEdges(outline, None if corners is None else (corners + 0.5) * scales)


def _without_writing(bright: np.ndarray) -> np.ndarray:
    """The picture without narrow dark things, but with a narrow dark rim between paper and picture border."""
    around = np.pad(bright, WRITING)
    closed = cv2.morphologyEx(around, cv2.MORPH_CLOSE, np.ones((WRITING, WRITING), np.uint8))
    return closed[WRITING:-WRITING, WRITING:-WRITING]


def _patches(mask: np.ndarray) -> list[np.ndarray]:
    """The convex hulls, int32 [n, 2], of solid patches of a fitting size."""
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    hulls = []
    for contour in contours:
        hull = cv2.convexHull(contour)[:, 0]
        area = cv2.contourArea(hull)
        if LEAST_AREA * mask.size < area < MOST_AREA * mask.size and cv2.contourArea(contour) > SOLIDITY * area:
            hulls.append(hull)
    return hulls


def _edge_score(bright: np.ndarray, hull: np.ndarray, reach: int = 5) -> float:
    """The light that is missing outside the hull, summed along it, but for the picture's border; 0 for little of it."""
    middle = hull.mean(axis=0)
    ends = np.roll(hull, -1, axis=0)
    steps = np.maximum(1, np.abs(ends - hull).max(axis=1))
    points = np.concatenate(
        [np.linspace(a, b, int(n), endpoint=False) for a, b, n in zip(hull, ends, steps, strict=True)]
    )
    outward = points - middle
    outward /= np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1e-6)
    outside, inside = (np.rint(points + way * outward).astype(int) for way in (reach, -reach))
    limit = np.array(bright.shape[::-1])
    free = ((outside >= 0) & (outside < limit) & (inside >= 0) & (inside < limit)).all(axis=1)
    if free.sum() < 0.4 * max(bright.shape):
        return 0.0
    outer, inner = (bright[at[free, 1], at[free, 0]].astype(float) for at in (outside, inside))
    missing = 1 - outer / np.maximum(inner, 1)
    return float(missing.sum()) if np.mean(missing > STEP) > SEEN else 0.0


def _corners(hull: np.ndarray, shape: tuple[int, ...]) -> np.ndarray | None:
    """The four corners of a hull, float32 [4, 2] clockwise from the top left; None where some are not on the photo."""
    limit = np.array(shape[::-1]) - 2
    if (hull <= 1).any() or (hull >= limit).any():
        return None
    length = cv2.arcLength(hull, True)
    for tolerance in np.linspace(0.01, 0.08, 15):
        few = cv2.approxPolyDP(hull, tolerance * length, True)[:, 0].astype(np.float32)
        if len(few) <= 4:
            break
    if len(few) != 4 or cv2.contourArea(hull) < FIT * cv2.contourArea(few):
        return None
    return fit_sides(hull, in_order(few), NEAR)


def straighten(colours: np.ndarray, paper: PaperEdges) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The paper cut out of the photo, and straightened where its corners are known.

    Returns:
        uint8 [h, w, 3]; bool [h, w], the pixels that show the paper away from its edge; float64 [3, 3], the plane that
        takes pixels of this picture to those of the photo.
    """
    if paper.corners is None:
        return _cut(colours, paper.outline)
    across = [np.linalg.norm(paper.corners[b] - paper.corners[a]) for a, b in ((0, 1), (3, 2))]
    down = [np.linalg.norm(paper.corners[b] - paper.corners[a]) for a, b in ((0, 3), (1, 2))]
    width, height = max(4, round(max(across))), max(4, round(max(down)))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    plane = cv2.getPerspectiveTransform(target, paper.corners.astype(np.float32))
    picture = cv2.warpPerspective(
        colours, plane, (width, height), flags=cv2.INTER_AREA | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    shown = np.zeros((height, width), bool)
    inset = _inset(shown)
    shown[inset:-inset, inset:-inset] = True
    return picture, shown, plane


def _cut(colours: np.ndarray, outline: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    limit = np.array(colours.shape[1::-1])
    left, top = np.clip(np.floor(outline.min(axis=0)), 0, limit - 4).astype(int)
    right, bottom = np.clip(np.ceil(outline.max(axis=0)), [left + 4, top + 4], limit).astype(int)
    shown = np.zeros((bottom - top, right - left), np.uint8)
    cv2.fillPoly(shown, [np.rint(outline - [left, top]).astype(np.int32)], 1)
    inset = _inset(shown)
    inside = cv2.erode(np.pad(shown, inset, mode="edge"), np.ones((2 * inset + 1,) * 2, np.uint8))
    plane = np.array([[1, 0, left], [0, 1, top], [0, 0, 1]], float)
    return colours[top:bottom, left:right], inside[inset:-inset, inset:-inset] > 0, plane


def _inset(shown: np.ndarray) -> int:
    return max(2, round(INSET * max(shown.shape)))

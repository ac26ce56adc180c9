"""Which box on a form is which of its fields, by the order of rows and boxes and by their widths.

No places are known: forms were printed, copied and scanned in many ways. A row of boxes is matched to a row of fields,
and the boxes in it to the fields, by dynamic programming: boxes of other rows, such as those for a name, are passed
over, and a field whose box is not seen stays without one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tfhand.scan.image.quadrilateral import outermost

SAME_ROW = 0.6  # heights of a box: the most by which the middles of neighbours in a row differ
SPLIT = 0.2  # heights of a box: paper so near to each other in a row is one box, which a stroke divides
BORDERS = 1.0  # characters: the room in a box beside those that are written
WIDTH_SPREAD = 0.35  # standard deviation of the logarithm of a box's width
MOST_WIDTH_COST = 4.0  # of a box in the wrong place
NO_BOX, NO_FIELD = 3.0, 0.7  # costs of a field without a box, and of a box without a field


def assign_fields(boxes: np.ndarray, rows: Sequence[Sequence[int]]) -> np.ndarray:
    """The box of each field, float32 [fields, 4, 2], nan for none.

    Args:
        boxes: float32 [n, 4, 2], the corners of boxes on a picture that is upright to about ten degrees.
        rows: how many characters the fields of each row hold, from the top.
    """
    found = [np.full((len(fields), 4, 2), np.nan, np.float32) for fields in rows]
    seen = _rows_of(boxes) if len(boxes) else []
    if not seen:
        return np.concatenate(found)
    widths = [np.linalg.norm(row[:, 1] - row[:, 0] + row[:, 2] - row[:, 3], axis=1) / 2 for row in seen]
    unit = _unit(widths, rows)
    pairs = [[_matched(own / unit, fields) for fields in rows] for own in widths]
    costs = np.array([[cost for cost, _ in row] for row in pairs])
    lone = np.array([NO_FIELD * len(row) for row in seen])
    empty = np.array([NO_BOX * len(fields) for fields in rows])
    for number, own in enumerate(_in_order(costs, lone, empty)):
        if own >= 0:
            places = pairs[own][number][1]
            found[number][places >= 0] = seen[own][places[places >= 0]]
    return np.concatenate(_unmistaken(found, rows))


def _unmistaken(found: Sequence[np.ndarray], rows: Sequence[Sequence[int]]) -> list[np.ndarray]:
    """The rows' boxes, without those of rows that look alike where not all of them are seen: it may be any of these."""
    seen = [bool(np.isfinite(row).any()) for row in found]
    unsure = {tuple(fields) for fields, is_seen in zip(rows, seen, strict=True) if not is_seen}
    return [
        np.full_like(row, np.nan) if tuple(fields) in unsure else row for row, fields in zip(found, rows, strict=True)
    ]


def _rows_of(boxes: np.ndarray) -> list[np.ndarray]:
    """The boxes of each row from the left, float32 [k, 4, 2], rows from the top."""
    edges = np.concatenate([boxes[:, 1] - boxes[:, 0], boxes[:, 2] - boxes[:, 3]])
    slope = float(np.median(np.repeat(edges[:, 1] / edges[:, 0], np.maximum(1, edges[:, 0].astype(int)))))
    middles = boxes.mean(axis=1)
    level = middles[:, 1] - slope * middles[:, 0]
    height = float(np.median(np.linalg.norm(boxes[:, 3] - boxes[:, 0], axis=1)))
    order = np.argsort(level)
    ends = np.flatnonzero(np.diff(level[order]) > SAME_ROW * height) + 1
    return [_whole(boxes[row[np.argsort(middles[row, 0])]], SPLIT * height) for row in np.split(order, ends)]


def _whole(row: np.ndarray, apart: float) -> np.ndarray:
    """A row of boxes, with one in place of neighbours that are not so many pixels apart."""
    joined = [row[0]]
    for box in row[1:]:
        if box[:, 0].min() - joined[-1][:, 0].max() < apart:
            joined[-1] = outermost(np.concatenate([joined[-1], box]))
        else:
            joined.append(box)
    return np.array(joined)


def _unit(widths: Sequence[np.ndarray], rows: Sequence[Sequence[int]]) -> float:
    """Pixels for a character: of rows that have as many boxes as rows of the form, or of all boxes."""
    room = {len(fields): sum(fields) + BORDERS * len(fields) for fields in rows if len(fields) > 1}
    of_rows = [own.sum() / room[len(own)] for own in widths if len(own) in room]
    usual = np.median([length + BORDERS for fields in rows for length in fields])
    return float(np.median(of_rows)) if of_rows else float(np.median(np.concatenate(widths)) / usual)


def _matched(widths: np.ndarray, fields: Sequence[int]) -> tuple[float, np.ndarray]:
    """The cost of a row of boxes as a row of fields, and the box of each field, -1 for none: int [fields]."""
    apart = np.log(widths[:, None] / (np.array(fields) + BORDERS)) / WIDTH_SPREAD
    costs = np.minimum(apart**2 / 2, MOST_WIDTH_COST)
    places = _in_order(costs, np.full(len(widths), NO_FIELD), np.full(len(fields), NO_BOX))
    own = places >= 0
    total = costs[places[own], np.flatnonzero(own)].sum() + NO_BOX * (~own).sum() + NO_FIELD * (len(widths) - own.sum())
    return float(total), places


def _in_order(costs: np.ndarray, lone: np.ndarray, empty: np.ndarray) -> np.ndarray:
    """The cheapest matching of m things to n places in order: the thing in each place, -1 for none, int [n].

    Args:
        costs: float [m, n], of each thing in each place.
        lone: float [m], of things without a place.
        empty: float [n], of places without a thing.
    """
    m, n = costs.shape
    total = np.zeros((m + 1, n + 1))
    total[1:, 0], total[0, 1:] = np.cumsum(lone), np.cumsum(empty)
    for i in range(m):
        for j in range(n):
            ways = total[i, j] + costs[i, j], total[i, j + 1] + lone[i], total[i + 1, j] + empty[j]
            total[i + 1, j + 1] = min(ways)
    found, i, j = np.full(n, -1), m, n
    while i and j:
        if total[i, j] == total[i - 1, j - 1] + costs[i - 1, j - 1]:
            i, j = i - 1, j - 1
            found[j] = i
        elif total[i, j] == total[i - 1, j] + lone[i - 1]:
            i -= 1
        else:
            j -= 1
    return found

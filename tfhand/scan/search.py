"""The search for the likeliest reading of a page, and whether to believe it."""

from __future__ import annotations

import numpy as np

from tfhand.core.charset import geometry
from tfhand.scan import page
from tfhand.scan.match import Candidates, Layout, Match, best_match, box_costs, boxes_of, fitted_layout, ink_distances
from tfhand.scan.pieces import Piece, cut_pieces, find_pieces, writing_slant

SMALL = 0.3  # x-heights: a piece no longer than this is a dot or a speck and is given to a letter afterwards
SURE_SLOPE = 0.015  # standard deviation of the line's slope where rulings show it
MOST_PIECES = 600  # a picture with more is not of a line of writing
GOOD = 4.0  # cost of one character below which no other reading is looked for
LITTLE_GAP, LARGE_GAP = 0.1, 0.22  # x-heights between parts of a character: few have more than the first
LOOSE, LOOSE_GAP = "HKMNRWXYkx", 0.33  # written in strokes that some leave apart
UNLIKELY = 10.0  # cost of one character above which a reading is not believed


def search(flat: page.Straight, says: str, stroke: float, slope: float, slope_spread: float) -> Match | None:
    """The likeliest reading over several guesses of the size and slope of the writing.

    Pieces are first taken as they are; only where that reads badly are touching letters cut apart, and letters looked
    for among the marks on the border.
    """
    characters = "".join(says.split())
    pieces = find_pieces(flat.ink, flat.on_border)
    slant, middle = writing_slant(flat.ink & ~flat.on_border), flat.ink.shape[0] / 2
    apart = ink_distances(pieces) if len(pieces) <= MOST_PIECES else {}
    best, tiny_counts = None, min(map(_length, characters)) < 1.5 * SMALL
    guesses = _guesses(pieces, characters, stroke, slope, slope_spread)
    for cutting, bordering, enough in ((False, False, GOOD), (True, False, UNLIKELY), (True, True, UNLIKELY)):
        given = pieces if bordering else [piece for piece in pieces if not piece.on_border]
        for layout in guesses if best is None else [best[0].layout, guesses[0]]:
            limit = 0 if tiny_counts else SMALL * layout.x_height + stroke
            parts, small = [p for p in given if _longest(p) >= limit], [p for p in given if _longest(p) < limit]
            if cutting:
                parts = cut_pieces(parts, layout.x_height, stroke, slant, middle)
            if not 0 < len(parts) <= MOST_PIECES:
                continue
            candidates = Candidates(parts, apart)
            for _ in range(3):
                match = best_match(candidates, says, layout, stroke)
                if match is None:
                    break
                layout = fitted_layout(match, characters, stroke, slope, slope_spread)
                if best is None or match.total < best[0].total:
                    best = Match(match.groups, match.costs, match.left_out, match.total, layout), small
        if best and best[0].costs.max() < enough and best[0].total < enough * len(characters) / 2:
            break
    return _with_dots(*best, characters, stroke) if best else None


def _length(character: str) -> float:
    usual = geometry(character)
    return max(usual.height, usual.width)


def _longest(piece: Piece) -> int:
    top, left, bottom, right = piece.box
    return max(bottom - top, right - left)


def _guesses(pieces: list[Piece], characters: str, stroke: float, slope: float, slope_spread: float) -> list[Layout]:
    """Layouts to start from, judged by the largest pieces."""
    free = [piece for piece in pieces if not piece.on_border] or pieces
    large = sorted(free, key=_longest, reverse=True)[: len(characters)]
    if not large:
        return []
    boxes = boxes_of([[piece] for piece in large])
    usual = np.array([geometry(character) for character in characters])
    height = float(np.median(boxes[:, 2] - boxes[:, 0])) - stroke
    x_height = max(2.0, height) / float(np.median(usual[:, 1] - usual[:, 0]))
    slopes = [slope]
    x, y = (boxes[:, 1] + boxes[:, 3]) / 2, (boxes[:, 0] + boxes[:, 2]) / 2
    if len(large) >= 4 and slope_spread > SURE_SLOPE:
        pairs = np.triu_indices(len(large), 1)
        run, rise = (x[pairs[1]] - x[pairs[0]]), (y[pairs[1]] - y[pairs[0]])
        wide = np.abs(run) > x_height
        if wide.any():
            slopes.append(float(np.clip(np.median(rise[wide] / run[wide]), -page.STEEPEST, page.STEEPEST)))
    layouts = []
    for tilt in slopes:
        for factor in (1.0, 0.75, 1.35):
            unit = factor * x_height
            bottom = float(np.median(boxes[:, 2] - tilt * x)) + float(np.median(usual[:, 0])) * unit
            layouts.append(Layout(unit, bottom - stroke / 2, tilt))
    return layouts


def _with_dots(match: Match, small: list[Piece], characters: str, stroke: float) -> Match:
    """The reading with every small piece given to the letter it belongs to, or left out."""
    groups, left_out, unit = [list(group) for group in match.groups], list(match.left_out), match.layout.x_height
    dotted = {k for k, character in enumerate(characters) if character in "ij"}
    inks = [np.concatenate([np.stack([p.rows, p.columns], 1) for p in group]) for group in groups]
    for piece in sorted(small, key=lambda piece: -len(piece.rows)):
        if piece.on_border:
            left_out.append(piece)
            continue
        point = np.array([piece.rows.mean(), piece.columns.mean()])
        edge = _longest(piece) / 2
        away = np.array([np.sqrt(((ink - point) ** 2).sum(1).min()) for ink in inks]) - edge
        owner = int(away.argmin())
        if away[owner] > 0.12 * unit + 1:
            above = [k for k in dotted if _dot_fits(piece, groups[k], unit)]
            owner = min(above, key=lambda k: away[k]) if above else -1
        if owner < 0:
            left_out.append(piece)
            continue
        if owner in dotted and piece.box[2] <= min(p.box[0] for p in groups[owner]) + 1:
            dotted.discard(owner)
        groups[owner].append(piece)
    return Match(groups, match.costs, left_out, match.total, match.layout)


def _dot_fits(piece: Piece, group: list[Piece], unit: float) -> bool:
    top = min(p.box[0] for p in group)
    left, right = min(p.left_edge for p in group), max(p.right_edge for p in group)
    centre = (piece.left_edge + piece.right_edge) / 2
    return (
        piece.box[2] <= top + 0.1 * unit
        and top - piece.box[2] < 1.2 * unit
        and left - 0.6 * unit < centre < right + 0.6 * unit
    )


def doubtful(match: Match, characters: str, stroke: float) -> bool:
    """Whether a reading is forced: a stray mark in the line, an odd shape, two letters taken for one or one for two."""
    if any(not piece.on_border and _in_line(piece, match.layout) for piece in match.left_out):
        return True
    pairs = range(len(characters) - 1)
    return bool(
        match.costs.max() > UNLIKELY
        or any(_two_in_one(match, k, characters[k], stroke) for k in range(len(characters)))
        or any(_one_in_two(match, k, characters, stroke) for k in pairs)
    )


def _two_in_one(match: Match, k: int, character: str, stroke: float) -> bool:
    """Whether a character's parts stand apart like two characters, or somewhat apart where one is better by itself."""
    unit = match.layout.x_height
    tall = [p for p in match.groups[k] if p.box[2] - p.box[0] > 0.5 * unit]
    tall.sort(key=lambda p: p.left_edge)
    for index in range(1, len(tall)):
        before, after = tall[:index], tall[index:]
        gap = _gap(before, after) / unit
        if gap < LITTLE_GAP or {p.component for p in before} & {p.component for p in after}:
            continue
        alone = box_costs(boxes_of([before, after]), character, match.layout, stroke).min()
        gap_limit, cost_limit = (LOOSE_GAP, 3.0) if character in LOOSE else (LARGE_GAP, 0.0)
        if gap > gap_limit or match.costs[k] > alone + cost_limit:
            return True
    return False


def _gap(before: list[Piece], after: list[Piece]) -> float:
    """The gap between two groups along the line in pixels, upright or with the slant taken out: the wider one."""
    upright = min(p.box[1] for p in after) - max(p.box[3] for p in before)
    return max(upright, min(p.left_edge for p in after) - max(p.right_edge for p in before))


def _one_in_two(match: Match, k: int, characters: str, stroke: float) -> bool:
    """Whether two letters that were cut apart are together as wide as one of them, or not wide enough for both.

    The limits lie between what simulated photos of real writers show for letters that touch (-0.12 and 0.48 at the
    utmost, once the writer's own width is taken out) and for one letter that a wrong text makes two of.
    """
    if not {p.component for p in match.groups[k]} & {p.component for p in match.groups[k + 1]}:
        return False
    boxes = boxes_of([*match.groups, match.groups[k] + match.groups[k + 1]])
    widths = np.maximum(boxes[:, 3] - boxes[:, 1] - stroke, 0) / match.layout.x_height
    usual = np.array([geometry(character).width for character in characters])
    writer = float(np.median(np.log((widths[:-1] + 0.35) / (usual + 0.35)))) if len(characters) > 3 else 0.0
    together, pair = np.log(widths[-1] + 0.35) - writer, usual[k : k + 2]
    too_narrow = together - np.log(pair.sum() + 0.5) < -0.22
    like_one = np.abs(together - np.log(pair + 0.35)).min() < 0.42
    return bool(too_narrow or like_one or match.costs[k : k + 2].sum() > 1.2 * UNLIKELY)


def _in_line(piece: Piece, layout: Layout) -> bool:
    """Whether a piece is too large to be a speck and stands between baseline and ascenders."""
    top, left, bottom, right = piece.box
    line = layout.at((left + right) / 2)
    return _longest(piece) > 0.6 * layout.x_height and bottom > line - 1.2 * layout.x_height and top < line

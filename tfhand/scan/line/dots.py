"""Dots and other small ink, given to the letters that they belong to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tfhand.scan.image.components import Component
from tfhand.scan.line.alignment import Alignment

DOTTED = "ij"


def with_dots(alignment: Alignment, small: list[Component], characters: str) -> Alignment:
    """The alignment with every small component given to the letter it belongs to, or left out."""
    groups, left_out = [list(group) for group in alignment.groups], list(alignment.left_out)
    unit = alignment.line.x_height
    dotless = {k for k, character in enumerate(characters) if character in DOTTED}
    dotless = {k for k in dotless if groups[k]}
    inks = [_points(group) for group in groups]
    for component in sorted(small, key=lambda one: -len(one.rows)):
        if component.on_border:
            left_out.append(component)
            continue
        point = np.array([component.rows.mean(), component.columns.mean()])
        distance = np.array([np.sqrt(((ink - point) ** 2).sum(1).min(initial=np.inf)) for ink in inks])
        distance -= component.longest_side / 2
        letter = int(distance.argmin())
        if distance[letter] > 0.12 * unit + 1:
            below = [k for k in dotless if _is_dot_of(component, groups[k], unit)]
            letter = min(below, key=lambda k: distance[k]) if below else -1
        if letter < 0:
            left_out.append(component)
            continue
        if letter in dotless and component.box[2] <= min(one.box[0] for one in groups[letter]) + 1:
            dotless.discard(letter)
        groups[letter].append(component)
    return replace(alignment, groups=groups, left_out=left_out)


def _points(group: list[Component]) -> np.ndarray:
    """The pixels of some components, int [n, 2] as (row, column)."""
    each = [np.stack([one.rows, one.columns], 1) for one in group]
    return np.concatenate(each) if each else np.zeros((0, 2), int)


def _is_dot_of(component: Component, group: list[Component], unit: float) -> bool:
    """Whether a small component lies where the dot of these components would be."""
    top = min(one.box[0] for one in group)
    left, right = min(one.left_edge for one in group), max(one.right_edge for one in group)
    centre = (component.left_edge + component.right_edge) / 2
    return (
        component.box[2] <= top + 0.1 * unit
        and top - component.box[2] < 1.2 * unit
        and left - 0.6 * unit < centre < right + 0.6 * unit
    )

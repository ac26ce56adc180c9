"""Accented letters in the forms of their base letter: its ink with the accents of the letter that stands alone."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy import ndimage

from tfhand.core.charset import WESTERN
from tfhand.hands.sample import Sample
from tfhand.synthesis.composition import bases
from tfhand.synthesis.joined.blocks import Block, BlockMaker
from tfhand.typeface.joined import JoinedForm
from tfhand.typeset.shapes import DETAIL

_DOTLESS = frozenset("abcdefghklmnopqrstuvwxyz")
ACCENTED = {one: base for one in WESTERN if one.isalpha() and (base := bases(one)) in _DOTLESS}
"""Small letters with accents by their base; an i or j would have to lose its dot first."""
_BODY = 0.5 * DETAIL  # pixels over the writing line: the middle of a letter is that of its ink above this
_FAR = -50.0


def accented_forms(
    letters: Mapping[str, Sequence[Sample]], forms: Sequence[JoinedForm], maker: BlockMaker
) -> Iterator[JoinedForm]:
    """The forms of accented letters; those whose accent touches the letter, such as ç, have none.

    Args:
        letters: samples by character.
        forms: of base letters.
        maker: of blocks in the nib of all.
    """
    for letter, base in ACCENTED.items():
        parts = _parts(maker.of_sample(letters[letter][0])) if letter in letters else None
        for form in forms:
            if parts and form.letters == base:
                yield _with_accent(form, letter, *parts)


def with_accents(pairs: Mapping[str, str], joined: Container[str]) -> dict[str, str]:
    """By letter those that it is joined to, with the accented letters that are joined as their bases are."""
    own = {letter: base for letter, base in ACCENTED.items() if letter in joined}
    found = {before: after + "".join(c for c, base in own.items() if base in after) for before, after in pairs.items()}
    return found | {letter: found[base] for letter, base in own.items() if base in found}


def _parts(block: Block) -> tuple[Block, Block] | None:
    """The letter and its accent, the ink over it; None where there is none."""
    marks, count = ndimage.label(block.field > 0)
    sizes = np.bincount(marks.ravel())[1:]
    body = 1 + int(sizes.argmax())
    top = np.flatnonzero((marks == body).any(axis=1))[0]
    over = [number for number, box in enumerate(ndimage.find_objects(marks), 1) if box[0].stop <= top]
    if not over or count != len(over) + 1:
        return None
    letter = _only(block, marks, [body], over)
    return letter, _only(block, marks, over, [body])


def _only(block: Block, marks: np.ndarray, kept: Sequence[int], dropped: Sequence[int]) -> Block:
    """A block with some of its islands, as far as these are nearer than the others."""
    near, far = (ndimage.distance_transform_edt(~np.isin(marks, some)) for some in (kept, dropped))
    return replace(block, field=np.where(near <= far, block.field, np.float32(_FAR)))


def _with_accent(form: JoinedForm, letter: str, base: Block, accent: Block) -> JoinedForm:
    """A form with the accent of a letter as far over it as over that letter."""
    shown = Block(form.letters, form.field, form.above)
    (x, top), (own_x, own_top) = _head(base), _head(shown)
    right, up = round(own_x - x), round(own_top - top)
    rows, columns = np.nonzero(accent.field > _FAR)
    to_rows = np.rint(form.above - accent.above + rows - up).astype(int)
    to_columns = columns + right
    edges = [
        (max(0, -int(at.min())), max(0, int(at.max()) + 1 - side))
        for at, side in zip((to_rows, to_columns), form.field.shape, strict=True)
    ]
    field = np.pad(form.field, edges, constant_values=_FAR)
    np.maximum.at(field, (to_rows + edges[0][0], to_columns + edges[1][0]), accent.field[rows, columns])
    moved = _left(form.field) + edges[1][0] - _left(field)  # what lies farthest to the left may now be the accent
    begin, end = (None if edge is None else edge + moved for edge in form.edges)
    return replace(form, letters=letter, field=field, above=form.above + edges[0][0], edges=(begin, end))


def _head(block: Block) -> tuple[float, float]:
    """The middle of the ink over `_BODY`, and the height of its top."""
    rows = max(int(block.above - _BODY), 1)
    inked = block.field[:rows] > 0
    columns, high = np.flatnonzero(inked.any(axis=0)), np.flatnonzero(inked.any(axis=1))
    if not len(columns):
        return block.field.shape[1] / 2, DETAIL
    return float(columns[0] + columns[-1]) / 2, float(block.above - high[0])


def _left(field: np.ndarray) -> int:
    return int(np.flatnonzero((field > 0).any(axis=0))[0])

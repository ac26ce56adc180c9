"""Letters that are joined in a font: their forms by what stands beside them, and which pairs are joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tfhand.core.wording import counted
from tfhand.typeface.alternates import X_HEIGHT, Alternate, alternate_of, glyph_name
from tfhand.typeface.spacing import bearings_beside
from tfhand.typeset.shapes import DETAIL, glyph_body
from tfhand.vector.outlines import trace_all


@dataclass(frozen=True, eq=False)
class JoinedForm:
    """A letter, or several that were written in one go, as it is between its neighbours.

    The ink of a joined end passes the edge of the glyph at the height of its joint, with its rise and thickness, so
    that any two ends at the same joint make one line.

    Attributes:
        letters: what it shows.
        entry, exit: the joint at the left and at the right, from 1 up; 0 where it is not joined.
        edges: x of the joints from the left end of the ink, in pixels of `field`; None where it is not joined.
        field: float32 (h, w), distances to the ink, positive within, `DETAIL` pixels to an x-height.
        above: pixels from the first row of the field down to the writing line.
        variant: 0 for the best form, then 1, 2 ...
    """

    letters: str
    entry: int
    exit: int
    edges: tuple[float | None, float | None]
    field: np.ndarray = field(repr=False)
    above: float
    variant: int = 0

    @property
    def first(self) -> str:
        """The name of the first variant's glyph: a.init, a.medi1 or a.fina1 after joint 1, and t_h for both alone."""
        name = "_".join(glyph_name(letter) for letter in self.letters)
        middle = f".medi{self.entry}" if self.exit else f".fina{self.entry}"
        return name + (middle if self.entry else ".init" * bool(self.exit))

    @property
    def name(self) -> str:
        """The glyph's name: that of the first variant, and .alt1 for the second."""
        return self.first + f".alt{self.variant}" * bool(self.variant)


@dataclass(frozen=True, eq=False)
class JoinedLetters:
    """All that a font joins.

    Attributes:
        forms: of letters, and of several letters in a row (ligatures).
        pairs: by letter those that it is joined to where they follow.
    """

    forms: tuple[JoinedForm, ...]
    pairs: Mapping[str, str]

    @property
    def joints(self) -> list[int]:
        """The joints at which letters meet."""
        return sorted({form.entry for form in self.forms} - {0})

    @property
    def ligatures(self) -> list[str]:
        """What is one glyph though it is several letters."""
        return list(dict.fromkeys(form.letters for form in self.forms if len(form.letters) > 1))

    def __str__(self) -> str:
        single = [form.letters for form in self.forms if len(form.letters) == 1]
        text = f"{counted(len({*single}), 'letter')} in {counted(len(single), 'form')}"
        return text + f", {counted(len(self.ligatures), 'ligature')}"


@dataclass(frozen=True, eq=False)
class JoinedGlyph:
    """A form in font units.

    Attributes:
        name: of the form.
        contours: as of an Alternate, with the left edge of the glyph at x = 0.
        advance: width of the glyph.
    """

    name: str
    contours: tuple[np.ndarray, ...]
    advance: int


def joined_glyphs(joined: JoinedLetters, alternates: Sequence[Alternate]) -> list[JoinedGlyph]:
    """The forms as glyphs; ends that are not joined have the side bearings that go with the letters alone."""
    bodies = [glyph_body(form.field, form.above) for form in joined.forms]
    outlines = trace_all([body.shape.field for body in bodies if body.shape is not None])
    shapes = [
        alternate_of(form.letters, form.variant, "", body, outline)
        for form, body, outline in zip(joined.forms, bodies, outlines, strict=True)
    ]
    bearings = bearings_beside(shapes, alternates)
    return [_glyph(*one) for one in zip(joined.forms, shapes, bearings, strict=True)]


def _glyph(form: JoinedForm, shape: Alternate, bearings: np.ndarray) -> JoinedGlyph:
    (entry, leave), unit = form.edges, X_HEIGHT / DETAIL
    start = bearings[0] if entry is None else -entry * unit
    end = start + (shape.width + bearings[1] if leave is None else leave * unit)
    return JoinedGlyph(form.name, tuple(contour + (start, 0.0) for contour in shape.contours), max(round(end), 0))

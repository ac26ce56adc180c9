"""What a photo of a known text showed of each character."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tfhand.hands.sample import Sample


@dataclass(frozen=True, eq=False)
class FoundCharacter:
    """One character of the text, and what was found for it.

    Attributes:
        character: as the text has it.
        box: float [4], top, left, bottom and right of its ink in pixels of the photo; nan where there is none.
        sample: its glyph, or None where it is left out.
        reason: why it is left out, or an empty string.
    """

    character: str
    box: np.ndarray = field(repr=False)
    sample: Sample | None = field(default=None, repr=False)
    reason: str = ""

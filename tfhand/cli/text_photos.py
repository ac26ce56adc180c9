"""A photo of a known text, read for a command: the letters that are sure, and a picture of those that are not."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfhand.core.pictures import write_tagged_picture
from tfhand.errors import ReadingError

if TYPE_CHECKING:
    import numpy as np

    from tfhand.hands.hand import Hand

ADVICE = "other pictures of the same writing may show them apart"


@dataclass(frozen=True)
class TextPhoto:
    """What a photo of a text showed.

    Attributes:
        hand: the letters that were taken, with the reader's doubts.
        left_out: the other characters of the text by the reason why they were not taken.
        picture: where all this is drawn on the photo; None where nothing was left out.
    """

    hand: Hand
    left_out: Mapping[str, str] = field(default_factory=dict)
    picture: Path | None = None

    @property
    def told(self) -> str:
        """What was left out and why, for a person; empty where nothing was."""
        reasons = [f"{' '.join(characters)} ({reason})" for reason, characters in self.left_out.items()]
        return f"{', '.join(reasons)}; see {self.picture}; {ADVICE}" if reasons else ""


def read_text_photo(image: np.ndarray, text: str, lines: bool, reader: str, picture: Path) -> TextPhoto:
    """Reads a photo of a text.

    Args:
        image: uint8 [H, W, 3].
        text: what stands on it.
        lines: whether it is broken into lines as on the photo, rather than one line.
        reader: the preset that helps to tell the letters and checks them; empty for none.
        picture: where what was seen is drawn if something is left out.

    Raises:
        HandwritingError: nothing on the photo is sure to be of this text, or it says something else.
    """
    from tfhand.hands.hand import Hand
    from tfhand.models.reader.legibility import reading_costs
    from tfhand.models.reader.misreads import check_text, flag_misreads
    from tfhand.scan import find_line, find_lines
    from tfhand.scan.line.mismatch import annotated
    from tfhand.scan.line.plausibility import UNFIT

    read = functools.partial(reading_costs, _load(reader)) if reader else None
    found = (find_lines if lines else find_line)(image, text, read)
    samples = [one.sample for one in found.found if one.sample]
    doubts = flag_misreads(samples, _load(reader)) if reader else [""] * len(samples)
    hand = Hand(samples=(replace(one, doubt=doubt) for one, doubt in zip(samples, doubts, strict=True)))
    left_out: dict[str, str] = defaultdict(str)
    for one in found.found:
        if one.reason:
            left_out[one.reason] += one.character
    if found.doubt or left_out:
        write_tagged_picture(picture, annotated(image, found.found, doubts))
    if found.doubt:
        raise ReadingError(f"{found.doubt} What was seen is marked in {picture}.")
    if reader:
        check_text(hand, text, "".join(one.character for one in found.found if one.reason in UNFIT))
    return TextPhoto(hand, left_out, picture if left_out else None)


@functools.cache
def _load(preset: str) -> Any:
    from tfhand.models import registry

    return registry.load(preset)

"""What was seen on a picture, as a sentence where it does not fit the text, and as a picture to look at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image, ImageDraw

from tfhand.core.wording import counted
from tfhand.scan.image.components import Component, find_components
from tfhand.scan.image.deskew import DeskewedPage
from tfhand.scan.line.page_alignment import MAX_COMPONENTS

if TYPE_CHECKING:
    from tfhand.scan.line.found import FoundCharacter

MIN_SIZE = 0.15  # share of the tallest component's height; smaller components are not counted
MAX_PLACES = 12  # as many are named in the sentence
TAKEN, DOUBTFUL, LEFT_OUT = (0, 130, 0), (200, 120, 0), (210, 0, 0)  # colours of boxes, RGB
MAX_SIDE = 2400  # pixels of the picture to look at


def photo_box(page: DeskewedPage, group: list[Component]) -> list[float]:
    """The box around some components in pixels of the photo: top, left, bottom, right."""
    rows, columns = (np.concatenate([getattr(one, name) for one in group]) for name in ("rows", "columns"))
    y, x = page.to_photo(rows, columns)
    half = page.scale / 2
    return [y.min() - half, x.min() - half, y.max() + half, x.max() + half]


def describe_mismatch(characters: str, page: DeskewedPage) -> str:
    """The sentence that tells how much ink was seen, and where."""
    components = find_components(page.ink, page.on_border)
    components = [one for one in components if not one.on_border] or components
    tallest = max((one.box[2] - one.box[0] for one in components), default=0)
    components = [one for one in components if one.longest_side > MIN_SIZE * tallest]
    clusters = _clusters(sorted(components, key=lambda one: -len(one.rows))[:MAX_COMPONENTS])
    places = [photo_box(page, cluster) for cluster in clusters]
    where = ", ".join(f"{left:.0f}-{right:.0f}" for _, left, _, right in places[:MAX_PLACES])
    where += ", ..." if len(places) > MAX_PLACES else ""
    asked = counted(len(characters), "character")
    advice = "give the text exactly as it stands there, or cut out of the picture a line whose letters stand apart"
    if not places:
        return f"The text has {asked}, and the picture shows no ink that could be writing; {advice}."
    seen = f"{counted(len(places), 'separate piece')} of ink (x = {where} pixels)"
    if len(places) == len(characters):
        seen = f"{seen}, but their sizes and places are not those of this text"
    elif len(places) < len(characters):
        seen = f"{seen}, so that letters are joined"
    return f"The text has {asked}, and the picture shows {seen}; {advice}."


def _clusters(components: list[Component]) -> list[list[Component]]:
    """Components that lie above each other, together: as a person would count them."""
    clusters: list[list[Component]] = []
    for component in sorted(components, key=lambda one: one.box[1]):
        left, right = component.box[1], component.box[3]
        last = clusters[-1] if clusters else []
        last_right, last_left = (
            max((one.box[3] for one in last), default=-1),
            min((one.box[1] for one in last), default=0),
        )
        if last_right - left > 0.5 * min(right - left, last_right - last_left):
            last.append(component)
        else:
            clusters.append([component])
    return clusters


def annotated(colours: np.ndarray, found: Sequence[FoundCharacter], doubts: Sequence[str] = ()) -> np.ndarray:
    """The photo with a box around each character: green where it is taken, orange where it is doubtful, red if not.

    A doubtful one says what it looks like after a question mark, and one that is not taken is crossed out, so that the
    picture is understood without its colours, in any language.

    Args:
        colours: uint8 [H, W, 3], the photo.
        found: what was found on it.
        doubts: for each of these with a sample what it looks like instead, or an empty string.

    Returns:
        uint8 [h, w, 3].
    """
    scale = min(1.0, MAX_SIDE / max(colours.shape[:2]))
    size = max(1, round(colours.shape[1] * scale)), max(1, round(colours.shape[0] * scale))
    picture = Image.fromarray(cv2.resize(np.ascontiguousarray(colours), size, interpolation=cv2.INTER_AREA))
    draw, doubt = ImageDraw.Draw(picture), iter(doubts)
    for one in found:
        likeness = next(doubt, "") if one.sample else ""
        if np.isnan(one.box).any():
            continue
        top, left, bottom, right = one.box * scale
        colour = LEFT_OUT if not one.sample else DOUBTFUL if likeness else TAKEN
        text = int(np.clip(0.35 * (bottom - top), 11, 40))
        width = max(1, text // 10)
        draw.rectangle((left, top, right, bottom), outline=colour, width=width)
        if not one.sample:
            draw.line((left, top, right, bottom), fill=colour, width=width)
        label = f"{one.character} ? {likeness}" if likeness else one.character
        draw.text((left, max(0, top - 1.2 * text)), label, fill=colour, font_size=text)
    return np.asarray(picture)

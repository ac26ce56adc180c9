"""A text that does not fit its picture: the ink that was seen instead, as a sentence and as a picture."""

from __future__ import annotations

import os

import numpy as np
from PIL import Image, ImageDraw

from tfhand.core.pictures import write_tagged_picture
from tfhand.core.wording import counted
from tfhand.scan.image.components import Component, find_components
from tfhand.scan.image.deskew import DeskewedPage
from tfhand.scan.image.paper import as_grey
from tfhand.scan.line.alignment import Alignment
from tfhand.scan.line.page_alignment import MAX_COMPONENTS

MIN_SIZE = 0.15  # share of the tallest component's height; smaller components are not counted
MAX_PLACES = 12  # as many are named in the sentence
TAKEN, LEFT_OUT = (0, 130, 0), (210, 0, 0)  # colours of boxes, RGB


def photo_box(page: DeskewedPage, group: list[Component]) -> list[float]:
    """The box around some components in pixels of the photo: top, left, bottom, right."""
    rows, columns = (np.concatenate([getattr(one, name) for one in group]) for name in ("rows", "columns"))
    y, x = page.to_photo(rows, columns)
    half = page.scale / 2
    return [y.min() - half, x.min() - half, y.max() + half, x.max() + half]


def describe_mismatch(characters: str, page: DeskewedPage) -> str:
    """The sentence that tells how much ink was seen, and where."""
    components = [one for one in find_components(page.ink, page.on_border) if not one.on_border]
    tallest = max((one.box[2] - one.box[0] for one in components), default=0)
    components = [one for one in components if one.longest_side > MIN_SIZE * tallest]
    clusters = _clusters(sorted(components, key=lambda one: -len(one.rows))[:MAX_COMPONENTS])
    places = [photo_box(page, cluster) for cluster in clusters]
    where = ", ".join(f"{left:.0f}-{right:.0f}" for _, left, _, right in places[:MAX_PLACES])
    where += ", ..." if len(places) > MAX_PLACES else ""
    asked, advice = counted(len(characters), "character"), "write the characters apart and photograph only that line"
    if not places:
        return f"The text has {asked}, and the picture shows no ink that could be writing; {advice}."
    seen = counted(len(places), "separate piece") + f" of ink (x = {where} pixels)"
    if len(places) == len(characters):
        seen += ", but their sizes and places are not those of this text"
    return f"The text has {asked}, and the picture shows {seen}; check the text, or {advice}."


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


def write_annotated(
    image: np.ndarray | str | os.PathLike,
    page: DeskewedPage,
    alignment: Alignment,
    characters: str,
    path: str | os.PathLike,
) -> None:
    """Writes the picture with a numbered box around each character and around all other ink."""
    grey, scale = as_grey(image)
    picture = Image.fromarray(grey.astype(np.uint8)).convert("RGB")
    draw = ImageDraw.Draw(picture)
    groups = alignment.groups + [[component] for component in alignment.left_out]
    size = max(12, picture.height // 25)
    for index, group in enumerate(groups):
        top, left, bottom, right = (value / scale for value in photo_box(page, group))
        taken = index < len(alignment.groups)
        colour = TAKEN if taken else LEFT_OUT
        draw.rectangle((left, top, right, bottom), outline=colour, width=max(1, size // 12))
        label = f"{index + 1}: {characters[index]}" if taken else f"{index + 1}"
        draw.text((left, max(0, top - 1.2 * size)), label, fill=colour, font_size=size)
    write_tagged_picture(path, np.asarray(picture))

"""What every notebook of the course does: text, tables, code, pictures, films, sliders, and claims that are checked."""

from __future__ import annotations

import inspect
import io
import math
import os
import textwrap
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from IPython.display import Code, Image, Markdown, display
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from tfhand.visualization.grids import arrange

STEPS = "TFHAND_NOTEBOOK_STEPS"  # environment variable: shortens trainings and measurements to so many steps or people
STATIC = "TFHAND_NOTEBOOK_STATIC"  # environment variable: no sliders, as nobody is there to move them
GREYS = 32  # in a picture, so that the .ipynb stays small
FILM_GREYS = 12
CAPTION, LAST = 18, 8  # pixels; times as long as the others that a film shows its last picture


def shortened() -> bool:
    """Whether this run is only to show that the notebook works."""
    return STEPS in os.environ


def steps(full: int) -> int:
    """So many steps, letters or people, or the few that a shortened run is given."""
    return min(full, int(os.environ.get(STEPS, full)))


def say(text: str) -> None:
    display(Markdown(text))


def table(rows: Sequence[Any], heads: Sequence[str] = ()) -> None:
    """Rows that are dicts with the same keys, the heads of the columns; or heads, and rows of as many cells.

    Floats get two decimals.
    """
    cells = rows if heads else [row.values() for row in rows]
    written = [[f"{cell:.2f}" if isinstance(cell, float | np.floating) else str(cell) for cell in row] for row in cells]
    columns = [str(head) for head in heads or rows[0]]
    say("\n".join("| " + " | ".join(line) + " |" for line in [columns, ["---"] * len(columns), *written]))


def code(*things: Any) -> None:
    """The source of classes and functions of the library, under a link to the file of each."""
    for module, parts in _by_module(things).items():
        path = module.replace(".", "/") + ".py"
        say(f"[{path}](../{path})")
        sources = [textwrap.dedent(inspect.getsource(part)) for part in parts]
        display(Code("\n".join(sources), language="python"))


def _by_module(things: Sequence[Any]) -> dict[str, list[Any]]:
    modules: dict[str, list[Any]] = {}
    for thing in things:
        modules.setdefault(thing.__module__, []).append(thing)
    return modules


def _resized(picture: np.ndarray, zoom: float) -> Pillow.Image:
    image = Pillow.fromarray(picture)
    return image.resize((round(zoom * image.width), round(zoom * image.height)), Pillow.Resampling.BICUBIC)


def show(picture: np.ndarray, zoom: float = 1.0, photo: bool = False) -> None:
    """A uint8 picture, grey or in colour; photos as JPEG, which is smaller for them."""
    file, image = io.BytesIO(), _resized(picture, zoom)
    if photo:
        image.save(file, "JPEG", quality=82)
    else:
        image.quantize(GREYS).save(file, "PNG", optimize=True)
    display(Image(file.getvalue()))


def film(pictures: Sequence[np.ndarray], seconds: float = 0.15, zoom: float = 1.0) -> None:
    """Grey uint8 pictures of one size as a GIF that begins again after it has shown the last one for a while."""
    step = 256 // FILM_GREYS
    frames = [_resized(each, zoom).point(lambda grey: grey // step * 255 // (FILM_GREYS - 1)) for each in pictures]
    times = [1000 * seconds] * (len(frames) - 1) + [LAST * 1000 * seconds]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], duration=times, loop=0)
    display(Image(file.getvalue(), format="gif"))


def slide(draw: Callable[[Any], np.ndarray], values: Sequence[Any], name: str) -> None:
    """Pictures `draw(value)` side by side, and a slider called `name` that shows one of them enlarged.

    A page that nobody can move anything on (GitHub, a built notebook, no ipywidgets) has the pictures alone.
    """
    labels = [f"{value:.2g}" if isinstance(value, float) else str(value) for value in values]
    pictures = [draw(value) for value in values]
    show(arrange([_captioned(picture, label) for picture, label in zip(pictures, labels, strict=True)]))
    if STATIC in os.environ:
        return
    try:
        from ipywidgets import SelectionSlider, interact
    except ImportError:
        return
    options = list(zip(labels, range(len(values)), strict=True))
    slider = SelectionSlider(options=options, description=name, style={"description_width": "initial"})
    interact(lambda place: show(pictures[place], 3.0), place=slider)


def _captioned(picture: np.ndarray, text: str) -> np.ndarray:
    image = Pillow.fromarray(np.pad(picture, ((CAPTION, 0), (0, 0)), constant_values=255))
    middle = image.width // 2, CAPTION // 2
    ImageDraw.Draw(image).text(middle, text, 40, ImageFont.load_default(13), anchor="mm")
    return np.asarray(image)


class Effect(NamedTuple):
    """By how much one figure exceeds another over several seeds."""

    difference: float
    error: float  # the standard error of the difference
    count: int  # of seeds

    def __str__(self) -> str:
        return f"{self.difference:+.3g} ± {self.error:.2g}"


def effect(less: Sequence[float], more: Sequence[float]) -> Effect:
    """By how much `more` exceeds `less`: two figures measured with the same seeds, in the same order."""
    differences = np.asarray(more, float) - np.asarray(less, float)
    count = len(differences)
    error = differences.std(ddof=1) / math.sqrt(count) if count > 1 else math.inf
    return Effect(float(differences.mean()), float(error), count)


def confirm(claim: str, measured: Effect) -> None:
    """Says a claim with its figure, and fails unless the difference is positive and beyond twice its standard error."""
    if shortened():
        say(f"*{claim}*: this run is shortened; in so few steps nothing can be seen.")
        return
    holds = measured.difference > 2 * measured.error
    assert holds, f"Not shown: {claim} ({measured}, {measured.count} measurements)"
    say(f"**{claim}**: a difference of {measured} (standard error, {measured.count} measurements).")

"""A page as curves: SVG by hand, PDF by reportlab. Each shape is written once, and placed where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from reportlab.pdfgen.canvas import Canvas

from tfhand.core.files import MILLIMETRES, POINTS
from tfhand.version import __version__

if TYPE_CHECKING:
    from tfhand.typeset.page import Mark, Page, Shape

NOTE = "written by tfhand"
TITLE = "A handwritten page"
RULE_COLOUR, RULE_WIDTH = (196, 212, 232), 0.2  # of lines on the paper: pale blue, millimetres
FINEST = 1  # decimals of a shape's pixels in a file


def svg(page: Page, leaf: int = 0) -> str:
    """One leaf as an SVG document, as large as the page in print."""
    marks, names = page.leaves[leaf], _names(page.leaves[leaf])
    wide, high = (f"{pixels / page.dpi * MILLIMETRES:.3f}mm" for pixels in (page.width, page.height))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'{head} viewBox="0 0 {page.width} {page.height}">',
        f"<title>{TITLE}</title>",
        f"<desc>{NOTE} {__version__}</desc>",
        "<defs>",
        *(f'<path id="{name}" d="{_path(page.outlines[id(shape)])}"/>' for shape, name in names.values()),
        "</defs>",
        f'<rect width="{page.width}" height="{page.height}" fill="#ffffff"/>',
        *_ruled(page),
        f'<g fill="{_hex(page.ink)}">',
        *(f'<use href="#{names[id(mark.shape)][1]}" transform="matrix({_numbers(mark)})"/>' for mark in marks),
        "</g>",
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def write_pdf(page: Page, path: Path) -> None:
    """All leaves as a PDF file, as large as the page in print; the same page gives the same bytes."""
    to_points = POINTS / page.dpi
    size = page.width * to_points, page.height * to_points
    canvas = Canvas(str(path), pagesize=size, invariant=True, pageCompression=1)
    canvas.setTitle(TITLE)
    canvas.setSubject(NOTE)
    canvas.setCreator(f"tfhand {__version__}")
    names = _names(page.marks)
    for shape, name in names.values():
        _define(canvas, shape, page.outlines[id(shape)], name)
    for marks in page.leaves:
        canvas.saveState()
        canvas.transform(to_points, 0, 0, -to_points, 0, size[1])  # pixels, y downward, from here on
        canvas.setLineWidth(RULE_WIDTH / MILLIMETRES * page.dpi)
        canvas.setStrokeColorRGB(*(level / 255 for level in RULE_COLOUR))
        canvas.lines(page.rules)
        canvas.setFillColorRGB(*(level / 255 for level in page.ink))
        for mark in marks:
            canvas.saveState()
            canvas.transform(*mark.matrix.T.ravel().tolist())
            canvas.doForm(names[id(mark.shape)][1])
            canvas.restoreState()
        canvas.restoreState()
        canvas.showPage()
    canvas.save()


def _names(marks: tuple[Mark, ...]) -> dict[int, tuple[Shape, str]]:
    """The shapes of the marks, each once, by identity, and a name for each."""
    shapes = {id(mark.shape): mark.shape for mark in marks}
    return {key: (shape, f"s{number}") for number, (key, shape) in enumerate(shapes.items())}


def _curves(outline: list[np.ndarray]) -> Iterator[tuple[list[float], list[list[float]]]]:
    """Each contour: its start, and the six numbers of each curve on from there."""
    for contour in outline:
        numbers = np.round(contour, FINEST)
        yield numbers[0, 0].tolist(), numbers[:, 1:].reshape(-1, 6).tolist()


def _path(outline: list[np.ndarray]) -> str:
    parts = []
    for start, curves in _curves(outline):
        parts += ["M", _joined(start), "C", " ".join(map(_joined, curves)), "Z"]
    return "".join(parts)


def _joined(numbers: list[float]) -> str:
    return " ".join(f"{number:g}" for number in numbers)


def _numbers(mark: Mark) -> str:
    return " ".join(f"{number:.5g}" for number in mark.matrix.T.ravel())


def _ruled(page: Page) -> Iterator[str]:
    if page.rules:
        lines = "".join(f"M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}" for x, y, to_x, to_y in page.rules)
        width = RULE_WIDTH / MILLIMETRES * page.dpi
        yield f'<path d="{lines}" stroke="{_hex(RULE_COLOUR)}" stroke-width="{width:.2f}"/>'


def _hex(colour: tuple[int, int, int]) -> str:
    return "#" + "".join(f"{level:02x}" for level in colour)


def _define(canvas: Canvas, shape: Shape, outline: list[np.ndarray], name: str) -> None:
    """A shape as a form of the PDF, to be placed any number of times."""
    high, wide = shape.field.shape
    canvas.beginForm(name, 0, 0, wide, high)
    path = canvas.beginPath()
    for start, curves in _curves(outline):
        path.moveTo(*start)
        for curve in curves:
            path.curveTo(*curve)
        path.close()
    canvas.drawPath(path, stroke=0, fill=1, fillMode=1)  # non-zero winding
    canvas.endForm()

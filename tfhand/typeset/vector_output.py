"""A placed text as curves: SVG by hand, PDF by reportlab. Each shape is written once and placed wherever it stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from reportlab.pdfgen.canvas import Canvas

from tfhand.core.files import MILLIMETRES, POINTS
from tfhand.typeset.placement import NOTE, RULE_COLOUR, RULE_WIDTH, PlacedGlyph, PlacedText, Shape
from tfhand.version import __version__

TITLE = "A handwritten page"
DECIMALS = 1  # of a shape's pixels in a file
STROKE_WIDTH = 0.3  # millimetres, of single lines on a screen; a plotter's pen has its own


def svg(text: PlacedText, number: int = 0) -> str:
    """One page as an SVG document, as large as in print."""
    glyphs, names = text.page_glyphs[number], _name_shapes(text.page_glyphs[number])
    return _svg_document(
        text,
        f"{text.width} {text.height}",
        "<defs>",
        *(f'<path id="{name}" d="{_svg_path(text.outlines[id(shape)])}"/>' for shape, name in names.values()),
        "</defs>",
        f'<rect width="{text.width}" height="{text.height}" fill="#ffffff"/>',
        *_svg_rules(text),
        f'<g fill="{_hex(text.ink)}">',
        *(f'<use href="#{names[id(glyph.shape)][1]}" transform="matrix({_svg_matrix(glyph)})"/>' for glyph in glyphs),
        "</g>",
    )


def stroke_svg(text: PlacedText, strokes: Sequence[np.ndarray]) -> str:
    """One page as an SVG document of single lines, without its paper: what a plotter draws.

    Args:
        text: whose size and colour the page has.
        strokes: of the page in the order of writing, each (n, 2) in millimetres from the top left corner.
    """
    return _svg_document(
        text,
        " ".join(_size_in_print(text)),
        f'<g fill="none" stroke="{_hex(text.ink)}" stroke-width="{STROKE_WIDTH}" stroke-linecap="round" '
        'stroke-linejoin="round">',
        *(f'<path d="M{"L".join(f"{x:.2f} {y:.2f}" for x, y in stroke)}"/>' for stroke in strokes),
        "</g>",
    )


def _svg_document(text: PlacedText, extent: str, *content: str) -> str:
    """An SVG document as large as a page in print, whose content counts in a width and height of `extent`."""
    wide, high = _size_in_print(text)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}mm" height="{high}mm" viewBox="0 0 {extent}">',
        f"<title>{TITLE}</title>",
        f"<desc>{NOTE} {__version__}</desc>",
        *content,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _size_in_print(text: PlacedText) -> tuple[str, str]:
    """Width and height of a page in millimetres."""
    wide, high = (f"{pixels / text.dpi * MILLIMETRES:.3f}" for pixels in (text.width, text.height))
    return wide, high


def write_pdf(text: PlacedText, path: Path) -> None:
    """All pages as a PDF file, as large as in print; the same text in the same place gives the same bytes."""
    to_points = POINTS / text.dpi
    size = text.width * to_points, text.height * to_points
    canvas = Canvas(str(path), pagesize=size, invariant=True, pageCompression=1)
    canvas.setTitle(TITLE)
    canvas.setSubject(NOTE)
    canvas.setCreator(f"tfhand {__version__}")
    names = _name_shapes(text.glyphs)
    for shape, name in names.values():
        _define_shape(canvas, shape, text.outlines[id(shape)], name)
    for glyphs in text.page_glyphs:
        canvas.saveState()
        canvas.transform(to_points, 0, 0, -to_points, 0, size[1])  # pixels, y downward, from here on
        canvas.setLineWidth(RULE_WIDTH / MILLIMETRES * text.dpi)
        canvas.setStrokeColorRGB(*(level / 255 for level in RULE_COLOUR))
        canvas.lines(text.rules)
        canvas.setFillColorRGB(*(level / 255 for level in text.ink))
        for glyph in glyphs:
            canvas.saveState()
            canvas.transform(*glyph.matrix.T.ravel().tolist())
            canvas.doForm(names[id(glyph.shape)][1])
            canvas.restoreState()
        canvas.restoreState()
        canvas.showPage()
    canvas.save()


def _name_shapes(glyphs: tuple[PlacedGlyph, ...]) -> dict[int, tuple[Shape, str]]:
    """Each shape of the glyphs once, with a name for it; the keys are the shapes' `id`."""
    shapes = {id(glyph.shape): glyph.shape for glyph in glyphs}
    return {key: (shape, f"s{number}") for number, (key, shape) in enumerate(shapes.items())}


def _curves(outline: list[np.ndarray]) -> Iterator[tuple[list[float], list[list[float]]]]:
    """For each contour its start, and the six numbers of each curve that follows."""
    for contour in outline:
        numbers = np.round(contour, DECIMALS)
        yield numbers[0, 0].tolist(), numbers[:, 1:].reshape(-1, 6).tolist()


def _svg_path(outline: list[np.ndarray]) -> str:
    parts = []
    for start, curves in _curves(outline):
        parts += ["M", _svg_numbers(start), "C", " ".join(map(_svg_numbers, curves)), "Z"]
    return "".join(parts)


def _svg_numbers(numbers: list[float]) -> str:
    return " ".join(f"{number:g}" for number in numbers)


def _svg_matrix(glyph: PlacedGlyph) -> str:
    return " ".join(f"{number:.5g}" for number in glyph.matrix.T.ravel())


def _svg_rules(text: PlacedText) -> Iterator[str]:
    if text.rules:
        lines = "".join(f"M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}" for x, y, to_x, to_y in text.rules)
        width = RULE_WIDTH / MILLIMETRES * text.dpi
        yield f'<path d="{lines}" stroke="{_hex(RULE_COLOUR)}" stroke-width="{width:.2f}"/>'


def _hex(colour: tuple[int, int, int]) -> str:
    return "#" + "".join(f"{level:02x}" for level in colour)


def _define_shape(canvas: Canvas, shape: Shape, outline: list[np.ndarray], name: str) -> None:
    """Defines a shape once in the PDF (as a form XObject), to be placed any number of times."""
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

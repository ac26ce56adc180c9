"""NIST's handwriting sample form (HSF, Special Databases 1, 3, 7 and 19), from whose digits MNIST was made.

From the top: boxes for name, date and place; three boxes with all digits; five rows of five boxes with runs of two to
six digits, printed above each; the small letters and the capitals, a wide box for each; and the preamble to the
Constitution in running writing, which is not read. The runs and the order of the letters differ from form to form.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import cv2
import numpy as np

from tfhand.core.wording import counted
from tfhand.errors import ReadingError, TextError
from tfhand.scan.image.deskew import DeskewedPage
from tfhand.scan.image.ink import border_ink, ink_level, ink_mask
from tfhand.scan.image.paper import Paper, as_paper
from tfhand.scan.line.paragraph import PageReading
from tfhand.scan.line.reading import LineReading, check_line, find_line_on
from tfhand.scan.line.recognition import ReadCosts
from tfhand.scan.sheet.box_lines import box_line_mask
from tfhand.scan.sheet.cells import GAPS, LINE_CONTRASTS, find_patches
from tfhand.scan.sheet.form_fields import assign_fields

ROWS = 3, 5, 5, 5, 5, 5, 1, 1  # fields in each row
RUNS = range(3, 28)  # the fields of two to six digits
FIRST_TEMPLATE = """
0123456789 0123456789 0123456789
87 701 3752 80759 960941
158 4586 32123 832656 82
7481 80539 419219 67 904
61738 729658 75 390 5716
109334 40 625 4234 46002
gyxlakpdbtzirumwfqjenhocsv
ZXSBNGECMYWQTKFLUOHPIRVDJA
"""
LEAST_BOX, MOST_BOX = 1 / 1500, 1 / 12  # share of the paper; that of the preamble is larger
PITCH = 0.03  # of the paper's height: about the height of a box
ENOUGH = 0.5  # share of the fields whose boxes must be seen
OVERHANG = 0.5  # of a box's height: how far letters may reach out of it
OWN = 0.5  # share of a piece of ink that lies in the box where its writing stands
TAIL = 0.15  # of a box's height: what begins so near below it is the tail of a letter that crosses its lower line


def run_places(says: str) -> range:
    """Where in the fields' characters the runs stand, which differ most from form to form."""
    ends = np.cumsum([len(text) for text in says.split()])
    return range(int(ends[RUNS.start - 1]), int(ends[RUNS.stop - 1]))


class _Boxes(NamedTuple):
    """The box of each field on some paper, float32 [fields, 4, 2], nan for none."""

    paper: Paper
    contrast: np.ndarray
    corners: np.ndarray

    @property
    def seen(self) -> np.ndarray:
        """Which fields have a box, bool [fields]."""
        return np.isfinite(self.corners[:, 0, 0])

    @property
    def total(self) -> int:
        """How many fields have a box."""
        return int(self.seen.sum())


def find_form(
    image: np.ndarray | str | os.PathLike, says: str = FIRST_TEMPLATE, read: ReadCosts | None = None
) -> PageReading:
    """All that can be read from a form that a person filled in, field by field.

    Args:
        image: uint8 array of shape (height, width) or (height, width, 3), upright to about ten degrees, or a path.
        says: the thirty fields from left to right and from the top, with space between them.
        read: a reader that helps to tell the letters, see `scan.line.recognition`.

    Returns:
        PageReading, with a line for each field.

    Raises:
        PictureError: the picture is missing, unreadable, or too small or large.
        TextError: `says` has another number of fields, or one of more than 200 characters.
        ReadingError: the boxes of the form are not seen, or nothing is written in them.
    """
    texts = says.split()
    if len(texts) != sum(ROWS):
        raise TextError(f"The form has {sum(ROWS)} fields, three of them with all digits, and the text {len(texts)}.")
    for text in texts:
        check_line(text)
    boxes = _find_boxes(as_paper(image), texts)
    if boxes.total < len(texts) and boxes.paper.cut_out:
        boxes = max(boxes, _find_boxes(as_paper(image, whole=True), texts), key=lambda one: one.total)
    if boxes.total < ENOUGH * len(texts):
        raise ReadingError(
            f"The picture shows the boxes of {counted(boxes.total, 'field')} of NIST's form, which has {len(texts)}; "
            "photograph or scan all of it, upright and in good light."
        )
    page = _without_boxes(boxes)
    lines = [
        _read_field(page, corners, text, read) if seen else None
        for text, corners, seen in zip(texts, boxes.corners, boxes.seen, strict=True)
    ]
    return PageReading(tuple(texts), tuple(lines))


def _find_boxes(paper: Paper, texts: Sequence[str]) -> _Boxes:
    """The boxes of as many fields as possible, over several thresholds of lines and sizes of gaps in them."""
    contrast = paper.contrast
    best = _Boxes(paper, contrast, np.full((len(texts), 4, 2), np.nan, np.float32))
    soft = cv2.GaussianBlur(contrast, (0, 0), 0.8)
    rows = [[len(text) for text in row] for row in np.split(np.array(texts), np.cumsum(ROWS)[:-1])]
    for level, gap in product(LINE_CONTRASTS, GAPS):
        pixels = gap * PITCH * len(soft)
        patches = find_patches(soft > level, pixels, LEAST_BOX * soft.size, MOST_BOX * soft.size)
        found = _Boxes(paper, contrast, assign_fields(patches, rows))
        if found.total > best.total:
            best = found
        if best.total == len(texts):
            break
    return best


def _without_boxes(boxes: _Boxes) -> DeskewedPage:
    """The writing on a form without the lines around it.

    Raises:
        ReadingError: there is none.
    """
    lines = box_line_mask(boxes.contrast, boxes.corners[boxes.seen])
    contrast = np.where(lines, np.float32(0), boxes.contrast)
    level = ink_level(contrast)
    ink = ink_mask(contrast, level)
    border = border_ink(ink, boxes.paper.shown)
    return DeskewedPage(contrast, ink, border, level, boxes.paper.plane, boxes.paper.cut_out)


def _read_field(page: DeskewedPage, corners: np.ndarray, text: str, read: ReadCosts | None) -> LineReading | None:
    """What is written in one box; None where it is empty. Print above the box is another piece of ink."""
    height = float(np.linalg.norm(corners[3] - corners[0] + corners[2] - corners[1]) / 2)
    limit = np.array(page.ink.shape[::-1])
    low, high = corners.min(axis=0) - OVERHANG * height, corners.max(axis=0) + OVERHANG * height
    (left, top), (right, bottom) = np.clip(low, 0, limit).astype(int), np.clip(np.ceil(high), 0, limit).astype(int)
    rows, columns = slice(int(top), int(bottom)), slice(int(left), int(right))
    below = np.array([corners[3], corners[2], corners[2] + [0, TAIL * height], corners[3] + [0, TAIL * height]])
    inside, under = np.zeros((2, int(bottom - top), int(right - left)), np.uint8)
    cv2.fillConvexPoly(inside, np.rint(corners - [left, top]).astype(np.int32), 1)
    cv2.fillConvexPoly(under, np.rint(below - [left, top]).astype(np.int32), 1)
    count, labels = cv2.connectedComponents(page.ink[rows, columns].astype(np.uint8), connectivity=8)
    total = np.maximum(np.bincount(labels.ravel(), minlength=count), 1)
    own = np.bincount(labels[inside > 0], minlength=count) / total > OWN
    own[labels[under > 0]] = True
    own[0] = False
    if not own.any():
        return None
    near = cv2.dilate(own[labels].astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    return find_line_on(page.part(rows, columns, near & ((labels == 0) | own[labels])), text, read)

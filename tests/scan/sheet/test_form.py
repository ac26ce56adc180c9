"""NIST's handwriting sample form, drawn anew, read field by field."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support import photo
from tests.support.nist_form import Form, filled
from tfhand.errors import ReadingError, TextError
from tfhand.scan import find_form
from tfhand.scan.line.plausibility import NOT_FOUND
from tfhand.scan.sheet.form import FIRST_TEMPLATE, ROWS
from tfhand.scan.sheet.form_fields import assign_fields

OTHER = FIRST_TEMPLATE.replace("87 701 3752 80759 960941", "52 460 1897 30264 718395")
SCANS = {
    "300 dpi": Form(),
    "150 dpi": Form(scale=1.0),
    "100 dpi": Form(scale=0.7),
    "turned": Form(turn=-4.0, scale=1.5),
    "on a table": Form(table=True, turn=2.0, scale=1.3),
    "thick lines": Form(line=5, scale=1.2),
    "letters on the line": Form(low=6.0),
    "another template": Form(fields=OTHER, scale=1.2),
}


def overlaps(form: Form, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """For each character of a filled-in form whether it was taken, and how well its place fits."""
    shot = filled(form, photo.pen_letters(seed), seed)
    found = find_form(shot.picture, form.fields).found
    assert [one.character for one in found] == list("".join(form.fields.split()))
    boxes = np.array([one.box for one in found])
    return np.array([one.sample is not None for one in found]), photo.overlap(boxes, shot.boxes)


@pytest.mark.parametrize("name", SCANS)
def test_every_field_is_read_from_its_own_box(name):
    taken, overlap = overlaps(SCANS[name], seed=1)
    assert taken.mean() > 0.97
    assert (overlap[taken] > 0.5).all()


def test_letters_that_cross_the_lower_lines_keep_their_tails():
    taken, overlap = overlaps(Form(low=10.0, scale=1.2), seed=1)
    assert taken.mean() > 0.9
    assert (overlap[taken] > 0.5).all()


@pytest.mark.skipif(not photo.STROKES.exists(), reason="the archive is not here")
def test_real_writers_forms_are_read():
    writers = [one for one in photo.real_writers() if len(photo.real_letters(int(one))) == 62][:2]
    for writer in writers:
        shot = filled(Form(turn=1.0), photo.real_letters(int(writer)) | {"n": photo.pen_letters(0)["n"]}, seed=0)
        found = find_form(shot.picture).found
        taken = np.array([one.sample is not None for one in found])
        right = photo.overlap(np.array([one.box for one in found]), shot.boxes) > 0.5
        assert taken.mean() > 0.7
        assert (taken & ~right).mean() < 0.02


def test_empty_fields_are_left_out_and_open_boxes_lose_no_other():
    form = Form(missing=(0, 5, 20), open=(7, 29))
    shot = filled(form, photo.pen_letters(1), seed=1)
    reading = find_form(shot.picture)
    lost = {0, 5, 20, 7, 28, 29}  # the small letters as well, whose box might be that of the capitals
    assert {number for number, line in enumerate(reading.lines) if line is None} == lost
    assert all(one.reason == NOT_FOUND for one in reading.found if one.sample is None)
    assert sum(one.sample is not None for one in reading.found) == 182 - 10 - 4 - 2 - 6 - 52


def test_what_is_no_form_is_told_in_one_sentence():
    line = photo.photograph(photo.simple_letters(3), "hello", photo.Conditions(width=900), seed=1).picture
    with pytest.raises(ReadingError, match=r"boxes of \d fields? of NIST's form, which has 30"):
        find_form(line)
    with pytest.raises(TextError, match=r"30 fields.*and the text 2"):
        find_form(line, "0123456789 87")


def test_fields_are_told_by_order_and_width():
    lengths = np.split(np.array([len(text) for text in FIRST_TEMPLATE.split()]), np.cumsum(ROWS)[:-1])
    boxes, own = [], []
    for row, fields in enumerate(lengths):
        x = 40.0
        for length in fields:
            width, y = 30 * length + 25, 100 + 80 * row
            box = np.array([[x, y], [x + width, y], [x + width, y + 40], [x, y + 40]])
            boxes.append(box @ np.array([[1, 0.05], [-0.05, 1]]))  # three degrees
            x += width + 40
    header = np.array([[40, 10], [400, 10], [400, 50], [40, 50]], float)
    rng = np.random.default_rng(0)
    for gone in ([], [4], [12, 17], [6, 7, 26]):
        kept = [place for place in range(len(boxes)) if place not in gone]
        given = np.array([header, *(boxes[place] for place in rng.permutation(kept))], np.float32)
        own = assign_fields(given, [list(map(int, fields)) for fields in lengths])
        assert np.flatnonzero(np.isnan(own[:, 0, 0])).tolist() == gone
        np.testing.assert_allclose(own[kept], np.array(boxes)[kept], atol=1e-3)

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.support import photo
from tests.support.foreign_grid import Sheet, filled, likeness
from tfhand.errors import ReadingError, TextError
from tfhand.scan import find_grid, read_grid
from tfhand.scan.sheet.grid import as_corners

ORDER = "abcdefghijkl"
PHOTOS = photo.SHARED / "photos"
BY_HAND = {"line": 60, "thickness": 3, "wavy": 4, "unequal": 0.2}
KINDS = {
    "unequal boxes": Sheet(outline="boxes", unequal=0.25),
    "unequal table": Sheet(unequal=0.3),
    "drawn by hand": Sheet(**BY_HAND, turn=4, tilt=0.1, table=True),
    "drawn and written low": Sheet(wavy=3, low=30),
    "same pen": Sheet(line=60, thickness=4, low=20),
    "dots at the crossings": Sheet(dots=11, thickness=5, wavy=3, unequal=0.2),
    "pale lines": Sheet(line=215, thickness=1.5),
    "pale boxes": Sheet(line=228, thickness=1.5, outline="boxes"),
    "dashed": Sheet(dashes=5),
    "gaps": Sheet(gap=0.15),
    "gaps of a third": Sheet(gap=0.3, outline="boxes"),
    "open corners": Sheet(**BY_HAND, short=0.06),
    "lines too long": Sheet(**BY_HAND, short=-0.07),
    "boxes with lines too long": Sheet(**BY_HAND, outline="boxes", short=-0.09),
    "ticks": Sheet(outline="ticks", turn=3),
    "ticks from below": Sheet(outline="ticks", turn=-5, tilt=0.15),
    "crop marks, codes and captions": Sheet(outline="crop marks", qr=True, caption="above"),
    "captions above": Sheet(outline="boxes", caption="above", qr=True),
    "captions below": Sheet(outline="boxes", caption="below", turn=-5, tilt=0.15, table=True),
    "captions inside": Sheet(caption="inside"),
    "nothing": Sheet(outline="none", turn=2),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [0, 3])
def test_glyphs_come_out_whole_and_without_lines(kind, seed):
    sheet = filled(KINDS[kind], ORDER, seed)
    reading = find_grid(sheet.picture, ORDER, 4, 3)
    assert reading.with_state("written") == ORDER
    off = []
    for box in reading.boxes:
        truth = sheet.letters[box.character]
        assert likeness(box.sample.glyph, truth.glyph) > 0.89, box.character
        assert box.sample.height == pytest.approx(truth.height, rel=0.2), box.character
        off.append(abs(box.sample.baseline - truth.baseline))
    assert np.mean(off) < 0.1


@pytest.mark.parametrize("kind", [{"outline": "table"}, {"outline": "none"}, {"outline": "ticks", "tilt": 0.15}])
def test_many_boxes_some_of_them_empty(kind):
    order = "thequickbrownfxjmpsvlazydg0123456789"[:29]
    sheet = filled(Sheet(columns=7, rows=6, **kind, size=22), order, seed=2)
    reading = find_grid(sheet.picture, order, 7, 6)
    assert reading.with_state("written") == order
    assert min(likeness(box.sample.glyph, sheet.letters[box.character].glyph) for box in reading.boxes) > 0.89


@pytest.mark.parametrize("kind", [{"gap": 0.6}, {"outline": "none", "lift": 5}, {"outline": "ticks"}, {"wavy": 3}])
def test_given_corners_say_where_the_grid_is(kind):
    sheet = filled(Sheet(**kind, table=True, turn=5, tilt=0.2), ORDER, seed=1)
    corners = sheet.corners[[2, 0, 3, 1]] + np.random.default_rng(0).normal(0, 2, (4, 2))
    reading = find_grid(sheet.picture, ORDER, 4, 3, corners=corners)
    assert reading.with_state("written") == ORDER
    assert min(likeness(box.sample.glyph, sheet.letters[box.character].glyph) for box in reading.boxes) > 0.89


@pytest.mark.parametrize(
    "corners",
    [
        [(0, 0), (9, 0), (9, 9)],
        [(0, 0), (100, 0), (200, 0), (300, 0)],
        [(0, 0), (100, 0), (50, 20), (50, 90)],
        [(0, 0), (float("nan"), 0), (9, 9), (0, 9)],
    ],
)
def test_corners_around_nothing_are_told(corners):
    with pytest.raises(TextError, match="corners"):
        as_corners(corners)


def test_corners_may_come_in_any_order():
    square = np.array([[10, 12], [200, 8], [210, 150], [5, 160]], np.float32)
    for order in ([0, 1, 2, 3], [2, 0, 3, 1], [3, 2, 1, 0]):
        assert np.array_equal(as_corners(square[order]), square)


def test_writing_that_is_not_in_rows_and_columns_is_told():
    rng = np.random.default_rng(0)
    picture = np.full((500, 600), 250, np.uint8)
    for _ in range(60):
        point = rng.uniform(20, [580, 480])
        cv2.polylines(picture, [np.int32(point + rng.uniform(-20, 20, (5, 2)))], False, 40, 3)
    with pytest.raises(ReadingError, match="--corners"):
        read_grid(picture, ORDER, 4, 3)


@pytest.mark.skipif(not PHOTOS.exists(), reason="the photos are not here")
@pytest.mark.parametrize(
    ("name", "order", "columns", "rows"),
    [("grid_photo", "abcdefghij", 4, 3), ("grid_dotted", "ABCDabcd.,!?", 4, 3), ("ticks_sheet", "`abcdhijkl", 5, 2)],
)
def test_real_photos_come_out_complete(name, order, columns, rows):
    reading = find_grid(PHOTOS / f"{name}.jpg", order, columns, rows)
    assert reading.with_state("written") == order
    for box in reading.boxes:  # a line or dot of the grid would make a glyph as large as its box
        top, left, bottom, right = reading.areas[order.index(box.character)]
        high, wide = box.bounds[2] - box.bounds[0], box.bounds[3] - box.bounds[1]
        assert max(high / (bottom - top) / 0.75, wide / (right - left) / 0.6) < 1, box.character

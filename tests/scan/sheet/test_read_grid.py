from __future__ import annotations

import string

import cv2
import numpy as np
import pytest

from tests.support import photo
from tfhand.errors import ReadingError, TextError
from tfhand.scan import find_grid, read_grid

FOREIGN = photo.SHARED / "scans" / "handwrite_sheet_filled.jpg"
ORDER = string.ascii_uppercase + string.ascii_lowercase + string.digits + ".,;:!?\"'-+=/%&()[]"
ASKED = "abcdefghijkl"


def drawn(columns: int = 4, rows: int = 3, table: bool = False, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """A grid of `ASKED` with captions under the boxes, the last box empty; and the truth: top, left, bottom, right."""
    cell, side, up = 120, 120 if table else 84, 40
    picture = np.full((rows * cell + 2 * up, columns * cell + 2 * up), 250, np.uint8)
    letters, truth = photo.pen_letters(seed), np.full((len(ASKED), 4), np.nan)
    for number, character in enumerate(ASKED):
        top, left = up + number // columns * cell, up + number % columns * cell
        cv2.rectangle(picture, (left, top), (left + side, top + side), 30, 2)
        if not table:
            cv2.putText(picture, character, (left + 36, top + side + 22), cv2.FONT_HERSHEY_PLAIN, 1.3, 40, 2)
        if number == len(ASKED) - 1:
            continue
        strokes = [stroke * 17 + [left + 28, top + 54] for stroke in letters[character][0]]
        for stroke in strokes:
            cv2.polylines(picture, [np.rint(stroke * 16).astype(np.int32)], False, 60, 4, cv2.LINE_AA, 4)
        points = np.concatenate(strokes)
        truth[number] = [points[:, 1].min(), points[:, 0].min(), points[:, 1].max(), points[:, 0].max()]
    return picture, truth


@pytest.mark.parametrize("table", [False, True])
def test_boxes_are_read_in_their_order(table):
    picture, truth = drawn(table=table)
    reading = find_grid(picture, ASKED, 4, 3)
    assert reading.with_state("written") == ASKED[:-1]
    assert reading.with_state("empty") == ASKED[-1]
    for box, (top, left, bottom, right) in zip(reading.boxes, truth, strict=True):
        if box.bounds:
            high, wide = box.bounds[2] - box.bounds[0], box.bounds[3] - box.bounds[1]
            assert high == pytest.approx(bottom - top + 4, abs=4), box.character
            assert wide == pytest.approx(right - left + 4, abs=4), box.character


def test_a_photo_from_the_side_is_straightened_and_a_box_that_is_not_seen_is_filled_in():
    picture, _ = drawn()
    picture[150:250, 150:154] = 250  # the left side of a box, faded
    corners = np.array([[0, 0], [560, 0], [560, 440], [0, 440]], np.float32)
    seen = corners + np.array([[30, 10], [-20, 40], [0, 0], [5, -20]], np.float32)
    turned = cv2.warpPerspective(picture, cv2.getPerspectiveTransform(corners, seen), (600, 480), borderValue=250)
    assert sorted(read_grid(turned, " ".join(ASKED), 4, 3)) == sorted(ASKED[:-1])


def test_fewer_characters_than_boxes_leave_the_others_alone():
    assert sorted(read_grid(drawn()[0], ASKED[:5], 4, 3)) == sorted(ASKED[:5])


@pytest.mark.parametrize(
    ("order", "columns", "rows", "error", "says"),
    [
        (ASKED, 3, 4, ReadingError, "4 columns and 3 rows"),
        (ASKED, 5, 4, ReadingError, r"12 boxes|columns"),
        (ASKED, 3, 3, TextError, "12 characters for 3 x 3"),
        ("", 4, 3, TextError, "0 characters"),
        (ASKED, 0, 12, TextError, "none"),
        (ASKED, 999, 999, TextError, "none"),
    ],
)
def test_a_grid_that_does_not_fit_is_told(order, columns, rows, error, says):
    with pytest.raises(error, match=says):
        read_grid(drawn()[0], order, columns, rows)


def test_a_page_without_boxes_is_told():
    with pytest.raises(ReadingError, match="shows 0 boxes"):
        read_grid(np.full((200, 300), 255, np.uint8), ASKED, 4, 3)


@pytest.mark.skipif(not FOREIGN.exists(), reason="the scan is not here")
def test_a_real_sheet_of_another_tool_comes_out_complete():
    reading = find_grid(FOREIGN, ORDER, 8, 10)
    assert reading.with_state("written") == ORDER
    place = {box.character: box.sample for box in reading.boxes}
    tall, small = ([place[c].height for c in kind] for kind in ("ABDEHKLbdhkl", "aceimnorsuvwxz"))
    assert np.median(tall) > 1.5 * np.median(small)
    assert max(place[character].baseline for character in "gqy") < -0.2 < place["H"].baseline

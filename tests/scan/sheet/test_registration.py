from __future__ import annotations

import cv2
import numpy as np
import pytest

from tfhand.scan.sheet import layout, printing
from tfhand.scan.sheet.ink_assignment import assign_ink
from tfhand.scan.sheet.layout import pages_of
from tfhand.scan.sheet.rectify import RectifiedSheet
from tfhand.scan.sheet.registration import box_offsets

SCALE = 6.0


@pytest.mark.parametrize(("down", "right"), [(0.0, 0.0), (0.8, -0.6), (-1.2, 0.4)])
def test_boxes_beside_their_places_are_found_to_a_tenth_of_a_millimetre(down, right):
    (page,) = pages_of(layout.EVERYTHING)
    above, left_margin = printing.margins(page)
    move = np.float32([[1, 0, SCALE * (right - left_margin)], [0, 1, SCALE * (down - above)]])
    size = tuple(round(SCALE * side) for side in layout.FRAME)
    picture = cv2.warpAffine(printing.picture(page, SCALE), move, size, borderValue=(255, 255, 255))
    sheet = RectifiedSheet(picture, SCALE, len(layout.MARKERS), np.zeros(size[::-1], bool))
    assert box_offsets(sheet, page) == pytest.approx(np.tile([down, right], (len(page.boxes), 1)), abs=0.15)


def test_ink_goes_to_the_box_that_holds_most_of_it_and_is_cut_where_it_fills_two():
    areas = np.array([[10.0, 10.0, 50.0, 50.0], [10.0, 60.0, 50.0, 100.0], [60.0, 10.0, 100.0, 50.0]])
    ink = np.zeros((110, 110), bool)
    ink[30, 20:64] = True  # from the first box a little into the second
    ink[70:104, 30] = True  # from the third box below it
    assignment = assign_ink(ink, areas, 10.0)
    assert set(assignment[30, 20:64].tolist()) == {1}
    assert set(assignment[70:104, 30].tolist()) == {3}
    ink[30, 20:95] = True
    assignment = assign_ink(ink, areas, 10.0)
    assert set(assignment[30, 20:50].tolist()) == {1}
    assert set(assignment[30, 60:95].tolist()) == {2}

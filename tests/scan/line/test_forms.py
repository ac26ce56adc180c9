from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.support import photo
from tfhand.scan import find_lines

ROWS = [["0123456789", "0123456789"], ["87", "701", "3752", "80759"], ["158", "4586", "32123"]]
X_HEIGHT, NIB = 30, 5


@pytest.fixture(scope="module")
def form() -> tuple[np.ndarray, np.ndarray]:
    """Fields of a form (thick boxes, a typed caption above each, digits on the lower line), and the true boxes."""
    letters, rng = photo.simple_letters(seed=6), np.random.default_rng(1)
    page = Image.new("L", (1500, 1000), 250)
    draw, truth = ImageDraw.Draw(page), []
    for row, fields in enumerate(ROWS):
        x, y = 80, 120 + 280 * row
        for field in fields:
            width = 58 * len(field) + 70
            draw.text((x + 10, y - 34), field, fill=30, font_size=24)
            draw.rectangle((x, y, x + width, y + 100), outline=20, width=5)
            left = x + 30
            for character in field:
                strokes = letters[character][int(rng.integers(2))]
                low = rng.uniform(88, 99)
                drawn = [stroke * X_HEIGHT + [left, y + low] for stroke in strokes]
                for stroke in drawn:
                    draw.line([tuple(point) for point in stroke], fill=40, width=NIB, joint="curve")
                points = np.concatenate(drawn)
                (start, top), (end, bottom) = points.min(axis=0) - NIB / 2, points.max(axis=0) + NIB / 2
                truth.append([top, start, bottom, end])
                left = end + 16
            x += width + 50
    return np.repeat(np.asarray(page)[..., None], 3, axis=2), np.array(truth)


@pytest.mark.parametrize("skip", [True, False], ids=["captions skipped", "captions not told"])
def test_runs_in_the_boxes_of_a_form_are_read_as_lines(form, skip):
    picture, truth = form
    lines = [line for row in ROWS for line in (["#skip"] if skip else []) + [" ".join(row)]]
    found = find_lines(picture, "\n".join(lines)).found
    taken = [one.sample is not None for one in found]
    boxes = np.array([one.box for one in found])
    assert np.mean(taken) > 0.9
    assert (photo.overlap(boxes, truth)[taken] > 0.6).all()

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from tests.support import photo
from tfhand.scan import find_lines

GIVEN = photo.Conditions(width=1000, noise=1.0)
TEXT = "fox273\nquick 45\nzebra 8\ndalit"


@pytest.fixture(scope="module")
def letters() -> photo.Letters:
    made = photo.simple_letters(seed=4)
    letter = made["c"][0][0]
    tail = np.array([[1.0, -1.0], [1.0, 0.9], [0.6, 1.2], [0.2, 1.0]])  # hangs into the next line
    return {**made, "q": [[letter, photo.rounded(tail)]], "f": made["l"], "k": made["K"], "b": made["b"]}


def right(shot: photo.Photo, picture: np.ndarray | None = None, says: str = "") -> bool:
    """Whether every character is taken from its place."""
    found = find_lines(shot.picture if picture is None else picture, says or shot.says).found
    return len(found) == len(shot.boxes) and all(
        one.sample and photo.overlap(one.box[None], truth[None]) > 0.6
        for one, truth in zip(found, shot.boxes, strict=True)
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"pitch": (2.6, 5.5)},
        {"pitch": (2.8, 3.0), "bend": 0.9},
        {"bend": -1.0, "skew": 5.0},
        {"skew": 9.0, "pitch": (2.6, 4.5)},
        {"skew": -9.0, "ruling": "lines", "ruling_depth": 0.25},
    ],
    ids=lambda changes: " ".join(changes),
)
def test_uneven_bent_and_sloping_lines_are_told_apart(changes, letters):
    for seed in range(3):
        assert right(photo.photograph(letters, TEXT, replace(GIVEN, **changes), seed))


def test_a_drawing_between_the_lines_is_no_line(letters):
    shot = photo.photograph(letters, TEXT, replace(GIVEN, pitch=(4.2, 4.3)), seed=1)
    line = np.concatenate([np.full(len("".join(text.split())), k) for k, text in enumerate(TEXT.split("\n"))])
    y = round((shot.boxes[line == 1, 2].max() + shot.boxes[line == 2, 0].min()) / 2)
    gap = 220
    picture = np.insert(shot.picture, [y] * gap, shot.picture[y], axis=0)
    picture[y : y + gap] = GIVEN.paper
    cv2.circle(picture, (300, y + 110), 80, (30, 30, 30), 5)
    cv2.line(picture, (450, y + 60), (800, y + 170), (30, 30, 30), 5)
    moved = replace(shot, boxes=shot.boxes + np.where(line >= 2, gap, 0)[:, None] * [1, 0, 1, 0])
    assert right(moved, picture)
    lines = TEXT.split("\n")
    assert right(moved, picture, "\n".join([*lines[:2], "#skip", *lines[2:]]))

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.support import photo
from tfhand.scan import read_line
from tfhand.scan.image.paper import as_paper
from tfhand.scan.image.sheet_edges import find_paper

TABLES = {"dark wood": (60, 42, 30), "light wood": (190, 140, 90), "black": (25, 25, 28), "grey": (120, 118, 116)}
LINE = photo.Conditions(width=900, aspect=0.4, noise=1.0)


@pytest.fixture(scope="module")
def letters() -> photo.Letters:
    return photo.simple_letters(seed=4)


@pytest.mark.parametrize("table", TABLES)
def test_the_sheet_is_cut_out_and_its_pixels_are_found_on_the_photo(table, letters):
    given = photo.Conditions(**{**vars(LINE), "around": TABLES[table]})
    shot = photo.photograph(letters, "27381", given, seed=2)
    paper = as_paper(shot.picture)
    assert paper.shown.mean() > 0.9
    assert np.median(paper.grey) > 200  # no table, and no negative
    dark = paper.grey < 128
    rows, columns = np.nonzero(dark)
    x, y, depth = paper.plane @ np.stack([columns + 0.5, rows + 0.5, np.ones(len(rows))])
    found = [(y / depth).min(), (x / depth).min(), (y / depth).max(), (x / depth).max()]
    truth = [*shot.boxes[:, :2].min(axis=0), *shot.boxes[:, 2:].max(axis=0)]
    assert np.abs(np.array(found) - truth).max() < 6
    assert sorted(read_line(shot.picture, shot.says)) == sorted(shot.says)


def test_paper_that_fills_the_picture_is_left_as_it_is(letters):
    for changes in ({}, {"shadow": 0.5}, {"cast": (1.0, 0.8, 0.5)}, {"ruling": "squares", "ruling_depth": 0.3}):
        shot = photo.photograph(letters, "27381", photo.Conditions(**{**vars(LINE), **changes}), seed=2)
        assert find_paper(shot.picture) is None


def test_a_table_along_one_side_is_left_out(letters):
    shot = photo.photograph(letters, "27381", LINE, seed=2)
    picture = np.pad(shot.picture, ((250, 0), (0, 0), (0, 0)))
    picture[:250] = (70, 45, 30)
    edges = find_paper(picture)
    assert edges is not None
    assert edges.corners is None
    assert edges.outline[:, 1].min() == pytest.approx(250, abs=8)
    assert sorted(read_line(picture, "27381")) == sorted("27381")


def test_the_edge_of_a_shadow_does_not_lose_the_letters_beyond_it(letters):
    shot = photo.photograph(letters, "27381", LINE, seed=2)
    dim = shot.picture.astype(np.float32)
    dim[:, int((shot.boxes[2, 3] + shot.boxes[3, 1]) / 2) :] *= 0.35
    assert sorted(read_line(np.uint8(dim), "27381")) == sorted("27381")


def test_light_writing_on_a_dark_board_and_a_black_rule_at_the_rim(letters):
    shot = photo.photograph(letters, "27381", photo.Conditions(width=420, noise=0.0, aspect=0.1), seed=1)
    bilevel = np.uint8(255 * (shot.picture.min(axis=2) > 128))
    ruled = bilevel.copy()
    ruled[:8] = 0
    for picture in (bilevel, 255 - bilevel, ruled, 255 - ruled, np.pad(bilevel, 25), np.pad(bilevel, 120)):
        assert sorted(read_line(picture, "27381")) == sorted("27381")


@pytest.mark.parametrize("scale", [0.75, 0.5, 0.3])
def test_a_smaller_photo_gives_the_same_letters(scale, letters):
    given = photo.Conditions(**{**vars(LINE), "width": 1500, "around": TABLES["dark wood"], "skew": 3.0})
    shot = photo.photograph(letters, "zebra 273", given, seed=5)
    small = cv2.resize(shot.picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    whole, less = read_line(shot.picture, shot.says), read_line(small, shot.says)
    assert sorted(whole) == sorted(less) == sorted(set("zebra273"))
    for mine, theirs in zip(whole.samples, less.samples, strict=True):
        assert np.abs(mine.glyph.astype(int) - theirs.glyph).mean() < 20  # two different letters are 50 apart
        assert mine.height == pytest.approx(theirs.height, abs=0.15)


def test_a_very_long_picture_is_scaled_to_what_can_be_turned():
    paper = as_paper(np.full((70, 40_000, 3), 250, np.uint8))
    assert paper.grey.shape == (35, 20_000)
    assert (paper.plane @ [20_000, 35, 1]).tolist() == pytest.approx([40_000, 70, 1])

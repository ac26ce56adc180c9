from __future__ import annotations

import string
from dataclasses import replace

import cv2
import numpy as np
import pytest

from benchmarks.sheets import figures_of, trial
from tests.support import photo, photographed
from tfhand.core.charset import CHARACTERS
from tfhand.errors import HandwritingError, PictureError, ReadingError
from tfhand.scan import find_sheet, read_sheet
from tfhand.scan.sheet import layout, printing
from tfhand.scan.sheet.layout import SheetPage, pages_of
from tfhand.scan.sheet.rectify import rectify_sheet

CLEAN = photographed.Conditions(scale=5.0)


@pytest.fixture(scope="module")
def letters() -> photo.Letters:
    return photo.pen_letters(seed=5)


@pytest.fixture(scope="module")
def sheet(letters) -> photographed.Filled:
    """The usual sheet, in which about every eighth character is missing."""
    return photographed.filled(pages_of(layout.EVERYTHING)[0], letters, np.random.default_rng(3), scribbled=0.0)


def agrees(sheet: photographed.Filled, picture: np.ndarray, least: float = 0.6) -> bool:
    """Whether each box is in its true state, and the ink where it was written."""
    reading = find_sheet(picture)
    written = [state == "written" for state in sheet.states]
    return (
        reading.page == sheet.page
        and [box.state for box in reading.boxes] == sheet.states
        and bool((photo.overlap(reading.areas, sheet.boxes)[written] > least).all())
    )


class TestReading:
    @pytest.mark.parametrize(
        "changes",
        [
            {},
            {"turn": 90.0, "grey_print": True},
            {"turn": 180.0, "ink": (200, 30, 40)},
            {"turn": 217.0, "tilt": 0.12, "shadow": 0.4, "hard_edge": True, "folded": True, "thumb": True},
            {"curl": 3.0, "blur": 1.0, "noise": 4.0, "quality": 60, "through": 0.1, "worn_print": 1.6},
        ],
        ids=lambda changes: " ".join(changes) or "clean",
    )
    def test_reads_a_sheet_under(self, changes, sheet):
        assert agrees(sheet, photographed.photograph(sheet, replace(CLEAN, **changes), seed=2))

    def test_samples_know_their_size_and_place(self, letters):
        page = pages_of(string.ascii_lowercase)[0]
        filled = photographed.filled(page, letters, np.random.default_rng(1), empty=0.0, scribbled=0.0)
        reading = find_sheet(photographed.photograph(filled, CLEAN))
        unit = filled.x_height + CLEAN.nib
        heights = (filled.boxes[:, 2] - filled.boxes[:, 0] + CLEAN.nib) / unit
        found = np.array([box.sample.height for box in reading.boxes])
        assert np.median(found / heights) == pytest.approx(1, abs=0.12)
        assert np.std(np.log(found / heights)) < 0.05
        place = {box.character: box.sample.baseline for box in reading.boxes}
        assert np.median([place[character] for character in "acemnorsuvwxz"]) == pytest.approx(0, abs=0.1)
        assert max(place[character] for character in "gpqy") < -0.2

    def test_scribbles_are_left_out(self, letters):
        page = pages_of(CHARACTERS)[0]
        filled = photographed.filled(page, letters, np.random.default_rng(8), scribbled=0.12)
        picture = photographed.photograph(filled, CLEAN)
        reading = find_sheet(picture)
        scribbled = [k for k, state in enumerate(filled.states) if state == "scribbled"]
        assert len(scribbled) > 3
        assert {reading.boxes[k].state for k in scribbled} == {"scribbled"}
        assert sorted(read_sheet(picture)) == sorted(
            {page.letters[k] for k, state in enumerate(filled.states) if state == "written"}
        )

    def test_a_long_tail_belongs_to_its_letter_and_harms_no_neighbour(self):
        page = pages_of(string.ascii_lowercase)[0]
        g, q = (page.boxes[page.letters.index(character)] for character in "gq")  # q stands right below g
        tail = np.array([[g[1] + 6, g[0] + 9], [g[1] + 8, g[0] + 10], [g[1] + 9, q[0] + 1.5]])
        body = np.array([[q[1] + 7, q[0] + 9], [q[1] + 9, q[0] + 13], [q[1] + 5, q[0] + 12], [q[1] + 7, q[0] + 9]])
        filled = photographed.Filled(page, [tail, body], [], np.zeros((0, 4)), 4.0)
        reading = find_sheet(photographed.photograph(filled, CLEAN))
        assert reading.with_state("written") == "gq"
        areas = {box.character: area for box, area in zip(reading.boxes, reading.areas, strict=True)}
        assert areas["g"][2] == pytest.approx(q[0] + 1.5, abs=0.8)
        assert areas["q"][0] == pytest.approx(q[0] + 9, abs=0.8)

    def test_an_empty_sheet_is_told_and_can_still_be_looked_at(self):
        empty = photographed.Filled(pages_of("abc")[0], [], [], np.zeros((0, 4)), 4.0)
        picture = photographed.photograph(empty, CLEAN)
        assert find_sheet(picture).with_state("empty") == "abc"
        with pytest.raises(ReadingError, match="No box"):
            read_sheet(picture)

    def test_a_box_beyond_the_photo_is_unreadable_and_not_empty(self, sheet):
        picture = photographed.photograph(sheet, CLEAN)
        assert rectify_sheet(picture).markers == 12
        reading = find_sheet(picture[: round(0.78 * len(picture))])
        assert set(reading.with_state("unreadable")) >= set(")(-+=/&@#%€$") & set(sheet.page.letters)
        assert not set(reading.with_state("unreadable")) & set(string.digits + string.ascii_uppercase)

    def test_two_sheets_are_refused(self, sheet):
        one = photographed.photograph(sheet, CLEAN)
        with pytest.raises(ReadingError, match="two sheets"):
            read_sheet(np.hstack([one, one]))

    @pytest.mark.parametrize("picture", [np.full((300, 200, 3), 250, np.uint8), np.zeros((9, 2000), np.uint8)])
    def test_no_sheet_is_told(self, picture):
        with pytest.raises(ReadingError, match="no sheet"):
            read_sheet(picture)

    def test_a_sheet_of_a_newer_version_is_told(self, monkeypatch):
        monkeypatch.setattr(layout, "VERSION", 2)
        drawn = printing.picture(pages_of("abc")[0], 5.0)
        monkeypatch.undo()
        with pytest.raises(ReadingError, match="version 2"):
            read_sheet(drawn)

    def test_a_sheet_without_a_readable_qr_code_is_told(self):
        drawn = printing.picture(pages_of("abc")[0], 5.0).copy()
        above, before = printing.margins(SheetPage("abc"))
        top, left = round(5 * above), round(5 * (before + 10))
        drawn[top : top + 115, left : left + 890] = 255
        with pytest.raises(ReadingError, match="square codes"):
            read_sheet(drawn)

    @pytest.mark.parametrize(
        "picture", [np.zeros((50, 50), float), np.zeros((2, 900, 3), np.uint8), np.zeros(5, np.uint8)]
    )
    def test_an_array_that_is_no_photo_is_refused(self, picture):
        with pytest.raises(PictureError):
            read_sheet(picture)


def damaged(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A picture after something bad has happened to it."""
    height, width = picture.shape[:2]
    kind = rng.integers(9)
    if kind == 0:
        top, left = rng.integers(height), rng.integers(width)
        return picture[top : top + rng.integers(1, height), left : left + rng.integers(1, width)]
    if kind == 1:
        noise = rng.normal(0, rng.uniform(20, 150), picture.shape)
        return np.clip(picture + noise, 0, 255).astype(np.uint8)
    if kind == 2:
        return 255 - picture
    if kind == 3:
        size = int(rng.integers(1, 60)), int(rng.integers(1, 60))
        return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    if kind == 4:
        return cv2.resize(picture, (int(rng.integers(1, 3000)), int(rng.integers(1, 40))))
    if kind == 5:
        return np.full((rng.integers(1, 400), rng.integers(1, 400), 3), rng.integers(256), np.uint8)
    if kind == 6:
        return rng.integers(0, 256, (rng.integers(4, 400), rng.integers(4, 400), 3)).astype(np.uint8)
    if kind == 7:
        torn = picture.copy()
        torn[rng.integers(height) :] = rng.integers(256)
        return np.rot90(torn, rng.integers(4))
    plane = np.eye(3) + rng.normal(0, 1, (3, 3)) * [[0.3, 0.3, 100], [0.3, 0.3, 100], [3e-4, 3e-4, 0]]
    return cv2.warpPerspective(picture, plane, (width, height), borderMode=cv2.BORDER_REFLECT)


def test_damaged_pictures_are_read_or_refused_with_a_sentence(sheet):
    picture = cv2.resize(photographed.photograph(sheet, CLEAN), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    read, sentences = 0, set()
    for seed in range(18):
        try:
            read += len(find_sheet(damaged(picture, np.random.default_rng(seed))).boxes) > 0
        except HandwritingError as error:
            sentences.add(str(error))
    assert read > 1
    assert len(sentences) > 1
    assert all(sentence.endswith(".") for sentence in sentences)


def test_share_of_boxes_read_right_on_careless_photos():
    figures = figures_of([trial("hard", seed).figures for seed in (1001, 1002)])
    assert figures["right %"] >= 90
    assert figures["empty %"] >= 98
    assert figures["leaked"] == 0

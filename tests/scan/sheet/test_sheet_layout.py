from __future__ import annotations

import numpy as np
import pytest

from tfhand.core.charset import CHARACTERS
from tfhand.errors import ReadingError, TextError
from tfhand.scan.sheet import layout
from tfhand.scan.sheet.layout import page_of, pages_of


@pytest.mark.parametrize("characters", [layout.EVERYTHING, "äöüßÄÖÜ€", "a\\b \\x41 z", "zyx", "αβγδεζ", "'"])
@pytest.mark.parametrize("variants", [1, 4])
def test_a_qr_text_describes_its_page_completely(characters, variants):
    pages = pages_of(characters, variants, "Letter")
    assert "".join(page.characters for page in pages) == "".join(dict.fromkeys("".join(characters.split())))
    assert [page_of(page.qr_text) for page in pages] == pages


def test_everything_stands_on_one_page_and_variants_on_more():
    assert [len(page.letters) for page in pages_of(layout.EVERYTHING)] == [len(layout.EVERYTHING)]
    pages = pages_of(CHARACTERS, 3)
    assert [page.number for page in pages] == [1, 2, 3]
    assert all(page.count == 3 for page in pages)
    assert pages[0].letters[:6] == "000111"


def test_a_page_ends_before_its_qr_code_becomes_too_fine():
    odd = "".join(map(chr, range(0x400, 0x460, 2)))
    pages = pages_of(odd)
    assert len(pages) > 1
    assert all(len(page.qr_text) <= layout.MAX_QR_TEXT for page in pages)


def test_boxes_captions_and_codes_keep_apart_and_within_the_frame():
    page = pages_of("".join(map(chr, range(0x4E00, 0x4E00 + 90))), 1)[0]
    places = [page.boxes, page.captions]
    for corners, side in ((layout.MARKERS, layout.MARKER_SIDE), (layout.QR_CODES, layout.QR_SIDE)):
        places.append(np.concatenate([corners, corners + side], axis=1))
    boxes = np.concatenate(places)
    assert boxes.min() >= 0
    assert (boxes[:, 2:] <= np.array(layout.FRAME)[::-1]).all()
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    shared = (high > low + 1e-9).all(axis=2)
    assert shared.sum() == len(boxes)  # each with itself


@pytest.mark.parametrize(
    ("characters", "variants"), [("", 1), ("  ", 1), ("a\u0301\u0301", 1), ("a\x07", 1), ("a", 91), ("a", 0)]
)
def test_a_request_that_no_page_can_hold_is_refused(characters, variants):
    with pytest.raises(TextError):
        pages_of(characters, variants)


def test_accents_are_composed():
    assert pages_of("e\u0301")[0].characters == "é"


@pytest.mark.parametrize(
    ("qr_text", "says"),
    [
        ("https://example.org", "not one of tfhand's"),
        ("tfhand 2 anything at all", "version 2"),
        ("tfhand 1 A5 1/1 1 abc", "damaged"),
        ("tfhand 1 A4 2/1 1 abc", "damaged"),
        ("tfhand 1 A4 1/1 0 abc", "damaged"),
        ("tfhand 1 A4 1/1 1 aa", "damaged"),
        ("tfhand 1 A4 1/1 1 \\xZZ", "damaged"),
        ("tfhand 1 A4 1/1 1 ! \\U0010ffff", "damaged"),
    ],
)
def test_foreign_and_damaged_qr_texts_are_refused(qr_text, says):
    with pytest.raises(ReadingError, match=says):
        page_of(qr_text)

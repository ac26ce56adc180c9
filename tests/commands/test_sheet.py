from __future__ import annotations

import io

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from tfhand import sheet
from tfhand.scan import find_sheet
from tfhand.scan.sheet import layout, printing
from tfhand.scan.sheet.codes import qr_modules
from tfhand.scan.sheet.layout import pages_of


def test_the_pdf_holds_every_page_at_its_size_and_is_read_back(tmp_path, capsys):
    path = tmp_path / "out" / "sheet.pdf"
    assert sheet.main(["--variants", "2", "--paper", "Letter", "-o", str(path)]) == 0
    assert "164 boxes on 2 pages" in capsys.readouterr().out
    with pypdfium2.PdfDocument(path) as document:
        assert len(document) == 2
        assert document[0].get_size() == pytest.approx((612, 792), abs=0.5)
        pictures = [np.array(page.render(scale=200 / 72).to_pil().convert("RGB")) for page in document]
        text = document[1].get_textpage().get_text_range()
    assert "page 2 of 2" in text
    assert [find_sheet(picture).page for picture in pictures] == pages_of(layout.EVERYTHING, 2, "Letter")


def test_the_same_sheet_is_the_same_file(tmp_path):
    files = [tmp_path / "a.pdf", tmp_path / "b.pdf"]
    for file in files:
        printing.save_pdf(pages_of("abc"), file)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_pictures_are_numbered_and_carry_their_resolution(tmp_path):
    assert sheet.main(["--characters", "äöü ß" * 2, "--variants", "30", "-o", str(tmp_path / "page.png")]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page-1.png", "page-2.png"]
    with Image.open(tmp_path / "page-1.png") as picture:
        assert picture.width / picture.info["dpi"][0] == pytest.approx(210 / 25.4, rel=0.01)
        assert find_sheet(np.asarray(picture.convert("RGB"))).page.characters == "äöü"


def test_pdf_and_picture_show_the_same(tmp_path):
    (page,) = pages_of("abcgß€")
    printing.save_pdf([page], tmp_path / "one.pdf")
    with pypdfium2.PdfDocument((tmp_path / "one.pdf").read_bytes()) as document:
        drawn = np.array(document[0].render(scale=5 * 25.4 / 72).to_pil().convert("L"), float)
    picture = np.asarray(Image.fromarray(printing.picture(page, 5.0)).convert("L"), float)
    assert np.abs(picture.shape[0] - drawn.shape[0]) <= 1
    height, width = (min(sides) for sides in zip(picture.shape, drawn.shape, strict=True))
    assert np.abs(picture[:height, :width] - drawn[:height, :width]).mean() < 4


def test_what_stands_where_ink_may_come_vanishes_in_red_light():
    (page,) = pages_of(layout.EVERYTHING)
    picture = printing.picture(page, 6.0)
    top = round(6 * (printing.margins(page)[0] + layout.HEADER + 5))
    left, right = (round(6 * (printing.margins(page)[1] + edge)) for edge in (11, 187))
    assert picture[top : top + 800, left:right, 0].min() > 225
    assert picture[top : top + 800, left:right, 2].min() < 190


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--characters", " ", "-o", "s.pdf"], "no character"),
        (["--characters", "a\x07", "-o", "s.pdf"], "Cannot ask"),
        (["--variants", "91", "-o", "s.pdf"], "holds up to 90"),
        (["-o", "s.docx"], ".pdf or .png"),
        (["-o", "/proc/none/s.pdf"], "Cannot write"),
    ],
)
def test_what_cannot_be_drawn_is_told(words, says, tmp_path, monkeypatch, refusal):
    monkeypatch.chdir(tmp_path)
    assert says in refusal(sheet.main, *words)


def test_next_asks_for_what_is_not_written_yet(tmp_path, shelf, hand_of, capsys):
    hand_of("abcdef27").save(tmp_path / "hand")
    words = ["--next", str(tmp_path / "hand"), "--preset", "tiny-hand", "-o", str(tmp_path / "next.png")]
    assert sheet.main(words) == 0
    with Image.open(tmp_path / "next.png") as picture:
        asked = find_sheet(np.asarray(picture)).page.characters
    assert len(asked) == 10
    assert not set(asked) & set("abcdef27")
    words[3] = "tiny-reader"
    assert sheet.main(words) == 2
    assert "tiny-reader" in capsys.readouterr().err


def test_next_needs_a_hand_that_is_begun_and_not_done(tmp_path, shelf, full_hand, capsys):
    full_hand.save(tmp_path / "full")
    for folder, says in (("full", "every character"), ("none", "no Hand")):
        assert sheet.main(["--next", str(tmp_path / folder), "--preset", "tiny-hand", "-o", "s.pdf"]) == 2
        assert says in capsys.readouterr().err


def test_a_qr_code_is_read_by_another_decoder():
    import cv2

    text = pages_of("0123")[0].qr_text
    modules = np.kron(np.pad(qr_modules(text), 4, constant_values=255), np.ones((6, 6), np.uint8))
    stream = io.BytesIO()
    Image.fromarray(modules).save(stream, "PNG")
    assert cv2.QRCodeDetector().detectAndDecode(np.asarray(Image.open(stream)))[0] == text

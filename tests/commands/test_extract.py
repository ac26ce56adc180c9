from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support import foreign_grid, photo, photographed
from tests.support.nist_form import Form, filled
from tfhand import extract
from tfhand.core.charset import CHARACTERS
from tfhand.hands.contact_sheet import DOUBTED_FRAME, contact_sheet
from tfhand.hands.hand import Hand, Sample
from tfhand.scan.sheet.form import FIRST_TEMPLATE
from tfhand.scan.sheet.layout import pages_of


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """Photos: two pages of a sheet, together as a PDF, a line, and a damaged file."""
    folder = tmp_path_factory.mktemp("photos")
    letters = photo.pen_letters(seed=5)
    pages = []
    for number, page in enumerate(pages_of("abcdefghijklmnopq", 2)[:1] + pages_of("0123ABC")):
        filled = photographed.filled(page, letters, np.random.default_rng(2), empty=0.1, scribbled=0.06)
        shot = photographed.photograph(filled, photographed.Conditions(scale=4.5), seed=number)
        pages.append(Image.fromarray(shot))
        pages[-1].save(folder / f"page-{number + 1}.jpg", quality=92)
    pages[0].save(folder / "pages.pdf", save_all=True, append_images=pages[1:], resolution=110)
    Image.fromarray(photo.photograph(photo.simple_letters(4), "273", photo.Conditions(width=500)).picture).save(
        folder / "line.png"
    )
    (folder / "line.txt").write_text("273\n", encoding="utf-8")
    (folder / "broken.jpg").write_bytes((folder / "page-1.jpg").read_bytes()[:5000])
    return folder


def run(*words, capsys) -> tuple[int, str, str]:
    code = extract.main([str(word) for word in words])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_a_sheet_becomes_a_hand_with_a_contact_sheet_and_a_report(place, tmp_path, capsys):
    target = tmp_path / "my_hand"
    code, out, err = run(place / "page-1.jpg", "-o", target, "--no-check", capsys=capsys)
    assert (code, err) == (0, "")
    hand = Hand.load(target)
    assert len(hand.samples) > 25
    assert all(sample.height and sample.baseline is not None for sample in hand.samples)
    report = (target / extract.REPORT).read_text(encoding="utf-8")
    assert report in out
    assert f"({len(hand.samples)} samples)" in report
    assert "scribbled out:" in report
    with Image.open(target / extract.CONTACT) as picture:
        assert picture.size[0] > 500


def test_several_photos_and_a_pdf_of_them_give_the_same_hand(place, tmp_path, capsys):
    one, two = tmp_path / "one", tmp_path / "two"
    assert run(place / "page-1.jpg", place / "page-2.jpg", "-o", one, "--no-check", capsys=capsys)[0] == 0
    assert run(place / "pages.pdf", "-o", two, "--no-check", capsys=capsys)[0] == 0
    first, second = Hand.load(one), Hand.load(two)
    assert sorted(sample.character for sample in first.samples) == sorted(sample.character for sample in second.samples)
    assert set(first) & set("ABC0123")


def test_more_is_added_only_when_asked_and_nothing_is_lost(place, tmp_path, capsys):
    target = tmp_path / "hand"
    run(place / "page-2.jpg", "-o", target, "--no-check", capsys=capsys)
    (target / "note.txt").write_text("mine", encoding="utf-8")
    before = Hand.load(target)
    code, out, err = run(place / "line.png", "--says", "273", "-o", target, "--no-check", capsys=capsys)
    assert (code, out) == (2, "")
    assert "--add" in err
    assert Hand.load(target) == before
    assert run(place / "line.png", "--says", "273", "-o", target, "--add", "--no-check", capsys=capsys)[0] == 0
    after = Hand.load(target)
    assert len(after.samples) == len(before.samples) + 3
    assert all(sample in after.samples for sample in before.samples)
    assert (target / "note.txt").read_text(encoding="utf-8") == "mine"
    run(place / "line.png", "--says", "273", "-o", target, "--add", "--no-check", capsys=capsys)
    assert len(Hand.load(target).samples) == len(after.samples)  # the same photo again


def test_a_text_file_and_a_grid(place, tmp_path, capsys):
    words = "--says-file", place / "line.txt", "-o", tmp_path / "text", "--no-check"
    assert run(place / "line.png", *words, capsys=capsys)[0] == 0
    assert sorted(Hand.load(tmp_path / "text")) == list("237")


def test_a_form(place, tmp_path, capsys):
    form = Form(fields=FIRST_TEMPLATE.replace("701", "246"), scale=1.0)
    Image.fromarray(filled(form, photo.pen_letters(1), seed=1).picture).save(tmp_path / "form.png")
    (tmp_path / "fields.txt").write_text(form.fields, encoding="utf-8")
    words = tmp_path / "form.png", "--form", "nist-hsf", "-o", tmp_path / "hand", "--no-check"
    assert run(*words, "--says-file", tmp_path / "fields.txt", capsys=capsys)[0] == 0
    hand = Hand.load(tmp_path / "hand")
    assert set(CHARACTERS) - set(hand) <= set("cIl")  # all characters, but for a few
    assert len(hand["2"]) > 8
    with pytest.raises(SystemExit):
        run(*words, "--says", "273", capsys=capsys)
    assert "--form goes with --says-file" in capsys.readouterr().err


def test_a_grid_that_is_not_there_is_told(place, tmp_path, capsys):
    words = "--grid", "7x6", "--order", "abcdefghijklmnopqrstuvw", "-o", tmp_path / "grid", "--no-check"
    code, _, err = run(place / "line.png", *words, capsys=capsys)
    assert code == 2
    assert "boxes" in err


def test_a_grid_between_corners(place, tmp_path, capsys):
    sheet = foreign_grid.filled(foreign_grid.Sheet(gap=0.6), "abcdefghijkl")
    Image.fromarray(sheet.picture).save(tmp_path / "grid.png")
    corners = [f"{x:.0f},{y:.0f}" for x, y in sheet.corners[::-1]]
    words = "--grid", "4x3", "--order", "abcdefghijkl", "--corners", *corners, "-o", tmp_path / "hand", "--no-check"
    assert run(tmp_path / "grid.png", *words, capsys=capsys)[0] == 0
    assert sorted(Hand.load(tmp_path / "hand")) == list("abcdefghijkl")


def test_what_cannot_be_read_is_told_before_tensorflow_wakes(place, tmp_path):
    program = (
        "import sys; from tfhand import extract; code = extract.main(sys.argv[1:]); "
        "sys.exit(code if 'tensorflow' not in sys.modules else 9)"
    )
    words = [sys.executable, "-c", program, "broken.jpg", "-o", str(tmp_path / "hand")]
    ended = subprocess.run(words, cwd=place, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1


def test_letters_that_the_reader_doubts_are_marked(place, tmp_path, shelf, capsys):
    target = tmp_path / "hand"
    words = "--reader", "tiny-reader", "-o", target
    assert run(place / "page-2.jpg", *words, capsys=capsys)[0] == 0
    wrong = run(place / "page-2.jpg", "--reader", "tiny-hand", "-o", tmp_path / "other", capsys=capsys)
    assert wrong[0] == 2
    assert "tiny-hand" in wrong[2]

    def red(doubt):
        sheet = contact_sheet([Sample("1", np.eye(9, dtype=np.uint8) * 255, doubt=doubt)])
        return int((sheet == DOUBTED_FRAME).all(axis=2).sum())

    assert red("") == 0
    assert red("7") > 300


def test_letters_read_before_are_not_lost_with_a_photo_that_fails(place, tmp_path, capsys):
    words = place / "page-2.jpg", place / "broken.jpg", "-o", tmp_path / "hand", "--no-check"
    code, out, err = run(*words, capsys=capsys)
    assert code == 0  # something was learned
    assert "Wrote" in out
    assert err.startswith("broken.jpg: ")
    assert err.count("\n") == 1
    assert set(Hand.load(tmp_path / "hand")) & set("ABC0123")


def test_a_person_s_pictures_are_never_written_over(place, tmp_path, capsys):
    """The annotated picture of a line that does not fit goes where nothing of theirs is."""
    mine = tmp_path / "hand-photo-1.png"
    shutil.copy(place / "line.png", mine)
    before = mine.read_bytes()
    for _ in range(2):
        code, _, err = run(mine, "--says", "2739481", "-o", tmp_path / "hand", "--no-check", capsys=capsys)
        assert code == 2
        assert "hand-photo-1-2.png" in err
        assert mine.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hand-photo-1-2.png", "hand-photo-1.png"]


@pytest.mark.large
def test_another_text_than_the_picture_s_is_refused(tmp_path, capsys):
    """The pieces of ink fit in number; the shipped reader sees that the letters do not."""
    sample = Path(__file__).parents[2] / "examples" / "sample.jpg"
    code, out, err = run(sample, "--says", "hello you 123", "-o", tmp_path / "hand", capsys=capsys)
    assert (code, out) == (2, "")
    assert "does not seem to say 'hello you 123'" in err
    assert not (tmp_path / "hand").exists()
    assert run(sample, "--says", "quick fox 273", "-o", tmp_path / "hand", capsys=capsys)[0] == 0


def test_the_runs_of_another_form_are_refused(tmp_path, capsys):
    """All boxes are filled, and with as many digits."""
    other = str.maketrans("0123456789", "3846275190")
    rows = FIRST_TEMPLATE.strip().split("\n")
    form = Form("\n".join([rows[0], *(row.translate(other) for row in rows[1:6]), *rows[6:]]), scale=1.0)
    Image.fromarray(filled(form, photo.pen_letters(1), seed=1).picture).save(tmp_path / "form.png")
    code, out, err = run(tmp_path / "form.png", "--form", "nist-hsf", "-o", tmp_path / "hand", capsys=capsys)
    assert (code, out) == (2, "")
    assert "does not seem to say '0123456789" in err
    assert "--says-file" in err
    assert not (tmp_path / "hand").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["none.jpg"], "no picture"),
        (["broken.jpg"], "not a picture"),
        (["line.png"], "no sheet"),
        (["line.png", "--form", "nist-hsf"], "NIST's form"),
        (["line.png", "--form", "nist-hsf", "--says-file", "line.txt"], "30 fields"),
        (["line.png", "broken.jpg"], "line.png: There is no sheet"),
        (["line.png", "--says", "2739481"], "7 characters"),
        (["line.png", "line.png", "--says", "273"], "2 photos and 1 text"),
        (["line.png", "--says-file", "none.txt"], "none.txt"),
        (["line.png", "--says-file", "line.png"], "UTF-8"),
    ],
)
def test_what_cannot_be_read_is_told_and_leaves_no_hand(words, says, place, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(place)
    code, out, err = run(*words, "-o", tmp_path / "hand", "--no-check", capsys=capsys)
    assert (code, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1
    assert not (tmp_path / "hand").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["--grid", "3x1"],
        ["--order", "abc"],
        ["--grid", "three", "--order", "abc"],
        ["--says", "a", "--grid", "1x2"],
        ["--corners", "0,0", "9,0", "9,9", "0,9"],
        ["--grid", "3x1", "--order", "273", "--corners", "0,0", "9,0", "9,9"],
        ["--grid", "3x1", "--order", "273", "--corners", "0,0", "9,0", "9,9", "0;9"],
    ],
)
def test_options_that_do_not_go_together(words, place, tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        extract.main([str(place / "line.png"), "-o", str(tmp_path / "hand"), *words])
    assert ended.value.code == 2
    assert capsys.readouterr().out == ""


def test_the_index_of_a_hand_is_plain(place, tmp_path, capsys):
    run(place / "line.png", "--says", "273", "-o", tmp_path / "hand", "--no-check", capsys=capsys)
    index = json.loads((tmp_path / "hand" / "hand.json").read_text(encoding="utf-8"))
    assert {entry["character"] for entry in index["glyphs"]} == set("273")
    assert all(0.3 < entry["height"] < 4 for entry in index["glyphs"])

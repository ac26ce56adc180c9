"""`extract` reads joined writing, with its text and without."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.support.joined_words import joined_page
from tfhand import extract, write
from tfhand.core.pictures import read_picture
from tfhand.hands.hand import Hand

SAYS = "elle lele\nleel elle ele\n"


@pytest.fixture(scope="module")
def photo(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("letter")
    Image.fromarray(joined_page(SAYS, 0.02)[0]).save(folder / "letter.png")
    (folder / "letter.txt").write_text(SAYS, encoding="utf-8")
    return folder / "letter.png"


def run(*words, capsys) -> tuple[int, str, str]:
    code = extract.main([str(word) for word in words])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_words_and_letters_of_a_letter(photo: Path, tmp_path: Path, capsys):
    code, out, _ = run(photo, "--says-file", photo.with_suffix(".txt"), "-o", tmp_path / "hand", capsys=capsys)
    assert code == 0
    hand = Hand.load(tmp_path / "hand")
    assert [word.text for word in hand.words] == SAYS.split()
    assert "words:          elle lele leel elle ele (5 words)" in out
    sure = sum(sum(word.sure) for word in hand.words)
    assert len(hand.approved.samples) == sure >= len("".join(SAYS.split())) / 2
    assert ("left out:" in out) == (sure < len("".join(SAYS.split())))
    assert len(hand["l"]) > 0


def test_a_letter_that_the_reader_doubts_is_not_sure_in_its_word_either(
    photo: Path, tmp_path: Path, capsys, monkeypatch
):
    words = [photo, "--says-file", photo.with_suffix(".txt"), "-o"]
    assert run(*words, tmp_path / "sure", "--no-check", capsys=capsys)[0] == 0

    def doubts(samples, reader, joined):
        assert joined
        return ["k" if sample.character == "l" else "" for sample in samples]

    monkeypatch.setattr("tfhand.models.reader.misreads.flag_misreads", doubts)
    run(*words, tmp_path / "doubted", capsys=capsys)
    sure, doubted = (Hand.load(tmp_path / name) for name in ("sure", "doubted"))
    for before, word in zip(sure.words, doubted.words, strict=True):
        assert word.sure == tuple(one and letter != "l" for one, letter in zip(before.sure, word.text, strict=True))
    assert any(sample.doubt for sample in doubted.samples_of("l")) or not doubted.samples_of("l")


def test_a_line_of_joined_words_is_a_sample_to_write_from(tmp_path: Path, capsys):
    Image.fromarray(joined_page("elle lele leel", 0.0)[0]).save(tmp_path / "line.png")
    words = [
        "ellele",
        "--sample",
        str(tmp_path / "line.png"),
        "--says",
        "elle lele leel",
        "-o",
        str(tmp_path / "out.png"),
    ]
    assert write.main(words) == 0
    assert "from the samples: e l" in capsys.readouterr().out
    ink = read_picture(tmp_path / "out.png").min(axis=2) < 128
    assert cv2.connectedComponents(ink.astype(np.uint8))[0] == 2  # paper, and one stroke


def test_a_guess_is_doubtful_and_its_text_can_be_corrected(photo: Path, tmp_path: Path, capsys):
    code, out, _ = run(photo, "--guess", "-o", tmp_path / "hand", capsys=capsys)
    assert code == 0
    hand, text = Hand.load(tmp_path / "hand"), tmp_path / "hand-photo-1.txt"
    assert text.read_text(encoding="utf-8") in out
    assert len(text.read_text(encoding="utf-8").splitlines()) == 2
    assert all(sample.doubt == "?" for sample in hand.samples)
    assert not any(any(word.sure) for word in hand.words)
    text.write_text(SAYS, encoding="utf-8")
    assert run(photo, "--says-file", text, "-o", tmp_path / "right", capsys=capsys)[0] == 0
    assert [word.text for word in Hand.load(tmp_path / "right").words] == SAYS.split()


def test_a_guess_takes_no_file_of_a_person(photo: Path, tmp_path: Path, capsys):
    (tmp_path / "hand-photo-1.txt").write_text("my notes", encoding="utf-8")
    assert run(photo, "--guess", "-o", tmp_path / "hand", capsys=capsys)[0] == 0
    assert (tmp_path / "hand-photo-1.txt").read_text(encoding="utf-8") == "my notes"
    assert (tmp_path / "hand-photo-1-2.txt").is_file()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--says", "elle", "--aligner", "reader62"], "is no aligner"),
        (["--guess", "--form", "nist-hsf"], "--form goes with"),
        (["--guess", "--says", "elle"], "not allowed"),
    ],
)
def test_wrong_flags(words, says, photo: Path, tmp_path: Path, capsys):
    try:
        code, _, err = run(photo, *words, "-o", tmp_path / "hand", capsys=capsys)
    except SystemExit as end:
        code, err = end.code, capsys.readouterr().err
    assert code == 2
    assert says in err

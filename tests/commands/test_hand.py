"""`python -m tfhand.hand` from the command line: a person looks at a Hand and mends it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.hands.test_hand import letter
from tests.support.joined_words import joined_word
from tfhand.hand import main
from tfhand.hands.hand import GENERATED, WRITTEN, Hand, Sample


@pytest.fixture
def folder(here: Path) -> Path:
    doubtful, made = Sample("g", letter(4), doubt="y"), Sample("g", letter(3), GENERATED, seed=3)
    words = [joined_word("lele"), joined_word("el", sure=(True, False))]
    Hand({"a": [letter(0), letter(1)]}, [doubtful, made], words).save("mine")
    Image.fromarray(255 - np.pad(letter(5), 60)).save("photo.png")
    Image.new("L", (40, 40), 255).save("blank.png")
    (here / "bare").mkdir()
    Image.fromarray(letter(0)).save("bare/a.png")
    return here / "mine"


def test_show(folder: Path, capsys: pytest.CaptureFixture):
    assert main(["show", "mine", "-o", "look.png"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[:5] == [
        "a  a.png  a_2.png",
        "g  g.png (like y)  g_2.png (generated)",
        "lele  words/lele_1.png",
        "el  words/el_1.png (not sure: l)",
        "mine holds 4 glyphs of 2 characters, 1 generated, 1 to look at, 2 words.",
    ]
    assert said[5].startswith("missing: 0 1 2")
    assert np.array_equal(np.asarray(Image.open("look.png")), Hand.load("mine").contact_sheet())


def test_drop(folder: Path, capsys: pytest.CaptureFixture):
    assert main(["drop", "mine", "a.png", "mine/words/lele_1.png"]) == 0  # as a shell completes it
    assert capsys.readouterr().out == "mine holds 3 glyphs of 2 characters, 1 generated, 1 to look at, 1 word now.\n"
    assert sorted(path.name for path in folder.rglob("*.png")) == ["a_2.png", "el_1.png", "g.png", "g_2.png"]


def test_relabel(folder: Path):
    assert main(["relabel", "mine/", "g.png", "y"]) == 0
    assert main(["relabel", "./mine", "words/el_1.png", "le"]) == 0
    hand = Hand.load(folder)
    assert (hand.samples_of("y")[0].doubt, hand.words[1].text) == ("", "le")
    assert {one.file for one in (*hand.samples, *hand.words)} >= {"y.png", "words/le_1.png"}


def test_replace(folder: Path):
    assert main(["replace", "mine", "g_2.png", "photo.png", "--box", "60", "60", "70", "90"]) == 0
    new = Hand.load(folder).named("g_2.png")
    assert new == Sample("g", letter(5))
    assert new.source == WRITTEN
    assert main(["replace", "mine", "a.png", "photo.png"]) == 0
    assert Hand.load(folder).named("a.png") == Sample("a", letter(5))


def test_approve(folder: Path):
    assert main(["approve", "mine", "g.png"]) == 0
    hand = Hand.load(folder)
    assert (hand.approved == hand, hand.words[1].sure) == (True, (True, False))
    assert main(["approve", "mine", "--all"]) == 0
    assert Hand.load(folder).words[1].sure == (True, True)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("show none", "There is no Hand's folder at none"),
        ("show mine -o look.pdf", "The picture is saved as .png"),
        ("show mine -o mine", "The picture is saved as .png"),
        ("drop mine b.png", "The Hand has no 'b.png'"),
        ("drop mine a.png b.png", "The Hand has no 'b.png'"),
        ("drop mine a.png a.png", "The Hand has no 'a.png'"),
        ("drop mine ../photo.png", "The Hand has no '../photo.png'"),
        ("drop mine a.png a_2.png g.png g_2.png words/lele_1.png words/el_1.png", "Nothing would be left"),
        ("drop bare a.png", "rename or delete"),
        ("drop mine", "required: FILE"),
        ("relabel mine a.png ab", "go by single characters"),
        ("relabel mine words/el_1.png elle", "cut into 2 letters"),
        ("replace mine a.png none.png", "There is no picture at none.png"),
        ("replace mine a.png blank.png", "without ink"),
        ("replace mine a.png photo.png --box 0 0 40 40", "without ink"),
        ("replace mine a.png photo.png --box 0 0 1000 40", "does not lie in photo.png, which has 190 x 210 pixels"),
        ("replace mine a.png photo.png --box 60 60 0 40", "--box does not lie"),
        ("replace mine a.png photo.png --box 60 60 40", "expected 4 arguments"),
        ("replace mine a.png photo.png --box -1 0 40 40", "--box"),
        ("replace mine words/el_1.png photo.png", "is a word"),
        ("approve mine", "one of the arguments FILE --all is required"),
        ("approve mine a.png --all", "not allowed"),
        ("approve mine b.png", "The Hand has no 'b.png'"),
        ("", "required: ACTION"),
    ],
)
def test_wrong_words_change_nothing(words: str, complaint: str, folder: Path, listing, capsys: pytest.CaptureFixture):
    before, hand = listing(), Hand.load(folder)
    try:
        code = main(words.split())
    except SystemExit as stopped:  # of argparse
        code = stopped.code
    assert code == 2
    said = capsys.readouterr()
    assert complaint in said.err
    assert said.out == ""
    assert listing() == before
    assert Hand.load(folder) == hand


def test_as_a_program_without_tensorflow(folder: Path):
    program = [sys.executable, "-X", "importtime", "-m", "tfhand.hand"]
    done = subprocess.run([*program, "drop", "mine", "a.png"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0
    assert "holds 3 glyphs" in done.stdout
    assert "tensorflow" not in done.stderr
    wrong = subprocess.run([*program[:1], *program[3:], "drop", "mine", "a.png"], capture_output=True, text=True)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr == "The Hand has no 'a.png'; `tfhand hand show` tells the files that it has.\n"


def test_programs_at_once_lose_nothing(folder: Path):
    files = [("drop", "a.png"), ("relabel", "a_2.png", "b"), ("approve", "g.png"), ("drop", "words/lele_1.png")]
    program = [sys.executable, "-m", "tfhand.hand"]
    running = [subprocess.Popen([*program, action, "mine", *rest], stdout=subprocess.PIPE) for action, *rest in files]
    assert [one.communicate() and one.returncode for one in running] == [0] * len(files)
    hand = Hand.load(folder)
    assert {one.file for one in (*hand.samples, *hand.words)} == {"b.png", "g.png", "g_2.png", "words/el_1.png"}
    assert [one.doubt for one in hand.samples] == ["", "", ""]

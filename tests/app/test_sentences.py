from __future__ import annotations

import ast
import itertools
import re
from pathlib import Path

import numpy as np
import pytest

from tfhand.app import catalogue, sentences
from tfhand.app.sentences import translated
from tfhand.app.session import Session
from tfhand.core.pictures import read_picture
from tfhand.core.wording import counted
from tfhand.errors import HandwritingError
from tfhand.scan import find_line, find_lines, find_sheet

ROOT = Path(sentences.__file__).parents[1]
OTHERS = catalogue.LANGUAGES[1:]
ROOMS = [
    "core/pictures.py", "core/files.py", "scan/image", "scan/line", "scan/running", "scan/sheet/layout.py",
    "scan/sheet/qr_code.py", "scan/sheet/rectify.py", "cli/text_photos.py", "models/reader/misreads.py",
    "app/archive.py", "hands/glyph.py", "hands/sample.py", "hands/word_sample.py", "synthesis/known_hands.py",
    "synthesis/synthesizer.py", "typeset/text.py", "typeset/pagination.py", "typeface/tables.py",
    "evaluation/leave_out.py", "evaluation/next_characters.py",
]  # fmt: skip
"""Where errors are raised that a person on the page can meet."""
ELSEWHERE = {
    # what only a caller in Python or a flag of a command can bring about
    "{} has no ending of a picture; end it in .png.",
    "{} is read and would be written over; choose another name for the output.",
    "{} saved as {}; {} ends otherwise.",
    "{} is larger than {} MB, too large for a text.",
    "Cannot read {}: it is not UTF-8.",
    "A photo is a uint8 array [height, width] or [height, width, 3], not {} {}.",
    "Nothing on the picture could be read as writing; give its text with --says-file.",
    "A page of a sheet cannot ask for {} characters {} times on {}; it holds up to {} single characters on {}.",
    "There is no character to ask for on the sheet.",
    "Cannot ask for {} on a sheet: it is not a character that is written by itself.",
    "This preset knows characters and no hands; leave the Hand out, or choose another preset.",
    "An x-height is 1 to {} pixels, not {}.",
    "The text needs {} glyphs and was given {}.",
    "The word {} was given where the text says {}.",
    "A glyph was given that stands for letters of two words.",
    "A glyph is a uint8 picture, not {} of shape {}.",
    # a hand.json that somebody has changed; told within the sentence about the .zip
    "The source of a glyph is {} or {}, not {}.",
    "The doubt about {} is one other character, or empty.",
    "Baseline and height of {} are numbers of x-heights, {} to {} and {} to {}, or None if unknown.",
    "The seed of {} is a whole number, and of a generated glyph only.",
    "The ink of {} is a uint8 array [h, w] that is not all black.",
    "A word has at most {} letters, and {}... has {}.",
    "Baseline, x-height, slant and cuts of {} are numbers.",
    "{} has {} letters: it needs {} cuts, and `sure` {} answers.",
    "The cuts of {} must run from left to right.",
    "The baseline or x-height of {} does not belong to its picture.",
    "The slant of {} is {} to {}.",
}


def skeleton(text: str) -> str:
    """A sentence with empty braces where values stand."""
    return re.sub(r"\{\w*\}", "{}", text)


def plain(node: ast.expr | None) -> str | None:
    """The skeleton of a string in the code; None for what is none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def modules() -> list[Path]:
    return [file for room in ROOMS for file in (sorted((ROOT / room).rglob("*.py")) or [ROOT / room])]


def raised() -> set[str]:
    """The skeletons of all sentences of errors in the rooms."""
    calls = itertools.chain.from_iterable(ast.walk(ast.parse(file.read_text(encoding="utf-8"))) for file in modules())
    errors = [one for one in calls if isinstance(one, ast.Call) and str(getattr(one.func, "id", "")).endswith("Error")]
    return {found for one in errors if one.args and (found := plain(one.args[0]))}


def strings() -> set[str]:
    """The skeletons of all strings of the code that errors may be made of."""
    others = [ROOT / "hands" / "hand.py", ROOT / "hands" / "io.py"]
    nodes = [ast.walk(ast.parse(file.read_text(encoding="utf-8"))) for file in [*modules(), *others]]
    return {found for node in itertools.chain(*nodes) if (found := plain(node))}


def test_every_error_that_a_person_can_meet_is_there():
    known = {skeleton(one) for one in sentences.sentences("de")}
    assert sorted(raised() - known - ELSEWHERE - {"{}"}) == []


def test_no_sentence_is_there_that_nobody_says():
    made = {counted(count, noun) for count in (1, 2) for noun in ("separate piece", "character")}
    said = strings() | {one.replace("2", "{}") for one in made}
    assert sorted({skeleton(one) for one in sentences.sentences("de")} - said) == []
    assert sorted(ELSEWHERE - raised()) == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_every_sentence(language):
    own, first = sentences.sentences(language), sentences.sentences(OTHERS[0])
    assert list(own) == list(first)
    assert set(sentences.sentences("en")) < set(own)
    for english, said in own.items():
        assert said.strip()
        assert fields(said) <= fields(english), english
        assert "--" not in said
        assert not english.endswith(".") or said != english


def fields(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def test_english_names_no_flag_on_the_page():
    for english in sentences.sentences("de"):
        assert "--" not in sentences.sentences("en").get(english, english), english


def test_there_is_no_other_language_on_disk():
    assert {path.stem for path in sentences.FOLDER.iterdir()} == set(catalogue.LANGUAGES)


def refusal(read, *arguments) -> str:
    with pytest.raises(HandwritingError) as error:
        read(*arguments)
    return str(error.value)


@pytest.fixture
def dots() -> np.ndarray:
    """A photo with nine separate pieces of ink in a line."""
    paper = np.full((200, 900, 3), 235, np.uint8)
    for place in range(9):
        paper[90:120, 60 + 90 * place : 100 + 90 * place] = 30
    return paper


def test_values_stand_in_the_sentence(tmp_path):
    (tmp_path / "beach.jpg").write_bytes(b"no picture")
    session = Session("de")
    place = session.folder / "received-1" / "beach.jpg"
    place.parent.mkdir()
    place.write_bytes(b"no picture")
    with pytest.raises(HandwritingError) as error:
        read_picture(place)
    assert session.sentence(error.value) == (
        "beach.jpg ist kein Bild, das gelesen werden kann; schicken Sie ein JPEG, PNG, HEIC oder PDF."
    )
    session.close()


def test_a_sentence_within_another_is_translated(dots):
    said = translated("de", refusal(lambda: _read(find_line(dots, "the quick brown fox"))))
    assert said.startswith("Der Text hat 16 Zeichen, und das Bild zeigt 9 einzelne Stücke Tinte")
    assert "ink" not in said
    lines = translated("es", refusal(lambda: _read(find_lines(dots, "the quick\nbrown fox"))))
    assert re.match(r"Línea \d de 2, '.*': El texto tiene \d caracteres", lines)


def _read(reading) -> None:
    raise HandwritingError(reading.doubt)


def test_a_picture_without_a_sheet_is_told_without_flags(dots):
    english = refusal(find_sheet, dots)
    assert "--grid" in english
    assert translated("en", english).endswith("choose so above.")
    assert translated("fr", english).startswith("On ne voit pas de feuille")


def test_what_has_no_translation_stays_english():
    assert translated("de", "Nobody has said this: ever.") == "Nobody has said this: ever."

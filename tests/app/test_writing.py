from __future__ import annotations

from dataclasses import replace

import pytest
from fontTools.ttLib import TTFont
from pypdfium2 import PdfDocument

from tfhand.app import writing
from tfhand.app.session import Session
from tfhand.app.work import Cancelled
from tfhand.app.writing import PDF, PNG, STROKES, SVG, Settings
from tfhand.core.files import MILLIMETRES
from tfhand.errors import HandwritingError, TextError


@pytest.fixture
def writer(session, hand_of):
    session.change(hand_of("aehlo7"))
    return session


def test_nothing_is_written_without_consent(hand_of, pen):
    session = Session()
    session.change(hand_of("abc"))
    with pytest.raises(HandwritingError, match="whose"):
        writing.write(session, Settings("abc"), pen)
    session.close()


def test_what_is_shown_and_what_is_saved_is_the_same_text(writer, pen):
    settings = Settings("hello x7", page="A5", paper="ruled", ink="blue", slant=5)
    shown, saved = writing.write(writer, settings, pen, 100), writing.write(writer, settings, pen)
    assert [one.character for one in shown.page.glyphs] == [one.character for one in saved.page.glyphs]
    assert shown.page.width == pytest.approx(saved.page.width / 3, abs=1)
    assert shown.generated == "x"
    sides = saved.page.width, saved.page.height
    assert tuple(round(side / saved.page.dpi * MILLIMETRES) for side in sides) == (148, 210)


@pytest.mark.parametrize(("kind", "names"), [(PNG, ["Anna-Müller.png"]), (SVG, ["Anna-Müller.svg"])])
def test_files_are_named_after_the_person(writer, models, kind, names):
    assert [path.name for path in writing.save(writer, Settings("hello"), kind, models)] == names


def test_a_long_text_is_one_pdf_of_several_pages(writer, models):
    (path,) = writing.save(writer, Settings("hello\n" * 60, page="A5"), PDF, models)
    with PdfDocument(path) as document:
        assert len(document) > 1
        assert document.get_metadata_value("Creator").startswith("tfhand")


def test_pen_lines(writer, models):
    (path,) = writing.save(writer, Settings("7"), STROKES, models)
    assert 'fill="none"' in path.read_text()


@pytest.mark.large
def test_the_font_holds_all_letters_and_says_what_it_is(writer, models):
    told: list[tuple[float, str]] = []
    path = writing.save_font(writer, "ttf", Settings(), models, lambda share, what: told.append((share, what)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert len(shares) > 4
    assert len({what for _, what in told}) == 3
    font = TTFont(path)
    assert {ord(c) for c in models.pen.learned} <= set(font.getBestCmap())
    assert "never for signatures" in " ".join(str(name) for name in font["name"].names)
    assert font["name"].getDebugName(1) == "Anna Müller"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"text": "  "}, "empty"),
        ({"text": "x" * 20_001}, "20001 characters"),
        ({"page": "/etc/passwd"}, "settings"),
        ({"ink": "url(http://x)"}, "settings"),
        ({"paper": "wet"}, "settings"),
        ({"joined": "maybe"}, "settings"),
        ({"size": 0}, "settings"),
        ({"slant": float("nan")}, "settings"),
        ({"seed": -1}, "settings"),
    ],
)
def test_what_cannot_be_written_is_told(writer, pen, change, says):
    with pytest.raises(HandwritingError, match=says):
        writing.write(writer, replace(Settings("hello"), **change), pen)


def test_a_font_of_settings_that_are_none_is_told(writer, models):
    with pytest.raises(HandwritingError, match="settings"):
        writing.save_font(writer, "ttf", Settings(seed=-1), models, lambda share, what: None)


def test_a_text_of_signs_that_nobody_knows_is_told(writer, pen):
    with pytest.raises(TextError, match="Cannot write"):
        writing.write(writer, Settings("漢字"), pen)


def test_only_the_end_of_a_long_text_is_drawn_while_typing():
    assert writing.live_text("short") == "short"
    long = "\n".join(f"line {number}" for number in range(500))
    assert writing.live_text(long).endswith("line 499")
    assert len(writing.live_text(long)) <= writing.LIVE
    assert writing.live_text("word " * 500).startswith("word")


@pytest.mark.large
def test_a_font_that_is_stopped_is_not_made(writer, models):
    def stop(share, what):
        if share > writing.DRAWN:
            raise Cancelled("Enough.")

    with pytest.raises(Cancelled):
        writing.save_font(writer, "ttf", Settings(), models, stop)
    assert not writer.file(".ttf").exists()

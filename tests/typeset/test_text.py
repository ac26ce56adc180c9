"""Typesetting: glyphs on the line at their height, gaps, words, lines, and pages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from tests.support.ink_shapes import bar, disc
from tfhand.errors import HandwritingError, TextError
from tfhand.hands.sample import Sample
from tfhand.typeset import Change, Layout, typeset, visible_characters
from tfhand.vector.distance_field import nib_width

CALM = Layout(jitter=0)


def rows_of(glyph) -> tuple[int, int]:
    """First and last row of a glyph's ink on the page."""
    rows = np.flatnonzero((glyph.ink > 127).any(axis=1))
    return glyph.top + rows[0], glyph.top + rows[-1] + 1


def sides_of(glyph) -> tuple[int, int]:
    columns = np.flatnonzero((glyph.ink > 127).any(axis=0))
    return glyph.left + columns[0], glyph.left + columns[-1] + 1


def set_text(text: str, layout: Layout = CALM, seed: int = 0, glyph: np.ndarray | None = None):
    glyph = disc(32, 3) if glyph is None else glyph
    return typeset(text, [glyph] * len(visible_characters(text)), layout, seed)


def test_letters_stand_on_the_line_at_their_height():
    (x_top, x_base), (h_top, h_base), (g_top, g_base) = (rows_of(glyph) for glyph in set_text("nhg").glyphs)
    unit = CALM.x_height
    assert x_base - x_top == pytest.approx(unit, abs=3)
    assert h_base == pytest.approx(x_base, abs=2)
    assert h_base - h_top > 1.5 * unit
    assert g_base - x_base > 0.7 * unit
    assert g_top == pytest.approx(x_top, abs=0.15 * unit)


def test_a_known_place_is_kept():
    sample = Sample("n", disc(120, 8), baseline=0.5, height=2.0)
    (low_top, low), (high_top, high) = (rows_of(glyph) for glyph in typeset("nn", [disc(32, 3), sample], CALM).glyphs)
    assert low - high == pytest.approx(0.5 * CALM.x_height, abs=3)
    assert high - high_top == pytest.approx(2.0 * CALM.x_height, abs=4)
    assert low - low_top < high - high_top


def test_one_nib_for_the_line():
    def spread(layout: Layout) -> float:
        nibs = [nib_width(glyph.ink / 255 * 4 - 2) for glyph in set_text("nhnh", layout).glyphs]
        return max(nibs) / min(nibs)

    assert spread(replace(CALM, change=Change(even_nib=0))) > 1.4
    assert spread(CALM) < 1.25


def test_a_fine_line_does_not_break():
    waisted = bar(nib=5)
    waisted[12:20, [16, 20]] = 0
    for weight in (0.5, 0.7):
        page = typeset("l", [waisted], replace(CALM, change=Change(weight=weight)))
        assert ndimage.label(page.image() < 128)[1] == 1


def test_a_speck_is_no_ink():
    specked = disc(32, 3)
    specked[0:2, 0:2] = 255
    dirty, clean = (typeset("n", [image], CALM).image() for image in (specked, disc(32, 3)))
    assert np.array_equal(dirty, clean)


def test_gaps_follow_the_contours_and_not_the_boxes():
    def gap(left: np.ndarray, right: np.ndarray) -> int:
        first, second = typeset("nn", [left, right], CALM).glyphs
        return sides_of(second)[0] - sides_of(first)[1]

    square = np.zeros((32, 32), np.uint8)
    square[3:29, 3:6] = square[3:29, 26:29] = square[3:6, 3:29] = square[26:29, 3:29] = 255
    assert gap(square, square) > gap(disc(32, 3), disc(32, 3)) > 0  # rounds come closer than stems
    hooked = np.zeros((32, 32), np.uint8)  # an r-like shape, open to the right
    hooked[3:29, 3:6] = hooked[3:6, 3:29] = 255
    assert gap(hooked, square) < gap(square, square)


def test_letters_never_touch():
    for seed in range(3):
        page = set_text("noonhgj", Layout(), seed)
        assert ndimage.label(page.image() < 128)[1] == len(page.glyphs)


def test_spaces_and_gaps():
    near = sides_of(set_text("nn").glyphs[1])[0]
    spaced = sides_of(set_text("n n").glyphs[1])[0]
    twice = sides_of(set_text("n  n").glyphs[1])[0]
    assert spaced - near == pytest.approx(CALM.word_gap * CALM.x_height, abs=2)
    assert twice - spaced == pytest.approx(CALM.word_gap * CALM.x_height, abs=2)
    with_gap = typeset("nxn", [disc(32, 3), None, disc(32, 3)], CALM)
    assert len(with_gap.glyphs) == 2
    assert sides_of(with_gap.glyphs[1])[0] - near > 0.9 * CALM.x_height


def test_a_comma_does_not_slip_under_a_letter():
    armed = np.zeros((32, 32), np.uint8)  # an r-like shape, open to the right
    armed[3:29, 3:6] = armed[3:6, 3:29] = 255
    comma = Sample(",", bar(), baseline=-0.3, height=0.5)
    letter, sign = typeset("r,", [armed, comma], CALM).glyphs
    assert sides_of(sign)[0] >= sides_of(letter)[1]


def test_accents_are_one_with_their_letter_and_joiners_are_nothing():
    assert visible_characters("e\u0301 so\u00adft\u200b") == "ésoft"
    assert [glyph.character for glyph in set_text("e\u0301\u00adn").glyphs] == ["é", "n"]


def test_a_word_does_not_slip_over_a_full_stop():
    stop, after = set_text(". T").glyphs
    assert sides_of(after)[0] - sides_of(stop)[1] > 0.9 * CALM.word_gap * CALM.x_height


def lines_of(page) -> list[str]:
    lines: dict[int, str] = {}
    for glyph in page.glyphs:
        line = round(rows_of(glyph)[1] / (CALM.line_pitch * CALM.x_height))
        lines[line] = lines.get(line, "") + glyph.character
    return [lines.get(line, "") for line in range(min(lines), max(lines) + 1)]


def test_lines_wrap_between_words():
    page = set_text("none nor one more", replace(CALM, width=600))
    assert page.width == 600
    assert lines_of(page) == ["nonenor", "onemore"]
    for glyph in page.glyphs:
        assert sides_of(glyph)[1] <= 600 - 0.9 * CALM.margin * CALM.x_height


def test_line_breaks_and_blank_lines_stay():
    assert lines_of(set_text("no\nne\r\n\r\nor\n")) == ["no", "ne", "", "or"]


def order_of(page) -> str:
    return "".join(glyph.character for glyph in sorted(page.glyphs, key=lambda glyph: sides_of(glyph)[0]))


def test_hebrew_runs_from_right_to_left():
    assert order_of(set_text("אבג דה")) == "הדגבא"
    assert order_of(set_text("n אבג, 12 o")) == "n12,גבאo"
    assert order_of(set_text("n אבג, 12 o", Layout())) == "n12,גבאo"


def test_lines_from_the_right_end_at_the_right():
    page = set_text("אב גד הו זח\nט\nno", replace(CALM, width=560))
    assert lines_of(page) == ["אבגד", "הוזח", "ט", "no"]  # in the order of the text
    ends = [sides_of(glyph)[1] for glyph in page.glyphs if glyph.character in "אהט"]
    assert ends == pytest.approx([560 - CALM.margin * CALM.x_height] * 3, abs=6)
    starts = [sides_of(glyph)[0] for glyph in page.glyphs if glyph.character == "n"]
    assert starts == pytest.approx([CALM.margin * CALM.x_height], abs=6)
    alone = set_text("אבג דה\nא", CALM)  # as wide as the text
    assert sides_of(alone.glyphs[-1])[1] == pytest.approx(sides_of(alone.glyphs[0])[1], abs=2)


def test_spaces_among_hebrew_keep_their_width():
    near, spaced, twice = (
        sides_of(page.glyphs[0])[0] - sides_of(page.glyphs[1])[1] for page in map(set_text, ("אב", "א ב", "א  ב"))
    )
    assert spaced - near == pytest.approx(CALM.word_gap * CALM.x_height, abs=2)
    assert twice - spaced == pytest.approx(CALM.word_gap * CALM.x_height, abs=2)


def test_brackets_among_hebrew_are_mirrored():
    half = disc(32, 3)
    half[:, 16:] = 0  # as an opening bracket
    page = typeset("א(ב)", [bar(), half, bar(), half], CALM)
    assert order_of(page) == ")ב(א"
    _, opening, _, _ = page.glyphs
    thick = (opening.ink > 127).sum(axis=0)
    assert thick[-(len(thick) // 3) :].sum() > thick[: len(thick) // 3].sum()  # its back is at the right


def test_a_long_word_is_broken_and_a_narrow_page_refused():
    assert lines_of(set_text("nnnnnnnn", replace(CALM, width=400))) == ["nnnn", "nnnn"]
    with pytest.raises(TextError, match="too narrow"):
        set_text("nn", replace(CALM, width=150))


def test_margins_are_paper():
    image = set_text("Hg\ngH", Layout()).image()
    margin = round(0.8 * Layout.margin * Layout.x_height)
    for edge in (image[:margin], image[-margin:], image[:, :margin], image[:, -margin:]):
        assert edge.min() == 255
    assert image.min() == 0


def test_the_seed_decides():
    same, again, other = (set_text("none more", Layout(), seed).image() for seed in (1, 1, 2))
    assert np.array_equal(same, again)
    assert same.shape != other.shape or not np.array_equal(same, other)


def test_what_cannot_be_set():
    for text in ("", "  \n\t"):
        with pytest.raises(TextError, match="empty"):
            typeset(text, [])
    with pytest.raises(TextError, match="needs 2 glyphs and was given 1"):
        typeset("ab", [bar()])
    with pytest.raises(TextError, match="'b' holds no ink"):
        typeset("ab", [bar(), np.zeros((32, 32), np.uint8)])
    with pytest.raises(TextError, match="in parts"):
        set_text("n\n" * 3 + "n", replace(CALM, width=500_000))


def test_a_text_of_gaps_alone_is_white_paper():
    page = typeset("ab", [None, None], CALM)
    assert page.glyphs == ()
    assert page.image().min() == 255


def test_saving(tmp_path: Path):
    page = set_text("no", Layout())
    page.save(tmp_path / "new" / "line.PNG")
    with Image.open(tmp_path / "new" / "line.PNG") as picture:
        assert np.array_equal(np.asarray(picture), page.image())
        assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        assert picture.info["Comment"] == "written by tfhand"
    for name in ("line.jpg", "line"):
        with pytest.raises(HandwritingError, match=r"saved as \.png, \.svg or \.pdf"):
            page.save(tmp_path / name)
    (tmp_path / "file").write_text("")
    with pytest.raises(HandwritingError, match="Cannot write"):
        page.save(tmp_path / "file" / "line.png")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "new"]

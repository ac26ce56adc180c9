"""A font from letters: valid tables, shaping by other software, alternates that take turns, even spacing."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import ots
import pytest
import uharfbuzz
from fontTools.ttLib import TTFont
from PIL import Image, ImageFont
from scipy import ndimage

from tests.support.font_pictures import glyph_pictures
from tests.support.ink_shapes import disc
from tfhand import typeface
from tfhand.data import synthetic
from tfhand.errors import HandError, HandwritingError
from tfhand.hands.sample import GENERATED, Sample
from tfhand.typeface.alternates import X_HEIGHT, alternates_of
from tfhand.typeface.spacing import LEAST, bearings_and_kerning, without_accents
from tfhand.typeset import Layout

CHARACTERS = "27ATVaeghijlnortx"
COUNT = 3


@pytest.fixture(scope="module")
def letters() -> dict[str, list[Sample]]:
    """One person's letters, each written three times; the digits count as generated, the 7 as composed."""
    own = synthetic.archive(1, COUNT, seed=40, characters=CHARACTERS)
    images = own.render(range(COUNT * len(CHARACTERS)), 64, 4.0)
    source = {character: {"source": GENERATED} if character.isdigit() else {} for character in CHARACTERS}
    return {
        c: [Sample(c, image, **source[c]) for image in images[COUNT * place : COUNT * (place + 1)]]
        for place, c in enumerate(CHARACTERS)
    }


@pytest.fixture(scope="module")
def font(letters) -> TTFont:
    return typeface.build(letters, "Test Hand", seed=1, composed="7")


@pytest.fixture(scope="module")
def path(font, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("fonts") / "TestHand.ttf"
    typeface.save(font, path)
    return path


def shaper_of(font: TTFont):
    """A function that sets a text by HarfBuzz and returns the names of its glyphs and their advances."""
    file = io.BytesIO()
    font.save(file)
    shaper = uharfbuzz.Font(uharfbuzz.Face(file.getvalue()))

    def shaped(text: str, **features: bool) -> tuple[list[str], list[int]]:
        buffer = uharfbuzz.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        uharfbuzz.shape(shaper, buffer, features)
        names = [shaper.glyph_to_string(info.codepoint) for info in buffer.glyph_infos]
        return names, [place.x_advance for place in buffer.glyph_positions]

    return shaped


@pytest.fixture(scope="module")
def shaped(font):
    return shaper_of(font)


def contours(font: TTFont, name: str) -> list[np.ndarray]:
    glyph = font["glyf"][name]
    points, ends, _ = glyph.getCoordinates(font["glyf"])
    return np.split(np.array(points), np.array(ends)[:-1] + 1)


def area(points: np.ndarray) -> float:
    x, y = points.T
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) / 2)


class TestTables:
    def test_the_sanitizer_of_browsers_takes_it(self, path, font, tmp_path):
        typeface.save(font, tmp_path / "hand.woff2")
        for file in (path, tmp_path / "hand.woff2"):
            result = ots.sanitize(str(file), str(tmp_path / "clean"), capture_output=True, text=True)
            assert result.returncode == 0, result.stderr
            assert "WARNING" not in result.stdout + result.stderr

    def test_every_character_is_there(self, path):
        best = TTFont(path).getBestCmap()
        assert {chr(code) for code in best} == {*CHARACTERS, " ", "\u00a0"}
        assert best[0x20] == best[0xA0] == "space"
        assert best[ord("2")] == "two"

    def test_alternates_are_glyphs(self, font):
        names = font.getGlyphOrder()
        assert len(names) == 2 + COUNT * len(CHARACTERS)
        assert names[:2] == [".notdef", "space"]
        assert {"a", "a.alt1", "a.alt2", "two.alt2"} <= set(names)
        shapes = [font["glyf"][name] for name in ("a", "a.alt1", "a.alt2")]
        assert len({tuple(shape.coordinates) for shape in shapes}) == COUNT

    def test_letters_stand_on_the_line_at_their_height(self, font):
        bounds = {c: font["glyf"][font.getBestCmap()[ord(c)]] for c in CHARACTERS}
        for character in "aenrx":
            assert bounds[character].yMax == pytest.approx(X_HEIGHT, rel=0.2)
            assert bounds[character].yMin == pytest.approx(0, abs=40)
        for character in "AThl":
            assert bounds[character].yMax > 1.4 * X_HEIGHT
        for character in "gj":
            assert bounds[character].yMin < -0.5 * X_HEIGHT

    def test_outlines_run_clockwise_around_ink_and_no_points_coincide(self, font):
        for name in font.getGlyphOrder()[2:]:
            rings = contours(font, name)
            assert area(max(rings, key=lambda ring: abs(area(ring)))) < 0
            for ring in rings:
                assert (np.abs(ring - np.roll(ring, 1, axis=0)).sum(axis=1) > 0).all()
        assert sorted(np.sign(area(ring)) for ring in contours(font, "o")) == [-1, 1]

    def test_few_points(self, font):
        counts = [sum(map(len, contours(font, name))) for name in font.getGlyphOrder()[2:]]
        assert np.mean(counts) < 80

    def test_measures_agree(self, font):
        glyphs, hhea, os2 = font["glyf"], font["hhea"], font["OS/2"]
        assert (hhea.ascent, -hhea.descent, hhea.lineGap) == (os2.usWinAscent, os2.usWinDescent, 0)
        assert (os2.sTypoAscender, os2.sTypoDescender, os2.sTypoLineGap) == (hhea.ascent, hhea.descent, 0)
        assert os2.fsSelection == 0b1100_0000
        for name in font.getGlyphOrder():
            advance, bearing = font["hmtx"][name]
            assert advance > 0
            if name != "space":
                assert bearing == glyphs[name].xMin
                assert hhea.descent <= glyphs[name].yMin < glyphs[name].yMax <= hhea.ascent

    def test_names_say_whose_it_is(self, font):
        name = {record.nameID: str(record) for record in font["name"].names}
        assert (name[1], name[2], name[4], name[6]) == ("Test Hand", "Regular", "Test Hand", "TestHand-Regular")
        assert "tfhand" in name[5]
        assert "15 characters written by the person" in name[10]
        assert "1 generated in the same hand: 2;" in name[10]
        assert "1 composed of letters and strokes: 7;" in name[10]
        assert "never for signatures" in name[13]

    def test_no_stroke_drops_out(self, font):
        assert font["gasp"].gaspRange == {0xFFFF: 15}
        assert font["prep"].program.getBytecode() == bytes.fromhex("b801ff85b0048d")


def test_the_same_letters_give_the_same_bytes(letters, font):
    def data(font: TTFont) -> bytes:
        file = io.BytesIO()
        font.save(file)
        return file.getvalue()

    few = {character: letters[character] for character in "ae"}
    same, again, other = (data(typeface.build(few, "x", seed)) for seed in (1, 1, 2))
    assert same == again != other


def test_a_letter_looks_as_it_was_written(letters, tmp_path):
    """Drawn by FreeType and compared with the sample; a font of one letter, so that no other nib changes it."""
    path = tmp_path / "e.ttf"
    typeface.save(typeface.build({"e": letters["e"]}, "E"), path)
    mask = ImageFont.truetype(path, 150).getmask("e")
    shown = Image.fromarray(np.uint8(mask).reshape(mask.size[::-1]))
    shown, ink = (
        picture.crop(picture.point(lambda grey: 255 * (grey > 127)).getbbox())
        for picture in (shown, Image.fromarray(letters["e"][0].ink))
    )
    shown, ink = np.asarray(shown) > 127, np.asarray(ink.resize(shown.size)) > 127
    assert (shown & ink).sum() > 0.9 * (shown | ink).sum()


def test_a_thin_dot_is_not_lost():
    """One faint pixel over the stem is a dot as broad as the line; anywhere else it is dirt."""
    thin = np.zeros((32, 16), np.uint8)
    thin[10:29, 7:9] = 255
    thin[7, 7] = thin[26, 3] = 110
    letters = {"i": [Sample("i", thin)] * 2, "l": [Sample("l", thin)], "n": [Sample("n", disc(32, 3))]}
    parts = {name: ndimage.label(one > 127) for name, one in glyph_pictures(typeface.build(letters, "Thin")).items()}
    assert {name: count for name, (_, count) in parts.items()} == {"i": 2, "i.alt1": 2, "l": 1, "n": 1}
    dot, stem = (np.flatnonzero((parts["i"][0] == number).any(axis=0)) for number in (1, 2))
    assert np.ptp(dot) == pytest.approx(np.ptp(stem), abs=2)


class TestAlternates:
    def test_the_same_letter_takes_turns(self, shaped):
        assert shaped("aaa")[0] == ["a", "a.alt1", "a.alt2"]
        assert shaped("a a a")[0][::2] == ["a", "a.alt1", "a.alt2"]
        assert shaped("aaa", calt=False)[0] == ["a", "a", "a"]

    def test_none_is_like_the_last_two_of_its_kind(self, shaped):
        for text in ("hellol ettera", "anginna 2 77 2", "etteenenaenaeneet", "aaaaaaaaaaa", "a e a n a e an na"):
            names, _ = shaped(text)
            for place, letter in enumerate(text):
                near = [names[at] for at in range(max(0, place - 5), place) if text[at] == letter]
                assert letter == " " or names[place] not in near[-2:]
                assert letter == " " or near or "." not in names[place]  # one not seen for long begins anew

    def test_two_alternates(self, letters):
        shaped = shaper_of(typeface.build({c: letters[c][: 2 if c == "a" else 1] for c in "ae"}, "Two"))
        assert shaped("aaea ee")[0] == ["a", "a.alt1", "e", "a", "space", "e", "e"]

    def test_one_alternate_takes_no_turns(self, letters):
        font = typeface.build({c: letters[c][:1] for c in "ae"}, "One")
        assert "GSUB" not in font


class TestSpacing:
    def test_bearings_and_kerning_give_typesetting_its_gaps(self, letters):
        """Over all pairs of first alternates, kerning removes most of the error that bearings leave."""
        alternates = [one for one in alternates_of(letters) if not one.variant]
        bearings, kerning = bearings_and_kerning(alternates)
        errors, without = [], []
        body = slice(20, 30)  # x-height to baseline, in rows of the sides
        for (one, before), (two, after) in product(enumerate(alternates), enumerate(alternates)):
            kern = kerning.get((without_accents(before.character), without_accents(after.character)), 0)
            gap = (bearings[one, 1] + bearings[two, 0]) / X_HEIGHT
            space = before.right + after.left
            assert (space + gap + kern / X_HEIGHT).min() > Layout.nearest - 2 * LEAST
            even = np.minimum(space[body] + gap + kern / X_HEIGHT, 0.65).mean()
            if (space + gap + kern / X_HEIGHT).min() > Layout.nearest + LEAST:
                errors.append(abs(even - Layout.letter_gap))
                without.append(abs(np.minimum(space[body] + gap, 0.65).mean() - Layout.letter_gap))
        assert len(errors) > 100
        assert np.mean(errors) < 0.03
        assert np.mean(errors) < 0.6 * np.mean(without)

    def test_the_font_kerns(self, shaped):
        unkerned, kerned = (sum(shaped("TaVA", calt=False, kern=kern)[1]) for kern in (False, True))
        assert kerned < unkerned - 50

    def test_a_word_space(self, font, shaped):
        bearings = [font["hmtx"][name] for name in font.getGlyphOrder()]
        assert min(left for _, left in bearings) > -40  # letters reach under each other by kerning, not across a space
        assert shaped(" ")[1] == [round(Layout.word_gap * X_HEIGHT)]
        assert shaped("\u00a0")[1] == shaped(" ")[1]

    def test_hebrew_is_not_kerned(self, letters):
        """Kerning moves what follows to the left, and in Hebrew that stands at the left already."""
        hebrew = {c: [replace(letters[d][0], character=c)] for c, d in zip("אבVA", "TAVA", strict=True)}
        _, kerning = bearings_and_kerning(alternates_of(hebrew))
        assert ("V", "A") in kerning
        assert not {"א", "ב"} & {character for pair in kerning for character in pair}

    def test_accents_change_no_sides(self):
        assert [without_accents(character) for character in "aéÅç'"] == ["a", "e", "A", "c", "'"]


class TestSpecimen:
    def test_lines(self, font):
        one, two = typeface.specimen(font, [("aenn", 80)]), typeface.specimen(font, [("aenn", 80), ("the", 40)])
        assert (one.dtype, one.min(), one[0].min()) == (np.uint8, 0, 255)
        assert two.shape[0] > one.shape[0]
        assert np.array_equal(two[:80, : one.shape[1]], one[:80])
        assert typeface.specimen(font, [("ae nn", 80)]).shape[1] > one.shape[1]

    def test_holes_are_paper(self, font):
        picture = typeface.specimen(font, [("o", 400)])
        rows, columns = np.nonzero(picture < 128)
        middle = (rows.min() + rows.max()) // 2, (columns.min() + columns.max()) // 2
        assert picture[middle] == 255


class TestBadInput:
    @pytest.mark.parametrize("name", ["", " ", "-x", "a/b", "n\nm", "x" * 32, "(c)", "_"])
    def test_names(self, letters, name):
        with pytest.raises(HandwritingError, match="A font cannot be called"):
            typeface.build(letters, name)

    def test_no_letters(self):
        with pytest.raises(HandError, match="no letter"):
            typeface.build({}, "x")

    def test_places(self, font, tmp_path):
        (tmp_path / "file").write_text("")
        for name in ("x.otf", "x", "x.ttf.png"):
            with pytest.raises(HandwritingError, match=r"saved as \.ttf or \.woff2"):
                typeface.save(font, tmp_path / name)
        with pytest.raises(HandwritingError, match="Cannot write"):
            typeface.save(font, tmp_path / "file" / "x.ttf")
        assert [entry.name for entry in tmp_path.iterdir()] == ["file"]

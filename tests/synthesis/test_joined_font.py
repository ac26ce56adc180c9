"""Fonts that join letters: one line of the pen through a word, the person's pairs alone, and print as it was."""

from __future__ import annotations

import io
from itertools import pairwise

import numpy as np
import ots
import pytest
import uharfbuzz
from fontTools.ttLib import TTFont
from scipy import ndimage

from tests.support.joined_hand import written_words
from tests.support.joined_words import joined_word
from tfhand import typeface
from tfhand.data import synthetic
from tfhand.hands.hand import Hand, Sample
from tfhand.synthesis.joined_font.joined_alphabet import JoinedAlphabet, joined_alphabet
from tfhand.typeface.alternates import X_HEIGHT
from tfhand.typeface.joined import JoinedForm, JoinedLetters
from tfhand.typeset.shapes import DETAIL

TEXTS = ("hand", "letter", "winter", "many", "people", "garden", "house", "under", "water", "three", "moon", "mill")
LOOPS = ("lel", "eel", "lee", "lle", "ele", "ellel", "elele", "eleel")
SEAM = 0.05  # x-heights: the most by which the line of the pen jumps, or changes its thickness, at a joint


@pytest.fixture(scope="module")
def archive():
    return synthetic.archive(1, 1, seed=40)


@pytest.fixture(scope="module")
def hand(archive) -> Hand:
    return Hand(words=written_words(archive, TEXTS))


@pytest.fixture(scope="module")
def made(hand) -> tuple[JoinedLetters, TTFont]:
    return font_of(JoinedAlphabet(hand))


@pytest.fixture(scope="module")
def loops() -> tuple[JoinedLetters, TTFont]:
    """A font of loops in one running line, as in eee and lel."""
    return font_of(JoinedAlphabet(Hand(words=[joined_word(text) for text in LOOPS])))


def font_of(alphabet: JoinedAlphabet, variants: int = 1) -> tuple[JoinedLetters, TTFont]:
    own = alphabet.with_letters(variants)
    letters: dict[str, list[Sample]] = {character: list(own.samples_of(character)) for character in own}
    joined = alphabet.letters(letters, variants)
    return joined, typeface.build(letters, "Joined", joined=joined)


def data(font: TTFont) -> bytes:
    file = io.BytesIO()
    font.save(file)
    return file.getvalue()


def shaped(font: TTFont, text: str, **features: bool) -> list[str]:
    shaper, buffer = uharfbuzz.Font(uharfbuzz.Face(data(font))), uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    uharfbuzz.shape(shaper, buffer, features)
    return [shaper.glyph_to_string(info.codepoint) for info in buffer.glyph_infos]


def section(picture: np.ndarray, column: int, row: float) -> tuple[float, float]:
    """The middle and the height of the ink in a column that is nearest to a row."""
    labels, count = ndimage.label(picture[:, column] < 128)
    runs = [np.flatnonzero(labels == number) for number in range(1, count + 1)]
    run = min(runs, key=lambda one: np.abs(one - row).min())
    return float(run.mean()), float(len(run))


def height_at(form: JoinedForm, side: int) -> float:
    """The height of the middle of the line that is drawn through a joint, in pixels of the form."""
    left = np.flatnonzero((form.field > 0).any(axis=0))[0]
    column = np.maximum(form.field[:, int(left + form.edges[side])], 0.0)
    heights = form.above - 0.5 - np.arange(len(column))
    return float((heights * column**2).sum() / (column**2).sum())


class TestWords:
    @pytest.mark.parametrize("word", ["lele", "eeee", "llell", "el"])
    def test_a_word_is_one_line_of_the_pen(self, loops, word):
        picture = typeface.specimen(loops[1], [(word, 200)])
        assert ndimage.label(picture < 128, np.ones((3, 3)))[1] == 1

    @pytest.mark.parametrize("word", ["water", "many", "under", "house", "ten"])
    def test_the_pen_is_lifted_where_the_person_lifts_it(self, made, word):
        joined, font = made
        picture = typeface.specimen(font, [(word, 200)])
        lifts = sum(after not in joined.pairs[before] for before, after in pairwise(word))
        assert ndimage.label(picture < 128, np.ones((3, 3)))[1] <= 1 + lifts
        assert lifts < len(word) / 2

    @pytest.mark.parametrize("pair", ["le", "el", "ee", "ll"])
    def test_lines_meet_without_a_step(self, loops, pair):
        """Column by column around the joint, the line moves and broadens by little."""
        joined, font = loops
        first, last = shaped(font, pair, liga=False)
        assert (first, last[:6]) == (f"{pair[0]}.init", f"{pair[1]}.fina")
        size, unit = 400, 400 * X_HEIGHT / 2048
        picture = typeface.specimen(font, [(pair, size)])
        edge = 40 + font["hmtx"][first][0] * size / 2048
        form = next(form for form in joined.forms if form.name == last)
        row = 40 + font["hhea"].ascent * size / 2048 - height_at(form, 0) / DETAIL * unit
        columns = np.arange(round(edge - 0.08 * unit), round(edge + 0.08 * unit))
        middles, heights = np.array([section(picture, column, row) for column in columns]).T
        assert np.abs(np.diff(middles)).max() < SEAM * unit
        assert np.abs(np.diff(heights)).max() < SEAM * unit
        assert np.ptp(heights) < 0.3 * heights.mean()

    def test_every_end_passes_its_joint(self, loops):
        """At the edge of the glyph the line is at the height of the joint, wherever the word was cut."""
        joined, _ = loops
        for joint in joined.joints:
            ends = [
                height_at(form, side)
                for form in joined.forms
                for side in (0, 1)
                if joint == (form.entry, form.exit)[side]
            ]
            assert len(ends) > 5
            assert np.ptp(ends) < SEAM * DETAIL

    def test_without_calt_letters_stand_apart(self, made):
        assert shaped(made[1], "winter", calt=False) == list("winter")

    def test_words_begin_and_end(self, loops):
        names = shaped(loops[1], "lel el", liga=False)
        assert names == ["l.init", "e.medi1", "l.fina1", "space", "e.init", "l.fina1"]

    def test_joined_letters_are_not_kerned(self, made):
        font = made[1]
        shaper, buffer = uharfbuzz.Font(uharfbuzz.Face(data(font))), uharfbuzz.Buffer()
        buffer.add_str("under")
        buffer.guess_segment_properties()
        uharfbuzz.shape(shaper, buffer)
        for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            assert place.x_advance == font["hmtx"][shaper.glyph_to_string(info.codepoint)][0]
            assert place.y_offset == place.x_offset == 0


class TestAccents:
    def test_an_accent_stands_over_the_joined_form(self):
        alphabet = JoinedAlphabet(Hand(words=[joined_word(text) for text in LOOPS]))
        letters = {letter: [alphabet.with_letters().samples_of(letter)[0]] for letter in "el"}
        letter = letters["e"][0].ink
        ink = np.zeros((letter.shape[0] + 30, letter.shape[1]), np.uint8)
        ink[30:] = letter
        ink[4:10, 10:30] = 255
        height = letters["e"][0].height * ink.shape[0] / letter.shape[0]
        letters["é"] = [Sample("é", ink, baseline=letters["e"][0].baseline, height=height)]
        joined = alphabet.letters(letters)
        font = typeface.build(letters, "Accents", joined=joined)
        assert shaped(font, "lél", liga=False) == ["l.init", "eacute.medi1", "l.fina1"]
        labels, count = ndimage.label(typeface.specimen(font, [("eéee", 200)]) < 128, np.ones((3, 3)))
        (_, word), (_, accent) = sorted((np.ptp(np.nonzero(labels == n)[1]), n) for n in (1, 2))[::-1]
        assert count == 2
        assert np.nonzero(labels == accent)[0].max() < np.nonzero(labels == word)[0].min()


class TestLigatures:
    def test_what_was_written_in_one_go_is_one_glyph(self, loops):
        joined, font = loops
        assert joined.ligatures == ["le"]
        assert shaped(font, "le") == ["l_e"]
        assert shaped(font, "le", liga=False) == ["l.init", "e.fina1"]

    def test_it_is_joined_to_its_neighbours(self, loops):
        assert shaped(loops[1], "elelel") == ["e.init", "l_e.medi1", "l_e.medi1", "l.fina1"]
        assert shaped(loops[1], "ele el") == ["e.init", "l_e.fina1", "space", "e.init", "l.fina1"]

    def test_without_calt_there_is_none(self, loops):
        assert shaped(loops[1], "lele", calt=False) == list("lele")


class TestWho:
    def test_a_hand_that_prints_stays_print(self, archive):
        assert joined_alphabet(Hand(words=written_words(archive, TEXTS, joined=False))) is None

    def test_never_and_no_words(self, hand):
        assert joined_alphabet(hand, "never") is None
        assert joined_alphabet(Hand(samples=hand.samples)) is None
        assert joined_alphabet(hand) is not None

    def test_always_joins_letters_alone(self, archive):
        word = written_words(archive, ["hand"], joined=False)[0]
        alphabet = joined_alphabet(Hand(samples=[word.sample(place) for place in range(4)]), "always")
        joined, font = font_of(alphabet)
        assert joined.pairs == {letter: "adhn" for letter in "adhn"}
        assert ndimage.label(typeface.specimen(font, [("hand", 200)]) < 128, np.ones((3, 3)))[1] == 1

    def test_pairs_that_the_person_does_not_join_stay_apart(self, archive):
        """Whoever never joins an o: it stands apart in the font as well."""
        joined = written_words(archive, ("hand", "letter", "winter", "many", "water", "mill") * 2)
        apart = written_words(archive, ("on", "ow", "om", "on", "ol", "on", "oh", "on"), joined=False)
        _, font = font_of(JoinedAlphabet(Hand(words=[*joined, *apart])))
        assert shaped(font, "ona")[0] == "o"
        assert shaped(font, "ana", liga=False)[0] == "a.init"


class TestFont:
    def test_the_sanitizer_of_browsers_takes_it(self, made, tmp_path):
        typeface.save(made[1], tmp_path / "hand.ttf")
        result = ots.sanitize(str(tmp_path / "hand.ttf"), str(tmp_path / "clean"), capture_output=True, text=True)
        assert result.returncode == 0, result.stderr

    def test_it_survives_a_round_trip(self, made):
        again = TTFont(io.BytesIO(data(made[1])))
        assert shaped(again, "water") == shaped(made[1], "water")
        again.ensureDecompiled()
        assert data(again)

    def test_the_same_hand_gives_the_same_bytes(self, hand, made):
        assert data(font_of(JoinedAlphabet(hand))[1]) == data(made[1])

    def test_its_name_says_what_is_joined(self, made):
        assert f"joined: {made[0]}" in made[1]["name"].getDebugName(10)
        assert str(made[0]).startswith("17 letters in ")

    def test_forms_take_turns(self):
        words = [joined_word(text, slant) for text in LOOPS for slant in (0.0, 0.04)]
        joined, font = font_of(JoinedAlphabet(Hand(words=words)), variants=2)
        assert {form.name for form in joined.forms} >= {"e.medi1", "e.medi1.alt1"}
        assert shaped(font, "eeee", liga=False) == ["e.init", "e.medi1", "e.medi1.alt1", "e.fina1"]

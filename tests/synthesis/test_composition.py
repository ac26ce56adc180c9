"""Characters composed of letters and strokes: which ones, the place of their diacritics, and their stroke style."""

from __future__ import annotations

import unicodedata

import cv2
import numpy as np
import pytest

from tfhand.core.charset import CHARACTERS
from tfhand.data import synthetic
from tfhand.errors import TextError
from tfhand.hands.sample import GENERATED, Sample
from tfhand.metrics import slant
from tfhand.synthesis.composition import StrokeStyle, bases, composable, compose
from tfhand.typeset.shapes import DETAIL, ink_on_line
from tfhand.vector.distance_field import distance_field, nib_width

SIGNS = ".,;:!?'\"()-+=/&@#%€$“”‘’„‚–—…«»‹›¿¡°§¶·ßðþÞ"


def letters(seed: int = 43, nib: float = 2.4, **shape) -> dict[str, Sample]:
    own = synthetic.archive(1, 1, seed=seed)
    return {c: Sample(c, own.draw(index, 96, nib=nib, **shape)) for index, c in enumerate(CHARACTERS)}


@pytest.fixture(scope="module")
def hand() -> dict[str, Sample]:
    return letters()


def parts(sample: Sample) -> int:
    return cv2.connectedComponents((sample.ink > 127).astype(np.uint8))[0] - 1


def nib(sample: Sample) -> float:
    ink, _, height = ink_on_line(sample.character, sample)
    return nib_width(distance_field(ink, DETAIL * height / ink.shape[0])) / DETAIL


def top(sample: Sample) -> float:
    return sample.baseline + sample.height


def test_all_of_western_europe():
    known = set(composable(CHARACTERS) + CHARACTERS)
    for code in (*range(0xC0, 0x100), *range(0x100, 0x180)):
        character = chr(code)
        base = unicodedata.normalize("NFD", character)[0]
        if base != character and base in CHARACTERS:
            assert character in known, character
    assert known.issuperset("æœÆŒøØłŁđĐħıĳßðþÞ")
    assert known.issuperset(SIGNS)
    assert known.issuperset("ďŁș¼½¾⅓⅞⁰⁹←↑→↓↔")
    assert not known.intersection("Жλ漢\u00a0")


def test_only_of_letters_that_are_there():
    of_digits = composable("0123456789")
    assert set(SIGNS) - set("ßðþÞ") <= set(of_digits)
    assert "²" in of_digits
    assert not set("éøœª") & set(of_digits)
    assert (bases("é"), bases("œ"), bases("ø"), bases("ế"), bases("?"), bases("Ж")) == ("e", "oe", "o", "e", "", None)
    with pytest.raises(TextError, match="'Ж'"):
        compose("Ж", {}, StrokeStyle())


def test_everything_can_be_drawn(hand):
    random = np.random.default_rng(0)
    for character in composable(CHARACTERS):
        sample = compose(character, hand, StrokeStyle(), random)
        assert (sample.character, sample.source) == (character, GENERATED)
        assert -1.6 < sample.baseline < 2.0, character
        assert 0.1 < sample.height < 4.0, character


@pytest.mark.parametrize(("character", "diacritics"), [("é", 1), ("ñ", 1), ("ü", 2), ("ő", 2), ("Å", 1), ("ż", 1)])
def test_diacritics_stand_clear_over_their_letter(hand, character, diacritics):
    base = bases(character)
    letter = compose("ı", hand, StrokeStyle()) if base == "i" else hand[base]
    accented = compose(character, hand, StrokeStyle())
    assert parts(accented) == parts(letter) + diacritics
    rows = np.flatnonzero((accented.ink > 127).any(axis=1))
    gaps = np.diff(rows)
    assert gaps.max() > 0.12 * DETAIL  # paper between the letter and its diacritic
    assert (gaps > 1).sum() == 1


def test_a_diacritic_has_the_nib_of_its_letter():
    for width in (1.6, 3.6):
        own = letters(nib=width)
        accented = compose("ô", own, StrokeStyle(nib=0.1))
        count, islands, stats, _ = cv2.connectedComponentsWithStats((accented.ink > 127).astype(np.uint8))
        top_part = 1 + int(np.argmin(stats[1:, cv2.CC_STAT_TOP]))
        nibs = [nib_width(distance_field(np.uint8(255 * (islands == one)), 1.0)) for one in range(1, count)]
        assert nibs[top_part - 1] == pytest.approx(nibs[2 - top_part], rel=0.25)


def test_i_and_j_lose_their_dot(hand):
    assert parts(hand["i"]) == 2
    assert parts(compose("ı", hand, StrokeStyle())) == 1
    assert parts(compose("í", hand, StrokeStyle())) == 2
    assert parts(compose("ï", hand, StrokeStyle())) == 3
    assert parts(compose("į", hand, StrokeStyle())) == 2  # an ogonek leaves the dot


def test_diacritics_below_and_bars(hand):
    for character in "çąşķ":
        assert compose(character, hand, StrokeStyle()).baseline < -0.2
    for character in "øłđ":
        base = hand[bases(character)]
        assert parts(compose(character, hand, StrokeStyle())) == parts(base)
    assert parts(compose("œ", hand, StrokeStyle())) == parts(hand["o"]) + parts(hand["e"]) - 1  # they touch
    assert top(compose("²", hand, StrokeStyle())) == pytest.approx(1.7, abs=0.15)


def test_a_fraction_is_two_small_digits_and_a_line(hand):
    half = compose("½", hand, StrokeStyle())
    assert bases("½") == "12"
    assert parts(half) == 3
    assert top(half) == pytest.approx(1.7, abs=0.1)
    assert half.baseline == pytest.approx(0.0, abs=0.1)
    left, right = half.ink[:, : half.ink.shape[1] // 3], half.ink[:, -half.ink.shape[1] // 3 :]
    assert np.nonzero(left > 127)[0].mean() < half.ink.shape[0] / 2 < np.nonzero(right > 127)[0].mean()


def test_signs_are_in_the_weight_and_slant_of_the_hand():
    for width in (0.08, 0.2):
        for character in "?&@%-":
            assert nib(compose(character, {}, StrokeStyle(nib=width))) == pytest.approx(width, rel=0.25)
    upright, leaning = (compose("!", {}, StrokeStyle(slant=s)).glyph[None] for s in (0.0, 0.5))
    assert slant(leaning)[0] - slant(upright)[0] == pytest.approx(0.5, abs=0.1)
    narrow, wide = (compose("&", {}, StrokeStyle(width=w)) for w in (0.8, 1.2))
    assert wide.ink.shape[1] / narrow.ink.shape[1] == pytest.approx(1.5, abs=0.15)


def test_each_variant_differs_and_the_seed_decides():
    first, second = (compose("&", {}, StrokeStyle(), np.random.default_rng(seed)) for seed in (1, 2))
    again = compose("&", {}, StrokeStyle(), np.random.default_rng(1))
    assert np.array_equal(first.ink, again.ink)
    assert not np.array_equal(first.ink, second.ink)
    assert abs(first.height - second.height) < 0.3


def test_the_stroke_style_is_measured_on_letters():
    fine, broad = (StrokeStyle.from_samples(list(letters(nib=width).values())) for width in (1.8, 3.6))
    assert broad.nib / fine.nib == pytest.approx(2.0, rel=0.25)
    leaning = StrokeStyle.from_samples(list(letters(matrix=np.array([[1.0, -0.4], [0.0, 1.0]])).values()))
    assert leaning.slant - StrokeStyle.from_samples(list(letters().values())).slant == pytest.approx(0.4, abs=0.12)
    assert StrokeStyle.from_samples([]) == StrokeStyle()

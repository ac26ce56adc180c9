"""The procedural writers: forms that stand on the lines, habits that can be measured, hands that differ."""

from dataclasses import replace

import numpy as np
import pytest

from tfhand.core.charset import CHARACTERS, class_of
from tfhand.data.synthetic.stroke_templates import STROKE_TEMPLATES
from tfhand.data.synthetic.writers import SyntheticWriter, archive
from tfhand.errors import ArchiveError
from tfhand.vector.splines import cut_corners, splines

PENS = [SyntheticWriter.of(seed) for seed in range(40)]
EXACT = replace(
    SyntheticWriter.of(0),
    **dict.fromkeys(("slant", "rise", "waist", "egg", "bow", "tremor", "sloppiness", "quirk", "drift"), 0.0),
)
EXACT = replace(EXACT, width=1.0, ascender=1.0, descender=1.0, capital=1.0, roundness=1.0, haste=0.0, overshoot=0.0)
EXACT = replace(EXACT, lead_in=0.0, lead_out=0.0, dot="dot", dot_place=(0.0, 0.0))


def drawn(pen, character, seed=0):
    return np.concatenate(pen.strokes(character, np.random.default_rng(seed)))


def writing(pen, character, name):
    return replace(pen, forms={**pen.forms, character: name})


@pytest.mark.parametrize("character", CHARACTERS)
def test_every_form_stands_on_the_lines(character):
    tops = {"digit": -1.5, "capital": -1.5, "x-height": -1.0, "descender": -1.0, "ascender": -1.7, "both": -1.7}
    top = {"t": -1.4, "i": -1.4, "j": -1.4}.get(character, tops[class_of(character)])
    assert len(STROKE_TEMPLATES[character]) >= 2
    for name in STROKE_TEMPLATES[character]:
        points = drawn(writing(EXACT, character, name), character)
        low, high = points.min(axis=0), points.max(axis=0)
        tall = 0.3 if (character, name) == ("p", "tall") else 0.12
        assert top - tall < low[1] < top + 0.12, name
        hangs = class_of(character) in ("descender", "both") or character in "QGz"
        assert (-0.08 < high[1] < 0.08) or (hangs and high[1] < 0.75), name
        assert 0.0 <= high[0] - low[0] < 1.6, name


def test_a_seed_is_one_person():
    assert SyntheticWriter.of(7) == SyntheticWriter.of(7)
    assert SyntheticWriter.of(7) != SyntheticWriter.of(8)
    np.testing.assert_array_equal(drawn(SyntheticWriter.of(7), "g", 3), drawn(SyntheticWriter.of(7), "g", 3))


def test_no_two_draws_are_the_same_but_they_stay_close():
    random = np.random.default_rng(0)
    first, second = (np.concatenate(PENS[3].strokes("R", random)) for _ in range(2))
    assert 0.005 < np.abs(first - second).mean() < 0.2


def test_the_forms_differ_between_people():
    for character in "agk17":
        assert len({pen.forms[character] for pen in PENS}) >= 3


def test_loops_go_together():
    looped = {
        letter: np.array(["looped" in SyntheticWriter.of(seed).forms[letter] for seed in range(250)])
        for letter in "gyl"
    }
    for one, other in ("gy", "yl", "gl"):
        assert looped[other][looped[one]].mean() > 1.25 * looped[other].mean()


def test_slant_is_what_the_stems_show():
    shown = []
    for pen in PENS:
        stem = writing(pen, "H", "plain").strokes("H", np.random.default_rng(0))[0]
        shown.append(np.degrees(np.arctan2(*(stem[0] - stem[-1]) * [1, -1])))
    slant = [pen.slant for pen in PENS]
    assert np.corrcoef(shown, slant)[0, 1] > 0.85
    assert abs(np.mean(shown) - np.mean(slant)) < 2


def test_a_known_slant_and_rise_come_out_exactly():
    upright = [stroke[[0, -1]] for stroke in writing(EXACT, "H", "plain").strokes("H", np.random.default_rng(0))]
    leaning = writing(replace(EXACT, slant=20.0, rise=5.0), "H", "plain").strokes("H", np.random.default_rng(0))
    for before, after in zip(upright, leaning, strict=True):
        (dx, dy), (sheared_x, sheared_y) = before[1] - before[0], after[-1] - after[0]
        assert sheared_y == pytest.approx(dy - np.tan(np.radians(5)) * dx, abs=1e-9)
        assert sheared_x == pytest.approx(dx - np.tan(np.radians(20)) * sheared_y, abs=1e-9)


@pytest.mark.parametrize(("habit", "character"), [("ascender", "l"), ("capital", "E"), ("width", "x")])
def test_proportions_scale_what_they_name(habit, character):
    def side(value):
        size = np.ptp(drawn(writing(replace(EXACT, **{habit: value}), character, "plain"), character), axis=0)
        return size[0] if habit == "width" else size[1] - (1.0 if habit == "ascender" else 0.0)

    assert side(1.3) / side(1.0) == pytest.approx(1.3, rel=0.02)


def test_tremor_shakes_and_haste_smooths():
    calm = writing(EXACT, "S", "plain")
    for tremor in (0.02, 0.04):
        shake = drawn(replace(calm, tremor=tremor), "S") - drawn(calm, "S")
        assert shake.std() == pytest.approx(tremor, rel=0.35)
        assert np.diff(shake, axis=0).std() < 0.6 * shake.std()  # waves, not jitter
    corner = np.array([[[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [2.0, 1.0], [2.0, 2.0]]])
    cut = cut_corners(corner, 0.8)
    np.testing.assert_allclose(cut[:, [0, -1]], corner[:, [0, -1]], atol=1e-12)
    assert cut[0, 2, 0] < 1.9


def test_the_dot_of_an_i_follows_the_habit():
    def dot(**habits):
        return replace(writing(EXACT, "i", "plain"), **habits).strokes("i", np.random.default_rng(0))[-1]

    assert np.ptp(dot(dot="dash")[:, 0]) > 3 * np.ptp(dot()[:, 0])
    ring = dot(dot="ring")
    assert np.hypot(*(ring[0] - ring[-1])) < 0.02
    assert np.ptp(ring, axis=0).min() > 0.2
    assert dot(dot_place=(0.3, 0.2))[:, 0].mean() - dot()[:, 0].mean() == pytest.approx(0.3, abs=1e-6)


def test_a_spline_passes_its_points_and_turns_only_where_it_may():
    points = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 2.0]])
    for sharp in (np.zeros(4, bool), np.array([False, True, False, False])):
        basis, straight = splines(points.tobytes(), sharp.tobytes())
        line = basis @ points
        assert np.abs(line[:, None] - points).sum(axis=2).min(axis=0).max() < 1e-9
        np.testing.assert_allclose(basis.sum(axis=1), 1)
        np.testing.assert_allclose(straight.sum(axis=1), 1)
        steps = np.diff(line, axis=0)
        turns = np.abs(np.diff(np.unwrap(np.arctan2(*steps.T))))
        assert (turns.max() > 0.8) == sharp.any()


def test_one_person_resembles_itself_more_than_others():
    data = archive(8, 2, seed=100, characters="0479AGRaegkrt")
    glyphs = data.render(range(len(data)), 32, 3.0).astype(float).reshape(8, 13, 2, -1)
    own = np.abs(glyphs[:, :, 0] - glyphs[:, :, 1]).mean(axis=(1, 2))
    others = np.mean([np.abs(glyphs - np.roll(glyphs, shift, 0)).mean(axis=(1, 2, 3)) for shift in range(1, 8)], axis=0)
    assert (own < 0.75 * others).all()


def test_the_archive_is_whole_and_repeatable():
    data = archive(3, 2, seed=5)
    assert data.characters == CHARACTERS
    assert len(data) == 3 * 2 * 62
    assert [(data.writers == writer).sum() for writer in range(3)] == [124] * 3
    np.testing.assert_array_equal(np.bincount(data.labels), 6)
    for index in range(0, len(data), 7):
        points = np.concatenate(data.strokes(index))
        assert points.min(axis=0).tolist() == [0, 0]
        assert points.max() == 1000
    for writer in range(3):
        assert np.median(data.extent[data.writers == writer]) == pytest.approx(1, abs=1e-5)
    tall, small = (data.extent[np.isin(data.labels, [CHARACTERS.index(c) for c in some])] for some in ("EHT", "aco"))
    assert np.median(tall) > 1.2 * np.median(small)
    again = archive(3, 2, seed=5)
    np.testing.assert_array_equal(again.points, data.points)
    later = archive(2, 2, seed=6)  # its first writer is the second of the others
    second = data.select(np.flatnonzero(data.writers == 1))
    np.testing.assert_array_equal(later.select(np.flatnonzero(later.writers == 0)).points, second.points)


def test_every_glyph_has_ink():
    data = archive(4, 1, seed=30)
    for nib in (1.0, 4.0):
        assert data.render(range(len(data)), 32, nib).max(axis=(1, 2)).min() > 150


@pytest.mark.parametrize("arguments", [(0, 1), (1, 0), (40000, 1), (1, 1, 0, ""), (1, 1, 0, "ä")])
def test_impossible_archives_are_refused(arguments):
    with pytest.raises(ArchiveError):
        archive(*arguments)

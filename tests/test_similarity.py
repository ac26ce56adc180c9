"""Trials, rows and figures on procedural writers, with networks too small to write but real enough to be judged."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from tfhand import similarity
from tfhand.data import pens
from tfhand.data.archive import Archive
from tfhand.data.strokes import shape_matrix
from tfhand.data.trials import NIBS, People, draw_trials
from tfhand.errors import ArchiveError
from tfhand.families import HandSettings, ReaderSettings
from tfhand.measures import TRAITS, slant, thickness
from tfhand.models.hand import HandNetworks
from tfhand.models.reader import Reader
from tfhand.settings import plain
from tfhand.similarity import REAL, ROWS, WRITTEN, Scene, compare, correlation, hand_traits, legibility, picture

CHARACTERS = "0O1aceghknrst23456789"
HELD_OUT = [1, 4, 5, 8]
TINY = HandSettings(
    characters=CHARACTERS, hand_size=6, noise_size=2, character_size=4, style_size=8, mapping_width=8, mapping_depth=1,
    generator_widths=(4, 4, 4, 4), encoder_widths=(4, 4, 4), encoder_features=8,
)  # fmt: skip


@pytest.fixture(scope="module")
def archive() -> Archive:
    return pens.archive(writers=10, samples=2, seed=20, characters=CHARACTERS + "Z")


@pytest.fixture(scope="module")
def networks() -> HandNetworks:
    keras.utils.set_random_seed(0)
    return HandNetworks(**plain(TINY))


@pytest.fixture(scope="module")
def reader() -> Reader:
    keras.utils.set_random_seed(1)
    return Reader(**plain(ReaderSettings(characters=CHARACTERS, widths=(4, 4, 4), features=8)))


@pytest.fixture(scope="module")
def scene(networks, archive) -> Scene:
    return Scene(networks, archive, HELD_OUT, CHARACTERS, samples=5)


@pytest.fixture(scope="module")
def table(scene, reader) -> dict[str, dict[str, float]]:
    return {row.name: row.figures for row in compare([scene], reader)}


def without(archive: Archive, writer: int, character: str) -> Archive:
    lost = (archive.writers == writer) & (archive.labels == CHARACTERS.index(character))
    return archive.select(np.flatnonzero(~lost))


def test_people_bring_letters_of_their_own(archive):
    people = People.of(without(archive, 3, "k"), [3, 7, 99], CHARACTERS)
    assert people.writers.tolist() == [3, 7]
    assert (people.letters < 0).nonzero() == (0, CHARACTERS.index("k"))
    for writer, letters in zip(people.writers, people.letters, strict=True):
        found = letters[letters >= 0]
        assert (people.archive.writers[found] == writer).all()
        assert "".join(people.archive.classes[people.archive.labels[found]]) == (
            CHARACTERS.replace("k", "") if writer == 3 else CHARACTERS
        )


def test_a_lacking_letter_is_borrowed_of_the_next(archive):
    people = People.of(without(archive, 3, "k"), [3, 7], CHARACTERS)
    asked = np.array([CHARACTERS.index(character) for character in "ack"])
    assert people.archive.writers[people.borrow([0, 1], asked)].tolist() == [3, 3, 7]
    assert people.archive.writers[people.borrow([1, 0], asked)].tolist() == [7, 7, 7]


def test_trials_give_some_letters_and_ask_for_the_others(archive):
    people = People.of(archive, HELD_OUT, CHARACTERS)
    trials = draw_trials(people, samples=5, seed=3)
    assert [trial.writer for trial in trials] == HELD_OUT
    for trial in trials:
        assert trial.given.sum() == 5
        assert len(trial.unseen) == len(trial.real) == len(CHARACTERS) - 5
        assert NIBS[0] <= trial.nib <= NIBS[1]
        assert not set(trial.unseen) & set(trial.characters[trial.given])
    assert len({tuple(trial.given) for trial in trials}) > 1


def test_trials_are_the_same_for_a_seed_and_grow_with_samples(archive):
    people = People.of(archive, HELD_OUT, CHARACTERS)
    once, again, more, other = (draw_trials(people, *how) for how in ((5, 3), (5, 3), (8, 3), (5, 4)))
    for one, same, larger, different in zip(once, again, more, other, strict=True):
        np.testing.assert_array_equal(one.glyphs, same.glyphs)
        np.testing.assert_array_equal(one.given, same.given)
        assert larger.given[one.given].all()
        assert one.nib == larger.nib != different.nib


def test_who_wrote_too_little_has_no_trial(archive):
    few = archive.select(np.flatnonzero((archive.writers != 4) | (archive.labels < 8)))
    assert [trial.writer for trial in draw_trials(People.of(few, HELD_OUT, CHARACTERS), 5)] == [1, 5, 8]
    with pytest.raises(ArchiveError, match="fewer --samples"):
        draw_trials(People.of(few, [4], CHARACTERS), 5)


def test_held_out_people_are_never_compared_with(scene):
    assert not set(scene.known.writers) & set(HELD_OUT)
    assert not set(scene.known.archive.writers[scene.medoids]) & set(HELD_OUT)
    assert "".join(scene.known.archive.classes[scene.known.archive.labels[scene.medoids]]) == scene.characters


def test_correlation_by_hand():
    ours = np.array([1.0, 2.0, 4.0, 3.0])
    assert correlation(ours, ours) == pytest.approx(1)
    assert correlation(ours, 7 - 2 * ours) == pytest.approx(-1)
    theirs = np.array([0.0, 1.0, 0.0, 1.0])
    assert correlation(ours, theirs) == pytest.approx(0)
    assert correlation(ours, np.array([1.0, 1.0, 2.0, 2.0])) == pytest.approx(np.corrcoef(ours, [1, 1, 2, 2])[0, 1])
    assert np.isnan(correlation(ours, np.ones(4)))
    assert np.isnan(correlation(ours[:2], ours[:2]))


def test_the_table_has_all_rows_and_figures(table):
    assert list(table) == list(ROWS)
    for figures in table.values():
        assert list(figures) == ["legibility", "over real", *TRAITS, "traits"]
        assert figures["traits"] == pytest.approx(np.mean([figures[trait] for trait in TRAITS]))
    assert table[REAL]["over real"] == 1


def test_half_of_a_persons_letters_tells_of_the_other_half(table):
    assert table[REAL]["thickness"] > 0.8
    assert table[REAL]["slant"] > 0.5


def test_a_fixed_letter_has_the_nib_and_nothing_else(scene, table):
    assert table["mean letter"]["thickness"] > 0.85
    by_nib = sorted(range(4), key=lambda number: scene.trials[number].nib)
    assert scene.trials[by_nib[-1]].nib - scene.trials[by_nib[0]].nib > 0.3
    letters = [ROWS["mean letter"](scene, number) for number in (by_nib[0], by_nib[-1])]
    assert thickness(letters[1]).mean() > thickness(letters[0]).mean() + 0.2


def test_the_real_row_is_the_persons_own_letters(scene):
    for number, trial in enumerate(scene.trials):
        places = People.of(scene.known.archive, [trial.writer], scene.characters).letters[0][trial.unseen]
        np.testing.assert_array_equal(ROWS[REAL](scene, number), scene.known.draw(places, trial.nib))


def test_shearing_a_hand_raises_its_slant_alone(scene):
    trial = scene.trials[0]
    places = People.of(scene.known.archive, [trial.writer], scene.characters).letters[0][trial.unseen]
    upright, leaning = (
        np.stack([scene.known.archive.draw(place, 32, trial.nib, shape_matrix(slant=by)) for place in places])
        for by in (0.0, 0.3)
    )
    before, after = (hand_traits(scene, trial.unseen, glyphs) for glyphs in (upright, leaning))
    assert after[0] - before[0] == pytest.approx(0.3, abs=0.04)
    assert after[2] == pytest.approx(before[2], abs=0.25)


def test_training_letters_have_traits_of_zero_on_the_whole(scene):
    everything = [(column[column >= 0], at) for at, column in enumerate(scene.known.letters.T)]
    glyphs = np.concatenate([scene.known.draw(places, similarity.PLAIN_NIB) for places, _ in everything])
    characters = np.concatenate([np.full(len(places), at) for places, at in everything])
    np.testing.assert_allclose(hand_traits(scene, characters, glyphs), 0, atol=1e-9)


def test_the_nearest_writer_is_found_by_hand_code_whatever_the_nib(archive):
    """An encoder that sees the slant, and ends its code with a loud nib, must find the writer who leans alike."""
    leans = np.array([-0.6, 0.6, -0.3, 0.0, 0.0, 0.3, -0.6, 0.6])  # of the writers 0 to 7; 1, 4 and 6 are held out
    leaning = archive.of_writers(np.arange(8))
    _, first = leaning._strokes
    starts = first[leaning._strokes[0]]
    upright, points = [np.mean(slant(leaning.of_writers([w]).render(range(42)))) for w in range(8)], []
    for number, writer in enumerate(leaning.writers):
        part = leaning.points[starts[number] : starts[number + 1]]
        points.append(part @ shape_matrix(slant=leans[writer] - upright[writer]).T)
    leaning = replace(leaning, points=np.rint(np.concatenate(points)).astype(np.int16))

    class Leaning(SimpleNamespace):
        def encode_hand(self, samples, characters, mask):
            glyphs = np.rint((samples[..., 0] + 1) * 127.5).astype(np.uint8)
            glyphs, hands = glyphs[mask > 0], np.nonzero(mask)[0]
            sees = [
                (np.mean(slant(glyphs[hands == h])), 100 * thickness(glyphs[hands == h]).mean()) for h in set(hands)
            ]
            return np.array(sees)

    scene = Scene(Leaning(settings=TINY), leaning, [1, 4, 6], CHARACTERS, samples=10)
    assert scene.known.writers[scene.nearest[:, 0]].tolist() == [7, 3, 0]


def test_the_preset_writes_every_character_from_the_samples_alone(scene, networks):
    trial = scene.trials[1]
    assert scene.written.shape == (4, len(CHARACTERS), 32, 32)
    np.testing.assert_array_equal(ROWS[WRITTEN](scene, 1), scene.written[1][trial.unseen])
    given = trial.glyphs[trial.given][None, ..., None].astype(np.float32) / 127.5 - 1
    code = networks.encode_hand(given, trial.characters[trial.given][None], np.ones((1, 5), np.float32))
    np.testing.assert_allclose(scene.codes[1], np.asarray(code)[0], atol=1e-5)


def test_look_alikes_are_read_as_one():
    class Zero(SimpleNamespace):
        def __call__(self, images):
            return np.tile([0.0, 1.0, 0.0], (len(images), 1))

    blank = np.zeros((2, 32, 32), np.uint8)
    read = legibility(Zero(characters="a0c"), [blank, blank], ["O0", "oa"])
    assert read.tolist() == [1.0, 0.5]


def test_the_same_seed_gives_the_same_table(networks, archive, reader, table):
    again, other = (compare([Scene(networks, archive, HELD_OUT, CHARACTERS, 5, seed)], reader) for seed in (0, 1))
    assert {row.name: row.figures for row in again} == table
    assert other[0].figures != table[REAL]


def test_several_archives_make_one_table(networks, archive, scene, reader):
    digits = pens.archive(writers=8, samples=1, seed=50, characters="0123456789")
    scenes = [scene, Scene(networks, digits, [0, 1, 2], CHARACTERS, samples=5)]
    rows = compare(scenes, reader)
    assert [len(each.trials) for each in scenes] == [4, 3]
    assert scenes[1].characters == "01" + "23456789"
    assert rows[0].figures["thickness"] > 0.8


def test_the_picture_shows_real_letters_over_written_ones(networks, archive):
    lacking = without(archive, 1, "k")
    scene = Scene(networks, lacking, [1, 4], CHARACTERS, samples=5)
    shown = picture([scene], people=2)
    margin, size, bar = similarity.MARGIN, 32, 4 * similarity.GAP + 1
    left = margin + 3 * size + bar  # five samples stand in two lines
    assert shown.shape == (2 * (2 * size + 2 * margin) + 1, left + len(CHARACTERS) * size + margin)
    assert shown[0, 0] == 255
    trial, top = scene.trials[0], margin
    for at, character in enumerate(CHARACTERS):
        cell = shown[top : top + 2 * size, left + at * size : left + (at + 1) * size]
        np.testing.assert_array_equal(cell[size:], 255 - scene.written[0, at])
        if character == "k":
            assert (cell[:size] == 255).all()
        else:
            real = trial.glyphs[list(trial.characters).index(at)]
            np.testing.assert_array_equal(cell[:size], 255 - real)
    np.testing.assert_array_equal(shown[top : top + size, margin : margin + size], 255 - trial.glyphs[trial.given][0])


def test_sixty_two_characters_stand_in_two_pairs_of_rows(scene):
    blank = np.zeros((62, 32, 32), np.uint8)
    blank[[30, 31], 0, 0] = 255
    lines = similarity._lines(blank, 2)
    assert lines.shape == (2, 32, 31 * 32)
    assert lines[0, 0, 30 * 32] == lines[1, 0, 0] == 255


@pytest.mark.parametrize(
    ("change", "held_out", "says"),
    [
        (lambda a: replace(a, writers=None), HELD_OUT, "no `writers`"),
        (lambda a: a, [50, 51], "None of the writers that the preset held out"),
        (lambda a: a.of_writers([1, 4]), [1, 4], "too few letters of training writers"),
        (
            lambda a: Archive(a.labels, a.classes, a.writers, images=np.full((len(a), 28, 28), 255, np.uint8)),
            HELD_OUT,
            "holds images",
        ),
    ],
)
def test_archives_that_cannot_serve(networks, archive, change, held_out, says):
    with pytest.raises(ArchiveError, match=says):
        Scene(networks, change(archive), held_out, CHARACTERS, samples=5)

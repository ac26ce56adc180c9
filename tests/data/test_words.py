"""Archives of words: what is in them, how they are split, and what is refused."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from tests.support.word_shapes import GAP, random_words, word_archive
from tfhand.data import sources, synthetic
from tfhand.data.spelling import LONGEST, spell
from tfhand.data.words import WordArchive
from tfhand.errors import ArchiveError


@pytest.fixture(scope="module")
def words() -> WordArchive:
    return replace(
        word_archive(
            ["nl", "vz-", "lll", "x"], [0, 0, 1, 2], joined=[False, True, False, False], lettered=[1, 1, 0, 1]
        ),
        ascender=np.full(4, 0.8, np.float32),
        descender=np.full(4, 0.7, np.float32),
        xheight_mm=np.full(4, 3.0, np.float32),
        contributor=np.array([0, 0, 1, 1], np.uint8),
        contributors=np.array(["abc", "kai"]),
        body_strokes=np.array([2, 1, 3, 2], np.uint8),
    )


def test_comes_back_from_a_file(words, tmp_path):
    words.save(tmp_path / "words.npz")
    again = WordArchive.load(tmp_path / "words.npz")
    for field in fields(WordArchive):
        one, other = getattr(words, field.name), getattr(again, field.name)
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other, err_msg=field.name)
    assert sources.load_words(tmp_path / "words.npz").texts.tolist() == ["nl", "vz-", "lll", "x"]


def test_knows_letters_widths_and_joins(words):
    assert words.characters == "-lnvxz"
    assert words.joined.tolist() == [False, True, False, False]
    assert words.lettered.tolist() == [True, True, False, True]
    np.testing.assert_allclose(words.letter_extents(0), [[0, 0.9], [0.9 + GAP, 0.9 + GAP]])
    np.testing.assert_allclose(words.letter_extents(1)[:, 0], [0, 1 + GAP, 1.8 + 2 * GAP])
    assert np.isnan(words.letter_extents(2)).all()
    assert [stroke[:, 1].min() for stroke in words.points_of(0)] == [-1, -2]  # y goes down, so the letters stand above
    assert [letters.tolist() for letters in words.letters_of(3)] == [[0, 0], [0, 0]]
    assert replace(words, body_strokes=None).joined.tolist() == words.joined.tolist()


def test_selected_words_keep_their_strokes_and_letters(words):
    some = words.select(np.array([3, 1]))
    assert some.texts.tolist() == ["x", "vz-"]
    for new, old in enumerate((3, 1)):
        assert all(map(np.array_equal, some.strokes(new), words.strokes(old)))
        np.testing.assert_array_equal(some.letter_extents(new), words.letter_extents(old))
    assert some.contributor.tolist() == [1, 0]


def test_people_are_split_and_not_their_words():
    archive = random_words(40, writers=8)
    training, validation = archive.split_writers(0.25)
    assert (len(training), len(validation)) == (6, 2)
    assert not set(training) & set(validation)
    assert set(archive.of_writers(validation).writers) == set(validation)
    assert len(archive.of_writers(training)) + len(archive.of_writers(validation)) == 40


WRONG = {
    "texts": (np.array(["nl", "", "lll", "x"]), "must be words"),
    "writers": (np.zeros(3, np.int16), "`writers` has 3 entries for 4 words"),
    "points": (np.zeros((4, 2), np.int16), "do not add up"),
    "stroke_len": (np.zeros(9, np.uint16), "strokes without points"),
    "n_strokes": (np.array([2, 1, 3, 0], np.uint8), "words without strokes"),
    "has_chars": (None, "one of `has_chars` and `char_of_point`"),
    "char_of_point": (np.zeros(3, np.int8), "`char_of_point` has 3 entries"),
    "body_strokes": (np.zeros(5, np.uint8), "`body_strokes` has 5 entries"),
    "ascender": (np.zeros(5, np.float32), "`ascender` has 5 entries"),
    "contributor": (np.array([0, 0, 1, 2], np.uint8), "beyond its `contributors`"),
}


@pytest.mark.parametrize("name", WRONG)
def test_arrays_that_do_not_belong_together_are_refused(words, name):
    array, sentence = WRONG[name]
    with pytest.raises(ArchiveError, match=sentence):
        replace(words, **{name: array})


def test_letters_beyond_a_text_are_refused(words):
    with pytest.raises(ArchiveError, match="`char_of_point` reaches beyond its `texts`"):
        replace(words, char_of_point=np.full(len(words.points), 3, np.int8))
    of_word = np.repeat(np.arange(4), np.diff(words._points_of_words))
    unknown = np.where(of_word == 2, 9, words.char_of_point).astype(np.int8)
    assert not replace(words, char_of_point=unknown).lettered[2]  # nobody asks for letters that are not known


def test_files_that_are_no_words_are_refused(words, tmp_path, people):
    people.save(tmp_path / "letters.npz")
    with pytest.raises(ArchiveError, match="has no `texts`"):
        WordArchive.load(tmp_path / "letters.npz")
    words.save(tmp_path / "words.npz")
    (tmp_path / "broken.npz").write_bytes((tmp_path / "words.npz").read_bytes()[:500])
    for name in ("broken.npz", "none.npz"):
        with pytest.raises(ArchiveError):
            sources.load_words(tmp_path / name)


class TestSpelling:
    def test_every_writer_spells_with_their_own_letters(self):
        letters = synthetic.archive(3, 2, seed=5, characters="aglXy")
        words = spell(letters)
        assert set(words.writers) == {0, 1, 2}
        assert words.lettered.all()
        assert not words.joined.any()
        assert words.lengths.min() >= 1
        assert words.lengths.max() <= LONGEST
        assert set("".join(words.texts)) == set("aglXy")
        own = {stroke.shape for index in np.flatnonzero(letters.writers == 1) for stroke in letters.strokes(int(index))}
        mine = [int(index) for index in np.flatnonzero(words.writers == 1)]
        assert {stroke.shape for index in mine for stroke in words.strokes(index)} <= own

    def test_letters_stand_on_the_line_one_beside_the_other(self):
        words = spell(synthetic.archive(4, 2, seed=5, characters="aglXy"))
        bottoms, tops = {letter: [] for letter in "aglXy"}, {letter: [] for letter in "aglXy"}
        for index, text in enumerate(words.texts.tolist()):
            extents = words.letter_extents(index)
            assert (extents[1:, 0] > extents[:-1, 1]).all()
            points, places = np.concatenate(words.points_of(index)), np.concatenate(words.letters_of(index))
            for place, letter in enumerate(text):
                bottoms[letter].append(-points[places == place, 1].max())
                tops[letter].append(-points[places == place, 1].min())
        for letter, bottom in {"a": 0, "l": 0, "X": 0, "g": -0.9, "y": -0.9}.items():
            assert np.median(bottoms[letter]) == pytest.approx(bottom, abs=0.2)
        assert np.median(tops["a"]) == pytest.approx(1, abs=0.15)
        assert np.median(tops["X"]) > 1.4

    def test_is_the_same_for_the_same_seed(self, people):
        assert spell(people, 1).texts.tolist() == spell(people, 1).texts.tolist() != spell(people, 2).texts.tolist()

    def test_images_cannot_be_set(self, data):
        with pytest.raises(ArchiveError, match="pen strokes; this archive is images"):
            sources.load_words(data)

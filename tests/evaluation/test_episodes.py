"""People and episodes: which letters are the support, and which are to be written."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.scenery import CHARACTERS, HELD_OUT, archive, without
from tfhand.errors import ArchiveError
from tfhand.evaluation.episodes import NIBS, People, among_writers, draw_episodes


def test_people_bring_letters_of_their_own():
    lost = without(archive(), 3, "k")
    people = People.of(lost, [3, 7, 99], CHARACTERS)
    assert people.writers.tolist() == [3, 7]
    for places in (people.letters, people.retest):
        assert (places < 0).nonzero() == (0, CHARACTERS.index("k"))
        for writer, letters in zip(people.writers, places, strict=True):
            found = letters[letters >= 0]
            assert (lost.writers[found] == writer).all()
            expected = CHARACTERS.replace("k", "") if writer == 3 else CHARACTERS
            assert "".join(lost.classes[lost.labels[found]]) == expected


def test_those_held_out_who_are_in_the_archive():
    assert among_writers(archive(), iter([8, 99, 1, 8])).tolist() == [1, 8]
    with pytest.raises(ArchiveError, match="None of the writers that the preset held out"):
        among_writers(archive(), [99])


def test_the_second_writing_is_another_one():
    people = People.of(without(archive(), 3, "k", keep=1), [3, 7], CHARACTERS)
    once = people.retest < 0
    assert once.nonzero() == (0, CHARACTERS.index("k"))
    assert (people.letters >= 0).all()
    assert (people.letters != people.retest)[~once].all()


def test_a_lacking_letter_is_borrowed_of_the_next():
    people = People.of(without(archive(), 3, "k"), [3, 7], CHARACTERS)
    asked = np.array([CHARACTERS.index(character) for character in "ack"])
    assert people.archive.writers[people.borrow([0, 1], asked)].tolist() == [3, 3, 7]
    assert people.archive.writers[people.borrow([1, 0], asked)].tolist() == [7, 7, 7]


def test_episodes_split_letters_into_support_and_query():
    people = People.of(archive(), HELD_OUT, CHARACTERS)
    episodes = draw_episodes(people, samples=5, seed=3)
    assert [episode.writer for episode in episodes] == HELD_OUT
    for episode in episodes:
        characters, glyphs = episode.samples
        assert len(characters) == len(glyphs) == len(set(characters)) == 5
        assert len(episode.query_characters) == len(episode.query_glyphs) == len(episode.retest) == len(CHARACTERS) - 5
        assert NIBS[0] <= episode.nib <= NIBS[1]
        assert not set(episode.query_characters) & set(characters)
    assert len({tuple(episode.support) for episode in episodes}) > 1


def test_the_truth_is_the_first_writing_and_the_ceiling_the_second():
    people = People.of(archive(), HELD_OUT, CHARACTERS)
    for row, episode in enumerate(draw_episodes(people, samples=5)):
        first, second = (places[row, episode.query_characters] for places in (people.letters, people.retest))
        np.testing.assert_array_equal(episode.query_glyphs, people.draw(first, episode.nib))
        np.testing.assert_array_equal(episode.retest, people.draw(second, episode.nib))
        np.testing.assert_array_equal(episode.letters[episode.query], first)


def test_what_was_written_once_is_given_but_never_asked_for():
    lacking = archive()
    for character in CHARACTERS[:6]:
        lacking = without(lacking, 4, character, keep=1)
    (episode,) = draw_episodes(People.of(lacking, [4], CHARACTERS), samples=5)
    assert set(episode.query_characters) == set(range(6, 21)) - set(episode.samples[0])
    assert len(episode.characters) == 21


def test_enough_is_left_to_ask_for():
    """Of twelve characters written twice ten stay, whatever the lot says."""
    lacking = archive()
    for character in CHARACTERS[:9]:
        lacking = without(lacking, 4, character, keep=1)
    for seed in range(5):
        (episode,) = draw_episodes(People.of(lacking, [4], CHARACTERS, seed=seed), samples=5, seed=seed)
        assert len(episode.query) >= 8  # half of what five samples leave


def test_episodes_are_the_same_for_a_seed():
    people = People.of(archive(), HELD_OUT, CHARACTERS)
    once, again, other = (draw_episodes(people, 5, seed) for seed in (3, 3, 4))
    for one, same, different in zip(once, again, other, strict=True):
        np.testing.assert_array_equal(one.glyphs, same.glyphs)
        np.testing.assert_array_equal(one.support, same.support)
        assert one.nib == same.nib != different.nib


def test_fewer_samples_leave_all_else_as_it_is():
    for episode in draw_episodes(People.of(archive(), HELD_OUT, CHARACTERS), 8):
        fewer = episode.fewer(3)
        np.testing.assert_array_equal(fewer.samples[0], episode.samples[0][:3])
        np.testing.assert_array_equal(fewer.query_characters, episode.query_characters)
        np.testing.assert_array_equal(fewer.query_glyphs, episode.query_glyphs)
        assert fewer.nib == episode.nib


def test_people_who_wrote_too_little_have_no_episode():
    whole = archive()
    few = whole.select(np.flatnonzero((whole.writers != 4) | (whole.labels < 8)))
    assert [episode.writer for episode in draw_episodes(People.of(few, HELD_OUT, CHARACTERS), 5)] == [1, 5, 8]
    with pytest.raises(ArchiveError, match="fewer --samples"):
        draw_episodes(People.of(few, [4], CHARACTERS), 5)

"""Words of a line, and their letters as an aligner finds them."""

from __future__ import annotations

import numpy as np
import pytest

from tfhand.scan.image.components import Component
from tfhand.scan.running.letters import LOOKS, WordPicture, cuts_between, steady_letters
from tfhand.scan.running.words import match_words

UNIT = 20.0  # pixels of an x-height


def piece(left: float, right: float, top: int = 100, bottom: int = 120) -> Component:
    """A filled box."""
    rows, columns = np.mgrid[top:bottom, int(left) : int(right)]
    return Component(rows.ravel(), columns.ravel(), int(left), False, float(left), float(right))


def written(widths: list[list[float]], space: float = 25.0, gap: float = 5.0) -> list[list[Component]]:
    """Pieces of words: the widths of each word's pieces."""
    x, words = 0.0, []
    for own in widths:
        words.append([])
        for width in own:
            words[-1].append(piece(x, x + width))
            x += width + gap
        x += space - gap
    return words


def flat(words: list[list[Component]]) -> list[Component]:
    return [one for word in words for one in word]


def test_words_are_told_by_gaps_and_widths():
    words = written([[100], [40, 55], [20]])
    assert match_words(flat(words[::-1]), ["chiamo", "moine", "a"], UNIT) == words


def test_a_wide_gap_within_a_word_is_none_between_words():
    words = written([[100], [60, 60], [100]], space=26, gap=18)
    assert match_words(flat(words), ["chiamo", "interes", "chiamo"], UNIT) == words


def test_small_pieces_join_the_word_beside_them():
    words = written([[100], [60]])
    dot = piece(110, 114, 85, 89)
    speck = piece(120, 122, 10, 12)
    found = match_words([*flat(words), dot, speck], ["chiami", "ecco"], UNIT)
    assert found == [[*words[0], dot], words[1]]


@pytest.mark.parametrize("text", ["chiamo mi come stai", "a interessantissimo"])
def test_other_texts_are_not_matched(text: str):
    words = written([[110], [30], [30]]) if "mi" in text else written([[250], [20]])
    assert match_words(flat(words), text.split(), UNIT) == []


def fake(places: np.ndarray, wander: np.ndarray):
    """An aligner that finds letters at these places, each so much farther right at every look."""

    def find(pictures, texts):
        sure = np.full(len(places), 0.9)
        return [np.column_stack([places + look * wander[:, None], sure]) for look in range(len(pictures))]

    return find


def test_letters_that_stay_in_their_place_are_sure():
    places = np.array([[0.0, 20.0], [20.0, 40.0], [40.0, 60.0]])
    picture = WordPicture(np.full((30, 60), 255, np.uint8), 20, UNIT)
    (letters,) = steady_letters([picture], ["abc"], fake(places, np.array([0.0, 0.5, 6.0])))
    assert letters.known
    assert letters.sureness[0] == pytest.approx(0.9**0.5)
    assert letters.sureness[0] > letters.sureness[1] > 0.7 > 0.3 > letters.sureness[2]
    assert letters.edges[1].tolist() == [20 + 0.5 * (len(LOOKS) // 2), 40 + 0.5 * (len(LOOKS) // 2)]


def test_a_word_that_the_aligner_does_not_know():
    picture = WordPicture(np.full((30, 60), 255, np.uint8), 20, UNIT)
    (letters,) = steady_letters([picture], ["a#"], lambda pictures, texts: [np.full((2, 3), np.nan)] * len(pictures))
    assert not letters.known


def test_cuts_lie_between_letters_and_in_order():
    edges = np.array([[0.0, 18.0], [22.0, 40.0], [38.0, 60.0]])
    assert cuts_between(edges, 0.0, UNIT).tolist() == [20.0, 39.0]
    assert cuts_between(edges, 0.4, UNIT).tolist() == [16.0, 35.0]  # at the writing line, half an x-height lower
    crossing = np.array([[0.0, 30.0], [22.0, 40.0], [2.0, 9.0]])
    assert (np.diff(cuts_between(crossing, 0.0, UNIT)) >= 1).all()

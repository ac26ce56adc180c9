"""The likeliest way through columns, on logits whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.tiny import TINY_ALIGNER
from tfhand.core.config import as_json
from tfhand.errors import TextError
from tfhand.models.aligner.alignment import (
    DURATION,
    GAP,
    align,
    column_logits,
    in_text,
    line_stretch,
    read,
    text_numbers,
    trimmed,
    viterbi,
)
from tfhand.models.aligner.networks import Aligner

WIDE = np.array([[3.0, 100.0]] * 5)  # any width will do


def logits_of(columns: str, classes: int = 4, strength: float = 4.0) -> np.ndarray:
    """Logits (T, classes) in favour of the digits of a text, a dot for none in particular."""
    logits = np.zeros((len(columns), classes))
    for place, digit in enumerate(columns):
        if digit != ".":
            logits[place, int(digit)] = strength
    return logits


def spans_of(columns: str, numbers: list[int], durations=None, reading: str | None = None) -> list[list[int]]:
    durations = WIDE[: len(numbers)] if durations is None else np.array(durations)
    found, sure = viterbi(logits_of(reading or "." * len(columns)), logits_of(columns), np.array(numbers), durations)
    assert ((sure >= 0) & (sure <= 1)).all()
    return found.tolist()


def test_letters_are_where_the_columns_say():
    assert spans_of("0011100222003330", [1, 2, 3]) == [[2, 5], [7, 10], [12, 15]]


def test_letters_that_touch_are_cut_where_the_columns_change():
    assert spans_of("0111222333", [1, 2, 3]) == [[1, 4], [4, 7], [7, 10]]


def test_a_letter_that_is_not_in_the_text_changes_nothing():
    assert spans_of("0011133222", [1, 2]) == spans_of("00111..222", [1, 2])


def test_the_same_letter_twice_needs_a_width_to_be_cut():
    assert spans_of("0111111110", [1, 1], [[4, 1], [4, 1]]) == [[1, 5], [5, 9]]
    assert spans_of("0111111110", [1, 1], [[2, 0.7], [6, 0.7]]) == [[1, 3], [3, 9]]


def test_widths_decide_where_columns_say_nothing():
    assert spans_of("0.........0", [1, 2, 3], [[2, 0.4], [4, 0.4], [3, 0.4]]) == [[1, 3], [3, 7], [7, 10]]


def test_columns_outweigh_widths():
    assert spans_of("0111111222", [1, 2], [[4, 2.0], [4, 2.0]]) == [[1, 7], [7, 10]]


def test_a_peak_of_the_reading_head_pulls_its_letter():
    """Two places look like the letter; the reading head says it in the second."""
    columns = "0111000000111000"
    assert spans_of(columns, [1], [[3, 2.0]], reading="0000000000010000") == [[10, 13]]
    assert spans_of(columns, [1], [[3, 2.0]], reading="0010000000000000") == [[1, 4]]


def test_confidence_is_that_of_the_columns():
    clear, unclear = (
        viterbi(logits_of("0" * 10), logits_of(columns, strength=6), np.array([1, 2]), np.array([[3, 0.3], [4, 0.3]]))[
            1
        ]
        for columns in ("0111022220", "01110....0")
    )
    assert clear.min() > 0.98
    assert unclear[0] > 0.98
    assert unclear[1] < 0.6


def test_it_is_the_best_of_all_ways():
    """Against every way there is, on random columns."""
    rng = np.random.default_rng(3)
    for _ in range(5):
        letters, numbers = 2 * rng.standard_normal((7, 4)), np.array([1, 3])
        durations = np.array([[2.0, 1.0], [3.0, 1.0]])
        spans, _ = viterbi(np.zeros((7, 4)), letters, numbers, durations)
        ways = [
            [(a, b), (c, d)] for a in range(7) for b in range(a + 1, 8) for c in range(b, 7) for d in range(c + 1, 8)
        ]
        assert [tuple(span) for span in spans] == max(ways, key=lambda way: _score(way, letters, numbers, durations))


def _score(way, letters, numbers, durations) -> float:
    known = letters[:, [0, 1, 3]]
    logs = letters - np.log(np.exp(known).sum(axis=1, keepdims=True))
    classes = np.zeros(len(letters), int)
    total = 0.0
    for (left, right), number, (mean, deviation) in zip(way, numbers, durations, strict=True):
        classes[left:right] = number
        read_somewhere = 1 - (1 - 0.25) ** (right - left)  # logits of 0 over four classes
        total += np.log(1e-4 + read_somewhere) - DURATION / 2 * ((right - left - mean) / deviation) ** 2
    return total + GAP * np.sum(classes == 0) + logs[np.arange(len(letters)), classes].sum()


def test_texts_become_numbers_and_back():
    assert text_numbers("b a", "abc").tolist() == [2, 1]
    assert in_text(np.array([2, 0, 1]), "abc") == "ba"
    for text, sentence in (("a?", r"does not know \?; it knows abc"), (" ", "no letter to look for")):
        with pytest.raises(TextError, match=sentence):
            text_numbers(text, "abc")


def test_intervals_are_trimmed_to_ink_and_widths_to_the_line():
    picture = np.zeros((8, 20), np.uint8)
    picture[3, 4:9] = picture[5, 12:14] = 255
    assert trimmed(picture, 2, 11) == (4, 9)
    assert trimmed(picture, 9, 12) == (9, 12)
    durations = np.array([[1.0, 1.0], [2.0, 1.0], [5.0, 1.0]])
    assert line_stretch(picture, durations, np.array([1, 1])) == pytest.approx(3.5 / 4)
    assert line_stretch(picture, durations, np.array([2] * 9)) == 0.5


@pytest.fixture(scope="module")
def networks() -> Aligner:
    return Aligner(**as_json(TINY_ALIGNER))


@pytest.fixture(scope="module")
def pictures() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (32, width), np.uint8) for width in (41, 96, 60)]


def test_a_picture_is_seen_alike_alone_and_among_others(networks, pictures):
    together = column_logits(networks, pictures)
    assert [len(reading) for reading, _ in together] == [21, 48, 30]
    for picture, both in zip(pictures, together, strict=True):
        for one, other in zip(column_logits(networks, [picture])[0], both, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-5)


def test_gives_every_letter_a_place_in_order(networks, pictures):
    texts = ["ab c", "word", "Z"]
    for picture, text, letters in zip(pictures, texts, align(networks, pictures, texts), strict=True):
        assert "".join(letter.character for letter in letters) == text.replace(" ", "")
        ends = [end for letter in letters for end in (letter.left, letter.right)]
        assert sorted(ends) == ends
        assert 0 <= ends[0] < ends[-1] <= picture.shape[1] + 1


def test_too_many_letters_are_refused(networks, pictures):
    with pytest.raises(TextError, match="of 21 columns cannot hold the 22 letters"):
        align(networks, pictures[:1], ["a" * 22])


def test_reads_without_repetitions_and_blanks(networks, pictures, monkeypatch):
    found = [(logits_of("0110122000", 4), None)]
    monkeypatch.setattr("tfhand.models.aligner.alignment.column_logits", lambda *_: found)
    assert read(networks, pictures[:1]) == ["001"]

"""Ways to write the words that are asked for: a person's own, from their words, and simpler ones to compare with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from tfhand.data.word_pictures import BELOW, pixels_per_x_height
from tfhand.evaluation.words.cutting import HEIGHT
from tfhand.evaluation.words.people import WordPerson, equally_cut
from tfhand.evaluation.words.pieces import Part, parts_of, side_by_side
from tfhand.hands.glyph import inverted
from tfhand.hands.hand import WRITTEN as BY_HAND
from tfhand.hands.hand import Hand, Sample
from tfhand.hands.word_sample import WordSample
from tfhand.metrics.contour_hinge import contour_hinge, hinge_distance
from tfhand.synthesis.joined.word_writer import WordWriter
from tfhand.synthesis.synthesizer import Synthesizer
from tfhand.typeset import Layout
from tfhand.typeset.pagination import FIRST

REAL, WRITTEN = "real words", "written words"
WordMethod = Callable[[Sequence[WordPerson], int], list[WordSample]]
"""From all people and the place of one of them, a word for each text asked of that one."""
_MARGIN = 1.5  # x-heights around letters that are written one by one
_SAMPLES = 3  # of each letter cut from words, when letters are written one by one
_FAINT = 127  # of 255: fainter ink is no part of a letter's box


def real_words(people: Sequence[WordPerson], place: int) -> list[WordSample]:
    """As the person wrote them."""
    return list(people[place].second)


class WordsMethods:
    """The ways to write, all with one preset for letters that no given word shows.

    Args:
        pen: writes letters one by one.
        seed: of all that varies.
    """

    def __init__(self, pen: Synthesizer, seed: int = 0):
        self._pen, self._seed = pen, seed
        self._letters: dict[int, Hand] = {}  # by writer; the pen knows the code of a Hand that it saw

    @property
    def all(self) -> Mapping[str, WordMethod]:
        """By name, the person's own words first."""
        return {
            REAL: real_words,
            WRITTEN: self.written,
            "random pieces": self.random_pieces,
            "letters apart": self.letters_apart,
            "nearest writer": self.nearest_writer,
            "another person": self.another_person,
            "text shuffled": self.text_shuffled,
            "equal-width cuts": self.equal_width_cuts,
        }

    def written(self, people: Sequence[WordPerson], place: int) -> list[WordSample]:
        """Words made of pieces of those given, as `tfhand write` makes them."""
        return self._write(people[place], people[place].texts)

    def random_pieces(self, people: Sequence[WordPerson], place: int) -> list[WordSample]:
        """Any piece of each letter, side by side, whether ink meets or not; another person's where there is none."""
        person, rng = people[place], self._rng(people[place])
        pools: dict[str, list[Part]] = {}
        for one in (person, *_others(people, place)):
            pools = {**letters_of(one.given), **pools}
        return [
            side_by_side(text, [_any(rng, pools.get(letter) or pools[letter.lower()]) for letter in text])
            for text in person.texts
        ]

    def letters_apart(self, people: Sequence[WordPerson], place: int) -> list[WordSample]:
        """The letters of the given words as separate glyphs, set one by one; those that are absent by the preset."""
        unit = pixels_per_x_height(HEIGHT)
        layout = Layout(x_height=unit, height=round((2 * _MARGIN + FIRST + BELOW) * unit), margin=_MARGIN)
        words, hand = [], self._hand_of_letters(people[place])
        for number, text in enumerate(people[place].texts):
            ink = inverted(self._pen.write(text, hand, seed=self._seed + number, layout=layout).image())
            words.append(equally_cut(WordSample(text, ink, (_MARGIN + FIRST) * unit, unit, range(1, len(text)))))
        return words

    def nearest_writer(self, people: Sequence[WordPerson], place: int) -> list[WordSample]:
        """The same from the words of the person whose given words have the most similar outlines."""
        own = contour_hinge(people[place].given)
        near = min(_others(people, place), key=lambda other: hinge_distance(own, contour_hinge(other.given)))
        return self._write(near, people[place].texts)

    def another_person(self, people: Sequence[WordPerson], place: int) -> list[WordSample]:
        """The same from the words of the next person of all."""
        return self._write(_others(people, place)[0], people[place].texts)

    def text_shuffled(self, people: Sequence[WordPerson], place: int) -> list[WordSample]:
        """The same words with their letters in another order, which are then taken for the texts asked for."""
        rng, texts = self._rng(people[place]), people[place].texts
        words = self._write(people[place], ["".join(rng.permutation(list(text))) for text in texts])
        return [renamed(word, text) for word, text in zip(words, texts, strict=True)]

    def equal_width_cuts(self, people: Sequence[WordPerson], place: int) -> list[WordSample]:
        """The same from given words that were cut into letters of equal width."""
        given = [equally_cut(word) for word in people[place].given]
        return self._write(people[place], people[place].texts, given)

    def _write(
        self, person: WordPerson, texts: Sequence[str], given: Sequence[WordSample] | None = None
    ) -> list[WordSample]:
        """Texts in the hand of a person; of the words given, or of the same ones cut otherwise."""
        writer = WordWriter(given or person.given, self._seed)
        chosen = [writer.choose(text) for text in texts]
        strange = "".join(dict.fromkeys(part for parts in chosen for part in parts if isinstance(part, str)))
        drawn = (
            self._pen.text_glyphs(strange, self._hand_of_letters(person), seed=self._seed).samples if strange else ()
        )
        samples = {sample.character: sample for sample in drawn if sample is not None}
        return [writer.write([samples[part] if isinstance(part, str) else part for part in parts]) for parts in chosen]

    def _hand_of_letters(self, person: WordPerson) -> Hand:
        if person.writer not in self._letters:
            self._letters[person.writer] = letters_hand(person.given)
        return self._letters[person.writer]

    def _rng(self, person: WordPerson) -> np.random.Generator:
        return np.random.default_rng([self._seed, person.writer])


def renamed(word: WordSample, text: str) -> WordSample:
    """The same ink, said to be another text of as many letters."""
    return replace(word, text=text)


def letters_of(words: Sequence[WordSample]) -> dict[str, list[Part]]:
    """The letters of some words by character."""
    found: dict[str, list[Part]] = {}
    for part in (part for word in words for part in parts_of(word)):
        found.setdefault(part.word.text[part.place], []).append(part)
    return found


def letters_hand(words: Sequence[WordSample]) -> Hand:
    """Some words cut into letters, as a Hand that knows of no joins."""
    samples = [sample for parts in letters_of(words).values() for part in parts[:_SAMPLES] for sample in _samples(part)]
    return Hand(samples=samples)


def _samples(part: Part) -> list[Sample]:
    """A letter of a word as a Sample; none where no ink fell to it."""
    word = part.word
    ink, _ = word.piece(part.place, part.place + 1)
    rows = np.flatnonzero((ink > _FAINT).any(axis=1))
    if not len(rows):
        return []
    bottom, height = (word.baseline - 1 - rows[-1]) / word.x_height, (1 + rows[-1] - rows[0]) / word.x_height
    return [Sample(word.text[part.place], ink, BY_HAND, bottom, height)]


def _any(rng: np.random.Generator, parts: Sequence[Part]) -> Part:
    return parts[int(rng.integers(len(parts)))]


def _others(people: Sequence[WordPerson], place: int) -> list[WordPerson]:
    """All but one person, from the next one on."""
    return [*people[place + 1 :], *people[:place]]

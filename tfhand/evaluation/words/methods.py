"""Ways to write the words that are asked for: a person's own, from their words, and simpler ones to compare with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from tfhand.data.word_pictures import pixels_per_x_height
from tfhand.evaluation.words.cutting import HEIGHT
from tfhand.evaluation.words.people import WordPerson, equally_cut
from tfhand.evaluation.words.pieces import Part, parts_of, side_by_side
from tfhand.hands.glyph import inverted
from tfhand.hands.hand import Hand, Sample
from tfhand.hands.word_sample import WordSample
from tfhand.metrics.contour_hinge import hinge_distance
from tfhand.synthesis.synthesizer import Synthesizer
from tfhand.typeset import Layout
from tfhand.typeset.pagination import FIRST

REAL, WRITTEN = "real words", "written words"
WordMethod = Callable[[Sequence[WordPerson], int], list[WordSample]]
"""From all people and the place of one of them, a word for each text asked of that one."""
_MARGIN, _PITCH, _OVER = 2.0, 7.0, 4.0  # x-heights: around a page, from line to line, and over a line
_SAMPLES = 3  # of each letter, when letters are written one by one


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
            "equal-width cuts": self.equal_width_cuts,
        }

    def written(self, people: Sequence[WordPerson], place: int) -> list[WordSample]:
        """Words made of pieces of those given, as `tfhand write` makes them."""
        return self._write(people[place].hand, people[place].texts)

    def random_pieces(self, people: Sequence[WordPerson], place: int) -> list[WordSample]:
        """Any piece of each letter, side by side, whether ink meets or not; another person's where there is none."""
        person, rng = people[place], self._rng(people[place])
        pools: dict[str, list[Part]] = {}
        for one in (person, *_others(people, place)):
            pools = {**parts_by_letter(one.given), **pools}
        return [
            side_by_side(text, [_any(rng, pools.get(letter) or pools[letter.lower()]) for letter in text])
            for text in person.texts
        ]

    def letters_apart(self, people: Sequence[WordPerson], place: int) -> list[WordSample]:
        """The letters of the given words as separate glyphs, set one by one; those that are absent by the preset."""
        person = people[place]
        return self._write(Hand(samples=letters_of(person.given)), person.texts)

    def nearest_writer(self, people: Sequence[WordPerson], place: int) -> list[WordSample]:
        """The same from the words of the person whose given words have the most similar outlines."""
        near = min(_others(people, place), key=lambda other: hinge_distance(people[place].hinge, other.hinge))
        return self._write(near.hand, people[place].texts)

    def another_person(self, people: Sequence[WordPerson], place: int) -> list[WordSample]:
        """The same from the words of the next person of all."""
        return self._write(_others(people, place)[0].hand, people[place].texts)

    def equal_width_cuts(self, people: Sequence[WordPerson], place: int) -> list[WordSample]:
        """The same from given words that were cut into letters of equal width."""
        hand = Hand(words=[equally_cut(word) for word in people[place].given])
        return self._write(hand, people[place].texts)

    def _write(self, hand: Hand, texts: Sequence[str]) -> list[WordSample]:
        """Texts as `tfhand write` sets them, each on a line of its own."""
        unit, first = pixels_per_x_height(HEIGHT), _MARGIN + FIRST
        height = round((2 * _MARGIN + FIRST + _PITCH * len(texts)) * unit)
        layout = Layout(x_height=unit, height=height, margin=_MARGIN, line_pitch=_PITCH)
        page = inverted(self._pen.write("\n".join(texts), hand, seed=self._seed, layout=layout).image())
        words = []
        for number, text in enumerate(texts):
            baseline = (first + _PITCH * number) * unit
            top = round(baseline - _OVER * unit)
            line = page[max(top, 0) : round(top + _PITCH * unit)]
            uncut = WordSample(text, line, baseline - max(top, 0), unit, range(1, len(text)))
            words.append(equally_cut(uncut))
        return words

    def _rng(self, person: WordPerson) -> np.random.Generator:
        return np.random.default_rng([self._seed, person.writer])


def parts_by_letter(words: Sequence[WordSample]) -> dict[str, list[Part]]:
    """The letters of some words by character."""
    found: dict[str, list[Part]] = {}
    for part in (part for word in words for part in parts_of(word)):
        found.setdefault(part.word.text[part.place], []).append(part)
    return found


def letters_of(words: Sequence[WordSample]) -> list[Sample]:
    """Samples of the letters of some words, a few of each."""
    some = (part for parts in parts_by_letter(words).values() for part in parts[:_SAMPLES])
    return [sample for part in some if (sample := part.word.sample(part.place))]


def _any(rng: np.random.Generator, parts: Sequence[Part]) -> Part:
    return parts[int(rng.integers(len(parts)))]


def _others(people: Sequence[WordPerson], place: int) -> list[WordPerson]:
    """All but one person, from the next one on."""
    return [*people[place + 1 :], *people[:place]]

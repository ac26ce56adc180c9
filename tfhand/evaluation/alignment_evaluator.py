"""Evaluation of an aligner: are the letters of a known text found where they are, in print and in joined writing?

A letter counts as found if its interval overlaps the true one by more than .7 of what both cover together (Jaccard
index). The true one is where its pen points lie, and half a nib more on both sides. Beside the network stand rules that
look at no ink but for its ends, and the network with the letters of the text in another order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from tfhand.data.marks import Marks, mark_letters
from tfhand.data.streams.words import without_overlaps
from tfhand.data.word_pictures import LineTransform, draw_words, letter_pixels, pixels_per_x_height, scan, set_line
from tfhand.data.words import WordArchive
from tfhand.errors import ArchiveError
from tfhand.evaluation.aligned_words import OVERLAP, Word, intervals, overlap, word_sheet
from tfhand.evaluation.episodes import among_writers
from tfhand.models.aligner.alignment import AlignedLetter, align, read, trimmed

if TYPE_CHECKING:
    from tfhand.models.aligner.networks import Aligner

NETWORK, SHUFFLED, EQUAL, USUAL, TRUE = (
    "network", "network, letters shuffled", "equal widths", "usual widths", "true columns"
)  # fmt: skip
PRINT, JOINED, MARKED = "print %", "joined %", "marked %"
SUREST, CER = ", surest half", "character error %"
CUTS = "marked cuts %"
_CLOSE = 0.25  # x-heights, of a cut between two letters that counts as right
_TRIES = 20  # at a word in another order; there may be none
_WORDS, _READ, _ORDER = range(3)  # streams of random numbers


class AlignmentEvaluator:
    """An aligner on words by people whom it was not trained on, drawn with varied slants, nibs and scans.

    Args:
        networks: the `Aligner`.
        archive: words by writers.
        people: whose words are looked at.
        seed: of the drawing of words and all other random choices.
        marks: joined words of the archive whose letters were marked by hand; a kind of its own, `MARKED`.

    Raises:
        ArchiveError: none of these people is in the archive, or none has a word whose letters are known, or the marks
            are of another archive.
    """

    def __init__(
        self, networks: Aligner, archive: WordArchive, people: Iterable[int], seed: int = 0, marks: Marks | None = None
    ):
        self.networks, self.seed, self.marks = networks, seed, marks or {}
        self.archive = archive = mark_letters(archive, marks) if marks else archive
        known = set(networks.characters)
        own = np.isin(archive.writers, among_writers(archive, people))
        own &= np.array([known.issuperset(text) for text in archive.texts.tolist()])
        self._readable = np.flatnonzero(own)
        some = np.flatnonzero(own & archive.lettered & (archive.lengths > 1))
        self._lettered = [i for i in some.tolist() if not np.isnan(archive.letter_extents(i)).any()]
        if not self._lettered:
            raise ArchiveError("The held-out writers of the archive have no word whose letters are known.")

    @cached_property
    def words(self) -> list[Word]:
        """Every word of two letters and more in which it is known where each letter stands."""
        return self._drawn(self._lettered, _WORDS)

    def metrics(self, count: int = 10_000) -> dict[str, dict[str, float]]:
        """By method, the shares of letters found in percent, and how well the network reads.

        Args:
            count: words that are read, at most.

        Returns:
            For the network, its shuffled texts, the rules and the `TRUE` columns, each letter cut where the next one
            begins, which no cutting can surpass: `PRINT`, `JOINED` and `MARKED` words apart, of all letters and of
            the half of which the network is surest; of marked words the share of cuts between two letters that are
            close to the true one, `CUTS`; and the character error rate. nan where there is none.
        """
        methods = self.methods()
        read_wrongly = self.character_error(count)
        kinds = np.concatenate([np.full(len(word.text), word.kind) for word in self.words])
        sure = np.concatenate([[letter.confidence for letter in found] for found in self.found])
        table = {}
        for name, spans in methods.items():
            hits = np.concatenate(
                [overlap(own, word.truth) > OVERLAP for own, word in zip(spans, self.words, strict=True)]
            )
            row = {}
            for kind in self.kinds:
                members = kinds == kind
                row[kind] = _percent(hits[members])
                surest = sure[members] >= np.median(sure[members]) if members.any() else []
                row[kind + SUREST] = _percent(hits[members][surest]) if name == NETWORK else np.nan
            if self.marks:
                row[CUTS] = _percent(self._close_cuts(spans))
            row[CER] = 100 * read_wrongly if name == NETWORK else np.nan
            table[name] = row
        return table

    def _close_cuts(self, spans: Sequence[np.ndarray]) -> np.ndarray:
        """For each two letters that follow each other in marked words, whether the cut between them is close."""
        near = _CLOSE * pixels_per_x_height(self.networks.image_size)
        marked = [(own, word.truth) for own, word in zip(spans, self.words, strict=True) if word.kind == MARKED]
        return np.concatenate([np.abs(_between(own) - _between(truth)) < near for own, truth in marked])

    @property
    def counts(self) -> dict[str, int]:
        """The numbers of letters that are looked for, by kind of words."""
        names = {PRINT: "letters in print", JOINED: "letters joined", MARKED: "letters marked"}
        return {names[kind]: sum(len(word.text) for word in self.words if word.kind == kind) for kind in self.kinds}

    @property
    def kinds(self) -> tuple[str, ...]:
        """Of the words."""
        return (PRINT, JOINED, MARKED) if self.marks else (PRINT, JOINED)

    @cached_property
    def found(self) -> list[list[AlignedLetter]]:
        """The letters of `words` as the network finds them."""
        return align(self.networks, [word.picture for word in self.words], [word.text for word in self.words])

    def methods(self) -> dict[str, list[np.ndarray]]:
        """By name of the method, the letters' intervals (letters, 2) in pixels, for each word."""
        usual = np.asarray(self.networks.durations)[:, 0]
        rng = np.random.default_rng([self.seed, _ORDER])
        pictures = [word.picture for word in self.words]
        wrong = align(self.networks, pictures, [_shuffled(rng, word.text) for word in self.words])
        widths = [usual[[1 + self.networks.characters.index(letter) for letter in word.text]] for word in self.words]
        return {
            NETWORK: [intervals(letters) for letters in self.found],
            SHUFFLED: [intervals(letters) for letters in wrong],
            EQUAL: [divided(word.picture, np.ones(len(word.text))) for word in self.words],
            USUAL: [divided(word.picture, own + usual[0]) for word, own in zip(self.words, widths, strict=True)],
            TRUE: [_cut(word) for word in self.words],
        }

    def character_error(self, count: int = 10_000) -> float:
        """Insertions, deletions and substitutions for each letter, when the network reads without a text."""
        rng = np.random.default_rng([self.seed, _READ])
        words = self._drawn(rng.permutation(self._readable)[:count].tolist(), _READ)
        said = read(self.networks, [word.picture for word in words])
        wrong = sum(edit_distance(own, word.text) for own, word in zip(said, words, strict=True))
        return wrong / sum(len(word.text) for word in words)

    def picture(self, count: int = 20) -> np.ndarray:
        """Words of all kinds, above each where its letters are, below where they are found.

        Args:
            count: of words, of each kind as many if there are so many; the others are in print.

        Returns:
            uint8 array of shape (height, width, 3), black ink on white.
        """
        rng = np.random.default_rng([self.seed, _ORDER])
        chosen: list[int] = []
        for place, kind in enumerate(reversed(self.kinds)):
            own = rng.permutation([i for i, word in enumerate(self.words) if word.kind == kind])
            share = (count - len(chosen)) // (len(self.kinds) - place)
            chosen = [*own[:share].tolist(), *chosen]
        return word_sheet([(self.words[int(i)], self.found[int(i)]) for i in chosen])

    def _drawn(self, indices: Sequence[int], purpose: int) -> list[Word]:
        """Words of the archive, each drawn once with its own transform and scan."""
        height, words = self.networks.image_size, []
        for index in indices:
            rng = np.random.default_rng([self.seed, purpose, index])
            transform = LineTransform.draw(rng)
            line = set_line(self.archive, np.array([index]), transform, rng)
            picture = scan(rng, draw_words(line, height, transform.nib))
            truth = letter_pixels(line, height, transform.nib)
            kind = MARKED if index in self.marks else JOINED if self.archive.joined[index] else PRINT
            words.append(Word(line.text, kind, picture, truth))
        return words


def divided(picture: np.ndarray, widths: np.ndarray) -> np.ndarray:
    """The ink of a picture cut in proportion to widths (n,), intervals (n, 2) in pixels without paper at their ends."""
    left, right = trimmed(picture, 0, picture.shape[1])
    cuts = left + (right - left) * np.concatenate([[0], np.cumsum(widths)]) / widths.sum()
    return np.array([trimmed(picture, *span) for span in zip(cuts[:-1], cuts[1:], strict=True)])


def edit_distance(one: str, other: str) -> int:
    """The least number of insertions, deletions and substitutions from one text to another (Levenshtein 1966)."""
    row = list(range(len(other) + 1))
    for count, letter in enumerate(one, 1):
        before, row[0] = row[0], count
        for place, known in enumerate(other, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (letter != known))
    return row[-1]


def _cut(word: Word) -> np.ndarray:
    """Where letters are, each cut in the middle of where it overlaps a neighbour."""
    spans = word.truth.copy()
    order = np.argsort(spans.mean(axis=1))
    spans[order] = without_overlaps(spans[order])
    return spans


def _between(spans: np.ndarray) -> np.ndarray:
    """The middle between each interval's end and the next one's beginning, (n - 1,)."""
    return (spans[:-1, 1] + spans[1:, 0]) / 2


def _shuffled(rng: np.random.Generator, text: str) -> str:
    """A text's letters in another order, if there is one in which it reads otherwise."""
    for _ in range(_TRIES):
        other = "".join(rng.permutation(list(text)))
        if other != text:
            return other
    return text


def _percent(hits: np.ndarray) -> float:
    return 100 * float(np.mean(hits)) if len(hits) else float("nan")

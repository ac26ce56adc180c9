"""A Hand: one person's glyphs by character, and where each came from."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from tfhand.core import charset
from tfhand.core.folders import is_filled, locked
from tfhand.hands import contact_sheet, io
from tfhand.hands.sample import GENERATED, WRITTEN, Sample
from tfhand.hands.word_sample import WordSample

__all__ = ["GENERATED", "WRITTEN", "Hand", "Sample", "WordSample"]


class Hand(Mapping):
    """One person's glyphs: a mapping from character to a tuple of uint8 glyphs [32, 32], white ink on black.

    Args:
        glyphs: character -> pictures of it, uint8 [H, W] or [H, W, 3] of any size and polarity.
        samples: further glyphs with their source and place on the writing line.
        words: whole words that the person wrote, for writing that is joined.

    Raises:
        HandError: a key is not one character, or a picture is blank or not a picture.

    Example:
        hand = Hand({"2": [image, other_image], "7": [third_image]})
        hand["2"][0]                    # uint8 [32, 32]
        hand.missing("0123456789")      # "01345689"
    """

    def __init__(
        self,
        glyphs: Mapping[str, Iterable[np.ndarray]] | None = None,
        samples: Iterable[Sample] = (),
        words: Iterable[WordSample] = (),
    ):
        given = [Sample(character, image) for character, images in (glyphs or {}).items() for image in images]
        given += samples
        rank = {character: number for number, character in enumerate(charset.order(one.character for one in given))}
        given.sort(key=lambda one: (rank[one.character], one.source != WRITTEN))  # stable: order given stays
        self.samples: tuple[Sample, ...] = tuple(given)
        self.words: tuple[WordSample, ...] = tuple(words)
        self._glyphs: dict[str, tuple[np.ndarray, ...]] = {}
        for one in given:
            self._glyphs[one.character] = (*self._glyphs.get(one.character, ()), one.glyph)

    def __getitem__(self, character: str) -> tuple[np.ndarray, ...]:
        return self._glyphs[character]

    def __iter__(self) -> Iterator[str]:
        return iter(self._glyphs)

    def __len__(self) -> int:
        return len(self._glyphs)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Hand):
            return NotImplemented
        return (self.samples, self.words) == (other.samples, other.words)

    def __repr__(self) -> str:
        written = sum(one.source == WRITTEN for one in self.samples)
        words = f", {len(self.words)} words" if self.words else ""
        return f"Hand({''.join(self)!r}, {written} written, {len(self.samples) - written} generated{words})"

    @property
    def written(self) -> Hand:
        """The glyphs that the person wrote, without generated ones."""
        return Hand(samples=(one for one in self.samples if one.source == WRITTEN), words=self.words)

    @property
    def approved(self) -> Hand:
        """The glyphs that no reader has marked as doubtful; `write` and `font` use these alone."""
        return Hand(samples=(one for one in self.samples if not one.doubt), words=self.words)

    def samples_of(self, character: str) -> tuple[Sample, ...]:
        """All samples of one character, written ones first; empty where there is none."""
        return tuple(one for one in self.samples if one.character == character)

    def missing(self, characters: Iterable[str]) -> str:
        """The characters that the Hand does not hold, each once, in the order of charset."""
        return charset.order(character for character in characters if character not in self)

    def merged(self, other: Hand) -> Hand:
        """A Hand with the samples and words of both; what both hold comes once."""
        return Hand(
            samples=(*self.samples, *(one for one in other.samples if one not in self.samples)),
            words=(*self.words, *(one for one in other.words if one not in self.words)),
        )

    @classmethod
    def load(cls, path: str | os.PathLike) -> Hand:
        """Reads a Hand's folder, or a bare folder of pictures named after their characters (see `tfhand.hands.io`).

        Raises:
            HandError: no such folder, no usable picture in it, or a broken hand.json.
        """
        samples, words = io.read(path)
        return cls(samples=samples, words=words)

    def save(self, path: str | os.PathLike) -> None:
        """Writes the Hand's folder whole or not at all; a Hand that was there before is replaced.

        Raises:
            HandError: the Hand is empty, the folder cannot be written, or it holds files that are not a Hand's.
        """
        io.write(path, self.samples, self.words)

    def add_to(self, path: str | os.PathLike) -> Hand:
        """Adds these samples to the Hand in a folder, whatever others add meanwhile; without one, as `save`.

        Returns:
            the Hand that is in the folder then.

        Raises:
            HandError: as for `load` and `save`.
        """
        with locked(path):
            whole = Hand.load(path).merged(self) if is_filled(path) else self
            whole.save(path)
        return whole

    def contact_sheet(self) -> np.ndarray:
        """A picture of all glyphs and words, with what is to be looked at: uint8 [height, width, 3], black on white."""
        return contact_sheet.contact_sheet(self.samples, self.words)

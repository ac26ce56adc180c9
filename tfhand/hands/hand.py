"""A Hand: one person's glyphs by character, and where each came from."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from tfhand.core import charset
from tfhand.core.folders import is_filled, locked
from tfhand.errors import HandError
from tfhand.hands import contact_sheet, io
from tfhand.hands.index import INDEX
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

    def named(self, file: str) -> Sample | WordSample:
        """The sample or word that was loaded from a file of the Hand's folder, such as "a_2.png".

        Raises:
            HandError: there is none.
        """
        own: list[Sample | WordSample] = [*self.samples, *self.words]
        found = [one for one in own if one.file == file != ""]
        if not found:
            raise HandError(f"The Hand has no {file!r}; `tfhand hand show` tells the files that it has.")
        return found[0]

    def drop(self, sample: Sample | WordSample) -> Hand:
        """A Hand without one of its samples or words.

        Raises:
            HandError: it is not of this Hand.
        """
        return self._with(sample)

    def relabel(self, sample: Sample | WordSample, text: str) -> Hand:
        """A Hand in which a sample or a word says something else; a person has said so, and no doubt is left.

        Args:
            sample: of this Hand.
            text: a character; for a word, as many letters as it is cut into.

        Raises:
            HandError: the sample is not of this Hand, or the text is not one character, or not one for each letter.
        """
        text = unicodedata.normalize("NFC", text)
        if isinstance(sample, Sample):
            return self._with(sample, replace(sample, character=text, doubt=""))
        if len(text) != len(sample.text):
            raise HandError(f"{sample.text!r} is cut into {len(sample.text)} letters, and {text!r} has {len(text)}.")
        return self._with(sample, replace(sample, text=text))

    def replace(self, sample: Sample, picture: np.ndarray | Sample) -> Hand:
        """A Hand with another picture of a character in the place of one of its samples.

        Args:
            sample: of this Hand.
            picture: uint8 [H, W] or [H, W, 3] of any size and polarity, which the person wrote; its size on paper is
                then unknown. Or a Sample, which is taken as it is.

        Raises:
            HandError: the sample is not of this Hand, or the picture is blank or not a picture.
        """
        new = picture if isinstance(picture, Sample) else Sample(sample.character, picture)
        return self._with(sample, replace(new, file=sample.file))

    def approve(self, sample: Sample | WordSample) -> Hand:
        """A Hand in which a sample is not doubtful any more, or all letters of a word are sure: a person has seen it.

        Raises:
            HandError: it is not of this Hand.
        """
        if isinstance(sample, Sample):
            return self._with(sample, replace(sample, doubt=""))
        return self._with(sample, replace(sample, sure=(True,) * len(sample.text)))

    def _with(self, sample: Sample | WordSample, *others: Sample | WordSample) -> Hand:
        """A Hand with others in the place of one sample: of that itself, or else of the first that is equal."""
        own: list[Sample | WordSample] = [*self.samples, *self.words]
        places = [place for place, one in enumerate(own) if one == sample]
        if not places:
            raise HandError(f"{sample!r} is not of this Hand.")
        place = next((place for place in places if own[place] is sample), places[0])
        new = [*own[:place], *others, *own[place + 1 :]]
        return Hand(
            samples=(one for one in new if isinstance(one, Sample)),
            words=(one for one in new if isinstance(one, WordSample)),
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
            if is_filled(path):
                return Hand.edit(path, lambda there: there.merged(self))
            self.save(path)
        return self

    @classmethod
    def edit(cls, path: str | os.PathLike, change: Callable[[Hand], Hand]) -> Hand:
        """Changes the Hand in a folder, whatever others change meanwhile.

        Args:
            path: of the folder.
            change: gives the new Hand for the one that is in the folder: `lambda hand: hand.drop(hand.named("a.png"))`.

        Returns:
            the Hand that is in the folder then.

        Raises:
            HandError: as for `load`, `save` and `change`, or nothing would be left; the folder is then as it was.
        """
        with locked(path):
            new = change(cls.load(path))
            if not os.path.isfile(os.path.join(path, INDEX)):
                raise HandError(
                    f"{path} has no {INDEX}: what a picture shows is its name there, so rename or delete it."
                )
            if not (new.samples or new.words):
                raise HandError(f"Nothing would be left of the Hand; remove {path} itself if that is meant.")
            new.save(path)
            return cls.load(path)

    def contact_sheet(self) -> np.ndarray:
        """A picture of all glyphs and words, with what is to be looked at: uint8 [height, width, 3], black on white."""
        return contact_sheet.contact_sheet(self.samples, self.words)

"""The words of a text in a hand that joins letters: what the person's own words give of them, and what is missing."""

from __future__ import annotations

import re
from typing import Literal

from tfhand.hands.hand import WRITTEN, Sample, WordSample
from tfhand.synthesis.composition.text_glyphs import TextGlyphs
from tfhand.synthesis.joined.pieces import Piece
from tfhand.synthesis.joined.word_writer import WordWriter, WrittenWords
from tfhand.typeset import normalize_text, visible_characters

Joined = Literal["auto", "always", "never"]
JOINED: tuple[Joined, ...] = ("auto", "always", "never")


class TextWords:
    """The words of a text, each as pieces of the person's words and letters that stand alone.

    Args:
        text: what is to be written.
        words: of the person.
        always: whether all letters of a word are joined, whatever the person does.
        seed: of what varies.
    """

    def __init__(self, text: str, words: WrittenWords, always: bool, seed: int):
        self._writer = WordWriter(words, seed, always)
        self._characters = visible_characters(text)
        self._runs = [self._parts(run) for run in runs(text)]

    def _parts(self, run: str) -> list[Piece | str]:
        return self._writer.choose(run) if run.isalpha() else [run]

    @property
    def alone(self) -> str:
        """The characters, in order, that no piece gives."""
        return "".join(part for parts in self._runs for part in parts if isinstance(part, str))

    def glyphs(self, alone: TextGlyphs | None) -> TextGlyphs:
        """The glyphs of the text: a WordSample for each word that is written as one.

        Args:
            alone: the glyphs of `alone`, a Sample or None for each; None if that is empty.
        """
        given = iter(zip(alone.samples, alone.sources, strict=True) if alone else ())
        samples: list[Sample | WordSample | None] = []
        sources: list[str | None] = []
        for parts in self._runs:
            known: list[Piece | Sample] = []
            for part in parts:
                if isinstance(part, Piece):
                    known.append(part)
                    sources += [WRITTEN] * len(part.text)
                    continue
                sample, source = next(given)
                sources.append(source)
                if isinstance(sample, Sample):
                    known.append(sample)
                else:  # a gap in the word
                    samples += [*self._writer.write(known), None]
                    known = []
            samples += self._writer.write(known)
        composed, illegible = (alone.composed, alone.illegible) if alone else ("", "")
        return TextGlyphs(self._characters, tuple(samples), tuple(sources), composed, illegible)


def runs(text: str) -> list[str]:
    """The words of a text as runs of letters, and every other character for itself."""
    return re.findall(r"[^\W\d_]+|\S", normalize_text(text))

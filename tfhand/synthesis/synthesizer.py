"""A Synthesizer: a trained preset that takes a Hand and a text, and gives glyphs and pages in that hand."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Sequence

import numpy as np

from tfhand.core import charset
from tfhand.core.recent import Recent
from tfhand.errors import HandError, TextError
from tfhand.hands.glyph import normalize
from tfhand.hands.hand import WRITTEN, Hand, Sample
from tfhand.models.pipeline import GlyphPipeline
from tfhand.models.presets import DEFAULT
from tfhand.models.reader.legibility import illegible
from tfhand.synthesis.candidates import choose_candidates, composed_candidates, draw_candidates
from tfhand.synthesis.composition import bases, composable
from tfhand.synthesis.composition.text_glyphs import SampleCycle, TextGlyphs
from tfhand.synthesis.joined.text_words import Joined, TextWords
from tfhand.synthesis.known_hands import KnownHands
from tfhand.synthesis.letter_writer import LetterWriter
from tfhand.synthesis.pen_paths import Strokes, pen_paths
from tfhand.synthesis.text_letters import DRAWS, text_letters
from tfhand.typeset import Layout, Page, typeset, visible_characters

KEPT = 4  # texts, their glyphs


class Synthesizer:
    """A trained preset that writes.

    Args:
        pipeline: networks that write, with all that inference needs.

    Attributes:
        learned: the characters that the networks write.
        characters: these, and after them all that can be composed of them: accented letters and signs.
        size: side of the glyphs in pixels.
    """

    def __init__(self, pipeline: GlyphPipeline):
        self.pipeline, self.learned, self.size = pipeline, pipeline.characters, pipeline.image_size
        self.characters = self.learned + composable(self.learned)
        self._hands = KnownHands(pipeline)
        self._texts: Recent[tuple, TextGlyphs] = Recent(lambda key: self._text_glyphs(*key), KEPT)

    @classmethod
    def from_preset(cls, name_or_path: str | os.PathLike = DEFAULT) -> Synthesizer:
        """The Synthesizer on a preset: a name, or the path of a preset's folder.

        Raises:
            PresetError: unknown or broken, or a preset that does not write.
        """
        return cls(GlyphPipeline.from_preset(name_or_path))

    def glyphs(self, text: str, hand: Hand | None = None, *, seed: int = 0, keep_written: bool = True) -> np.ndarray:
        """The characters of a text as glyphs; white space is left out.

        Args:
            text: of `characters`, or of characters that the Hand holds.
            hand: whose writing it is to be; None for a random hand.
            seed: of a random hand and of the differences from letter to letter.
            keep_written: takes the person's own glyphs where the Hand holds them.

        Returns:
            uint8 array of shape (n, S, S), white ink on black.

        Raises:
            TextError: nothing to write, or characters that cannot be written; the sentence names them.
        """
        found = self.text_glyphs(text, hand, seed=seed, keep_written=keep_written, joined="never")
        if found.unknown:
            raise TextError(self.refusal(found.unknown))
        return np.stack([self._fitted(sample) for sample in found.samples if isinstance(sample, Sample)])

    def write(
        self,
        text: str,
        hand: Hand | None = None,
        *,
        seed: int = 0,
        keep_written: bool = True,
        joined: Joined = "auto",
        layout: Layout | None = None,
    ) -> Page:
        """A text set as handwriting; characters that cannot be written leave a gap.

        Args:
            text: any, with line breaks.
            hand, seed, keep_written: as for `glyphs`.
            joined: "auto" joins letters as the words of the Hand show it, and not without words; "always" joins all
                letters of a word, "never" none.
            layout: sizes and gaps of the page.

        Raises:
            TextError: there is nothing to write, or most of the text cannot be written; the sentence names it.
        """
        found = self.text_glyphs(text, hand, seed=seed, keep_written=keep_written, joined=joined)
        if found.mostly_unknown:
            raise TextError(self.refusal(found.unknown))
        return typeset(text, found.samples, layout, seed)

    def strokes(
        self,
        text: str,
        hand: Hand | None = None,
        *,
        seed: int = 0,
        keep_written: bool = True,
        joined: Joined = "auto",
        layout: Layout | None = None,
    ) -> tuple[Strokes, ...]:
        """A text as strokes of the pen, in the order of writing.

        Args:
            text, hand, seed, keep_written, joined, layout: as for `write`.

        Returns:
            For each page its strokes, float64 (n, 2): (x, y) in millimetres from the top left corner, y downward.

        Raises:
            TextError: there is nothing to write, or most of the text cannot be written; the sentence names it.
        """
        return pen_paths(self.write(text, hand, seed=seed, keep_written=keep_written, joined=joined, layout=layout))

    def text_glyphs(
        self,
        text: str,
        hand: Hand | None = None,
        *,
        seed: int = 0,
        keep_written: bool = True,
        joined: Joined = "auto",
    ) -> TextGlyphs:
        """The glyphs of a text: the person's own, in turn where there are several, or generated.

        They are kept for the texts that were asked for last, so that a page is quickly set anew in another layout.

        Args:
            text, hand, seed, keep_written, joined: as for `write`.

        Returns:
            a Sample for each character; a WordSample for a word whose letters belong together.

        Raises:
            TextError: there is nothing to write.
        """
        return self._texts((text, hand, seed, keep_written, joined))

    def _text_glyphs(self, text: str, hand: Hand | None, seed: int, keep_written: bool, joined: Joined) -> TextGlyphs:
        characters = visible_characters(text)
        if not characters:
            raise TextError("The text is empty; there is nothing to write.")
        own = hand.words if hand is not None and keep_written else ()
        if joined == "never" or (joined == "auto" and not own):
            return self._letters(characters, hand, seed, keep_written)
        words = TextWords(text, self._hands.words(own), joined == "always", seed)
        return words.glyphs(self._letters(words.alone, hand, seed, keep_written) if words.alone else None)

    def _letters(self, characters: str, hand: Hand | None, seed: int, keep_written: bool) -> TextGlyphs:
        """A Sample for each of some characters."""
        rng = np.random.default_rng(seed)
        own = SampleCycle(hand if keep_written else None, characters, rng)

        def generate(asked: Sequence[str], shown: Sequence[str]) -> tuple[list[Sample], list[Sample]]:
            return self._generated(asked, shown, hand, rng, seed)

        def hard(letters: Sequence[Sample]) -> str:
            return illegible(letters, self.pipeline.reader)

        return text_letters(characters, hand, own, self.learned, generate, hard, rng)

    def refusal(self, characters: str) -> str:
        """The sentence for characters that cannot be written."""
        return f"Cannot write {' '.join(characters)}; this preset knows {self.learned}, their accents and common signs."

    def can_learn(self, hand: Hand) -> bool:
        """Whether the networks can write in the hand: it holds something that the person wrote and they know."""
        return bool(self._hands.learnable(hand))

    def writable(self, hand: Hand) -> str:
        """The characters that can be written with a Hand: its own, those of the networks, and all composed of them."""
        letters = charset.order([*hand, *(self.learned if self.can_learn(hand) else "")])
        return charset.order(letters + composable(letters))

    def alphabet(
        self, hand: Hand, characters: str = "", variants: int = 1, *, seed: int = 0, reader: Callable | None = None
    ) -> dict[str, list[Sample]]:
        """The characters that can be written, for a font, several times those that make words.

        The glyphs of a letter that the person wrote are their own writings and bends of these. Letters are composed of
        the first glyphs.

        Args:
            hand: whose writing it is to be.
            characters: wanted besides those that the networks write and those of the Hand, see `writable`; what cannot
                be written is left out. They come once if they must be composed.
            variants: glyphs of each of the others, at most. They look alike, and `reader` reads each of them.
            seed: of the differences between generated glyphs.
            reader: a `Reader` that must take a glyph for its character before it is used beside the first; a generated
                letter that it does not read is drawn anew. None to compare forms alone.
        """
        from tfhand.synthesis.alternates import choose_alternates  # and with it fontTools, which only fonts need

        rng = np.random.default_rng(seed)
        found = choose_alternates(self._candidates(hand, max(variants, DRAWS), rng), variants, rng, reader)
        drawn = [samples[0] for character, samples in found.items() if character not in hand]
        if drawn and reader is not None:
            better = self._letter_writer(hand, rng).made_legible(drawn, reader, seed)
            anew = {new.character: [new] for old, new in zip(drawn, better, strict=True) if new is not old}
            found |= choose_alternates(anew, variants, rng, reader)
        first = Hand(samples=[samples[0] for samples in found.values()])
        composed = "".join(c for c in charset.order(characters) if c not in found and _is_composed_of(c, found))
        if composed:
            samples = self._letters(composed, first, seed, keep_written=True).samples
            found |= {sample.character: [sample] for sample in samples if isinstance(sample, Sample)}
        return {character: found[character] for character in charset.order(found)}

    def candidates(self, hand: Hand, character: str, count: int = 6, *, seed: int = 0) -> list[Sample]:
        """Different generated forms of one character in a hand, for a person to choose from; legible ones come first.

        What the Hand holds of the character itself does not count, since another form of it is asked for. The one that
        is chosen is put into the Hand by `Hand.merged` or `Hand.replace`, and is then written with as it is.

        Args:
            hand: whose writing it is to be.
            character: one that can be written, see `writable`.
            count: how many, at most.
            seed: of the noise; another one gives other forms. The samples keep it.

        Raises:
            TextError: the character cannot be written.
            HandError: the Hand holds nothing that a hand can be learned from.
        """
        if len(character) != 1 or character not in self.characters:
            raise TextError(self.refusal(character))
        if character not in self.learned:
            return composed_candidates(self, hand, character, count, seed)
        writer = self._letter_writer(hand, np.random.default_rng(seed))
        drawn = draw_candidates(self.pipeline, *self.samples(hand), self.code(hand), character, seed)
        return [writer.in_own_nib(sample) for sample in choose_candidates(drawn, count, self.pipeline.reader)]

    def _candidates(self, hand: Hand, draws: int, rng: np.random.Generator) -> dict[str, list[Sample]]:
        """What the person wrote of each character, or else what the Hand holds and the networks draw of it."""
        found = {c: [s for s in hand.samples_of(c) if s.source == WRITTEN] or list(hand.samples_of(c)) for c in hand}
        missing = "".join(c for c in self.learned if c not in found or found[c][0].source != WRITTEN)
        if missing and self.can_learn(hand):
            for sample in self._letter_writer(hand, rng).write(missing * draws, rng):
                found.setdefault(sample.character, []).append(sample)
        return found

    def code(self, hand: Hand) -> np.ndarray:
        """The hand code of a Hand, float32 of shape (code_size,), from all its samples that the preset knows.

        It takes some seconds, and is kept for the Hands that were asked for last.
        """
        return self._hands.codes(hand)

    def samples(self, hand: Hand) -> tuple[str, np.ndarray]:
        """What a person wrote of the characters that the preset knows, and their glyphs, uint8 (n, S, S).

        Glyphs in a nib too fine for networks are in the middle one, see `tfhand.typeset.nib`.

        Raises:
            HandError: nothing.
        """
        return self._hands.samples(hand)

    def _fitted(self, sample: Sample) -> np.ndarray:
        return sample.glyph if sample.glyph.shape[0] == self.size else normalize(sample.ink, self.size)

    def _generated(
        self, asked: Sequence[str], shown: Sequence[str], hand: Hand | None, rng: np.random.Generator, seed: int
    ) -> tuple[list[Sample], list[Sample]]:
        """The characters asked for, legible as far as can be; and those that are to show the stroke of the hand."""
        writer = self._letter_writer(hand, rng)
        drawn = writer.write([*asked, *shown], rng)
        return writer.made_legible(drawn[: len(asked)], self.pipeline.reader, seed), drawn[len(asked) :]

    def _letter_writer(self, hand: Hand | None, rng: np.random.Generator) -> LetterWriter:
        """What writes in a hand; in a random one, without a Hand."""
        if hand is None:
            return LetterWriter(self.pipeline, self.pipeline.writer.random_hand(rng))
        if not self.pipeline.keeps_hand:
            raise HandError("This preset knows characters and no hands; leave the Hand out, or choose another preset.")
        return LetterWriter(self.pipeline, self.code(hand), self._hands.fine_nib(hand))


def _is_composed_of(character: str, letters: Container[str]) -> bool:
    needed = bases(character)
    return needed is not None and all(letter in letters for letter in needed)


def load(name_or_path: str | os.PathLike = DEFAULT) -> Synthesizer:
    """The Synthesizer on a preset; the same as `Synthesizer.from_preset`."""
    return Synthesizer.from_preset(name_or_path)

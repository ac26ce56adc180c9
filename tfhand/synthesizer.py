"""A Synthesizer: a trained preset that takes a Hand and a text, and gives glyphs and pages in that hand."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from tfhand import charset, presets
from tfhand.data.streams import as_glyphs, as_network_input
from tfhand.drawing import Page
from tfhand.errors import HandError, PresetError, TextError
from tfhand.glyph import normalize
from tfhand.hand import GENERATED, WRITTEN, Hand, Sample
from tfhand.models.hand import VARIATION
from tfhand.training.refinement import refine
from tfhand.typeset import Layout, drawn, typeset

DEFAULT = "hand62"
_CHUNK = 128  # letters that go through the networks at a time


@dataclass(frozen=True)
class Letters:
    """The letters found for a text, in its order, and where each came from.

    Attributes:
        characters: of the text, without white space
        samples: a Sample for each, or None where the character cannot be written
    """

    characters: str
    samples: tuple[Sample | None, ...] = field(repr=False)

    def _with(self, source: str | None) -> str:
        found = (c for c, s in zip(self.characters, self.samples, strict=True) if (s.source if s else None) == source)
        return charset.order(found)

    @property
    def written(self) -> str:
        """The characters taken from the person's own samples, each once."""
        return self._with(WRITTEN)

    @property
    def generated(self) -> str:
        """The characters that the networks wrote, each once."""
        return self._with(GENERATED)

    @property
    def unknown(self) -> str:
        """The characters that could not be written, each once."""
        return self._with(None)


class Synthesizer:
    """A trained preset that writes.

    Args:
        networks: `HandNetworks`, `ConditionalGAN`, `StyleGAN` or `StarGAN`, trained.
        guide: a `Verifier` to refine hand codes by, see `tfhand.training.refinement`; None leaves that to the pixels.
    """

    def __init__(self, networks, guide=None):
        self.networks, self.guide = networks, guide
        self.characters: str = networks.settings.characters
        self.size: int = networks.settings.image_size
        self._latest: tuple[Hand, np.ndarray] | None = None
        self._generate = self._by_hand_code if hasattr(networks, "write") else self._by_translation

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
        letters = self.letters(text, hand, seed=seed, keep_written=keep_written)
        if letters.unknown:
            raise TextError(f"This preset cannot write {' '.join(letters.unknown)}; it knows {self.characters}.")
        return np.stack([self._fitted(sample) for sample in letters.samples])

    def write(
        self,
        text: str,
        hand: Hand | None = None,
        *,
        seed: int = 0,
        keep_written: bool = True,
        layout: Layout | None = None,
    ) -> Page:
        """A text set as handwriting; characters that cannot be written leave a gap.

        Args:
            text: any, with line breaks.
            hand, seed, keep_written: as for `glyphs`.
            layout: sizes and gaps of the page.

        Raises:
            TextError: there is nothing to write, or no character of it can be written.
        """
        letters = self.letters(text, hand, seed=seed, keep_written=keep_written)
        if not any(letters.samples):
            raise TextError(f"Nothing of this text can be written; this preset knows {self.characters}.")
        return typeset(text, letters.samples, layout, seed)

    def letters(self, text: str, hand: Hand | None = None, *, seed: int = 0, keep_written: bool = True) -> Letters:
        """A Sample for each character of a text: the person's own, in turn where there are several, or generated.

        Raises:
            TextError: there is nothing to write.
        """
        characters = drawn(text)
        if not characters:
            raise TextError("The text is empty; there is nothing to write.")
        rng = np.random.default_rng(seed)
        samples: list[Sample | None] = [None] * len(characters)
        own = _kept(hand, characters) if hand is not None and keep_written else {}
        turn = {character: int(rng.integers(len(kept))) for character, kept in own.items()}
        for place, character in enumerate(characters):
            if character in own:
                samples[place] = own[character][turn[character] % len(own[character])]
                turn[character] += 1
        asked = [p for p, c in enumerate(characters) if samples[p] is None and c in self.characters]
        if asked:
            images = self._generate([characters[place] for place in asked], hand, rng)
            for place, image in zip(asked, images, strict=True):
                samples[place] = Sample(characters[place], image, GENERATED)
        return Letters(characters, tuple(samples))

    def alphabet(self, hand: Hand, characters: str = "", forms: int = 1, *, seed: int = 0) -> dict[str, list[Sample]]:
        """Several forms of every character that can be written, for a font: the person's own first.

        Args:
            hand: whose writing it is to be.
            characters: wanted besides `characters` of the preset and those of the Hand; what cannot be written is
                left out.
            forms: of each character.
            seed: of the differences between generated forms.
        """
        wanted = charset.order([*self.characters, *hand, *characters])
        found = {character: list(hand.samples_of(character)[:forms]) for character in wanted}
        for keep_written, count in ((True, 1), (False, forms)):  # one made of written parts, the others of new ones
            lacking = "".join(character * (count - len(found[character])) for character in wanted)
            letters = self.letters(lacking, hand, seed=seed + count, keep_written=keep_written) if lacking else None
            for sample in letters.samples if letters else ():
                if sample is not None:
                    found[sample.character].append(sample)
        return {character: samples for character, samples in found.items() if samples}

    def code(self, hand: Hand) -> np.ndarray:
        """The hand code of a Hand, float32 of shape (code_size,), from all its samples that the preset knows.

        It takes some seconds, and is kept for as long as the same Hand is asked for.
        """
        if self._latest is None or self._latest[0] is not hand:
            text, glyphs = self.samples(hand)
            samples = as_network_input(glyphs)[None]
            self._latest = hand, refine(self.networks, self.guide, samples, self._indices(text)[None])[0]
        return self._latest[1]

    def samples(self, hand: Hand) -> tuple[str, np.ndarray]:
        """What a person wrote of the characters that the preset knows, and their glyphs, uint8 (n, S, S).

        Raises:
            HandError: nothing.
        """
        known = self._known(hand)
        return "".join(sample.character for sample in known), np.stack([self._fitted(sample) for sample in known])

    def _known(self, hand: Hand) -> list[Sample]:
        known = [sample for sample in hand.written.samples if sample.character in self.characters]
        if not known:
            raise HandError(f"The Hand holds no written sample of {self.characters}; a hand is learned from those.")
        return known

    def _fitted(self, sample: Sample) -> np.ndarray:
        return sample.glyph if sample.glyph.shape[0] == self.size else normalize(sample.ink, self.size)

    def _indices(self, characters: Sequence[str]) -> np.ndarray:
        return np.array([self.characters.index(character) for character in characters], np.int32)

    def _by_hand_code(self, characters: Sequence[str], hand: Hand | None, rng: np.random.Generator) -> np.ndarray:
        settings = self.networks.settings
        if hand is not None and not settings.code_size:
            raise HandError("This preset knows characters and no hands; leave the Hand out, or choose another preset.")
        code = self.networks.random_hand(rng) if hand is None else self.code(hand)
        indices = self._indices(characters)
        noise = VARIATION * rng.standard_normal((len(indices), settings.noise_size), np.float32)
        if not settings.code_size:  # what the letters have in common is then a part of the noise
            noise += (1 - VARIATION**2) ** 0.5 * rng.standard_normal(settings.noise_size, np.float32)
        codes = np.repeat(code[None], len(indices), axis=0)
        parts = range(0, len(indices), _CHUNK)
        images = [self.networks.write(*(a[at : at + _CHUNK] for a in (codes, indices, noise))) for at in parts]
        return as_glyphs(np.concatenate([np.asarray(image) for image in images]))

    def _by_translation(self, characters: Sequence[str], hand: Hand | None, rng: np.random.Generator) -> np.ndarray:
        """StarGAN v2: each of the person's glyphs in turn is rewritten as the wanted character in one random style."""
        if hand is None:
            raise HandError("This preset rewrites real letters; give it a Hand to start from.")
        indices, latent = self._indices(characters), self.networks.settings.latent_size
        sources = [self._fitted(sample) for sample in self._known(hand)]
        sources = np.stack([sources[number % len(sources)] for number in range(len(indices))])
        latents = np.repeat(rng.standard_normal((1, latent), np.float32), len(indices), axis=0)
        styles = self.networks.map_latent(latents, indices)
        return as_glyphs(np.asarray(self.networks.translate(as_network_input(sources), styles)))


def _kept(hand: Hand, characters: str) -> dict[str, Sequence[Sample]]:
    """What the Hand holds of each of the characters: what the person wrote, else what was generated for them before."""
    samples = {c: hand.samples_of(c) for c in sorted(set(characters)) if c in hand}
    written = {c: [sample for sample in kept if sample.source == WRITTEN] for c, kept in samples.items()}
    return {c: written[c] or kept for c, kept in samples.items()}


def load(name_or_path: str | os.PathLike = DEFAULT) -> Synthesizer:
    """The Synthesizer on a preset: a name, or the path of a preset's folder.

    Raises:
        PresetError: unknown or broken, or a preset that does not write.
    """
    networks = presets.load(name_or_path)
    if not (hasattr(networks, "write") or hasattr(networks, "translate")):
        raise PresetError(f"The preset {name_or_path} does not write; choose another.")
    return Synthesizer(networks, presets.guide(name_or_path))

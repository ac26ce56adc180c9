"""From samples to a hand code, from a hand code and characters to glyphs: a preset with all that inference needs."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from tfhand.hands.glyph import as_glyphs, as_network_input
from tfhand.models import presets, registry
from tfhand.models.batches import predict_in_batches
from tfhand.models.generation import GenerationConfig
from tfhand.models.networks import Networks
from tfhand.models.optimize_code import optimize_code
from tfhand.models.spec import Capability
from tfhand.models.verifier.networks import load_verifier


class GlyphPipeline:
    """Networks that write, with the settings of their generation.

    Args:
        networks: of a family that writes.
        verifier: by which hand codes are optimized, or None to go by pixels alone.
        generation: steps, weights and noise; the defaults if None.

    Attributes:
        writer: the networks as a `HandWriter`.
        characters: all that can be written, in the order of their numbers.
        image_size: side of the glyphs in pixels.
    """

    def __init__(
        self, networks: Networks, verifier: Callable | None = None, generation: GenerationConfig | None = None
    ):
        self.networks, self.verifier = networks, verifier
        self.generation = generation or GenerationConfig()
        self.writer = networks.as_hand_writer()
        self.characters, self.image_size = self.writer.characters, self.writer.image_size

    @classmethod
    def from_preset(cls, name_or_path: str | os.PathLike) -> GlyphPipeline:
        """The pipeline of a preset that writes, as its generation block says.

        Raises:
            PresetError: unknown or broken, or a preset that does not write.
        """
        registry.require_capability(name_or_path, Capability.WRITES, "--preset")
        networks, generation = registry.load(name_or_path), presets.generation_of(name_or_path)
        verifier = load_verifier(generation.verifier, networks.characters, networks.image_size)
        return cls(networks, verifier, generation)

    def with_steps(self, steps: int) -> GlyphPipeline:
        """The same with another number of optimization steps; 0 takes what the encoder finds."""
        return GlyphPipeline(self.networks, self.verifier, replace(self.generation, steps=steps))

    @property
    def keeps_hand(self) -> bool:
        """Whether it writes in the hand of a person's samples."""
        return self.writer.code_size != 0

    def numbers(self, characters: Sequence[str]) -> np.ndarray:
        """The characters as the networks number them, int32 (n,)."""
        return np.array([self.characters.index(character) for character in characters], np.int32)

    def codes(self, samples: np.ndarray, numbers: np.ndarray, seed: int = 0) -> np.ndarray:
        """The hand codes of several people, float32 (H, code_size).

        Args:
            samples: uint8 glyphs (H, K, S, S), K of each person.
            numbers: of their characters, (H, K).
            seed: of what the optimization draws at random.
        """
        return optimize_code(self.writer, self.verifier, as_network_input(samples), numbers, self.generation, seed=seed)

    def draw_noise(self, rng: np.random.Generator, count: int) -> np.ndarray:
        """Noise for `count` letters of one hand, float32 (count, noise_size)."""
        scale, size = self.generation.noise_scale, self.writer.noise_size
        noise = scale * rng.standard_normal((count, size), np.float32)
        if self.writer.hand_in_noise:
            noise += (1 - scale**2) ** 0.5 * rng.standard_normal(size, np.float32)
        return noise

    def write(self, codes: np.ndarray, numbers: np.ndarray, noise: np.ndarray) -> np.ndarray:
        """Glyphs uint8 (n, S, S) of characters (n,) by codes (n, code_size), with noise (n, noise_size)."""
        return as_glyphs(predict_in_batches(self.writer.write, codes, numbers, noise))

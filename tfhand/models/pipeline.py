"""From samples to a hand code, from a hand code and characters to glyphs: a preset with all that inference needs."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, cast

import numpy as np

from tfhand.core.recent import Once
from tfhand.hands.glyph import as_glyphs, as_network_input
from tfhand.models import presets, registry
from tfhand.models.batches import predict_in_batches
from tfhand.models.generation import GenerationConfig
from tfhand.models.spec import Capability

if TYPE_CHECKING:
    from tfhand.models.networks import Networks
    from tfhand.models.protocol import HandWriter
    from tfhand.models.reader.networks import Reader


class GlyphPipeline:
    """Networks that write, with the settings of their generation.

    Args:
        networks: of a family that writes.
        verifier: by which hand codes are optimized, or None to go by pixels alone.
        generation: steps, weights and noise; the defaults if None.

    Attributes:
        generation: these settings.
        characters: all that can be written, in the order of their numbers.
        image_size: side of the glyphs in pixels.
    """

    def __init__(
        self, networks: Networks, verifier: Callable | None = None, generation: GenerationConfig | None = None
    ):
        writer = networks.as_hand_writer()
        self._set_up(lambda: networks, lambda: verifier, generation, writer.characters, writer.image_size)

    def _set_up(
        self,
        load: Callable[[], Networks],
        load_verifier: Callable[[], Callable | None],
        generation: GenerationConfig | None,
        characters: str,
        image_size: int,
    ) -> None:
        self._networks, self._verifier = Once(load), Once(load_verifier)
        self.generation = generation or GenerationConfig()
        self.characters, self.image_size = characters, image_size

    @classmethod
    def from_preset(cls, name_or_path: str | os.PathLike) -> GlyphPipeline:
        """The pipeline of a preset that writes, as its generation block says; its networks load when they are needed.

        Raises:
            PresetError: unknown or broken, or a preset that does not write; broken weights are found when they load.
        """
        values = registry.require_capability(name_or_path, Capability.WRITES, "--preset")
        generation = presets.generation_of(name_or_path)

        pipeline = cls.__new__(cls)
        pipeline._set_up(
            partial(registry.load_for_inference, name_or_path),
            lambda: registry.load_verifier(generation.verifier, pipeline, "the verifier of its generation"),
            generation,
            values["characters"],
            values["image_size"],
        )
        return pipeline

    @property
    def networks(self) -> Networks:
        return self._networks()

    @property
    def verifier(self) -> Callable | None:
        return self._verifier()

    @cached_property
    def writer(self) -> HandWriter:
        """The networks as a `HandWriter`."""
        return self.networks.as_hand_writer()

    @cached_property
    def reader(self) -> Reader | None:
        """The reader that must read what is written, loaded when it is needed; None where the preset names none."""
        name = self.generation.reader
        if not name:
            return None
        registry.require_capability(name, Capability.READS, "the reader of its generation")
        return cast("Reader", registry.load_for_inference(name))

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
        samples = as_network_input(samples)
        if not self.generation.steps:
            mask = np.ones(numbers.shape, np.float32)
            return np.asarray(self.writer.encode(samples, np.asarray(numbers, np.int32), mask), np.float32)

        from tfhand.models.optimize_code import optimize_code

        return optimize_code(self.writer, self.verifier, samples, numbers, self.generation, seed=seed)

    def related_codes(self, samples: np.ndarray, numbers: np.ndarray, count: int) -> np.ndarray:
        """Hand codes (n, code_size) that complete a person's samples with the habits of one like person each.

        Args:
            samples: uint8 glyphs (K, S, S).
            numbers: of their characters, (K,).
            count: how many, at most; there are none where the networks remember nobody.
        """
        return self.writer.related_codes(as_network_input(samples), numbers, count)

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

"""What synthesis, evaluation and the optimization of hand codes need of networks that write."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

Tensor = Any
"""A tensor of the backend, or an array that it takes for one; docstrings give the shape."""


class HandWriter(Protocol):
    """Networks that write a character in the hand that a hand code stands for.

    Attributes:
        characters: all that can be written, in the order of their numbers.
        image_size: side of the glyphs in pixels.
        code_size: length of a hand code; 0 where the networks know characters and no hands.
        noise_size: length of the noise that makes the letters of one person differ.
        hand_in_noise: whether what the letters of a random hand have in common is a part of the noise.
        within_axes: whether hands lie within the axes of `code_axes`; else a search keeps what is beside them.
    """

    @property
    def characters(self) -> str: ...

    @property
    def image_size(self) -> int: ...

    @property
    def code_size(self) -> int: ...

    @property
    def noise_size(self) -> int: ...

    @property
    def hand_in_noise(self) -> bool: ...

    @property
    def within_axes(self) -> bool: ...

    def encode(self, samples: Tensor, characters: Tensor, mask: Tensor) -> Tensor:
        """Hand codes (B, code_size) of samples (B, K, S, S, 1) of characters (B, K), those whose mask (B, K) is 1."""
        ...

    def write(self, codes: Tensor, characters: Tensor, noise: Tensor) -> Tensor:
        """Glyphs (B, S, S, 1) in [-1, 1] of characters (B,) by codes (B, code_size), with noise (B, noise_size)."""
        ...

    def related_codes(self, samples: Tensor, characters: Tensor, count: int) -> np.ndarray:
        """Hand codes (n, code_size) of samples (K, S, S, 1) of characters (K,), each completed by one person's habits.

        The people are those whom the networks remember and who are most like the samples, the likest first; at most
        `count` of them, and none where the networks remember nobody.
        """
        ...

    def code_axes(self) -> np.ndarray:
        """Axes (n, code_size) along which hand codes are about standard normal."""
        ...

    def random_hand(self, rng: np.random.Generator) -> np.ndarray:
        """The code (code_size,) of a person who does not exist."""
        ...


class HandRater(HandWriter, Protocol):
    """A `HandWriter` that knows people as some numbers, standard normal over people, and what samples tell of them."""

    def population(self, people: np.ndarray, nib: float) -> np.ndarray:
        """Hand codes (n, code_size) of people (n, hand_size), 0 being the average one, with a nib in pixels at 32."""
        ...

    def precisions(self, glyphs: Tensor, characters: Tensor) -> Tensor:
        """How much each of glyphs (n, S, S, 1) of characters (n,) tells of every number of its writer, (n, hand_size).

        The precision of the estimate from this glyph alone, 1 being that of knowing nothing.
        """
        ...

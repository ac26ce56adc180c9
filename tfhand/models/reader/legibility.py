"""What a reader takes glyphs for, and how sure it is of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tfhand.core.charset import reading
from tfhand.hands.glyph import as_network_input
from tfhand.hands.sample import Sample
from tfhand.models.batches import predict_in_batches


def character_chances(samples: Sequence[Sample], reader: Any) -> np.ndarray:
    """The probabilities of the reader's characters, float64 of shape (n, characters).

    Args:
        samples: at least one.
        reader: a `Reader`.
    """
    return _chances(np.stack([sample.glyph for sample in samples]), reader)


def _chances(glyphs: np.ndarray, reader: Any) -> np.ndarray:
    logits = predict_in_batches(reader, as_network_input(glyphs)).astype(float)
    chances = np.exp(logits - logits.max(axis=1, keepdims=True))
    return chances / chances.sum(axis=1, keepdims=True)


def reading_costs(reader: Any, glyphs: np.ndarray, characters: str) -> np.ndarray:
    """Minus the logarithms of the probabilities that glyphs are these characters, float [n, K].

    Look-alikes such as o and O are one character; a character that the reader does not know costs nothing.

    Args:
        reader: a `Reader`.
        glyphs: uint8 [n, S, S].
        characters: K of them.
    """
    chances = _chances(glyphs, reader)
    readings = np.array([reading(character) for character in reader.characters])
    costs = np.zeros((len(glyphs), len(characters)))
    for k, character in enumerate(characters):
        if character in reader.characters:
            own = chances[:, readings == reading(character)].sum(axis=1)
            costs[:, k] = -np.log(np.maximum(own, 1e-9))
    return costs


def are_read(samples: Sequence[Sample], reader: Any, sureness: float = 0.0) -> list[bool]:
    """For each sample whether the reader's best guess is its character; look-alikes such as o and O are one.

    Args:
        samples: of any characters; those that the reader does not know count as read.
        reader: a `Reader`.
        sureness: the least probability of that guess.
    """
    known = [index for index, sample in enumerate(samples) if sample.character in reader.characters]
    found = [True] * len(samples)
    if known:
        chances = character_chances([samples[index] for index in known], reader)
        readings = np.array([reading(character) for character in reader.characters])
        for index, chance in zip(known, chances, strict=True):
            own = readings == reading(samples[index].character)
            found[index] = bool(own[chance.argmax()] and chance[own].sum() >= sureness)
    return found

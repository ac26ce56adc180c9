"""What a reader takes glyphs for, and how sure it is of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tfhand.core import charset
from tfhand.core.charset import reading
from tfhand.hands.glyph import as_network_input
from tfhand.hands.sample import Sample
from tfhand.models.batches import predict_in_batches
from tfhand.typeset.nib import known_glyphs


def character_chances(samples: Sequence[Sample], reader: Any) -> np.ndarray:
    """The probabilities of the reader's characters, float64 of shape (n, characters).

    Args:
        samples: at least one, all in one person's nib; one too fine for networks is changed for them.
        reader: a `Reader`.
    """
    return _chances(known_glyphs(samples), reader)


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


def legibility(samples: Sequence[Sample], reader: Any) -> tuple[np.ndarray, np.ndarray]:
    """How legible samples are; look-alikes such as o and O are one.

    Args:
        samples: of any characters; those that the reader does not know count as read for certain.
        reader: a `Reader`.

    Returns:
        For each sample whether the reader's best guess is its character, bool (n,); and the probability of that
        character, float64 (n,). Both are of a character and its look-alikes together.
    """
    known = [index for index, sample in enumerate(samples) if sample.character in reader.characters]
    read, sureness = np.ones(len(samples), bool), np.ones(len(samples))
    if known:
        chances = character_chances([samples[index] for index in known], reader)
        readings = [reading(character) for character in reader.characters]
        alike = np.array([[one == other for other in dict.fromkeys(readings)] for one in readings], float)
        together = chances @ alike  # of all look-alikes
        for index, chance in zip(known, together, strict=True):
            own = alike[reader.characters.index(samples[index].character)].argmax()
            read[index], sureness[index] = chance.argmax() == own, chance[own]
    return read, sureness


def are_read(samples: Sequence[Sample], reader: Any, sureness: float = 0.0) -> list[bool]:
    """For each sample whether the reader takes it for its character, see `legibility`.

    Args:
        samples, reader: as for `legibility`.
        sureness: the least probability of that character.
    """
    read, found = legibility(samples, reader)
    return (read & (found >= sureness)).tolist()


def illegible(samples: Sequence[Sample], reader: Any) -> str:
    """The characters, each once, that the reader does not read in some of these samples; none without a reader."""
    read = are_read(samples, reader) if reader is not None else [True] * len(samples)
    return charset.order(one.character for one, is_read in zip(samples, read, strict=True) if not is_read)

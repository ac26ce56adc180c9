"""The characters that a person should write next, because they would tell a preset most about the hand."""

from __future__ import annotations

import numpy as np

from tfhand.core.progress import Done, unwatched
from tfhand.errors import HandError
from tfhand.evaluation.reference_population import ReferencePopulation, nib_of
from tfhand.hands.hand import Hand
from tfhand.synthesis.synthesizer import Synthesizer

PEOPLE = 48  # hands of the reference population


def next_characters(
    pen: Synthesizer, hand: Hand, *, people: int = PEOPLE, seed: int = 0, done: Done = unwatched
) -> str:
    """The characters not yet written that would tell most about a hand, the most informative first.

    Args:
        pen: on a preset that rates samples.
        hand: of the person; only what they wrote themselves counts.
        people: size of the reference population over which the gain of a character is averaged.
        seed: of that population.
        done: is called with the share of the work that is done.

    Raises:
        HandError: the hand holds nothing that the preset knows, or all of it.
    """
    hand = written_of(hand, set(pen.learned))
    if not len(hand):
        raise HandError("The Hand holds no written character that the preset knows; print the whole sheet first.")
    if not hand.missing(pen.learned):
        raise HandError("The Hand holds every character that the preset writes; there is nothing to ask for next.")
    real = all_of(pen, hand)
    return ReferencePopulation(pen.pipeline, "".join(hand), nib_of(real), people, seed, done).proposals(real)


def written_of(hand: Hand, characters: set[str]) -> Hand:
    """The letters of these characters that a person wrote."""
    return Hand(samples=[sample for sample in hand.written.samples if sample.character in characters])


def all_of(pen: Synthesizer, hand: Hand) -> list[np.ndarray]:
    """All glyphs of each character of a Hand, uint8 (n, S, S) in the size of the preset."""
    return [pen.glyphs(character * len(hand[character]), hand) for character in hand]

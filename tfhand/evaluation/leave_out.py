"""One person's hand, each character written from the others without having been seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tfhand.core.progress import Done, part, unwatched
from tfhand.errors import HandError
from tfhand.evaluation.hand_report import HandReport, LeftOut, TraitComparison
from tfhand.evaluation.next_characters import PEOPLE, all_of, written_of
from tfhand.evaluation.reference_population import THICKNESS, ReferencePopulation, nib_of
from tfhand.hands.glyph import as_network_input
from tfhand.hands.hand import Hand
from tfhand.metrics import TRAITS
from tfhand.models.batches import predict_in_batches, predict_on_sets
from tfhand.synthesis.synthesizer import Synthesizer

if TYPE_CHECKING:
    from tfhand.models.reader.networks import Reader
    from tfhand.models.verifier.networks import Verifier

FOLDS = 4  # parts of the characters that are left out in turn
FEWEST = 6  # characters that a hand must hold for a report
WRITTEN = 0.3  # share of the time until the letters are written; the rest is the reference population's


def leave_letters_out(
    pen: Synthesizer,
    hand: Hand,
    reader: Reader,
    verifier: Verifier,
    *,
    people: int = PEOPLE,
    seed: int = 0,
    done: Done = unwatched,
) -> HandReport:
    """Writes each of a person's characters from the others, and compares them with the person's own.

    Args:
        pen: on a preset that rates samples.
        hand: of the person; only what they wrote themselves counts.
        reader: says what the letters are read as.
        verifier: measures likeness.
        people: size of the reference population.
        seed: of the population and of the differences from letter to letter.
        done: is called with the share of the work that is done.

    Raises:
        HandError: too few characters to leave any out.
    """
    hand = written_of(hand, set(pen.learned).intersection(reader.characters, verifier.characters))
    if len(hand) < FEWEST:
        raise HandError(
            f"The Hand holds {len(hand)} different written characters that the preset knows, and a report takes "
            f"{FEWEST}: it leaves letters out and writes them from the others. Write a few more."
        )
    text, written = "".join(hand), _written(pen, hand, seed, part(done, 0, WRITTEN))
    real = all_of(pen, hand)
    population = ReferencePopulation(pen.pipeline, text, nib_of(real), people, seed, part(done, WRITTEN, 1))
    sets = np.concatenate([written[None], population.of(text)])
    likeness = _likeness(verifier, text, real, sets)
    traits = [population.traits(letters) for letters in (real, *sets[:2, :, None])]
    traits[2][THICKNESS] = 0.0, 0.0  # the average hand was given the person's nib; the average nib counts
    read = _read(reader, np.stack([*(glyphs[0] for glyphs in real), *written]))
    letters = zip(text, (glyphs[0] for glyphs in real), written, read, read[len(text) :], strict=False)
    return HandReport(
        letters=tuple(LeftOut(*letter) for letter in letters),
        traits=tuple(_compared(name, *(found[name] for found in traits)) for name in TRAITS),
        likeness=float(likeness[0]),
        average=float(likeness[1]),
        others=likeness[2:],
        next_characters=population.proposals(real),
    )


def _compared(
    name: str, real: tuple[float, float], written: tuple[float, float], average: tuple[float, float]
) -> TraitComparison:
    """A trait by value and standard error of the real letters, the written ones and the average hand's."""
    return TraitComparison(name, real[0], written[0], average[0], error=real[1])


def _written(pen: Synthesizer, hand: Hand, seed: int, done: Done) -> np.ndarray:
    """Each character of a Hand written from the others, uint8 (characters, S, S)."""
    text = "".join(hand)
    written: dict[str, np.ndarray] = {}
    for fold in range(FOLDS):
        left_out = text[fold::FOLDS]  # so that some capitals, small letters and digits always stay
        others = Hand(samples=[sample for sample in hand.samples if sample.character not in left_out])
        written |= zip(left_out, pen.glyphs(left_out, others, seed=seed, keep_written=False), strict=True)
        done((fold + 1) / FOLDS)
    return np.stack([written[character] for character in text])


def _likeness(verifier: Verifier, text: str, real: list[np.ndarray], sets: np.ndarray) -> np.ndarray:
    """Likeness of the real letters and each of several sets of letters (n, characters, S, S), (n,)."""
    numbers = _numbers(verifier.characters, text)
    own = np.repeat(numbers, [len(glyphs) for glyphs in real]), np.concatenate(real)
    found = predict_on_sets(verifier, [own, *((numbers, glyphs) for glyphs in sets)])
    return found[1:] @ found[0]


def _read(reader: Reader, glyphs: np.ndarray) -> str:
    """The characters that the reader reads in glyphs (n, S, S)."""
    return "".join(
        reader.characters[index] for index in predict_in_batches(reader, as_network_input(glyphs)).argmax(axis=-1)
    )


def _numbers(characters: str, text: str) -> np.ndarray:
    return np.array([characters.index(character) for character in text], np.int32)

"""The similarity report: how like one person's hand a preset writes letters of theirs that it was not shown.

The person's characters are left out in turn, and each is written from the others. A trait is kept if it sets the
person apart from a crowd of random hands and the written letters have it too; the hand as a whole is for a verifier to
judge. A preset that keeps neither has learned the weight of the line, and the report says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tfhand.core.charset import reading
from tfhand.errors import HandError
from tfhand.evaluation.next_characters import PEOPLE, all_of, written_of
from tfhand.evaluation.reference_population import THICKNESS, ReferencePopulation, nib_of
from tfhand.hands.glyph import as_network_input
from tfhand.hands.hand import Hand
from tfhand.metrics import TRAITS
from tfhand.models.batches import predict_in_batches, predict_on_sets
from tfhand.synthesis.synthesizer import Synthesizer

FOLDS = 4  # parts in which the characters are left out
FEWEST = 6  # characters of a person who can be reported on
SPECIAL = 1.0  # standard deviations of the crowd, the least by which a trait sets a person apart
SURE = 2.0  # standard errors of the person's letters, likewise
KEPT = 0.5  # the least share of what sets a person apart that is still theirs; by so much more it is a caricature
LIKER = 0.25  # the least share of the way from the average hand to the real one that is no chance
WORDS = {
    "slant": "slant",
    "width:height": "width",
    THICKNESS: "weight of the line",
    "length": "length of the stroke",
    "curvature": "roundness",
    "holes": "loops",
    "mass": "balance of top and bottom",
    "ends": "end strokes",
}
"""The traits in plain words."""


@dataclass(frozen=True, eq=False)
class LeftOut:
    """One character of the person, written without having been seen.

    Attributes:
        character: which.
        real, written: uint8 (S, S), the person's and the preset's.
        real_read, read: what the reader takes each for.
    """

    character: str
    real: np.ndarray = field(repr=False)
    written: np.ndarray = field(repr=False)
    real_read: str
    read: str

    @property
    def misread(self) -> bool:
        """Whether the written one is taken for something else than the character or its look-alike."""
        return reading(self.read) != reading(self.character)


@dataclass(frozen=True)
class Kept:
    """A trait of a hand and of what was written for it, in standard deviations of the crowd from its mean.

    Attributes:
        name: of `TRAITS`.
        real: the person's.
        written: of the letters left out.
        average: the average hand's.
        error: standard error of the person's.
    """

    name: str
    real: float
    written: float
    average: float
    error: float

    @property
    def _least(self) -> float:
        return max(SPECIAL, SURE * self.error)

    @property
    def special(self) -> bool:
        """Whether it sets the person apart, from the crowd and from the average hand, which nobody has to learn."""
        return min(abs(self.real), abs(self.real - self.average)) >= self._least

    @property
    def verdict(self) -> str:
        """'kept', 'lost' or 'overdone', or 'not special' where there is nothing to keep."""
        toward = self.written * np.sign(self.real) >= KEPT * abs(self.real)
        beyond = abs(self.written) - abs(self.real) >= max(self._least, KEPT * abs(self.real))
        if beyond and (toward or not self.special):
            return "overdone"
        if not self.special:
            return "not special"
        return "kept" if toward else "lost"


@dataclass(frozen=True, eq=False)
class Report:
    """What is kept of a hand.

    Attributes:
        letters: left out in turn, in the order of charset.
        traits: in the order of `TRAITS`.
        likeness: of the written letters to the real ones by the verifier, 1 at best.
        average: the same of the average hand with the person's nib.
        others: the same of each hand of the crowd.
        wanted: the characters not yet written that would teach most about the hand, the best first.
    """

    letters: tuple[LeftOut, ...]
    traits: tuple[Kept, ...]
    likeness: float
    average: float
    others: np.ndarray
    wanted: str

    @property
    def rank(self) -> int:
        """Place of the written letters among the crowd's by how like the real ones they are, 1 at best."""
        return 1 + int(np.sum(self.others >= self.likeness))

    @property
    def only_weight(self) -> bool:
        """The alarm: of what sets the person apart only the weight is kept, and the verifier sees an average hand."""
        special = [trait.verdict for trait in self.traits if trait.special and trait.name != THICKNESS]
        weight = next(trait.verdict for trait in self.traits if trait.name == THICKNESS)
        average = self.likeness - self.average < LIKER * (1 - self.average)
        return average and weight != "lost" and set(special) == {"lost"}

    def sentences(self) -> list[str]:
        """The report in plain words."""
        alarm = ["Only the weight of the line was learned; these letters could be anybody's."] * self.only_weight
        return [*alarm, self._on_traits(), self._on_hand(), self._on_reading(), self._on_more()]

    def _on_traits(self) -> str:
        def named(verdict: str) -> list[str]:
            return [WORDS[trait.name] for trait in self.traits if trait.verdict == verdict]

        parts = [f"{_listed(w)} {_are(w)} {v}" for v in ("kept", "lost", "overdone") if (w := named(v))]
        if plain := named("not special"):
            parts.append(f"in {_listed(plain)} this hand is much like others")
        told = "; ".join(parts)
        return f"{told[0].upper()}{told[1:]}."

    def _on_hand(self) -> str:
        beaten = len(self.others) + 1 - self.rank
        return (
            f"The letters left out are liker the real ones than those of {beaten} of {len(self.others)} random hands "
            f"(likeness {self.likeness:.2f}; an average hand has {self.average:.2f}, the best is 1)."
        )

    def _on_reading(self) -> str:
        count, wrong = len(self.letters), [f"{one.character} as {one.read}" for one in self.letters if one.misread]
        if not wrong:
            return f"All {count} are read as what they are."
        return f"{count - len(wrong)} of the {count} are read as what they are; misread: {', '.join(wrong)}."

    def _on_more(self) -> str:
        if not self.wanted:
            return "The hand holds every character that this preset writes."
        many = f"{len(self.wanted)} more samples" if len(self.wanted) > 1 else "One more sample"
        return f"{many} would help most here: {' '.join(self.wanted)}."

    def table(self) -> list[dict[str, str | float]]:
        """The traits, a line for each."""
        return [
            {
                "": WORDS[trait.name],
                "real": trait.real,
                "give or take": trait.error,
                "written": trait.written,
                "average hand": trait.average,
                "verdict": trait.verdict,
            }
            for trait in self.traits
        ]

    def lines(self) -> list[dict[str, str | float]]:
        """All of it, as the lines of one long table."""
        lines = [_line("trait", t.name, t.real, t.written, t.verdict, t.error, t.average) for t in self.traits]
        place = f"{self.rank} of {len(self.others) + 1}"
        lines.append(_line("hand", "likeness", 1.0, self.likeness, place, average=self.average))
        for one in self.letters:
            lines.append(_line("read as", one.character, one.real_read, one.read, "misread" if one.misread else "read"))
        return lines + [_line("write next", character) for character in self.wanted]


def leave_letters_out(pen: Synthesizer, hand: Hand, reader, verifier, *, people: int = PEOPLE, seed: int = 0) -> Report:
    """Writes each of a person's characters from the others, and reports how like their own they are.

    Args:
        pen: a Synthesizer of `HandNetworks`.
        hand: of the person; what they did not write themselves is left aside.
        reader: a `Reader`.
        verifier: a `Verifier`.
        people: hands in the crowd.
        seed: of the crowd and of the differences from letter to letter.

    Raises:
        HandError: too few characters to leave any out.
    """
    hand = written_of(hand, set(pen.learned).intersection(reader.characters, verifier.characters))
    if len(hand) < FEWEST:
        raise HandError(
            f"The Hand holds {len(hand)} different written characters that the preset knows, and a report takes "
            f"{FEWEST}: it leaves letters out and writes them from the others. Write a few more."
        )
    text, written = "".join(hand), _written(pen, hand, seed)
    real = all_of(pen, hand)
    crowd = ReferencePopulation(pen.networks, text, nib_of(real), people, seed)
    answers = np.concatenate([written[None], crowd.of(text)])
    likeness = _likeness(verifier, text, real, answers)
    traits = [crowd.traits(letters) for letters in (real, *answers[:2, :, None])]
    traits[2][THICKNESS] = 0.0, 0.0  # the average hand was given the person's nib; the average nib counts
    read = _read(reader, np.stack([*(glyphs[0] for glyphs in real), *written]))
    letters = zip(text, (glyphs[0] for glyphs in real), written, read, read[len(text) :], strict=False)
    return Report(
        tuple(LeftOut(*letter) for letter in letters),
        tuple(Kept(name, *(found[name][0] for found in traits), traits[0][name][1]) for name in TRAITS),
        *(float(one) for one in likeness[:2]),
        likeness[2:],
        crowd.proposals(real),
    )


def _written(pen: Synthesizer, hand: Hand, seed: int) -> np.ndarray:
    """Each character of a Hand written from the others, uint8 (characters, S, S)."""
    text, written = "".join(hand), {}
    for fold in range(FOLDS):
        asked = text[fold::FOLDS]  # so that of capitals, small letters and digits some are left in
        others = Hand(samples=[sample for sample in hand.samples if sample.character not in asked])
        written |= zip(asked, pen.glyphs(asked, others, seed=seed, keep_written=False), strict=True)
    return np.stack([written[character] for character in text])


def _likeness(verifier, text: str, real: list[np.ndarray], answers: np.ndarray) -> np.ndarray:
    """How like the real letters each answer (n, characters, S, S) is, (n,)."""
    numbers = _numbers(verifier.characters, text)
    own = np.repeat(numbers, [len(glyphs) for glyphs in real]), np.concatenate(real)
    found = predict_on_sets(verifier, [own, *((numbers, glyphs) for glyphs in answers)])
    return found[1:] @ found[0]


def _read(reader, glyphs: np.ndarray) -> str:
    """What glyphs (n, S, S) are read as."""
    return "".join(
        reader.characters[index] for index in predict_in_batches(reader, as_network_input(glyphs)).argmax(axis=-1)
    )


def _numbers(characters: str, text: str) -> np.ndarray:
    return np.array([characters.index(character) for character in text], np.int32)


def _line(about: str, name: str, real="", written="", verdict="", error="", average="") -> dict[str, str | float]:
    figures = {"real": real, "error": error, "written": written, "average": average}
    return {"about": about, "name": name, **figures, "verdict": verdict}


def _are(words: list[str]) -> str:
    return "are" if len(words) > 1 or (words[0].endswith("s") and not words[0].endswith("ss")) else "is"


def _listed(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))

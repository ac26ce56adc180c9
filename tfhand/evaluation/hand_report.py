"""The report on one person's hand: which of its traits a preset keeps, in figures and in plain words.

A trait is kept if it sets the person apart from the reference population and the written letters have it too. Whether
the hand as a whole is kept, a verifier judges. A preset that keeps neither has learned the weight of the line only, and
the report says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tfhand.core.charset import reading
from tfhand.evaluation.reference_population import THICKNESS

SPECIAL = 1.0  # standard deviations of the population by which a trait must differ to set a person apart
SIGNIFICANT = 2.0  # standard errors over the person's letters, likewise
KEPT = 0.5  # share of a difference that must remain for the trait to be kept; by so much more it is overdone
CLOSER = 0.25  # share of the way from the average hand to the real one below which the hand counts as average
VERDICTS = "kept", "lost", "overdone", "not special"
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
"""Plain words for the traits."""


@dataclass(frozen=True, eq=False)
class LeftOut:
    """One character of the person, written without having been seen.

    Attributes:
        character: which.
        real, written: uint8 (S, S), the person's and the preset's.
        real_read, read: the character that the reader reads in each.
    """

    character: str
    real: np.ndarray = field(repr=False)
    written: np.ndarray = field(repr=False)
    real_read: str
    read: str

    @property
    def misread(self) -> bool:
        """Whether the written letter is read as something else than the character or its look-alike."""
        return reading(self.read) != reading(self.character)


@dataclass(frozen=True)
class TraitComparison:
    """A trait of a hand and of the letters written for it, in standard deviations of the population from its mean.

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
        return max(SPECIAL, SIGNIFICANT * self.error)

    @property
    def special(self) -> bool:
        """Whether it sets the person apart, both from the population and from the average hand."""
        return min(abs(self.real), abs(self.real - self.average)) >= self._least

    @property
    def verdict(self) -> str:
        """'kept', 'lost' or 'overdone', or 'not special' if there is nothing to keep."""
        toward = self.written * np.sign(self.real) >= KEPT * abs(self.real)
        beyond = abs(self.written) - abs(self.real) >= max(self._least, KEPT * abs(self.real))
        if beyond and (toward or not self.special):
            return "overdone"
        if not self.special:
            return "not special"
        return "kept" if toward else "lost"


@dataclass(frozen=True, eq=False)
class HandReport:
    """How well a preset keeps one hand.

    Attributes:
        letters: each written from the others, in the order of charset.
        traits: in the order of `TRAITS`.
        likeness: of the written letters to the real ones by the verifier, 1 at best.
        average: likeness of the average hand with the person's nib.
        others: likeness of each hand of the population.
        next_characters: not yet written, those first that would tell most about the hand.
    """

    letters: tuple[LeftOut, ...]
    traits: tuple[TraitComparison, ...]
    likeness: float
    average: float
    others: np.ndarray
    next_characters: str

    @property
    def rank(self) -> int:
        """Rank of the written letters among those of the population by likeness to the real ones, 1 at best."""
        return 1 + int(np.sum(self.others >= self.likeness))

    @property
    def only_weight(self) -> bool:
        """The alarm: only the weight of the line is kept, and the verifier sees an average hand."""
        special = [trait.verdict for trait in self.traits if trait.special and trait.name != THICKNESS]
        weight = next(trait.verdict for trait in self.traits if trait.name == THICKNESS)
        average = self.likeness - self.average < CLOSER * (1 - self.average)
        return average and weight != "lost" and set(special) == {"lost"}

    @property
    def beaten(self) -> int:
        """How many hands of the population are less like the real letters than the written ones are."""
        return len(self.others) + 1 - self.rank

    def traits_of(self, verdict: str) -> list[str]:
        """The names of the traits with a verdict, see `TraitComparison.verdict`."""
        return [trait.name for trait in self.traits if trait.verdict == verdict]

    def sentences(self) -> list[str]:
        """The report in plain words."""
        alarm = ["Only the weight of the line was learned; these letters could be anybody's."] * self.only_weight
        return [*alarm, self._on_traits(), self._on_hand(), self._on_reading(), self._on_more()]

    def _on_traits(self) -> str:
        def named(verdict: str) -> list[str]:
            return [WORDS[name] for name in self.traits_of(verdict)]

        parts = [f"{_listed(w)} {_are(w)} {v}" for v in ("kept", "lost", "overdone") if (w := named(v))]
        if plain := named("not special"):
            parts.append(f"in {_listed(plain)} this hand is much like others")
        told = "; ".join(parts)
        return f"{told[0].upper()}{told[1:]}."

    def _on_hand(self) -> str:
        return (
            f"The letters left out are more like the real ones than those of {self.beaten} of {len(self.others)} "
            f"random hands (likeness {self.likeness:.2f}; an average hand has {self.average:.2f}, the best is 1)."
        )

    def _on_reading(self) -> str:
        count, wrong = len(self.letters), [f"{one.character} as {one.read}" for one in self.letters if one.misread]
        if not wrong:
            return f"All {count} are read as what they are."
        return f"{count - len(wrong)} of the {count} are read as what they are; misread: {', '.join(wrong)}."

    def _on_more(self) -> str:
        if not self.next_characters:
            return "The hand holds every character that this preset writes."
        many = f"{len(self.next_characters)} more samples" if len(self.next_characters) > 1 else "One more sample"
        return f"{many} would help most here: {' '.join(self.next_characters)}."

    def table(self) -> list[dict[str, str | float]]:
        """A row for each trait."""
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

    def rows(self) -> list[dict[str, str | float]]:
        """The whole report, as the rows of one long table."""
        rows = [_row("trait", t.name, t.real, t.written, t.verdict, t.error, t.average) for t in self.traits]
        place = f"{self.rank} of {len(self.others) + 1}"
        rows.append(_row("hand", "likeness", 1.0, self.likeness, place, average=self.average))
        for one in self.letters:
            rows.append(_row("read as", one.character, one.real_read, one.read, "misread" if one.misread else "read"))
        return rows + [_row("write next", character) for character in self.next_characters]


def _row(about: str, name: str, real="", written="", verdict="", error="", average="") -> dict[str, str | float]:
    values = {"real": real, "error": error, "written": written, "average": average}
    return {"about": about, "name": name, **values, "verdict": verdict}


def _are(words: list[str]) -> str:
    return "are" if len(words) > 1 or (words[0].endswith("s") and not words[0].endswith("ss")) else "is"


def _listed(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))

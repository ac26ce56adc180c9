"""Procedural writers: any number of people who never lived, with handwriting that can be trained on.

A seed makes a `SyntheticWriter`, one person with named habits: slant, proportions, roundness, loops, serifs, a shaky
hand, and for every character the form they write. Each habit is a known number, so what a network learns of a hand can
be checked.
"""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from types import MappingProxyType

import numpy as np

from tfhand.core.charset import CHARACTERS, class_of
from tfhand.data.archive import Archive
from tfhand.data.synthetic.stroke_templates import CAPITAL, STROKE_TEMPLATES
from tfhand.errors import ArchiveError
from tfhand.vector.splines import X_HEIGHT, Stroke, cut_corners, shake_basis, splines, wander

_CIRCLE = np.linspace(0, 2 * np.pi, 7)
_DOTS = {  # how likely, and the points around the middle
    "dot": (0.62, np.array([[0.0, 0.0], [0.02, 0.05]])),
    "dash": (0.18, np.array([[0.0, 0.0], [0.22, -0.04]])),
    "tick": (0.15, np.array([[0.0, 0.0], [-0.08, 0.24]])),
    "ring": (0.05, np.stack([np.sin(_CIRCLE), -np.cos(_CIRCLE)], axis=1)),
}
_RING = 0.14  # radius, but never less than the nib
_LONGEST = 1000  # units of an archive's strokes
_EVENNESS = np.array([1.0, 0.6])  # people keep to the lines better than to widths
_FORMS = {character: [(name, name.split()) for name in forms] for character, forms in STROKE_TEMPLATES.items()}
_OF_PEN, _OF_FORM, _OF_ARCHIVE = 62, 63, 64  # separate streams of random numbers from one seed


@dataclass(frozen=True)
class SyntheticWriter:
    """One procedural writer. Lengths are in x-heights, angles in degrees; the means are those of an ordinary hand.

    Attributes:
        seed: makes this person and no other.
        slant: lean of the stems, positive to the right.
        rise: lean of the crossbars, positive upwards.
        width: of all characters, 1 as in the table of letter forms.
        ascender, descender, capital: length of what stands over or hangs below the x-height, 1 as in the table.
        waist: how high the middle of capitals and digits sits, 0 as in the table.
        egg: bowls wider above (positive) or below.
        bow: stems bent to the right (positive) or left.
        roundness: 0 straight lines from point to point, 1 round, over 1 boxy.
        haste: corners cut off, in points of a stroke.
        lead_in, lead_out: length of the short strokes into a stem's head and out of its foot.
        overshoot: how far strokes run past their ends; negative falls short and leaves gaps.
        tremor: amplitude of the shake along strokes.
        sloppiness: how far apart two draws of one character are.
        quirk: how far the person's own forms stray from the table.
        drift: how uneven the baseline and the size are.
        nib: width of the line.
        dot: how i and j are dotted.
        dot_place: where, (right, up) from straight above.
        forms: the name of the letter form written for each character.
    """

    seed: int
    slant: float
    rise: float
    width: float
    ascender: float
    descender: float
    capital: float
    waist: float
    egg: float
    bow: float
    roundness: float
    haste: float
    lead_in: float
    lead_out: float
    overshoot: float
    tremor: float
    sloppiness: float
    quirk: float
    drift: float
    nib: float
    dot: str
    dot_place: tuple[float, float]
    forms: Mapping[str, str] = field(repr=False, hash=False)

    @classmethod
    def of(cls, seed: int) -> SyntheticWriter:
        """The writer that this seed (from 0 up) stands for, always the same one."""
        random = np.random.default_rng([seed, _OF_PEN])
        flow = random.beta(1.2, 2.0)  # from print to near cursive; people who join letters slant and loop them too
        care = random.beta(3.0, 2.0)
        roundness = float(np.clip(random.normal(0.98, 0.22), 0.5, 1.4))
        return cls(
            seed=seed,
            slant=float(np.clip(random.normal(2 + 14 * flow, 9), -22, 38)),
            rise=random.normal(2.5, 2.5),
            width=float(np.exp(random.normal(0.12, 0.19))),
            ascender=max(0.75, random.normal(1.05, 0.2)),
            descender=max(0.7, random.normal(1.0, 0.2)),
            capital=random.normal(1.1, 0.1),
            waist=random.normal(0, 0.055),
            egg=random.normal(0, 0.08),
            bow=random.normal(0, 0.04),
            roundness=roundness,
            haste=random.gamma(2.0, 0.25 + 0.3 * flow) + 1.5 * max(0.0, 1 - roundness),
            lead_in=max(0.0, random.normal(flow - 0.35, 0.3)),
            lead_out=max(0.0, random.normal(1.6 * flow - 0.3, 0.35)),
            overshoot=random.normal(0.02, 0.05),
            tremor=random.gamma(1.2, 0.007) + (0.025 if random.random() < 0.06 else 0.0),
            sloppiness=0.012 + 0.035 * (1 - care),
            quirk=random.uniform(0.025, 0.075),
            drift=0.015 + 0.05 * (1 - care),
            nib=float(np.exp(random.normal(np.log(0.13), 0.3))),
            dot=str(random.choice(list(_DOTS), p=[share for share, _ in _DOTS.values()])),
            dot_place=(random.normal(0.1, 0.12), random.normal(0.0, 0.12)),
            forms=_choose_forms(random, flow),
        )

    def strokes(self, character: str, random: np.random.Generator) -> list[np.ndarray]:
        """One draw of a character, a little different each time.

        Args:
            character: one of 0-9A-Za-z.
            random: where the variation comes from.

        Returns:
            The strokes in the order of writing, each float64 of shape (points, 2): x right, y down, in x-heights,
            the baseline at y = 0.

        Raises:
            ArchiveError: the character has no letter form.
        """
        return [stroke[0] for stroke in self._draw(character, random, 1)]

    def _draw(self, character: str, random: np.random.Generator, count: int) -> list[np.ndarray]:
        """`count` draws at once: one array of shape (count, points, 2) a stroke."""
        if character not in STROKE_TEMPLATES:
            raise ArchiveError(f"The pens cannot write {character!r}; they know {CHARACTERS}.")
        form = STROKE_TEMPLATES[character][self.forms[character]]
        own = np.random.default_rng([self.seed, _OF_FORM, ord(character)])
        breadth = np.exp(own.normal(0, 2 * self.quirk))
        lines = []
        for stroke in form:
            control, basis = self._own_stroke(stroke, character, own)
            moved = control + wander(random, (count, *control.shape)) * self.sloppiness
            if len(form) > 1:
                moved += random.normal(0, self.sloppiness, (count, 1, 2))
            line = cut_corners(basis @ moved, self.haste)  # (count, points, 2)
            shake = shake_basis(line.shape[1])
            lines.append(line + self.tremor * (shake @ random.normal(size=(count, shake.shape[1], 2))))
        lengths = np.cumsum([line.shape[1] for line in lines])
        points = self._shape(np.concatenate(lines, axis=1), breadth, random)
        return np.split(points, lengths[:-1], axis=1)

    def _own_stroke(self, stroke: Stroke, character: str, own: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """The person's own points of a stroke, and the matrix from them to the points of the line."""
        if len(stroke.points) == 1:
            _, dot = _DOTS[self.dot]
            round_line, _ = splines(dot.tobytes(), bytes(len(dot)))
            size = own.uniform(0.8, 1.2) * (max(_RING, self.nib) if self.dot == "ring" else 1.0)
            control = stroke.points + dot * size + np.array(self.dot_place) * [1, -1]
            return self._zones(control, character), round_line
        control, basis = _with_ends(stroke, self.lead_in, self.lead_out, self.roundness)
        middle = [(control[:, 0].min() + control[:, 0].max()) / 2, 0.0]  # heights change from the baseline up
        control = middle + (control - middle) * np.exp(own.normal(0, 1.4 * self.quirk, 2) * _EVENNESS)
        strays = np.clip(own.normal(0, 0.3, 2) + wander(own, control.shape), -1.7, 1.7)
        control += strays * self.quirk * _EVENNESS * np.ptp(control, axis=0).max()
        for end, before in ((0, 1), (-1, -2)):
            away = control[end] - control[before]
            reach = self.overshoot + own.normal(0, 0.03)
            control[end] += away * max(reach / np.hypot(*away), -0.4)
        return self._zones(control, character), basis

    def _zones(self, control: np.ndarray, character: str) -> np.ndarray:
        """Capitals, ascenders and descenders to the person's length of them."""
        x, y = control.T
        if class_of(character) in ("capital", "digit"):
            top = CAPITAL / X_HEIGHT
            inside = np.clip(-y / top, 0, 1)
            y = (y - 4 * self.waist * inside * (1 - inside) * top) * self.capital
        else:
            y = np.where(y < -1, -1 + (y + 1) * self.ascender, np.where(y > 0, y * self.descender, y))
        return np.stack([x, y], axis=1)

    def _shape(self, points: np.ndarray, breadth: float, random: np.random.Generator) -> np.ndarray:
        """Width, egg, bow, rise and slant, and the unevenness from draw to draw, on points (count, n, 2)."""
        once = (len(points), 1)
        x, y = points[..., 0], points[..., 1]
        low, high = y.min(axis=1, keepdims=True), y.max(axis=1, keepdims=True)
        level = 1 - 2 * (y - low) / (high - low)  # 1 at the top, -1 at the bottom
        middle = (x.min(axis=1, keepdims=True) + x.max(axis=1, keepdims=True)) / 2
        wide = self.width * breadth * np.exp(random.normal(0, 1.2 * self.sloppiness, once))
        x = (x - middle) * wide * (1 + self.egg * level) + middle * wide + self.bow * (1 - level**2)
        rise = np.deg2rad(self.rise + random.normal(0, 40 * self.sloppiness, once))
        slant = np.deg2rad(self.slant + random.normal(0, 60 * self.sloppiness, once))
        y = y - np.tan(rise) * (x - middle)
        x = x - np.tan(slant) * y
        size = np.exp(random.normal(0, self.drift, once))
        return np.stack([x * size, y * size + random.normal(0, self.drift, once)], axis=-1)


def archive(writers: int, samples: int, seed: int = 0, characters: str = CHARACTERS) -> Archive:
    """A data set by procedural writers, as pen strokes, the same for the same arguments.

    Args:
        writers: how many people; the archive's writer w is `SyntheticWriter.of(seed + w)`.
        samples: how many times each writes every character.
        seed: the first writer's.
        characters: what they write, the classes in this order.

    Raises:
        ArchiveError: no writers, samples or characters, or a character that the pens cannot write.
    """
    if min(writers, samples, len(characters)) < 1 or writers > np.iinfo(np.int16).max:
        raise ArchiveError("An archive of pens needs 1 to 32767 writers, and at least one sample and one character.")
    strokes, longest = [], []
    for writer in range(writers):
        pen, random = SyntheticWriter.of(seed + writer), np.random.default_rng([seed + writer, _OF_ARCHIVE])
        sides = []
        for character in characters:
            drawn = pen._draw(character, random, samples)
            joined = np.concatenate(drawn, axis=1)
            low, side = joined.min(axis=1, keepdims=True), np.ptp(joined, axis=1).max(axis=1)
            sides.append(side)
            scaled = [np.rint((line - low) / side[:, None, None] * _LONGEST).astype(np.int16) for line in drawn]
            strokes += [[line[sample] for line in scaled] for sample in range(samples)]
        longest.append(np.concatenate(sides) / np.median(sides))
    return Archive(
        labels=np.tile(np.repeat(np.arange(len(characters), dtype=np.uint8), samples), writers),
        classes=np.array(list(characters)),
        writers=np.repeat(np.arange(writers, dtype=np.int16), samples * len(characters)),
        points=np.concatenate([line for character in strokes for line in character]),
        stroke_len=np.array([len(line) for character in strokes for line in character], np.uint16),
        n_strokes=np.array([len(character) for character in strokes], np.uint8),
        extent=np.concatenate(longest).astype(np.float32),
    )


def _choose_forms(random: np.random.Generator, flow: float) -> Mapping[str, str]:
    """A form for every character; one habit of looping, crossing and so on sways all of them."""
    sway = {
        "cursive": 2.5 * flow,
        "looped": 3.0 * flow * random.random() + 0.1,
        "serif": 2.5 * random.beta(0.7, 1.4),
        "crossed": 4.0 * random.beta(0.5, 1.2),
        "rare": 0.15,
    }
    chosen = {}
    for character, names in _FORMS.items():
        weights = [math.prod(sway.get(word, 1.0) for word in words) for _, words in names]
        weights[0] *= 1.5
        heaped = list(accumulate(weights))
        chosen[character] = names[bisect(heaped, random.random() * heaped[-1])][0]
    return MappingProxyType(chosen)


def _with_ends(stroke: Stroke, lead_in: float, lead_out: float, roundness: float) -> tuple[np.ndarray, np.ndarray]:
    """A stroke's points with the short strokes into its head and out of its foot, and the matrix to its line."""
    control, sharp = stroke.points, stroke.sharp
    leads = np.zeros_like(control)
    if stroke.head and lead_in > 0.1:
        control, sharp = np.concatenate([control[:1], control]), np.concatenate([[False, True], sharp[1:]])
        leads = np.concatenate([[[-0.45, 0.4]], leads])
    if stroke.foot and lead_out > 0.1:
        control, sharp = np.concatenate([control, control[[-1, -1]]]), np.concatenate([sharp, [False, False]])
        leads = np.concatenate([leads, [[0.16, 0.03], [0.4, -0.16]]])
    typical = control + 0.7 * leads  # one line for all lengths of leads, so that it is worked out once
    round_line, straight_line = splines(typical.tobytes(), sharp.tobytes())
    lengths = np.where(leads[:, :1] < 0, min(lead_in, 1.0), min(lead_out, 1.2))
    return control + lengths * leads, straight_line + roundness * (round_line - straight_line)

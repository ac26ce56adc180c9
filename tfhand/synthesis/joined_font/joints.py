"""Where the letters of a font meet: a person's joins brought to two heights, so that any letter fits any other.

Of what letter a join comes decides most of its height: letters such as a and n end at the writing line, letters such as
o and w above it. The line of the pen is cut where it passes the height of its joint in the usual direction, wherever
the word was cut; both heights and directions are those that the person's own joins pass best. Lengths are in x-heights.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tfhand.hands.word_sample import WordSample
from tfhand.synthesis.joined.pair_joins import EXITS
from tfhand.synthesis.joined.pieces import Port, port_of
from tfhand.synthesis.joined_font.trails import Trail, Trails
from tfhand.typeset.shapes import DETAIL

NONE, LOW, HIGH = 0, 1, 2  # where a letter is joined
STEP, TURN, AWAY = 0.12, np.radians(25), 0.4  # differences of height and direction, and length of line, that cost 1
WORST = 4.0  # a join that costs as much does not pass at all
_HEIGHTS = np.arange(0.1, 0.95, 0.05)
_ANGLES = {LOW: np.radians(np.arange(15, 65, 5)), HIGH: np.radians(np.arange(-20, 35, 5))}
_USUAL = {LOW: (0.35, np.radians(40)), HIGH: (0.6, np.radians(10))}
_ENOUGH = 5.0  # as much as this many joins of the person's own the usual ones count
_NIB = 0.14 * DETAIL  # of a person of whom nothing is known
_GAP = 0.3  # x-heights from a joint to a letter, of a person who left no joins


@dataclass(frozen=True)
class Joint:
    """A place where letters of a font meet.

    Attributes:
        height: over the writing line.
        angle: of the line of the pen, in radians: 0 to the right, positive upward.
        before, after: mean space from there to the letter before, and to the one after.
    """

    height: float
    angle: float
    before: float = _GAP
    after: float = _GAP

    def costs(self, trail: Trail) -> np.ndarray:
        """How badly each point of a trail does as this joint, (n,)."""
        turn = np.angle(np.exp(1j * (trail.angles - self.angle)))
        step, away = trail.points[:, 1] / DETAIL - self.height, trail.along / DETAIL
        return np.square(step / STEP) + np.square(turn / TURN) + np.square(away / AWAY)

    def place(self, trail: Trail) -> int:
        """Which point of a trail does best."""
        return int(self.costs(trail).argmin())


class Joints:
    """Where a person's letters are joined in a font.

    Args:
        words: that the person wrote.
        trails: of these words.

    Attributes:
        places: the joint of `LOW` and that of `HIGH`.
        radius: half the thickness of the line there, in pixels.
    """

    def __init__(self, words: Sequence[WordSample], trails: Trails):
        found: dict[str, list[tuple[Trail, Port]]] = defaultdict(list)
        for word in words:
            for cut, letter in enumerate(word.text[:-1], 1):
                port = port_of(word, cut) if word.sure[cut - 1] and word.sure[cut] else None
                if port is not None:
                    found[letter].append((trails.trail(word, cut, port), port))
        half_nibs = [trail.radius for own in found.values() for trail, _ in own]
        self.radius = float(np.median(half_nibs)) if half_nibs else (trails.maker.nib or _NIB) / 2
        self._trails = {letter: [trail for trail, _ in own] for letter, own in found.items()}
        self.places: Mapping[int, Joint] = {
            place: _joint(place, [one for letter in EXITS[letters] for one in found.get(letter, ())])
            for place, letters in ((LOW, "low"), (HIGH, "high"))
        }

    def after(self, letter: str) -> int:
        """Where a letter is joined to the next one: at the place that most of the person's joins after it pass."""
        usual = HIGH if letter in EXITS["high"] else LOW
        costs = {
            place: sum(min(joint.costs(trail).min(), WORST) for trail in self._trails.get(letter, ()))
            - WORST / 2 * (place == usual)
            for place, joint in self.places.items()
        }
        return min(costs, key=lambda place: costs[place])


def _joint(place: int, joins: Sequence[tuple[Trail, Port]]) -> Joint:
    """The joint that joins pass best."""
    heights, angles = (side.ravel() for side in np.meshgrid(_HEIGHTS, _ANGLES[place]))
    usual = _USUAL[place]
    total = _ENOUGH * (np.square((heights - usual[0]) / STEP) + np.square((angles - usual[1]) / TURN)) / 4
    for trail, _ in joins:
        steps = np.square((trail.points[:, 1] / DETAIL - heights[:, None]) / STEP)
        turns = np.square(np.angle(np.exp(1j * (trail.angles - angles[:, None]))) / TURN)
        away = np.square(trail.along / DETAIL / AWAY)
        total += np.minimum((steps + turns + away).min(axis=1), WORST)
    best = int(total.argmin())
    joint = Joint(float(heights[best]), float(angles[best]))
    spaces = [(joint.costs(trail), *spaces_beside(joint, trail, port)) for trail, port in joins]
    good = np.array([(before, after) for costs, before, after in spaces if costs.min() < WORST / 2]).reshape(-1, 2)
    if not len(good):
        return joint
    before, after = np.median(good, axis=0).tolist()
    return replace(joint, before=before, after=after)


def spaces_beside(joint: Joint, trail: Trail, port: Port) -> tuple[float, float]:
    """The mean space from where a trail is cut to the letter before it, and to the one after."""
    moved = (trail.points[joint.place(trail)] - trail.points[trail.port])[0] / DETAIL
    return port.before + moved, port.after - moved

"""The line of the pen around a join: where it comes from and where it goes, followed on the ink of a word.

Coordinates are those of `tfhand.synthesis.joined.blocks`: pixels to the right, and upward from the writing line.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import map_coordinates

from tfhand.hands.word_sample import WordSample
from tfhand.synthesis.joined.blocks import Block, BlockMaker
from tfhand.synthesis.joined.pieces import Piece, Port
from tfhand.typeset.shapes import DETAIL

REACH = round(0.7 * DETAIL)  # pixels to each side of the join
_AHEAD = np.arange(1.0, 5.0)  # pixels at which the ink ahead is looked at
_TURNS = np.radians(np.arange(-35, 36, 7))  # by which the line may turn from pixel to pixel
_SLIGHT = 0.05  # pixels of ink, by which a line that turns less is preferred
_SMOOTH = 3  # points to either side that give the direction at a point


@dataclass(frozen=True, eq=False)
class Trail:
    """The line of the pen around a join.

    Attributes:
        points: float (n, 2), (x, height) in the block of the whole word, a pixel apart, in the order of writing.
        port: which of them is the join as the word was cut.
        radius: half the thickness of the line there.
    """

    points: np.ndarray
    port: int
    radius: float

    @property
    def angles(self) -> np.ndarray:
        """The direction of the line at each point, (n,) in radians: 0 to the right, positive upward."""
        first, last = (np.clip(np.arange(len(self.points)) + by, 0, len(self.points) - 1) for by in (-_SMOOTH, _SMOOTH))
        across, up = (self.points[last] - self.points[first]).T
        return np.arctan2(up, across)

    @property
    def along(self) -> np.ndarray:
        """Pixels of the line from the port to each point, (n,), negative before it."""
        return np.arange(len(self.points)) - float(self.port)


class Trails:
    """The trails of a person's words.

    Attributes:
        maker: of blocks of these words.
    """

    def __init__(self, maker: BlockMaker):
        self.maker = maker
        self._whole: dict[int, Block] = {}
        self._trails: dict[tuple[int, int], Trail] = {}

    def whole(self, word: WordSample) -> Block:
        """The block of a whole word."""
        if id(word) not in self._whole:
            all_letters = Piece(word, 0, len(word.text), None, None, 0.0, 0, ())
            self._whole[id(word)] = self.maker.of_piece(all_letters)
        return self._whole[id(word)]

    def trail(self, word: WordSample, cut: int, port: Port) -> Trail:
        """The trail at a join of a word."""
        if (id(word), cut) not in self._trails:
            block = self.whole(word)
            x = block.cuts[cut] + (word.slant * port.height + port.x) * DETAIL if block.cuts else 0.0
            self._trails[id(word), cut] = follow(block, np.array([x, port.height * DETAIL]), word.slant)
        return self._trails[id(word), cut]


def follow(block: Block, point: np.ndarray, slant: float) -> Trail:
    """The trail through a point of a word."""
    every = np.radians(np.arange(0, 180, 5))
    both = _ink(block, point, every) + _ink(block, point, every + np.pi)
    angle = float(every[both.argmax()])
    if np.cos(angle) - slant * np.sin(angle) < 0:  # to the left, were the writing upright
        angle -= np.pi
    ahead, behind = _walk(block, point, angle), _walk(block, point, angle + np.pi)
    return Trail(np.concatenate([behind[::-1], point[None], ahead]), len(behind), block.radius(point))


def _walk(block: Block, point: np.ndarray, angle: float) -> np.ndarray:
    """Points (n, 2) of the line from a point on, in one direction, as far as there is ink."""
    points = []
    for _ in range(REACH):
        ahead = _ink(block, point, angle + _TURNS) - _SLIGHT * np.abs(_TURNS)
        angle = angle + float(_TURNS[ahead.argmax()])
        point = point + (np.cos(angle), np.sin(angle))
        if _at(block, point[None])[0] <= 0:
            break
        points.append(point)
    return np.array(points).reshape(-1, 2)


def _ink(block: Block, point: np.ndarray, angles: np.ndarray) -> np.ndarray:
    """The mean depth of the ink ahead of a point in several directions."""
    steps = _AHEAD[None, :, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)[:, None]
    return _at(block, (point + steps).reshape(-1, 2)).reshape(len(angles), -1).mean(axis=1)


def _at(block: Block, points: np.ndarray) -> np.ndarray:
    """The field at points (n, 2)."""
    return map_coordinates(block.field, [block.above - 0.5 - points[:, 1], points[:, 0] - 0.5], order=1, cval=-4.0)

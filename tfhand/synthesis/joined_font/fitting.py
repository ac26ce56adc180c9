"""Letters brought to the joints of a font: their lines cut there, turned a little to meet others, or drawn.

Coordinates are those of `tfhand.synthesis.joined.blocks`: pixels to the right, and upward from the writing line.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from tfhand.synthesis.joined.blocks import Block
from tfhand.synthesis.joined.meeting import BODY, contour, side_of
from tfhand.synthesis.joined.pieces import OPENING, Piece
from tfhand.synthesis.joined_font.joints import Joint
from tfhand.synthesis.joined_font.trails import Trail, Trails
from tfhand.typeset.shapes import DETAIL
from tfhand.typeset.text import even_distance
from tfhand.vector.distance_field import stroke_field

RAISED, TURNED, BROADENED = 0.7 * DETAIL, 0.5 * DETAIL, 0.35 * DETAIL  # how far from a joint such a change reaches
MOST_TURNED = np.radians(45)
TUBE = 1.4  # half nibs around a line: what belongs to it
LEAST_DRAWN = 0.12 * DETAIL  # of a line to a letter that was not joined
_PAPER, _FAR = 4.0, -50.0  # pixels of paper beside the ink of a letter, and the field there
_EDGE = round(1.5 * DETAIL)  # paper around a letter, on which its ends can be drawn
_POINTS = 12  # of a drawn line
Sides = tuple[Joint | None, Joint | None]
Stroke = tuple[np.ndarray, float]  # points (n, 2) and half a nib


class Fitter:
    """Brings letters to joints.

    Args:
        trails: of the words that pieces come from.
        radius: half the thickness of the line at all joints.
    """

    def __init__(self, trails: Trails, radius: float):
        self._trails, self._radius = trails, radius

    def of_piece(self, piece: Piece, sides: Sides) -> Block:
        """The block of a piece whose entry and exit are at joints, or None where it is not to be joined."""
        block, whole, trails = self._on_paper(piece)
        points: list[np.ndarray | None] = [None, None]
        drawn: list[Stroke] = []
        for side, (joint, trail) in enumerate(zip(sides, trails, strict=True)):
            if trail is not None and joint is not None:
                place = joint.place(trail)
                block, points[side] = _recut(block, whole, trail, place, side), trail.points[place]
            elif trail is not None:
                drawn.append((trail.points[[trail.port]], trail.radius))
        block = _with_strokes(block, drawn)
        width = RAISED if points[0] is None or points[1] is None else float(np.hypot(*(points[1] - points[0])))
        for joint, trail, point in zip(sides, trails, points, strict=True):
            if joint is not None and trail is not None and point is not None:
                angle = float(trail.angles[joint.place(trail)])
                block = self._bent(block, point, angle, joint, min(1.0, width / RAISED))
        return self._ended(block, sides, points)

    def of_letter(self, block: Block, sides: Sides) -> Block:
        """The same of a letter that stood alone."""
        field = np.pad(block.field, _EDGE, constant_values=_FAR)
        return self._ended(Block(block.letters, field, block.above + _EDGE), sides, [None, None])

    def _on_paper(self, piece: Piece) -> tuple[Block, Block, list[Trail | None]]:
        """A piece with paper around it, its whole word in the same coordinates, and the trails at its ports."""
        block, whole = self._trails.maker.of_piece(piece), self._trails.whole(piece.word)
        begin, wide = round((whole.cuts or (0.0,))[piece.first] - (block.cuts or (0.0,))[0]), block.field.shape[1]
        around = np.pad(whole.field, _EDGE, constant_values=_FAR)[:, begin : begin + wide + 2 * _EDGE]
        own = np.pad(block.field, _EDGE, constant_values=_FAR)[:, : around.shape[1]]
        trails: list[Trail | None] = []
        for cut, port in ((piece.first, piece.entry), (piece.last, piece.exit)):
            trail = None if port is None else self._trails.trail(piece.word, cut, port)
            trails.append(trail and replace(trail, points=trail.points + [_EDGE - begin, 0.0]))
        above = block.above + _EDGE
        return Block(piece.text, own, above), Block(piece.text, around, above), trails

    def _bent(self, block: Block, point: np.ndarray, angle: float, joint: Joint, reach: float) -> Block:
        """A block whose line at a point is brought to a joint: raised, turned and made as thick."""
        high, wide = block.field.shape
        y, x = np.meshgrid(np.arange(high, dtype=np.float32), np.arange(wide, dtype=np.float32), indexing="ij")
        across, up = x + 0.5 - point[0], block.above - 0.5 - y - joint.height * DETAIL
        away = np.hypot(across, up) / reach
        turn = float(np.clip(np.angle(np.exp(1j * (joint.angle - angle))), -MOST_TURNED, MOST_TURNED))
        turned = (across + 1j * up) * np.exp(-1j * turn * _fading(away / TURNED))
        raised = (joint.height * DETAIL - point[1]) * _fading(away / RAISED)
        from_x = (turned.real + point[0] - 0.5).astype(np.float32)
        from_y = (block.above - 0.5 - joint.height * DETAIL - turned.imag + raised).astype(np.float32)
        field = cv2.remap(block.field, from_x, from_y, cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE)
        half = replace(block, field=field).radius(np.array([point[0], joint.height * DETAIL]))
        broader = np.clip(self._radius - half, -0.5 * half, 0.6 * half) * _fading(away * reach / BROADENED)
        return replace(block, field=field + broader.astype(np.float32))

    def _ended(self, block: Block, sides: Sides, points: list[np.ndarray | None]) -> Block:
        """A block with round ends of the line at its joints, and a drawn line where there is none."""
        drawn: list[Stroke] = []
        ends: list[np.ndarray | None] = [None, None]
        for side, (joint, point) in enumerate(zip(sides, points, strict=True)):
            if joint is None:
                continue
            end = _joint_beside(block, side, joint) if point is None else np.array([point[0], joint.height * DETAIL])
            if point is None:
                drawn.append((_line_to(block, side, end, joint.angle), self._radius))
            step = self._radius * np.array([np.cos(joint.angle), np.sin(joint.angle)])
            drawn.append((np.stack([end - step, end + step]), self._radius))
            ends[side] = end
        return _cropped(replace(_with_strokes(block, drawn), entry=ends[0], exit=ends[1]))


def _fading(away: np.ndarray) -> np.ndarray:
    """1 at 0, falling smoothly to 0 at 1."""
    return 0.5 + 0.5 * np.cos(np.pi * np.minimum(away, 1.0))


def _recut(block: Block, whole: Block, trail: Trail, place: int, side: int) -> Block:
    """A block whose line ends at another place of a trail than where the word was cut."""
    radius, way = TUBE * trail.radius, 1 if side else -1
    beyond = way * (place - trail.port)
    first, last = sorted((trail.port, place))
    if beyond > 0:
        tube = stroke_field(_on_page(block, trail.points[first : last + 1]), 2 * radius, block.field.shape)
        return replace(block, field=np.maximum(block.field, np.minimum(whole.field, tube)))
    spared = round(radius)  # the end of what is removed is round
    first, last = (first + spared, last + 1) if side else (first, last + 1 - spared)
    if first >= last:
        return block
    rest = trail.points[: place + 1] if side else trail.points[place:]
    lost, kept = (
        stroke_field(_on_page(block, line), 2 * radius, block.field.shape) for line in (trail.points[first:last], rest)
    )
    return replace(block, field=np.minimum(block.field, np.maximum(-lost, kept)))


def _joint_beside(block: Block, side: int, joint: Joint) -> np.ndarray:
    """Where a letter that was not joined there is joined: as far from it as is usual."""
    space = (-contour(block, 1) if side else contour(block, 0))[BODY] / DETAIL
    end = side_of(block, side, joint.height * DETAIL)[0][0]
    least = (LEAST_DRAWN + (end if side else -end)) / DETAIL
    gap = joint.before if side else joint.after
    away = float(even_distance(space, np.array(least), np.array(least + OPENING), gap, OPENING)) * DETAIL
    return np.array([away if side else -away, joint.height * DETAIL])


def _line_to(block: Block, side: int, point: np.ndarray, angle: float) -> np.ndarray:
    """A line (n, 2) from a joint to the side of a letter; it leaves the joint in its direction."""
    end = side_of(block, side, point[1])[0]
    half = (end[0] - point[0]) / 2
    bend = np.array([point[0] + half, np.clip(point[1] + half * np.tan(angle), *sorted((point[1], end[1])))])
    t = np.linspace(0, 1, _POINTS)[:, None]
    return (1 - t) ** 2 * point + 2 * t * (1 - t) * bend + t**2 * end


def _on_page(block: Block, line: np.ndarray) -> np.ndarray:
    """A line as x right and y down in the field of a block."""
    return line * [1, -1] + [0, block.above]


def _with_strokes(block: Block, strokes: list[Stroke]) -> Block:
    """A block with strokes of the pen on it."""
    field = block.field.copy()
    for line, radius in strokes:
        path, room = _on_page(block, line), radius + _PAPER
        x, y = np.maximum(path.min(axis=0) - room, 0).astype(int)
        right, bottom = (path.max(axis=0) + room).astype(int) + 1
        part = field[y:bottom, x:right]
        np.maximum(part, stroke_field(path - [x, y], 2 * radius, part.shape), out=part)
    return replace(block, field=field)


def _cropped(block: Block) -> Block:
    """A block without the paper around its ink."""
    inked = block.field > -_PAPER
    rows, columns = (np.flatnonzero(inked.any(axis=axis)) for axis in (1, 0))
    field = block.field[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    shift = np.array([columns[0], 0.0])
    entry, leave = (None if point is None else point - shift for point in (block.entry, block.exit))
    return Block(block.letters, field, block.above - rows[0], None, entry, leave)

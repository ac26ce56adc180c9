"""Where letters of a font meet: the line of the pen followed on the ink, and the heights that a person's joins pass."""

from __future__ import annotations

import numpy as np

from tests.support.joined_words import joined_word
from tfhand.synthesis.joined.blocks import BlockMaker
from tfhand.synthesis.joined.levelling import levelled
from tfhand.synthesis.joined_font.joints import HIGH, LOW, Joints
from tfhand.synthesis.joined_font.trails import Trails, follow
from tfhand.typeset.shapes import DETAIL


def test_loops_meet_on_the_line():
    """The loops of e and l meet at the writing line, where they run level."""
    words = [joined_word(text) for text in ("lel", "eel", "lee", "lle", "ele") * 4]
    joints = Joints(levelled(words), Trails(BlockMaker(words)))
    low = joints.places[LOW]
    assert low.height < 0.3
    assert joints.after("e") == joints.after("l") == LOW
    assert joints.places[HIGH].height > low.height


def test_a_trail_follows_the_line_both_ways():
    word = joined_word("lel")
    trails = Trails(BlockMaker([word]))
    block = trails.whole(word)
    trail = follow(block, np.array([block.cuts[1], 0.0]), 0.0)
    assert trail.points[0, 1] > 0.3 * DETAIL < trail.points[-1, 1]
    assert np.abs(trail.points[trail.port, 1]) < 0.15 * DETAIL
    assert abs(np.degrees(trail.angles[trail.port])) < 25

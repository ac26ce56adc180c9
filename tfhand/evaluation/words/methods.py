"""Ways to write the words that are asked for: people's own, pieces of words, and letters one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from tfhand.evaluation.words.cutting import HEIGHT
from tfhand.evaluation.words.people import WordPerson, equally_cut
from tfhand.data.word_pictures import ABOVE, pixels_per_x_height
from tfhand.hands.glyph import inverted
from tfhand.hands.hand import Hand, Sample
from tfhand.hands.word_sample import WordSample
from tfhand.metrics.contour_hinge import contour_hinge, hinge_distance
from tfhand.synthesis.synthesizer import Synthesizer
from tfhand.typeset import Layout
from tfhand.typeset.pagination import FIRST

WordMethod = Callable[[Sequence[WordPerson], int], list[WordSample]]
"""From all people and the place of one of them, a word for each of that one's texts."""
WriteWord = Callable[[Hand, str, int], WordSample]
"""From a Hand with words, a text and a seed, that word."""
_UNIT = pixels_per_x_height(HEIGHT)
_SAMPLES = 3  # of a letter, when letters are written one by one


def own_words(people: Sequence[WordPerson], place: int) -> list[WordSample]:
    """As the person wrote them."""
    return list(people[place].second)

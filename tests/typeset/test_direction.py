"""The order in which a line is seen, where letters run from right to left."""

from __future__ import annotations

import pytest

from tfhand.typeset.direction import begins_right, runs_right_to_left, visual_order


def seen(line: str) -> str:
    places = visual_order(line, begins_right(line))
    return "".join(f"<{line[place.at]}>" if place.mirrored else line[place.at] for place in places)


@pytest.mark.parametrize(
    ("text", "mixed", "right"),
    [
        ("Anna", False, False),
        ("12 €", False, False),
        ("Anna אב", True, False),
        ("אב Anna", True, True),
        ("“ع”", True, True),
    ],
)
def test_direction(text, mixed, right):
    assert (runs_right_to_left(text), begins_right(text)) == (mixed, right)


@pytest.mark.parametrize(
    ("line", "order"),
    [
        ("Anna 12", "Anna 12"),
        ("אבג דה", "הד גבא"),
        ("אב 123 ג", "ג 123 בא"),  # numbers run from left to right in all languages
        ("Anna אב גד, Zoe", "Anna דג בא, Zoe"),
        ("אב Anna Zoe!", "!Anna Zoe בא"),
        ("א(ב)", "<)>ב<(>א"),  # what opens at the right is drawn as if it closed
        ("سلام", "مالس"),
        ("", ""),
    ],
)
def test_as_seen(line, order):
    assert seen(line) == order


def test_characters_without_a_direction_stand_as_latin_ones_do():
    assert [place.at for place in visual_order("0\U000109a7\U00018cd6", False)] == [0, 1, 2]
    assert [place.at for place in visual_order("a\u0378", False)] == [0, 1]

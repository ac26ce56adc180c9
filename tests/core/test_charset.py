from __future__ import annotations

import string

import pytest

from tfhand.core import charset


def test_characters_are_digits_capitals_small_letters():
    assert string.digits + string.ascii_uppercase + string.ascii_lowercase == charset.CHARACTERS
    assert len(charset.CHARACTERS) == 62


def test_every_character_has_one_class():
    members = "".join(charset.CLASSES.values())
    assert sorted(members) == sorted(charset.CHARACTERS)
    assert charset.class_of("g") == "descender"
    assert charset.class_of("e") == "x-height"
    assert charset.class_of("%") == "other"


def test_heights_follow_the_classes():
    assert [c for c in charset.CHARACTERS if charset.geometry(c).bottom < -0.25] == list("fgjpqy")
    assert {c for c in string.ascii_lowercase if charset.geometry(c).top > 1.3} == set("bdfhijklt")
    assert all(charset.geometry(c).top > 1.3 for c in string.digits + string.ascii_uppercase)
    for character in "acemnorsuvwxz":
        assert charset.geometry(character).top == pytest.approx(1, abs=0.1)
    for character in "gpqy":
        assert charset.geometry(character).top == pytest.approx(1)


def test_geometry_keeps_the_measured_widths_and_knows_punctuation():
    assert charset.geometry("m").width > charset.geometry("n").width > charset.geometry("l").width
    assert charset.geometry(",").bottom < charset.geometry(".").bottom == 0
    assert charset.geometry("\N{GREEK SMALL LETTER OMEGA}").height > 1  # unknown, but never a crash


def test_look_alikes_share_a_representative():
    assert charset.first_look_alike["c"] == charset.first_look_alike["C"]
    assert len({charset.first_look_alike[c] for c in "oO0"}) == 1
    assert len({charset.first_look_alike[c] for c in "l1I"}) == 1
    assert charset.first_look_alike["a"] != charset.first_look_alike["A"]
    assert set(charset.first_look_alike) == set(charset.CHARACTERS)


def test_order():
    assert charset.order("éb1aBa.") == "1Bab.é"


@pytest.mark.parametrize("character", [*charset.CHARACTERS, "é", ".", "/", "ß", "€"])
def test_file_names_come_back(character: str):
    assert charset.character_of(charset.file_name(character)) == character
    assert charset.character_of(f"{charset.file_name(character)}_2") == character


def test_file_names_differ_where_case_does_not_count():
    assert len({charset.file_name(c).lower() for c in charset.CHARACTERS}) == 62


@pytest.mark.parametrize(
    ("name", "character"),
    [
        ("A", "A"),
        ("A_upper", "A"),
        ("upper_a", "A"),
        ("lower_A", "a"),
        ("U+0041", "A"),
        ("u0041_3", "A"),
        ("a (2)", "a"),
        ("2_2", "2"),
        ("e\u0301", "é"),  # as macOS writes it
        ("IMG_0412", None),
        ("photo", None),
        ("12", None),
        ("U+0020", None),
        ("", None),
        ("_2", None),
    ],
)
def test_tolerant_file_names(name: str, character: str | None):
    assert charset.character_of(name) == character

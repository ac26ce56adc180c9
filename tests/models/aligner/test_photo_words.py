"""Words out of photos, as the shipped aligner sees them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.support.joined_words import BASELINE, LEFT, STEP, X_HEIGHT, joined_ink
from tfhand.models import registry
from tfhand.models.aligner.photo_words import find_letters, known_form, read_words
from tfhand.scan.running.letters import WordPicture


@pytest.fixture(scope="module")
def aligner():
    return registry.load("aligner62")


def picture(text: str, scale: float = 1.0, slant: float = 0.0) -> WordPicture:
    ink = cv2.resize(joined_ink(text, slant), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return WordPicture(ink, BASELINE * scale, X_HEIGHT * scale, slant)


def test_letters_are_found_in_pixels_of_the_picture(aligner):
    text = "lele"
    for scale in (0.7, 1.0, 2.0):
        (letters,) = find_letters(aligner, [picture(text, scale)], [text])
        truth = scale * (LEFT + STEP * np.arange(len(text) + 1.0))
        shared = np.minimum(letters[:, 1], truth[1:]) - np.maximum(letters[:, 0], truth[:-1])
        whole = np.maximum(letters[:, 1], truth[1:]) - np.minimum(letters[:, 0], truth[:-1])
        assert (shared / whole).min() > 0.4
        assert ((letters[:, 2] > 0) & (letters[:, 2] <= 1)).all()


def test_a_slant_is_taken_out_around_the_middle_of_small_letters(aligner):
    """Upright and slanted, letters are then found in the same columns of that height."""
    upright, slanted = find_letters(aligner, [picture("elle"), picture("elle", slant=0.4)], ["elle", "elle"])
    assert slanted[:, :2] - 0.2 * X_HEIGHT == pytest.approx(upright[:, :2], abs=0.25 * STEP)


def test_what_cannot_be_looked_for(aligner):
    known, unknown, narrow = find_letters(aligner, [picture("el")] * 3, ["él", "e#", "el" * 30])
    assert not np.isnan(known).any()
    assert unknown.shape == (2, 3)
    assert np.isnan(unknown).all()
    assert np.isnan(narrow).all()


def test_letters_stand_for_what_looks_like_them(aligner):
    assert known_form("Öl’s", aligner.characters) == "Ol's"
    assert known_form("„a–b“", aligner.characters) == '"a-b"'
    assert known_form("a#b", aligner.characters) == ""


def test_words_are_read_without_a_text(aligner):
    words = read_words(aligner, [picture("ele"), picture("elel")])
    assert len(words) == 2
    assert all(set(word) <= set(aligner.characters) for word in words)

"""An aligner for words cut out of photos: each is brought to the size and the place that the networks know."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from tfhand.data.streams.words import STEP
from tfhand.data.word_pictures import ABOVE, BELOW, MARGIN, pixels_per_x_height
from tfhand.models.aligner.alignment import INK, align, read
from tfhand.scan.running.letters import MIDDLE, WordPicture

_LIKE = {"‘": "'", "’": "'", "‚": ",", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "ß": "B", "…": "."}


def find_letters(networks: Any, pictures: Sequence[WordPicture], texts: Sequence[str]) -> list[np.ndarray]:
    """Where the letters of words are, see `tfhand.scan.running.letters.FindLetters`.

    A letter with an accent is looked for as the letter without it.

    Args:
        networks: an `Aligner`.
        pictures: of the words.
        texts: what they say.
    """
    views = [_View.of(picture, networks.image_size) for picture in pictures]
    known = [known_form(text, networks.characters) for text in texts]
    fitting = [k for k, (text, view) in enumerate(zip(known, views, strict=True)) if text and view.holds(len(text))]
    letters = align(networks, [views[k].image for k in fitting], [known[k] for k in fitting])
    found = [np.full((len(text), 3), np.nan) for text in texts]
    for k, own in zip(fitting, letters, strict=True):
        edges = np.array([(one.left, one.right) for one in own])
        found[k][:, :2] = views[k].columns(edges)
        found[k][:, 2] = [one.confidence for one in own]
    return found


def read_words(networks: Any, pictures: Sequence[WordPicture]) -> list[str]:
    """What words say, as the networks read them; often wrong, and empty where nothing is read."""
    return read(networks, [_View.of(picture, networks.image_size).image for picture in pictures])


def known_form(text: str, characters: str) -> str:
    """A text in the characters that the networks know, letter for letter; empty where it has others."""
    plain = [_LIKE.get(one, one) if one not in characters else one for one in text]
    plain = [one if one in characters else unicodedata.normalize("NFD", one)[0] for one in plain]
    return "".join(plain) if all(one in characters for one in plain) else ""


@dataclass(frozen=True, eq=False)
class _View:
    """A word as the networks see it.

    Attributes:
        image: uint8 [H, W].
        scale: its pixels to one of the word's picture.
        shift: pixels added to columns after scaling, at the height `MIDDLE`.
    """

    image: np.ndarray
    scale: float
    shift: float

    @classmethod
    def of(cls, picture: WordPicture, height: int) -> _View:
        """The view of a height in pixels."""
        unit = pixels_per_x_height(height)
        scale = unit / picture.x_height
        middle = picture.baseline - MIDDLE * picture.x_height
        rows, columns = np.nonzero(picture.ink > INK)
        across = scale * (columns + picture.slant * (rows + 0.5 - middle))
        shift = MARGIN * unit - float(across.min(initial=np.inf)) if len(across) else MARGIN * unit
        width = int(np.ceil(float(across.max(initial=0.0)) + scale + shift + MARGIN * unit))
        down, shear = height * ABOVE / (ABOVE + BELOW) - scale * picture.baseline, scale * picture.slant
        plane = np.array([[scale, shear, shift - shear * middle], [0, scale, down]])
        plane[:, 2] += plane[:, :2] @ (0.5, 0.5) - 0.5  # of the pixels' middles
        soft = cv2.GaussianBlur(picture.ink, (0, 0), 0.35 / scale) if scale < 1 else picture.ink
        return cls(cv2.warpAffine(soft, plane, (width, height), flags=cv2.INTER_LINEAR), scale, shift)

    def holds(self, letters: int) -> bool:
        """Whether it is wide enough for so many letters."""
        return letters * STEP < self.image.shape[1]

    def columns(self, places: np.ndarray) -> np.ndarray:
        """Places in the view as columns of the word's picture at the height `MIDDLE`."""
        return (places - self.shift) / self.scale

"""Metrics and pictures of letters that a StarGAN v2 rewrites."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from tfhand.data import synthetic
from tfhand.errors import ArchiveError
from tfhand.evaluation.translation_evaluator import TranslationEvaluator

DIGITS = "0123456789"


class Painter:
    """Stands for trained networks: a style is the wanted character's number, painted into the first pixel."""

    def __init__(self, obeys: bool = True):
        self.characters, self.image_size, self.config = DIGITS, 32, SimpleNamespace(latent_size=4)
        self.obeys = obeys

    def map_latent(self, latents, domains):
        assert latents.shape == (len(domains), 4)
        return np.asarray(domains, np.float32)[:, None]

    def encode_style(self, images, domains):
        return np.asarray(domains, np.float32)[:, None]

    def translate(self, images, styles):
        painted = np.array(images)
        painted[:, 0, 0, 0] = styles[:, 0] / 10 if self.obeys else 0.3
        return painted


class PixelReader:
    """Reads the number in the first pixel; its characters come in another order than the preset's."""

    characters = "x9876543210"

    def __call__(self, images):
        digits = np.rint(10 * np.asarray(images)[:, 0, 0, 0]).astype(int)
        return np.array([[float(name == str(digit)) for name in self.characters] for digit in digits])


@pytest.fixture(scope="module")
def archive():
    return synthetic.archive(6, 2, seed=3, characters=DIGITS)


def test_letters_count_that_are_read_as_asked(archive):
    scores = TranslationEvaluator(Painter(), archive, [1, 2, 3]).conditional_accuracy(PixelReader(), count=200)
    assert scores["latent"] == 1.0
    assert scores["reference"] == 1.0
    assert scores["real"] < 0.3  # the pixel of real letters is paper, which this reader takes for no digit


def test_networks_that_ignore_the_style_are_right_by_chance(archive):
    scores = TranslationEvaluator(Painter(obeys=False), archive, [1, 2, 3]).conditional_accuracy(
        PixelReader(), count=1000
    )
    assert scores["latent"] == pytest.approx(0.1, abs=0.04)
    assert scores["latent"] == scores["reference"]


def test_the_picture_has_a_row_for_each_person_and_the_real_letters_first(archive):
    evaluator = TranslationEvaluator(Painter(), archive, [1, 2, 3])
    picture = evaluator.picture(people=2)
    assert picture.shape[0] == 2 * (32 + 4)
    own = np.flatnonzero((evaluator.archive.writers == 1) & (evaluator.domains == 2))[0]
    assert np.array_equal(255 - picture[2:34, :32], evaluator.archive.render([own])[0])


def test_people_who_are_not_there_are_named(archive):
    with pytest.raises(ArchiveError, match="held out"):
        TranslationEvaluator(Painter(), archive, [99])


def test_characters_that_nobody_wrote_are_named():
    with pytest.raises(ArchiveError, match="never wrote 7 8 9"):
        TranslationEvaluator(Painter(), synthetic.archive(4, 1, seed=3, characters="0123456"), [1])

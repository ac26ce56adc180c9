"""Metrics and pictures of letters that a StarGAN v2 rewrites."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from tfhand.data import synthetic
from tfhand.errors import ArchiveError
from tfhand.evaluation.translation_evaluator import TranslationEvaluator
from tfhand.visualization import grids

DIGITS = "0123456789"


class Painter:
    """Stands for trained networks: a style is the wanted character's number, painted into the first pixel.

    A latent also shifts the image, and a reference is copied.
    """

    def __init__(self, obeys: bool = True, references: int = 1):
        self.characters, self.image_size = DIGITS, 32
        self.config = SimpleNamespace(latent_size=4, references=references)
        self.obeys = obeys

    def map_latent(self, latents, domains):
        assert latents.shape == (len(domains), 4)
        return np.concatenate([np.asarray(domains, np.float32)[:, None], latents], axis=1)

    def truncate(self, styles, domains):
        return styles * np.float32([1, *[0.5] * (styles.shape[1] - 1)])

    def encode_style(self, images, domains):
        return np.concatenate([np.asarray(domains, np.float32)[:, None], images.reshape(len(images), -1)], axis=1)

    def encode_hand(self, images, characters, mask, domains):
        assert images.shape[:2] == characters.shape == mask.shape
        return self.encode_style(images[:, 0], domains)

    def translate(self, images, styles):
        painted = np.array(images)
        if styles.shape[1] > 5:
            painted = np.array(styles[:, 1:]).reshape(images.shape)
        else:
            painted = np.stack(
                [np.roll(each, int(3 * style[1]), axis=1) for each, style in zip(painted, styles, strict=True)]
            )
        painted[:, 0, 0, 0] = styles[:, 0] / 10 if self.obeys else 0.3
        return painted


class PixelReader:
    """Reads the number in the first pixel; its characters come in another order than the preset's."""

    characters = "x9876543210"

    def __call__(self, images):
        digits = np.rint(10 * np.asarray(images)[:, 0, 0, 0]).astype(int)
        return np.array([[float(name == str(digit)) for name in self.characters] for digit in digits])

    def features(self, images):
        return np.asarray(images)[:, 4::8, 4::8, 0].reshape(len(images), -1)


@pytest.fixture(scope="module")
def archive():
    return synthetic.archive(6, 4, seed=3, characters=DIGITS)


def test_letters_count_that_are_read_as_asked(archive):
    found = TranslationEvaluator(Painter(), archive, [1, 2, 3]).metrics(PixelReader(), count=200)
    assert {found[kind]["conditional accuracy"] for kind in ("latent", "truncated", "reference")} == {1.0}
    assert found["real letters"]["conditional accuracy"] < 0.3  # the pixel of real letters is paper, no digit to it


def test_networks_that_ignore_the_style_are_right_by_chance(archive):
    found = TranslationEvaluator(Painter(obeys=False), archive, [1, 2, 3]).metrics(PixelReader(), count=1000)
    assert found["latent"]["conditional accuracy"] == pytest.approx(0.1, abs=0.08)
    assert found["latent"]["conditional accuracy"] == found["reference"]["conditional accuracy"]


def test_what_is_left_as_it_is_neither_differs_nor_takes_over_a_style(archive):
    found = TranslationEvaluator(Painter(), archive, [1, 2, 3]).metrics(PixelReader())["unchanged"]
    assert found["diversity"] == 0
    assert abs(found["slant"]) < 0.3 > abs(found["thickness"])


def test_a_copied_reference_has_all_of_its_style(archive):
    """But for one pixel; real letters by the same person have less of it, and random styles are not asked."""
    found = TranslationEvaluator(Painter(), archive, [1, 2, 3]).metrics(PixelReader())
    assert found["reference"]["slant"] > 0.95 > found["real letters"]["slant"] > 0.2
    assert math.isnan(found["latent"]["slant"])
    assert found["reference"]["diversity"] == pytest.approx(1, abs=0.05)
    assert found["real letters"]["diversity"] == 1
    assert found["latent"]["diversity"] > found["truncated"]["diversity"] > 0


def test_the_picture_has_a_row_for_each_person_what_is_given_first_and_their_own_last(archive):
    for references, columns in ((1, 5), (3, 3)):
        evaluator = TranslationEvaluator(Painter(references=references), archive, [1, 2, 3])
        picture = evaluator.picture(people=2)
        height, width = grids.LINE + 2 * 64, 3 * 64
        assert picture.shape == (height, columns * width + (columns - 1) * grids.MARGIN)
        for domain, left in ((2, 0), (1, (columns - 1) * (width + grids.MARGIN) + 2 * 64)):
            letter = np.flatnonzero((evaluator.archive.writers == 1) & (evaluator.domains == domain))[0]
            expected = grids.grid(evaluator.archive.render([letter])[None])
            assert np.array_equal(picture[grids.LINE : grids.LINE + 64, left : left + 64], expected)


def test_people_who_are_not_there_are_named(archive):
    with pytest.raises(ArchiveError, match="held out"):
        TranslationEvaluator(Painter(), archive, [99])


def test_characters_that_nobody_wrote_are_named():
    with pytest.raises(ArchiveError, match="never wrote 7 8 9"):
        TranslationEvaluator(Painter(), synthetic.archive(4, 1, seed=3, characters="0123456"), [1])

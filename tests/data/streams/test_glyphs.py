"""Letters one by one: characters evenly, archives by their shares, drawn as the archive draws them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tfhand.data.archive import Archive
from tfhand.data.streams.glyphs import GlyphStream
from tfhand.errors import ArchiveError
from tfhand.hands import glyph
from tfhand.hands.glyph import as_glyphs
from tfhand.metrics import thickness


@pytest.fixture(scope="module")
def bars() -> Archive:
    """Real ink without writers: upright bars, whose width tells the class, 40 of "0", 10 of "1" and two of "x"."""
    labels = np.repeat(np.arange(3), [40, 10, 2]).astype(np.uint8)
    images = np.zeros((len(labels), 28, 28), np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[2:26, 4 : 8 + 4 * label] = 255
    return Archive(labels, np.array(list("01x")), None, images)


def letters(archives: list[Archive], characters: str, count: int, shares=None, **options) -> tuple:
    """(uint8 glyphs (count, 32, 32), characters (count,)) of the first batch."""
    stream = GlyphStream(archives, shares or [1.0] * len(archives), characters, batch_size=count, **options)
    batch = stream.batch(0)
    return as_glyphs(batch["image"]), batch["character"]


def are_of(archive: Archive, images: np.ndarray) -> np.ndarray:
    """Which of them are the archive's own real ink, unchanged but for rounding."""
    own = archive.render(range(len(archive))).astype(int)
    return np.array([np.abs(own - image).max(axis=(1, 2)).min() < 8 for image in images.astype(int)])


def test_shapes(people, bars):
    for archive in (people, bars, replace(people, writers=None)):
        batch = GlyphStream([archive], [1.0], "10", 28, 6).batch(3)
        assert {name: (array.shape, str(array.dtype)) for name, array in batch.items()} == {
            "image": ((6, 28, 28, 1), "float32"),
            "character": ((6,), "int32"),
        }
        assert batch["image"].min() == -1
        assert 0.5 < batch["image"].max() <= 1


def test_characters_come_evenly_and_are_what_they_say(bars):
    """Twenty times as many samples make a character no more frequent; places are those in the characters asked for."""
    images, characters = letters([bars], "x0", 400)
    assert set(characters) == {0, 1}
    assert characters.mean() == pytest.approx(0.5, abs=0.1)
    for image, character in zip(images, characters, strict=True):
        top, left, bottom, right = glyph.ink_box(image)
        assert (right - left) / (bottom - top) == pytest.approx({"x": 12, "0": 4}["x0"[character]] / 24, abs=0.08)


def test_a_group_shows_one_character_as_the_discriminator_compares_it(people):
    """Letters B / group apart, and each another sample."""
    batch = GlyphStream([people], [1.0], "0123abc", batch_size=12, group=4).batch(0)
    characters = batch["character"].reshape(4, 3)
    assert (characters == characters[0]).all()
    assert len({image.tobytes() for image in batch["image"]}) == 12
    first, second = (GlyphStream([people], [1.0], "0123abc", batch_size=12, group=4).batch(n) for n in (0, 1))
    assert (first["character"] != second["character"]).any()


def test_all_samples_of_a_character_come(people):
    chosen = people.select(np.flatnonzero(people.labels == 0))
    printed = Archive(chosen.labels, chosen.classes, None, chosen.render(range(len(chosen))))
    images, _ = letters([printed], "0", 120)
    assert are_of(printed, images).all()
    assert len({image.tobytes() for image in images}) == len(chosen)


class TestSeveralArchives:
    def test_shares_hold_where_both_have_the_character(self, people, bars):
        images, _ = letters([people, bars], "01", 400, shares=[1.0, 3.0])
        assert are_of(bars, images).mean() == pytest.approx(0.75, abs=0.08)

    def test_an_archive_of_some_characters_leaves_the_others_possible(self, people, bars):
        """Bars have the larger share, no "a"; strokes have no "x"; all four characters come equally often."""
        images, characters = letters([people, bars], "0a1x", 600, shares=[1.0, 9.0])
        np.testing.assert_allclose(np.bincount(characters) / 600, 0.25, atol=0.07)
        printed = are_of(bars, images)
        assert not printed[characters == 1].any()
        assert printed[characters == 3].all()
        assert 0.8 < printed[characters % 2 == 0].mean() < 1

    def test_absent_characters_are_named(self, people, bars):
        with pytest.raises(ArchiveError, match=r"No archive holds a sample of q \?"):
            GlyphStream([people, bars], [1.0, 1.0], "0q?x")
        with pytest.raises(ArchiveError, match="sample of x"):
            GlyphStream([people, bars], [1.0, 0.0], "0x")


class TestForms:
    def test_without_variation_real_ink_is_as_it_is(self, bars):
        assert are_of(bars, letters([bars], "01x", 60)[0]).all()

    def test_every_letter_has_a_nib_of_its_own(self, people):
        images, _ = letters([people.select([0])], "0", 40)
        assert len({image.tobytes() for image in images}) > 20
        assert np.ptp(thickness(images)) > 1.5

    def test_with_variation_every_letter_leans_its_own_way(self, bars):
        images, _ = letters([bars], "1", 200, vary=True)
        lines = np.arange(32)
        leaning = []
        for image in images.astype(float):
            inked = np.flatnonzero(image.sum(axis=1) > 255)[2:-2]
            middles = image[inked] @ lines / image[inked].sum(axis=1)
            leaning.append(np.polyfit(-inked, middles, 1)[0])  # to the right, a line up
        assert len({image.tobytes() for image in images}) > 190
        assert np.std(leaning) == pytest.approx(np.hypot(0.16, 0.06), rel=0.25)
        assert np.mean(leaning) == pytest.approx(0, abs=0.05)

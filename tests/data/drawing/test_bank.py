"""Characters drawn in the graph beside the same ones drawn by `Archive.draw`."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tests.support.streams import archive_of_strokes, blocks
from tfhand.data.archive import Archive
from tfhand.data.drawing.bank import SEGMENTS, GlyphBank
from tfhand.data.drawing.segments import segments_of
from tfhand.data.scan_transform import ScanTransform

ANGLES = np.linspace(0, 2 * np.pi, 60)
RING = np.rint(500 * np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1)).astype(np.int16)


def both(archives: list[Archive], size: int, vary: bool, jit: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Every character of some archives in a random transform: by the bank, by the archive, both (n, S, S) in [0, 1]."""
    bank = GlyphBank(archives, size)
    rng = np.random.default_rng(3)
    letters = np.arange(sum(map(len, archives)), dtype=np.int32)
    transform = ScanTransform.draw(rng, letters.shape)
    if not vary:
        transform = ScanTransform.neutral(letters.shape, transform.nib)
    drawn = tf.function(bank.draw, jit_compile=jit)(
        bank.arrays, letters, transform.matrix.astype(np.float32), transform.nib.astype(np.float32)
    )
    plain = [
        archive.draw(index, size, transform.nib[first + index], transform.matrix[first + index])
        for archive, first in zip(archives, bank.first, strict=True)
        for index in range(len(archive))
    ]
    return drawn.numpy(), np.stack(plain) / 255


@pytest.mark.parametrize("size", [16, 32, 48])
@pytest.mark.parametrize("vary", [False, True])
def test_strokes_are_drawn_as_the_archive_draws_them(people, size, vary):
    drawn, plain = both([people], size, vary)
    assert drawn.sum() == pytest.approx(plain.sum(), rel=0.03)
    assert np.abs(drawn - plain).mean(axis=(1, 2)).max() < 0.04
    other = np.abs(drawn - np.roll(plain, 1, axis=0)).mean(axis=(1, 2))
    assert np.median(other) > 5 * np.abs(drawn - plain).mean()  # another letter is far from it


@pytest.mark.parametrize("vary", [False, True])
def test_images_are_warped_as_the_archive_warps_them(vary):
    drawn, plain = both([blocks()], 32, vary)
    assert np.abs(drawn - plain).max() < 0.03


def test_archives_of_both_kinds_and_of_other_sizes(people):
    """Numbered on from one to the next; paper is added to the smaller images."""
    large = blocks()
    small = Archive(large.labels, large.classes, large.writers, large.images[:, 1:-1, 1:-1])
    drawn, plain = both([large, people, small], 32, True)
    assert np.abs(drawn - plain).mean(axis=(1, 2)).max() < 0.04


def test_plain_graphs_give_the_same(people):
    np.testing.assert_allclose(both([people], 16, True)[0], both([people], 16, True, jit=False)[0], atol=1e-4)


def test_a_closed_curve_stays_closed():
    drawn, plain = both([archive_of_strokes([[RING]], "O")], 32, False)
    assert np.abs(drawn - plain).mean() < 0.02


class TestSegments:
    def test_a_dot_and_a_line(self):
        dot, line = np.array([[500, 0]]), np.array([[0, 100], [0, 600], [0, 1100]])
        found = segments_of([dot, line], 4)
        assert found.shape == (4, 2, 2)
        np.testing.assert_allclose(found[0], [[0.22727, -0.5], [0.22727, -0.5]], atol=1e-4)
        np.testing.assert_allclose(found[1:3].reshape(-1, 2)[[0, -1]][:, 1], [-0.40909, 0.5], atol=1e-4)
        np.testing.assert_array_equal(found[3], found[2])

    def test_what_is_long_is_simplified_until_it_fits(self):
        rng = np.random.default_rng(0)
        walk = np.cumsum(rng.normal(size=(400, 2)), axis=0)
        found = segments_of([walk], SEGMENTS)
        own = found[: np.count_nonzero(np.any(np.diff(found, axis=0), axis=(1, 2))) + 1]
        assert SEGMENTS / 2 < len(own) <= SEGMENTS
        np.testing.assert_array_equal(own[1:, 0], own[:-1, 1])  # still one line
        box = walk.min(axis=0), walk.max(axis=0)
        ends = (walk[[0, -1]] - (box[0] + box[1]) / 2) / np.ptp(walk, axis=0).max()
        np.testing.assert_allclose([found[0, 0], found[-1, 1]], ends, atol=1e-5)

"""Augmentation of images against NumPy and SciPy, its chances and its gradients."""

from __future__ import annotations

from dataclasses import astuple, fields, replace

import keras
import numpy as np
import pytest
from keras import ops
from scipy import ndimage

from tfhand.data.archive import Archive
from tfhand.data.rasterize import shape_matrix
from tfhand.hands.glyph import as_network_input
from tfhand.nn.augment import Amounts, Strengths, alter, augment, draw_amounts
from tfhand.training.backend import compile_step, input_gradient

SIDE = 32
COUNT = 2000  # images, for statistics
NONE = Strengths(*[0.0] * len(fields(Strengths)))


@pytest.fixture(scope="module")
def letters(people: Archive) -> np.ndarray:
    """(B, S, S, 1) in [-1, 1]: each of ten characters by two people."""
    return as_network_input(people.render(range(0, 40, 2), SIDE))


@pytest.fixture(scope="module")
def drawn() -> Amounts:
    return Amounts(*map(ops.convert_to_numpy, draw_amounts((COUNT, 4, 4), 0.3, seeded(5), Strengths())))


def amounts(count: int, **given: float) -> Amounts:
    """The same for all of `count` images; 0 if not given."""
    zeros = {name: np.zeros(count, np.float32) for name in Amounts._fields[:-1]}
    same = {name: np.full(count, amount, np.float32) for name, amount in given.items()}
    return Amounts(**(zeros | {"grain": np.zeros((count, SIDE, SIDE), np.float32)} | same))


def altered(images: np.ndarray, **given: float) -> np.ndarray:
    return ops.convert_to_numpy(alter(images, amounts(len(images), **given)))


def seeded(seed: int = 0) -> keras.random.SeedGenerator:
    return keras.random.SeedGenerator(seed)


def ink(images) -> np.ndarray:
    """How much of it there is in each image, the paper being 0."""
    return (ops.convert_to_numpy(images) + 1).sum(axis=(1, 2, 3))


def test_without_chance_images_come_back_exactly(letters):
    images = letters + np.random.default_rng(0).normal(0, 0.1, letters.shape).astype(np.float32)
    assert np.array_equal(augment(images, 0.0, seeded()), images)
    assert np.array_equal(augment(images, 1.0, seeded(), NONE), images)
    assert not np.array_equal(augment(images, 1.0, seeded()), images)


class TestGeometry:
    @pytest.mark.parametrize(("right", "down"), [(3, 0), (0, -5), (-7, 4), (SIDE, 0)])
    def test_whole_pixels_are_a_roll_with_blank_edges(self, letters, right, down):
        images = letters.copy()
        images[:, :, [0, -1]] = 0.5  # ink up to the edges
        wide = np.pad(images, ((0, 0), (SIDE, SIDE), (SIDE, SIDE), (0, 0)), constant_values=-1)
        expected = np.roll(wide, (down, right), axis=(1, 2))[:, SIDE:-SIDE, SIDE:-SIDE]
        moved = altered(images, right=right / SIDE, down=down / SIDE)
        np.testing.assert_allclose(moved, expected, atol=1e-6)

    @pytest.mark.parametrize(
        "shape",
        [{"rotation": 0.2}, {"slant": 0.3}, {"stretch": -0.4}, {"rotation": -0.3, "slant": 0.2, "stretch": 0.3}],
    )
    @pytest.mark.parametrize("scale", [0.0, 0.2, -0.3])
    def test_shapes_are_those_of_a_hand(self, letters, shape, scale):
        """SciPy's bilinear warp, (row, column), by the matrix that draws strokes, (x, y)."""
        matrix = np.linalg.inv(shape_matrix(**shape) * np.exp(scale))[::-1, ::-1]
        centre = np.full(2, (SIDE - 1) / 2)
        moved = np.array([2.0, -1.25])  # down, right
        offset = centre - matrix @ (centre + moved)
        expected = [
            ndimage.affine_transform(image[..., 0] + 1, matrix, offset, order=1, mode="grid-constant") - 1
            for image in letters
        ]
        found = altered(letters, **shape, scale=scale, down=2 / SIDE, right=-1.25 / SIDE)
        np.testing.assert_allclose(found[..., 0], expected, atol=1e-4)

    def test_each_image_has_its_own_geometry(self, letters):
        drawn = draw_amounts(letters.shape, 1.0, seeded(), replace(Strengths(), noise=0.0))
        together = ops.convert_to_numpy(alter(letters, drawn))
        for number in (0, 7, 19):
            own = Amounts(*[each[number : number + 1] for each in drawn])
            np.testing.assert_allclose(alter(letters[number : number + 1], own)[0], together[number], atol=1e-5)


class TestInk:
    def test_paper_stays_paper(self):
        blank = np.full((50, SIDE, SIDE, 1), -1, np.float32)
        assert np.array_equal(augment(blank, 1.0, seeded(), replace(Strengths(), noise=0.0)), blank)

    @pytest.mark.parametrize("amount", [0.3, -0.3])
    def test_ink_gets_stronger_and_paler(self, letters, amount):
        np.testing.assert_allclose(altered(letters, ink=amount) + 1, (letters + 1) * (1 + amount), atol=1e-6)

    def test_blur_is_a_binomial_and_its_opposite_sharpens(self, letters):
        kernel = np.outer([1, 2, 1], [1, 2, 1])[None, :, :, None] / 16
        soft = ndimage.convolve(letters + 1, kernel, mode="constant") - 1
        np.testing.assert_allclose(altered(letters, blur=1.0), soft, atol=1e-6)
        np.testing.assert_allclose(altered(letters, blur=-0.5), 1.5 * letters - 0.5 * soft, atol=1e-6)

    def test_grain_is_as_strong_as_said(self):
        grey = np.zeros((200, SIDE, SIDE, 1), np.float32)
        drawn = draw_amounts(grey.shape, 1.0, seeded(), replace(NONE, noise=0.3))
        deviations = ops.convert_to_numpy(alter(grey, drawn)).std(axis=(1, 2, 3))
        np.testing.assert_allclose(deviations, np.abs(drawn.noise), rtol=0.15)
        assert 0.28 < deviations.max() <= 0.33

    def test_a_square_is_cut_out_and_nothing_else(self, letters):
        square = altered(np.ones_like(letters), cutout=0.25, cutout_right=-0.5, cutout_down=0.25)[0, ..., 0]
        expected = np.ones((SIDE, SIDE))
        expected[16:24, 4:12] = -1  # around column 8 and line 20
        assert np.array_equal(square, expected)
        drawn = augment(letters, 1.0, seeded(), replace(NONE, cutout=0.25))
        assert np.all((drawn == letters) | (drawn == -1))


class TestChances:
    def test_each_happens_as_often_as_said_and_for_itself(self, drawn):
        names = ("right", "rotation", "slant", "scale", "stretch", "ink", "blur", "noise", "cutout")
        happened = np.stack([getattr(drawn, name) != 0 for name in names])
        np.testing.assert_allclose(happened.mean(axis=1), 0.3, atol=4 * np.sqrt(0.3 * 0.7 / COUNT))
        together = np.corrcoef(happened)[np.triu_indices(len(names), 1)]
        assert np.abs(together).max() < 4 / np.sqrt(COUNT)
        assert np.array_equal(drawn.right != 0, drawn.down != 0)

    def test_amounts_are_even_up_to_the_strength(self, drawn):
        names = ("right", "rotation", "slant", "scale", "stretch", "ink", "blur", "noise")
        for name, strength in zip(names, astuple(Strengths()), strict=False):
            happened = getattr(drawn, name)[getattr(drawn, name) != 0] / strength
            assert 0.98 < np.abs(happened).max() <= 1.0
            assert abs(happened.mean()) < 4 / np.sqrt(3 * len(happened))
            assert np.var(happened) == pytest.approx(1 / 3, rel=0.15)

    def test_always_and_half_of_the_time(self):
        for p in (0.5, 1.0):
            drawn = draw_amounts((COUNT, 4, 4), ops.convert_to_tensor(p), seeded(), Strengths())
            assert np.mean(ops.convert_to_numpy(drawn.slant) != 0) == pytest.approx(p, abs=0.045)

    def test_ink_does_not_drift(self, letters):
        """The letter's mean ink, over many draws; the square takes the share that it covers where there is ink."""
        images = np.repeat(letters, COUNT // len(letters), axis=0)
        whole, holed = (
            ink(augment(images, 0.8, seeded(2), strengths)).mean() / ink(images).mean()
            for strengths in (replace(Strengths(), cutout=0.0), Strengths())
        )
        assert whole == pytest.approx(1, abs=0.02)
        assert whole - holed == pytest.approx(0.8 * (5 / 32) ** 2, abs=0.01)


def test_the_gradient_is_that_of_finite_differences(letters):
    images, random = letters[:6].astype("float32"), np.random.default_rng(3)
    drawn = draw_amounts(images.shape, 1.0, seeded(4), Strengths())
    weights = random.normal(size=images.shape).astype("float32")

    def score(x):
        return ops.sum(weights * alter(x, drawn) ** 2, axis=(1, 2, 3))

    _, gradient = input_gradient(score, images)
    direction = random.normal(size=images.shape).astype("float32")
    slope = (score(images + 0.01 * direction) - score(images - 0.01 * direction)) / 0.02
    np.testing.assert_allclose(ops.sum(gradient * direction, axis=(1, 2, 3)), slope, rtol=2e-3, atol=0.05)


def test_the_same_compiled_by_xla(letters):
    drawn = draw_amounts(letters.shape, 1.0, seeded(4), Strengths())

    def step(images):
        return alter(images, drawn), input_gradient(lambda x: ops.sum(alter(x, drawn) ** 2, axis=(1, 2, 3)), images)[1]

    plain = step(ops.convert_to_tensor(letters))
    for found, expected in zip(compile_step(step, jit=True)(letters), plain, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-4)


def test_the_same_seed_gives_the_same(letters):
    first, again, other = (ops.convert_to_numpy(augment(letters, 0.5, seeded(seed))) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)

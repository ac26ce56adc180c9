"""The layers of the image networks against NumPy and Keras."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers, ops

from tfhand.nn.blocks import (
    AdaINResidualBlock,
    AdaptiveNormalization,
    InstanceNormalization,
    ResidualBlock,
    activate,
    kaiming,
)
from tfhand.nn.heads import DomainHeads
from tfhand.training.backend import value_and_grad


@pytest.fixture
def image():
    return np.random.default_rng(0).normal(2, 3, (3, 8, 6, 4)).astype("float32")


def parameters(layer) -> int:
    return sum(int(np.prod(weight.shape)) for weight in layer.trainable_variables)


def test_kaiming_has_variance_two_over_fan_in():
    kernel = ops.convert_to_numpy(kaiming()((3, 3, 50, 200)))
    assert kernel.std() == pytest.approx(np.sqrt(2 / (3 * 3 * 50)), rel=0.02)
    assert abs(kernel).max() > 3.5 * kernel.std()  # not truncated


def test_instance_normalization_is_group_normalization_of_single_channels(image):
    expected = layers.GroupNormalization(groups=-1, epsilon=1e-5)(image)
    np.testing.assert_allclose(InstanceNormalization()(image), expected, atol=1e-5)


def test_adaptive_normalization_sets_mean_and_deviation_from_the_style(image):
    layer = AdaptiveNormalization()
    style = np.random.default_rng(1).normal(size=(3, 5)).astype("float32")
    result = ops.convert_to_numpy(layer(image, style))
    scale, offset = np.split(style @ layer.affine.kernel.numpy(), 2, axis=1)
    np.testing.assert_allclose(result.mean(axis=(1, 2)), offset, atol=1e-4)
    np.testing.assert_allclose(result.std(axis=(1, 2)), abs(1 + scale), rtol=1e-3)


@pytest.mark.parametrize(("downsample", "shape"), [(False, (3, 8, 6, 7)), (True, (3, 4, 3, 7))])
def test_residual_block_shape_and_parameters(image, downsample, shape):
    block = ResidualBlock(7, normalize=True, downsample=downsample)
    assert block(image).shape == shape
    assert parameters(block) == (9 * 4 * 4 + 4) + (9 * 4 * 7 + 7) + 4 * 7 + 2 * (4 + 4)


def test_residual_block_is_shortcut_plus_residual_over_root_two(image):
    block = ResidualBlock(4, downsample=True)
    block(image)
    pooled = image.reshape(3, 4, 2, 3, 2, 4).mean(axis=(2, 4))
    block.second.kernel.assign(np.zeros((3, 3, 4, 4)))
    block.second.bias.assign(np.ones(4))
    np.testing.assert_allclose(block(image), (pooled + 1) / np.sqrt(2), atol=1e-5)


def test_residual_block_activates_before_it_convolves(image):
    block = ResidualBlock(4)
    block(image)
    identity = np.zeros((3, 3, 4, 4), "float32")
    identity[1, 1] = np.eye(4)
    block.first.kernel.assign(identity)
    block.second.kernel.assign(identity)
    expected = (image + np.where(image > 0, image, 0.04 * image)) / np.sqrt(2)  # twice a slope of 0.2
    np.testing.assert_allclose(block(image), expected, atol=1e-5)


def test_adain_block_enlarges_by_nearest_neighbour(image):
    block = AdaINResidualBlock(4, upsample=True)
    style = np.ones((3, 5), "float32")
    assert block(image, style).shape == (3, 16, 12, 4)
    block.second.kernel.assign(np.zeros((3, 3, 4, 4)))
    np.testing.assert_allclose(block(image, style), image.repeat(2, axis=1).repeat(2, axis=2) / np.sqrt(2), atol=1e-5)


def test_adain_block_parameters_and_use_of_the_style(image):
    block = AdaINResidualBlock(7, upsample=True)
    rng = np.random.default_rng(2)
    one, other = (block(image, rng.normal(size=(3, 5)).astype("float32")) for _ in range(2))
    assert parameters(block) == (9 * 4 * 7 + 7) + (9 * 7 * 7 + 7) + 4 * 7 + (5 + 1) * 2 * (4 + 7)
    assert float(ops.mean(ops.abs(one - other))) > 0.1


@pytest.mark.parametrize("layer", [ResidualBlock(7, True, True), AdaINResidualBlock(7, True), DomainHeads(3, 2)])
def test_layers_come_back_from_their_config(layer):
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()


def test_activation_slope():
    np.testing.assert_allclose(activate(np.array([-1.0, 2.0], "float32")), [-0.2, 2.0])


class TestDomainHeads:
    features = np.random.default_rng(3).normal(size=(5, 40)).astype("float32")
    domain = np.array([0, 61, 61, 7, 2])

    def test_each_sample_gets_its_own_head(self):
        heads = DomainHeads(62, 3)
        result = heads(self.features, self.domain)
        heads.bias.assign(np.arange(62 * 3).reshape(62, 3))
        kernel, bias = heads.kernel.numpy(), heads.bias.numpy()
        expected = [self.features[i] @ kernel[d] + bias[d] for i, d in enumerate(self.domain)]
        assert result.shape == (5, 3)
        np.testing.assert_allclose(heads(self.features, self.domain), expected, atol=1e-5)

    def test_the_number_of_heads_does_not_shrink_their_kernels(self):
        heads = DomainHeads(62, 30)
        heads(self.features, self.domain)
        assert heads.kernel.numpy().std() == pytest.approx(np.sqrt(2 / 40), rel=0.05)

    def test_only_asked_heads_learn(self):
        heads = DomainHeads(62, 3)
        heads(self.features, self.domain)
        _, _, (kernel, bias) = value_and_grad(
            lambda: (ops.sum(ops.square(heads(self.features, self.domain))), None), [heads.kernel, heads.bias]
        )
        moved = np.flatnonzero(abs(ops.convert_to_numpy(kernel)).sum(axis=(1, 2)))
        assert moved.tolist() == [0, 2, 7, 61]
        assert bias.shape == (62, 3)

    def test_works_with_an_unknown_batch_size(self):
        heads, features, domain = DomainHeads(62, 3), keras.Input((40,)), keras.Input((), dtype="int32")
        model = keras.Model([features, domain], heads(features, domain))
        assert model.output_shape == (None, 3)
        assert model([self.features, self.domain.astype("int32")]).shape == (5, 3)

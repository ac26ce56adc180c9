"""StarGAN v2's networks."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import pytest
from keras import ops

from tests.support.stargan import TINY, batch, parameters
from tfhand.core.config import as_json
from tfhand.models.stargan.config import StarGANConfig
from tfhand.models.stargan.discriminator import Discriminator
from tfhand.models.stargan.networks import StarGAN


@pytest.fixture(scope="module")
def model() -> StarGAN:
    keras.utils.set_random_seed(0)
    return StarGAN(**as_json(TINY))


class TestNetworks:
    def test_shapes(self, model):
        images, domain = batch()["image"], batch()["domain"]
        latent = np.zeros((4, 3), "float32")
        assert model.encode_style(images, domain).shape == (4, 5)
        assert model.map_latent(latent, domain).shape == (4, 5)
        assert model.translate(images, model.map_latent(latent, domain)).shape == (4, 8, 8, 1)
        assert model(images, latent, domain).shape == (4, 8, 8, 1)
        assert Discriminator(TINY)(images, domain).shape == (4,)

    def test_parameters(self, model):
        """Worked out by hand from the paper's tables and the tiny widths."""
        encoder = 40 + (148 + 296 + 32 + 16)  # from image, down from 4 to 8 channels
        decoder = (292 + 148 + 32 + 96 + 48) + (8 + 5)  # up from 8 to 4, to image
        reader = 40 + (148 + 296 + 32) + (4 * 4 * 8 * 8 + 8)
        assert parameters(model.generator) == encoder + decoder
        wider = dataclasses.replace(TINY, bottleneck_blocks=1)
        assert parameters(StarGAN(**as_json(wider)).generator) == encoder + decoder + (2 * 584 + 32) + (
            2 * 584 + 2 * 96
        )
        assert parameters(model.mapping_network) == (3 * 6 + 6) + 2 * (6 * 6 + 6) + 2 * (6 * 5 + 5)
        assert parameters(model.style_encoder) == reader + 2 * (8 * 5 + 5)
        assert parameters(Discriminator(TINY)) == reader + 2 * (8 + 1)

    def test_small_preset_suits_a_small_machine(self):
        model = StarGAN(**as_json(StarGANConfig.small()))
        assert 700_000 < parameters(model.generator) < 1_100_000
        assert parameters(model) * 4 < 12e6  # bytes of the shipped file

    @pytest.mark.parametrize("config", [StarGANConfig.small("01", 28), StarGANConfig.large("01")])
    def test_presets_fit_their_image_size(self, config):
        narrow = dataclasses.replace(
            config, generator_width=2, generator_limit=4, discriminator_width=2, discriminator_limit=4
        )
        size, domain = config.image_size, np.array([0, 1])
        images = batch(2, size)["image"]
        assert StarGAN(**as_json(narrow))(images, np.zeros((2, 16), "float32"), domain).shape == (2, size, size, 1)
        assert Discriminator(narrow)(images, domain).shape == (2,)

    def test_domain_and_latent_matter(self, model):
        rng = np.random.default_rng(1)
        latent, zeros = rng.normal(size=(4, 3)).astype("float32"), np.zeros(4, "int32")
        as_zero, as_one = model.map_latent(latent, zeros), model.map_latent(latent, zeros + 1)
        assert float(ops.min(ops.max(ops.abs(as_zero - as_one), axis=1))) > 1e-2
        assert np.ptp(as_zero, axis=0).max() > 1e-2

    def test_truncated_styles_are_nearer_to_the_mean_of_their_character(self, model):
        latents = np.random.default_rng(1).normal(size=(2000, 3)).astype("float32")
        for domain in (0, 1):
            domains = np.full(len(latents), domain, "int32")
            styles = np.asarray(model.map_latent(latents, domains))
            mean = np.asarray(model.mean_styles())[domain]
            np.testing.assert_allclose(mean, styles.mean(axis=0), atol=6 * styles.std() / 16)
            half = np.asarray(model.truncate(styles, domains, 0.5))
            np.testing.assert_allclose(half - mean, 0.5 * (styles - mean), atol=1e-5)
            np.testing.assert_allclose(model.truncate(styles, domains, 1.0), styles, atol=1e-5)

    @pytest.mark.parametrize(
        "change", [{"image_size": 30}, {"image_size": 4}, {"characters": ""}, {"characters": "aa"}]
    )
    def test_impossible_settings(self, change):
        with pytest.raises(ValueError, match=r"must be"):
            StarGANConfig(**change)

"""StyleGAN's networks: styles, noise, growth, and what a configuration must be."""

from __future__ import annotations

from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import ops

from tests.support.stylegan import BATCH, CHARACTERS, LATENT, NOISE, shown_networks
from tests.support.tiny import TINY_STYLEGAN as TINY
from tfhand.core.config import ConfigError, as_json, config_from
from tfhand.models.stylegan.config import StyleGANConfig, StyleGANTrainConfig
from tfhand.models.stylegan.discriminator import StyleDiscriminator
from tfhand.models.stylegan.networks import SPREADS, StyleGAN, noise_maps
from tfhand.nn.resampling import upsample2x


@pytest.fixture(scope="module")
def model() -> StyleGAN:
    return shown_networks()


class TestNetworks:
    def test_shapes(self, model):
        assert (model.layer_count, model.config.noise_size) == (4, 16 + 2 * 64)
        styles = model.map(LATENT, CHARACTERS)
        assert styles.shape == (8, 5)
        images = model.synthesize(styles, CHARACTERS, NOISE)
        assert images.shape == (8, 8, 8, 1)
        assert np.abs(images).max() <= 1
        np.testing.assert_array_equal(np.asarray(model(LATENT, CHARACTERS, NOISE)), np.asarray(images))
        assert model.encode_styles(images, CHARACTERS).shape == (8, 5)
        assert StyleDiscriminator(TINY)(images, CHARACTERS).shape == (8,)

    def test_parameters(self):
        """Worked out by hand from the default widths."""

        def dense(inputs: int, units: int) -> int:
            return inputs * units + units

        def styled(inputs: int, outputs: int) -> int:
            return 9 * inputs * outputs + dense(128, inputs) + 1 + outputs

        def halving(inputs: int, outputs: int) -> int:
            return dense(9 * inputs, inputs) + dense(9 * inputs, outputs) + inputs * outputs

        networks = StyleGAN()
        mapping = 62 * 64 + dense(128, 192) + 2 * dense(192, 192) + dense(192, 128)
        assert networks.mapping_network.count_params() == mapping
        widths = (160, 96, 64, 32)
        generator = 16 * 160 + styled(160, 160) + sum(width + dense(128, width) + 1 for width in widths)
        for narrow, wide in zip(widths[1:], widths[:-1], strict=True):
            generator += styled(wide, narrow) + styled(narrow, narrow)
        assert networks.generator.count_params() == generator
        assert networks.count_params() * 2 < 12e6  # bytes of the shipped file, float16
        discriminator = dense(1, 24) + halving(24, 64) + halving(64, 96) + halving(96, 160)
        discriminator += dense(9 * 161, 160) + dense(16 * 160, 192) + dense(192, 1) + 62 * 192
        assert StyleDiscriminator(StyleGANConfig()).count_params() == discriminator

    def test_layers_and_noise_maps_stand_in_order(self, model):
        """A layer's style and a layer's noise change the picture, and only their own part of the flat noise is read."""
        maps = noise_maps(NOISE, TINY)
        assert [each.shape for each in maps] == [(8, 4, 4, 1), (8, 8, 8, 1), (8, 8, 8, 1)]
        np.testing.assert_array_equal(np.concatenate([np.asarray(each).reshape(8, -1) for each in maps], axis=1), NOISE)
        styles = model.layered(model.map(LATENT, CHARACTERS))
        usual = np.asarray(model.synthesize(styles, CHARACTERS, NOISE))
        for layer in range(model.layer_count):
            other = np.array(styles)
            other[:, layer] += 1
            assert not np.allclose(usual, model.synthesize(other, CHARACTERS, NOISE))
        assert not np.allclose(usual, model.synthesize(styles, CHARACTERS))
        np.testing.assert_allclose(
            np.asarray(model.synthesize(styles, CHARACTERS)),
            np.asarray(model.synthesize(styles, CHARACTERS, 0 * NOISE)),
            atol=1e-6,
        )

    def test_the_character_comes_in_by_the_style(self, model):
        others = (CHARACTERS + 1) % 3
        styles = model.map(LATENT, CHARACTERS)
        assert not np.allclose(styles, model.map(LATENT, others))
        np.testing.assert_array_equal(
            np.asarray(model.synthesize(styles, CHARACTERS)), np.asarray(model.synthesize(styles, others))
        )

    def test_the_character_can_come_in_by_the_constant(self):
        own = StyleGAN(**as_json(replace(TINY, constants="by_character")))
        styles = own.map(LATENT, CHARACTERS)
        assert not np.allclose(own.synthesize(styles, CHARACTERS), own.synthesize(styles, (CHARACTERS + 1) % 3))

    def test_an_adapter_bends_a_style_to_its_character(self, model):
        """One that was just made changes nothing; then a hand's step leads each character elsewhere."""
        keras.utils.set_random_seed(0)
        own = StyleGAN(**as_json(replace(TINY, adapter_depth=2)))
        own.take_weights(model)
        styles = model.map(LATENT, CHARACTERS)
        usual = np.asarray(model.synthesize(styles, CHARACTERS, NOISE))
        np.testing.assert_array_equal(np.asarray(own.synthesize(styles, CHARACTERS, NOISE)), usual)
        own.generator.adapter.strength.assign(np.full(5, 0.5))
        layered = np.repeat(np.asarray(LATENT @ np.ones((3, 5), np.float32))[:, None], 4, axis=1)
        first, second = (np.asarray(own.generator.adapter(layered, np.full(8, each))) for each in (0, 1))
        assert first.shape == (8, 4, 5)
        assert np.abs(first - layered).max() > 0.1 < np.abs(first - second).max()
        again = StyleGAN(**own.get_config())
        again.take_weights(own)
        drawn = [np.asarray(one.synthesize(styles, CHARACTERS, NOISE)) for one in (own, again)]
        np.testing.assert_array_equal(*drawn)
        assert not np.allclose(drawn[0], usual)

    def test_a_summed_style_departs_alike_from_all_characters(self):
        """By what a random hand adds; in a joint mapping that depends on the character."""
        for mapping, alike in (("sum", True), ("joint", False)):
            keras.utils.set_random_seed(0)
            own = StyleGAN(**as_json(replace(TINY, mapping=mapping)))
            steps = [
                np.asarray(own.map(LATENT, np.full(8, character)) - own.map(-LATENT, np.full(8, character)))
                for character in range(3)
            ]
            assert np.allclose(steps[0], steps[1], atol=1e-5) == alike

    def test_the_length_of_a_latent_does_not_matter(self, model):
        np.testing.assert_allclose(
            np.asarray(model.map(3 * LATENT, CHARACTERS)), np.asarray(model.map(LATENT, CHARACTERS)), rtol=1e-3
        )

    def test_mixing(self, model):
        first, second = model.map(LATENT, CHARACTERS), model.map(-LATENT, CHARACTERS)
        for crossover in range(model.layer_count + 1):
            mixed = np.asarray(model.mix(first, second, crossover))
            assert mixed.shape == (8, 4, 5)
            np.testing.assert_array_equal(mixed[:, :crossover], np.asarray(model.layered(first))[:, :crossover])
            np.testing.assert_array_equal(mixed[:, crossover:], np.asarray(model.layered(second))[:, crossover:])
        each = np.asarray(model.mix(first, second, np.arange(8) % 5))
        np.testing.assert_array_equal(each[3, 2], first[3])
        np.testing.assert_array_equal(each[3, 3], second[3])

    def test_truncation(self, model):
        styles, means = model.map(LATENT, CHARACTERS), np.asarray(model.mean_styles)[CHARACTERS]
        np.testing.assert_allclose(np.asarray(model.truncate(styles, CHARACTERS, 0.0)), means, atol=1e-6)
        np.testing.assert_allclose(
            np.asarray(model.truncate(styles, CHARACTERS, 1.0)), np.asarray(styles), rtol=1e-5, atol=1e-6
        )
        half = np.asarray(model.truncate(model.layered(styles), CHARACTERS, 0.5))
        np.testing.assert_allclose(half[:, 2], (means + np.asarray(styles)) / 2, rtol=1e-5, atol=1e-6)

    def test_random_hands_are_alike_in_spread_along_their_axes(self, model):
        axes = model.code_axes()
        latents = np.random.default_rng(5).standard_normal((3000, TINY.latent_size), np.float32)
        characters = np.arange(3000) % len(TINY.characters)
        codes = np.asarray(model.map(latents, characters) - model.means(characters))
        places = codes @ np.linalg.pinv(axes)
        assert places.shape == (3000, len(axes))
        np.testing.assert_allclose(np.sqrt(np.square(places).mean(axis=0)), 1 / SPREADS, rtol=0.1)

    def test_an_empty_hand_is_the_mean(self, model):
        samples, mask = BATCH["image"].reshape(2, 4, 8, 8, 1), np.ones((2, 4), np.float32)
        characters = CHARACTERS.reshape(2, 4)
        assert np.abs(model.encode(samples, characters, mask)).max() > 1e-3
        np.testing.assert_array_equal(np.asarray(model.encode(samples, characters, 0 * mask)), 0)
        alone = np.asarray(model.encode_styles(BATCH["image"], CHARACTERS)) - np.asarray(model.means(CHARACTERS))
        one = model.encode(BATCH["image"][:, None], CHARACTERS[:, None], np.ones((8, 1), np.float32))
        np.testing.assert_allclose(alone, np.asarray(one), rtol=1e-4, atol=1e-6)

    def test_fading_hides_what_a_size_adds(self, model):
        styles = model.layered(model.map(LATENT, CHARACTERS))
        seen, hidden = (model.synthesize(styles, CHARACTERS, fade=np.float32([1, last])) for last in (1, 0))
        np.testing.assert_allclose(np.asarray(seen), np.asarray(model.synthesize(styles, CHARACTERS)), atol=1e-6)
        generator = model.generator
        x = ops.reshape(generator.constants(0 * CHARACTERS), (8, 4, 4, 6))
        small = generator.to_images[0](generator.styled[0](x, styles[:, 0], np.zeros((1, 4, 4, 1))), styles[:, 1])
        np.testing.assert_allclose(np.asarray(hidden), np.tanh(upsample2x(small)), rtol=1e-4, atol=1e-5)

    def test_a_growing_discriminator_does_not_see_what_is_hidden(self):
        judge, images = StyleDiscriminator(TINY, grows=True), BATCH["image"]
        coarse = images.reshape(8, 4, 2, 4, 2, 1).mean(axis=(2, 4)).repeat(2, axis=1).repeat(2, axis=2)
        for last, alike in ((0, True), (1, False)):
            fine, blurred = (judge(each, CHARACTERS, np.float32([1, last])) for each in (images, coarse))
            assert np.allclose(fine, blurred, atol=1e-4) == alike

    @pytest.mark.parametrize("size", [4, 64])
    def test_other_sizes(self, size):
        one = {"generator_widths": (4,), "discriminator_widths": (4,), "encoder_widths": (4, 4)}
        config = replace(TINY, image_size=4, **one) if size == 4 else StyleGANConfig.medium("01a")
        own = StyleGAN(**as_json(config))
        images = own(np.zeros((2, config.latent_size)), CHARACTERS[:2], np.zeros((2, config.noise_size)))
        assert images.shape == (2, config.image_size, config.image_size, 1)
        assert StyleDiscriminator(config)(images, CHARACTERS[:2]).shape == (2,)

    @pytest.mark.parametrize(
        ("values", "complaint"),
        [
            ({"image_size": 64}, "generator_widths.*32 pixels"),
            ({"discriminator_widths": [4, 4]}, "discriminator_widths.*8 pixels"),
            ({"encoder_widths": [4] * 7}, "encoder_widths"),
            ({"characters": "aa"}, "each once"),
            ({"mapping_depth": 0}, "mapping_depth"),
            ({"mapping": "both"}, "joint, sum"),
        ],
    )
    def test_impossible_settings(self, values, complaint):
        with pytest.raises(ConfigError, match=complaint):
            config_from(StyleGANConfig, values)

    @pytest.mark.parametrize(
        "values",
        [
            {"mixing": 1.5},
            {"encoder_batch": 33},
            {"r1_every": 0},
            {"path_length": -1.0},
            {"same_writer": 1.0, "targets": 1},
            {"same_writer": 1.0, "targets": 3},
            {"encoded": 0.5},
            {"encoded": 1.5, "same_writer": 1.0},
            {"encoded": 0.1, "same_writer": 1.0},
            {"encoded": 0.01, "same_writer": 1.0},
        ],
    )
    def test_impossible_training(self, values):
        with pytest.raises(ConfigError, match=next(iter(values))):
            config_from(StyleGANTrainConfig, values)

"""The networks that learn a hand, and their encoder of any number of samples."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tests.support.tiny import SMALL_HAND as TINY
from tfhand.core.config import ConfigError, as_json, config_from
from tfhand.models.hand.config import HandConfig, HandTrainConfig
from tfhand.models.hand.discriminator import HandDiscriminator
from tfhand.models.hand.networks import HandNetworks

CODE, NOISE = TINY.code_size, TINY.noise_size


@pytest.fixture(scope="module")
def model() -> HandNetworks:
    keras.utils.set_random_seed(1)
    return HandNetworks(**as_json(TINY))


def samples(count: int, hands: int = 2, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Random samples of some hands, their characters, and a mask that counts all of them."""
    rng = np.random.default_rng(seed)
    glyphs = rng.uniform(-1, 1, (hands, count, 8, 8, 1)).astype(np.float32)
    return glyphs, rng.integers(0, 10, (hands, count)).astype(np.int32), np.ones((hands, count), np.float32)


class TestNetworks:
    def test_shapes(self, model):
        glyphs, characters, mask = samples(5)
        code = model.encode(glyphs, characters, mask)
        assert code.shape == (2, CODE)
        noise, wanted = np.zeros((2, NOISE), np.float32), np.array([3, 7])
        images = model.write(code, wanted, noise)
        assert images.shape == (2, 8, 8, 1)
        assert np.abs(images).max() <= 1
        np.testing.assert_allclose(model(glyphs, characters, mask, wanted, noise), images, atol=1e-6)
        maps, features = HandDiscriminator(TINY, 3).features(images)
        assert [tuple(each.shape) for each in maps] == [(2, 2, 2, 8)]
        assert features.shape == (2, TINY.discriminator_features)

    def test_parameters(self):
        """Worked out by hand from the default widths."""

        def dense(inputs: int, units: int) -> int:
            return inputs * units + units

        def residual(inputs: int, outputs: int) -> int:
            return dense(9 * inputs, inputs) + dense(9 * inputs, outputs) + inputs * outputs

        def adaptive(inputs: int, outputs: int, style: int = 192) -> int:
            convolutions = dense(9 * inputs, outputs) + dense(9 * outputs, outputs)
            project = inputs * outputs if inputs != outputs else 0
            return convolutions + project + dense(style, 2 * inputs) + dense(style, 2 * outputs)

        code = 64 + 4
        encoder = 62 * 64 + dense(9, 16) + residual(16, 32) + residual(32, 64) + residual(64, 128)
        encoder += dense(4 * 4 * 128, 256) + dense(256 + 64, 256) + dense(256, 2 * code)
        mapping = 62 * 64 + dense(code + 64 + 16, 256) + 2 * dense(256, 256) + dense(256, 192)
        generator = 62 * 16 * 192 + adaptive(192, 192) + adaptive(192, 128) + adaptive(128, 64) + adaptive(64, 32)
        generator += 2 * 32 + dense(9 * 32, 1)
        networks = HandNetworks()
        assert networks.hand_encoder.count_params() == encoder
        assert networks.mapping_network.count_params() == mapping
        assert networks.generator.count_params() == generator
        assert networks.count_params() * 2 < 12e6  # bytes of the shipped file, float16

    def test_code_character_and_noise_matter(self, model):
        rng = np.random.default_rng(0)
        code, noise = rng.normal(size=(1, CODE)).astype("float32"), rng.normal(size=(1, NOISE)).astype("float32")
        third, fourth = np.array([3]), np.array([4])
        image = np.asarray(model.write(code, third, noise))
        for other in (
            model.write(-code, third, noise),
            model.write(code, fourth, noise),
            model.write(code, third, -noise),
        ):
            assert np.abs(image - other).max() > 0.01

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            ({"image_size": 16}, "generator_widths"),
            ({"encoder_widths": [2] * 5}, "encoder_widths halves 8 pixels"),
            ({"discriminator_widths": [2, 2]}, "three entries"),
            ({"characters": "aa"}, "each once"),
            ({"hand_size": 0}, "hand_size must be 1"),
        ],
    )
    def test_impossible_settings(self, change, says):
        with pytest.raises(ConfigError, match=says):
            config_from(HandConfig, as_json(TINY) | change)

    def test_the_encoder_needs_its_share_of_a_batch(self):
        with pytest.raises(ConfigError, match="from_table"):
            config_from(HandTrainConfig, {"hands": 4, "from_table": 0.9})


class TestHandEncoder:
    def test_order_does_not_matter(self, model):
        glyphs, characters, mask = samples(6)
        mask[:, 2] = 0
        turned = [array[:, [4, 0, 5, 2, 1, 3]] for array in (glyphs, characters, mask)]
        np.testing.assert_allclose(model.encode(*turned), model.encode(glyphs, characters, mask), atol=1e-5)

    def test_what_is_masked_does_not_matter(self, model):
        glyphs, characters, mask = samples(6)
        few = model.encode(glyphs[:, :4], characters[:, :4], mask[:, :4])
        mask[:, 4:] = 0
        np.testing.assert_allclose(model.encode(glyphs, characters, mask), few, atol=1e-5)
        glyphs[:, 4:], characters[:, 4:] = 1, 0
        np.testing.assert_allclose(model.encode(glyphs, characters, mask), few, atol=1e-5)

    def test_hands_do_not_touch_each_other(self, model):
        glyphs, characters, mask = samples(3)
        alone = model.encode(glyphs[:1], characters[:1], mask[:1])
        np.testing.assert_allclose(model.encode(glyphs, characters, mask)[:1], alone, atol=1e-5)

    def test_no_sample_is_the_average_hand(self, model):
        glyphs, characters, mask = samples(3)
        np.testing.assert_array_equal(model.encode(glyphs, characters, 0 * mask), np.zeros((2, CODE)))

    def test_more_samples_change_the_code(self, model):
        glyphs, characters, mask = samples(6)
        few, more = (model.encode(glyphs[:, :k], characters[:, :k], mask[:, :k]) for k in (3, 6))
        assert np.abs(few - more).max() > 1e-3

    def test_more_of_the_same_makes_it_surer(self, model):
        """The estimate moves from the prior's zero outward, and never past what one sample says."""
        glyphs, characters, mask = samples(1)
        codes = [
            np.asarray(model.encode(*(np.repeat(each, k, axis=1) for each in (glyphs, characters, mask))))
            for k in (1, 2, 50)
        ]
        assert (np.sign(codes[0]) == np.sign(codes[2])).all()
        assert (np.abs(codes[1]) > np.abs(codes[0])).all()
        assert (np.abs(codes[2]) > np.abs(codes[1])).all()

    def test_the_character_matters(self, model):
        glyphs, characters, mask = samples(2)
        other = model.encode(glyphs, (characters + 1) % 10, mask)
        assert np.abs(model.encode(glyphs, characters, mask) - other).max() > 1e-3

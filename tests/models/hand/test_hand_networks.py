"""The networks that learn a hand, and a trainer that moves what it should."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from keras import ops

from tests.support.tiny import TINY_HAND, moved, snapshot
from tests.support.tiny import one_step as step
from tfhand.core.config import ConfigError, as_json, config_from
from tfhand.data.streams.writers import HandStream
from tfhand.models.hand.config import HandConfig, HandTrainConfig
from tfhand.models.hand.discriminator import HandDiscriminator
from tfhand.models.hand.losses import feature_matching
from tfhand.models.hand.networks import HandNetworks
from tfhand.models.hand.trainer import METRICS, HandTrainer
from tfhand.models.verifier.networks import Verifier
from tfhand.nn.glyph_generator import standardize
from tfhand.training import losses
from tfhand.training.backend import compile_step, input_gradient

TINY = replace(
    TINY_HAND,
    characters="0123abcXYZ",
    image_size=8,
    generator_widths=(8, 4),
    encoder_widths=(4, 6),
    discriminator_widths=(4, 6, 8),
)
TRAINING = HandTrainConfig(hands=4, targets=2, references=3, r1_every=2, ema_decay=0.95)
CODE, NOISE = TINY.code_size, TINY.noise_size


@pytest.fixture(scope="module")
def model() -> HandNetworks:
    keras.utils.set_random_seed(1)
    return HandNetworks(**as_json(TINY))


@pytest.fixture(scope="module")
def batch(people) -> dict:
    stream = HandStream([people], [1.0], TINY.characters, 8, TRAINING.hands, TRAINING.targets, TRAINING.references)
    return {name: ops.convert_to_tensor(array) for name, array in stream.batch(0).items()}


def trainer(verifier: Verifier | None = None, **changes) -> HandTrainer:
    keras.utils.set_random_seed(0)
    return HandTrainer(TINY, replace(TRAINING, **changes), 6, verifier, seed=5)


@pytest.fixture(scope="module")
def verifier() -> Verifier:
    keras.utils.set_random_seed(4)
    return Verifier(
        characters=TINY.characters, image_size=8, widths=(4, 6), features=8, character_size=4, embedding_size=5
    )


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

    def test_config_is_plain_and_complete(self, model):
        again = HandNetworks.from_config(json.loads(json.dumps(model.get_config())))
        assert again.config == TINY
        again.set_weights(model.get_weights())
        np.testing.assert_array_equal(again.encode(*samples(3)), model.encode(*samples(3)))

    def test_save_and_load(self, model, tmp_path):
        model.save_to_preset(tmp_path / "tiny")
        again = HandNetworks.from_preset(tmp_path / "tiny")
        code = np.asarray(model.encode(*samples(3)))
        np.testing.assert_allclose(again.encode(*samples(3)), code, atol=5e-3)
        noise, wanted = np.zeros((2, NOISE), np.float32), np.array([0, 9])
        np.testing.assert_allclose(again.write(code, wanted, noise), model.write(code, wanted, noise), atol=2e-2)

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


def parts(one: HandTrainer) -> dict[str, list]:
    """What is trained, by name."""
    return {
        "encoder": one.networks.hand_encoder.trainable_variables,
        "mapping": one.networks.mapping_network.trainable_variables,
        "generator": one.networks.generator.trainable_variables,
        "table": [one.table],
        "discriminator": one.discriminator.trainable_variables,
    }


def judges_of_hands(one: HandTrainer) -> list:
    """The discriminator's weights that only "is it that hand" uses."""
    judge = one.discriminator
    return [judge.writer.embeddings, judge.letter.embeddings, *(layer.kernel for layer in judge.expected)]


@pytest.fixture(scope="module")
def stepped(batch) -> SimpleNamespace:
    """A trainer after two steps: what it was before them, after the first, and the terms of both."""
    one = trainer()
    before = {name: snapshot(variables) for name, variables in parts(one).items()}
    weights = snapshot(one.networks.weights)
    terms = [step(one, batch)]
    after = {name: moved(before[name], variables) for name, variables in parts(one).items()}
    pairs = [snapshot(each.weights) for each in (one.networks, one.ema)]
    return SimpleNamespace(
        trainer=one, moved=after, before=weights, after=pairs[0], ema=pairs[1], terms=[*terms, step(one, batch)]
    )


class TestStep:
    def test_every_part_moves(self, stepped):
        for name, which in stepped.moved.items():
            assert np.mean(which) > 0.9, name
        assert int(stepped.trainer.step) == 2

    def test_the_average_follows(self, stepped):
        """At step 0 the decay is 1 / 10, far below its setting."""
        for old, new, slow in zip(stepped.before, stepped.after, stepped.ema, strict=True):
            np.testing.assert_allclose(slow, 0.1 * old + 0.9 * new, atol=1e-6)

    def test_the_terms_are_named_and_finite(self, stepped):
        for terms in stepped.terms:
            assert set(terms) == {"loss", *METRICS}
            assert np.isfinite(list(terms.values())).all()

    def test_r1_is_lazy_and_each_optimizer_moves_its_own(self, batch):
        one = trainer(discriminator_learning_rate=0.0)
        before = snapshot(one.discriminator.trainable_variables)
        terms = [step(one, batch)["r1"] for _ in range(3)]
        assert not any(moved(before, one.discriminator.trainable_variables))
        images = ops.reshape(batch["targets"], (-1, 8, 8, 1))
        asked = [ops.reshape(batch["characters"], (-1,))]
        asked += [ops.repeat(batch[name], 2, axis=0) for name in ("writer", "transform")]
        _, gradient = input_gradient(lambda x: one.discriminator(x, *asked), images)
        penalty = float(losses.r1_penalty(gradient))
        assert penalty > 0
        assert terms == pytest.approx([2 * penalty, 0.0, 2 * penalty], rel=1e-4)

    def test_without_the_same_writer_term_no_writer_is_judged(self, batch, stepped):
        one = trainer(same_writer=0.0, learning_rate=0.0, table_learning_rate=0.0)
        networks = [*one.networks.trainable_variables, one.table]
        judges, untrained = snapshot(judges_of_hands(one)), snapshot(networks)
        others = snapshot([one.discriminator.character.embeddings])
        step(one, batch)  # with R1
        assert moved(judges, judges_of_hands(one)) == [False] * 4
        assert moved(others, [one.discriminator.character.embeddings]) == [True]
        assert not any(moved(untrained, networks))
        assert moved(judges, judges_of_hands(stepped.trainer)) == [True] * 4  # it began with the same weights

    def test_a_verifier_is_asked_but_is_no_part_of_the_training(self, batch, stepped, verifier):
        with_it, without = trainer(verifier), stepped.trainer
        assert [v.shape for v in with_it.state_variables] == [v.shape for v in without.state_variables]
        weights = snapshot(verifier.weights)
        terms = step(with_it, batch)
        assert not any(moved(weights, verifier.weights))
        assert stepped.terms[0]["likeness"] == 0
        assert terms["likeness"] > 0
        for name in ("hand", "pixels", "feature_matching", "encoding"):  # all else began the same
            assert terms[name] == pytest.approx(stepped.terms[0][name], rel=1e-4)

    def test_the_likeness_is_that_of_sets(self, batch, verifier):
        """Worked out anew from the letters themselves: with the real ones as the written, all that is asked is who."""
        one = trainer(verifier)
        flat = ops.reshape(batch["targets"], (-1, 8, 8, 1))
        found = float(one._likeness(batch, flat))
        ours, theirs = [], []
        for hand in range(TRAINING.hands):
            count = int(np.sum(batch["reference_mask"][hand]))
            written = batch["targets"][hand], batch["characters"][hand]
            shown = batch["references"][hand][:count], batch["reference_characters"][hand][:count]
            both = [ops.concatenate(pair) for pair in zip(shown, written, strict=True)]
            for found_in, (glyphs, characters) in ((ours, written), (theirs, both)):
                mask = np.ones((1, len(characters)), np.float32)
                found_in.append(np.asarray(verifier(glyphs[None], characters[None], mask))[0])
        likeness = 10 * np.array(ours) @ np.array(theirs).T
        assert found == pytest.approx(float(losses.symmetric_info_nce(likeness.astype(np.float32))), rel=1e-4)

    def test_likeness_moves_the_writing_networks_alone(self, batch, verifier):
        silent = {
            "adversarial": 0.0,
            "same_writer": 0.0,
            "pixels": 0.0,
            "feature_matching": 0.0,
            "encoding": 0.0,
            "r1": 0.0,
        }
        one = trainer(verifier, **silent, likeness=1.0)
        before = {name: snapshot(variables) for name, variables in parts(one).items()}
        step(one, batch)
        after = {name: np.mean(moved(before[name], variables)) for name, variables in parts(one).items()}
        assert after["discriminator"] == 0
        assert min(after[name] for name in ("encoder", "mapping", "generator", "table")) > 0.9

    def test_graph_and_eager_agree(self, batch, stepped):
        graph = trainer()
        compiled = compile_step(graph.train_step)
        for expected in stepped.terms:  # with R1 and without
            for metric in graph.metrics:
                metric.reset_state()
            terms = {name: float(value) for name, value in compiled(batch).items()}
            assert terms == pytest.approx(expected, rel=2e-3, abs=1e-4)
        assert int(graph.step) == 2
        code, noise = np.ones((10, CODE), np.float32), np.zeros((10, NOISE), np.float32)
        written = [one.networks.write(code, np.arange(10), noise) for one in (stepped.trainer, graph)]
        np.testing.assert_allclose(*written, atol=1e-2)


def test_writers_vectors_are_standardized(stepped):
    one = stepped.trainer
    table, vectors = np.array(one.table), np.asarray(standardize(one.table))
    np.testing.assert_allclose(vectors.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(vectors.std(axis=0), 1, atol=1e-2)
    one.table.assign(100 * table + 7)
    np.testing.assert_allclose(standardize(one.table), vectors, atol=1e-2)
    one.table.assign(table)


def test_sample_grid_shows_and_changes_nothing(batch, stepped):
    one = stepped.trainer
    state = snapshot(one.state_variables)
    grid = one.sample_grid(batch)
    assert grid.shape == (4 * 10 - 2, (3 + 2 + 2) * 10 - 2)
    for column, image in ((0, batch["references"][0, 0]), (3, batch["targets"][0, 0])):
        shown = grid[:8, 10 * column : 10 * column + 8]
        np.testing.assert_array_equal(shown, np.rint((np.asarray(image)[:, :, 0] + 1) * 127.5))
    assert not any(moved(state, one.state_variables))


def pooled(image: np.ndarray, window: int) -> np.ndarray:
    """Means of the window around every second pixel, of what lies inside the picture only."""
    size = len(image)
    before = max((-(-size // 2) - 1) * 2 + window - size, 0) // 2
    starts = range(-before, size - before, 2)
    return np.array([
        [image[max(y, 0) : y + window, max(x, 0) : x + window].mean() for x in starts] for y in starts
    ])  # fmt: skip


@pytest.mark.parametrize("size", [8, 32])
def test_blurred_difference(size):
    first, second = np.random.default_rng(0).uniform(-1, 1, (2, 3, size, size, 1)).astype("float32")
    expected = 0.25 * np.abs(first - second).mean()
    for window in (5, 9)[: 1 if size < 9 else 2]:
        one, other = (np.stack([pooled(image[..., 0], window) for image in images]) for images in (first, second))
        expected += np.abs(one - other).mean()
    assert float(losses.multiscale_l1(first, second)) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("size", [8, 9, 32])
def test_the_gradient_of_a_blurred_difference(size):
    """That of a pool larger than the image is wrong in TensorFlow on some CPUs."""
    first, second, way = np.random.default_rng(1).uniform(-1, 1, (3, 2, size, size, 1)).astype("float32")
    _, gradient = input_gradient(lambda image: losses.multiscale_l1(image, second), first)
    ahead, behind = (float(losses.multiscale_l1(first + step * way, second)) for step in (1e-3, -1e-3))
    assert float(np.sum(gradient * way)) == pytest.approx((ahead - behind) / 2e-3, abs=2e-3)


def test_blurred_difference_forgives_a_shift():
    """A line a pixel off costs less than none at all, where the plain distance says it is twice as bad."""
    line, shifted, nothing = np.full((3, 1, 32, 32, 1), -1.0, np.float32)
    line[:, 4:28, 15], shifted[:, 4:28, 16] = 1, 1
    assert np.abs(line - shifted).mean() == 2 * np.abs(line - nothing).mean()
    assert float(losses.multiscale_l1(line, shifted)) < float(losses.multiscale_l1(line, nothing))


def test_feature_matching():
    rng = np.random.default_rng(0)
    first, second = ([rng.normal(size=shape) for shape in ((2, 4, 4, 3), (2, 2, 2, 5))] for _ in range(2))
    expected = (np.abs(first[0] - second[0]).mean() + np.abs(first[1] - second[1]).mean()) / 2
    assert float(feature_matching(first, second)) == pytest.approx(expected, rel=1e-5)
    with pytest.raises(ValueError, match="zip"):
        feature_matching(first, second[:1])

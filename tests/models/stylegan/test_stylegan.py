"""StyleGAN: its networks, and a trainer that moves what it should."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import ops

from tests.support.tiny import TINY_STYLEGAN as TINY
from tests.support.tiny import moved, one_step, snapshot
from tfhand import fit
from tfhand.core.config import ConfigError, as_json, config_from
from tfhand.models import presets, registry
from tfhand.models.registry import SPECS
from tfhand.models.stylegan.config import StyleGANConfig, StyleGANTrainConfig
from tfhand.models.stylegan.discriminator import SameWriterDiscriminator, StyleDiscriminator
from tfhand.models.stylegan.networks import SPREADS, StyleGAN, noise_maps
from tfhand.models.stylegan.trainer import METRICS, ROWS, StyleGANTrainer
from tfhand.nn.modulated import upsample2x
from tfhand.training.backend import compile_step

TRAINING = StyleGANTrainConfig(
    batch_size=8, encoder_batch=4, r1_every=2, path_every=2, ema_decay=0.9, augment_target=0.0
)
CHARACTERS = np.array([0, 1, 2, 0, 1, 2, 2, 0], np.int32)
rng = np.random.default_rng(0)
BATCH = {"image": rng.uniform(-1, 1, (8, 8, 8, 1)).astype("float32"), "character": CHARACTERS}
LATENT = rng.normal(size=(8, 3)).astype("float32")
NOISE = rng.normal(size=(8, TINY.noise_size)).astype("float32")


@pytest.fixture(scope="module")
def model() -> StyleGAN:
    """With means, and noise that can be seen."""
    keras.utils.set_random_seed(1)
    model = StyleGAN(**as_json(TINY))
    model.mean_styles.assign(rng.normal(size=(3, 5)))
    for layer in model.generator.styled:
        layer.strength.assign(0.5)
    return model


HANDS = {"same_writer": 2.0, "group": 2, "targets": 2}  # 8 letters: two people write two dictations of two each


def trainer(**changes) -> StyleGANTrainer:
    keras.utils.set_random_seed(0)
    return StyleGANTrainer(TINY, replace(TRAINING, **changes), seed=5)


@pytest.fixture(scope="module")
def compiled() -> tuple[StyleGANTrainer, Callable]:
    """A trainer and its step, after 40 steps in which little but the encoder learned; it remembers the last 15."""
    one = trainer(learning_rate=1e-6, encoder_learning_rate=1e-2, pixels=0.0, path_length=0.0, mean_decay=0.95)
    take = compile_step(one.train_step)
    for number in range(40):
        if number == 25:
            one.reset_metrics()
        take(BATCH)
    return one, take


def step(one: StyleGANTrainer) -> dict[str, float]:
    """The metrics of one step alone."""
    return one_step(one, BATCH)


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

    def test_weights_come_back(self, model, tmp_path):
        again = StyleGAN.from_config(model.get_config())
        assert again.config == TINY
        model.save_weights(tmp_path / "model.weights.h5")
        again.load_weights(tmp_path / "model.weights.h5")
        np.testing.assert_array_equal(
            np.asarray(again(LATENT, CHARACTERS, NOISE)), np.asarray(model(LATENT, CHARACTERS, NOISE))
        )
        np.testing.assert_array_equal(np.asarray(again.mean_styles), np.asarray(model.mean_styles))

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
        ],
    )
    def test_impossible_training(self, values):
        with pytest.raises(ConfigError, match=next(iter(values))):
            config_from(StyleGANTrainConfig, values)


class TestTrainer:
    def test_a_step_moves_every_network(self):
        one = trainer()
        before, averaged = snapshot(one.networks.weights), snapshot(one.ema.weights)
        judge = snapshot(one.discriminator.trainable_variables)
        terms = step(one)
        assert set(terms) == {"loss", *METRICS}
        assert np.isfinite(list(terms.values())).all()
        fakes = (terms["fake"] + terms["mismatched"]) / 2
        judged = terms["real"] + fakes + 0.3 * terms["r1"]
        drawn, encoded = terms["adversarial"] + 2 * terms["path"], terms["style"] + terms["pixels"]
        assert terms["loss"] == pytest.approx(judged + drawn + encoded, rel=1e-5)
        assert terms["r1"] > 0 < terms["path"]
        for part in (one.networks, one.ema):
            assert all(moved(before if part is one.networks else averaged, part.weights))
        assert all(moved(judge, one.discriminator.trainable_variables))
        assert int(one.step) == 1
        terms = step(one)  # the lazy terms rest in the second step
        assert terms["r1"] == terms["path"] == 0

    def test_the_encoder_moves_nothing_but_itself(self):
        """Nor does its weight change what the others learn."""
        ends = []
        for pixels in (0.0, 100.0):
            one = trainer(pixels=pixels, path_length=0.0)
            step(one)
            parts = (one.networks.generator, one.networks.mapping_network, one.discriminator, one.networks.encoder)
            ends.append([snapshot(part.weights) for part in parts])
        same = [all(map(np.array_equal, first, second)) for first, second in zip(*ends, strict=True)]
        assert same == [True, True, True, False]

    def test_the_encoder_learns_to_find_a_style(self, compiled):
        trained, _ = compiled
        assert float(trained.trackers["style"].result()) < 0.9  # the means alone would cost 1

    def test_mean_styles_follow_the_mapping_network(self, compiled):
        trained, _ = compiled
        trained.step.assign(10_000)
        for _ in range(100):
            trained._update_means()
        latent = np.random.default_rng(1).normal(size=(2000, 3)).astype("float32")
        for character in range(3):
            exact = np.asarray(trained.networks.map(latent, np.full(2000, character)))
            error = np.abs(np.asarray(trained.networks.mean_styles)[character] - exact.mean(0))
            assert (error < 0.35 * exact.std(0) + 1e-3).all()

    def test_path_mean_follows_the_lengths(self):
        one = trainer(path_decay=0.5, learning_rate=0.0)
        means = [step(one)["path_mean"] for _ in range(3)]
        assert 0 < means[0] == means[1] != means[2]
        assert float(one.path_mean) == pytest.approx(means[2])
        assert step(trainer(path_decay=0.01, learning_rate=0.0))["path_mean"] == pytest.approx(means[0])  # no pull to 0

    def test_lazy_regularization_slows_adam(self):
        one = trainer(learning_rate=3e-3, path_every=2, r1_every=4, discriminator_learning_rate=5e-3)
        assert float(one.optimizers["networks"].learning_rate) == pytest.approx(2e-3)
        assert float(one.optimizers["discriminator"].learning_rate) == pytest.approx(4e-3)
        assert one.optimizers["discriminator"].beta_2 == pytest.approx(0.99**0.8)

    def test_styles_are_mixed_as_often_as_asked(self):
        one = trainer()
        for share, times, least, most in ((0.0, 1, 0, 0), (1.0, 1, 8, 8), (0.5, 6, 12, 36)):
            one.train_config, mixed = replace(TRAINING, mixing=share), 0
            for _ in range(times):
                styles = np.asarray(one._mixed_styles(ops.convert_to_tensor(CHARACTERS)))
                mixed += sum(not np.array_equal(each[0], each[-1]) for each in styles)
                ends = (styles == styles[:, :1]).all(-1) | (styles == styles[:, -1:]).all(-1)
                assert ends.all()  # no third hand between
            assert least <= mixed <= most

    def test_growth_takes_turns(self):
        one = trainer(grow_steps=10)
        seen = []
        for steps in (0, 10, 15, 20, 1000):
            one.step.assign(steps)
            seen.append(np.asarray(one._fade()).tolist())
        assert seen == [[1, 0], [1, 0], [1, 0.5], [1, 1], [1, 1]]
        assert trainer()._fade() is None

    def test_real_images_are_as_coarse_as_the_drawn(self):
        one = trainer(grow_steps=10)
        means = BATCH["image"].reshape(8, 4, 2, 4, 2, 1).mean(axis=(2, 4))
        coarse = np.asarray(one._at_size(BATCH["image"]))
        np.testing.assert_allclose(coarse[:, 0, 0], means[:, 0, 0], rtol=1e-5)  # bilinear keeps the corners
        one.step.assign(15)
        half = np.asarray(one._at_size(BATCH["image"]))
        np.testing.assert_allclose(half, (coarse + BATCH["image"]) / 2, rtol=1e-4, atol=1e-5)
        one.step.assign(1000)
        np.testing.assert_allclose(np.asarray(one._at_size(BATCH["image"])), BATCH["image"], atol=1e-6)

    def test_a_growing_step_leaves_the_large_sizes_alone(self):
        one = trainer(grow_steps=10, path_length=0.0)
        before = snapshot(one.networks.generator.styled[1].weights)
        assert np.isfinite(step(one)["loss"])
        assert not any(moved(before, one.networks.generator.styled[1].weights))
        one.step.assign(15)
        step(one)
        assert any(moved(before, one.networks.generator.styled[1].weights))

    @pytest.mark.parametrize("mismatched", [True, False])
    def test_real_images_lead_over_what_cannot_be_told(self, mismatched):
        one = trainer(mismatched=mismatched)
        _, terms = one._discriminator_loss(BATCH["image"], BATCH["image"], CHARACTERS)
        logits = np.asarray(one.discriminator(BATCH["image"], CHARACTERS))
        np.testing.assert_allclose(terms["margin"], logits - np.log(2) * mismatched, atol=1e-5)

    def test_begun_with_a_preset_it_draws_what_the_preset_draws(self, model, people, tmp_path):
        preset = tmp_path / "one"
        model.save_to_preset(preset)
        train_config = replace(TRAINING, group=1, validation=0.0)
        setup = SPECS["stylegan"].warm_start.make_trainer([people], TINY, train_config, 0, str(preset))
        one, *twins = registry.load(preset), setup.trainer.networks, setup.trainer.ema
        styles = one.map(LATENT, CHARACTERS)
        drawn = one.synthesize(styles, CHARACTERS, NOISE)
        for twin in twins:
            np.testing.assert_array_equal(twin.map(LATENT, CHARACTERS), styles)
            np.testing.assert_array_equal(twin.synthesize(styles, CHARACTERS, NOISE), drawn)

    def test_a_run_begun_with_a_preset_says_so(self, model, people, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        before = {"validation_writers": {"others": [7]}}
        model.save_to_preset("one", training=before)
        people.save("six.npz")
        words = "stylegan --from one --data six.npz --batch-size 8 --encoder-batch 4 --steps 1"
        assert fit.main(words.split()) == 0
        training = presets.read_config("runs/0001-stylegan-six/preset")["training"]
        assert training["from"]["preset"] == "one"
        assert set(training["validation_writers"]) == {"others", "six"}

    def test_a_preset_brings_its_discriminator(self, model, people, tmp_path):
        one, train_config = trainer(), replace(TRAINING, group=1, validation=0.0)
        one.discriminator.set_weights([value + 1 for value in one.discriminator.get_weights()])
        preset = tmp_path / "one"
        model.save_to_preset(preset, auxiliary=one.auxiliary)
        begun = SPECS["stylegan"].warm_start.make_trainer([people], TINY, train_config, 0, str(preset)).trainer
        for old, new in zip(one.discriminator.get_weights(), begun.discriminator.get_weights(), strict=True):
            np.testing.assert_allclose(old, new, atol=2e-3)  # half precision

    def test_letters_are_held_against_the_others_of_a_hand(self):
        judge = SameWriterDiscriminator(TINY, targets=3)
        embeddings, others = rng.normal(size=(2, 6, 7)).astype("float32")
        for number, logit in enumerate(np.asarray(judge.is_hand(embeddings, others))):
            first = number // 3 * 3
            rest = [others[each] for each in range(first, first + 3) if each != number]
            assert logit == pytest.approx(embeddings[number] @ (sum(rest) / 2) / np.sqrt(7), rel=1e-4, abs=1e-6)

    def test_two_peoples_letters_count_as_fakes(self):
        one = trainer(**HANDS, mismatched=False)
        drawn = BATCH["image"][::-1]
        characters = np.array([0, 1, 2, 0, 0, 1, 2, 0], np.int32)
        total, terms = one._discriminator_loss(BATCH["image"], drawn, characters)
        hands = one.same_writer_discriminator
        embeddings = np.asarray(hands(one.discriminator.features(BATCH["image"]), characters))
        of_drawn = np.asarray(hands(one.discriminator.features(drawn), characters))
        peer = np.array([1, 0, 3, 2, 5, 4, 7, 6])  # the other letter of each hand
        expected = {
            "hand_real": np.logaddexp(0, -(embeddings * embeddings[peer]).sum(1) / np.sqrt(7)),
            "hand_fake": np.logaddexp(0, (of_drawn * of_drawn[peer]).sum(1) / np.sqrt(7)),
            "hand_other": np.logaddexp(0, (embeddings * embeddings[(peer + 4) % 8]).sum(1) / np.sqrt(7)),
        }
        for name, values in expected.items():
            assert float(terms[name]) == pytest.approx(values.mean(), rel=1e-3)
        real, fake, other = (float(terms[name]) for name in expected)
        others = float(terms["real"] + terms["fake"] + 0.3 * terms["r1"])
        assert float(total) == pytest.approx(others + 2 * (real + (fake + other) / 2), rel=1e-4)

    def test_the_generator_learns_from_the_hand(self):
        one = trainer(**HANDS, path_length=0.0)
        before = snapshot(one.same_writer_discriminator.trainable_variables)
        terms = step(one)
        assert all(moved(before, one.same_writer_discriminator.trainable_variables))
        assert terms["hand"] > 0 < terms["hand_other"]
        total, parts = one._generator_loss(CHARACTERS)
        assert float(total) == pytest.approx(float(parts["adversarial"] + 2 * parts["hand"]), rel=1e-5)
        assert trainer().same_writer_discriminator is None

    def test_letters_of_a_hand_have_one_latent(self):
        one = trainer(**HANDS)
        styles = np.asarray(one._mixed_styles(np.zeros(8, np.int32)))
        np.testing.assert_array_equal(styles[::2], styles[1::2])
        assert len(np.unique(styles[::2], axis=0)) == 4

    def test_a_hand_is_made_smooth_as_well(self):
        alone, both = (trainer(**HANDS) for _ in range(2))
        both.same_writer_discriminator.trunk[1].kernel.assign(100 * both.same_writer_discriminator.trunk[1].kernel)
        characters = np.tile(CHARACTERS[:4], 2)
        weak, strong = (one._discriminator_loss(BATCH["image"], BATCH["image"], characters)[1] for one in (alone, both))
        assert float(strong["r1"]) > 10 * float(weak["r1"])

    def test_a_hand_is_asked_only_of_writers(self, people, tmp_path, monkeypatch, capsys):
        monkeypatch.chdir(tmp_path)
        people.save("six.npz")
        replace(people, writers=None).save("nobody.npz")
        words = "stylegan --characters 01a --batch-size 8 --group 2 --encoder-batch 4 --steps 2 --same-writer 1"
        assert fit.main([*words.split(), "--data", "nobody.npz", "--targets", "2"]) == 2
        assert "writers" in capsys.readouterr().err
        assert fit.main([*words.split(), "--data", "six.npz"]) == 0  # two people, four letters each
        preset = tmp_path / "runs/0001-stylegan-six/preset"
        assert {path.name for path in preset.glob("*.weights.h5")} == {
            f"{name}.weights.h5" for name in ("model", "discriminator", "same_writer_discriminator")
        }

    def test_a_restored_trainer_goes_on_alike(self, compiled):
        trained, take = compiled
        between, ends = snapshot(trained.state_variables), []
        for _ in range(2):
            for variable, value in zip(trained.state_variables, between, strict=True):
                variable.assign(value)
            take(BATCH)
            ends.append(snapshot(trained.state_variables))
        assert all(map(np.array_equal, *ends))
        assert not all(map(np.array_equal, ends[0], between))

    def test_sample_grid_shows_the_characters_in_columns(self):
        one = trainer()
        grid = one.sample_grid({"character": np.array([2, 0, 2])})
        assert grid.shape == (ROWS * 10 - 2, 2 * 10 - 2)
        np.testing.assert_array_equal(grid, one.sample_grid({"character": np.array([0, 2])}))
        assert not np.array_equal(grid[:8, :8], grid[10:18, :8])

"""The conditional GAN: its networks, and a trainer that learns what is asked for."""

from __future__ import annotations

from dataclasses import replace

import keras
import numpy as np
import pytest

from tests.support.tiny import TINY_CGAN, moved, snapshot
from tfhand.core.config import ConfigError, as_json, config_from
from tfhand.data.streams.glyphs import GlyphStream
from tfhand.errors import ArchiveError
from tfhand.models.cgan.config import CGANConfig, CGANTrainConfig
from tfhand.models.cgan.discriminator import CGANDiscriminator
from tfhand.models.cgan.networks import ConditionalGAN
from tfhand.models.cgan.trainer import CGANTrainer
from tfhand.models.registry import SPECS
from tfhand.training import losses
from tfhand.training.backend import compile_step, input_gradient
from tfhand.training.grid import tile
from tfhand.training.run_config import RunConfig

TINY = replace(TINY_CGAN, characters="0123", image_size=8, generator_widths=(8, 6), discriminator_widths=(4, 6, 8))
OF_PEOPLE = replace(TINY, writers=True)
LONE = {"characters": "0", "writers": True}  # a person is known by other characters than the one asked for
TRAINING = CGANTrainConfig(batch_size=8, targets=2, r1_every=2, ema_decay=0.9)
rng = np.random.default_rng(0)


def set_up(people, config: CGANConfig, **changes):
    return SPECS["cgan"].make_trainer([people], config, replace(TRAINING, **changes), 0)


class TestNetworks:
    def test_the_character_alone(self):
        model = ConditionalGAN(**as_json(TINY))
        noise, characters = rng.standard_normal((5, 3), np.float32), np.array([0, 1, 2, 3, 3])
        images = model.generate(characters, noise)
        assert images.shape == (5, 8, 8, 1)
        assert np.abs(images).max() <= 1
        assert TINY.code_size == 0
        np.testing.assert_array_equal(images, model(np.zeros((5, 0), np.float32), characters, noise))

    def test_a_person_beside_it(self):
        keras.utils.set_random_seed(0)
        model = ConditionalGAN(4, **as_json(OF_PEOPLE))
        transform = rng.standard_normal((3, 4)).astype(np.float32)
        code = np.asarray(model.hand(np.array([0, 3, 0]), transform))
        assert code.shape == (3, OF_PEOPLE.code_size) == (3, 10)
        np.testing.assert_array_equal(code[:, 6:], transform)
        np.testing.assert_array_equal(code[0, :6], code[2, :6])
        hands = np.asarray(model.hands())
        np.testing.assert_allclose(hands.mean(axis=0), 0, atol=1e-5)
        np.testing.assert_allclose(hands.std(axis=0), 1, atol=1e-2)
        same = np.zeros((3, 3), np.float32)
        written = np.asarray(model.write(code, np.array([1, 1, 1]), same))
        assert np.abs(written[0] - written[1]).max() > 1e-3

    @pytest.mark.parametrize(("writer_count", "config"), [(0, OF_PEOPLE), (1, OF_PEOPLE), (3, TINY)])
    def test_people_and_writers_go_together(self, writer_count, config):
        with pytest.raises(ValueError, match="two people or more"):
            ConditionalGAN(writer_count, **as_json(config))

    def test_parameters(self):
        """Beside the shared layers: a vector for each person, and its weights in the mapping network."""
        alone, people = ConditionalGAN(**as_json(TINY)), ConditionalGAN(4, **as_json(OF_PEOPLE))
        assert people.count_params() - alone.count_params() == 4 * 6 + (6 + 4) * TINY.mapping_width
        shared = CGANDiscriminator(TINY)
        asked = CGANDiscriminator(OF_PEOPLE, 4)
        more = 4 * 6 + 4 * 5 + (10 + 5) * 10 + 10 + 10 * 10 + 10
        assert asked.count_params() - shared.count_params() == more

    def test_a_generator_that_repeats_itself_is_noticed(self):
        """With groups an image is judged by how much its group differs, without them for itself."""
        images = rng.uniform(-1, 1, (4, 8, 8, 1)).astype(np.float32)
        beside = np.concatenate([images[:1], np.repeat(images[1:2], 3, axis=0)])
        for group, same in ((0, True), (4, False)):
            judge = CGANDiscriminator(TINY, group=group)
            one, other = (np.asarray(judge.features(each)[1])[0] for each in (images, beside))
            assert np.allclose(one, other, atol=1e-5) == same

    @pytest.mark.parametrize("wrong", [{"image_size": 16}, {"characters": "00"}, {"noise_size": 0}, LONE])
    def test_impossible_settings(self, wrong):
        with pytest.raises(ConfigError):
            config_from(CGANConfig, {**as_json(TINY), **wrong})

    def test_a_batch_is_whole_people(self):
        with pytest.raises(ConfigError, match="multiple of targets"):
            config_from(CGANTrainConfig, {"batch_size": 10, "targets": 3})

    def test_a_share_is_at_most_all(self):
        with pytest.raises(ConfigError, match="reconstructed is a share"):
            config_from(CGANTrainConfig, {"reconstructed": 1.5})


@pytest.mark.large
class TestTrainer:
    @pytest.mark.parametrize(
        ("config", "reconstructed"),
        [(TINY, 0.0), (replace(TINY, spatial_style=True), 0.5), (OF_PEOPLE, 0.0)],
        ids=["character", "reconstructed", "writer"],
    )
    def test_a_step_moves_everything_and_names_its_terms(self, people, config, reconstructed):
        setup = set_up(people, config, reconstructed=reconstructed)
        trainer, take = setup.trainer, compile_step(setup.trainer.train_step)
        encoder = trainer.encoder.trainable_variables if reconstructed else []
        before = snapshot(encoder)
        networks, judge = (snapshot(each.trainable_variables) for each in (trainer.networks, trainer.discriminator))
        averaged = snapshot(trainer.ema.weights)
        terms = [{n: float(v) for n, v in take(setup.stream.batch(number)).items()} for number in range(2)]
        assert all(moved(networks, trainer.networks.trainable_variables))
        assert all(moved(judge, trainer.discriminator.trainable_variables))
        assert all(moved(averaged, trainer.ema.weights))
        assert all(moved(before, encoder))
        assert ("kl" in terms[0]) == bool(reconstructed)
        assert all(np.isfinite(list(each.values())).all() for each in terms)
        assert terms[0]["r1"] > 0
        assert ("hand_other" in terms[0]) == config.writers
        assert int(trainer.step) == 2

    @pytest.mark.parametrize("target", [0.0, 0.6])
    def test_augmentation_can_be_switched_off(self, people, target):
        """A discriminator that is sure of all that is real is shown more altered letters, if that is wanted."""
        setup = set_up(people, TINY, augment_target=target, augment_steps=10)
        setup.trainer.discriminator.unconditional.bias.assign([9.0])
        take = compile_step(setup.trainer.train_step)
        for number in range(6):
            take(setup.stream.batch(number))
        assert (float(setup.trainer.augmentation.probability) > 0) == bool(target)

    def test_a_single_character_makes_it_the_plain_gan(self, people):
        """Nothing has a wrong name then, and what is generated weighs as much as what is real."""
        setup = set_up(people, replace(TINY, characters="3"), r1=0.0)
        terms = {name: float(value) for name, value in setup.trainer.train_step(setup.stream.batch(0)).items()}
        assert terms["loss"] == pytest.approx(terms["adversarial"] + terms["real"] + terms["fake"], rel=1e-5)
        assert terms["mismatched"] == 0

    def test_with_writers_a_batch_need_not_be_made_of_groups(self, people):
        asked = {**as_json(OF_PEOPLE), "batch_size": 9, "targets": 3, "group": 4}
        run = RunConfig.resolve(SPECS["cgan"], asked)
        setup = SPECS["cgan"].make_trainer([people], run.config, run.train_config, 0)
        terms = setup.trainer.train_step(setup.stream.batch(0))
        assert np.isfinite([float(value) for value in terms.values()]).all()
        with pytest.raises(ConfigError, match="batch_size must be a multiple of group, 4, not 9"):
            RunConfig.resolve(SPECS["cgan"], {**asked, "writers": False})

    def test_relativistic_letters_are_judged_in_pairs(self):
        """Only the difference of a pair counts: worked out from the logits of each."""
        keras.utils.set_random_seed(0)
        trainers = [CGANTrainer(TINY, replace(TRAINING, relativistic=pairs)) for pairs in (False, True)]
        trainers[1].discriminator.set_weights(trainers[0].discriminator.get_weights())
        real, written = rng.uniform(-1, 1, (2, 8, 8, 8, 1)).astype(np.float32)
        characters = np.array([0, 1, 2, 3] * 2, np.int32)
        logits = [np.asarray(trainers[0].discriminator(images, characters))[:, 0] for images in (real, written)]

        def terms(trainer) -> dict:
            total, named = trainer.discriminator_loss(
                {"character": characters},
                real,
                written,
                mismatched=True,
                relativistic=trainer.train_config.relativistic,
            )
            return {name: np.asarray(value) for name, value in {"total": total, **named}.items()}

        plain_terms, pairs = map(terms, trainers)
        np.testing.assert_allclose(plain_terms["margin"], logits[0] - np.log(2), atol=1e-5)
        np.testing.assert_allclose(pairs["margin"], logits[0] - logits[1], atol=1e-5)
        assert pairs["real"] == pytest.approx(np.mean(np.log1p(np.exp(logits[1] - logits[0]))), rel=1e-4)
        assert pairs["fake"] == pytest.approx(pairs["real"], rel=1e-5)
        called = np.asarray(trainers[0].discriminator(real, np.roll(characters, 1)))[:, 0]
        assert plain_terms["mismatched"] == pytest.approx(np.mean(np.log1p(np.exp(called))), rel=1e-4)
        assert pairs["mismatched"] == pytest.approx(np.mean(np.log1p(np.exp(called - logits[0]))), rel=1e-4)
        for trainer in trainers:
            trainer.discriminator.unconditional.bias.assign([9.0])
        assert terms(trainers[1])["total"] == pytest.approx(pairs["total"], rel=1e-4)
        assert terms(trainers[0])["total"] > plain_terms["total"] + 1

    @pytest.mark.parametrize("relativistic", [False, True])
    def test_r1_is_that_of_real_letters_and_in_pairs_of_both(self, relativistic):
        keras.utils.set_random_seed(0)
        trainer = CGANTrainer(TINY, replace(TRAINING, relativistic=relativistic, augment_target=0.0), seed=5)
        real, characters = rng.uniform(-1, 1, (8, 8, 8, 1)).astype(np.float32), np.array([0, 1, 2, 3] * 2, np.int32)
        noise = keras.random.normal((8, 3), seed=keras.random.SeedGenerator(5))
        written = trainer.networks.generate(characters, noise)
        squares = []
        for images in (real, written):
            _, gradient = input_gradient(lambda x: trainer.discriminator(x, characters), images)
            squares.append(float(losses.r1_penalty(gradient)))
        expected = TRAINING.r1_every * (sum(squares) if relativistic else squares[0])
        terms = trainer.optimize({"image": real, "character": characters})
        assert float(terms["r1"]) == pytest.approx(expected, rel=1e-4)
        summed = terms["adversarial"] + terms["real"] + (terms["fake"] + terms["mismatched"]) / 2
        assert float(terms["loss"]) == pytest.approx(float(summed) + TRAINING.r1 * expected, rel=1e-4)

    def test_reconstructed_letters_are_held_to_the_real_ones(self):
        """The last half of the letters comes of what the encoder finds in the real ones; its terms worked out again."""
        keras.utils.set_random_seed(0)
        train_config = replace(TRAINING, reconstructed=0.5, pixels=3.0, kl=0.2, augment_target=0.0)
        trainer = CGANTrainer(TINY, train_config, seed=5)
        real = rng.uniform(-1, 1, (8, 8, 8, 1)).astype(np.float32)
        characters = np.array([0, 1, 2, 3] * 2, np.int32)
        total, terms = trainer._generator_loss({"image": real, "character": characters})
        values, sureness = trainer.encoder.estimates(real[4:, None], characters[4:, None])
        variance = 1 / (1 + np.asarray(sureness)[:, 0])  # of a posterior whose prior is standard normal
        mean = np.asarray(values)[:, 0] * (1 - variance)
        noise = np.array(keras.random.normal((8, 3), seed=keras.random.SeedGenerator(5)))
        noise[4:] = mean + np.sqrt(variance) * noise[4:]
        np.testing.assert_allclose(terms["written"], trainer.networks.generate(characters, noise), atol=1e-5)
        found = trainer.encoder(real[4:, None], characters[4:, None], np.ones((4, 1), np.float32))
        np.testing.assert_allclose(mean, found, atol=1e-5)
        apart = 0.5 * (mean**2 + variance - 1 - np.log(variance)).sum(axis=1).mean()
        assert float(terms["kl"]) == pytest.approx(apart, rel=1e-4)
        pixels = float(losses.multiscale_l1(terms["written"][4:], real[4:]))
        assert float(terms["pixels"]) == pytest.approx(pixels, rel=1e-5)
        assert float(total) == pytest.approx(float(terms["adversarial"]) + 3 * pixels + 0.2 * apart, rel=1e-4)

    def test_a_rare_form_is_drawn_as_well(self):
        """One letter in eight has its bar elsewhere; the encoder's noise draws it there."""
        config = replace(TINY, characters="0", generator_widths=(16, 12), mapping_width=16, style_size=12)
        glyphs = np.full((2, 8, 8, 1), -1.0, np.float32)
        glyphs[0, :, 2:4], glyphs[1, :, 5:7] = 1.0, 1.0
        keras.utils.set_random_seed(0)
        rates = {"learning_rate": 2e-3, "discriminator_learning_rate": 2e-3, "augment_target": 0.0}
        trainer = CGANTrainer(config, replace(TRAINING, reconstructed=0.5, **rates))
        take, lot = compile_step(trainer.train_step), np.random.default_rng(0)
        nobody = np.zeros(8, np.int32)
        for _ in range(400):
            take({"image": glyphs[(lot.random(8) < 1 / 8).astype(int)], "character": nobody})
        found = trainer.encoder(glyphs[:, None], nobody[:2, None], np.ones((2, 1), np.float32))
        drawn = np.asarray(trainer.networks.generate(nobody[:2], found))
        assert np.abs(drawn - glyphs).mean() < 0.25 * np.abs(drawn - glyphs[::-1]).mean()

    @pytest.mark.parametrize("relativistic", [False, True])
    def test_it_learns_what_was_asked_for(self, people, relativistic):
        """Four hundred steps on one letter of each of two characters: each is drawn where it is asked for."""
        config = replace(TINY, characters="01", generator_widths=(16, 12), mapping_width=16, style_size=12)
        glyphs = {0: np.full((8, 8, 1), -1.0, np.float32), 1: np.full((8, 8, 1), -1.0, np.float32)}
        glyphs[0][:, 2:4], glyphs[1][5:7] = 1.0, 1.0
        keras.utils.set_random_seed(0)
        rates = {"learning_rate": 2e-3, "discriminator_learning_rate": 2e-3, "augment_target": 0.0}
        train_config = replace(TRAINING, relativistic=relativistic, **rates)
        trainer = CGANTrainer(config, train_config)
        take, lot = compile_step(trainer.train_step), np.random.default_rng(0)
        for _ in range(400):
            characters = lot.integers(2, size=8).astype(np.int32)
            take({"image": np.stack([glyphs[one] for one in characters]), "character": characters})
        asked = np.array([0, 1] * 8, np.int32)
        drawn = np.asarray(trainer.ema.generate(asked, lot.standard_normal((16, 3), np.float32)))
        right = [np.abs(image - glyphs[one]).mean() for image, one in zip(drawn, asked, strict=True)]
        wrong = [np.abs(image - glyphs[1 - one]).mean() for image, one in zip(drawn, asked, strict=True)]
        assert np.mean(right) < 0.25 * np.mean(wrong)

    @pytest.mark.parametrize("config", [TINY, OF_PEOPLE], ids=["character", "writer"])
    def test_grid(self, people, config):
        setup = set_up(people, config)
        before = snapshot(setup.trainer.state_variables)
        picture = setup.trainer.sample_grid(setup.validation_stream.batch(0), columns=3, rows=2)
        assert picture.dtype == np.uint8
        assert picture.shape == (2 * 10 - 2, 3 * 10 - 2)
        assert not any(moved(before, setup.trainer.state_variables))

    def test_the_last_row_is_the_last_person(self, people):
        """Whom a training takes in comes last in the table, and is the one to be looked at."""
        setup = set_up(people, OF_PEOPLE)
        trainer, batch = setup.trainer, setup.validation_stream.batch(0)
        picture, asked = trainer.sample_grid(batch, columns=3, rows=2), np.unique(batch["characters"])[:3]
        code = np.concatenate([trainer.ema.hands()[-1:], np.zeros((1, 4), np.float32)], axis=1).repeat(3, axis=0)
        noise = np.repeat(keras.random.normal((2, 3), seed=trainer.seed)[1:], 3, axis=0)
        row = tile(trainer.ema.write(code, asked, noise)[None])
        np.testing.assert_allclose(picture[10:].astype(float), row, atol=1)


class TestPreparation:
    def test_letters_without_writers(self, people):
        nobody = replace(people, writers=None)
        setup = set_up(nobody, TINY)
        assert isinstance(setup.stream, GlyphStream)
        with pytest.raises(ArchiveError, match="writer"):
            set_up(nobody, OF_PEOPLE)

    def test_held_out_people_have_no_vector(self, people):
        assert set_up(people, OF_PEOPLE).trainer.networks.writer_count == 5

    def test_missing_characters_are_named(self, people):
        with pytest.raises(ArchiveError, match="hold no Q"):
            set_up(people, replace(TINY, characters="01Q"))

"""A trainer of StyleGAN, which moves what it should."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import keras
import numpy as np
import pytest

from tests.support.stylegan import BATCH, CHARACTERS, LATENT, NOISE, shown_networks
from tests.support.tiny import TINY_STYLEGAN as TINY
from tests.support.tiny import moved, one_step, snapshot
from tfhand import fit
from tfhand.models import presets, registry
from tfhand.models.registry import SPECS
from tfhand.models.stylegan.config import StyleGANTrainConfig
from tfhand.models.stylegan.discriminator import SameWriterDiscriminator
from tfhand.models.stylegan.networks import StyleGAN
from tfhand.models.stylegan.trainer import HAND_METRICS, METRICS, PATH_METRICS, ROWS, StyleGANTrainer
from tfhand.training.backend import compile_step

TRAINING = StyleGANTrainConfig(
    batch_size=8, encoder_batch=4, r1_every=2, path_every=2, ema_decay=0.9, augment_target=0.0
)
HANDS = {"same_writer": 2.0, "group": 2, "targets": 2}  # 8 letters: two people write two dictations of two each
rng = np.random.default_rng(0)


@pytest.fixture(scope="module")
def model() -> StyleGAN:
    return shown_networks()


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


def mixed_styles(one: StyleGANTrainer, characters: np.ndarray) -> np.ndarray:
    """Styles (B, layers, style_size) of hands that are drawn anew."""
    return np.asarray(one._mixed_styles(characters, *one._draw_mixture(characters)))


@pytest.mark.large
class TestTrainer:
    def test_a_step_moves_every_network(self):
        one = trainer()
        before, averaged = snapshot(one.networks.weights), snapshot(one.ema.weights)
        judge = snapshot(one.discriminator.trainable_variables)
        terms = step(one)
        assert set(terms) == {"loss", *METRICS, *PATH_METRICS}
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
                styles = mixed_styles(one, CHARACTERS)
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
        _, terms = one._discriminator_loss(BATCH["image"], BATCH["image"], BATCH)
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
        total, terms = one._discriminator_loss(BATCH["image"], drawn, {**BATCH, "character": characters})
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
        others = float(terms["real"] + terms["fake"])
        assert float(total) == pytest.approx(others + 2 * (real + (fake + other) / 2), rel=1e-4)

    def test_the_generator_learns_from_the_hand(self):
        one = trainer(**HANDS, path_length=0.0)
        before = snapshot(one.same_writer_discriminator.trainable_variables)
        terms = step(one)
        assert all(moved(before, one.same_writer_discriminator.trainable_variables))
        assert terms["hand"] > 0 < terms["hand_other"]
        assert set(terms) == {"loss", *METRICS, *HAND_METRICS}
        noise = one.normal(len(CHARACTERS), one.config.noise_size)
        total, parts = one._generator_loss(BATCH, one._draw_mixture(CHARACTERS), noise)
        assert float(total) == pytest.approx(float(parts["adversarial"] + 2 * parts["hand"]), rel=1e-5)
        assert trainer().same_writer_discriminator is None

    def test_letters_of_a_hand_have_one_latent(self):
        one = trainer(**HANDS)
        styles = mixed_styles(one, np.zeros(8, np.int32))
        np.testing.assert_array_equal(styles[::2], styles[1::2])
        assert len(np.unique(styles[::2], axis=0)) == 4

    def test_a_preset_can_be_given_an_adapter(self, model, people, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        model.save_to_preset("one")
        people.save("six.npz")
        words = "stylegan --from one --data six.npz --adapter-depth 2 --batch-size 8 --group 2 --targets 2"
        people_too = "--same-writer 1 --encoded 0.5 --encoder-batch 4 --steps 1 --learning-rate 0 --references 3"
        assert fit.main([*words.split(), *people_too.split()]) == 0
        preset = "runs/0001-stylegan-six/preset"
        assert presets.read_config(preset)["config"]["adapter_depth"] == 2
        drawn = [
            np.asarray(registry.load(each).synthesize(LATENT @ np.ones((3, 5), np.float32), CHARACTERS))
            for each in ("one", preset)
        ]
        np.testing.assert_allclose(*drawn, atol=1e-2)  # half precision
        assert fit.main(["stylegan", "--from", preset, "--data", "six.npz", "--adapter-depth", "3"]) == 2

    def test_a_hand_is_made_smooth_as_well(self):
        alone, both = (trainer(**HANDS) for _ in range(2))
        both.same_writer_discriminator.trunk[1].kernel.assign(100 * both.same_writer_discriminator.trunk[1].kernel)
        characters = np.tile(CHARACTERS[:4], 2)
        weak, strong = (one._lazy_r1(BATCH["image"], characters).loss()[1] for one in (alone, both))
        assert float(strong["r1"]) > 10 * float(weak["r1"])

    def test_a_hand_is_asked_only_of_writers(self, people, tmp_path, monkeypatch, capsys):
        monkeypatch.chdir(tmp_path)
        people.save("six.npz")
        replace(people, writers=None).save("nobody.npz")
        words = "stylegan --characters 01a --batch-size 8 --group 2 --encoder-batch 4 --steps 2 --same-writer 1"
        words += " --image-size 8 --generator-widths 4 4 --discriminator-widths 4 4 --encoder-widths 4 4"
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

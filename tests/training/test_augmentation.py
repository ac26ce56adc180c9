"""The controller of augmentation: its first steps by hand, where it settles, what is saved of it."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tests.support.dots import DotConfig, DotStream, DotTrainConfig, DotTrainer
from tfhand.training.augmentation import Augmentation
from tfhand.training.backend import compile_step
from tfhand.training.run_directory import load_state, save_state


class Augmented(DotTrainer):
    """A trainer with augmentation, whose discriminator's opinion of real pictures is given to it."""

    def __init__(self, seed: int = 0):
        super().__init__(DotConfig(width=3), DotTrainConfig(), seed)
        self.augmentation = Augmentation(target=0.0, seed=seed, steps=4)
        self.traced = 0

    def optimize(self, batch):
        self.traced += 1
        self.augmentation.update(self.discriminator(self.augmentation(batch["image"])) ** 2)  # all called real
        return super().optimize(batch)


@pytest.fixture
def pictures() -> np.ndarray:
    return DotStream(0, 16, 8).batch(0)["image"]


def state(augmentation: Augmentation) -> tuple[float, float]:
    return float(augmentation.overfitting), float(augmentation.probability)


def test_the_first_steps_by_hand():
    augmentation = Augmentation(target=0.1, steps=10, limit=0.25)
    for logits, overfitting, probability in (
        ([2.0, 0.5, -3.0, 0.1], 0.125, 0.1),  # mean sign 0.5: a quarter of the way there from 0
        ([1.0, 1.0, 1.0, 1.0], 0.34375, 0.2),
        ([9.0, -9.0, 9.0, -9.0], 0.2578125, 0.25),  # not beyond the limit
        ([-1.0, -1.0, -1.0, -1.0], -0.056640625, 0.15),
        ([-1.0, -1.0, -1.0, -1.0], -0.29248046875, 0.05),
        ([-0.1, -0.2, -0.3, -0.4], -0.4693603515625, 0.0),  # nor below 0
        ([[1.0], [1.0], [1.0], [0.0]], -0.164520263671875, 0.0),
    ):
        augmentation.update(np.array(logits, np.float32))
        assert state(augmentation) == pytest.approx((overfitting, probability), abs=1e-6)


def test_it_settles_where_the_discriminator_is_as_sure_as_it_should_be():
    """Here augmenting with chance p leaves a share 1 - p of the pictures known by heart, the others a guess."""
    augmentation, random = Augmentation(target=0.6, steps=100), np.random.default_rng(0)
    reached = []
    for _ in range(300):
        known = random.random(64) > state(augmentation)[1]
        augmentation.update(np.where(known, 1.0, random.normal(size=64)).astype(np.float32))
        reached.append(state(augmentation))
    overfitting, probability = np.mean(reached[150:], axis=0)
    assert overfitting == pytest.approx(0.6, abs=0.03)
    assert probability == pytest.approx(0.4, abs=0.05)


def test_it_alters_as_many_pictures_as_it_is_said_to(pictures):
    augmentation = Augmentation()
    assert np.array_equal(augmentation(pictures), pictures)
    augmentation.probability.assign(0.5)
    first, second = (np.asarray(augmentation(pictures)) for _ in range(2))
    assert first.shape == pictures.shape
    assert not np.array_equal(first, second)


def test_the_same_seed_gives_the_same_but_not_a_trainers_noise(pictures):
    one, again, other = (Augmentation(seed=seed) for seed in (3, 3, 4))
    for augmentation in (one, again, other):
        augmentation.probability.assign(0.5)
    first = np.asarray(one(pictures))
    assert np.array_equal(first, again(pictures))
    assert not np.array_equal(first, other(pictures))
    assert not np.array_equal(one.random.state, keras.random.SeedGenerator(3).state)


def test_its_state_is_saved_with_the_trainers(tmp_path, pictures):
    trainer, other = Augmented(), Augmented(seed=1)
    paths = [variable.path for variable in trainer.state_variables]
    own = trainer.augmentation.variables
    assert len({id(variable) for variable in trainer.state_variables}) == len(paths)
    assert all(sum(variable is each for each in trainer.state_variables) == 1 for variable in own)
    assert len(own) == 3
    for _ in range(3):
        trainer.train_step({"image": pictures})
    assert state(trainer.augmentation) == pytest.approx((1 - 0.75**3, 0.75))
    save_state(tmp_path / "state.npz", trainer.state_variables, 3)
    load_state(tmp_path / "state.npz", other.state_variables)
    assert state(other.augmentation) == state(trainer.augmentation)
    assert np.array_equal(other.augmentation(pictures), trainer.augmentation(pictures))


def test_a_compiled_step_is_not_traced_again():
    trainer, traced = Augmented(), []
    step = compile_step(trainer.train_step)
    for number in range(5):
        step(DotStream(0, 16, 8).batch(number))
        traced.append(trainer.traced)
    assert len(set(traced)) == 1
    assert state(trainer.augmentation) == pytest.approx((1 - 0.75**5, 0.8))


@pytest.mark.parametrize("wrong", [{"target": 1.5}, {"target": -2.0}, {"limit": 1.1}, {"limit": -0.1}, {"steps": 0}])
def test_what_cannot_be(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong)) if "limit" in wrong else "lies between|1 step"):
        Augmentation(**wrong)

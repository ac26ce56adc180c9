"""What tests of StarGAN's trainer begin with."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.stargan import as_made, fresh_trainer
from tests.support.tiny import snapshot
from tfhand.models.stargan.trainer import StarGANTrainer


@pytest.fixture(scope="module")
def fresh() -> tuple[StarGANTrainer, list[np.ndarray]]:
    trainer = fresh_trainer()
    return trainer, snapshot(trainer.state_variables)


@pytest.fixture
def trainer(fresh) -> StarGANTrainer:
    return as_made(*fresh)

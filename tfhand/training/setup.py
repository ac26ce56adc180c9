"""What a training needs beside its configuration: the trainer, and the streams that it learns from and is shown."""

from __future__ import annotations

from dataclasses import dataclass

from tfhand.data.streams.base import Stream
from tfhand.training.trainer import Trainer


@dataclass(frozen=True)
class TrainingSetup:
    """A trainer with its data.

    Attributes:
        trainer: with its networks.
        stream: of training batches.
        validation_stream: of batches by people who are never trained on, to show what the networks can do.
        images_per_step: glyphs in a training batch.
    """

    trainer: Trainer
    stream: Stream
    validation_stream: Stream
    images_per_step: int

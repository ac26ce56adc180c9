"""People are held out of a training whole, and the same ones by every family."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.support import streams
from tfhand.data.archive import Archive
from tfhand.errors import ArchiveError
from tfhand.models.hand.config import HandConfig, HandTrainConfig
from tfhand.models.registry import SPECS
from tfhand.models.stargan.config import StarGANConfig, StarGANTrainConfig
from tfhand.training.datasets import held_out_writers

CHARACTERS = "0123abcXYZ"


@pytest.fixture(scope="module")
def blocks() -> Archive:
    return streams.blocks()


def test_training_and_validation_share_no_writer(people, blocks):
    config = HandConfig(
        characters=CHARACTERS + "wxyz",
        image_size=8,
        generator_widths=(2, 2),
        encoder_widths=(2, 2),
        discriminator_widths=(2, 2, 2),
    )
    train_config = HandTrainConfig(hands=2, targets=1, references=2, validation=0.34)
    setup = SPECS["hand"].make_trainer([people, blocks], config, train_config, 0)
    for archive, seen, unseen in zip(
        [people, blocks], setup.stream.archives, setup.validation_stream.archives, strict=True
    ):
        assert not set(seen.writers) & set(unseen.writers)
        assert set(seen.writers) | set(unseen.writers) == set(archive.writers)
        assert len(seen) + len(unseen) == len(archive)
    assert setup.stream.writer_count == 4 + 2
    assert setup.trainer.table.shape[0] == 4 + 2


def test_stargan_holds_out_the_same_people_as_a_hand(people):
    shape = {"characters": CHARACTERS, "image_size": 8}
    hand = HandConfig(**shape, generator_widths=(2, 2), encoder_widths=(2, 2), discriminator_widths=(2, 2, 2))
    stargan = StarGANConfig(**shape, down_blocks=1, bottleneck_blocks=0, generator_width=2, discriminator_width=2)
    unseen = []
    for family, config, training in (
        ("hand", hand, HandTrainConfig(hands=2, targets=1, references=2, validation=0.34)),
        ("stargan", stargan, StarGANTrainConfig(batch_size=2, validation=0.34, same_writer=1.0)),
    ):
        setup = SPECS[family].make_trainer([people], config, training, 0)
        unseen.append(held_out_writers(["data/people.npz"], [people], training))
    assert unseen[0] == unseen[1]
    assert set(unseen[1]["people"]) == set(setup.validation_stream.archive.writers.tolist())
    assert set(setup.stream.archive.writers) == set(people.writers) - set(setup.validation_stream.archive.writers)
    assert setup.trainer.discriminator.writers == setup.stream.writer_count == 4


@pytest.mark.parametrize(("writers", "said"), [(None, "no `writers`"), (np.arange(20) % 2, "one writer only")])
def test_the_same_writer_term_needs_people(people, writers, said):
    """Of two people one is held out, so that nobody is left to compare with."""
    archive = replace(people.select(np.arange(20)), writers=writers)
    with pytest.raises(ArchiveError, match=said):
        SPECS["stargan"].make_trainer([archive], StarGANConfig("01"), StarGANTrainConfig(same_writer=1.0), 0)

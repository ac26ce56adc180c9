"""StarGAN v2 whose style encoder sees several letters of a person."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.support.stargan import SAME_WRITER, SEVERAL, as_made, batch, fresh_trainer
from tests.support.tiny import moved, snapshot
from tfhand.core.config import as_json
from tfhand.data import synthetic
from tfhand.data.streams.domains import DomainStream
from tfhand.errors import ArchiveError
from tfhand.models.stargan.networks import StarGAN
from tfhand.models.stargan.spec import STARGAN


@pytest.fixture(scope="module")
def made():
    trainer = fresh_trainer(SAME_WRITER, 3, SEVERAL)
    return trainer, snapshot(trainer.state_variables)


@pytest.fixture
def trainer(made):
    return as_made(*made)


@pytest.fixture(scope="module")
def networks() -> StarGAN:
    return StarGAN(**as_json(SEVERAL))


def letters(seed: int = 0):
    data = batch(seed=seed)
    return [np.array(data[name]) for name in ("samples", "sample_characters", "sample_mask")]


class TestStyle:
    def test_what_the_mask_leaves_out_does_not_count(self, networks):
        images, characters, _ = letters()
        mask, domain = np.tile(np.float32([1, 1, 0]), (4, 1)), np.array([0, 1, 0, 1])
        style = networks.encode_hand(images, characters, mask, domain)
        images[:, 2], characters[:, 2] = 0.3, 1 - characters[:, 2]
        np.testing.assert_array_equal(networks.encode_hand(images, characters, mask, domain), style)

    def test_the_order_of_letters_does_not_count_and_their_characters_do(self, networks):
        images, characters, _ = letters()
        mask, domain = np.ones((4, 3), np.float32), np.array([0, 1, 0, 1])
        style = np.asarray(networks.encode_hand(images, characters, mask, domain))
        turned = networks.encode_hand(images[:, ::-1], characters[:, ::-1], mask, domain)
        np.testing.assert_allclose(turned, style, rtol=1e-4, atol=1e-6)
        assert np.abs(style - networks.encode_hand(images, 1 - characters, mask, domain)).max(axis=1).min() > 1e-4

    def test_one_letter_is_a_set_of_one(self, networks):
        images, characters, _ = letters()
        mask = np.tile(np.float32([1, 0, 0]), (4, 1))
        alone = networks.encode_style(images[:, 0], characters[:, 0])
        np.testing.assert_allclose(
            networks.encode_hand(images, characters, mask, characters[:, 0]), alone, rtol=1e-4, atol=1e-6
        )


class TestWriter:
    def test_letters_are_in_the_style_of_the_samples(self, networks):
        writer, (images, characters, _) = networks.as_hand_writer(), letters()
        mask = np.ones(characters.shape, np.float32)
        codes = writer.encode(images, characters, mask)
        wanted = np.array([1, 0, 0, 1], np.int32)
        style = networks.encode_hand(images, characters, mask, wanted)
        expected = networks.translate(images[:, 0], style)
        written = writer.write(codes, wanted, np.zeros((4, writer.noise_size), np.float32))
        np.testing.assert_allclose(written, expected, rtol=1e-4, atol=1e-5)

    def test_noise_weighs_the_samples(self, networks):
        """So that no two letters of a kind are alike; one sample alone is all that can be had of its style."""
        writer, (images, characters, _) = networks.as_hand_writer(), letters()
        mask = np.ones(characters.shape, np.float32)
        codes, wanted = writer.encode(images, characters, mask), np.array([1, 0, 0, 1], np.int32)
        only_second = np.zeros((4, writer.noise_size), np.float32)
        only_second[:, 1] = 100
        style = networks.encode_hand(images[:, 1:2], characters[:, 1:2], mask[:, 1:2], wanted)
        expected = networks.translate(images[:, 0], style)
        np.testing.assert_allclose(writer.write(codes, wanted, only_second), expected, rtol=1e-4, atol=1e-5)
        assert STARGAN.generation(networks.config).noise_scale == 1
        assert STARGAN.generation(replace(networks.config, references=1)).noise_scale == 0


@pytest.mark.large
class TestTraining:
    def test_the_hand_is_asked_for_where_the_style_is_a_persons(self, trainer):
        results = {name: float(value) for name, value in trainer.train_step(batch()).items()}
        assert np.isfinite(list(results.values())).all()
        hand = {name for name in results if "hand" in name}
        asked = {f"{way}_hand_{who}" for way in ("latent", "reference") for who in ("real", "fake", "other")}
        assert hand == asked | {"reference_hand"}
        assert results["latent_hand_fake"] == 0 < results["reference_hand_fake"]
        assert set(trainer.trackers) == {*results, "loss"}

    def test_references_teach_the_style_encoder(self, trainer):
        encoder = snapshot(trainer.networks.style_encoder.trainable_variables)
        data = batch()
        style = trainer.style_of_reference(data, second=True)
        moving = ["generator", "style_encoder"]
        trainer.train_generator("reference", data, lambda: trainer.style_of_reference(data, False), style, moving)
        assert all(moved(encoder, trainer.networks.style_encoder.trainable_variables))

    def test_the_second_style_is_the_next_persons(self, trainer):
        data = batch()
        first, second = (np.asarray(trainer.style_of_reference(data, which)) for which in (False, True))
        turned = {**data, "samples": np.roll(data["samples"], 1, axis=0)}
        turned |= {name: np.roll(data[name], 1, axis=0) for name in ("sample_characters", "sample_mask")}
        np.testing.assert_allclose(np.asarray(trainer.style_of_reference(turned, False)), second, rtol=1e-4, atol=1e-6)
        assert np.abs(first - second).max() > 1e-4


@pytest.fixture(scope="module")
def archive():
    return synthetic.archive(5, 2, seed=3, characters="0123")


class TestStream:
    def test_samples_are_by_the_writer_of_the_image_and_not_what_is_wanted(self, archive):
        stream = DomainStream(archive, "0123", 16, 8, seed=1, samples=4)
        counts = set()
        for number in range(6):
            found = stream.batch(number)
            assert found["samples"].shape == (8, 4, 16, 16, 1)
            assert not np.any(found["sample_characters"] == found["reference_domain"][:, None])
            assert found["sample_mask"][:, 0].all()
            assert (np.diff(found["sample_mask"], axis=1) <= 0).all()
            counts |= set(found["sample_mask"].sum(axis=1))
        assert counts == {1, 2, 3, 4}
        plan = stream.plan(0)
        own = archive.writers[plan["image_letters"]]
        assert (archive.writers[plan["samples_letters"]] == own[:, None]).all()

    def test_without_writers_there_are_no_samples(self, archive):
        with pytest.raises(ArchiveError, match="writers"):
            DomainStream(replace(archive, writers=None), "0123", 16, 8, samples=4)

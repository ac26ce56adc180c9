"""The verifier on a tiny scale: what it is blind to, its pairs, its loss, its file, and that it learns people."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tfhand.core.config import as_json
from tfhand.data import synthetic
from tfhand.data.archive import Archive
from tfhand.data.streams.pairs import PairStream
from tfhand.errors import ArchiveError
from tfhand.metrics import thickness
from tfhand.models.verifier.config import VerifierConfig, VerifierTrainConfig
from tfhand.models.verifier.losses import top_one_accuracy
from tfhand.models.verifier.networks import Verifier
from tfhand.models.verifier.trainer import VerifierTrainer
from tfhand.training import losses
from tfhand.training.backend import compile_step

CHARACTERS = "012345abcdef"
TINY = VerifierConfig(
    CHARACTERS, image_size=16, widths=(4, 8, 12), features=16, character_size=6, embedding_size=8, dropout=0.0
)
TRAINING = VerifierTrainConfig(people=6, glyphs=3, learning_rate=5e-3, ema_decay=0.9)


@pytest.fixture(scope="module")
def archive() -> Archive:
    return synthetic.archive(writers=8, samples=2, seed=11, characters=CHARACTERS + "X")


@pytest.fixture
def stream(archive) -> PairStream:
    return PairStream([archive], [1.0], CHARACTERS, 16, TRAINING.people, TRAINING.glyphs)


@pytest.fixture(scope="module")
def verifier() -> Verifier:
    keras.utils.set_random_seed(2)
    return Verifier(**as_json(TINY))


def sets(count: int, people: int = 2) -> list[np.ndarray]:
    rng = np.random.default_rng(count)
    glyphs = rng.uniform(-1, 1, (people, count, 16, 16, 1)).astype(np.float32)
    return [glyphs, rng.integers(0, 12, (people, count)).astype(np.int32), np.ones((people, count), np.float32)]


def test_gives_unit_vectors(verifier):
    found = np.asarray(verifier(*sets(4)))
    assert found.shape == (2, 8)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


def test_a_set_has_no_order_and_blanks_do_not_count(verifier):
    glyphs, characters, mask = sets(5)
    expected = verifier(glyphs[:, :3], characters[:, :3], mask[:, :3])
    mask[:, 3:] = 0
    np.testing.assert_allclose(verifier(glyphs, characters, mask), expected, atol=1e-5)
    turned = [each[:, ::-1] for each in (glyphs, characters, mask)]
    np.testing.assert_allclose(verifier(*turned), expected, atol=1e-5)


def test_pairs_are_of_one_person_with_other_characters_and_another_nib(archive):
    stream = PairStream([archive], [1.0], CHARACTERS + "X", 32, people=8, glyphs=6, spread=0.0)
    batch = stream.batch(3)
    assert batch["glyphs"].shape == (8, 2, 6, 32, 32, 1)
    for first, second in batch["characters"]:
        assert not set(first) & set(second)
        assert len(set(first)) == len(set(second)) == 6
    ink = np.rint((batch["glyphs"][..., 0] + 1) * 127.5).astype(np.uint8)
    nibs = np.array([[thickness(glyphs).mean() for glyphs in pair] for pair in ink])
    assert np.abs(np.diff(nibs, axis=1)).min() > 0.001
    assert np.abs(np.corrcoef(nibs.T)[0, 1]) < 0.75  # the nib of one set says little of the other's


def test_batches_depend_on_seed_and_number_alone(archive, stream):
    again = PairStream([archive], [1.0], CHARACTERS, 16, TRAINING.people, TRAINING.glyphs)
    again.batch(0)
    for name, array in stream.batch(5).items():
        np.testing.assert_array_equal(array, again.batch(5)[name])
    assert not np.array_equal(stream.batch(5)["glyphs"], stream.batch(6)["glyphs"])


def test_mixtures_have_a_partner_who_writes_the_same_characters(archive):
    arguments = [archive], [1.0], CHARACTERS, 16, 6, 3
    batch, plain = (PairStream(*arguments, mixed=share).batch(4) for share in (0.5, 0.0))
    assert set(plain) == {"glyphs", "characters"}
    assert set(batch) == {"glyphs", "characters", "partners", "partner_shares"}
    assert batch["partners"].shape == (3, 2, 3, 16, 16, 1)
    assert (batch["partner_shares"] > 0).all()
    assert (batch["partner_shares"] < 1).all()
    own = batch["glyphs"][:3]
    assert not np.array_equal(own, batch["partners"])
    likeness = np.corrcoef(own.reshape(3, -1), batch["partners"].reshape(3, -1))[:3, 3:]
    assert np.diag(likeness).mean() > likeness.mean() + 0.1  # the same characters look alike


def test_pairs_need_pen_strokes_of_two_people(archive):
    images = Archive(archive.labels, archive.classes, archive.writers, np.full((len(archive), 28, 28), 9, np.uint8))
    with pytest.raises(ArchiveError, match="pen strokes"):
        PairStream([images], [1.0], CHARACTERS)
    with pytest.raises(ArchiveError, match="two people"):
        PairStream([archive.of_writers([0])], [1.0], CHARACTERS)


def test_contrastive_by_hand():
    likeness = np.array([[2.0, 0.5, -1.0], [0.0, 1.0, 3.0], [1.0, 1.0, 1.5]], np.float32)
    rows = -np.log(np.exp(np.diag(likeness)) / np.exp(likeness).sum(axis=1))
    columns = -np.log(np.exp(np.diag(likeness)) / np.exp(likeness).sum(axis=0))
    assert float(losses.symmetric_info_nce(likeness)) == pytest.approx((rows.mean() + columns.mean()) / 2, rel=1e-5)
    assert float(losses.symmetric_info_nce(np.zeros((4, 4), np.float32))) == pytest.approx(np.log(4), rel=1e-5)
    assert float(top_one_accuracy(likeness)) == pytest.approx(2 / 3)


@pytest.mark.large
def test_learns_to_tell_people_apart(archive, stream):
    keras.utils.set_random_seed(0)
    trainer = VerifierTrainer(Verifier(**as_json(TINY)), TRAINING)
    step, seen = compile_step(trainer.train_step), stream.batch(0)
    values = []
    for _ in range(60):
        trainer.reset_metrics()
        values.append({name: float(value) for name, value in step(seen).items()})
    assert values[0]["loss"] > 0.8 * np.log(6)
    assert values[-1]["loss"] < 0.3
    assert values[-1]["accuracy"] == 1
    assert int(trainer.step) == 60
    state = [np.array(variable) for variable in trainer.state_variables]
    grid = trainer.sample_grid(seen)
    assert grid.shape == (6 * 18 - 2, 6 * 18 - 2)
    for old, new in zip(state, trainer.state_variables, strict=True):
        np.testing.assert_array_equal(old, new)

"""A trainer of the networks that learn a hand, which moves what it should."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from keras import ops

from tests.support.tiny import SMALL_HAND as TINY
from tests.support.tiny import moved, snapshot
from tests.support.tiny import one_step as step
from tfhand.data.streams.writers import HandStream
from tfhand.models.hand.config import HandTrainConfig
from tfhand.models.hand.trainer import METRICS, HandTrainer
from tfhand.models.verifier.networks import Verifier
from tfhand.nn.glyph_generator import standardize
from tfhand.training import losses
from tfhand.training.backend import compile_step, input_gradient

TRAINING = HandTrainConfig(hands=4, targets=2, references=3, r1_every=2, ema_decay=0.95)
CODE, NOISE = TINY.code_size, TINY.noise_size


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

    @pytest.mark.large
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

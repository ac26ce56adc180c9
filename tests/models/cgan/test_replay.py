"""A conditional GAN that begins with a preset: it takes people in, and goes on with those whom it knew."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops

from tests.support.tiny import TINY_CGAN
from tfhand import fit
from tfhand.core.config import as_json
from tfhand.data import synthetic
from tfhand.data.archive import Archive
from tfhand.data.streams.writers import HandStream
from tfhand.hands.glyph import as_glyphs, as_network_input
from tfhand.hands.hand import Hand
from tfhand.models import presets, registry
from tfhand.models.cgan import warm_start
from tfhand.models.cgan.config import CGANConfig, CGANTrainConfig
from tfhand.models.cgan.networks import ConditionalGAN
from tfhand.models.cgan.replay import GLYPHS_OF_A_CHARACTER, ReplayStream, replayed_glyphs
from tfhand.models.cgan.warm_start import find_hands
from tfhand.models.generation import GenerationConfig
from tfhand.models.registry import SPECS
from tfhand.nn.glyph_generator import standardize
from tfhand.training.datasets import load_archives
from tfhand.training.run_directory import RunDirectory

TINY = replace(TINY_CGAN, characters="0123ab", image_size=8, generator_widths=(8, 6), discriminator_widths=(4, 6, 8))
OF_PEOPLE = replace(TINY, writers=True)
KNOWN = 5  # people of the preset
TRAINING = CGANTrainConfig(batch_size=8, targets=2, r1_every=2, validation=0.0)
QUICK = ("--batch-size", "8", "--targets", "2", "--r1-every", "2")
TAKE_IN = ("cgan", "--from", "people", "--data", "my_hand/", *QUICK)
SEARCH = GenerationConfig(steps=5)  # here it is not asked how well a hand is found


@pytest.fixture(scope="module")
def shelf(tmp_path_factory) -> Path:
    """Presets of random weights: with people, without them, and of another class; and a person's folder, my_hand."""
    folder = tmp_path_factory.mktemp("shelf")
    keras.utils.set_random_seed(7)
    for name, model in {
        "people": ConditionalGAN(KNOWN, **as_json(OF_PEOPLE)),
        "letters": ConditionalGAN(**as_json(TINY)),
    }.items():
        training = {"validation_writers": {"others": [3, 4]}}
        model.save_to_preset(folder / name, training=training)
    hand_of("012aZ").save(folder / "my_hand")
    hand_of("Z9").save(folder / "strange")
    return folder


def hand_of(characters: str) -> Hand:
    own = synthetic.archive(1, 1, seed=9, characters=characters)
    return Hand({own.classes[label]: [own.draw(place)] for place, label in enumerate(own.labels)})


@pytest.fixture(scope="module")
def begun(shelf) -> Path:
    """The folder of a run that began with `people` and took in my_hand."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(shelf)
        patch.setattr(warm_start, "SEARCH", SEARCH)
        assert fit.main([*TAKE_IN, "--steps", "4", "--run-dir", "straight"]) == 0
    return shelf / "straight" / "0001-cgan-my_hand"


@pytest.fixture
def here(shelf, monkeypatch) -> Path:
    monkeypatch.chdir(shelf)
    monkeypatch.setattr(warm_start, "SEARCH", SEARCH)
    return shelf


def set_up(name: str, archives, config: CGANConfig, **changes):
    return SPECS["cgan"].warm_start.make_trainer(archives, config, replace(TRAINING, **changes), 0, name)


def values(variables) -> list[np.ndarray]:
    return [np.array(each) for each in variables]


@pytest.fixture(scope="module")
def new(people) -> HandStream:
    """Hands of one person, two of three letters in a batch."""
    return HandStream([people.of_writers([1])], (1.0,), "0123ab", 8, hands=2, targets=3, seed=4)


class TestReplayedHands:
    def test_old_and_new_take_turns(self, new):
        stream = ReplayStream(ConditionalGAN(KNOWN, **as_json(OF_PEOPLE)), new)
        assert stream.writer_count == KNOWN + 1
        seen = set()
        for number in range(30):
            batch, own = stream.batch(number), new.batch(number)
            assert batch["targets"].shape == (4, 3, 8, 8, 1)
            assert (batch["writer"][1::2] == KNOWN).all()
            seen |= set(batch["writer"][0::2])
            for name in ("targets", "characters", "transform"):
                np.testing.assert_array_equal(batch[name][1::2], own[name])
                assert batch[name].dtype == own[name].dtype
        assert seen == set(range(KNOWN))

    def test_the_old_hands_are_what_the_networks_write(self, new):
        """In the transform that they are labelled with, and in their people's hands."""
        networks, large = Stripes(), HandStream(new.archives, (1.0,), "0123ab", 32, hands=2, targets=3, seed=4)
        batch = ReplayStream(networks, large).batch(0)
        code = np.repeat(networks.hand(batch["writer"][0::2], batch["transform"][0::2]), 3, axis=0)
        expected = as_network_input(as_glyphs(np.asarray(networks.write(code, None, None))))
        np.testing.assert_allclose(batch["targets"][0::2].reshape(expected.shape), expected)
        assert len(np.unique(batch["transform"][0::2, 3])) == 2

    def test_the_same_again(self, new):
        networks = ConditionalGAN(KNOWN, **as_json(OF_PEOPLE))
        one, two = (ReplayStream(networks, new).batch(7) for _ in range(2))
        for name, array in one.items():
            np.testing.assert_array_equal(array, two[name])


class TestReplayedGlyphs:
    def test_so_many_of_each_character(self):
        own = replayed_glyphs(ConditionalGAN(**as_json(TINY)))
        assert own.writers is None
        assert own.characters == TINY.characters
        np.testing.assert_array_equal(np.bincount(own.labels), [GLYPHS_OF_A_CHARACTER] * 6)

    def test_blank_letters_are_left_out(self):
        networks = ConditionalGAN(**as_json(TINY))
        write = networks.write

        def forgetful(code, characters, noise):
            images = np.array(write(code, characters, noise))
            images[np.asarray(characters) == 2] = -1.0
            return images

        networks.write = forgetful
        assert set(replayed_glyphs(networks).labels) == {0, 1, 3, 4, 5}


class Stripes:
    """Stands for trained networks of two people: all is written as six stripes, as bright as a person's six numbers."""

    config, writer_count, noise_size = replace(TINY_CGAN, characters="0123ab", writers=True), 2, 3
    characters, within_axes = config.characters, True

    def hand(self, writers, transform):
        table = np.linspace(-1, 1, 12, dtype=np.float32).reshape(2, 6)
        return np.concatenate([table[writers] + 0.1 * transform[:, :1], transform], axis=1)

    def encode(self, samples, characters, mask):
        return np.zeros((len(samples), self.config.code_size), np.float32)

    def code_axes(self):
        return np.eye(self.config.code_size, dtype=np.float32)

    def write(self, code, characters, noise):
        stripes = ops.reshape(ops.tanh(code[:, :6]), (-1, 6, 1))
        stripes = ops.repeat(ops.repeat(stripes, 4, axis=1), 24, axis=2)  # (B, 24, 24)
        framed = ops.pad(stripes, ((0, 0), (1, 1), (1, 1)), constant_values=1.0)  # an ink box as glyphs have it
        return ops.pad(framed, ((0, 0), (3, 3), (3, 3)), constant_values=-1.0)[..., None]


def test_hands_are_found_in_the_order_of_people():
    networks, hands = Stripes(), np.random.default_rng(2).standard_normal((3, 6)).astype(np.float32)
    writers, labels = np.array([0, 0, 0, 1, 1, 2, 2], np.int16), np.array([0, 1, 5, 2, 3, 4, 5], np.uint8)
    images = as_glyphs(np.asarray(networks.write(hands[writers], labels, None)))
    letters = Archive(labels, np.array(list("0123ab")), writers, images)
    found = find_hands(networks, None, [letters.of_writers([1, 2]), letters.of_writers([0])])
    np.testing.assert_allclose(np.tanh(found), np.tanh(hands[[1, 2, 0]]), atol=0.2)
    assert found.shape == (3, 6)


class TestPreparation:
    @pytest.mark.large
    def test_step_0_is_the_preset(self, here, people):
        """The networks are the preset's, in the table stand its people and then the new ones."""
        setup = set_up("people", [people.of_writers([1]), people.of_writers([4, 5])], OF_PEOPLE)
        source, trainer = registry.load("people"), setup.trainer
        assert trainer.networks.writer_count == setup.stream.writer_count == KNOWN + 3
        table = np.asarray(trainer.networks.table)
        np.testing.assert_allclose(table[:KNOWN], np.asarray(source.hands()), atol=1e-6)
        new = find_hands(source, None, [people.of_writers([1]), people.of_writers([4, 5])])
        np.testing.assert_allclose(table[KNOWN:], new, atol=1e-5)
        for twin in (trainer.networks, trainer.ema):
            np.testing.assert_array_equal(twin.table, table)
            code = np.concatenate([np.asarray(source.hands()), np.zeros((KNOWN, 4), np.float32)], axis=1)
            asked = code, np.arange(KNOWN), np.ones((KNOWN, 3), np.float32)
            np.testing.assert_array_equal(twin.write(*asked), source.write(*asked))

    def test_one_more_row_hardly_moves_hundreds(self):
        old = np.asarray(standardize(np.random.default_rng(0).normal(0.3, 2, (400, 64)).astype(np.float32)))
        new = np.full((1, 64), 1.5, np.float32)
        after = np.asarray(standardize(np.concatenate([old, new])))
        assert np.abs(after[:400] - old).max() < 0.03
        np.testing.assert_allclose(after[400], new[0], atol=0.03)

    @pytest.mark.large
    def test_letters_alone_are_replayed_as_well(self, here, people):
        """A character that the data hold comes from both, another from the preset alone."""
        digits = people.select(np.flatnonzero(people.places_in("0123") >= 0))
        setup = set_up("letters", [digits], TINY)
        assert setup.trainer.networks.writer_count == 0
        own = replayed_glyphs(registry.load("letters"), 0)
        written = own.render(range(len(own)), 8).astype(int)
        replayed = [[] for _ in TINY.characters]
        for number in range(40):
            batch = setup.stream.batch(number)
            for image, character in zip(as_glyphs(batch["image"]), batch["character"], strict=True):
                replayed[character].append(np.abs(written - image).max(axis=(1, 2)).min() < 4)
        assert all(0.2 < np.mean(found) < 0.8 for found in replayed[:4])
        assert all(np.mean(found) == 1 for found in replayed[4:])

    @pytest.mark.large
    def test_prepared_again_it_is_the_same(self, here, people):
        """So that a run which goes on needs nothing but its record, its checkpoint and the preset."""
        new = people.of_writers([1])
        one, two = (set_up("people", [new], OF_PEOPLE) for _ in range(2))
        for name, array in one.stream.batch(3).items():
            np.testing.assert_array_equal(array, two.stream.batch(3)[name])
        for first, second in zip(one.trainer.state_variables, two.trainer.state_variables, strict=True):
            np.testing.assert_array_equal(first, second)


@pytest.mark.large
class TestRun:
    def test_the_record(self, begun):
        record = RunDirectory(begun).record
        assert record["from"]["preset"] == "people"
        assert len(record["from"]["sha256"]) == 64
        options = record["config"]
        assert {name: options[name] for name in as_json(OF_PEOPLE)} == as_json(OF_PEOPLE)
        assert options["validation"] == 0
        assert options["learning_rate"] == SPECS["cgan"].warm_start.defaults["learning_rate"]

    def test_the_preset_has_one_more_person_and_says_who(self, begun):
        config = presets.read_config(begun / "preset")
        assert config["config"]["writer_count"] == KNOWN + 1
        assert config["training"]["writer_rows"] == {"my_hand": [KNOWN]}
        assert config["training"]["validation_writers"] == {"others": [3, 4], "my_hand": []}
        assert config["training"]["from"] == RunDirectory(begun).record["from"]
        networks = registry.load(begun / "preset")
        code = networks.hand(np.array([KNOWN]), np.zeros((1, 4), np.float32))
        assert networks.write(code, np.array([3]), np.zeros((1, 3), np.float32)).shape == (1, 8, 8, 1)

    @pytest.mark.slow
    def test_resumed_is_the_same_as_straight(self, begun, here):
        assert fit.main([*TAKE_IN, "--steps", "2", "--run-dir", "halves"]) == 0
        assert fit.main(["cgan", "--resume", "halves/0001-cgan-my_hand", "--steps", "4"]) == 0
        halves = RunDirectory("halves/0001-cgan-my_hand")
        with np.load(begun / "checkpoints" / "step-0000004.npz") as one, np.load(halves.checkpoints[-1]) as two:
            assert int(two["step"]) == 4
            assert one.files == two.files
            for name in set(one.files) - {"paths"}:
                np.testing.assert_array_equal(one[name], two[name], err_msg=name)
        assert presets.read_config(halves.preset)["training"]["writer_rows"] == {"my_hand": [KNOWN]}

    def test_a_preset_that_has_changed_is_known(self, begun, here, capsys, monkeypatch, tmp_path):
        keras.utils.set_random_seed(8)
        other = ConditionalGAN(KNOWN, **as_json(OF_PEOPLE))
        other.save_to_preset(tmp_path / "people")
        monkeypatch.chdir(tmp_path)
        assert fit.main(["cgan", "--resume", str(begun), "--steps", "9"]) == 2
        assert "The preset people has changed since" in capsys.readouterr().err

    def test_taken_in_one_after_another(self, begun, people, here):
        """A preset that has taken a person in can begin the next training, and still knows who is who."""
        Path("some").mkdir()
        people.of_writers([1, 3]).save("some/two.npz")
        people.of_writers([0]).save("one.npz")
        words = ["cgan", "--from", str(begun / "preset"), "--data", "some/two.npz", "one.npz", *QUICK, "--steps", "1"]
        assert fit.main([*words, "--preset", "again"]) == 0
        record = presets.read_config("again")["training"]
        assert record["writer_rows"] == {"my_hand": [KNOWN], "two": [KNOWN + 1, KNOWN + 2], "one": [KNOWN + 3]}
        assert record["validation_writers"] == {"others": [3, 4], "my_hand": [], "two": [], "one": []}
        assert presets.read_config("again")["config"]["writer_count"] == KNOWN + 4

    def test_with_its_own_people_a_training_goes_on(self, here, people):
        """The first batches are theirs, not the preset's own letters, and everybody keeps their vector."""
        people.save("own.npz")
        words = ["cgan", "--writers", "--characters", "0123ab", "--image-size", "8", "--validation", "0.4", *QUICK]
        small = ["--generator-widths", "8", "6", "--discriminator-widths", "4", "6", "8", "--hand-size", "6"]
        assert fit.main([*words, *small, "--data", "own.npz", "--steps", "1", "--preset", "begun"]) == 0
        begun, known = registry.load("begun"), presets.read_config("begun")["training"]["validation_writers"]
        again = [people], begun.config
        setup = set_up("begun", *again, validation=0.4)
        assert type(setup.stream) is HandStream
        assert setup.trainer.writer_count == begun.writer_count < len(set(people.writers))
        np.testing.assert_array_equal(setup.trainer.networks.hands(), begun.hands())
        assert type(set_up("begun", *again, validation=0.0).stream) is ReplayStream  # the others are new to it
        goes_on = ["cgan", "--from", "begun", "--data", "own.npz", "--validation", "0.4", *QUICK, "--steps", "1"]
        assert fit.main([*goes_on, "--preset", "further"]) == 0
        record = presets.read_config("further")["training"]
        assert record["validation_writers"] == known
        assert record["writer_rows"] == {"own": list(range(begun.writer_count))}
        assert type(set_up("further", *again, validation=0.4).stream) is HandStream

    def test_a_person_taken_in_is_new_again(self, begun, here):
        """What the person wrote are not the data of everybody whom the preset knows."""
        preset, own = str(begun / "preset"), load_archives(["my_hand"])
        setup = set_up(preset, own, registry.load(preset).config)
        assert type(setup.stream) is ReplayStream
        assert setup.trainer.writer_count == KNOWN + 2

    def test_dry_run(self, here, capsys):
        before = sorted(here.rglob("*"))
        assert fit.main(["cgan", "--from", "people", "--data", "my_hand", "--dry-run"]) == 0
        told = " ".join(capsys.readouterr().out.split())
        assert "steps │ 600" in told
        assert "characters │ 0123ab" in told
        assert "validation │ 0.0" in told
        assert sorted(here.rglob("*")) == before

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            ("--from nothing --data my_hand", "There is no preset 'nothing'"),
            ("--from people", "say whose with --data"),
            ("--from people --data my_hand --image-size 16", "has its own --image-size, 8; leave --image-size out"),
            ("--from people --data my_hand --no-writers", "has its own --writers, True"),
            ("--from people --data my_hand --settings wide.json", "has its own --hand-size, 6"),
            ("--from people --data my_hand --resume somewhere", "give one of them"),
            ("--from people --data my_hand --branch somewhere", "give one of them"),
            ("--from people --data strange", "No writer of the archive wrote two different characters"),
            ("--from people --data mixed", "Someone in the data has not written two different ones of 0123ab"),
            ("--from people --data my_hand --batch-size 9", "make --batch-size a multiple of 6"),
            ("--from people --data my_hand --shares 1 2", "--shares must be 1 numbers"),
            ("--from people --data my_hand --validation 0.5", "one writer only"),
            ("--from letters --data strange", "hold none of 0123ab, which is all that the preset knows"),
            ("--from reader --data my_hand", "goes on with a preset of its own family; reader is of"),
        ],
    )
    def test_bad_input_is_one_sentence_and_leaves_nothing(self, here, words, sentence, refusal):
        from tfhand.models.reader.config import ReaderConfig
        from tfhand.models.reader.networks import Reader

        Path("wide.json").write_text(json.dumps({"hand_size": 99}))
        reader = Reader(**as_json(ReaderConfig(characters="01", widths=(2, 2, 2), features=3)))
        reader.save_to_preset("reader")
        hand_of("012").save("mixed/one")
        hand_of("0Z").save("mixed/two")
        before = sorted(here.rglob("*"))
        assert sentence in refusal(fit.main, "cgan", *words.split(), "--group", "1")
        assert sorted(here.rglob("*")) == before

    def test_only_families_that_can_have_the_flag(self, here, misuse):
        assert "--from" in misuse(fit.main, "hand", "--from", "people")

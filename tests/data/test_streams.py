"""Streams: the same batch for the same number, letters of one writer, characters kept apart, people kept apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tfhand.data.archive import Archive
from tfhand.data.scan_transform import TRANSFORM_SIZE, ScanTransform, scan_noise
from tfhand.data.streams.domains import DomainStream
from tfhand.data.streams.glyphs import GlyphStream
from tfhand.data.streams.parallel_writers import ParallelWritersStream
from tfhand.data.streams.writers import HandStream
from tfhand.errors import ArchiveError
from tfhand.hands import glyph
from tfhand.hands.glyph import as_glyphs, as_network_input
from tfhand.metrics import thickness
from tfhand.models.hand.config import HandConfig, HandTrainConfig
from tfhand.models.registry import SPECS, held_out_writers
from tfhand.models.stargan.config import StarGANConfig, StarGANTrainConfig

CHARACTERS = "0123abcXYZ"


@pytest.fixture(scope="module")
def blocks() -> Archive:
    """Three writers of four classes as images: solid blocks, wider from class to class."""
    labels, writers = np.tile(np.arange(4), 9).astype(np.uint8), np.repeat(np.arange(3), 12).astype(np.int16)
    images = np.zeros((36, 28, 28), np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[2:26, 4 : 10 + 4 * label] = 255
    return Archive(labels, np.array(list("wxyz")), writers, images)


def hand_stream(archive: Archive, seed: int = 0, **options) -> HandStream:
    return HandStream([archive], [1.0], CHARACTERS, hands=5, targets=2, references=4, seed=seed, **options)


def dictation_stream(archive: Archive, seed: int = 0, **options) -> ParallelWritersStream:
    options = {"batch_size": 12, "people": 3, "targets": 2, **options}
    return ParallelWritersStream([archive], [1.0], options.pop("characters", CHARACTERS), 32, seed=seed, **options)


def same(one: dict, other: dict) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


class TestAnyStream:
    @pytest.fixture(params=["hand", "stargan", "letters", "dictation"])
    def make(self, request, people):
        return {
            "hand": lambda seed=0: hand_stream(people, seed),
            "stargan": lambda seed=0: DomainStream(people, "a1", 16, 3, seed),
            "letters": lambda seed=0: GlyphStream([people], [1.0], "a1", 16, 3, seed, vary=True),
            "dictation": lambda seed=0: dictation_stream(people, seed),
        }[request.param]

    def test_a_batch_depends_on_seed_and_number_alone(self, make):
        stream = make()
        fifth = stream.batch(5)
        stream.batch(0)
        assert same(stream.batch(5), fifth)
        assert same(make().batch(5), fifth)
        assert not any(same(stream.batch(number), fifth) for number in (4, 6))
        assert not same(make(seed=1).batch(5), fifth)

    def test_batches_go_on_where_others_stopped(self, make):
        whole, rest = list(make().batches(0, steps=5)), list(make().batches(3, steps=2))
        assert [len(whole), len(rest)] == [5, 2]
        assert all(map(same, whole[3:], rest))
        assert same(whole[4], make().batch(4))

    def test_the_dataset_holds_the_same(self, make):
        stream = make()
        for number, batch in zip(range(2, 4), stream.dataset(2, steps=2).as_numpy_iterator(), strict=True):
            assert same(batch, stream.batch(number))

    def test_batches_have_no_end(self, make):
        stream = make()
        endless = stream.batches(7)
        for number in range(7, 7 + 10):  # more than are made ahead
            assert same(next(endless), stream.batch(number))
        endless.close()

    def test_images_are_in_range(self, make):
        for array in make().batch(0).values():
            if array.ndim > 3:
                assert array.dtype == np.float32
                assert array.min() == -1
                assert 0.5 < array.max() <= 1


class TestHandStream:
    def test_shapes(self, people):
        shapes = {
            name: (array.shape, str(array.dtype)) for name, array in hand_stream(people, size=16).batch(0).items()
        }
        assert shapes == {
            "writer": ((5,), "int32"),
            "form": ((5, TRANSFORM_SIZE), "float32"),
            "references": ((5, 4, 16, 16, 1), "float32"),
            "reference_characters": ((5, 4), "int32"),
            "reference_mask": ((5, 4), "float32"),
            "targets": ((5, 2, 16, 16, 1), "float32"),
            "characters": ((5, 2), "int32"),
        }

    def test_references_are_other_characters_than_the_targets(self, people):
        stream = hand_stream(people)
        for number in range(10):
            batch = stream.batch(number)
            for hand in range(5):
                shown = batch["reference_characters"][hand][batch["reference_mask"][hand] == 1]
                assert not set(shown) & set(batch["characters"][hand])
                assert len(set(batch["characters"][hand])) == 2

    def test_mask_and_padding(self, people):
        stream, counts = hand_stream(people), set()
        for number in range(10):
            batch = stream.batch(number)
            for hand in range(5):
                count = int(batch["reference_mask"][hand].sum())
                counts.add(count)
                assert batch["reference_mask"][hand].tolist() == [1.0] * count + [0.0] * (4 - count)
                assert (batch["references"][hand, count:] == -1).all()
                assert (batch["reference_characters"][hand, count:] == 0).all()
                assert (batch["references"][hand, :count].max(axis=(1, 2, 3)) > -0.4).all()
        assert counts == {1, 2, 3, 4}

    def test_every_glyph_is_by_the_writer_and_of_the_character(self, people):
        """Without variation a target is a plain drawing of the archive, and a reference is near one."""
        drawn = people.render(range(len(people)), nib=2.4)
        plain = {image.tobytes(): index for index, image in enumerate(drawn)}
        flat = drawn.reshape(len(drawn), -1).astype(np.float32)
        flat /= np.linalg.norm(flat, axis=1, keepdims=True)
        stream = hand_stream(people, vary=False)
        for number in range(6):
            batch = stream.batch(number)
            for hand, writer in enumerate(batch["writer"]):
                for image, character in zip(as_glyphs(batch["targets"][hand]), batch["characters"][hand], strict=True):
                    index = plain[image.tobytes()]
                    assert (people.writers[index], people.labels[index]) == (writer, character)
                shown = as_glyphs(batch["references"][hand])[batch["reference_mask"][hand] == 1]
                nearest = np.argmax(shown.reshape(len(shown), -1).astype(np.float32) @ flat.T, axis=1)
                assert (people.writers[nearest] == writer).all()
                assert (people.labels[nearest] == batch["reference_characters"][hand][: len(shown)]).all()

    def test_all_glyphs_of_a_hand_share_the_form_that_is_told(self, people):
        spread = np.array([0.16, 0.18, 0.06])
        batch = hand_stream(people).batch(0)
        for hand in range(5):
            shape, nib = batch["form"][hand, :3] * spread, 2.4 * np.exp(0.35 * batch["form"][hand, 3])
            form = ScanTransform(*map(float, shape), nib=float(nib))
            for image, character in zip(as_glyphs(batch["targets"][hand]), batch["characters"][hand], strict=True):
                own = np.flatnonzero((people.writers == batch["writer"][hand]) & (people.labels == character))
                again = [people.draw(index, 32, form.nib, form.matrix) for index in own]
                assert min(np.abs(image.astype(int) - other).mean() for other in again) < 1

    def test_writers_are_numbered_on_over_archives(self, people, blocks):
        stream = HandStream([people, blocks], [1.0, 3.0], CHARACTERS + "wxyz", hands=40, references=2, targets=2)
        assert stream.writer_count == 9
        batch = stream.batch(0)
        from_blocks = (batch["characters"] >= len(CHARACTERS)).all(axis=1)
        assert np.array_equal(from_blocks, batch["writer"] >= 6)
        assert set(batch["writer"][from_blocks]) == {6, 7, 8}
        assert 0.5 < from_blocks.mean() < 0.95

    def test_real_ink_keeps_its_nib(self, blocks):
        stream = HandStream([blocks], [1.0], "wxyz", hands=20, references=2, targets=2)
        measured = np.median(thickness(blocks.render(range(12))))
        nibs = 2.4 * np.exp(0.35 * stream.batch(0)["form"][:, 3])
        np.testing.assert_allclose(nibs, measured, rtol=1e-3)

    def test_other_characters_are_left_out(self, people):
        stream = HandStream([people], [1.0], "ba", hands=20, references=2, targets=1)
        batch = stream.batch(0)
        assert set(batch["characters"].ravel()) == {0, 1}  # positions in "ba", not in the archive's classes
        shown = np.array([people.draw(i, 32) for i in np.flatnonzero(people.labels == CHARACTERS.index("b"))])
        bs = as_glyphs(batch["targets"][batch["characters"][:, 0] == 0])[:, 0]
        assert np.abs(bs.mean(axis=0) - shown.mean(axis=0)).mean() < 30

    def test_a_writer_of_two_characters_serves(self, people):
        poor = people.select(np.flatnonzero((people.labels < 2) & (people.writers < 2)))
        batch = HandStream([poor], [1.0], CHARACTERS, hands=4, targets=3, references=2).batch(0)
        assert batch["targets"].shape == (4, 3, 32, 32, 1)
        for hand in range(4):
            assert len(set(batch["characters"][hand])) == 1
            assert batch["reference_characters"][hand, 0] == 1 - batch["characters"][hand, 0]

    def test_rich_writers_come_more_often(self, people):
        kept = (people.writers == 0) | (people.labels < 2)
        stream = HandStream([people.select(np.flatnonzero(kept))], [1.0], CHARACTERS, hands=200, targets=1)
        assert np.mean(stream.batch(0)["writer"] == 0) == pytest.approx(10 / (10 + 5 * 2), abs=0.12)

    def test_archives_that_do_not_serve(self, people):
        with pytest.raises(ArchiveError, match="no `writers`"):
            hand_stream(replace(people, writers=None))
        with pytest.raises(ArchiveError, match="two different characters"):
            HandStream([people], [1.0], "a")


class TestDictationStream:
    def test_several_people_write_the_same(self, people):
        """Without variation an image is a plain drawing of the archive."""
        plain = {people.draw(index, 32, 2.4).tobytes(): index for index in range(len(people))}
        for number in range(6):
            batch = dictation_stream(people, vary=False).batch(number)
            found = np.array([plain[image.tobytes()] for image in as_glyphs(batch["image"])])
            np.testing.assert_array_equal(people.labels[found], batch["character"])
            writers, characters = (each.reshape(3, 2, 2) for each in (people.writers[found], batch["character"]))
            assert (writers[..., :1] == writers).all()  # a hand is one person's
            assert all(len(set(one)) == 3 for one in writers[..., 0].T)
            assert (characters[:1] == characters).all()
            assert all(len(set(one)) == 2 for one in characters[0])

    def test_a_hand_has_one_form_and_the_next_another(self, people, monkeypatch):
        forms = []

        def draw(rng, nib=None):
            forms.append(ScanTransform(slant=0.05 * len(forms), nib=nib or 2.0 + 0.2 * len(forms)))
            return forms[-1]

        monkeypatch.setattr(ScanTransform, "draw", draw)
        batch = dictation_stream(people).batch(0)
        hands = as_glyphs(batch["image"]).reshape(3, 2, 2, 32, 32).swapaxes(0, 1).reshape(6, 2, 32, 32)
        assert len(forms) == 6  # dictation by dictation, person by person
        for hand, form in zip(hands, forms, strict=True):
            drawn = {people.draw(index, 32, form.nib, form.matrix).tobytes() for index in range(len(people))}
            assert all(image.tobytes() in drawn for image in hand)

    def test_too_few_people_write_twice(self, people):
        batch = dictation_stream(people.of_writers([4]), vary=False).batch(0)
        assert batch["image"].shape == (12, 32, 32, 1)

    def test_a_writer_of_two_characters_writes_them_again(self, people):
        poor = people.select(np.flatnonzero((people.labels < 2) & (people.writers < 3)))
        batch = dictation_stream(poor, targets=4).batch(0)
        assert set(batch["character"]) <= {0, 1}

    def test_shares_are_of_dictations(self, people, blocks):
        stream = ParallelWritersStream([people, blocks], [1.0, 3.0], CHARACTERS + "wxyz", 16, 320, people=2, targets=2)
        from_blocks = (stream.batch(0)["character"].reshape(2, 80, 2) >= len(CHARACTERS)).all(axis=(0, 2))
        assert 0.55 < from_blocks.mean() < 0.95

    def test_archives_that_do_not_serve(self, people):
        with pytest.raises(ArchiveError, match="no `writers`"):
            dictation_stream(replace(people, writers=None))


def test_training_and_validation_share_no_writer(people, blocks):
    settings = HandConfig(
        characters=CHARACTERS + "wxyz",
        image_size=8,
        generator_widths=(2, 2),
        encoder_widths=(2, 2),
        discriminator_widths=(2, 2, 2),
    )
    training = HandTrainConfig(hands=2, targets=1, references=2, validation=0.34)
    prepared = SPECS["hand"].prepare([people, blocks], settings, training, 0)
    for archive, seen, unseen in zip([people, blocks], prepared.stream.archives, prepared.shown.archives, strict=True):
        assert not set(seen.writers) & set(unseen.writers)
        assert set(seen.writers) | set(unseen.writers) == set(archive.writers)
        assert len(seen) + len(unseen) == len(archive)
    assert prepared.stream.writer_count == 4 + 2
    assert prepared.trainer.table.shape[0] == 4 + 2


def test_stargan_holds_out_the_same_people_as_a_hand(people):
    shape = {"characters": CHARACTERS, "image_size": 8}
    hand = HandConfig(**shape, generator_widths=(2, 2), encoder_widths=(2, 2), discriminator_widths=(2, 2, 2))
    stargan = StarGANConfig(**shape, down_blocks=1, bottleneck_blocks=0, generator_width=2, discriminator_width=2)
    unseen = []
    for family, settings, training in (
        ("hand", hand, HandTrainConfig(hands=2, targets=1, references=2, validation=0.34)),
        ("stargan", stargan, StarGANTrainConfig(batch_size=2, validation=0.34, same_writer=1.0)),
    ):
        prepared = SPECS[family].prepare([people], settings, training, 0)
        unseen.append(held_out_writers(["data/people.npz"], [people], training))
    assert unseen[0] == unseen[1]
    assert set(unseen[1]["people"]) == set(prepared.shown.archive.writers.tolist())
    assert set(prepared.stream.archive.writers) == set(people.writers) - set(prepared.shown.archive.writers)
    assert prepared.trainer.discriminator.writers == prepared.stream.writer_count == 4


@pytest.mark.parametrize(("writers", "said"), [(None, "no `writers`"), (np.arange(20) % 2, "one writer only")])
def test_the_same_writer_term_needs_people(people, writers, said):
    """Of two people one is held out, so that nobody is left to compare with."""
    archive = replace(people.select(np.arange(20)), writers=writers)
    with pytest.raises(ArchiveError, match=said):
        SPECS["stargan"].prepare([archive], StarGANConfig("01"), StarGANTrainConfig(same_writer=1.0), 0)


class TestStarGANStream:
    def test_images_show_their_domain(self, blocks):
        """A block's width tells its class; the domains are in the order asked for, and x is not among them."""
        stream = DomainStream(blocks, "zwy", 32, 12)
        widths = {"w": 6, "y": 14, "z": 18}
        seen = set()
        for number in range(4):
            batch = stream.batch(number)
            for image, domain in (
                ("image", "domain"),
                ("reference", "reference_domain"),
                ("reference2", "reference_domain"),
            ):
                for drawn, which in zip(as_glyphs(batch[image]), batch[domain], strict=True):
                    top, left, bottom, right = glyph.ink_box(drawn)
                    assert (right - left) / (bottom - top) == pytest.approx(widths["zwy"[which]] / 24, abs=0.08)
                    seen.add(("zwy"[which], image))
        assert len(seen) == 9

    def test_shapes(self, blocks):
        batch = DomainStream(blocks, "wx", 28, 6).batch(0)
        assert {name: (array.shape, str(array.dtype)) for name, array in batch.items()} == {
            "image": ((6, 28, 28, 1), "float32"),
            "domain": ((6,), "int32"),
            "reference": ((6, 28, 28, 1), "float32"),
            "reference2": ((6, 28, 28, 1), "float32"),
            "reference_domain": ((6,), "int32"),
            "writer": ((6,), "int32"),
            "nib": ((6,), "float32"),
        }

    def test_who_wrote_the_image_and_with_which_nib(self, people):
        """Writers are numbered without gaps, whatever their numbers in the archive."""
        stream = DomainStream(replace(people, writers=7 * people.writers + 3), CHARACTERS, 32, 12)
        assert stream.writer_count == 6
        nibs, writers = set(), set()
        for number in range(3):
            batch = stream.batch(number)
            nib = 2.4 * np.exp(0.35 * float(batch["nib"][0]))
            nibs.update(batch["nib"].tolist())
            writers.update(batch["writer"].tolist())
            for image, writer, domain in zip(as_glyphs(batch["image"]), batch["writer"], batch["domain"], strict=True):
                own = np.flatnonzero((people.writers == writer) & (people.labels == domain))
                drawn = [people.draw(index, 32, nib).astype(int) for index in own]
                assert min(np.abs(image - other).mean() for other in drawn) < 1
        assert (len(nibs), writers) == (3, set(range(6)))

    def test_real_ink_has_no_drawn_nib(self, blocks):
        assert not DomainStream(blocks, "wx", 32, 4).batch(0)["nib"].any()

    def test_writers_change_nothing_else(self, people):
        known, unknown = (
            DomainStream(archive, CHARACTERS, 16, 4, seed=2).batch(1)
            for archive in (people, replace(people, writers=None))
        )
        assert known.keys() - unknown.keys() == {"writer", "nib"}
        assert same({name: known[name] for name in unknown}, unknown)

    def test_the_two_references_differ(self, people):
        batch = DomainStream(people, CHARACTERS, 32, 8).batch(0)
        assert not any(map(np.array_equal, batch["reference"], batch["reference2"]))

    def test_absent_characters_are_named(self, blocks):
        with pytest.raises(ArchiveError, match="fewer than two samples of a b"):
            DomainStream(blocks, "wab", 32, 4)


class TestForm:
    def test_forms_are_about_standard_normal(self):
        rng = np.random.default_rng(0)
        vectors = np.stack([ScanTransform.draw(rng).vector for _ in range(600)])
        np.testing.assert_allclose(vectors.mean(axis=0), 0, atol=0.4)  # thin nibs are wanted more than thick ones
        np.testing.assert_allclose(vectors.std(axis=0), 1, atol=0.2)
        assert np.abs(vectors[:, :3]).max() <= 2.5 + 1e-6

    def test_neutral(self):
        assert np.array_equal(ScanTransform().vector, np.zeros(TRANSFORM_SIZE, np.float32))
        assert np.array_equal(ScanTransform().matrix, np.eye(2))
        assert ScanTransform.draw(np.random.default_rng(0), nib=1.7).nib == 1.7


def test_network_input_and_back():
    levels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    images = as_network_input(levels)
    assert (images.shape, images.dtype, images.min(), images.max()) == ((1, 16, 16, 1), np.float32, -1, 1)
    assert np.array_equal(as_glyphs(images), levels)
    assert as_glyphs(np.array([[[[-1.5], [1.5]]]])).tolist() == [[[0, 255]]]


def test_scan_noise_softens_the_ink_and_spares_the_paper(people):
    glyphs = people.render(range(20))
    noisy = scan_noise(np.random.default_rng(0), glyphs)
    assert (noisy.shape, noisy.dtype) == (glyphs.shape, np.uint8)
    assert not np.array_equal(noisy, glyphs)
    assert 0.6 * glyphs.mean() < noisy.mean() < 1.05 * glyphs.mean()
    assert noisy[:, 0].max() == 0
    assert (thickness(noisy) > thickness(glyphs)).mean() > 0.9  # blurred

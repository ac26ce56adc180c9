"""Glyphs of one writer at a time: references kept apart from targets, one transform to a hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.support import streams
from tfhand.data.archive import Archive
from tfhand.data.scan_transform import TRANSFORM_SIZE, ScanTransform
from tfhand.data.streams.writers import HandStream
from tfhand.errors import ArchiveError
from tfhand.hands.glyph import as_glyphs
from tfhand.metrics import thickness

CHARACTERS = "0123abcXYZ"


@pytest.fixture(scope="module")
def blocks() -> Archive:
    return streams.blocks()


def hand_stream(archive: Archive, seed: int = 0, **options) -> HandStream:
    return HandStream([archive], [1.0], CHARACTERS, hands=5, targets=2, references=4, seed=seed, **options)


class TestHandStream:
    def test_shapes(self, people):
        shapes = {
            name: (array.shape, str(array.dtype)) for name, array in hand_stream(people, size=16).batch(0).items()
        }
        assert shapes == {
            "writer": ((5,), "int32"),
            "transform": ((5, TRANSFORM_SIZE), "float32"),
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
        flat = people.render(range(len(people)), nib=2.4).reshape(len(people), -1).astype(np.float32)
        flat /= np.linalg.norm(flat, axis=1, keepdims=True)
        stream = hand_stream(people, vary=False)
        for number in range(6):
            batch = stream.batch(number)
            for hand, writer in enumerate(batch["writer"]):
                shown = as_glyphs(batch["references"][hand])[batch["reference_mask"][hand] == 1]
                glyphs = np.concatenate([as_glyphs(batch["targets"][hand]), shown])
                likeness = glyphs.reshape(len(glyphs), -1).astype(np.float32) @ flat.T
                nearest = np.argmax(likeness, axis=1)
                assert (people.writers[nearest] == writer).all()
                told = batch["characters"][hand].tolist() + batch["reference_characters"][hand][: len(shown)].tolist()
                assert people.labels[nearest].tolist() == told

    def test_all_glyphs_of_a_hand_share_the_transform_that_is_told(self, people):
        spread = np.array([0.16, 0.18, 0.06])
        batch = hand_stream(people).batch(0)
        for hand in range(5):
            shape, nib = batch["transform"][hand, :3] * spread, 2.4 * np.exp(0.35 * batch["transform"][hand, 3])
            transform = ScanTransform(*map(float, shape), nib=float(nib))
            for image, character in zip(as_glyphs(batch["targets"][hand]), batch["characters"][hand], strict=True):
                own = np.flatnonzero((people.writers == batch["writer"][hand]) & (people.labels == character))
                again = [people.draw(index, 32, transform.nib, transform.matrix) for index in own]
                assert min(np.abs(image.astype(int) - other).mean() for other in again) < 6

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
        nibs = 2.4 * np.exp(0.35 * stream.batch(0)["transform"][:, 3])
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

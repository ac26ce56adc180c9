"""Several people who write the same characters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.support import streams
from tfhand.data.archive import Archive
from tfhand.data.streams.parallel_writers import ParallelWritersStream
from tfhand.errors import ArchiveError
from tfhand.hands.glyph import as_glyphs

CHARACTERS = "0123abcXYZ"


@pytest.fixture(scope="module")
def blocks() -> Archive:
    return streams.blocks()


def parallel_stream(archive: Archive, seed: int = 0, **options) -> ParallelWritersStream:
    options = {"batch_size": 12, "people": 3, "targets": 2, **options}
    return ParallelWritersStream([archive], [1.0], options.pop("characters", CHARACTERS), 32, seed=seed, **options)


class TestParallelWritersStream:
    def test_several_people_write_the_same(self, people):
        """Without variation an image is a plain drawing of the archive."""
        plain = people.render(range(len(people)), nib=2.4).astype(int)
        for number in range(6):
            batch = parallel_stream(people, vary=False).batch(number)
            apart = [np.abs(plain - image).mean(axis=(1, 2)) for image in as_glyphs(batch["image"]).astype(int)]
            found = np.argmin(apart, axis=1)
            assert np.min(apart, axis=1).max() < 6
            np.testing.assert_array_equal(people.labels[found], batch["character"])
            writers, characters = (each.reshape(3, 2, 2) for each in (people.writers[found], batch["character"]))
            assert (writers[..., :1] == writers).all()  # a hand is one person's
            assert all(len(set(one)) == 3 for one in writers[..., 0].T)
            assert (characters[:1] == characters).all()
            assert all(len(set(one)) == 2 for one in characters[0])

    def test_a_hand_has_one_transform_and_the_next_another(self, people):
        stream = parallel_stream(people)
        plan = stream.plan(0)
        assert plan["matrix"].shape == (3, 2, 2, 2)  # of people and dictations
        assert len(np.unique(plan["matrix"].reshape(6, 4), axis=0)) == len(np.unique(plan["nib"])) == 6
        hands = as_glyphs(stream.batch(0)["image"]).reshape(6, 2, 32, 32)
        shapes = zip(hands, plan["matrix"].reshape(6, 2, 2), plan["nib"].ravel(), strict=True)
        for hand, matrix, nib in shapes:
            drawn = np.stack([people.draw(index, 32, nib, matrix) for index in range(len(people))]).astype(int)
            assert all(np.abs(drawn - image).mean(axis=(1, 2)).min() < 6 for image in hand)

    def test_references_are_other_letters_of_each_hand(self, people):
        stream, without = parallel_stream(people, references=5), parallel_stream(people)
        counts = set()
        for number in range(4):
            plan, batch = stream.plan(number), stream.batch(number)
            np.testing.assert_array_equal(batch["image"], without.batch(number)["image"])
            assert batch["references"].shape == (6, 5, 32, 32, 1)
            shapes = zip(plan["matrix"].reshape(6, 2, 2), plan["nib"].ravel(), strict=True)
            dictated = plan["letters"].reshape(6, 2)
            for hand, (matrix, nib) in enumerate(shapes):
                mask, characters = batch["reference_mask"][hand], batch["reference_characters"][hand]
                shown = as_glyphs(batch["references"][hand]).astype(int)
                counts.add(int(mask.sum()))
                assert mask.sum() >= 1
                assert (np.diff(mask) <= 0).all()
                assert not set(characters[mask > 0]) & set(batch["character"].reshape(6, 2)[hand])
                assert (shown[mask == 0] == 0).all()
                assert (characters[mask == 0] == 0).all()
                own = np.flatnonzero(people.writers == people.writers[dictated[hand, 0]])
                drawn = np.stack([people.draw(index, 32, nib, matrix) for index in own]).astype(int)
                for image, character in zip(shown[mask > 0], characters[mask > 0], strict=True):
                    apart = np.abs(drawn - image).mean(axis=(1, 2))
                    assert apart.min() < 6
                    assert people.labels[own[apart.argmin()]] == character
        assert len(counts) > 2  # more and fewer of them

    def test_too_few_people_write_twice(self, people):
        batch = parallel_stream(people.of_writers([4]), vary=False).batch(0)
        assert batch["image"].shape == (12, 32, 32, 1)

    def test_a_writer_of_two_characters_writes_them_again(self, people):
        poor = people.select(np.flatnonzero((people.labels < 2) & (people.writers < 3)))
        batch = parallel_stream(poor, targets=4).batch(0)
        assert set(batch["character"]) <= {0, 1}

    def test_shares_are_of_dictations(self, people, blocks):
        stream = ParallelWritersStream([people, blocks], [1.0, 3.0], CHARACTERS + "wxyz", 16, 320, people=2, targets=2)
        from_blocks = (stream.batch(0)["character"].reshape(2, 80, 2) >= len(CHARACTERS)).all(axis=(0, 2))
        assert 0.55 < from_blocks.mean() < 0.95

    def test_archives_that_do_not_serve(self, people):
        with pytest.raises(ArchiveError, match="no `writers`"):
            parallel_stream(replace(people, writers=None))

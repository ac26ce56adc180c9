"""Images with their domain and two references of another: what StarGAN v2 learns from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.support import streams
from tests.support.streams import same
from tfhand.data.archive import Archive
from tfhand.data.streams.domains import DomainStream
from tfhand.errors import ArchiveError
from tfhand.hands import glyph
from tfhand.hands.glyph import as_glyphs

CHARACTERS = "0123abcXYZ"


@pytest.fixture(scope="module")
def blocks() -> Archive:
    return streams.blocks()


class TestDomainStream:
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
                assert min(np.abs(image - other).mean() for other in drawn) < 8  # of 255; another letter is 30 off
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

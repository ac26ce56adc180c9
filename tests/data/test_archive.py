"""Archives: what is refused, what is selected, who is split off, and how characters are drawn."""

from __future__ import annotations

import os
import zipfile
from dataclasses import fields, replace

import numpy as np
import pytest

from tfhand.data.archive import Archive
from tfhand.data.rasterize import draw_image, draw_strokes, shape_matrix
from tfhand.errors import ArchiveError, HandwritingError
from tfhand.hands import glyph
from tfhand.metrics import slant, thickness


@pytest.fixture(scope="module")
def pictures() -> Archive:
    """Four writers of two classes, as images: solid blocks of every shape and place, some grey."""
    rng = np.random.default_rng(0)
    images = np.zeros((24, 28, 28), np.uint8)
    for image in images:
        top, left = rng.integers(0, 8, 2)
        height, width = rng.permutation([rng.integers(3, 20), 20])
        image[top : top + height, left : left + width] = rng.integers(120, 256)
    labels, writers = np.tile([0, 1], 12).astype(np.uint8), np.repeat(np.arange(4), 6).astype(np.int16)
    return Archive(labels, np.array(["a", "b"]), writers, images)


def arrays(archive: Archive) -> dict[str, np.ndarray]:
    """Its arrays by name, without those that are absent."""
    named = {field.name: getattr(archive, field.name) for field in fields(archive)}
    return {name: array for name, array in named.items() if array is not None}


def same(one: Archive, other: Archive) -> bool:
    mine, theirs = arrays(one), arrays(other)
    return mine.keys() == theirs.keys() and all(
        np.array_equal(mine[name], theirs[name]) and mine[name].dtype == theirs[name].dtype for name in mine
    )


class Trap:
    """An object whose unpickling makes a folder."""

    def __init__(self, place):
        self.place = place

    def __reduce__(self):
        return os.mkdir, (str(self.place),)


class TestFile:
    def test_round_trip(self, people, pictures, tmp_path):
        session = replace(pictures, session=np.arange(24, dtype=np.int32))
        for archive in (people, pictures, session):
            archive.save(tmp_path / "a.npz")
            assert same(Archive.load(tmp_path / "a.npz"), archive)

    def test_classes_default_to_digits_and_strangers_are_ignored(self, pictures, tmp_path):
        named = arrays(pictures)
        del named["classes"]
        np.savez(tmp_path / "a.npz", **named, remark=np.array("from the attic"))
        archive = Archive.load(tmp_path / "a.npz")
        assert archive.characters == "0123456789"
        assert np.array_equal(archive.images, pictures.images)

    @pytest.mark.parametrize("name", ["labels", "writers"])
    def test_pickled_objects_are_refused_and_do_not_run(self, pictures, tmp_path, name):
        trap = np.array([Trap(tmp_path / "sprung")] * len(pictures), object)
        np.savez(tmp_path / "a.npz", **(arrays(pictures) | {name: trap}))
        with pytest.raises(ArchiveError, match="pickled objects"):
            Archive.load(tmp_path / "a.npz")
        assert not (tmp_path / "sprung").exists()

    def test_missing_labels(self, pictures, tmp_path):
        named = arrays(pictures)
        del named["labels"]
        np.savez(tmp_path / "a.npz", **named)
        with pytest.raises(ArchiveError, match="no `labels`"):
            Archive.load(tmp_path / "a.npz")

    def test_what_is_no_archive(self, people, tmp_path):
        path = tmp_path / "a.npz"
        people.save(path)
        whole = path.read_bytes()
        middle = len(whole) // 2
        for content in (b"", b"once upon a time", whole[:middle], whole[:-30], whole[30:]):
            path.write_bytes(content)
            with pytest.raises(ArchiveError, match="cut short"):
                Archive.load(path)
        path.write_bytes(whole[: middle - 50] + bytes(100) + whole[middle + 50 :])  # a bad disk
        with pytest.raises(ArchiveError, match="cut short"):
            Archive.load(path)

    def test_other_files_of_numpy_and_zip(self, tmp_path):
        np.save(tmp_path / "array.npy", np.arange(3))
        with zipfile.ZipFile(tmp_path / "other.zip", "w") as file:
            file.writestr("labels.npy", "no array at all")
        for name in ("array.npy", "other.zip"):
            with pytest.raises(ArchiveError, match=r"not an \.npz"):
                Archive.load(tmp_path / name)
        with pytest.raises(ArchiveError, match="no file at"):
            Archive.load(tmp_path / "nowhere.npz")

    def test_a_place_that_cannot_be_written(self, people, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(HandwritingError, match="Cannot write"):
            people.save(tmp_path / "file" / "a.npz")


class TestConsistency:
    @pytest.mark.parametrize(
        ("change", "says"),
        [
            (lambda a: {"n_strokes": a.n_strokes + 1}, "do not add up"),
            (lambda a: {"stroke_len": a.stroke_len[:-1]}, "do not add up"),
            (lambda a: {"points": a.points[:-1]}, "do not add up"),
            (lambda a: {"points": a.points.ravel()}, "shape"),
            (lambda a: {"points": None}, "either `images` or all"),
            (lambda a: {"images": np.ones((len(a), 4, 4), np.uint8)}, "either `images` or all"),
            (lambda a: {"writers": a.writers[1:]}, "`writers` has 119 entries for 120"),
            (lambda a: {"extent": np.float32(1)}, "`extent` has 0 entries"),
            (lambda a: {"labels": a.labels + 1}, "beyond its `classes`"),
            (lambda a: {"labels": a.labels.astype(int) - 1}, "beyond its `classes`"),
            (lambda a: {"labels": a.labels.astype(float)}, "whole numbers"),
            (lambda a: {"labels": np.array(0)}, "whole numbers"),
            (lambda a: {"labels": a.labels[:0]}, "no characters"),
            (lambda a: {"classes": np.array(["ten"] * 10)}, "single characters"),
            (lambda a: {"classes": np.array(["0"] * 10)}, "a character twice"),
            (
                lambda a: {"stroke_len": np.append(a.stroke_len[:-2].astype("u8"), np.uint64([2**63, 2**63]))},
                "do not add up",
            ),
        ],
    )
    def test_strokes(self, people, change, says):
        with pytest.raises(ArchiveError, match=says):
            replace(people, **change(people))

    def test_a_character_without_strokes(self, people):
        counts = people.n_strokes.copy()
        counts[1] += counts[0]  # the next one has them all
        counts[0] = 0
        with pytest.raises(ArchiveError, match="without strokes"):
            replace(people, n_strokes=counts)

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            (lambda images: images.astype(float), "uint8"),
            (lambda images: images[..., None], "uint8"),
            (lambda images: images * 0, "24 without any ink"),
        ],
    )
    def test_images(self, pictures, change, says):
        with pytest.raises(ArchiveError, match=says):
            replace(pictures, images=change(pictures.images))


class TestSelection:
    def test_select_keeps_the_samples(self, people):
        chosen = np.array([100, 3, 3, 57])
        few = people.select(chosen)
        assert len(few) == 4
        for new, old in enumerate(chosen):
            assert all(map(np.array_equal, few.strokes(new), people.strokes(old)))
            assert len(few.strokes(new)) == people.n_strokes[old]
            for name in ("labels", "writers", "extent"):
                assert getattr(few, name)[new] == getattr(people, name)[old]
        assert few.characters == people.characters
        assert np.array_equal(few.render([0, 3]), people.render([100, 57]))

    def test_select_images(self, pictures):
        few = pictures.select(np.array([5, 2]))
        assert np.array_equal(few.images, pictures.images[[5, 2]])
        assert few.points is None

    def test_of_writers(self, people, pictures):
        for archive in (people, pictures):
            some = archive.of_writers(np.array([1, 3]))
            assert set(some.writers) == {1, 3}
            kept = np.flatnonzero(np.isin(archive.writers, [1, 3]))
            assert same(some, archive.select(kept))
            assert len(some) == len(kept) > 0


class TestSplit:
    @pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 1.0])
    def test_no_writer_on_both_sides(self, people, share):
        for seed in range(5):
            training, validation = people.split_writers(share, seed)
            assert not set(training) & set(validation)
            assert sorted([*training, *validation]) == list(range(6))
            assert len(validation) == min(max(1, round(6 * share)), 5)
            assert list(training) == sorted(training)

    def test_the_seed_decides(self, people):
        def held_out(seed):
            return tuple(people.split_writers(0.3, seed)[1])

        assert [held_out(seed) for seed in range(8)] == [held_out(seed) for seed in range(8)]
        assert len({held_out(seed) for seed in range(8)}) > 2

    def test_writers_are_needed(self, people):
        with pytest.raises(ArchiveError, match="no `writers`"):
            replace(people, writers=None).split_writers()
        with pytest.raises(ArchiveError, match="one writer only"):
            people.of_writers(np.array([2])).split_writers()


def off_form(drawn: np.ndarray) -> tuple[int, float]:
    """How far a glyph's ink, taken to its half level, is from its form: of the longest side and of the middle."""
    rows, columns = np.nonzero(drawn > drawn.max() / 2)
    top, left, bottom, right = rows.min(), columns.min(), rows.max() + 1, columns.max() + 1
    longest = max(bottom - top, right - left) - glyph.box_side(len(drawn))
    return abs(longest), max(abs(top + bottom - len(drawn)), abs(left + right - len(drawn))) / 2


class TestDrawing:
    @pytest.mark.parametrize("size", [28, 32, 64])
    def test_strokes_fill_the_glyph(self, people, size):
        matrix = shape_matrix(0.3, 0.2, -0.1)
        for index in range(0, len(people), 3):
            for drawn in (people.draw(index, size), people.draw(index, size, 4.0, matrix)):
                longest, middle = off_form(drawn)
                assert (drawn.dtype, drawn.shape) == (np.uint8, (size, size))
                assert longest <= max(1, size / 32)
                assert middle <= max(1, size / 32)

    def test_images_fill_the_glyph(self, pictures):
        matrix = shape_matrix(-0.3, 0.2, 0.1)
        for index in range(len(pictures)):
            for drawn in (pictures.draw(index), pictures.draw(index, nib=1.0, matrix=matrix)):
                longest, middle = off_form(drawn)
                assert longest <= 1
                assert middle <= 1

    def test_images_keep_their_ink(self, pictures):
        assert np.array_equal(pictures.draw(0, nib=1.0), pictures.draw(0, nib=4.0))

    @pytest.mark.parametrize("nib", [2.0, 3.0, 4.0])
    def test_the_nib_is_as_wide_as_asked(self, people, nib):
        even = replace(people, extent=None)
        found = thickness(even.render(range(len(even)), nib=nib))
        assert np.median(found) == pytest.approx(nib, abs=0.3)

    def test_a_small_letter_is_enlarged_with_its_line(self, people):
        extent = np.where(np.arange(len(people)) % 2, 0.5, 1.0).astype(np.float32)
        mixed, even = replace(people, extent=extent), replace(people, extent=None)
        assert np.array_equal(mixed.draw(0, nib=2.0), even.draw(0, nib=2.0))
        assert np.array_equal(mixed.draw(1, nib=2.0), even.draw(1, nib=4.0))

    def test_a_dot_is_drawn_as_a_dot(self):
        drawn = draw_strokes([np.array([[5, 5]])], nib=3.0)
        assert 4 <= (drawn > 127).sum() <= 16
        assert drawn[15:17, 15:17].min() == 255

    def test_an_i_keeps_its_dot(self):
        drawn = draw_strokes([np.array([[5, 0]]), np.array([[5, 30], [5, 100]])])
        assert drawn[3:6, 14:18].max() == 255
        assert drawn[7:9].max() == 0

    @pytest.mark.parametrize("lean", [-0.4, 0.25])
    def test_shear_leans_by_as_much(self, people, pictures, lean):
        matrix = shape_matrix(slant=lean)
        for archive in (people, pictures):
            upright = slant(archive.render(range(len(archive))))
            leaning = slant(np.stack([archive.draw(index, matrix=matrix) for index in range(len(archive))]))
            tall = np.array([_height(drawn) > 16 for drawn in archive.render(range(len(archive)))])
            assert np.median((leaning - upright)[tall]) == pytest.approx(lean, abs=0.05)

    def test_stretch_and_rotation(self):
        image = np.zeros((40, 40), np.uint8)
        image[10:30, 10:30] = 255
        top, left, bottom, right = glyph.ink_box(draw_image(image, matrix=shape_matrix(stretch=np.log(2))))
        assert (right - left) / (bottom - top) == pytest.approx(2, abs=0.15)
        line = [np.array([[0, 0], [100, 0]])]  # to the right; turned clockwise its end comes down
        drawn = draw_strokes(line, nib=2.0, matrix=shape_matrix(rotation=np.pi / 4))
        assert drawn[6:9, 6:9].max() == 255
        assert drawn[6:9, 23:26].max() == 0

    def test_render_draws_each(self, people):
        assert np.array_equal(people.render([4, 9], 28, 3.0)[1], people.draw(9, 28, 3.0))


def _height(drawn: np.ndarray) -> int:
    top, _, bottom, _ = glyph.ink_box(drawn)
    return bottom - top

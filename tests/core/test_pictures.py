"""Pictures: which formats are read, how large, what transparency means, and what is refused."""

from __future__ import annotations

import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tfhand.core import pictures
from tfhand.core.pictures import (
    count_pages,
    is_tagged_picture,
    read_page,
    read_picture,
    write_picture,
    write_tagged_picture,
)
from tfhand.errors import PictureError


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds no pixels."""

    def chunk(kind: bytes, content: bytes = b"") -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT") + chunk(b"IEND")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class TestReadPicture:
    def test_colours(self, tmp_path):
        pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3)).astype(np.uint8)
        write_picture(tmp_path / "a.png", pixels)
        assert np.array_equal(read_picture(tmp_path / "a.png"), pixels)

    @pytest.mark.parametrize("mode", ["L", "1", "P"])
    def test_grey_and_palettes_become_colours(self, tmp_path, mode):
        grey = np.zeros((6, 8), np.uint8)
        grey[:, 4:] = 255
        Image.fromarray(grey).convert(mode).save(tmp_path / "a.png")
        assert np.array_equal(read_picture(tmp_path / "a.png"), np.repeat(grey[..., None], 3, axis=2))

    def test_sixteen_bits_are_not_cut_off(self, tmp_path):
        levels = np.full((6, 8), 60_000, np.uint16)
        levels[:, 4:] = 6_000
        Image.fromarray(levels).save(tmp_path / "a.png")
        found = read_picture(tmp_path / "a.png")
        assert found[0, 0].tolist() == [255] * 3
        assert found[0, 7].tolist() == [25] * 3

    def test_transparency_lies_on_white(self, tmp_path):
        pixels = np.zeros((5, 5, 4), np.uint8)
        pixels[2, 2, 3] = 255  # one black point on clear ground
        Image.fromarray(pixels).save(tmp_path / "a.png")
        found = read_picture(tmp_path / "a.png")
        assert found[2, 2].tolist() == [0, 0, 0]
        assert (np.delete(found.reshape(25, 3), 12, axis=0) == 255).all()

    def test_white_ink_on_a_clear_ground(self, tmp_path):
        pixels = np.full((5, 5, 4), 255, np.uint8)
        pixels[..., 3] = 0
        pixels[2, 2, 3] = 255  # one white point
        Image.fromarray(pixels).save(tmp_path / "a.png")
        found = read_picture(tmp_path / "a.png")
        assert found[2, 2].tolist() == [0, 0, 0]
        assert (np.delete(found.reshape(25, 3), 12, axis=0) == 255).all()

    def test_no_other_program_is_called(self, tmp_path):
        """Pillow gives PostScript to Ghostscript, which runs it."""
        (tmp_path / "a.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n{} loop\n%%EOF\n")
        with pytest.raises(PictureError, match="not a picture"):
            read_picture(tmp_path / "a.png")

    def test_a_smaller_limit(self, tmp_path):
        write_picture(tmp_path / "a.png", np.zeros((3000, 1500), np.uint8))
        with pytest.raises(PictureError, match="3000 pixels; scale it down to at most 4 million"):
            read_picture(tmp_path / "a.png", most=4_000_000)

    def test_exif_orientation_is_applied(self, tmp_path):
        upright = np.full((40, 60, 3), 255, np.uint8)
        upright[:20, :20] = 0  # dark in the top left corner
        exif = Image.Exif()
        exif[0x0112] = 6  # "turn me a quarter clockwise"
        Image.fromarray(np.rot90(upright)).save(tmp_path / "a.jpg", exif=exif, quality=95)
        found = read_picture(tmp_path / "a.jpg")
        assert found.shape == (40, 60, 3)
        assert np.abs(found.astype(int) - upright).mean() < 3

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (None, "no picture at"),
            (b"", "not a picture"),
            (b"Dear Anna,", "not a picture"),
            (png_header(64, 64), "not a picture"),
            (png_header(1, 1), "only 1 x 1 pixels"),
            (png_header(20_000, 20_000), "too large; scale it down to at most 80 million"),
        ],
        ids=["missing", "empty", "text", "no pixels", "1x1", "20000x20000"],
    )
    def test_bad_pictures(self, tmp_path, content, says):
        path, limit_before = tmp_path / "a.png", Image.MAX_IMAGE_PIXELS
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(PictureError, match=says) as caught:
            read_picture(path)
        assert str(path) in str(caught.value)
        assert limit_before == Image.MAX_IMAGE_PIXELS

    def test_a_truncated_photo_and_a_folder(self, tmp_path):
        noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
        write_picture(tmp_path / "a.jpg", noise)
        whole = (tmp_path / "a.jpg").read_bytes()
        (tmp_path / "a.jpg").write_bytes(whole[: len(whole) // 2])
        with pytest.raises(PictureError, match="not a picture"):
            read_picture(tmp_path / "a.jpg")
        with pytest.raises(PictureError, match="no picture"):
            read_picture(tmp_path)


class TestWritePicture:
    def test_options_reach_the_file(self, tmp_path):
        write_picture(tmp_path / "a.png", np.zeros((5, 5), np.uint8), dpi=(300, 300))
        with Image.open(tmp_path / "a.png") as picture:
            assert [round(dots) for dots in picture.info["dpi"]] == [300, 300]

    @pytest.mark.parametrize("name", ["a", "a.picture"])
    def test_an_ending_of_no_format(self, tmp_path, name):
        with pytest.raises(PictureError, match="ending"):
            write_picture(tmp_path / name, np.zeros((5, 5), np.uint8))
        assert names(tmp_path) == []


class TestTaggedPictures:
    def test_only_those_are_known_again(self, tmp_path):
        write_tagged_picture(tmp_path / "ours.png", np.zeros((5, 5), np.uint8))
        write_picture(tmp_path / "theirs.png", np.zeros((5, 5), np.uint8))
        (tmp_path / "text.png").write_text("no picture")
        assert [is_tagged_picture(tmp_path / name) for name in ("ours.png", "theirs.png", "text.png", "none.png")] == [
            True,
            False,
            False,
            False,
        ]


class TestFormatsOfPhones:
    def test_a_pdf_is_its_pages(self, tmp_path):
        pages = [Image.new("RGB", (200, 100), colour) for colour in ("white", "black")]
        pages[0].save(tmp_path / "two.pdf", save_all=True, append_images=pages[1:], resolution=72)
        pages[1].save(tmp_path / "one.pdf", resolution=72)
        found = [read_page(tmp_path / "two.pdf", number) for number in range(count_pages(tmp_path / "two.pdf"))]
        assert [round(page.mean()) for page in found] == [255, 0]
        assert found[0].shape[1] == pytest.approx(200 * 220 / 72, abs=1)
        assert read_picture(tmp_path / "one.pdf").max() == 0
        with pytest.raises(PictureError, match="2 pages"):
            read_picture(tmp_path / "two.pdf")

    def test_a_heic_photo(self, tmp_path):
        pillow_heif = pytest.importorskip("pillow_heif")
        pillow_heif.from_pillow(Image.new("RGB", (64, 48), (200, 30, 30))).save(tmp_path / "photo.heic")
        picture = read_picture(tmp_path / "photo.heic")
        assert picture.shape == (48, 64, 3)
        assert picture.mean(axis=(0, 1)) == pytest.approx([200, 30, 30], abs=6)

    @pytest.mark.parametrize(("orientation", "corner"), [(1, (0, 0)), (3, (-1, -1)), (6, (0, -1)), (8, (-1, 0))])
    def test_a_heic_photo_that_a_phone_turned(self, orientation, corner, tmp_path):
        pillow_heif = pytest.importorskip("pillow_heif")
        pillow_heif.register_heif_opener()
        pixels, exif = np.full((48, 64, 3), 255, np.uint8), Image.Exif()
        pixels[:12, :12], exif[0x0112] = 0, orientation
        Image.fromarray(pixels).save(tmp_path / "photo.heic", exif=exif.tobytes())
        picture = read_picture(tmp_path / "photo.heic")
        assert picture.shape == ((48, 64, 3) if orientation in (1, 3) else (64, 48, 3))
        assert picture[corner].max() < 60
        assert picture.mean() > 200

    @pytest.mark.parametrize("start", [b"%PDF-1.7\n", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"])
    def test_broken_ones_are_told(self, start, tmp_path):
        (tmp_path / "broken").write_bytes(start + bytes(range(200)))
        with pytest.raises(PictureError, match="can be read"):
            read_picture(tmp_path / "broken")

    @pytest.mark.parametrize(("name", "start"), [("pypdfium2", b"%PDF-1.7"), ("pillow_heif", b"\0\0\0\x18ftypheic")])
    def test_a_package_that_is_missing_is_named(self, name, start, tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, name, None)
        (tmp_path / "photo").write_bytes(start)
        with pytest.raises(PictureError, match=r"pip install .tfhand\[photos\]"):
            read_picture(tmp_path / "photo")

    def test_the_pages_of_a_pdf_have_a_limit_together(self, tmp_path, monkeypatch):
        pages = [Image.new("1", (200, 100), 1) for _ in range(3)]
        pages[0].save(tmp_path / "three.pdf", save_all=True, append_images=pages[1:], resolution=72)
        assert count_pages(tmp_path / "three.pdf") == 3
        monkeypatch.setattr(pictures, "MAX_PDF_PIXELS", 400_000)
        with pytest.raises(PictureError, match="give it in parts"):
            count_pages(tmp_path / "three.pdf")

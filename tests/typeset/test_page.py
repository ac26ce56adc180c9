"""One page as pixels and as curves: they look the same, have the same size in print, and name tfhand."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
import resvg_py
from PIL import Image

from tfhand.core.charset import CHARACTERS
from tfhand.errors import TextError
from tfhand.metrics import slant
from tfhand.typeset import Change, Layout, Page, typeset, visible_characters

TEXT = "Dear Anna\nthe quick brown fox jumps over 13 lazy dogs and comes back again to see them all once more"
SMALL = Layout(x_height=30, width=900)


@pytest.fixture(scope="module")
def write(full_hand):
    def write(text: str = TEXT, layout: Layout = SMALL, seed: int = 0) -> Page:
        return typeset(text, [full_hand[character][0] for character in visible_characters(text)], layout, seed)

    return write


def render_svg(path: Path, page: Page) -> np.ndarray:
    png = bytes(resvg_py.svg_to_bytes(svg_path=str(path), dpi=page.dpi))
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))[: page.height, : page.width].astype(float)


def render_pdf(path: Path, page: Page, number: int = 0) -> np.ndarray:
    pdf = pypdfium2.PdfDocument(path)
    scale = (page.width - 0.5) / pdf[number].get_width()  # pdfium rounds up
    picture = np.asarray(pdf[number].render(scale=scale).to_pil().convert("RGB"))
    pdf.close()
    return picture[: page.height, : page.width].astype(float)


@pytest.mark.parametrize("paper", ["plain", "ruled", "squared"])
def test_curves_show_what_pixels_show(write, tmp_path, paper):
    page = write(layout=replace(SMALL, paper=paper, ink=(20, 40, 150)))
    for ending in ("png", "svg", "pdf"):
        assert page.save(tmp_path / f"page.{ending}") == (tmp_path / f"page.{ending}",)
    pixels = np.asarray(Image.open(tmp_path / "page.png").convert("RGB")).astype(float)
    assert np.array_equal(pixels, page.picture())
    for picture, least in (
        (render_svg(tmp_path / "page.svg", page), 0.09),
        (render_pdf(tmp_path / "page.pdf", page), 0.2),
    ):
        assert picture.shape == pixels.shape
        off = np.abs(picture - pixels)
        assert off.mean() < 2.5  # of 255
        assert off.sum() < least * np.abs(255 - pixels).sum()


def test_size_in_print_and_provenance(write, tmp_path):
    page = write()
    for ending in ("svg", "pdf"):
        page.save(tmp_path / f"page.{ending}")
    svg = (tmp_path / "page.svg").read_text(encoding="utf-8")
    assert f'width="{900 / 300 * 25.4:.3f}mm"' in svg
    assert "<desc>written by tfhand" in svg
    assert svg.count("<path") < svg.count("<use") == len(page.glyphs)  # each shape once, used in many places
    pdf = pypdfium2.PdfDocument(tmp_path / "page.pdf")
    assert pdf[0].get_size() == pytest.approx((900 / 300 * 72, page.height / 300 * 72), abs=0.01)
    about = pdf.get_metadata_dict()
    pdf.close()
    assert about["Subject"] == "written by tfhand"
    assert about["Creator"].startswith("tfhand ")


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_the_same_page_gives_the_same_file(write, tmp_path, ending):
    files = [tmp_path / f"{name}.{ending}" for name in "abc"]
    for file, seed in zip(files, (1, 1, 2), strict=True):
        write(seed=seed).save(file)
    first, again, other = (file.read_bytes() for file in files)
    assert first == again != other


def test_a_long_text_goes_on_to_new_pages(write, tmp_path):
    page = write(layout=replace(SMALL, height=300, paper="ruled", jitter=0.0))
    count = len(page.page_glyphs)
    assert count >= 3
    assert "".join(glyph.character for glyph in page.glyphs) == visible_characters(TEXT)
    rules = [y for _, y, _, _ in page.rules]
    for number, glyphs in enumerate(page.page_glyphs):
        assert page.image(number).shape == (300, 900)
        assert max(glyph.top + glyph.ink.shape[0] for glyph in glyphs) < 300
        feet = [glyph.top + glyph.ink.shape[0] for glyph in glyphs if glyph.character in "aenmrx"]
        assert all(min(abs(foot - rule) for rule in rules) < 0.2 * SMALL.x_height for foot in feet)
    for ending in ("png", "svg"):
        paths = page.save(tmp_path / f"a.{ending}")
        assert [path.name for path in paths] == [f"a-{number}.{ending}" for number in range(1, count + 1)]
    assert page.save(tmp_path / "a.pdf") == (tmp_path / "a.pdf",)
    assert len(list(tmp_path.iterdir())) == 2 * count + 1
    assert np.abs(render_pdf(tmp_path / "a.pdf", page, count - 1) - page.picture(count - 1)).mean() < 2.5
    with pytest.raises(TextError, match="too low"):
        write(layout=replace(SMALL, height=150))


def test_rules_lie_under_the_lines_of_writing(write):
    page = write("none\nnone", replace(SMALL, paper="ruled", jitter=0.0))
    rules = [y for _, y, _, _ in page.rules]
    assert len(rules) >= 2
    feet = sorted({one.top + int(np.flatnonzero((one.ink > 127).any(axis=1))[-1]) + 1 for one in page.glyphs})
    for foot in feet:
        assert min(abs(foot - y) for y in rules) < 0.15 * SMALL.x_height
    squared = write("none\nnone", replace(SMALL, paper="squared", square=2.0))
    assert squared.glyphs[4].matrix[1, 2] - squared.glyphs[0].matrix[1, 2] == pytest.approx(4 * 30, abs=8)
    levels = [y for x, y, to_x, to_y in squared.rules if y == to_y]
    assert np.diff(levels) == pytest.approx(60)
    assert (page.image() == 255).mean() > 0.8  # the writing alone, without its paper
    assert (page.picture()[..., 2] < 255).sum() > (page.image() < 255).sum()


class TestChanges:
    """The effect of each change, measured on the page."""

    def slant(self, page: Page) -> float:
        inks = [glyph.ink for glyph in page.glyphs]
        glyphs = [np.pad(ink, ((0, 120 - ink.shape[0]), (0, 120 - ink.shape[1]))) for ink in inks]
        return float(np.median(slant(np.stack(glyphs))))

    def line(self, page: Page) -> float:
        """Ink over the length of its contour: half the width of the line."""
        ink = 1 - page.image() / 255
        return float(ink.sum() / (np.abs(np.diff(ink, axis=0)).sum() + np.abs(np.diff(ink, axis=1)).sum()))

    def changed(self, write, **change) -> Page:
        return write("hlnbdkit", Layout(jitter=0.0, change=Change(**change)))

    def test_slant(self, write):
        unchanged = self.slant(self.changed(write))
        for degrees in (-15, 20):
            assert self.slant(self.changed(write, slant=degrees)) - unchanged == pytest.approx(
                np.tan(np.deg2rad(degrees)), abs=0.05
            )

    def test_weight_and_nib(self, write):
        unchanged = self.line(self.changed(write))
        assert self.line(self.changed(write, weight=1.5)) / unchanged == pytest.approx(1.5, abs=0.12)
        assert self.line(self.changed(write, weight=0.6)) / unchanged == pytest.approx(0.6, abs=0.12)
        fine, broad = (self.line(self.changed(write, nib=nib)) for nib in (0.1, 0.2))
        assert broad / fine == pytest.approx(2.0, abs=0.2)

    def test_width(self, write):
        def widths(page: Page) -> np.ndarray:
            return np.array([glyph.shape.field.shape[1] for glyph in page.glyphs])

        unchanged, wide = self.changed(write), self.changed(write, stretch=1.4)
        assert np.median(widths(wide) / widths(unchanged)) == pytest.approx(1.4, abs=0.1)
        assert wide.height == pytest.approx(unchanged.height, abs=4)

    def test_jitter(self, write):
        even, varied = (write("n" * 12, Layout(jitter=jitter)) for jitter in (0.0, 1.0))
        assert len({id(glyph.shape) for glyph in even.glyphs}) == 1
        assert len({glyph.matrix[1].tobytes() for glyph in even.glyphs}) <= 12
        assert all(np.array_equal(glyph.matrix[:, :2], even.glyphs[0].matrix[:, :2]) for glyph in even.glyphs)
        inks = [glyph.ink.tobytes() for glyph in varied.glyphs]
        assert len(set(inks)) == 12  # no two letters are the same
        assert all(one.shape is not other.shape for one, other in zip(varied.glyphs, varied.glyphs[1:], strict=False))

    def test_a_letter_stays_that_letter(self, write):
        """A bent glyph covers nearly the same area as the glyph that it was made from."""
        for character in CHARACTERS[::7]:
            page = write(character * 6, Layout(x_height=40))
            fields = [glyph.shape.field for glyph in page.glyphs]
            high, wide = (max(field.shape[axis] for field in fields) for axis in (0, 1))
            same = [np.pad(f, ((0, high - f.shape[0]), (0, wide - f.shape[1])), constant_values=-9.0) for f in fields]
            for one in same[1:]:
                assert (one[same[0] > 1.5] > -1.0).mean() > 0.7  # the middle of one stroke is ink in the other

"""Style mixing: every cell is the mixture of its row and its column, and what cannot be mixed is said in a sentence."""

from __future__ import annotations

import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from tests.support.tiny import TINY_STYLEGAN
from tfhand import mix
from tfhand.core.config import as_json
from tfhand.core.pictures import read_picture
from tfhand.hands.glyph import normalize
from tfhand.models.stylegan.networks import StyleGAN
from tfhand.visualization import gan_figures, grids

LAYERS, SIZE, CHARACTERS = TINY_STYLEGAN.layer_count, TINY_STYLEGAN.image_size, TINY_STYLEGAN.characters
SIDE = grids.ENLARGED * SIZE


@pytest.fixture(scope="module")
def networks() -> StyleGAN:
    """Untrained, with mean styles that differ and an encoder that sees letters."""
    keras.utils.set_random_seed(5)
    networks = StyleGAN(**as_json(TINY_STYLEGAN))
    networks.mean_styles.assign(keras.random.normal(networks.mean_styles.shape, seed=1))
    return networks


@pytest.fixture(scope="module")
def saved_models(networks, saved_models, tmp_path_factory) -> Path:
    """A folder of presets: a StyleGAN, and one that is none."""
    folder = tmp_path_factory.mktemp("saved_models")
    networks.save_to_preset(folder / "style")
    shutil.copytree(saved_models / "tiny-hand", folder / "tiny-hand")
    return folder


def sources(networks, count: int, seed: int, character: str = "a") -> np.ndarray:
    latent = np.random.default_rng(seed).standard_normal((count, TINY_STYLEGAN.latent_size), np.float32)
    return gan_figures.random_styles(networks, latent, character, 1.0)


def enlarged(glyph: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(255 - glyph).resize((SIDE, SIDE), Image.Resampling.BICUBIC))


def assert_shown(seen: np.ndarray, glyph: np.ndarray, within: int = 2) -> None:
    """Up to what rounding does to letters that are drawn in another company."""
    assert np.abs(seen.astype(int) - enlarged(glyph)).max() <= within


def cell(picture: np.ndarray, row: int, column: int, lines: int = 1, before: int = 1) -> np.ndarray:
    """A cell of a mixing grid under so many lines of captions, with so many columns before the rule."""
    y = lines * grids.LINE + row * SIDE + 2 * grids.GAP * (row >= 1)
    x = column * SIDE + 2 * grids.GAP * (column >= before)
    return picture[y : y + SIDE, x : x + SIDE]


class TestGrid:
    @pytest.mark.parametrize("crossover", range(LAYERS + 1))
    def test_a_cell_has_the_coarse_layers_of_its_row_and_the_fine_ones_of_its_column(self, networks, crossover):
        coarse, fine = sources(networks, 2, 1), sources(networks, 3, 2)
        picture = gan_figures.mixing(networks, gan_figures.Sources("a", coarse), fine, crossover)
        assert (cell(picture, 0, 0)[:, : SIDE - 1] == 255).all()
        (left, above) = (gan_figures.draw(networks, styles, "a" * len(styles)) for styles in (coarse, fine))
        assert all(np.ptp(glyphs.astype(int), axis=0).max() > 8 for glyphs in (left, above))  # sources do differ
        for row, own in enumerate(coarse):
            assert_shown(cell(picture, row + 1, 0), left[row])
            for column, other in enumerate(fine):
                assert_shown(cell(picture, 0, column + 1), above[column])
                mixed = np.concatenate([own[:crossover], other[crossover:]])
                assert_shown(cell(picture, row + 1, column + 1), *gan_figures.draw(networks, mixed[None], "a"))
                if crossover in (0, LAYERS):
                    assert_shown(cell(picture, row + 1, column + 1), left[row] if crossover else above[column])

    def test_a_real_letter_stands_beside_its_reconstruction(self, networks):
        real = np.arange(2 * SIZE * SIZE, dtype=np.uint8).reshape(2, SIZE, SIZE)
        coarse = gan_figures.Sources("a", sources(networks, 2, 1), real)
        picture = gan_figures.mixing(networks, coarse, sources(networks, 3, 2), 2)
        reconstructed = gan_figures.draw(networks, coarse.styles, "aa")
        for row in range(2):
            assert_shown(cell(picture, row + 1, 0, 2, 2), real[row], within=0)
            assert_shown(cell(picture, row + 1, 1, 2, 2), reconstructed[row])
        assert (
            gan_figures.mixing(networks, coarse.first(1), sources(networks, 3, 2), 2).shape[0]
            == picture.shape[0] - SIDE
        )

    def test_truncation_draws_to_the_mean_style_of_the_character(self, networks):
        latent = np.random.default_rng(0).standard_normal((2, TINY_STYLEGAN.latent_size), np.float32)
        which = np.array([1, 1])
        mean, whole = (np.asarray(styles) for styles in (networks.means(which), networks.map(latent, which)))
        for psi in (0.0, 0.7, 1.0):
            styles = gan_figures.random_styles(networks, latent, CHARACTERS[1], psi)
            assert styles.shape == (2, LAYERS, TINY_STYLEGAN.style_size)
            for layer in range(LAYERS):
                np.testing.assert_allclose(styles[:, layer], mean + psi * (whole - mean), atol=1e-5)

    def test_captions_stand_in_the_margins(self):
        ink = np.full((2, 3, 4, 4), 255, np.uint8)
        bare = grids.grid(ink)
        assert bare.shape == (2 * 8, 3 * 8)
        assert (bare == 0).all()
        picture = grids.grid(ink, "A", "abc", ["one", "another"])
        assert (picture[-16:, -24:] == 0).all()
        title, above, beside = picture[: grids.LINE], picture[grids.LINE : -16], picture[-16:, :-24]
        assert all(part.min() < 128 for part in (title, above, beside))
        assert (beside[:, -grids.GAP // 2 :] == 255).all()

    def test_pictures_follow_each_other_in_lines(self):
        dark, gap = [np.full((10 + at, 20), at, np.uint8) for at in range(5)], grids.MARGIN
        page = grids.arrange(dark, across=2)
        assert page.shape == (11 + 13 + 14 + 2 * gap, 40 + gap)
        assert (page[11 + gap : 11 + gap + 12, :20] == 2).all()
        assert (page[11 + gap : 11 + gap + 13, 20 + gap :] == 3).all()
        assert (page[-14:, 20:] == 255).all()
        wide = [np.zeros((5, 1000), np.uint8)] * 2
        assert grids.arrange(wide).shape == (10 + gap, 1000)
        assert grids.arrange(dark).shape == (14, 5 * 20 + 4 * gap)


class TestCommand:
    def mixed(self, *words: str) -> np.ndarray:
        assert mix.main(["style", "--rows", "2", "--columns", "3", *words]) == 0
        return read_picture("mixing.png")[:, :, 0]

    def test_by_its_seed(self, here, capsys):
        first = self.mixed()
        assert capsys.readouterr().out == f"Wrote mixing.png ({first.shape[1]} x {first.shape[0]} pixels).\n"
        assert [path.name for path in here.iterdir()] == ["mixing.png"]
        np.testing.assert_array_equal(self.mixed("--crossover", str(LAYERS // 2)), first)
        assert (self.mixed("--seed", "1") != first).any()
        still = self.mixed("--truncation", "0")[grids.MARGIN :, grids.MARGIN :]
        np.testing.assert_array_equal(cell(still, 0, 1), cell(still, 2, 3))

    def test_a_grid_for_each_crossover_and_character(self, here):
        one = self.mixed("--characters", "0", "--crossover", "1")
        many = self.mixed("--characters", "0a0", "--crossover", "1", "3")
        margin = grids.MARGIN
        assert many.shape == (2 * one.shape[0] - margin, 2 * one.shape[1] - margin)
        inside = slice(margin, one.shape[0] - margin), slice(margin, one.shape[1] - margin)
        np.testing.assert_array_equal(many[inside], one[inside])
        assert (many[margin - one.shape[0] :, : one.shape[1]][inside] != one[inside]).any()

    def test_stored_styles_are_mixed_as_random_ones_are(self, here, networks):
        expected = self.mixed("--characters", "1")
        rng = np.random.default_rng(0)
        rng.standard_normal((3, TINY_STYLEGAN.latent_size), np.float32)  # the ones above come first
        latent = rng.standard_normal((2, TINY_STYLEGAN.latent_size), np.float32)
        known = gan_figures.random_styles(networks, latent, "1", 0.7)
        styles = np.stack([np.zeros_like(known[0]), known[0], np.ones_like(known[0]), known[1]])
        np.savez("mine.npz", styles=styles.astype(np.float64), characters=np.array("é1a1"))
        np.testing.assert_allclose(self.mixed("--characters", "1", "--styles", "mine.npz"), expected, atol=12)
        both = self.mixed("--styles", "mine.npz")
        assert both.shape[1] == 2 * expected.shape[1] - grids.MARGIN  # 1 and a, and nothing of é

    def test_a_persons_letters(self, here, hand_of, networks):
        hand = hand_of("ab01")
        hand.save("mine")
        picture = self.mixed("--hand", "mine", "--characters", "a")[grids.MARGIN :, grids.MARGIN :]
        real = normalize(hand.samples_of("a")[0].ink, SIZE)
        assert_shown(cell(picture, 1, 0, 2, 2), real, within=0)
        style = np.asarray(networks.encode_styles(real[None, ..., None].astype(np.float32) / 127.5 - 1, np.array([2])))
        (reconstructed,) = gan_figures.draw(networks, np.asarray(networks.layered(style)), "a")
        assert_shown(cell(picture, 1, 1, 2, 2), reconstructed, within=12)  # weights were kept as float16
        assert len({self.mixed("--hand", "mine").shape, picture.shape}) == 2  # all three that the preset knows


class TestBadInput:
    @pytest.fixture
    def refused(self, here, refusal):
        """The one sentence about words that will not do."""
        return lambda *words, preset="style": refusal(mix.main, preset, "-o", "out.png", *words)

    def test_presets(self, refused):
        assert "tiny-hand has no styles, as only a StyleGAN has" in refused(preset="tiny-hand")
        assert "no preset 'hand99'" in refused(preset="hand99")

    def test_what_is_asked_for(self, refused):
        assert "Cannot mix é x; this preset knows 01a." in refused("--characters", "aéx")
        assert "nothing to mix" in refused("--characters", "")
        assert f"from 0 to {LAYERS}, not {LAYERS + 1}" in refused("--crossover", "1", str(LAYERS + 1))
        assert "more than 10,000 cells" in refused("--rows", "500", "--columns", "100")
        for psi in ("nan", "inf", "1e30"):
            assert "A truncation is a number from -3 to 3" in refused("--truncation", psi)

    def test_places(self, refused):
        Path("file").write_text("")
        assert "saved as .png" in refused("-o", "out.gif")
        assert "Cannot write file/out.png" in refused("-o", "file/out.png")
        assert "Cannot write file/out.png" in refused("-o", "file/out.png", "--hand", "nowhere")  # before all work

    def test_hands(self, refused, hand_of):
        assert "no Hand's folder at nowhere" in refused("--hand", "nowhere")
        hand_of("bc").save("other")
        assert "no written sample of 01a" in refused("--hand", "other")
        hand_of("ab").save("mine")
        assert "Cannot mix 0; of the letters given this preset knows a." in refused(
            "--hand", "mine", "--characters", "0"
        )

    def test_files_of_styles(self, refused):
        good = np.zeros((2, LAYERS, TINY_STYLEGAN.style_size), np.float32)
        np.savez("good.npz", styles=good, characters=np.array("a0"))
        whole = Path("good.npz").read_bytes()
        Path("cut.npz").write_bytes(whole[: len(whole) // 2])
        Path("empty.npz").write_bytes(b"")
        np.save("array.npy", good)
        np.savez("lacking.npz", styles=good)
        np.savez("pickled.npz", styles=np.array([None, "a"], object), characters=np.array("a0"))
        for name in ("cut.npz", "empty.npz", "array.npy", "lacking.npz", "pickled.npz"):
            told = refused("--styles", name)
            assert told.startswith("These are no styles of projected letters: ")
            assert name in told
        assert "no file at none.npz" in refused("--styles", "none.npz")
        for name, (styles, characters, says) in {
            "long": (good, "a01", "2 styles for 3 characters"),
            "wide": (np.zeros((2, LAYERS, 9), np.float32), "a0", "this preset asks for finite floats of shape (2, "),
            "endless": (good + np.inf, "a0", "NaN or infinite numbers"),
        }.items():
            np.savez(f"{name}.npz", styles=styles, characters=np.array(characters))
            assert says in refused("--styles", f"{name}.npz")
        for name, characters in {"other": "éx", "nobody": ""}.items():
            np.savez(f"{name}.npz", styles=good[: len(characters)], characters=np.array(characters))
            assert "holds no letter of this preset" in refused("--styles", f"{name}.npz")

    @pytest.mark.parametrize(
        ("words", "says"),
        [
            (["--hand", "mine", "--styles", "mine.npz"], "give --styles, or the letters themselves"),
            (["--sample", "a.png"], "give a --says for every --sample"),
            (["--rows", "0"], "0 is not a whole number from 1 up"),
            (["--crossover", "-1"], "-1 is not a whole number from 0 up"),
            (["--truncation", "half"], "'half'"),
        ],
    )
    def test_flags(self, here, misuse, words, says):
        assert says in misuse(mix.main, "style", *words)
        assert list(here.iterdir()) == []

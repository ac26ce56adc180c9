"""The gallery: the right letter in the right place, a walk that ends where it began, and nothing that does not fit."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from tests.support.tiny import TINY_CGAN, TINY_STYLEGAN
from tfhand import gallery
from tfhand.core.config import as_json
from tfhand.core.pictures import read_picture, write_picture
from tfhand.data import synthetic
from tfhand.errors import PictureError
from tfhand.hands.glyph import as_glyphs
from tfhand.hands.hand import Hand
from tfhand.models.cgan.networks import ConditionalGAN
from tfhand.models.hand.networks import HandNetworks
from tfhand.models.registry import SPECS
from tfhand.models.stylegan.networks import StyleGAN
from tfhand.synthesis.synthesizer import load
from tfhand.training.run_directory import RunDirectory
from tfhand.visualization import gan_figures, grids, training_frames

PEOPLE = 5
SIDE, MARGIN, LINE = grids.ENLARGED * TINY_CGAN.image_size, grids.MARGIN, grids.LINE


@pytest.fixture(scope="module")
def style() -> StyleGAN:
    """Untrained, with mean styles that differ and noise that is seen."""
    keras.utils.set_random_seed(6)
    networks = StyleGAN(**as_json(TINY_STYLEGAN))
    networks.mean_styles.assign(keras.random.normal(networks.mean_styles.shape, seed=1))
    for layer in networks.generator.styled:
        layer.strength.assign(0.5)
    return networks


@pytest.fixture(scope="module")
def writing() -> ConditionalGAN:
    keras.utils.set_random_seed(7)
    return ConditionalGAN(PEOPLE, **as_json(replace(TINY_CGAN, writers=True)))


@pytest.fixture(scope="module")
def saved_models(style, writing, saved_models, tmp_path_factory) -> Path:
    """A folder of presets: those that are shown, and others."""
    folder = tmp_path_factory.mktemp("saved_models")
    digits = ConditionalGAN(**as_json(replace(TINY_CGAN, characters="0123")))
    for name, model in {"style": style, "people": writing, "digits": digits}.items():
        model.save_to_preset(folder / name, generation=SPECS[model.family].generation(model.config))
    for name in ("tiny-hand", "tiny-reader", "tiny-stargan"):
        shutil.copytree(saved_models / name, folder / name)
    return folder


def assert_alike(seen: np.ndarray, glyph: np.ndarray) -> None:
    """A cell shows a glyph, up to the rounding of letters that are drawn in another company."""
    high, wide = seen.shape
    shown = np.asarray(Image.fromarray(255 - glyph).resize((wide, high), Image.Resampling.BICUBIC))
    assert np.abs(seen.astype(int) - shown).max() <= 2


def alphabets_of(networks: ConditionalGAN, writers: list[int], scale: float) -> np.ndarray:
    codes = gan_figures.writer_codes(networks, writers)
    return gan_figures.letter_samples(networks, codes, scale, 0, [f"person {writer}" for writer in writers])


class TestPictures:
    def test_a_row_for_each_person_and_all_characters_in_two_bands(self, writing):
        picture = alphabets_of(writing, [3, 0], 0.0)
        left = picture.shape[1] - MARGIN - 31 * SIDE  # after the captions
        assert left > MARGIN + 30
        assert picture.shape[0] == 2 * (LINE + 2 * SIDE) + 3 * MARGIN
        noise, transform = (
            np.zeros((1, size), np.float32) for size in (TINY_CGAN.noise_size, TINY_CGAN.transform_size)
        )
        for row, person in enumerate((3, 0)):
            for character in (0, 30, 31, 61):
                code = writing.hand(np.array([person]), transform)
                (glyph,) = as_glyphs(np.asarray(writing.write(code, np.array([character]), noise)))
                y = MARGIN + LINE + row * SIDE + character // 31 * (MARGIN + LINE + 2 * SIDE)
                x = left + character % 31 * SIDE
                assert_alike(picture[y : y + SIDE, x : x + SIDE], glyph)
        assert (alphabets_of(writing, [3, 0], 0.5) != picture).any()

    def test_random_letters_of_a_style_are_those_of_their_character(self, style):
        picture, side = gan_figures.style_samples(style, 0.0, seed=0), grids.ENLARGED * TINY_STYLEGAN.image_size
        assert picture.shape == (gan_figures.DRAWS * side + LINE + 2 * MARGIN, 3 * side + 2 * MARGIN)
        inside = picture[MARGIN + LINE : -MARGIN, MARGIN:-MARGIN].astype(float)
        columns = [
            inside[:, at : at + side].reshape(gan_figures.DRAWS, side, side).mean(axis=0) for at in (0, side, 2 * side)
        ]
        for place, character in enumerate(TINY_STYLEGAN.characters):
            latent = np.zeros((1, TINY_STYLEGAN.latent_size), np.float32)
            (mean,) = gan_figures.draw(style, gan_figures.random_styles(style, latent, character, 0.0), character)
            shown = np.asarray(Image.fromarray(255 - mean).resize((side, side), Image.Resampling.BICUBIC))
            apart = [np.abs(other - shown).mean() for other in columns]
            assert np.argmin(apart) == place

    def test_all_hands_are_one_where_truncation_is_full(self, style):
        picture, side = gan_figures.truncations(style, "0a", 3, seed=0), grids.ENLARGED * TINY_STYLEGAN.image_size
        cells = picture[MARGIN + LINE : -MARGIN, MARGIN : MARGIN + len(gan_figures.PSI) * side]
        rows = cells.reshape(3, side, len(gan_figures.PSI), side).transpose(0, 2, 1, 3).astype(int)
        assert np.abs(rows[:, 0] - rows[0, 0]).max() <= 1
        spread = rows.std(axis=0).mean(axis=(1, 2))
        assert (np.diff(spread) > 0).all()  # and the less it is, the more they differ
        assert picture.shape[1] >= 2 * (MARGIN + len(gan_figures.PSI) * side)

    def test_noise_leaves_the_first_letter_alone(self, style):
        picture, side = gan_figures.noises(style, "1", 1.0, seed=0), grids.ENLARGED * TINY_STYLEGAN.image_size
        cells = picture[MARGIN + LINE : -MARGIN, MARGIN:-MARGIN].reshape(side, 8, side).transpose(1, 0, 2)
        latent = np.random.default_rng(0).standard_normal((1, TINY_STYLEGAN.latent_size), np.float32)
        (still,) = gan_figures.draw(style, gan_figures.random_styles(style, latent, "1", 1.0), "1")
        assert_alike(cells[0], still)
        assert all((cell != cells[0]).any() for cell in cells[1:])
        assert cells[-1].min() < 40  # the largest deviation is black

    def test_a_walk_comes_back(self, style):
        frames = gan_figures.walk(style, "a0", 1.0, seed=0, frames=16).astype(int)
        steps = np.abs(frames - np.roll(frames, 1, axis=0)).mean(axis=(1, 2))
        assert steps[0] <= 1.5 * steps[1:].max()
        assert np.abs(frames - frames[0]).mean(axis=(1, 2))[4:13].min() > steps[0]

    def test_the_letters_of_a_walk_stand_on_one_line(self):
        full = np.zeros((32, 32), np.uint8)
        full[3:29, 3:29] = 255
        word = gan_figures._word("xgl", [full] * 3)
        assert word.dtype == np.uint8
        assert (word[[0, -1]] == 255).all()
        assert (word[:, [0, -1]] == 255).all()
        x, g = (
            np.flatnonzero((gan_figures._word("xg", pair) < 128).any(axis=1))
            for pair in ((full, 0 * full), (0 * full, full))
        )
        assert x.min() == pytest.approx(g.min(), abs=8)
        assert g.max() > x.max() + 0.5 * gan_figures.X_HEIGHT  # it hangs below the line


class TestCommand:
    @pytest.mark.parametrize(
        ("preset", "names"),
        [
            ("style", ["samples.png", "truncation.png", "noise.png", "walk.gif"]),
            ("people", ["samples.png", "writers.png"]),
            ("digits", ["samples.png"]),
            ("tiny-hand", ["samples.png"]),
        ],
    )
    def test_every_picture_that_fits(self, here, capsys, preset, names):
        assert gallery.main([preset, "-o", "out"]) == 0
        assert capsys.readouterr().out.splitlines() == [f"Wrote out/{name}" for name in names]
        assert sorted(path.name for path in (here / "out").iterdir()) == sorted(names)
        first = {name: (here / "out" / name).read_bytes() for name in names}
        assert gallery.main([preset, "-o", "out"]) == 0
        assert {name: (here / "out" / name).read_bytes() for name in names} == first

    def test_a_preset_that_keeps_hands_shows_random_ones(self, here):
        assert gallery.main(["tiny-hand"]) == 0
        networks, rng = HandNetworks.from_preset("tiny-hand"), np.random.default_rng(0)
        codes = np.stack([networks.random_hand(rng) for _ in range(gan_figures.DRAWS)])
        shown = read_picture("gallery/samples.png")[:, :, 0].astype(int)
        assert np.abs(shown - gan_figures.letter_samples(networks, codes, 1.0, 0)).max() <= 2
        assert np.abs(shown - gan_figures.letter_samples(networks, codes[::-1], 1.0, 0)).max() > 2

    def test_another_seed_draws_others(self, here):
        for seed in ("0", "1"):
            assert gallery.main(["digits", "-o", seed, "--seed", seed]) == 0
        assert (read_picture("0/samples.png") != read_picture("1/samples.png")).any()

    def test_the_walk_is_an_endless_gif(self, here, style):
        assert gallery.main(["style", "--text", "a01", "--truncation", "1"]) == 0
        frames = gan_figures.walk(style, "a01", 1.0, 0)
        with Image.open("gallery/walk.gif") as moving:
            assert moving.n_frames == len(frames) == 48
            assert moving.info["loop"] == 0
            assert 1000 / 15 <= moving.info["duration"] <= 1000 / 10
            for number in (0, 20, 47):
                moving.seek(number)
                shown = np.asarray(moving.convert("L"))
                assert np.abs(shown.astype(int) - frames[number]).max() <= gallery.STEP + 12  # and weights as float16
                assert len(np.unique(shown)) <= 16

    def test_whose_alphabets(self, here, writing):
        assert gallery.main(["people", "--writers", "4", "1"]) == 0
        two = read_picture("gallery/writers.png")
        assert two.shape[0] == 2 * (LINE + 2 * SIDE) + 3 * MARGIN
        expected = alphabets_of(writing, [4, 1], 0.5)
        assert np.abs(two[:, :, 0].astype(int) - expected).mean() < 2  # weights as float16
        other = alphabets_of(writing, [1, 4], 0.5)
        assert np.abs(two[:, :, 0].astype(int) - other).mean() > 2

    def test_the_way_from_one_persons_hand_to_anothers(self, here, people_hands):
        assert gallery.main(["tiny-hand", "--hands", *people_hands, "--text", "10"]) == 0
        shown = read_picture("gallery/between.png")[:, :, 0].astype(int)
        pen = load("tiny-hand")
        codes = np.stack([pen.code(Hand.load(folder)) for folder in people_hands])
        expected = gan_figures.between(pen.pipeline.writer, codes, "10", ["anna", "otto"])
        assert np.abs(shown - expected).max() <= 2
        rows = shown[MARGIN:-MARGIN, -MARGIN - 2 * SIDE : -MARGIN].reshape(7, SIDE, -1)
        assert np.abs(rows[0] - rows[-1]).mean() >= max(np.abs(np.diff(rows, axis=0)).mean(axis=(1, 2)))
        noise = np.zeros((1, pen.pipeline.writer.noise_size), np.float32)
        (first,) = as_glyphs(np.asarray(pen.pipeline.writer.write(codes[:1], np.array([1]), noise)))
        assert_alike(rows[0][:, :SIDE], first)

    def test_a_training_from_its_first_step_to_the_last(self, here, a_run):
        assert gallery.main([str(a_run)]) == 0
        with Image.open("gallery/training.gif") as moving:
            assert moving.info["loop"] == 0
            shown = 0
            for number, grey in enumerate(GREYS):
                moving.seek(number)
                inside = 255 - np.asarray(moving.convert("L")).astype(int)[MARGIN + LINE : -MARGIN, MARGIN:-MARGIN]
                assert np.abs(inside - grey).max() <= gallery.STEP + 12
                shown += moving.info["duration"]
            assert moving.n_frames == len(GREYS)  # the last one for longer
            assert shown == (training_frames.EACH * len(GREYS) + training_frames.HELD) * gallery.DURATION


@pytest.fixture
def people_hands(here) -> list[str]:
    folders = ["anna", "otto"]
    own = synthetic.archive(2, 1, seed=4, characters="01")
    for writer, folder in enumerate(folders):
        Hand({str(one): [own.render([2 * writer + one])[0]] for one in range(2)}).save(folder)
    return folders


GREYS = (0, 100, 200)


@pytest.fixture
def a_run(here) -> Path:
    """A folder as a training leaves it, with grids of one grey each."""
    run = RunDirectory.create("runs", "cgan-mnist", {"family": "cgan", "config": {}})
    for step, grey in enumerate(GREYS, 1):
        write_picture(run.sample(10 * step), np.full((40, 60), grey, np.uint8))
    return run.folder


class TestTrainingFrames:
    def test_of_many_grids_the_early_ones_are_closer(self):
        steps = list(range(100, 20_001, 100))
        frames = training_frames.training_frames(steps, [np.full((2, 2), at, np.uint8) for at in range(200)])
        shown = 255 - frames[:, -MARGIN - 1, MARGIN].astype(int)
        assert shown[0] == 0
        assert (shown[-training_frames.HELD :] == 199).all()
        kept = shown[: -training_frames.HELD : training_frames.EACH]
        assert len(kept) <= training_frames.MOST + 1
        assert (np.diff(kept)[:5] == 1).all()
        assert np.diff(kept).max() > 10

    def test_grids_of_two_sizes_are_no_training(self):
        with pytest.raises(PictureError, match="all of one size"):
            training_frames.training_frames([1, 2], [np.zeros((2, 2), np.uint8), np.zeros((2, 3), np.uint8)])


class TestBadInput:
    @pytest.fixture
    def refused(self, here, refusal):
        """The one sentence about words that will not do."""
        return partial(refusal, gallery.main)

    def test_presets(self, refused):
        assert "tiny-reader does not write" in refused("tiny-reader")
        assert "tiny-stargan rewrites letters and draws none by itself" in refused("tiny-stargan")
        assert "no preset 'hand99'" in refused("hand99")

    def test_flags_of_others(self, refused, people_hands, a_run):
        assert "style draws from styles and knows no writers; leave --writers out" in refused("style", "--writers", "1")
        assert "leave --text out" in refused("people", "--text", "a")
        assert "digits keeps nobody's hand; leave --hands out" in refused("digits", "--hands", *people_hands)
        assert "is a training; leave --text out" in refused(str(a_run), "--text", "a")
        assert "leave --truncation out" in refused("digits", "--truncation", "0.5")
        assert "digits knows no writers; leave --writers out" in refused("digits", "--writers", "0")

    def test_what_is_asked_for(self, refused):
        assert "knows 5 writers, from 0 to 4; there is no 9" in refused("people", "--writers", "1", "9")
        assert "Cannot write é b; this preset knows 01a." in refused("style", "--text", "aéb")
        assert "nothing to write" in refused("style", "--text", "")
        assert "at most 30" in refused("style", "--text", "a" * 31)
        assert "A truncation is a number" in refused("style", "--truncation", "nan")

    def test_hands_and_trainings(self, refused, people_hands, a_run):
        assert "nobody" in refused("tiny-hand", "--hands", "anna", "nobody")
        assert "Cannot write ?" in refused("tiny-hand", "--hands", *people_hands, "--text", "1?")
        for path in (a_run / "samples").iterdir():
            path.unlink()
        assert "has made no samples yet" in refused(str(a_run))

    def test_places(self, refused):
        Path("file").write_text("")
        assert "file is not a folder" in refused("style", "-o", "file")
        assert "Cannot write file/deeper" in refused("digits", "-o", "file/deeper")

"""The command line of projection: a picture, styles for mixing, and sentences for what will not do."""

from __future__ import annotations

from dataclasses import replace

import keras
import numpy as np
import pytest
from PIL import Image

from tests.support.tiny import TINY_STYLEGAN
from tfhand import project
from tfhand.core.config import as_json
from tfhand.models.reader.config import ReaderConfig
from tfhand.models.reader.networks import Reader
from tfhand.models.stylegan.networks import StyleGAN

SETTINGS = replace(
    TINY_STYLEGAN,
    characters="0123",
    image_size=32,
    generator_widths=(6, 4, 4, 3),
    discriminator_widths=(3, 4, 4, 5),
)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory, hand_of):
    """A folder with the presets style and features, and a Hand's folder."""
    keras.utils.set_random_seed(5)
    folder = tmp_path_factory.mktemp("shelf")
    StyleGAN(**as_json(SETTINGS)).save_to_preset(folder / "style")
    reader = Reader(**as_json(ReaderConfig("0123", widths=(2, 3, 3), features=4)))
    reader.save_to_preset(folder / "features")
    hand_of("2730").save(folder / "mine")
    return folder


def command(shelf, output, *words: str) -> list[str]:
    first = str(shelf / "style"), "--features", str(shelf / "features"), "--steps", "3"
    return [*first, *words, "-o", str(output)]


@pytest.mark.large
def test_a_picture_and_styles(shelf, tmp_path, capsys):
    picture, styles = tmp_path / "out.png", tmp_path / "mine.npz"
    words = "--hand", str(shelf / "mine"), "--styles", str(styles), "--space", "w", "w+"
    assert project.main(command(shelf, picture, *words)) == 0
    said = capsys.readouterr().out
    assert [line.split(":")[0] for line in said.splitlines()] == ["w", "w+", f"Wrote {picture}", f"Wrote {styles}"]
    with np.load(styles, allow_pickle=False) as stored:
        assert sorted(str(stored["characters"])) == list("023")  # of 2730 the preset knows three
        assert stored["styles"].shape == (3, SETTINGS.layer_count, SETTINGS.style_size)
        assert np.ptp(stored["styles"], axis=1).max() > 0  # w+, the last space asked for
    with Image.open(picture) as image:
        assert image.mode == "L"
        assert image.size[0] > 3 * 64


def test_a_photographed_line(shelf, tmp_path, sample_picture):
    words = "--sample", str(sample_picture), "--says", "273", "--distance", "mse", "--space", "hand"
    assert project.main(command(shelf, tmp_path / "out.png", *words)) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["out.png"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "no letters to project"),
        (("--hand", "nowhere"), "nowhere"),
        (("--hand", "{mine}", "--features", "{style}"), "is no reader"),
        (("--hand", "{mine}", "--styles", "mine.npy"), "mine.npy is saved as .npz"),
        (("--hand", "nowhere", "--styles", "{mine}/hand.json/mine.npz"), "Cannot write"),
    ],
)
def test_sentences(shelf, tmp_path, words, sentence, refusal, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = [word.format(mine=shelf / "mine", style=shelf / "style") for word in words]
    assert sentence in refusal(project.main, *command(shelf, "out.png", *words))
    assert not list(tmp_path.iterdir())


def test_only_a_stylegan_can_be_projected_into(shelf, tmp_path, refusal, misuse):
    words = str(shelf / "features"), "--hand", str(shelf / "mine"), "-o", str(tmp_path / "out.png")
    assert "has no styles, as only a StyleGAN has" in refusal(project.main, *words)
    assert "--says for every --sample" in misuse(project.main, *words, "--sample", "273.png")

"""The command line: its tables, CSV and pictures on tiny presets, and a clear sentence for whatever cannot be done."""

from __future__ import annotations

import csv
import subprocess
import sys
from contextlib import nullcontext, redirect_stderr, redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
import pytest
from PIL import Image

from tests.support.tiny import TINY_LETTERS, TINY_STYLEGAN
from tfhand import evaluate
from tfhand.cli.tables import print_table
from tfhand.core.config import as_json
from tfhand.data import synthetic
from tfhand.evaluation import METRICS, letter_classifier
from tfhand.evaluation.controls import CONTROLS
from tfhand.evaluation.hands_evaluation import RECONSTRUCTION_FILE
from tfhand.evaluation.unconditional_evaluator import CAS, CONDITIONAL_ACCURACY, GENERATED, REAL
from tfhand.models.cgan.networks import ConditionalGAN
from tfhand.models.hand.config import HandConfig
from tfhand.models.hand.networks import HandNetworks
from tfhand.models.reader.config import ReaderConfig
from tfhand.models.reader.networks import Reader
from tfhand.models.registry import SPECS
from tfhand.models.stargan.config import StarGANConfig
from tfhand.models.stargan.networks import StarGAN
from tfhand.models.stylegan import projection
from tfhand.models.stylegan.networks import StyleGAN
from tfhand.models.verifier.config import VerifierConfig
from tfhand.models.verifier.networks import Verifier

# Keras itself converts its variables in a way that NumPy 2.4 frowns upon
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")
CHARACTERS = "aceghkn12345"
TINY = HandConfig(
    characters=CHARACTERS, hand_size=6, noise_size=2, character_size=4, style_size=8, mapping_width=8, mapping_depth=1,
    generator_widths=(4, 4, 4, 4), encoder_widths=(4, 4, 4), encoder_features=8,
)  # fmt: skip
TINY_STYLE = replace(
    TINY_STYLEGAN,
    characters=CHARACTERS,
    image_size=32,
    generator_widths=(6, 4, 4, 3),
    discriminator_widths=(3, 4, 4, 5),
)
HELD_OUT = {"people": [2, 3, 6, 40], "silent": [1], "strangers": [50], "ink": [1]}


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A folder with presets and archives, good ones and others."""
    place = tmp_path_factory.mktemp("evaluate")
    keras.utils.set_random_seed(0)
    reading, seeing = {"widths": (4, 4, 4), "features": 8}, {"character_size": 4, "embedding_size": 6}
    star = StarGANConfig(
        characters=CHARACTERS, generator_width=4, generator_limit=8, down_blocks=1, discriminator_width=4,
        discriminator_limit=8, latent_size=3, style_size=5, mapping_width=6, mapping_trunk=1, mapping_branch=1,
    )  # fmt: skip
    for name, model in {
        "hand": HandNetworks(**as_json(TINY)),
        "star": StarGAN(**as_json(star)),
        "style": StyleGAN(**as_json(TINY_STYLE)),
        "letters": ConditionalGAN(characters=CHARACTERS, **TINY_LETTERS),
        "people-letters": ConditionalGAN(3, characters=CHARACTERS, writers=True, **TINY_LETTERS),
        "reader": Reader(**as_json(ReaderConfig(characters=CHARACTERS, **reading))),
        "small-reader": Reader(**as_json(ReaderConfig(characters=CHARACTERS, image_size=16, **reading))),
        "verifier": Verifier(**as_json(VerifierConfig(characters=CHARACTERS, **reading, **seeing))),
        "small-verifier": Verifier(
            **as_json(VerifierConfig(characters=CHARACTERS, image_size=16, **reading, **seeing))
        ),
    }.items():
        knows = name in ("hand", "style", "verifier", "letters", "people-letters")
        record = {"validation_writers": HELD_OUT if knows else {"people": [2, 3]}}
        model.save_to_preset(place / name, training=record, generation=SPECS[model.family].generation(model.config))
    people = synthetic.archive(writers=8, samples=2, characters=CHARACTERS)
    people.save(place / "people.npz")
    people.save(place / "strangers.npz")
    people.save(place / "unheard-of.npz")
    replace(people, writers=None).save(place / "silent.npz")
    drawn = people.render(range(len(people)))
    replace(people, images=drawn, points=None, stroke_len=None, n_strokes=None, extent=None).save(place / "ink.npz")
    return place


def run(place: Path, output: Path, *more: str, preset="hand", reader="reader", verifier="verifier", data="people"):
    words = [str(place / preset), "--reader", str(place / reader), "--verifier", str(place / verifier)]
    words += ["--data", str(place / f"{data}.npz"), "--samples", "4", "--quick", "-o", str(output)]
    return evaluate.main([*words, *more])


def read(folder: Path) -> list[dict[str, str]]:
    with (folder / "metrics.csv").open() as file:
        return list(csv.DictReader(file))


class Done(NamedTuple):
    """One evaluation, and what it said."""

    folder: Path
    out: str
    err: str


@pytest.fixture(scope="module")
def done(place, tmp_path_factory) -> Done:
    folder, out, err = tmp_path_factory.mktemp("done") / "out", StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        assert run(place, folder, "--picture-writers", "2", "--beside", str(place / "star")) == 0
    return Done(folder, out.getvalue(), err.getvalue())


@pytest.mark.large
def test_prints_and_writes_the_same_metrics(done):
    lines = {line[:20].strip(): line[20:].split() for line in done.out.splitlines()}
    table = read(done.folder)
    names = ["real letters", "written letters", "star", "nearest writer", "mean letter", "another person"]
    assert [row["letters"] for row in table] == names
    for at, row in enumerate(table):
        made = {name: row[name] for name in ("preset", "reader", "verifier", "data", "samples", "seed", "people")}
        told = dict(preset="hand", reader="reader", verifier="verifier", data="people", samples="4", seed="0")
        assert made == told | {"people": "3"}
        assert list(row)[-len(METRICS) :] == list(METRICS)
        for name in METRICS:
            if row[name]:
                assert float(lines[name][at]) == pytest.approx(float(row[name]), abs=0.0051)
            else:
                assert lines[name][at] == "–"
        assert row["two-sample accuracy"] == ""
        assert bool(row["diversity"]) == (at < 3)


@pytest.mark.large
def test_says_who_was_asked_and_what_chance_would_give(done):
    caption = " ".join(done.out.split())
    assert "3 people never trained on; 24 letters" in caption
    assert "by chance top-1 0.33, top-5 1.00, MRR 0.61" in caption
    assert "4 given: nearest writer" in done.err
    assert max(map(len, done.out.splitlines())) <= 100


@pytest.mark.large
def test_draws_letters_and_traits(done):
    assert {path.name for path in done.folder.iterdir()} == {"metrics.csv", "letters.png", "traits.png"}
    with Image.open(done.folder / "letters.png") as picture:
        pixels = np.asarray(picture)
    assert pixels.ndim == 2
    assert pixels[0, 0] == 255
    assert pixels.shape[1] > (len(CHARACTERS) + 2) * 32


@pytest.mark.large
def test_warns_of_presets_that_know_the_people(done):
    warnings = [line for line in done.err.splitlines() if line.startswith("warning")]
    assert len(warnings) == 2
    for name, warning in zip(("reader", "star"), warnings, strict=True):
        assert f"{name} was trained on 2 of the 4 people" in warning


@pytest.mark.large
def test_letters_that_are_wrong_stand_beside_the_others(place, tmp_path):
    assert run(place, tmp_path, "--controls") == 0
    rows = {row["letters"]: row for row in read(tmp_path)}
    assert list(rows) == [
        *("real letters", "written letters", "nearest writer", "mean letter", "another person"),
        *(*CONTROLS, "the samples"),
    ]
    assert all(row["hand MRR"] for row in rows.values())
    assert [name for name, row in rows.items() if not row["legibility"]] == ["the samples"]  # other characters


@pytest.mark.large
def test_the_same_seed_gives_the_same_files(place, done, tmp_path):
    """But for rounding: sums over several threads come in no fixed order, so a pixel may be a shade darker."""
    run(place, tmp_path, "--picture-writers", "2", "--beside", str(place / "star"))
    for path in tmp_path.glob("*.png"):
        pictures = [
            np.asarray(Image.open(folder / path.name).convert("L"), float) for folder in (done.folder, tmp_path)
        ]
        np.testing.assert_allclose(*pictures, rtol=0, atol=16)
    for row, same in zip(read(done.folder), read(tmp_path), strict=True):
        figures = [[float(each.pop(name) or "nan") for name in METRICS] for each in (row, same)]
        np.testing.assert_allclose(*figures, rtol=1e-4, atol=1.1e-3)
        assert row == same


@pytest.mark.large
def test_several_numbers_of_samples_make_a_curve(place, done, tmp_path, capsys):
    assert run(place, tmp_path, "--samples", "4", "1", "--picture-writers", "2", "--seed", "1") == 0
    table = read(tmp_path)
    assert [row["samples"] for row in table] == ["1"] * 5 + ["4"] * 5
    figures = [[row[name] for name in METRICS] for row in table]
    assert figures[0] == figures[5]  # the ceiling
    assert figures[1] != figures[6]
    titles = [line.strip() for line in capsys.readouterr().out.splitlines() if line.startswith("hand, ")]
    assert titles == ["hand, 1 sample", "hand, 4 samples"]
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in done.folder.iterdir()} | {"samples.png"}
    for path in done.folder.iterdir():  # another seed asks others
        assert path.read_bytes() != (tmp_path / path.name).read_bytes()


@pytest.mark.large
def test_repeats_are_averaged(place, done, tmp_path, capsys):
    """How is tested beside `averaged`; here, that it is done and said."""
    assert run(place, tmp_path, "--repeats", "2", "--picture-writers", "0") == 0
    assert "Means over 2 random repetitions." in " ".join(capsys.readouterr().out.split())
    once, twice = ({row["letters"]: row for row in read(folder)} for folder in (done.folder, tmp_path))
    assert {row["repeats"] for row in twice.values()} == {"2"}
    assert twice["real letters"]["slant"] != once["real letters"]["slant"]
    with (tmp_path / "spread.csv").open(encoding="utf-8") as file:
        spread = {row["letters"]: float(row["slant"]) for row in csv.DictReader(file)}
    assert spread.keys() == twice.keys()
    assert spread["real letters"] > 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"preset": "nowhere"}, "There is no preset"),
        ({"reader": "nowhere"}, "There is no preset"),
        ({"preset": "reader"}, "does not write"),
        ({"reader": "hand"}, "is no reader"),
        ({"reader": "small-reader"}, "draws 32 pixels and"),
        ({"verifier": "nowhere"}, "There is no preset"),
        ({"verifier": "reader"}, "is no verifier"),
        ({"verifier": "small-verifier"}, "choose another for --verifier"),
        ({"data": "missing"}, "missing.npz"),
        ({"data": "unheard-of"}, "does not say whom of"),
        ({"data": "silent"}, "no `writers`"),
        ({"data": "strangers"}, "None of the writers that the preset held out"),
        ({"data": "silent", "preset": "letters"}, "no `writers`"),
        ({"data": "strangers", "preset": "letters"}, "None of the writers that the preset held out"),
    ],
)
def test_one_sentence_for_what_cannot_be_done(place, tmp_path, capsys, words, says):
    assert run(place, tmp_path / "out", **words) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert says in said[-1]
    assert "Traceback" not in "".join(said)
    assert not (tmp_path / "out").exists()


@pytest.mark.large
@pytest.mark.parametrize("data", ["unheard-of", "ink"])
def test_data_that_the_preset_never_saw(place, tmp_path, data):
    assert run(place, tmp_path, "--unseen", "0.4", "--picture-writers", "0", data=data) == 0
    table = read(tmp_path)
    assert {row["people"] for row in table} == {"3"}  # of eight, who are split anew
    assert {row["data"] for row in table} == {data}


@pytest.mark.parametrize("share", ["1", "-0.1", "much"])
def test_a_share_of_people_is_less_than_one(place, tmp_path, capsys, share):
    with pytest.raises(SystemExit) if share == "much" else nullcontext():
        assert run(place, tmp_path / "out", "--unseen", share) == 2
    assert "unseen" in capsys.readouterr().err


@pytest.mark.large
def test_projections_of_a_stylegan_stand_beside(place, tmp_path, monkeypatch):
    monkeypatch.setattr(projection, "STEPS", 2)
    words = "--projections", "--features", str(place / "reader"), "--picture-writers", "0"
    assert run(place, tmp_path, *words, preset="style") == 0
    ways = [f"{space} {name}" for space in projection.SPACES for name in projection.DISTANCES] + ["w+ mse, naive"]
    assert [row["letters"] for row in read(tmp_path)][2:-3] == ways
    with (tmp_path / RECONSTRUCTION_FILE).open() as file:
        reconstruction = list(csv.DictReader(file))
    assert [row["projection"] for row in reconstruction] == ways
    assert reconstruction[0]["mse"] != reconstruction[3]["mse"]
    assert all(0 <= float(row["read"]) <= 1 for row in reconstruction)


def test_only_a_stylegan_has_projections(place, tmp_path, capsys):
    assert run(place, tmp_path / "out", "--projections") == 2
    assert "is no StyleGAN; leave --projections out" in capsys.readouterr().err


@pytest.mark.parametrize("preset", ["letters", "star"])
@pytest.mark.parametrize(
    ("words", "says"),
    [(("--beside", "hand"), "is judged alone; leave --beside out"), (("--projections",), "leave --projections out")],
)
def test_nothing_stands_beside_letters_in_no_hand(place, tmp_path, refusal, preset, words, says):
    assert says in refusal(lambda words: run(place, tmp_path / "out", *words, preset=preset), *words)


@pytest.mark.large
def test_letters_in_no_hand_are_judged_by_classifiers_trained_here(place, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(letter_classifier, "STEPS", 2)
    words = {"preset": "letters", "data": "ink", "reader": "nowhere", "verifier": "nowhere"}
    assert run(place, tmp_path, "--count", "24", "--picture-writers", "1", **words) == 0
    table = read(tmp_path)
    assert [row["letters"] for row in table] == [REAL, GENERATED]
    told = dict(preset="letters", reader="trained here", count="24", data="ink", seed="0", N="24")
    for row in table:
        assert {name: row[name] for name in told} == told
        assert 0 <= float(row[CONDITIONAL_ACCURACY]) <= 100
        assert float(row["FID"]) >= 0
    assert table[0][CAS] == table[0][CONDITIONAL_ACCURACY]
    assert table[1][CAS] == ""  # --quick
    said = capsys.readouterr()
    assert "24 generated ones" in " ".join(said.out.split())
    assert "classifier of real letters, step 1 of 2" in said.err
    assert {path.name for path in tmp_path.iterdir()} == {"metrics.csv", "letters.png"}


def test_a_reader_does_not_stand_beside(place, tmp_path, capsys):
    assert run(place, tmp_path / "out", "--beside", str(place / "reader")) == 2
    assert "choose another for --beside" in capsys.readouterr().err


def test_what_keeps_no_hand_does_not_stand_beside(place, tmp_path, refusal):
    words = "--beside", str(place / "letters")
    said = refusal(lambda words: run(place, tmp_path / "out", *words, data="missing"), *words)  # before data are read
    assert "letters knows characters and no hands; choose another for --beside" in said


def test_a_file_is_no_place_for_metrics(place, tmp_path, capsys):
    (tmp_path / "out").write_text("mine")
    assert run(place, tmp_path / "out") == 2
    assert "is not a folder" in capsys.readouterr().err
    assert (tmp_path / "out").read_text() == "mine"


def test_too_many_samples_leave_nothing_to_judge(place, tmp_path, capsys):
    assert run(place, tmp_path / "out", "--samples", "11") == 2
    assert "fewer --samples" in capsys.readouterr().err


def test_help_does_not_wake_tensorflow():
    code = "import sys; from tfhand import evaluate; evaluate.build_parser(); print('tensorflow' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"


def test_no_number_of_a_wide_table_is_cut_off(capsys):
    print_table(
        [[{"": "legibility"} | {f"projection {number}": number / 100 for number in range(25)}]], "Caption.", "Title"
    )
    table = capsys.readouterr().out
    assert "…" not in table
    assert [float(figure) for figure in table.split("legibility")[1].split()[:25]] == [n / 100 for n in range(25)]

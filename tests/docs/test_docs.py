"""README, cards and the pages built from docs/ show what was measured, and lead where they say."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pytest

from docs import hooks
from tfhand.models import presets

ROOT = Path(__file__).resolve().parents[2]
EVALUATION, SAVED_MODELS = ROOT / "docs" / "evaluation", ROOT / "saved_models"
README = (ROOT / "README.md").read_text(encoding="utf-8")
RAW = "https://raw.githubusercontent.com/tfhand/tfhand/main/"
FILES = "https://github.com/tfhand/tfhand/blob/main/"
PAGES = "https://tfhand.github.io/tfhand/"
LONGEST = 250  # lines of the README
TABLES = sorted(path.relative_to(EVALUATION) for path in EVALUATION.glob("*/*.csv"))
NAMES = sorted(path.parent.name for path in SAVED_MODELS.glob(f"*/{presets.CONFIG}"))
ABOUT = {"preset", "reader", "verifier", "aligner", "data", "seed", "people", "repeats"}


class Tables(HTMLParser):
    """The tables of a page, each a list of rows of cells; and all its words."""

    def __init__(self, page: str):
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.cell: list[str] | None = None
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.cell = []

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.tables[-1][-1].append("".join(self.cell).strip())
            self.cell = None

    def handle_data(self, data):
        self.words.append(data)
        if self.cell is not None:
            self.cell.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The documentation, built strictly."""
    folder = tmp_path_factory.mktemp("site")
    words = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    result = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=300, env=quiet)
    assert result.returncode == 0, result.stdout + result.stderr
    return folder


def page(site: Path, name: str) -> Tables:
    return Tables((site / name / "index.html").read_text(encoding="utf-8"))


def shown(cell: str, digits: int) -> str:
    if not cell:
        return "–"
    return f"{float(cell):.{digits}f}" if "." in cell else cell


def numbers(path: Path) -> list[tuple[str, dict[str, str]]]:
    """(label, metrics) of each line of a CSV file of docs/evaluation."""
    lines = hooks.read_rows(EVALUATION / path)
    label = "letters" if "letters" in lines[0] else "projection"
    told = ABOUT | {"samples"} | ({"count"} if "count" in lines[0] else set())
    return [(line[label], {k: v for k, v in line.items() if k != label and k not in told}) for line in lines]


def metrics_of(preset: str) -> list[dict[str, str]]:
    return hooks.rows_of(preset)


def test_the_readme_is_short():
    assert len(README.splitlines()) <= LONGEST


def test_the_readme_shows_pictures_that_exist_on_any_page():
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)
    assert len(pictures) >= 2
    for address in pictures:
        assert address.startswith(RAW), address
        assert (ROOT / address.removeprefix(RAW)).is_file(), address


def test_the_readme_leads_to_files_and_pages_that_exist():
    links = re.findall(r"(?<!!)\[[^\]]*\]\(([^)]+)\)", README)
    assert links
    for address in links:
        if address.startswith(FILES):
            assert (ROOT / address.removeprefix(FILES)).exists(), address
        elif address.startswith(PAGES):
            place = address.removeprefix(PAGES).partition("#")[0].strip("/") or "index"
            assert (ROOT / "docs" / f"{place}.md").is_file() or (ROOT / "docs" / place / "index.md").is_file(), address
        else:
            assert address.startswith("https://"), address


def test_the_readme_has_the_newcomers_two_commands():
    commands = re.findall(r"^pip install .*$", README, re.MULTILINE)
    assert commands[0] == (
        'pip install . && python -m tfhand.write "Dear Anna 481" --sample examples/sample.jpg '
        '--says "quick fox 273" -o out.png'
    )
    assert commands[1] == 'pip install -e ".[test]" && python -m pytest'


def test_the_readme_shows_measured_metrics():
    rows = {row["letters"]: row for row in metrics_of("alphabet62")}
    letters = ("real letters", "written letters", "hand62", "nearest writer", "another person", "the samples")
    for name in ("strict legibility", "hand MRR over real", "traits over real", "diversity"):
        line = " | ".join([name, *(hooks.as_shown(rows[one][name]) for one in letters)])
        assert f"| {line} |" in README


def test_the_readme_shows_the_measured_speed():
    rows = hooks.read_rows(ROOT / "docs" / "speed" / "training.csv")
    rows = [row for row in rows if row["engine"] == "TensorFlow, graph"]
    assert ", ".join(f"{row['times PyTorch']} ({row['family']})" for row in rows) in README
    _, light, graves = hooks.read_rows(ROOT / "docs" / "speed" / "writing.csv")
    first = "first line, s"
    assert f"in {light[first]} s by LiteRT, in {graves[first]} s by Graves's network in PyTorch" in README


@pytest.mark.parametrize("preset", ["hand62", "cgan-writers"])
def test_a_card_shows_the_measured_metrics_of_hands(preset):
    text = (SAVED_MODELS / preset / presets.CARD).read_text(encoding="utf-8")
    rows = metrics_of("hand62")
    assert [row["letters"] for row in rows][:3] == ["real letters", "written letters", "cgan-writers"]
    names = list(rows[0])[list(rows[0]).index("letters") + 1 :]
    for name in names:
        line = " | ".join([name, *(f"{float(row[name]):.2f}" if row[name] else "–" for row in rows)])
        assert f"| {line} |" in text


@pytest.mark.parametrize("preset", ["stargan-mnist", "stargan-mnist-hand"])
def test_a_card_shows_the_measured_metrics_of_translation(preset):
    text = (SAVED_MODELS / preset / presets.CARD).read_text(encoding="utf-8")
    rows = metrics_of(preset)
    assert [row["letters"] for row in rows] == ["real letters", "latent", "truncated", "reference", "unchanged"]
    names = list(rows[0])[list(rows[0]).index("letters") + 1 :]
    assert f"| {' | '.join(['letters', *names])} |" in text
    for row in rows:
        line = " | ".join([row["letters"], *(f"{float(row[name]):.2f}" if row[name] else "–" for name in names)])
        assert f"| {line} |" in text


def test_the_card_shows_the_measured_metrics_of_generated_digits():
    text = (SAVED_MODELS / "cgan-digits" / presets.CARD).read_text(encoding="utf-8")
    names = ("conditional accuracy %", "CAS %", "FID", "KID x 1000")
    assert f"| {' | '.join(['letters', *names, 'N'])} |" in text
    rows = metrics_of("cgan-digits")
    assert len(rows) == 2
    for row in rows:
        line = " | ".join([row["letters"], *(f"{float(row[name]):.2f}" for name in names), row["N"]])
        assert f"| {line} |" in text


@pytest.mark.parametrize("name", ["aligner62", "line-judge62"])
def test_the_card_shows_the_measured_metrics_of_letters_in_words(name):
    text = (SAVED_MODELS / name / presets.CARD).read_text(encoding="utf-8")
    rows = metrics_of(name)
    assert len(rows) == 5
    names = list(rows[0])[list(rows[0]).index("letters") + 1 :]
    for row in rows:
        line = " | ".join([row["letters"], *(hooks.as_shown(row[name]) for name in names)])
        assert f"| {line} |" in text


def test_the_card_shows_the_measured_metrics_of_recombined_letters():
    text = (SAVED_MODELS / "stylegan62" / presets.CARD).read_text(encoding="utf-8")
    names = ("legibility", "legibility over real", "hand MRR over real", "slant", "traits over real", "FID")
    reconstruction = {row["projection"]: row for row in metrics_of("stylegan62/reconstruction")}
    rows = metrics_of("stylegan62")
    assert len(rows) == 15
    for row in rows:
        again = reconstruction.get(row["letters"])
        samples = [again[name] for name in ("mse", "perceptual", "read")] if again else ["–"] * 3
        line = " | ".join([row["letters"], *(f"{float(row[name]):.2f}" for name in names), *samples])
        assert f"| {line} |" in text


def test_the_card_shows_the_measured_metrics_of_the_same_writer_term():
    text = (SAVED_MODELS / "stargan-mnist-hand" / presets.CARD).read_text(encoding="utf-8")
    rows = [row for row in metrics_of("same-writer") if row["letters"] != "mean letter"]
    names = ("legibility over real", "hand MRR over real", "slant", "width:height", "thickness", "traits")
    for name in (*names, "traits over real", "FID", "diversity"):
        line = " | ".join([name, *(f"{float(row[name]):.2f}" if row[name] else "–" for row in rows)])
        assert f"| {line} |" in text


def test_an_unknown_name_in_a_page_ends_the_build():
    for text in ("{{ tabel: hand62 }}", "{{ table: hand63 }}", "{{ table: hand62 | colums: FID }}"):
        with pytest.raises(ValueError, match="no"):
            hooks.on_page_markdown(text)
    for text in ("{{ table: hand62 | columns: FDI }}", "{{ table: hand62 | rows: nobody }}"):
        with pytest.raises(KeyError):
            hooks.on_page_markdown(text)


@pytest.mark.large
def test_the_sketch_of_a_family_trains_and_writes(tmp_path, monkeypatch):
    import keras

    import tfhand
    from tfhand.core import charset, config
    from tfhand.models import registry, spec
    from tfhand.models.common import networks
    from tfhand.training import RunConfig, fit, grid, trainer
    from tfhand.training.datasets import hand_streams
    from tfhand.training.setup import TrainingSetup

    names = {"__name__": "sketch", "keras": keras, "layers": keras.layers, "ops": keras.ops, "dataclass": dataclass}
    for module in (charset, config, spec, networks, grid, trainer):
        names |= {name: value for name, value in vars(module).items() if not name.startswith("_")}

    def make_trainer(archives, config, train_config, seed):
        streams = hand_streams(archives, config, train_config, train_config.references, seed)
        return TrainingSetup(names["PixelTrainer"](config, train_config, seed), *streams, 48)

    names |= {"_networks": lambda: names["PixelNetworks"], "_make_trainer": make_trainer, "_signatures": None}
    text = (ROOT / "docs" / "add_a_family.md").read_text(encoding="utf-8")
    sections = re.findall(r"```python\n(.*?)```", text, re.DOTALL)[:4]
    for code in sections:
        exec(compile(code, "add_a_family.md", "exec", dont_inherit=True), names)
    family = names["PIXEL"]
    monkeypatch.setattr(registry, "SPECS", {**registry.SPECS, family.name: family})
    run = fit(RunConfig.resolve(family, {"data": ["synthetic:12:2"], "steps": 40, "log_every": 20}, run_dir=tmp_path))
    losses = [float(row["pixels"]) for row in csv.DictReader(run.metrics.read_text(encoding="utf-8").splitlines())]
    assert losses[1] < losses[0]
    assert tfhand.load(run.preset).glyphs("481").shape == (3, 32, 32)


@pytest.mark.large
def test_the_documentation_builds_strictly_and_fills_every_placeholder(site):
    built = list(site.rglob("index.html"))
    assert len(built) >= len(list((ROOT / "docs").rglob("*.md")))
    for name in ("index", "presets/index", "measurements/index", "guide/sheets/index", "guide/similarity/index"):
        source = (site / f"{name}.html").read_text(encoding="utf-8")
        assert "{{" not in source.partition("<article")[2].partition("</article")[0], name


@pytest.mark.large
@pytest.mark.parametrize("path", TABLES, ids=str)
def test_the_page_of_measurements_holds_every_number(site, path):
    tables = page(site, "measurements").tables
    upright = [[tuple(row) for row in table] for table in tables]
    turned = [list(zip(*table, strict=True)) for table in tables if len({len(row) for row in table}) == 1]
    digits = 3 if path.stem == "reconstruction" else 2
    lines = {line for table in (*upright, *turned) for line in table}
    found = numbers(path)
    assert found
    for label, metrics in found:
        assert (label, *(shown(cell, digits) for cell in metrics.values())) in lines


@pytest.mark.large
@pytest.mark.parametrize("place", ["measurements", "guide/sheets"])
def test_the_sheets_are_summed_up(site, place):
    photos = hooks.read_rows(ROOT / "docs" / "sheets" / "sheets.csv")
    assert len(photos) == 201
    table = next(table for table in page(site, place).tables if "captions leaked" in table[0])
    assert [row[0] for row in table[1:]] == ["easy", "medium", "hard"]
    for row in table[1:]:
        of_level = [photo for photo in photos if photo["level"] == row[0]]
        right, written = (sum(int(photo[name]) for photo in of_level) for name in ("right", "written"))
        empty, seen = (sum(int(photo[name]) for photo in of_level) for name in ("empty", "seen empty"))
        assert row[1:5] == [
            str(len(of_level)),
            f"{written:,}",
            f"{100 * right / written:.2f}",
            f"{100 * seen / empty:.2f}",
        ]
        assert row[5] == str(sum(int(photo["leaked"]) for photo in of_level))
        seconds = [float(photo["seconds"]) for photo in of_level]
        assert row[-1] == f"{sum(seconds) / len(seconds):.2f}"


@pytest.mark.large
def test_the_page_of_presets_lists_every_one(site):
    first = page(site, "presets").tables[0]
    assert sorted(row[0] for row in first[1:]) == NAMES
    for row in first[1:]:
        config = json.loads((SAVED_MODELS / row[0] / presets.CONFIG).read_text(encoding="utf-8"))
        size = sum(path.stat().st_size for path in (SAVED_MODELS / row[0]).rglob("*") if path.is_file()) / 1e6
        assert row[2:] == [
            config["family"],
            ", ".join(each["name"] for each in config["training"]["data"]),
            f"{config['training']['steps']:,}",
            f"{size:.1f} MB",
        ]


@pytest.mark.large
@pytest.mark.parametrize("name", NAMES)
def test_the_page_of_presets_tells_what_a_config_says(site, name):
    found = page(site, "presets")
    config = json.loads((SAVED_MODELS / name / presets.CONFIG).read_text(encoding="utf-8"))
    section = found.text.split("Presets are found by path")[1]
    training = config["training"]
    while training:
        assert " ".join(training["command"].split()) in section
        training = training.get("branch")
    facts = [dict(table) for table in found.tables if table[0][0] == "" and len(table[0]) == 2]
    generation = ", ".join(f"{key} {value if value != '' else 'none'}" for key, value in config["generation"].items())
    own = [fact for fact in facts if fact["generation"] == generation and fact["family"] == config["family"]]
    assert any(fact["steps, seed"] == f"{config['training']['steps']:,}, {config['training']['seed']}" for fact in own)

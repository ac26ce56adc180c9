"""Tables and figures of the documentation, read from the files that hold them whenever the site is built.

In a page, `docs/evaluation/NAME/metrics.csv` and `saved_models/NAME/config.json` are cited by

    {{ table: NAME | rows: first; second | columns: first; second | where: samples=10 | digits: 3 | turned }}
    {{ value: NAME | row | column | digits }}
    {{ sheets }}                          means over docs/sheets/sheets.csv by level
    {{ lines }}                           docs/lines/lines.csv, a line for each kind and level
    {{ grids }}                           docs/lines/grids.csv, a line for each kind and level
    {{ scales }}                          docs/lines/scales.csv, a line for each level
    {{ running }}                         docs/lines/running.csv, a line for each kind of hand
    {{ startup }}                         docs/lines/startup.csv, a line for each phase
    {{ training }}                        docs/speed/training.csv, a line for each family and engine
    {{ writing }}                         docs/speed/writing.csv, a line for each engine
    {{ presets | NAME: what it is; ... }} a line for each preset
    {{ preset: NAME }}                    data, training, size and generation block of one preset
    {{ command: NAME }}                   the commands that trained it, the first one first

All rows and columns stand in a table unless some are named; `turned` puts metrics in lines. `NAME/FILE` is another file
of that folder. A name that does not exist ends the build.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
EVALUATION, PRESETS = ROOT / "docs" / "evaluation", ROOT / "saved_models"
ABOUT = ("preset", "reader", "verifier", "aligner", "data", "seed", "samples", "people", "repeats", "count")
"""Columns that say how a table was measured; they are not shown in it."""
LABELS = ("letters", "projection")
LEVELS = ("easy", "medium", "hard")
PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*(.*?)\s*\}\}", re.DOTALL)

Row = dict[str, str]


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Called by MkDocs for each page; fills in the placeholders."""
    return PLACEHOLDER.sub(_filled, markdown)


def _filled(found: re.Match[str]) -> str:
    kind, text = found[1], found[2].lstrip(":|")
    if kind not in _KINDS:
        raise ValueError(f"There is no placeholder {kind!r} in {found[0]!r}; there are {', '.join(_KINDS)}.")
    return _KINDS[kind](*(part.strip() for part in text.split("|")))


def rows_of(name: str) -> list[Row]:
    """The lines of a table of docs/evaluation, by column."""
    folder, _, file = name.partition("/")
    path = EVALUATION / folder / f"{file or 'metrics'}.csv"
    if not path.is_file():
        raise ValueError(f"There is no table {path}.")
    return read_rows(path)


def read_rows(path: Path) -> list[Row]:
    """The lines of a CSV file."""
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def label_of(row: Row) -> str:
    """What a line is about: the letters that were measured."""
    return next(row[name] for name in LABELS if name in row)


def as_shown(cell: str, digits: int = 2) -> str:
    """A cell as pages show it: a fraction with so many digits, a dash for nothing, anything else as it is."""
    if not cell:
        return "–"
    return f"{float(cell):.{digits}f}" if re.fullmatch(r"-?\d+\.\d+", cell) else cell


def markdown_table(heading: Sequence[str], lines: Sequence[Sequence[str]], words: int = 1) -> str:
    """A Markdown table; the first columns hold words, the others numbers, which stand at the right."""
    ruler = ["---"] * words + ["--:"] * (len(heading) - words)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heading, ruler, *lines))


def table(name: str, *options: str) -> str:
    """A table of docs/evaluation."""
    wanted = {key.strip(): value.strip() for key, _, value in (option.partition(":") for option in options)}
    unknown = sorted(set(wanted) - {"rows", "columns", "where", "digits", "turned"})
    if unknown:
        raise ValueError(f"The table {name} has no option {unknown[0]!r}.")
    rows = rows_of(name)
    if "where" in wanted:
        column, _, value = wanted["where"].partition("=")
        rows = [row for row in rows if row[column] == value]
    if "rows" in wanted:
        by_label = {label_of(row): row for row in rows}
        rows = [by_label[label] for label in _listed(wanted["rows"])]
    columns = [column for column in rows[0] if column not in (*ABOUT, *LABELS)]
    columns = _listed(wanted["columns"]) if "columns" in wanted else columns
    digits = int(wanted.get("digits", 2))
    labels = [label_of(row) for row in rows]
    cells = [[as_shown(row[column], digits) for column in columns] for row in rows]
    if "turned" in wanted:
        lines = [[column, *(line[place] for line in cells)] for place, column in enumerate(columns)]
        return markdown_table(["metric", *labels], lines)
    return markdown_table(["letters", *columns], [[label, *line] for label, line in zip(labels, cells, strict=True)])


def value(name: str, label: str, column: str, digits: str = "2") -> str:
    """One figure of a table."""
    return as_shown(next(row for row in rows_of(name) if label_of(row) == label)[column], int(digits))


def sheets(*_: str) -> str:
    """How well simulated photos of sheets are read, over all boxes of a level."""
    photos = read_rows(ROOT / "docs" / "sheets" / "sheets.csv")
    lines = []
    for level in LEVELS:
        of_level = [photo for photo in photos if photo["level"] == level]
        total = {
            name: sum(int(photo[name]) for photo in of_level)
            for name in ("written", "right", "empty", "seen empty", "leaked", "scribbled", "left out")
        }
        mean = {
            name: sum(float(photo[name]) for photo in of_level if photo[name])
            / sum(bool(photo[name]) for photo in of_level)
            for name in ("IoU", "seconds")
        }
        lines.append([
            level, str(len(of_level)), f"{total['written']:,}", f"{100 * total['right'] / total['written']:.2f}",
            f"{100 * total['seen empty'] / total['empty']:.2f}", str(total["leaked"]),
            f"{100 * total['left out'] / total['scribbled']:.1f}", f"{mean['IoU']:.2f}", f"{mean['seconds']:.2f}",
        ])  # fmt: skip
    heading = ["level", "photos", "boxes", "right %", "empty seen as empty %", "captions leaked"]
    return markdown_table([*heading, "scribbles left out %", "IoU", "seconds"], lines)


def lines(*_: str) -> str:
    """How well simulated photos of lines are read, by kind of paper and level."""
    return _read_photos("lines", "paper")


def grids(*_: str) -> str:
    """How well simulated photos of other tools' sheets are read, by kind of sheet and level."""
    return _read_photos("grids", "sheet")


def running(*_: str) -> str:
    """How well simulated photos of running writing are read, by how joined the hand is."""
    rows = _photo_rows("running")
    return markdown_table(list(rows[0]), [[as_shown(cell) for cell in row.values()] for row in rows])


def scales(*_: str) -> str:
    """How many letters come out otherwise on a smaller photo, by level."""
    rows = _photo_rows("scales")
    names = "level", "scale", "photos", "letters", "changed"
    cells = [[*(row[name] for name in names), f"{100 * float(row['share']):.1f}"] for row in rows]
    return markdown_table([*names, "changed %"], cells)


def startup(*_: str) -> str:
    """Seconds from the start of a process to a line from a photo, by phase."""
    return _as_it_is("lines/startup")


def training(*_: str) -> str:
    """How fast trainings go, by family and engine."""
    return _as_it_is("speed/training", words=2)


def writing(*_: str) -> str:
    """How long a line in a person's hand takes, by engine."""
    return _as_it_is("speed/writing")


def _as_it_is(name: str, words: int = 1) -> str:
    rows = read_rows(ROOT / "docs" / f"{name}.csv")
    return markdown_table(list(rows[0]), [list(row.values()) for row in rows], words)


def _read_photos(name: str, kind: str) -> str:
    shares, facts = ("right", "missing", "wrong"), ("kind", "level", "photos", "letters")
    cells = [
        [*(row[fact] for fact in facts), *(f"{100 * float(row[share]):.1f}" for share in shares), row["seconds"]]
        for row in _photo_rows(name)
    ]
    heading = [kind, *facts[1:], *(f"{share} %" for share in shares), "seconds"]
    return markdown_table(heading, cells, words=2)


def _photo_rows(name: str) -> list[Row]:
    return read_rows(ROOT / "docs" / "lines" / f"{name}.csv")


def presets(*options: str) -> str:
    """A line for each preset: what it is, from the page, and what its folder says."""
    lines = []
    for option in _listed(" ".join(options)):
        name, _, what = option.partition(":")
        values = preset_config(name)
        data = ", ".join(each["name"] for each in values["training"]["data"])
        facts = values["family"], data, f"{values['training']['steps']:,}", f"{megabytes(name):.1f} MB"
        lines.append([f"[`{name}`](#{name})", what.strip(), *facts])
    return markdown_table(["preset", "description", "family", "data", "steps", "size"], lines, words=4)


def preset(name: str) -> str:
    """What config.json and the files of a preset say."""
    values = preset_config(name)
    training, generation = values["training"], values["generation"]
    held_out = training.get("validation_writers", {})
    saved_model = "in `1/`" if (PRESETS / name / "1").is_dir() else f"by `python -m tfhand.export {name}`"
    packages = " ".join(f"{key} {version}" for key, version in training["versions"].items())
    lines = [
        ("family", f"`{values['family']}`"),
        ("characters", f"{len(values['characters'])}: {_spans(values['characters'])}"),
        _picture(values),
        ("data", "<br>".join(_described(each) for each in training["data"])),
        ("writers held out", ", ".join(f"{len(people)} ({source})" for source, people in held_out.items()) or "–"),
        ("steps, seed", f"{training['steps']:,}, {training['seed']}"),
        ("size on disk", f"{megabytes(name):.1f} MB"),
        ("SavedModel", saved_model),
        ("generation", ", ".join(f"{key} {_plain(setting)}" for key, setting in generation.items())),
        ("trained with", packages),
    ]
    return markdown_table(["", ""], lines, words=2)


def command(name: str) -> str:
    """The commands that trained a preset: the first run, then what branched from it."""
    chain = list(_branches(preset_config(name)["training"]))
    return "\n".join(["```sh", *reversed(chain), "```"])


def preset_config(name: str) -> dict[str, Any]:
    """The config.json of a preset."""
    return json.loads((PRESETS / name / "config.json").read_text(encoding="utf-8"))


def megabytes(name: str) -> float:
    """Size of a preset's folder."""
    return sum(path.stat().st_size for path in (PRESETS / name).rglob("*") if path.is_file()) / 1e6


def _branches(training: dict[str, Any] | None) -> Iterator[str]:
    while training:
        yield training["command"]
        training = training.get("branch")


def _picture(values: dict[str, Any]) -> tuple[str, str]:
    """What a preset looks at: glyphs, or lines where it learned from words."""
    size = values["image_size"]
    if any("words" in each for each in values["training"]["data"]):
        return "line", f"{size} pixels high"
    return "glyph", f"{size} x {size} pixels"


def _described(data: dict[str, Any]) -> str:
    writers = f" by {data['writers']:,} writers" if data["writers"] else ""
    unit = "words" if "words" in data else "glyphs"
    return f"`{data['name']}`: {data[unit]:,} {unit}{writers}"


def _spans(characters: str) -> str:
    return re.sub(r"(?<=[9Z])(?=[A-Za-z])", " ", characters)


def _plain(setting: Any) -> str:
    return f"`{setting}`" if setting != "" else "none"


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


_KINDS: dict[str, Callable[..., str]] = {
    "table": table,
    "value": value,
    "sheets": sheets,
    "lines": lines,
    "grids": grids,
    "scales": scales,
    "running": running,
    "startup": startup,
    "training": training,
    "writing": writing,
    "presets": presets,
    "preset": preset,
    "command": command,
}

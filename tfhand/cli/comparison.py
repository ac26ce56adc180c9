"""Trainings beside each other: TensorFlow's graphs and XLA, JAX, and the same networks in PyTorch.

Every engine is measured in a process of its own, in turn, and a few rounds of that; of each the least time counts,
which other programs on the machine lengthen least. PyTorch is there in a checkout, beside `benchmarks/torch_gans`.
"""

from __future__ import annotations

import csv
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tfhand.core.files import atomic_write
from tfhand.core.json_files import read_json, write_json
from tfhand.errors import HandwritingError

if TYPE_CHECKING:
    from tfhand.training.throughput import Throughput

FAMILIES = ("cgan", "stylegan", "stargan")
PERIOD = 16  # steps in which every lazy term comes at least once
STEPS, ROUNDS, DRAWN = 3 * PERIOD, 3, 64
MATRIX = 2048  # rows and columns of the matrices whose product, by PyTorch, gives the peak
PEER, COMPILED_PEER = "PyTorch", "PyTorch, torch.compile"


@dataclass(frozen=True)
class Figures:
    """What one process measured.

    Attributes:
        first_step: seconds of the first step, compilation included.
        step: seconds of a step.
        images_per_second: of training.
        drawn_per_second: pictures that the generator draws.
        operations: floating-point operations of a step; 0 where they were not counted.
        peak: operations a second of a product of two matrices of `MATRIX` rows; 0 where it was not measured.
    """

    first_step: float
    step: float
    images_per_second: float
    drawn_per_second: float
    operations: float = 0.0
    peak: float = 0.0

    def save(self, path: Path) -> None:
        """As JSON."""
        write_json(path, asdict(self))


@dataclass(frozen=True)
class Engine:
    """What takes the steps.

    Attributes:
        name: for people.
        needs: the package that must be installed.
        command: of Python, to which the family is added.
        environment: variables of the process.
    """

    name: str
    needs: str
    command: tuple[str, ...]
    environment: Mapping[str, str]

    def is_there(self) -> bool:
        """Whether it can be measured here."""
        folder = self.command[0].partition(".")[0]  # benchmarks/ is in a checkout only
        return all(importlib.util.find_spec(name) is not None for name in (self.needs, folder))

    def run(self, family: str, steps: int, batch_size: int | None) -> Figures:
        """Its figures of a family, by a process of its own.

        Raises:
            HandwritingError: the process failed.
        """
        size = ["--batch-size", str(batch_size)] if batch_size else []
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **self.environment}
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "figures.json"
            words = [*self.command, family, "--steps", str(steps), *size, "--json", str(file)]
            done = subprocess.run(
                [sys.executable, "-m", *words], env=environment, capture_output=True, text=True, check=False
            )
            if done.returncode:
                reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
                raise HandwritingError(f"{self.name} could not train {family}: {reason}")
            return Figures(**read_json(file))


OURS = "tfhand.bench", "--jit"
THEIRS = "benchmarks.torch_gans"
ENGINES = (
    Engine("TensorFlow, graph", "tensorflow", (*OURS, "off"), {"KERAS_BACKEND": "tensorflow"}),
    Engine("TensorFlow, XLA", "tensorflow", (*OURS, "on"), {"KERAS_BACKEND": "tensorflow"}),
    Engine("JAX", "jax", (*OURS, "auto"), {"KERAS_BACKEND": "jax"}),
    Engine(PEER, "torch", (THEIRS,), {}),
    Engine(COMPILED_PEER, "torch", (THEIRS, "--compile"), {}),
)


def compare(
    families: Sequence[str],
    steps: int = STEPS,
    rounds: int = ROUNDS,
    batch_size: int | None = None,
    told: Callable[[str], None] = lambda words: None,
) -> Iterator[list[dict[str, object]]]:
    """The rows of the table, a line for each family and engine, anew after each process that has measured.

    Args:
        families: of `FAMILIES`.
        steps: that are timed in each process.
        rounds: how often all of it is measured.
        batch_size: of all of them; None for each family's own.
        told: is told what is being measured.

    Raises:
        HandwritingError: a process failed, or nothing is installed that trains.
    """
    engines = [engine for engine in ENGINES if engine.is_there()]
    if not engines:
        raise HandwritingError("Neither TensorFlow nor JAX nor PyTorch is installed.")
    found: dict[tuple[str, str], list[Figures]] = {}
    for number in range(rounds):
        for family in families:
            for engine in engines:
                told(f"round {number + 1} of {rounds}: {family}, {engine.name}")
                found.setdefault((family, engine.name), []).append(engine.run(family, steps, batch_size))
                yield list(_rows(found))


def _rows(found: Mapping[tuple[str, str], list[Figures]]) -> Iterator[dict[str, object]]:
    peak = max(one.peak for repeats in found.values() for one in repeats)  # so far
    for (family, engine), repeats in found.items():
        best = min(repeats, key=lambda one: one.step)
        peers = {name: found.get((family, name), []) for name in (PEER, COMPILED_PEER)}
        others = {name: min((one.step for one in many), default=None) for name, many in peers.items()}
        operations = max((one.operations for many in peers.values() for one in many), default=0.0)
        yield {
            "family": family,
            "engine": engine,
            "a step, ms": f"{1000 * best.step:.1f}",
            "median of the rounds, ms": f"{1000 * np.median([one.step for one in repeats]):.1f}",
            "images per second": f"{best.images_per_second:.0f}",
            "first step, s": f"{min(one.first_step for one in repeats):.1f}",
            "drawn per second": f"{max(one.drawn_per_second for one in repeats):.0f}",
            **{f"times {name}": f"{step / best.step:.2f}" if step else "" for name, step in others.items()},
            "of the peak": f"{operations / best.step / peak:.1%}" if operations else "",
        }


def save(rows: Sequence[Mapping[str, object]], folder: Path) -> None:
    """Writes training.csv and training.png into a folder, which is made."""
    with atomic_write(folder / "training.csv") as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    with atomic_write(folder / "training.png") as temporary:
        picture(rows, temporary)


def picture(rows: Sequence[Mapping[str, object]], path: Path) -> None:
    """Bars of the images per second, a panel for each family."""
    from matplotlib.figure import Figure

    families = list(dict.fromkeys(str(row["family"]) for row in rows))
    figure = Figure(figsize=(3.2 * len(families), 2.6), layout="constrained")
    for axes, family in zip(np.atleast_1d(figure.subplots(1, len(families))), families, strict=True):
        own = [row for row in rows if row["family"] == family]
        names = [str(row["engine"]) for row in own]
        colours = ["tab:blue" if "PyTorch" not in name else "tab:grey" for name in names]
        axes.barh(names, [float(str(row["images per second"])) for row in own], color=colours)
        axes.invert_yaxis()
        axes.set(title=family, xlabel="images per second")
        axes.tick_params(axis="y", labelsize=8, labelleft=family == families[0])
    figure.savefig(path, format="png", dpi=130)


def figures_of(family: str, networks: Any, found: Throughput, jit: bool) -> Figures:
    """What was found of a training, and how fast its networks draw; jit compiles them with XLA."""
    import keras

    from tfhand.training.backend import compile_step

    draw, inputs = compile_step(networks, jit), inputs_of(family, networks.config)
    return Figures(
        found.first_step,
        found.step,
        found.images_per_second,
        drawn_per_second=DRAWN / least_time(lambda: float(keras.ops.sum(draw(*inputs)))),
    )


def inputs_of(family: str, config: Any) -> list[np.ndarray]:
    """What networks of a family draw `DRAWN` pictures from, each in a random hand."""
    rng, side = np.random.default_rng(0), config.image_size
    characters = (np.arange(DRAWN) % len(config.characters)).astype(np.int32)

    def noise(size: int) -> np.ndarray:
        return rng.standard_normal((DRAWN, size), np.float32)

    if family == "cgan":
        return [noise(config.code_size), characters, noise(config.noise_size)]
    if family == "stylegan":
        return [noise(config.latent_size), characters, noise(config.noise_size)]
    return [np.zeros((DRAWN, side, side, 1), np.float32), noise(config.latent_size), characters]


def least_time(act: Callable[[], object], times: int = 5) -> float:
    """Seconds that it takes, the least of a few times after one to warm up."""
    act()
    found = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        found.append(time.perf_counter() - began)
    return min(found)

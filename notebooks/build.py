"""Executes the notebooks: `python -m notebooks.build` fills the outputs of all of them, `... 02 05` of these two.

A notebook is a pair: NAME.py is the script that people edit (jupytext's percent format), NAME.ipynb the same with its
outputs.
"""

from __future__ import annotations

import argparse
import configparser
import os
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError

from notebooks.course import STATIC, STEPS
from tfhand.cli.command import command, positive
from tfhand.core.files import atomic_write
from tfhand.errors import HandwritingError

FOLDER = Path(__file__).resolve().parent
SETUP = FOLDER.parent / "setup.cfg"
SLOWEST_CELL, SLOWEST_SHORT_CELL = 1800, 240  # seconds; the second where trainings are shortened
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
BADGE = "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({address})"
COLAB = "https://colab.research.google.com/github/{project}/blob/main/notebooks/{name}.ipynb"
INSTALL = """\
import importlib.util
import sys

if importlib.util.find_spec("tfhand") is None:  # on Colab
    print("Fetching tfhand ...")
    !git clone --depth 1 https://github.com/{project}
    %cd {folder}/notebooks
    %pip install --quiet ..
    sys.path.insert(0, "")"""
ARGUMENTS = ["--IPKernelApp.capture_fd_output=False", "--log-level=ERROR"]  # logs of TensorFlow's C++ are no output


class NotebookError(HandwritingError):
    """A notebook that did not run to its end, or that warned."""

    __str__ = Exception.__str__  # a traceback has many lines


class KernelSilent(NotebookError):
    """A kernel gave no answer; now and then one loses a message, and a new one does better."""


def scripts() -> list[Path]:
    """The notebooks in the order of the course, as percent scripts."""
    return sorted(FOLDER.glob("[0-9][0-9]_*.py"))


def project() -> str | None:
    """OWNER/NAME of the project on GitHub, from the address of its source in setup.cfg; None where it is not there."""
    setup = configparser.ConfigParser()
    setup.read(SETUP, encoding="utf-8")
    lines = setup.get("metadata", "project_urls", fallback="").strip().splitlines()
    addresses = dict(line.split(" = ", 1) for line in lines)
    there = re.fullmatch(r"https://github\.com/([\w.-]+/[\w.-]+?)(\.git)?/?", addresses.get("Source", ""))
    return there[1] if there else None


def _for_colab(cells: list[nbformat.NotebookNode], name: str) -> None:
    """Puts the badge under the title, and after the opening the cell that fetches the library."""
    if (where := project()) is None:
        return
    title, rest = cells[0].source.split("\n", 1)
    badge = BADGE.format(address=COLAB.format(project=where, name=name))
    cells[0].source = f"{title}\n\n{badge}\n{rest}"
    cells.insert(1, nbformat.v4.new_code_cell(INSTALL.format(project=where, folder=where.split("/")[1])))


def read(script: Path) -> nbformat.NotebookNode:
    """A percent script as a notebook without outputs, with what Colab needs where the project's address is known."""
    notebook = jupytext.read(script)
    if notebook.cells[0].cell_type == "markdown":
        _for_colab(notebook.cells, script.stem)
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL})
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"  # not a random one, so that the same script gives the same file
    return notebook


def execute(notebook: nbformat.NotebookNode, steps: int | None = None) -> None:
    """Executes all cells of a notebook in place, in a kernel of its own that imports this checkout's tfhand.

    Args:
        notebook: as `read` gives it.
        steps: to shorten it to; None executes it in full.

    Raises:
        NotebookError: a cell failed, or wrote warnings.
    """
    environment = {name: value for name, value in os.environ.items() if name != STEPS}
    environment |= {STATIC: "1"} | ({STEPS: str(steps)} if steps else {})
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(FOLDER.parent), os.environ.get("PYTHONPATH")]))
    place = {"metadata": {"path": FOLDER}}
    timeout = SLOWEST_CELL if steps is None else SLOWEST_SHORT_CELL
    options = {"timeout": timeout, "record_timing": False, "extra_arguments": ARGUMENTS}
    try:
        NotebookClient(notebook, resources=place, **options).execute(env=environment)
    except CellTimeoutError:
        raise KernelSilent(f"A cell had no answer from its kernel for {timeout} seconds.") from None
    except CellExecutionError as error:
        raise NotebookError(f"{error}") from None
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                raise NotebookError(f"This cell warned:\n{cell.source}\n{output.text}")


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m notebooks.build", description=__doc__)
    parser.add_argument("numbers", nargs="*", metavar="NUMBER", help="of the notebooks, as 02 05 (default: all)")
    parser.add_argument(
        "--steps", type=positive, metavar="N", help="execute them shortened to so many steps, and write no file"
    )
    return parser


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Executes the notebooks that are asked for; returns the exit code."""
    options = build_parser().parse_args(argv)
    known = {script.name[:2]: script for script in scripts()}
    unknown = set(options.numbers) - set(known)
    if unknown:
        raise HandwritingError(f"There is no notebook {', '.join(sorted(unknown))}; there are {' '.join(known)}.")
    for number in options.numbers or known:
        script, began = known[number], time.perf_counter()
        notebook = read(script)
        execute(notebook, options.steps)
        if options.steps is None:
            with atomic_write(script.with_suffix(".ipynb")) as temporary:
                nbformat.write(notebook, temporary)
        print(f"{script.stem}: {time.perf_counter() - began:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

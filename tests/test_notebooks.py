"""The notebooks run from their first cell to their last, and their pairs agree."""

from __future__ import annotations

import ast

import jupytext
import pytest

from notebooks import build
from notebooks.build import STEPS, KernelSilent, NotebookError, execute, main, read, scripts

NOTEBOOKS = pytest.mark.parametrize("script", scripts(), ids=lambda script: script.stem)
LONGEST_CELL, LARGEST_FILE = 15, 1_500_000  # lines, bytes
FAST = 2  # steps


def test_there_are_seven():
    assert [script.name[:2] for script in scripts()] == [f"{number:02d}" for number in range(1, 8)]


def ran(cells: list) -> list:
    """The cells of code, which have all run, one after the other."""
    code = [cell for cell in cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    return code


@pytest.mark.large
@NOTEBOOKS
def test_a_notebook_runs_without_errors_or_warnings(script):
    notebook = read(script)
    try:
        execute(notebook, FAST)
    except KernelSilent:
        notebook = read(script)
        execute(notebook, FAST)
    assert ran(notebook.cells)


@NOTEBOOKS
def test_a_pair_agrees_and_its_outputs_are_whole(script):
    filled = script.with_suffix(".ipynb")
    assert filled.stat().st_size < LARGEST_FILE
    cells, wanted = jupytext.read(filled).cells, read(script).cells
    assert [(cell.cell_type, cell.source) for cell in cells] == [(cell.cell_type, cell.source) for cell in wanted]
    outputs = [output for cell in ran(cells) for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= 5


@NOTEBOOKS
def test_a_notebook_is_thin_and_says_who_it_is_for(script):
    cells = read(script).cells
    for cell in cells:
        if cell.cell_type == "code":
            assert len(cell.source.splitlines()) <= LONGEST_CELL, cell.source
    source = script.read_text(encoding="utf-8")
    assert not [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef)]
    opening, closing = cells[0].source, cells[-1].source
    for words in ("Who this is for", "What you will be able to do", "How long it takes", "colab.research.google.com"):
        assert words in opening
    assert "## What we learned" in closing
    assert "Try this" in closing
    assert STEPS in source


def test_a_failing_cell_and_a_warning_are_seen(tmp_path):
    for line, seen in (("1 / 0", "ZeroDivisionError"), ("import warnings; warnings.warn('odd')", "odd")):
        script = tmp_path / "00_wrong.py"
        script.write_text(f"# %%\n{line}\n", encoding="utf-8")
        with pytest.raises(NotebookError, match=seen):
            execute(read(script))


def test_an_unknown_notebook_is_refused(refusal):
    assert refusal(main, "99").startswith("There is no notebook 99; there are 01 ")


def test_a_kernel_without_an_answer_is_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "SLOWEST_SHORT_CELL", 3)
    script = tmp_path / "00_long.py"
    script.write_text("# %%\nimport time; time.sleep(60)\n", encoding="utf-8")
    with pytest.raises(KernelSilent, match="no answer from its kernel for 3 seconds"):
        execute(read(script), FAST)

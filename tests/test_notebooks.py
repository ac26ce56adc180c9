"""The notebooks run from their first cell to their last, and their pairs agree."""

from __future__ import annotations

import ast
import re

import jupytext
import pytest

from notebooks import build
from notebooks.build import KernelSilent, NotebookError, execute, main, project, read, scripts

NOTEBOOKS = pytest.mark.parametrize("script", scripts(), ids=lambda script: script.stem)
LONGEST_CELL, LARGEST_FILE = 15, 1_500_000  # lines, bytes
FAST = 2  # steps
OWN_CLASSES = {"02_conditional_gan": ["GAN"]}  # what a notebook builds before the eyes of the student


def test_they_are_numbered_without_a_gap_and_the_course_lists_them():
    names = [script.stem for script in scripts()]
    assert [name[:2] for name in names] == [f"{number:02d}" for number in range(1, len(names) + 1)]
    course = (build.FOLDER / "README.md").read_text(encoding="utf-8")
    assert [name for name in names if f"({name}.ipynb)" not in course] == []


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
    classes = [node.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef)]
    assert classes == OWN_CLASSES.get(script.stem, [])
    opening, closing = cells[0].source, cells[-1].source
    for words in ("Who this is for", "What you will be able to do", "How long it takes"):
        assert words in opening
    assert "## What we learned" in closing


@NOTEBOOKS
def test_a_notebook_has_two_exercises_with_hidden_solutions(script):
    cells = read(script).cells
    solutions = [cell for cell in cells if "solution" in cell.metadata.get("tags", [])]
    assert len(solutions) == 2
    assert all(cell.metadata["jupyter"]["source_hidden"] for cell in solutions)
    assert all(re.search(r"^(assert |confirm\()", cell.source, re.MULTILINE) for cell in solutions)
    assert any(cell.source.startswith("## Exercises") for cell in cells)


def a_setup(folder, monkeypatch, urls):
    """A setup.cfg with these project URLs instead of the checkout's."""
    setup = folder / "setup.cfg"
    setup.write_text(f"[metadata]\nname = tfhand\n{urls}", encoding="utf-8")
    monkeypatch.setattr(build, "SETUP", setup)


def test_badge_and_install_cell_follow_the_address_in_setup(tmp_path, monkeypatch):
    a_setup(tmp_path, monkeypatch, "project_urls =\n    Source = https://github.com/somebody/their-hand.git\n")
    script = scripts()[0]
    opening, install, *rest = read(script).cells
    assert project() == "somebody/their-hand"
    title, _, badge, *_ = opening.source.splitlines()
    assert title.startswith("# 1.")
    assert f"/github/somebody/their-hand/blob/main/notebooks/{script.stem}.ipynb)" in badge
    assert "!git clone --depth 1 https://github.com/somebody/their-hand\n" in install.source
    assert "%cd their-hand/notebooks\n" in install.source
    for urls in ("", "project_urls =\n    Source = https://example.org/hand\n"):
        a_setup(tmp_path, monkeypatch, urls)
        cells = read(script).cells
        assert project() is None
        assert "colab" not in cells[0].source
        assert [cell.source for cell in cells[1:]] == [cell.source for cell in rest]


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

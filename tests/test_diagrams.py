"""The diagrams of the course are what their script draws, and the notebooks show them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import pytest

from notebooks import diagrams
from notebooks.build import read, scripts


@pytest.mark.parametrize("name", diagrams.DIAGRAMS)
def test_a_diagram_is_as_its_script_draws_it(tmp_path, name):
    drawn = diagrams.save(name, tmp_path).read_text(encoding="utf-8")
    assert (diagrams.FOLDER / f"{name}.svg").read_text(encoding="utf-8") == drawn
    assert ElementTree.fromstring(drawn).tag.endswith("svg")


def test_every_diagram_is_shown_with_words_for_who_cannot_see_it():
    sources = [cell.source for script in scripts() for cell in read(script).cells if cell.cell_type == "markdown"]
    found = re.findall(r"!\[([^]]*)\]\(diagrams/([\w-]+)\.svg\)", "\n".join(sources))
    assert {name for _, name in found} == set(diagrams.DIAGRAMS)
    assert all(len(words) > 20 for words, _ in found)


def test_an_arrow_ends_at_a_box_that_is_there():
    with pytest.raises(KeyError, match="nowhere"):
        diagrams.draw({"one": diagrams.Box("one", 0, 0)}, [diagrams.Arrow("one", "nowhere")])


def test_an_unknown_diagram_is_refused(refusal):
    assert "There is no diagram nothing" in refusal(diagrams.main, "nothing")

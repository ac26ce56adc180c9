"""Docstrings as pages want them: code under "Example:" as code; a Griffe extension that mkdocs.yml names."""

from __future__ import annotations

import re
import textwrap
from typing import Any

import griffe

EXAMPLE = re.compile(r"^(?P<indent> *)Example:\n(?P<code>(?:(?P=indent) {4}.*(?:\n|$)|\n)+)", re.MULTILINE)
PLACEHOLDER = re.compile(r"<(?=[a-z]+>)")


class DocstringExamples(griffe.Extension):
    """Puts the code into a fenced block, and keeps words in angle brackets from being taken for HTML."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Called for every object after it was read."""
        if obj.docstring:
            obj.docstring.value = EXAMPLE.sub(_fenced, PLACEHOLDER.sub("&lt;", obj.docstring.value))


def _fenced(found: re.Match[str]) -> str:
    code = textwrap.dedent(found["code"]).strip("\n")
    block = f"**Example**\n\n```python\n{code}\n```\n\n"
    return textwrap.indent(block, found["indent"])

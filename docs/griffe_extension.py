"""What the API pages show of the code, where Griffe alone would show less; an extension that mkdocs.yml names."""

from __future__ import annotations

import ast
import re
import textwrap
from typing import Any

import griffe

EXAMPLE = re.compile(r"^(?P<indent> *)Example:\n(?P<code>(?:(?P=indent) {4}.*(?:\n|$)|\n)+)", re.MULTILINE)
PLACEHOLDER = re.compile(r"<(?=[a-z]+>)")


class HouseStyle(griffe.Extension):
    """Code under "Example:" as a block, words in angle brackets as words, a setting's help as its docstring."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Called for every object after it was read."""
        if obj.docstring:
            obj.docstring.value = EXAMPLE.sub(_fenced, PLACEHOLDER.sub("&lt;", obj.docstring.value))

    def on_attribute(self, *, attr: griffe.Attribute, **_: Any) -> None:
        """Called for every attribute: a field of a configuration is `setting(default, help)`."""
        if not str(attr.value).startswith("setting("):
            return
        call = ast.parse(str(attr.value), mode="eval").body
        default, text = call.args  # type: ignore[attr-defined]
        attr.docstring = griffe.Docstring(ast.literal_eval(text), parent=attr)
        attr.value = ast.unparse(default)


def _fenced(found: re.Match[str]) -> str:
    code = textwrap.dedent(found["code"]).strip("\n")
    block = f"**Example**\n\n```python\n{code}\n```\n\n"
    return textwrap.indent(block, found["indent"])

"""The sentences of errors in the language of the page: one JSON file a language in sentences/.

An error is raised with its sentence in plain English, wherever it is raised. The files say the same for people on the
page, by that sentence with names in braces where its values stand. English has those alone that name a flag of a
command or such, which nobody meets on the page. A sentence that no file has stays as it is.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from tfhand.core.json_files import read_json

FOLDER = Path(__file__).parent / "sentences"
_NAME = re.compile(r"\{(\w+)\}")


@cache
def sentences(language: str) -> dict[str, str]:
    """What the page says in a language, by what is raised."""
    return read_json(FOLDER / f"{language}.json")


def translated(language: str, sentence: str) -> str:
    """A sentence as the page says it; its values, which may be sentences themselves, likewise."""
    for pattern, said in _patterns(language):
        found = pattern.fullmatch(sentence)
        if found:
            return said.format(**{name: translated(language, value) for name, value in found.groupdict().items()})
    return sentence


@cache
def _patterns(language: str) -> list[tuple[re.Pattern[str], str]]:
    """What is raised as patterns, the most exact ones first, and what the page says."""
    raised = sorted(sentences(language).items(), key=lambda one: -len(_NAME.sub("", one[0])))
    return [(re.compile(_pattern(english)), said) for english, said in raised]


def _pattern(english: str) -> str:
    parts = _NAME.split(english)  # plain text and names by turns
    return "".join(f"(?P<{part}>.+?)" if place % 2 else re.escape(part) for place, part in enumerate(parts))

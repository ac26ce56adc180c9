"""The words of the page: one JSON file a language in catalogue/, all with the same keys."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tfhand.core.json_files import read_json

LANGUAGES = ("en", "de", "fr", "es")
FOLDER = Path(__file__).parent / "catalogue"


@cache
def words(language: str) -> dict[str, str]:
    """All texts of the page in a language, by key."""
    return read_json(FOLDER / f"{language}.json")


def text(language: str, key: str, **values: object) -> str:
    """One text with its values filled in."""
    return words(language)[key].format(**values)


def best(accepted: str) -> str:
    """The language of the page for a browser's Accept-Language header, in its order; English where none is known."""
    for part in accepted.split(","):
        language = part.split(";")[0].strip().lower().partition("-")[0]
        if language in LANGUAGES:
            return language
    return LANGUAGES[0]

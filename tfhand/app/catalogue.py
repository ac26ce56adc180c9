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
    """The first language of a browser's Accept-Language header, as the browser takes it too; or else English."""
    language = accepted.split(",")[0].split(";")[0].strip().lower().partition("-")[0]
    return language if language in LANGUAGES else LANGUAGES[0]

from __future__ import annotations

import ast
import re
import string

import pytest

from tfhand.app import catalogue

ENGLISH = catalogue.words("en")
TABS = (
    "begin", "mend", "tiles", "write", "report", "blocks", "reading", "writing", "mending", "session", "sessions",
    "context",
)  # fmt: skip


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", catalogue.LANGUAGES)
def test_every_language_has_every_text(language):
    words = catalogue.words(language)
    assert list(words) == list(ENGLISH)
    assert [key for key, text in words.items() if not text.strip()] == []
    assert [key for key in words if fields(words[key]) != fields(ENGLISH[key])] == []
    heads = {key: re.match("#*", text).group() for key, text in words.items()}
    assert heads == {key: re.match("#*", text).group() for key, text in ENGLISH.items()}


@pytest.mark.parametrize("language", catalogue.LANGUAGES[1:])
def test_other_languages_are_translated(language):
    words = catalogue.words(language)
    same = {key for key in words if words[key] == ENGLISH[key]}
    assert len(same) < 12, same


def test_there_is_no_other_language_on_disk():
    assert {path.stem for path in catalogue.FOLDER.iterdir()} == set(catalogue.LANGUAGES)


def strings(name: str) -> list[str]:
    """The strings of a module that are not its docstrings."""
    tree = ast.parse((catalogue.FOLDER.parent / f"{name}.py").read_text(encoding="utf-8"))
    bodies = [node for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)]
    told = {id(body.body[0].value) for body in bodies if isinstance(body.body[0], ast.Expr)}
    constants = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in told]
    return [node.value for node in constants if isinstance(node.value, str)]


@pytest.mark.parametrize("name", TABS)
def test_no_text_for_people_stands_in_the_code(name):
    plain = [re.sub(r"<[^>]*>?|[\w-]+=\"[^\"]*|\([^)]*\) *=>.*|[\w.]+\(.*", "", one) for one in strings(name)]
    assert [one for one in plain if re.search(r"[A-Za-z]{2,} [a-z]{2,}", one) and "element" not in one] == []


@pytest.mark.parametrize("name", TABS)
def test_every_text_that_the_code_names_is_there(name):
    source = (catalogue.FOLDER.parent / f"{name}.py").read_text(encoding="utf-8")
    named = re.findall(r"\b(?:say|text)\(\s*\"(\w+)\"", source)
    assert [key for key in named if key not in ENGLISH] == []


def test_every_text_is_used():
    sources = "".join(path.read_text(encoding="utf-8") for path in catalogue.FOLDER.parent.glob("*.py"))
    kinds = "page|paper|ink|joined|save|state|short|about|group|tab|cut|shows|draw|error|trait"
    made = re.compile(rf"({kinds})_|report_(kept|lost|overdone|not_special)")
    assert [key for key in ENGLISH if not re.search(f"[\"']{key}[\"']", sources) and not made.match(key)] == []


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("de-AT,de;q=0.9,en;q=0.8", "de"), ("fr", "fr"), ("nl,de", "en"), ("", "en"), ("*;q=1", "en"), ("ES-mx", "es")],
)
def test_the_language_is_the_browsers(accepted, language):
    assert catalogue.best(accepted) == language

"""How a font chooses joined forms, as lookups of a feature file.

First each letter that is joined to the one after it gets the form with an exit, then each letter after an exit the form
that begins at this joint, and last, forms that make a ligature become one glyph. Software without these features shows
the letters apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from tfhand.typeface.alternates import glyph_name
from tfhand.typeface.joined import JoinedLetters


def joining(joined: JoinedLetters) -> list[str]:
    """The lookups `exits`, `entries` and, if there are ligatures, `ligatures`."""
    first = {(form.letters, form.entry, form.exit): form.first for form in joined.forms if not form.variant}
    return [
        *_exits(joined, first),
        *_entries(joined, first),
        *(["lookup ligatures {", *_ligatures(joined, first), "} ligatures;"] if joined.ligatures else []),
    ]


def _exits(joined: JoinedLetters, first: Mapping[tuple[str, int, int], str]) -> list[str]:
    """Letters that are joined to the one after them."""
    starts = {letters: name for (letters, entry, leave), name in first.items() if leave and not entry}
    same: dict[str, list[str]] = defaultdict(list)  # by what follows
    for letter, others in joined.pairs.items():
        if letter in starts:
            same[others].append(glyph_name(letter))
    changes = [f"sub {glyph_name(letter)} by {name};" for letter, name in starts.items() if len(letter) == 1]
    rules = [
        f"sub [{' '.join(letters)}]' lookup to_exit [{' '.join(map(glyph_name, others))}];"
        for others, letters in same.items()
    ]
    return ["lookup to_exit {", *changes, "} to_exit;", "lookup exits {", *rules, "} exits;"]


def _entries(joined: JoinedLetters, first: Mapping[tuple[str, int, int], str]) -> list[str]:
    """Letters after an exit."""
    lines, rules = [], []
    for joint in joined.joints:
        changes = {
            first.get((letter, 0, leave), glyph_name(letter)): name
            for (letter, entry, leave), name in first.items()
            if entry == joint and len(letter) == 1
        }
        if not changes:
            continue
        lines += [f"lookup to_entry{joint} {{", *(f"sub {old} by {new};" for old, new in changes.items())]
        lines.append(f"}} to_entry{joint};")
        exits = (name for (letter, _, leave), name in first.items() if leave == joint and len(letter) == 1)
        rules.append(f"sub [{' '.join(exits)}] [{' '.join(changes)}]' lookup to_entry{joint};")
    return [*lines, "lookup entries {", *rules, "} entries;"]


def _ligatures(joined: JoinedLetters, first: Mapping[tuple[str, int, int], str]) -> Iterator[str]:
    """Forms in a row that are one glyph."""
    exits = {letters: leave for letters, _, leave in first if leave and len(letters) == 1}
    for (letters, entry, leave), name in first.items():
        if len(letters) > 1:
            inner = [exits[letter] for letter in letters[:-1]]
            ends = zip(letters, [entry, *inner], [*inner, leave], strict=True)
            yield f"sub {' '.join(first[one] for one in ends)} by {name};"

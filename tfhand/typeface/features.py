"""The OpenType features of a font as a feature file: joined forms, alternates that take turns, and kerning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from tfhand.typeface.alternates import Alternate
from tfhand.typeface.joined import JoinedForm, JoinedLetters
from tfhand.typeface.joining import joining
from tfhand.typeface.spacing import without_accents

MEMORY = 5  # a letter looks this many glyphs back for another one of its character


def features(
    alternates: Sequence[Alternate],
    names: Sequence[str],
    kerning: Mapping[tuple[str, str], int],
    joined: JoinedLetters | None = None,
) -> str:
    """The feature file of a font.

    Args:
        alternates: all alternates of the font.
        names: the glyph name of each alternate.
        kerning: font units for pairs of characters without accents.
        joined: what is joined, if anything.
    """
    forms = joined.forms if joined else ()
    by_character: dict[str, list[str]] = defaultdict(list)
    for alternate, name in zip(alternates, names, strict=True):
        by_character[alternate.character].append(name)
    for form in forms:
        by_character[form.first].append(form.name)
    turns = _turns([*by_character.values()])
    calt = [f"lookup {name};" for name in ("exits", "entries") if joined] + ["lookup turns;"] * bool(turns)
    return "\n".join(
        [
            "languagesystem DFLT dflt;",
            "languagesystem latn dflt;",
            *(joining(joined) if joined else []),
            *turns,
            *(["feature calt {", *calt, "} calt;"] if calt else []),
            *(["feature liga {", "lookup ligatures;", "} liga;"] if joined and joined.ligatures else []),
            *_kern(alternates, names, kerning, forms),
        ]
    )


def _turns(groups: Sequence[Sequence[str]]) -> list[str]:
    """The lookup by which the alternates of a glyph take turns, so that three in a row differ.

    After `MEMORY` glyphs without any of a group, its first one comes again.
    """
    several = [group for group in groups if len(group) > 1]
    if not several:
        return []
    lines = [f"@any = [space {' '.join(name for group in groups for name in group)}];"]
    for turn in range(1, max(map(len, several))):
        changes = (f"sub {group[0]} by {group[turn]};" for group in several if turn < len(group))
        lines += [f"lookup to{turn} {{", *changes, f"}} to{turn};"]
    lines.append("lookup turns {")
    for group in several:
        for distance in range(MEMORY):  # the nearest one counts, so its rule comes first
            between = " @any" * distance
            lines += [f"sub {name}{between} {group[0]}' lookup to{turn};" for turn, name in enumerate(group[:-1], 1)]
            lines.append(f"ignore sub {group[-1]}{between} {group[0]}';")
    return [*lines, "} turns;"]


def _kern(
    alternates: Sequence[Alternate],
    names: Sequence[str],
    kerning: Mapping[tuple[str, str], int],
    forms: Sequence[JoinedForm],
) -> list[str]:
    """The feature kern, by classes of glyphs that are the same without accents; joined ends are not kerned."""
    if not kerning:
        return []
    members: dict[str, list[str]] = defaultdict(list)
    for alternate, name in zip(alternates, names, strict=True):
        members[without_accents(alternate.character)].append(name)
    before = {base: [*glyphs, *(f.name for f in forms if not f.exit and without_accents(f.letters[-1]) == base)]
              for base, glyphs in members.items()}  # fmt: skip
    after = {base: [*glyphs, *(f.name for f in forms if not f.entry and without_accents(f.letters[0]) == base)]
             for base, glyphs in members.items()}  # fmt: skip
    lines = [
        f"@{side}{ord(base):04X} = [{' '.join(glyphs)}];"
        for side, classes in (("before", before), ("after", after))
        for base, glyphs in classes.items()
    ]
    pairs = [f"pos @before{ord(one):04X} @after{ord(two):04X} {units};" for (one, two), units in kerning.items()]
    return [*lines, "feature kern {", *pairs, "} kern;"]

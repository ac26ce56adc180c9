"""The OpenType features of a font as a feature file: alternates that take turns, and kerning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from tfhand.typeface.alternates import Alternate
from tfhand.typeface.spacing import without_accents

MEMORY = 5  # a letter looks this many glyphs back for another one of its character


def features(alternates: Sequence[Alternate], names: Sequence[str], kerning: Mapping[tuple[str, str], int]) -> str:
    """The feature file of a font.

    Args:
        alternates: all alternates of the font.
        names: the glyph name of each alternate.
        kerning: font units for pairs of characters without accents.
    """
    return "\n".join(
        [
            "languagesystem DFLT dflt;",
            "languagesystem latn dflt;",
            *_calt(alternates, names),
            *_kern(alternates, names, kerning),
        ]
    )


def _calt(alternates: Sequence[Alternate], names: Sequence[str]) -> list[str]:
    """The feature calt (contextual alternates).

    The alternates of a character take turns, so that three in a row differ. After `MEMORY` glyphs without the
    character, its first alternate comes again.
    """
    by_character: dict[str, list[str]] = defaultdict(list)
    for alternate, name in zip(alternates, names, strict=True):
        by_character[alternate.character].append(name)
    several = [group for group in by_character.values() if len(group) > 1]
    if not several:
        return []
    lines = [f"@any = [space {' '.join(names)}];"]
    for turn in range(1, max(map(len, several))):
        changes = (f"sub {group[0]} by {group[turn]};" for group in several if turn < len(group))
        lines += [f"lookup to{turn} {{", *changes, f"}} to{turn};"]
    lines += ["feature calt {", "lookup turns {"]
    for group in several:
        for distance in range(MEMORY):  # the nearest one counts, so its rule comes first
            between = " @any" * distance
            lines += [f"sub {name}{between} {group[0]}' lookup to{turn};" for turn, name in enumerate(group[:-1], 1)]
            lines.append(f"ignore sub {group[-1]}{between} {group[0]}';")
    return [*lines, "} turns;", "} calt;"]


def _kern(alternates: Sequence[Alternate], names: Sequence[str], kerning: Mapping[tuple[str, str], int]) -> list[str]:
    """The feature kern, by classes of glyphs that are the same without accents."""
    if not kerning:
        return []
    members: dict[str, list[str]] = defaultdict(list)
    for alternate, name in zip(alternates, names, strict=True):
        members[without_accents(alternate.character)].append(name)
    classes = {name: f"@k{ord(name):04X}" for name in members}
    lines = [f"{classes[name]} = [{' '.join(glyphs)}];" for name, glyphs in members.items()]
    pairs = [f"pos {classes[one]} {classes[two]} {units};" for (one, two), units in kerning.items()]
    return [*lines, "feature kern {", *pairs, "} kern;"]

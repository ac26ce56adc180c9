"""The OpenType features of a font, in the language of feature files: alternates that take turns, and kerning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from tfhand.typeface.forms import Form
from tfhand.typeface.spacing import base

MEMORY = 5  # glyphs back in which a letter looks for another of its kind


def features(forms: Sequence[Form], names: Sequence[str], kerning: Mapping[tuple[str, str], int]) -> str:
    """The feature file of a font.

    Args:
        forms: its forms.
        names: the name of each one's glyph.
        kerning: units between pairs of bases.
    """
    return "\n".join(
        ["languagesystem DFLT dflt;", "languagesystem latn dflt;", *_turns(forms, names), *_kern(forms, names, kerning)]
    )


def _turns(forms: Sequence[Form], names: Sequence[str]) -> list[str]:
    """The feature calt.

    The forms of a letter take turns, so that three in a row differ; one that has not been seen for `MEMORY` glyphs
    begins anew.
    """
    own: dict[str, list[str]] = defaultdict(list)
    for form, name in zip(forms, names, strict=True):
        own[form.character].append(name)
    several = [group for group in own.values() if len(group) > 1]
    if not several:
        return []
    lines = [f"@any = [space {' '.join(names)}];"]
    for turn in range(1, max(map(len, several))):
        changes = (f"sub {group[0]} by {group[turn]};" for group in several if turn < len(group))
        lines += [f"lookup to{turn} {{", *changes, f"}} to{turn};"]
    lines += ["feature calt {", "lookup turns {"]
    for group in several:
        for distance in range(MEMORY):  # the nearest one counts, and is looked for first
            between = " @any" * distance
            lines += [f"sub {name}{between} {group[0]}' lookup to{turn};" for turn, name in enumerate(group[:-1], 1)]
            lines.append(f"ignore sub {group[-1]}{between} {group[0]}';")
    return [*lines, "} turns;", "} calt;"]


def _kern(forms: Sequence[Form], names: Sequence[str], kerning: Mapping[tuple[str, str], int]) -> list[str]:
    """The feature kern, by classes of glyphs of one base."""
    if not kerning:
        return []
    members: dict[str, list[str]] = defaultdict(list)
    for form, name in zip(forms, names, strict=True):
        members[base(form.character)].append(name)
    classes = {name: f"@k{ord(name):04X}" for name in members}
    lines = [f"{classes[name]} = [{' '.join(glyphs)}];" for name, glyphs in members.items()]
    pairs = [f"pos {classes[one]} {classes[two]} {units};" for (one, two), units in kerning.items()]
    return [*lines, "feature kern {", *pairs, "} kern;"]

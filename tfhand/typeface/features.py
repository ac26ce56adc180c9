"""The OpenType features of a font, in the language of feature files: alternates that take turns, and kerning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from tfhand.typeface.forms import Form
from tfhand.typeface.spacing import base


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

    The forms take turns from letter to letter, over spaces too. Where the same form of a character would come back
    after as many letters as there are forms, it moves on to the next one.
    """
    own: dict[str, list[str]] = defaultdict(list)
    for form, name in zip(forms, names, strict=True):
        own[form.character].append(name)
    count = max(map(len, own.values()), default=0)
    if count < 2:
        return []
    full = [group for group in own.values() if len(group) == count]
    following = [pair for group in full for pair in zip(group, group[1:] + group[:1], strict=True)]
    lines = [f"@turn{turn} = [{' '.join(group[turn] for group in full)}];" for turn in range(count)]
    lines += [f"@any = [{' '.join(f'@turn{turn}' for turn in range(count))}];"]
    lines += [f"lookup to{turn} {{ sub @turn0 by @turn{turn}; }} to{turn};" for turn in range(1, count)]
    lines += ["lookup on {", *(f"sub {one} by {two};" for one, two in following), "} on;"]
    lines += ["feature calt {", "lookup turns {"]
    for turn in range(1, count):
        lines += [f"sub @turn{turn - 1}{space} @turn0' lookup to{turn};" for space in ("", " space")]
    lines.append("} turns;")
    if count > 2:  # two forms have no third to move on to
        between = " @any" * (count - 1)
        lines += ["lookup apart {", *(f"sub {one}{between} {one}' lookup on;" for one, _ in following), "} apart;"]
    return [*lines, "} calt;"]


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

"""The tables of a TrueType font: glyphs, characters, measures, names and features."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence

import numpy as np
from fontTools.cu2qu import curve_to_quadratic
from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
from fontTools.fontBuilder import FontBuilder
from fontTools.misc.timeTools import timestampFromString
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._g_l_y_f import Glyph
from fontTools.ttLib.tables.ttProgram import Program

from tfhand.core import charset
from tfhand.core.progress import Done, unwatched
from tfhand.errors import HandError, HandwritingError
from tfhand.hands.sample import WRITTEN, Sample
from tfhand.typeface.alternates import EM, X_HEIGHT, Alternate, alternates_of, glyph_name
from tfhand.typeface.features import features
from tfhand.typeface.joined import JoinedLetters, joined_glyphs
from tfhand.typeface.spacing import bearings_and_kerning
from tfhand.typeset import Layout
from tfhand.version import __version__

ROUNDING = 1.0  # units: the greatest distance between cubic curves and the quadratic ones that replace them
HIGHEST, LOWEST = 1600, -700  # units: the least extent of a line
LONGEST_NAME = 31  # characters: old software reads no more of a name
CAPITAL = 1.65  # x-heights
WHEN = timestampFromString("Thu Jan  1 00:00:00 2026")  # fixed, so that the same letters give the same file
LICENCE = (
    "Made by tfhand from the samples of one person's handwriting. For one's own hand, or with the permission of the "
    "person whose hand it is; never for signatures, and never to pass for someone."
)
_SPACES = {0x20: "space", 0xA0: "space"}


def build(
    letters: Mapping[str, Sequence[Sample]],
    name: str,
    seed: int = 0,
    composed: str = "",
    joined: JoinedLetters | None = None,
    done: Done = unwatched,
) -> TTFont:
    """A font of a person's letters.

    Where a character has several alternates, the feature calt lets them take turns, so that neighbouring letters of one
    character differ; software without this feature shows the first alternate. The same feature joins letters.

    Args:
        letters: the samples of each character, one for each alternate, the best first.
        name: the name of the font family, 1 to 31 characters.
        seed: seed of the slight differences in height, size and angle between the alternates of a character.
        composed: those of the generated characters that were composed of letters and strokes; the font says so.
        joined: the forms of joined letters, all of whose letters are among `letters`; None for letters apart.
        done: is called with the share of the letters that are drawn.

    Returns:
        A TrueType font, the same bytes for the same letters, name and seed.

    Raises:
        HandError: there is no letter.
        HandwritingError: the name is not a valid one.
    """
    check_name(name)
    alternates = alternates_of(letters, seed, done)
    if not alternates:
        raise HandError("There is no letter to make a font of.")
    names = [glyph_name(one.character) + f".alt{one.variant}" * bool(one.variant) for one in alternates]
    bearings, kerning = bearings_and_kerning(alternates)
    glyphs = {".notdef": _missing(), "space": Glyph()}
    advances = {".notdef": 1000, "space": round(Layout.word_gap * X_HEIGHT)}
    for alternate, glyph, (left, right) in zip(alternates, names, bearings, strict=True):
        glyphs[glyph] = _glyph([contour + (left, 0.0) for contour in alternate.contours])
        advances[glyph] = max(round(left + alternate.width + right), 0)
    for form in joined_glyphs(joined, alternates) if joined else ():
        glyphs[form.name], advances[form.name] = _glyph(form.contours), form.advance
    builder = FontBuilder(EM, isTTF=True)
    builder.setupGlyphOrder(list(glyphs))
    firsts = {ord(one.character): glyph for one, glyph in zip(alternates, names, strict=True) if not one.variant}
    builder.setupCharacterMap(_SPACES | firsts)
    builder.setupGlyf(glyphs)
    table = builder.font["glyf"]
    builder.setupHorizontalMetrics({glyph: (advances[glyph], getattr(table[glyph], "xMin", 0)) for glyph in glyphs})
    _set_measures(builder, [table[glyph] for glyph in list(glyphs)[2:]])
    _set_names(builder, name, alternates, composed, joined)
    _set_rendering(builder.font)
    addOpenTypeFeaturesFromString(builder.font, features(alternates, names, kerning, joined))
    builder.font.recalcTimestamp = False
    return builder.font


def check_name(name: str) -> None:
    """Raises a HandwritingError if this is not a valid name for a font."""
    if not re.fullmatch(r"[^\W_][\w .-]*", name) or len(name) > LONGEST_NAME or not _ascii(name):
        raise HandwritingError(
            f"A font cannot be called {name!r}: a name begins with a letter or digit, has only letters, digits, "
            f"spaces, dots and hyphens, and at most {LONGEST_NAME} of them."
        )


def _ascii(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", name)


def _glyph(contours: Sequence[np.ndarray]) -> Glyph:
    """A glyph from cubic outlines (n, 4, 2): quadratic curves on whole units, without points that coincide."""
    pen = TTGlyphPen(None)
    for contour in contours:
        curves = [curve_to_quadratic([tuple(point) for point in curve], ROUNDING) for curve in contour.tolist()]
        start = here = _whole(curves[0][0])
        parts = []
        for curve in curves:
            *handles, end = (_whole(point) for point in curve[1:])
            handles = [point for point in handles if point not in (here, end)]
            if end != here:
                parts.append((*handles, end))
            here = end
        if len(parts) < 2:
            continue
        pen.moveTo(start)
        for part in parts:
            pen.qCurveTo(*part)
        pen.closePath()
    return pen.glyph()


def _whole(point: tuple[float, float]) -> tuple[int, int]:
    return round(point[0]), round(point[1])


def _missing() -> Glyph:
    """The glyph for characters that the font lacks: an empty box."""
    pen = TTGlyphPen(None)
    for inset, turn in ((0, 1), (80, -1)):
        low, high, left, right = inset, round(CAPITAL * X_HEIGHT) - inset, 100 + inset, 900 - inset
        corners = [(left, low), (left, high), (right, high), (right, low)][::turn]
        pen.moveTo(corners[0])
        for corner in corners[1:]:
            pen.lineTo(corner)
        pen.closePath()
    return pen.glyph()


def _set_measures(builder: FontBuilder, glyphs: Sequence[Glyph]) -> None:
    """Vertical measures that all systems read the same way: a line holds the highest and the deepest glyph."""
    highest = max([HIGHEST, *(glyph.yMax for glyph in glyphs)])
    lowest = min([LOWEST, *(glyph.yMin for glyph in glyphs)])
    builder.setupHorizontalHeader(ascent=highest, descent=lowest, lineGap=0)
    builder.setupOS2(
        version=4,
        sTypoAscender=highest,
        sTypoDescender=lowest,
        sTypoLineGap=0,
        usWinAscent=highest,
        usWinDescent=-lowest,
        sxHeight=X_HEIGHT,
        sCapHeight=round(CAPITAL * X_HEIGHT),
        usWeightClass=400,
        usWidthClass=5,
        fsType=0,  # embedding is allowed everywhere: the font is the person's own
        fsSelection=1 << 6 | 1 << 7,  # regular; use the typographic measures
        achVendID="    ",
        ySubscriptXSize=1331,
        ySubscriptYSize=1229,
        ySubscriptYOffset=154,
        ySuperscriptXSize=1331,
        ySuperscriptYSize=1229,
        ySuperscriptYOffset=717,
        yStrikeoutSize=100,
        yStrikeoutPosition=round(X_HEIGHT / 2),
    )
    os2 = builder.font["OS/2"]
    os2.panose.bFamilyType = 3  # a script
    os2.recalcUnicodeRanges(builder.font)
    os2.recalcCodePageRanges(builder.font)
    builder.setupPost(underlinePosition=-200, underlineThickness=100)
    builder.updateHead(created=WHEN, modified=WHEN, fontRevision=1.0, lowestRecPPEM=9, flags=0b11)


def _set_names(
    builder: FontBuilder, name: str, alternates: Sequence[Alternate], composed: str, joined: JoinedLetters | None
) -> None:
    """The name table; it says which characters were written, which were generated and which were composed."""
    glyphs = builder.font["glyf"]
    ink = b"".join(glyphs[glyph].compile(glyphs) for glyph in builder.font.getGlyphOrder())
    written = charset.order(one.character for one in alternates if one.source == WRITTEN)
    composed = charset.order(one.character for one in alternates if one.character in composed)
    generated = charset.order({one.character for one in alternates} - {*written, *composed})
    version = f"Version 1.000; tfhand {__version__}"
    most = max(one.variant for one in alternates) + 1
    builder.setupNameTable(
        {
            "copyright": "The handwriting is that of the person who wrote its samples.",
            "familyName": name,
            "styleName": "Regular",
            "uniqueFontIdentifier": f"tfhand {__version__};{_ascii(name)};{hashlib.sha256(ink).hexdigest()[:16]}",
            "fullName": name,
            "version": version,
            "psName": f"{_ascii(name)}-Regular",
            "manufacturer": f"tfhand {__version__}",
            "description": f"{len(written)} characters written by the person: {written}; {len(generated)} generated in "
            f"the same hand: {generated}; {len(composed)} composed of letters and strokes: {composed}; up to {most} "
            "alternates of each" + f"; joined: {joined}" * bool(joined) + ".",
            "licenseDescription": LICENCE,
        },
        mac=False,
    )


def _set_rendering(font: TTFont) -> None:
    """Settings for a font without hints: smooth at all sizes, and no thin stroke disappears."""
    gasp = font["gasp"] = newTable("gasp")
    gasp.version, gasp.gaspRange = 1, {0xFFFF: 0b1111}
    prep = font["prep"] = newTable("prep")
    prep.program = Program()
    prep.program.fromAssembly(["PUSHW[]", "511", "SCANCTRL[]", "PUSHB[]", "4", "SCANTYPE[]"])
    font["maxp"].maxStackElements = 1

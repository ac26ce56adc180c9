"""The tables of a TrueType font: glyphs, characters, measures, names and features."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence

import numpy as np
from fontTools import agl
from fontTools.cu2qu import curve_to_quadratic
from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
from fontTools.fontBuilder import FontBuilder
from fontTools.misc.timeTools import timestampFromString
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._g_l_y_f import Glyph
from fontTools.ttLib.tables.ttProgram import Program

from tfhand.core import charset
from tfhand.errors import HandError, HandwritingError
from tfhand.hands.sample import WRITTEN, Sample
from tfhand.typeface.features import features
from tfhand.typeface.forms import EM, X_HEIGHT, Form, forms_of
from tfhand.typeface.spacing import spaced
from tfhand.typeset import Layout
from tfhand.version import __version__

ROUNDING = 1.0  # units between the cubic curves and their quadratic ones, at most
HIGHEST, LOWEST = 1600, -700  # units that a line takes at least
LONGEST_NAME = 31  # characters that old software takes of a name
CAPITAL = 1.65  # x-heights
WHEN = timestampFromString("Thu Jan  1 00:00:00 2026")  # always the same, so that the same letters give the same file
LICENCE = (
    "Made by tfhand from the samples of one person's handwriting. For one's own hand, or with the permission of the "
    "person whose hand it is; never for signatures, and never to pass for someone."
)
_SPACES = {0x20: "space", 0xA0: "space"}


def build(letters: Mapping[str, Sequence[Sample]], name: str, seed: int = 0) -> TTFont:
    """A font of a person's letters.

    Where characters have several forms, the feature calt lets them take turns, so that no letter looks like its
    neighbour of the same kind; the first form stands where software does not know of that.

    Args:
        letters: the forms of each character, best first.
        name: of the family, 1 to 31 characters.
        seed: of the slight differences in height, size and angle between the forms of a character.

    Returns:
        A TrueType font, the same bytes for the same letters, name and seed.

    Raises:
        HandError: there is no letter.
        HandwritingError: the name cannot be one.
    """
    check_name(name)
    forms = forms_of(letters, seed)
    if not forms:
        raise HandError("There is no letter to make a font of.")
    names = [_glyph_name(form) for form in forms]
    bearings, kerning = spaced(forms)
    glyphs = {".notdef": _missing(), "space": Glyph()}
    advances = {".notdef": 1000, "space": round(Layout.word_gap * X_HEIGHT)}
    for form, glyph_name, (left, right) in zip(forms, names, bearings, strict=True):
        glyphs[glyph_name] = _glyph([contour + (left, 0.0) for contour in form.contours])
        advances[glyph_name] = max(round(left + form.width + right), 0)
    builder = FontBuilder(EM, isTTF=True)
    builder.setupGlyphOrder(list(glyphs))
    firsts = {ord(form.character): glyph for form, glyph in zip(forms, names, strict=True) if not form.variant}
    builder.setupCharacterMap(_SPACES | firsts)
    builder.setupGlyf(glyphs)
    table = builder.font["glyf"]
    builder.setupHorizontalMetrics({glyph: (advances[glyph], getattr(table[glyph], "xMin", 0)) for glyph in glyphs})
    _measures(builder, [table[glyph] for glyph in names])
    _names(builder.font, builder, name, letters, forms)
    _rendering(builder.font)
    addOpenTypeFeaturesFromString(builder.font, features(forms, names, kerning))
    builder.font.recalcTimestamp = False
    return builder.font


def check_name(name: str) -> None:
    """Raises a HandwritingError unless a font can be called so."""
    if not re.fullmatch(r"[^\W_][\w .-]*", name) or len(name) > LONGEST_NAME or not _ascii(name):
        raise HandwritingError(
            f"A font cannot be called {name!r}: a name begins with a letter or digit, has only letters, digits, "
            f"spaces, dots and hyphens, and at most {LONGEST_NAME} of them."
        )


def _ascii(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", name)


def _glyph_name(form: Form) -> str:
    """The name that software expects, with a number for further forms: "a", "a.alt1", "uni01CE"."""
    code = ord(form.character)
    name = agl.UV2AGL.get(code) or (f"uni{code:04X}" if code < 0x10000 else f"u{code:05X}")
    return f"{name}.alt{form.variant}" if form.variant else name


def _glyph(contours: Sequence[np.ndarray]) -> Glyph:
    """Cubic outlines (n, 4, 2) as quadratic ones on whole units, without points that coincide."""
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
    """What stands for a character that the font lacks: an empty box."""
    pen = TTGlyphPen(None)
    for inset, turn in ((0, 1), (80, -1)):
        low, high, left, right = inset, round(CAPITAL * X_HEIGHT) - inset, 100 + inset, 900 - inset
        corners = [(left, low), (left, high), (right, high), (right, low)][::turn]
        pen.moveTo(corners[0])
        for corner in corners[1:]:
            pen.lineTo(corner)
        pen.closePath()
    return pen.glyph()


def _measures(builder: FontBuilder, glyphs: Sequence[Glyph]) -> None:
    """Vertical measures that all systems read alike: a line holds the highest and the deepest letter."""
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
        fsType=0,  # may be embedded anywhere: it is the person's own
        fsSelection=1 << 6 | 1 << 7,  # regular; the typographic measures count
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


def _names(font: TTFont, builder: FontBuilder, name: str, letters: Mapping[str, Sequence[Sample]], forms) -> None:
    """The name table, with what was written and what was generated."""
    glyphs = font["glyf"]
    ink = b"".join(glyphs[glyph].compile(glyphs) for glyph in font.getGlyphOrder())
    written = charset.order(form.character for form in forms if form.source == WRITTEN)
    generated = charset.order({form.character for form in forms} - set(written))
    version = f"Version 1.000; tfhand {__version__}"
    most = max(form.variant for form in forms) + 1
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
            f"the same hand: {generated}; up to {most} forms of each.",
            "licenseDescription": LICENCE,
        },
        mac=False,
    )


def _rendering(font: TTFont) -> None:
    """Smooth at all sizes, and no stroke drops out: there are no hints."""
    gasp = font["gasp"] = newTable("gasp")
    gasp.version, gasp.gaspRange = 1, {0xFFFF: 0b1111}
    prep = font["prep"] = newTable("prep")
    prep.program = Program()
    prep.program.fromAssembly(["PUSHW[]", "511", "SCANCTRL[]", "PUSHB[]", "4", "SCANTYPE[]"])
    font["maxp"].maxStackElements = 1

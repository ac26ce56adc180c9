"""A text in a person's hand, as the page's settings have it: to look at, and as files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import numpy as np

from tfhand.app.models import Models
from tfhand.app.session import Session
from tfhand.app.work import Tell
from tfhand.core.progress import part
from tfhand.errors import HandwritingError, TextError
from tfhand.synthesis.joined.text_words import Joined
from tfhand.synthesis.pen_paths import pen_paths
from tfhand.synthesis.synthesizer import Synthesizer
from tfhand.typeset import page_presets, typeset
from tfhand.typeset.layout import Layout, Paper
from tfhand.typeset.page import Page

AS_WIDE = "text"  # a page as large as the text needs
SIZES = (AS_WIDE, "A4", "A5", "Letter")
PAPERS = get_args(Paper)
INKS = ("black", *page_presets.INKS)
JOINED = get_args(Joined)
PNG, SVG, PDF, STROKES, TTF, WOFF2 = "png", "svg", "pdf", "strokes", "ttf", "woff2"
PAGE_DPI, TEXT_DPI = 120, 200  # on the screen: of a whole page, and of a text alone, which is shown larger
DRAWN, TRACED, BUILT = 0.35, 0.55, 0.85  # shares of the time of a font
LIVE = 400  # characters of a text that is drawn whole while it is typed; of a longer one its last lines


@dataclass(frozen=True)
class Settings:
    """How a text is written; the fields are the page's controls, in their order."""

    text: str = ""
    page: str = AS_WIDE
    paper: str = "plain"
    ink: str = "black"
    size: float = page_presets.SIZE
    slant: float = 0.0
    weight: float = 1.0
    width: float = 1.0
    neatness: float = 0.5
    joined: str = "auto"
    seed: int = 0

    def check(self, session: Session) -> None:
        """Raises HandwritingError for a text that is empty or too long, and for a choice that is none."""
        if not self.text.strip():
            raise TextError(session.say("error_no_text"))
        if len(self.text) > session.limits.text:
            raise TextError(session.say("error_long_text", count=len(self.text), most=session.limits.text))
        self.check_choices(session)

    def check_choices(self, session: Session) -> None:
        """Raises HandwritingError for a choice that is none."""
        choices = (self.page in SIZES, self.paper in PAPERS, self.ink in INKS, self.joined in JOINED)
        numbers = [(self.size, 0.5, 20), (self.slant, -45, 45), (self.weight, 0.5, 2.5), (self.width, 0.5, 2)]
        numbers += [(self.neatness, 0, 1), (self.seed, 0, 2**31)]
        if not all(choices) or not all(low <= number <= high for number, low, high in numbers):
            raise HandwritingError(session.say("error_setting"))

    def layout(self) -> Layout:
        """Of the page."""
        return page_presets.layout(
            page_presets.PageSize() if self.page == AS_WIDE else page_presets.page_size(self.page),
            ink=page_presets.ink_colour(self.ink),
            size=self.size,
            neatness=self.neatness,
            paper=self.paper,  # type: ignore[arg-type]  # `check` has seen it
            slant=self.slant,
            width=self.width,
            weight=self.weight,
        )


@dataclass(frozen=True, eq=False)
class Written:
    """A written text.

    Attributes:
        page: it.
        generated, composed, unknown, illegible: characters, as of `TextGlyphs`.
    """

    page: Page
    generated: str
    composed: str
    unknown: str
    illegible: str


def write(session: Session, settings: Settings, pen: Synthesizer, dpi: int = page_presets.DPI) -> Written:
    """Writes a text in the hand of a session.

    Raises:
        HandwritingError: nothing was read yet, or the text or a setting cannot be used.
    """
    session.check_consent()
    settings.check(session)
    hand = session.complete(pen, int(settings.seed))
    found = pen.text_glyphs(settings.text, hand, seed=int(settings.seed), joined=settings.joined)  # type: ignore[arg-type]
    if found.mostly_unknown:
        raise TextError(pen.refusal(found.unknown))
    page = typeset(settings.text, found.samples, _at(settings.layout(), dpi), int(settings.seed))
    generated = "".join(c for c in found.generated if c not in found.composed)
    return Written(page, generated, found.composed, "".join(found.unknown), "".join(found.illegible))


def _at(layout: Layout, dpi: int) -> Layout:
    """The same page in other pixels."""
    if dpi == layout.dpi:
        return layout
    share = dpi / layout.dpi
    wide, high = (None if side is None else round(side * share) for side in (layout.width, layout.height))
    return replace(layout, x_height=layout.x_height * share, dpi=dpi, width=wide, height=high)


def shown_dpi(settings: Settings) -> int:
    """The resolution of a text on the screen."""
    return TEXT_DPI if settings.page == AS_WIDE else PAGE_DPI


def live_text(text: str) -> str:
    """What of a text is drawn while it is typed: all of a short one, the last lines of a long one."""
    if len(text) <= LIVE:
        return text
    end = text.rstrip()[-LIVE:]
    return end.partition("\n")[2] or end.partition(" ")[2] or end


def save(session: Session, settings: Settings, kind: str, models: Models) -> list[Path]:
    """Writes a text into files of a kind: PNG, SVG, PDF or STROKES."""
    written = write(session, settings, models.pen)
    if kind == STROKES:
        return list(written.page.save_strokes(session.file("-plotter.svg"), pen_paths(written.page)))
    return list(written.page.save(session.file(f".{kind}")))


def save_font(session: Session, kind: str, settings: Settings, models: Models, tell: Tell) -> Path:
    """Makes a font of the letters of a session, joined as its words show or as the settings say: TTF or WOFF2."""
    from tfhand import typeface
    from tfhand.synthesis.font_letters import font_letters
    from tfhand.typeface.tables import LONGEST_NAME

    session.check_consent()
    settings.check_choices(session)
    tell(0.0, session.say("font_letters"))
    pen, seed = models.pen, int(settings.seed)
    hand = session.complete(pen, seed)
    found = font_letters(pen, hand, settings.joined, seed=seed, reader=models.reader)  # type: ignore[arg-type]
    path = session.file(f".{kind}")
    name = path.stem.replace("-", " ")[:LONGEST_NAME]
    traced = part(lambda share: tell(share, session.say("font_outlines")), DRAWN, TRACED)
    font = typeface.build(found.letters, name, seed, found.composed, found.joined, traced)
    tell(BUILT, session.say("font_file"))
    typeface.save(font, path)
    return path


def as_shown(page: Page, most: int = 20) -> list[np.ndarray]:
    """The pages as pictures, uint8 (height, width, 3)."""
    return [page.picture(number) for number in range(min(most, len(page.page_glyphs)))]

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("gradio", reason="Gradio is not installed")
from tfhand.app import catalogue
from tfhand.app.report import report_sentences
from tfhand.app.session import Session
from tfhand.evaluation.hand_report import HandReport, LeftOut, TraitComparison
from tfhand.metrics import TRAITS

BLANK = np.zeros((32, 32), np.uint8)
KEPT, LOST, OVERDONE, PLAIN = (2.0, 1.9), (2.0, 0.1), (2.0, 4.0), (0.1, 0.2)


def made(letters: str = "abc", read: str = "abc", next_characters: str = "gQ", **traits) -> HandReport:
    """A report with these traits; all others are not special."""
    compared = (TraitComparison(name, *traits.get(name, PLAIN), average=0.2, error=0.3) for name in TRAITS)
    left_out = (LeftOut(c, BLANK, BLANK, c, other) for c, other in zip(letters, read, strict=True))
    return HandReport(tuple(left_out), tuple(compared), 0.9, 0.5, np.linspace(0.1, 0.8, 19), next_characters)


def test_a_report_in_german():
    session = Session("de")
    told = report_sentences(session, made(read="abc", slant=KEPT, mass=OVERDONE, holes=LOST))
    assert told[0] == "Erhalten: Neigung."
    assert "Verloren: Schleifen." in told
    assert "Übertrieben: Gewicht von oben und unten." in told
    assert "19 unter 19" in told[4]
    assert "90 %" in told[4]
    assert told[-2:] == [
        "Alle 3 werden als das gelesen, was sie sind.",
        "Diese Buchstaben würden am meisten helfen: g Q",
    ]
    session.close()


def test_misread_letters_are_named_and_the_alarm_rings():
    session = Session("en")
    report = replace(made(read="abe", next_characters="", slant=LOST, thickness=KEPT), likeness=0.51)
    told = report_sentences(session, report)
    assert told[0].startswith("Only the thickness")
    assert told[-1] == "2 of the 3 are read as what they are; the others are taken for something else: c → e."
    session.close()


@pytest.mark.parametrize("language", catalogue.LANGUAGES[1:])
def test_no_sentence_of_the_report_is_english(language):
    session, english = Session(language), Session("en")
    for report in (made(slant=KEPT, mass=OVERDONE, ends=LOST), made(read="abe", thickness=KEPT)):
        told, said = (report_sentences(one, report) for one in (session, english))
        assert len(told) == len(said)
        assert not set(told) & set(said)
    session.close()
    english.close()

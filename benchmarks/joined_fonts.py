"""`python -m benchmarks.joined_fonts unipen_words.npz`: words set in fonts that join letters, beside written ones.

A font is made of some words of each person who joins letters. Neither the aligners here have seen these people, nor had
they a part when the costs of forms were chosen. Other words that the person wrote are set in it by HarfBuzz; beside
them are the real words, the same written as `tfhand write` does, and set in the font of separate letters. All are read
by an aligner that neither cut the words nor chose the forms. Writes metrics.csv, and prints it.
"""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from fontTools.ttLib import TTFont

from benchmarks.tables import put_row
from tfhand import typeface
from tfhand.data import sources
from tfhand.data.word_pictures import pixels_per_x_height
from tfhand.evaluation.training_overlap import held_out
from tfhand.evaluation.words.cutting import HEIGHT
from tfhand.evaluation.words.evaluator import CER, JOINS, JOINS_OFF, JOINS_R, SLANT_R, WordsEvaluator
from tfhand.evaluation.words.methods import WordsMethods
from tfhand.evaluation.words.people import WordPerson, draw_people, equal_cuts
from tfhand.hands.glyph import inverted
from tfhand.hands.word_sample import WordSample
from tfhand.models import registry
from tfhand.synthesis.font_letters import font_letters
from tfhand.synthesis.synthesizer import Synthesizer, load
from tfhand.typeface.alternates import EM, X_HEIGHT

FOLDER = Path("docs/evaluation/joined-fonts")
READER = "reader62"  # by which forms are chosen
ALIGNER, JUDGE = "aligner62", "line-judge62"
JOINED = 0.5  # share of a person's words that are joined, at least
SEEN = {102, 167, 1009, 1054, 1059, 1081, 1219}  # by whose fonts the costs of forms were chosen
MARGIN = 40  # pixels around a word
METHODS = "real words", "written words", "joined font", "font of separate letters"
METRICS = CER, JOINS, JOINS_R, JOINS_OFF, SLANT_R


def fonts(person: WordPerson, pen: Synthesizer, reader) -> tuple[TTFont, TTFont, int]:
    """A font that joins letters, one that does not, and the number of joined forms."""
    found = font_letters(pen, person.hand, reader=reader, composes=False)
    both = (typeface.build(found.letters, "Benchmark", joined=one) for one in (found.joined, None))
    return (*both, len(found.joined.forms) if found.joined else 0)


def set_words(font: TTFont, texts: Sequence[str]) -> list[WordSample]:
    """Texts set in a font, each as a word, cut at equal widths."""
    unit = pixels_per_x_height(HEIGHT)
    size = unit * EM / X_HEIGHT
    baseline = MARGIN + font["hhea"].ascent * size / EM
    inks = [inverted(typeface.specimen(font, [(text, size)], MARGIN)) for text in texts]
    return [
        WordSample(text, ink, baseline, unit, equal_cuts(text, ink.shape[1]))
        for text, ink in zip(texts, inks, strict=True)
    ]


def size_of(font: TTFont) -> float:
    """Kilobytes of a font's file."""
    file = io.BytesIO()
    font.save(file)
    return len(file.getvalue()) / 1000


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", type=Path, help="an archive of words")
    parser.add_argument("--people", type=int, default=15, help="at most (default: %(default)s)")
    parser.add_argument("--given", type=int, default=60, help="words of each (default: %(default)s)")
    parser.add_argument("-o", "--output", type=Path, default=FOLDER, help="folder of the table")
    options = parser.parse_args(argv)
    cv2.setNumThreads(1)
    archive = sources.load_words(options.words)
    known = set(held_out(ALIGNER, options.words.name)) & set(held_out(JUDGE, options.words.name))
    joining = [one for one in sorted(known - SEEN) if archive.joined[archive.writers == one].mean() >= JOINED]
    aligner, judge, reader, pen = *map(registry.load, (ALIGNER, JUDGE, READER)), load()
    people = draw_people(archive, joining[: 2 * options.people], aligner, options.given)[: options.people]
    evaluator, methods = WordsEvaluator(people, aligner, judge), WordsMethods(pen)
    answers = {name: [] for name in METHODS}
    facts = []
    for place, person in enumerate(people):
        begun = time.process_time()
        joined, apart, count = fonts(person, pen, reader)
        facts.append((count, size_of(joined), time.process_time() - begun))
        words = [list(person.second), methods.written(people, place)]
        words += [set_words(font, person.texts) for font in (joined, apart)]
        for name, own in zip(METHODS, words, strict=True):
            answers[name].append(evaluator.measure(own))
        print(f"person {place + 1} of {len(people)}", flush=True)
    about = {"data": options.words.stem, "people": len(people), "samples": options.given}
    for name, own in answers.items():
        found = evaluator.metrics(own)
        row = about | {"letters": name} | {metric: f"{found[metric]:.2f}" for metric in METRICS}
        put_row(options.output / "metrics.csv", row, ("samples", "letters"))
        print(*(f"{key} {value}" for key, value in row.items()), sep="  ")
    forms, size, seconds = np.mean(facts, axis=0)
    print(f"{forms:.0f} joined forms, {size:.0f} kB, {seconds:.0f} s a font, with the letters that the preset knows")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

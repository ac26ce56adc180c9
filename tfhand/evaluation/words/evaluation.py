"""Evaluation of joined writing on people whose words neither the cutter nor the reader was trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from tfhand.data import sources
from tfhand.errors import HandwritingError
from tfhand.evaluation.config import EvaluationConfig
from tfhand.evaluation.report import METRICS_FILE, Report, Summary, Tell, described
from tfhand.evaluation.training_overlap import held_out
from tfhand.evaluation.words.controls import CONTROLS
from tfhand.evaluation.words.evaluator import (
    CER,
    JOINS_OFF,
    JOINS_R,
    METRIC_GROUPS,
    PEOPLE,
    SLANT_R,
    TOP,
    WORDS,
    MeasuredWords,
    WordsEvaluator,
)
from tfhand.evaluation.words.methods import REAL, WRITTEN, WordsMethods
from tfhand.evaluation.words.people import draw_people
from tfhand.evaluation.words.plots import words_picture
from tfhand.models import registry
from tfhand.models.registry import require_capability
from tfhand.models.spec import Capability
from tfhand.synthesis.synthesizer import Synthesizer

if TYPE_CHECKING:
    from tfhand.models.aligner.networks import Aligner

PICTURE_FILE, ABSENT_FILE = "words.png", "absent.csv"
ALL, ABSENT = "all words", "words with letters not given"
BARS = {JOINS_R: 0.85, JOINS_OFF: 0.10, SLANT_R: 0.9}
TOP_BAR, CER_BAR = 0.8, 5.0  # share of what real words reach; points over real words


def evaluate_words(config: EvaluationConfig, tell: Tell, warn: Tell) -> Report:
    """Compares words written in people's hands with their own, beside baselines and controls.

    Args:
        config: of the evaluation.
        tell: is called with the progress.
        warn: is called with a sentence where the reader is no judge.

    Raises:
        HandwritingError: a preset that cannot do its part, or data with too few words.
    """
    _check(config)
    if config.reader == config.aligner:
        warn(
            f"the preset {config.reader} cuts the words and reads them as well; its character error is no fair judge's"
        )
    aligner, reader = (cast("Aligner", registry.load(name)) for name in (config.aligner, config.reader))
    methods = {**WordsMethods(Synthesizer.from_preset(config.preset), config.seed).all, **CONTROLS}
    rows: dict[str, list[dict[str, Any]]] = {ALL: [], ABSENT: []}
    pictures: dict[str, np.ndarray] = {}
    sentences: list[str] = []
    for name in config.data:
        writers = set(held_out(config.aligner, name)) & set(held_out(config.reader, name))
        people = draw_people(sources.load_words(name), writers, aligner, config.samples[0], config.seed)
        evaluator = WordsEvaluator(people, aligner, reader, config.seed)
        answers: dict[str, list[MeasuredWords]] = {method: [] for method in methods}
        for place in range(len(people)):
            tell(f"{Path(name).stem}, person {place + 1} of {len(people)}")
            for method, write in methods.items():
                answers[method].append(evaluator.measure(write(people, place)))
        found = {method: evaluator.metrics(own) for method, own in answers.items()}
        rows[ALL] += _rows(name, found)
        rows[ABSENT] += _rows(name, {method: evaluator.metrics_of_absent(own) for method, own in answers.items()})
        sentences += verdict(found[REAL], found[WRITTEN])
        if config.picture_writers and not pictures:
            pictures[PICTURE_FILE] = words_picture(people, answers[WRITTEN], config.picture_writers)
    same = {"aligner": Path(config.aligner).name, "samples": config.samples[0]}
    tables = {
        file: described(config, [same | row for row in rows[part]])
        for file, part in ((METRICS_FILE, ALL), (ABSENT_FILE, ABSENT))
    }
    return Report(_summaries(config, rows), tables, pictures, sentences)


def verdict(real: Mapping[str, float], written: Mapping[str, float]) -> list[str]:
    """Which of the bars for joined writing are reached, a sentence each."""
    top = float(np.nanmean([written[name] / max(real[name], 1e-9) for name in TOP.values()]))
    checks = [
        (f"joins, r over people: {written[JOINS_R]:.2f} (at least {BARS[JOINS_R]:.2f})",
         written[JOINS_R] >= BARS[JOINS_R]),
        (f"joins, mean difference: {written[JOINS_OFF]:.2f} (at most {BARS[JOINS_OFF]:.2f})",
         written[JOINS_OFF] <= BARS[JOINS_OFF]),
        (f"slant, r over people: {written[SLANT_R]:.2f} (at least {BARS[SLANT_R]:.2f})",
         written[SLANT_R] >= BARS[SLANT_R]),
        (f"writer known again, over real words: {top:.2f} (at least {TOP_BAR:.2f})", top >= TOP_BAR),
        (f"character error: {written[CER]:.1f} %, real words {real[CER]:.1f} % (at most {CER_BAR:g} points more)",
         written[CER] <= real[CER] + CER_BAR),
    ]  # fmt: skip
    return [f"{'Reached' if good else 'Missed'}: {what}." for what, good in checks]


def _check(config: EvaluationConfig) -> None:
    require_capability(config.preset, Capability.WRITES, "PRESET")
    if Capability.KEEPS_HAND not in registry.capabilities(config.preset):
        raise HandwritingError(f"The preset {config.preset} knows characters and no hands; choose another.")
    for name, flag in ((config.aligner, "--aligner"), (config.reader, "--reader")):
        require_capability(name, Capability.ALIGNS, flag)
    for flag, asked in (("--beside", config.beside), ("--projections", config.projections), ("--hand", config.hand)):
        if asked:
            raise HandwritingError(f"Joined writing is judged alone; leave {flag} out with --words.")
    if len(config.samples) > 1:
        raise HandwritingError("Joined writing is judged for one number of words; give one number to --samples.")


def _rows(data: str, found: Mapping[str, Mapping[str, float]]) -> list[dict[str, Any]]:
    names = [name for group in METRIC_GROUPS for name in group]
    return [
        {"data": Path(data).stem, "people": int(metrics[PEOPLE]), "letters": method}
        | {name: int(metrics[name]) if name == WORDS else metrics[name] for name in names}
        for method, metrics in found.items()
    ]


def _summaries(config: EvaluationConfig, rows: Mapping[str, Sequence[dict[str, Any]]]) -> list[Summary]:
    caption = (
        f"{rows[ALL][0]['people']} people never trained on, {config.samples[0]} words given of each; other words of "
        f"theirs. Character error: as {Path(config.reader).name} reads. r: correlation over people with other words "
        f"that they wrote; difference: mean absolute difference from these. Top-1: share of handfuls of words whose "
        f"writer is the nearest of all by the contour hinge."
    )
    summaries = []
    for part, own in rows.items():
        groups = [
            [{"": name} | {row["letters"]: float(row[name]) for row in own} for name in group]
            for group in METRIC_GROUPS
        ]
        summaries.append(Summary(f"{Path(config.preset).name}, {part}", caption, groups))
    return summaries

"""Evaluation of presets that write in a person's hand, on people they were not trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from tfhand.data.archive import Archive
from tfhand.errors import ArchiveError
from tfhand.evaluation import plots
from tfhand.evaluation.comparison import METRIC_GROUPS, NEAREST, REDRAWN, WRITTEN, Comparison, averaged, spread
from tfhand.evaluation.config import EvaluationConfig
from tfhand.evaluation.controls import CONTROLS
from tfhand.evaluation.evaluation_set import EvaluationSet
from tfhand.evaluation.hand_evaluator import HandEvaluator
from tfhand.evaluation.methods import Method, NearestWriter, PresetMethod, Redraw, another_person, mean_letter
from tfhand.evaluation.recombination import Recombined
from tfhand.evaluation.report import LETTERS_FILE, METRICS_FILE, SPREAD_FILE, Report, Summary, Tell, described
from tfhand.evaluation.traced import traced
from tfhand.models import registry
from tfhand.models.pipeline import GlyphPipeline
from tfhand.models.stylegan.config import DISTANCES, SPACES
from tfhand.models.stylegan.projection import distance

if TYPE_CHECKING:
    from tfhand.models.reader.networks import Reader
    from tfhand.models.stylegan.networks import StyleGAN
    from tfhand.models.verifier.networks import Verifier

TRAITS_FILE, CURVE_FILE = "traits.png", "samples.png"
RECONSTRUCTION_FILE = "reconstruction.csv"
SHOWN = 10  # samples in the pictures, where they are among those asked for


def evaluate_hands(
    config: EvaluationConfig, archives: Sequence[Archive], held_out: Sequence[Sequence[int]], tell: Tell
) -> Report:
    """Compares the letters of presets with people's own, beside baselines.

    Args:
        config: of the evaluation.
        archives: that it names.
        held_out: people of each archive whom the preset was not trained on.
        tell: is called with the progress.
    """
    beside = {Path(name).name: name for name in config.beside}
    reader = cast("Reader", registry.load(config.reader))
    verifiers = [cast("Verifier", registry.load(name)) for name in config.verifier]
    pipelines = [GlyphPipeline.from_preset(name) for name in (config.preset, *beside.values())]
    known = [reader.characters, *(each.characters for each in verifiers), *(each.characters for each in pipelines)]
    characters = "".join(one for one in pipelines[0].characters if all(one in each for each in known))
    written, *others = map(PresetMethod, pipelines)
    projected = _projections(config, cast("StyleGAN", pipelines[0].networks)) if config.projections else {}
    methods: dict[str, Method] = {WRITTEN: written, **dict(zip(beside, others, strict=True)), **projected}
    guide = cast("Verifier", pipelines[0].verifier or verifiers[0])  # judges may know the people
    methods |= {NEAREST: NearestWriter(guide), "mean letter": mean_letter, "another person": another_person}
    if config.redraw:
        methods[REDRAWN] = Redraw(pipelines[0])
    methods |= CONTROLS if config.controls else {}
    evaluators, repeated = [], []
    for seed in range(config.seed, config.seed + config.repeats):
        sets = _evaluation_sets(config, archives, held_out, characters, pipelines[0].image_size, seed)
        evaluators.append(HandEvaluator(sets, reader, *verifiers, two_sample=not config.quick, seed=seed))
        repeated.append(_compare(evaluators[-1], methods, config, tell))
    comparisons = [averaged(each) for each in zip(*repeated, strict=True)]
    shown = evaluators[0].evaluation_sets
    summaries, tables = _tables(config, evaluators[0], comparisons)
    if config.repeats > 1:
        spreads = [spread(each) for each in zip(*repeated, strict=True)]
        tables[SPREAD_FILE] = described(config, _rows(config, evaluators[0], spreads))
    if projected:
        rows = _reconstructions(shown, projected, reader, max(config.samples))
        caption = "The samples themselves, reconstructed: mean square error, perceptual distance, and the share read."
        summaries.append(Summary(f"{Path(config.preset).name}, projections", caption, [rows]))
        tables[RECONSTRUCTION_FILE] = described(config, rows)
    pictures = _pictures(shown, written, comparisons, config.picture_writers) if config.picture_writers else {}
    return Report(summaries, tables, pictures)


def _evaluation_sets(
    config: EvaluationConfig,
    archives: Sequence[Archive],
    held_out: Sequence[Sequence[int]],
    characters: str,
    size: int,
    seed: int,
) -> list[EvaluationSet]:
    sets = []
    for name, archive, people in zip(config.data, archives, held_out, strict=True):
        try:
            sets.append(EvaluationSet(traced(archive), people, characters, size, max(config.samples), seed))
        except ArchiveError as error:
            raise ArchiveError(f"{name}: {error}") from None
    return sets


def _projections(config: EvaluationConfig, networks: StyleGAN) -> dict[str, Recombined]:
    """Methods that recombine projected samples: one for each space and distance, and the naive one."""
    reader = registry.load(config.features)
    methods = {
        f"{space} {name}": Recombined(networks, space, distance(name, reader)) for space in SPACES for name in DISTANCES
    }
    return methods | {"w+ mse, naive": methods["w+ mse"].naively()}


def _compare(
    evaluator: HandEvaluator, methods: Mapping[str, Method], config: EvaluationConfig, tell: Tell
) -> list[Comparison]:
    """A comparison for each number of samples."""
    comparisons = []
    for count in sorted(set(config.samples)):

        def tell_row(name: str, count: int = count) -> None:
            tell(f"{count} given: {name}")

        comparison = evaluator.compare(methods, count, tell_row)
        if config.controls:
            comparison = replace(comparison, rows=[*comparison.rows, evaluator.samples_row(count)])
        comparisons.append(comparison)
    return comparisons


def _tables(
    config: EvaluationConfig, evaluator: HandEvaluator, comparisons: Sequence[Comparison]
) -> tuple[list[Summary], dict[str, list[dict[str, Any]]]]:
    caption, summaries = _caption(config, evaluator), []
    for comparison in comparisons:
        count = comparison.samples
        title = f"{Path(config.preset).name}, {count} sample{'s' * (count > 1)}"
        groups = [
            [{"": name} | {row.name: row.metrics[name] for row in comparison.rows} for name in group]
            for group in METRIC_GROUPS
        ]
        summaries.append(Summary(title, caption, groups))
    return summaries, {METRICS_FILE: described(config, _rows(config, evaluator, comparisons))}


def _rows(
    config: EvaluationConfig, evaluator: HandEvaluator, comparisons: Sequence[Comparison]
) -> list[dict[str, Any]]:
    """The lines of a CSV file: what all have in common, the letters, and their metrics."""
    rows = []
    for comparison in comparisons:
        same = {"verifier": _names(config.verifier), "samples": comparison.samples, "people": evaluator.people}
        rows += [same | {"repeats": config.repeats, "letters": row.name} | row.metrics for row in comparison.rows]
    return rows


def _names(presets: Sequence[str]) -> str:
    return " ".join(Path(name).name for name in presets)


def _caption(config: EvaluationConfig, evaluator: HandEvaluator) -> str:
    letters = sum(len(episode.query) for each in evaluator.evaluation_sets for episode in each.episodes)
    reader, verifiers = Path(config.reader).name, _names(config.verifier)
    chance = ", ".join(f"{name.removeprefix('hand ')} {value:.2f}" for name, value in evaluator.chance().items())
    caption = (
        f"{evaluator.people} people never trained on; {letters:,} letters, second writings for the real ones, of "
        f"characters that were not given. Legibility: as {reader} reads. Hand: the person's rank among all by "
        f"{verifiers}; by chance {chance}. Traits: correlation over people with the first writings. Two-sample "
        "accuracy: test accuracy of a classifier of written and real letters, 0.50 is best. FID, KID: features of "
        f"{reader}, N = {letters:,}, no resize. Diversity: difference of two draws, over that of two real writings."
    )
    return caption + (f" Means over {config.repeats} random repetitions." if config.repeats > 1 else "")


def _reconstructions(
    sets: Sequence[EvaluationSet], projected: Mapping[str, Recombined], reader: Reader, samples: int
) -> list[dict[str, Any]]:
    """How well each projection reconstructs the samples themselves."""
    rows = []
    for name, method in projected.items():
        known = [(each, [episode.fewer(samples) for episode in each.episodes]) for each in sets]
        found = [method.reconstruction(each, episodes, reader) for each, episodes in known]
        rows.append({"projection": name} | {key: float(np.mean([each[key] for each in found])) for key in found[0]})
    return rows


def _pictures(
    sets: Sequence[EvaluationSet], written: PresetMethod, comparisons: Sequence[Comparison], people: int
) -> dict[str, np.ndarray]:
    shown = next((one for one in comparisons if one.samples == SHOWN), comparisons[-1])
    pictures = {LETTERS_FILE: plots.letters(sets, written, shown.samples, people), TRAITS_FILE: plots.traits(shown)}
    if len(comparisons) > 1:
        pictures[CURVE_FILE] = plots.samples_curve(comparisons)
    return pictures

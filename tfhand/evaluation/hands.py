"""How like the hands of people, whom a preset never saw, its letters are."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tfhand.cli.tables import report, save_picture, save_table, teller, warn_of_acquaintance
from tfhand.errors import ArchiveError

LETTERS, TRAITS, CURVE, REDRAWN = "letters.png", "traits.png", "samples.png", "redrawn.csv"
SHOWN = 10  # samples in the pictures, where they are among those asked for


def hands(options: argparse.Namespace, config: dict, archives: Sequence, held_out: Sequence[list[int]]) -> None:
    """How like people's hands the letters are that presets write from their samples."""
    from tfhand import evaluation as similarity
    from tfhand.models import presets

    beside = {Path(name).name: name for name in options.beside}
    warn_of_acquaintance((options.reader, options.verifier, *beside.values()), options.data, held_out)
    names = (options.preset, *beside.values())
    reader, verifier, *writers = (presets.load(name) for name in (options.reader, options.verifier, *names))
    known = [reader.characters, verifier.characters, *(networks.settings.characters for networks in writers)]
    characters = "".join(character for character in known[2] if all(character in each for each in known))
    own, *others = (
        similarity.Preset(networks, presets.guide(name)) for name, networks in zip(names, writers, strict=True)
    )
    answers = {similarity.WRITTEN: own, **dict(zip(beside, others, strict=True))}
    projected = _projections(options, writers[0]) if options.projections else {}
    answers |= projected
    answers[similarity.NEAREST] = similarity.NearestWriter(verifier)
    answers |= {"mean letter": similarity.mean_letter, "another person": similarity.another_person}
    tell, samples = teller(), sorted(set(options.samples))
    judges, drawn = [], []
    for seed in range(options.seed, options.seed + options.repeats):
        scenes = _scenes(options, archives, held_out, characters, config["image_size"], samples[-1], seed)
        judges.append(similarity.HandEvaluator(scenes, reader, verifier, detect=not options.quick, seed=seed))
        drawn.append(
            [
                judges[-1].compare(answers, count, lambda name, count=count: tell(f"{count} given: {name}"))
                for count in samples
            ]
        )
    comparisons = [similarity.averaged(each) for each in zip(*drawn, strict=True)]
    _report_hands(options, judges[0], comparisons)
    if projected:
        _report_redrawn(options, judges[0].scenes, projected, reader, samples[-1])
    if options.picture_writers:
        _draw_hands(options, judges[0].scenes, own, comparisons)


def _scenes(
    options: argparse.Namespace,
    archives: Sequence,
    held_out: Sequence[list[int]],
    characters: str,
    size: int,
    samples: int,
    seed: int,
) -> list:
    """The scene of each data set."""
    from tfhand.evaluation import EvaluationSet

    scenes = []
    for name, archive, people in zip(options.data, archives, held_out, strict=True):
        try:
            scenes.append(EvaluationSet(archive, people, characters, size, samples, seed))
        except ArchiveError as error:
            raise ArchiveError(f"{name}: {error}") from None
    return scenes


def _projections(options: argparse.Namespace, networks) -> dict:
    """Ways to recombine projected samples by name: each space and distance, and the naive way."""
    from tfhand.evaluation.recombination import Recombined
    from tfhand.models import presets
    from tfhand.models.stylegan.config import DISTANCES, SPACES
    from tfhand.models.stylegan.projection import distance

    features = presets.load(options.features)
    ways = {
        f"{space} {name}": Recombined(networks, space, distance(name, features))
        for space in SPACES
        for name in DISTANCES
    }
    return ways | {"w+ mse, naive": ways["w+ mse"].naively()}


def _report_redrawn(options: argparse.Namespace, scenes: Sequence, ways: dict, reader, samples: int) -> None:
    """How well each projection draws the samples themselves."""
    lines = []
    for name, way in ways.items():
        found = [way.redrawn(scene, [trial.fewer(samples) for trial in scene.trials], reader) for scene in scenes]
        lines.append(
            {"projection": name} | {figure: float(np.mean([each[figure] for each in found])) for figure in found[0]}
        )
    caption = "The samples themselves, redrawn: their mean square and perceptual distance, and how many are read."
    report([lines], caption, f"{Path(options.preset).name}, projections")
    save_table(lines, options, REDRAWN)


def _report_hands(options: argparse.Namespace, judges, comparisons: Sequence) -> None:
    from tfhand.evaluation.hand_evaluator import GROUPS

    people = sum(len(scene.trials) for scene in judges.scenes)
    letters = sum(len(trial.asked) for scene in judges.scenes for trial in scene.trials)
    reader, verifier = Path(options.reader).name, Path(options.verifier).name
    chance = ", ".join(f"{name.removeprefix('hand ')} {value:.2f}" for name, value in judges.chance().items())
    caption = (
        f"{people} people never trained on; {letters:,} letters, second writings for the real ones, of characters that "
        f"were not given. Legibility: as {reader} reads. Hand: the person's rank among all by {verifier}; by chance "
        f"{chance}. Traits: correlation over people with the first writings. Told apart: accuracy of a classifier, "
        f"0.50 is best. FID, KID: features of {reader}, N = {letters:,}, no resize. Diversity: of two answers, over "
        "that of two real writings."
        + (f" Means over {options.repeats} draws of everything." if options.repeats > 1 else "")
    )
    table = []
    for comparison in comparisons:
        title = f"{Path(options.preset).name}, {comparison.samples} sample{'s' * (comparison.samples > 1)}"
        groups = [[{"": name} | {row.name: row.figures[name] for row in comparison.rows} for name in g] for g in GROUPS]
        report(groups, caption, title)
        same = {"verifier": verifier, "samples": comparison.samples, "people": people, "repeats": options.repeats}
        table += [same | {"letters": row.name} | row.figures for row in comparison.rows]
    save_table(table, options)


def _draw_hands(options: argparse.Namespace, scenes: Sequence, preset, comparisons: Sequence) -> None:
    from tfhand.evaluation import plots as pictures

    shown = next((one for one in comparisons if one.samples == SHOWN), comparisons[-1])
    save_picture(pictures.letters(scenes, preset, shown.samples, options.picture_writers), LETTERS, options)
    save_picture(pictures.traits(shown), TRAITS, options)
    if len(comparisons) > 1:
        save_picture(pictures.samples_curve(comparisons), CURVE, options)

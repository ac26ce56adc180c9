"""Letters of presets that learn no hand: StarGAN v2's translations, and what a conditional GAN makes of noise."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from tfhand.cli.tables import report, save_picture, save_table, teller, warn_of_acquaintance

LETTERS = "letters.png"


def translations(options: argparse.Namespace, config: dict, archives: Sequence, held_out: Sequence[list[int]]) -> None:
    """Whether the letters that StarGAN v2 makes of people's letters are read as what was asked for."""
    from tfhand.evaluation.translation import Translations
    from tfhand.models import presets

    warn_of_acquaintance((options.reader,), options.data, held_out)
    networks, reader = (presets.load(name) for name in (options.preset, options.reader))
    works = [
        Translations(networks, archive, writers, options.seed)
        for archive, writers in zip(archives, held_out, strict=True)
    ]
    lines = [
        {"data": Path(name).stem, "letters": kind, "read as asked": share}
        for name, work in zip(options.data, works, strict=True)
        for kind, share in work.agreement(reader).items()
    ]
    report([lines], "Letters of people never trained on, and what becomes of them.", Path(options.preset).name)
    save_table(lines, options)
    if options.picture_writers:
        save_picture(works[0].picture(options.picture_writers), LETTERS, options)


def generations(options: argparse.Namespace, config: dict, archives: Sequence, held_out: Sequence[list[int]]) -> None:
    """Whether letters made of a character and noise are read as what was asked for, and as various as people's."""
    from tfhand.evaluation.generation import Generations
    from tfhand.models import presets

    networks, tell = presets.load(options.preset), teller()
    works = [
        Generations(networks, archive, writers, options.seed, tell)
        for archive, writers in zip(archives, held_out, strict=True)
    ]
    lines = [
        {"data": Path(name).stem, "letters": kind} | figures
        for name, work in zip(options.data, works, strict=True)
        for kind, figures in work.figures(options.count, teach=not options.quick).items()
    ]
    caption = (
        f"Read as asked: all letters of people never trained on, and {options.count:,} generated ones, by a classifier "
        "trained here on real letters of the people trained on. Teaches: what a classifier reads of the letters of "
        "people never trained on that has learned from these letters alone, as many generated as real ones. FID, KID: "
        "by features of the first classifier, N letters of people never trained on against N of the people trained on "
        "or generated, no resize."
    )
    report([lines], caption, Path(options.preset).name)
    save_table([{"reader": "trained here", "count": str(options.count)} | line for line in lines], options)
    if options.picture_writers:
        save_picture(works[0].picture(options.picture_writers), LETTERS, options)

"""Plots of a comparison: written beside real letters, people's traits, and the effect of more samples."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tfhand.evaluation.comparison import NEAREST, REAL, WRITTEN, Comparison
from tfhand.evaluation.episodes import Episode
from tfhand.evaluation.evaluation_set import EvaluationSet
from tfhand.evaluation.hand_report import LeftOut
from tfhand.evaluation.methods import PresetMethod
from tfhand.hands.glyph import SIZE, inverted
from tfhand.metrics import TRAITS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GAP, MARGIN = 6, 12  # pixels
COLUMNS = 31  # letters in a row, at most: half of the 62
_LINE = 96  # grey of the lines, as ink
_COLOURS = {WRITTEN: "#1b5e8c", NEAREST: "#d97b29", "mean letter": "#777777", "another person": "#b5b5b5"}
_OTHERS = ("#5f9e6e", "#8c6bb1", "#c9a227", "#b0413e")  # other presets
_INK, _FAINT = "#333333", "#cccccc"
_ALARM = "#c62828"  # frames what is misread
_DOTS_PER_INCH = 110
CELL, CAPTION, ACROSS = 2 * SIZE, 24, 13  # pixels of a letter and of its caption; letters in a row


def letters(
    evaluation_sets: Sequence[EvaluationSet], method: PresetMethod, samples: int, people: int = 20
) -> np.ndarray:
    """For each person the samples, then rows of real letters, each above the written one.

    Args:
        evaluation_sets: the first episodes of these are shown.
        method: that writes.
        samples: support letters of each person.
        people: how many are shown.

    Returns:
        uint8 array of shape (height, width), black ink on white; a blank where the person never wrote a character.
    """
    shown = [
        (evaluation_set, episode.fewer(samples))
        for evaluation_set in evaluation_sets
        for episode in evaluation_set.episodes
    ][:people]
    blocks = [_block(own, episode, method) for own, episode in shown]
    width = max(block.shape[1] for block in blocks)
    rows = []
    for block in blocks:
        rows += [np.pad(block, ((MARGIN, MARGIN), (MARGIN, MARGIN + width - block.shape[1])))]
        rows += [np.full((1, width + 2 * MARGIN), _LINE, np.uint8)]
    return inverted(np.concatenate(rows[:-1]))


def _block(evaluation_set: EvaluationSet, episode: Episode, method: PresetMethod) -> np.ndarray:
    """One person's part of the picture, white ink on black."""
    count = len(evaluation_set.characters)
    lines = -(-count // COLUMNS)
    real = np.zeros((count, evaluation_set.known.size, evaluation_set.known.size), np.uint8)
    real[episode.characters] = episode.glyphs
    (written,) = method.write(evaluation_set, [episode], [np.arange(count)])
    pairs = np.stack([_lines(real, lines), _lines(written, lines)], axis=1)  # (lines, 2, S, W)
    pairs = np.pad(pairs.reshape(lines, -1, pairs.shape[-1]), ((0, 0), (0, MARGIN), (0, 0)))  # (lines, 2 S + gap, W)
    beside = np.concatenate(pairs)[:-MARGIN]
    samples = np.concatenate(_lines(episode.samples[1], 2 * lines))
    samples = np.pad(samples, ((0, beside.shape[0] - samples.shape[0]), (0, 0)))
    bar = np.pad(np.full((len(beside), 1), _LINE, np.uint8), ((0, 0), (2 * GAP, 2 * GAP)))
    return np.concatenate([samples, bar, beside], axis=1)


def _lines(glyphs: np.ndarray, lines: int) -> np.ndarray:
    """Glyphs (n, S, S) in equal lines, (lines, S, columns * S); the last line is filled with blanks."""
    columns, size = -(-len(glyphs) // lines), glyphs.shape[-1]
    filled = np.pad(glyphs, ((0, lines * columns - len(glyphs)), (0, 0), (0, 0)))
    return filled.reshape(lines, columns, size, size).transpose(0, 2, 1, 3).reshape(lines, size, columns * size)


def traits(comparison: Comparison) -> np.ndarray:
    """A panel for each trait, a dot for each person: written and nearest writer's letters against the real ones.

    Returns:
        uint8 array of shape (height, width, 3).
    """
    columns = min(4, len(TRAITS))
    lines = -(-len(TRAITS) // columns)
    figure, panels = _figure(lines, columns, (2.75 * columns, 2.9 * lines + 0.5))
    rows = [comparison[name] for name in (WRITTEN, NEAREST)]
    for at, (trait, panel) in enumerate(zip(TRAITS, panels, strict=False)):
        truth = comparison.truth[:, at]
        shown = np.concatenate([truth, *(row.traits[:, at] for row in rows)])
        edge = np.array([shown.min(), shown.max()]) + np.array([-0.06, 0.06]) * max(np.ptp(shown), 1e-6)
        panel.plot(edge, edge, color=_FAINT, linewidth=0.8, zorder=0)
        for place, row in enumerate(rows):
            dots: dict[str, Any] = {"s": 11, "alpha": 0.75, "linewidths": 0, "zorder": len(rows) - place}
            panel.scatter(truth, row.traits[:, at], color=_COLOURS[row.name], label=row.name, **dots)
        panel.set(xlim=edge, ylim=edge, box_aspect=1)
        panel.locator_params(nbins=4)
        ours, best = (comparison[name].metrics[trait] for name in (WRITTEN, REAL))
        panel.set_title(f"{trait}  {ours:.2f}  (ceiling {best:.2f})", fontsize=9, color=_INK)
    for panel in panels[len(TRAITS) :]:
        panel.set_visible(False)
    figure.supxlabel("the person's real letters", fontsize=9, color=_INK)
    figure.supylabel("the answer", fontsize=9, color=_INK)
    return _pixels(figure, panels[0], 2)


def samples_curve(comparisons: Sequence[Comparison]) -> np.ndarray:
    """Three metrics over real letters against the number of samples, a line for each method.

    Returns:
        uint8 array of shape (height, width, 3).
    """
    figure, panels = _figure(1, 3, (11, 3.6))
    counts = [comparison.samples for comparison in comparisons]
    names = [row.name for row in comparisons[0].rows if row.name != REAL]
    others = itertools.cycle(_OTHERS)
    colours = {name: _COLOURS.get(name) or next(others) for name in names}
    for part, panel in zip(("legibility", "hand MRR", "traits"), panels, strict=True):
        panel.axhline(1, color=_FAINT, linewidth=0.8, zorder=0)
        for place, name in enumerate(names):
            values = [comparison[name].metrics[f"{part} over real"] for comparison in comparisons]
            look: dict[str, Any] = {"linewidth": 1.8 if name == WRITTEN else 1.1, "zorder": len(names) - place}
            panel.plot(counts, values, "o-", markersize=4, color=colours[name], label=name, **look)
        panel.set_xscale("log")
        panel.set_xticks(counts, [str(count) for count in counts])
        panel.set_xticks([], minor=True)
        panel.set_ylim(bottom=min(0, panel.get_ylim()[0]))
        panel.set_title(f"{part} over real", fontsize=9, color=_INK)
    figure.supxlabel("samples given", fontsize=9, color=_INK)
    return _pixels(figure, panels[0], len(names))


def left_out(letters: Sequence[LeftOut], titled: bool = True) -> np.ndarray:
    """One person's letters in rows, the written one under each real one; misread letters are framed.

    Args:
        letters: of a report.
        titled: whether English words on the picture say what it shows.

    Returns:
        uint8 array of shape (height, width, 3), black ink on white.
    """
    across, step_x, step_y = min(ACROSS, max(len(letters), 8)), CELL + MARGIN, CAPTION + 2 * CELL + 2 * MARGIN
    lines = -(-len(letters) // across)
    head = MARGIN + (CAPTION + MARGIN) * titled
    sheet = Image.new("RGB", (across * step_x + MARGIN, head + lines * step_y), "white")
    draw, font, small = ImageDraw.Draw(sheet), ImageFont.load_default(17), ImageFont.load_default(13)
    wrong = any(letter.misread for letter in letters)
    title = "Above the real letter, below the one written from others" + "; misread ones are framed" * wrong
    if titled:
        draw.text((MARGIN, MARGIN), title, _INK, small)
    for place, letter in enumerate(letters):
        x, y = MARGIN + place % across * step_x, head + place // across * step_y
        draw.text((x, y), letter.character, _INK, font)
        for top, pixels in ((y + CAPTION, letter.real), (y + CAPTION + CELL, letter.written)):
            sheet.paste(Image.fromarray(inverted(pixels)).resize((CELL, CELL), Image.Resampling.BICUBIC), (x, top))
        frame = (x, y + CAPTION, x + CELL - 1, y + CAPTION + 2 * CELL - 1)
        draw.rectangle(frame, outline=_FAINT)
        if letter.misread:
            draw.text((x + CELL, y + 3), "as " * titled + letter.read, _ALARM, small, anchor="ra")
            draw.rectangle((x, y + CAPTION + CELL, *frame[2:]), outline=_ALARM, width=2)
    return np.asarray(sheet)


def _figure(lines: int, columns: int, size: tuple[float, float]) -> tuple[Figure, list[Axes]]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, dpi=_DOTS_PER_INCH, layout="constrained")
    panels = figure.subplots(lines, columns, squeeze=False).ravel().tolist()
    for panel in panels:
        panel.spines[["top", "right"]].set_visible(False)
        panel.spines[["left", "bottom"]].set_color(_FAINT)
        panel.tick_params(labelsize=8, color=_FAINT, labelcolor=_INK)
    return figure, panels


def _pixels(figure: Figure, panel: Axes, columns: int) -> np.ndarray:
    """The drawn figure, with the legend of one panel above all."""
    handles, labels = panel.get_legend_handles_labels()
    legend: dict[str, Any] = {"loc": "outside upper center", "ncols": columns, "frameon": False, "fontsize": 9}
    figure.legend(handles, labels, **legend)
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()

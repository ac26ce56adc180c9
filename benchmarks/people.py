"""`python -m benchmarks.people`: what presets write in the hands of people whom they were not trained on.

A column for each of some held-out people: eleven of their letters, which are all that a preset sees; a text as each
preset writes it from these alone; and the same text in the person's own letters. Nobody is chosen by the result: these
are the first people of the archive who wrote every letter of the text.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from benchmarks.nibs import photographed
from tfhand.core.files import atomic_write
from tfhand.data.archive import Archive
from tfhand.evaluation.training_overlap import held_out
from tfhand.hands.hand import Hand, Sample
from tfhand.models import presets
from tfhand.synthesis.synthesizer import Synthesizer, load
from tfhand.typeset import Page, page_presets, typeset, visible_characters

GIVEN = "quick fox 273"
TEXT = "The five boxing wizards\njump quickly at 9 or 10"
RATIO = 14  # height of a letter of median size over the width of the line


def letters_of(archive: Archive, writer: int, rng: np.random.Generator) -> dict[str, Sample]:
    """One letter of each character that a person wrote."""
    found = {}
    for index in rng.permutation(np.flatnonzero(archive.writers == writer)):
        character = str(archive.classes[archive.labels[index]])
        if character not in found:
            found[character] = Sample(character, photographed(archive, int(index), RATIO, rng))
    return found


def given_hand(letters: dict[str, Sample]) -> Hand:
    """What a preset sees of a person."""
    return Hand(samples=[letters[one] for one in dict.fromkeys(visible_characters(GIVEN))])


def pages(pens: Sequence[Synthesizer], letters: dict[str, Sample], seed: int) -> list[Page]:
    """What is given, what each preset writes, and what the person wrote."""
    layout = page_presets.layout(size=3.0)
    given, own = ([letters[one] for one in visible_characters(text)] for text in (GIVEN, TEXT))
    hand = given_hand(letters)
    written = [pen.write(TEXT, hand, seed=seed, keep_written=False, layout=layout) for pen in pens]
    return [typeset(GIVEN, given, layout, seed), *written, typeset(TEXT, own, layout, seed)]


def draw(titles: Sequence[str], columns: Sequence[Sequence[Page]]) -> Figure:
    """A picture with a titled row for each page of a column, all at one scale."""
    heights = [max(column[row].height for column in columns) for row in range(len(titles))]
    width = max(page.width for column in columns for page in column)
    figure = Figure(figsize=(width * len(columns) / 300, sum(heights) / 300 + 0.8), dpi=150, layout="constrained")
    axes = figure.subplots(len(titles), len(columns), squeeze=False, gridspec_kw={"height_ratios": heights})
    for row, title in enumerate(titles):
        for place, column in zip(axes[row], columns, strict=True):
            picture, page = np.full((heights[row], width), 255, np.uint8), column[row].image()
            picture[: page.shape[0], : page.shape[1]] = page
            place.imshow(picture, cmap="gray", vmin=0, vmax=255)
            place.set_title(title, fontsize=9, loc="left", color="gray")
            place.axis("off")
    return figure


def main(argv: Sequence[str] | None = None) -> None:
    """Draws the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="an archive of pen strokes with writers")
    parser.add_argument("--presets", nargs="+", default=[presets.DEFAULT], help="that write, in this order")
    parser.add_argument("--people", type=int, default=3, help="how many (default: %(default)s)")
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("docs/people.png"), help="a .png (default: %(default)s)"
    )
    parser.add_argument("--hands", type=Path, help="folder for the Hands that presets see, one of each person")
    options = parser.parse_args(argv)
    archive, pens = Archive.load(options.data), [load(name) for name in options.presets]
    needed, columns = set(visible_characters(GIVEN + TEXT)), []
    for writer in sorted(set.intersection(*(set(held_out(name, options.data.name)) for name in options.presets))):
        if len(columns) == options.people:
            break
        letters = letters_of(archive, writer, np.random.default_rng(writer))
        if needed <= letters.keys():
            columns.append(pages(pens, letters, writer))
            if options.hands:
                given_hand(letters).save(options.hands / f"person {len(columns)}")
    titles = ["eleven letters of a person", *(f"written by {Path(name).name}" for name in options.presets)]
    with atomic_write(options.output) as temporary:
        draw([*titles, "written by the person"], columns).savefig(temporary, format="png")
    print(f"Wrote {options.output}.")


if __name__ == "__main__":
    main()

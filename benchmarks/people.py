"""`python -m benchmarks.people`: what a preset writes in the hands of people whom it was not trained on.

For each of some held-out people one block of three: eleven of their letters, which are all that the preset sees; a text
that it writes from these; and the same text in the person's own letters. Nobody is chosen by the result: these are the
first people of the archive who wrote every letter of the text.
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
from tfhand.synthesis.synthesizer import Synthesizer, load
from tfhand.typeset import Page, page_presets, typeset, visible_characters

GIVEN = "quick fox 273"
TEXT = "The five boxing wizards\njump quickly at 9 or 10"
RATIO = 14  # height of a letter of median size over the width of the line
TITLES = "eleven letters of a person", "written from these alone", "written by the person"


def letters_of(archive: Archive, writer: int, rng: np.random.Generator) -> dict[str, Sample]:
    """One letter of each character that a person wrote."""
    found = {}
    for index in rng.permutation(np.flatnonzero(archive.writers == writer)):
        character = str(archive.classes[archive.labels[index]])
        if character not in found:
            found[character] = Sample(character, photographed(archive, int(index), RATIO, rng))
    return found


def pages(pen: Synthesizer, letters: dict[str, Sample], seed: int) -> tuple[Page, Page, Page]:
    """What is given, what is written, and what the person wrote."""
    layout = page_presets.layout(size=3.0)
    given, own = ([letters[one] for one in visible_characters(text)] for text in (GIVEN, TEXT))
    hand = Hand(samples=[letters[one] for one in dict.fromkeys(visible_characters(GIVEN))])
    written = pen.write(TEXT, hand, seed=seed, keep_written=False, layout=layout)
    return typeset(GIVEN, given, layout, seed), written, typeset(TEXT, own, layout, seed)


def draw(blocks: Sequence[Sequence[Page]]) -> Figure:
    """A picture with a column for each person, all at one scale."""
    heights = [max(block[row].height for block in blocks) for row in range(len(TITLES))]
    width = max(page.width for block in blocks for page in block)
    figure = Figure(figsize=(width * len(blocks) / 300, sum(heights) / 300 + 0.8), dpi=150, layout="constrained")
    axes = figure.subplots(len(TITLES), len(blocks), squeeze=False, gridspec_kw={"height_ratios": heights})
    for row, title in enumerate(TITLES):
        for place, block in zip(axes[row], blocks, strict=True):
            picture = np.full((heights[row], width), 255, np.uint8)
            page = block[row].image()
            picture[: page.shape[0], : page.shape[1]] = page
            place.imshow(picture, cmap="gray", vmin=0, vmax=255)
            place.set_title(title, fontsize=9, loc="left", color="gray")
            place.axis("off")
    return figure


def main(argv: Sequence[str] | None = None) -> None:
    """Draws the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="an archive of pen strokes with writers")
    parser.add_argument("--preset", default="hand62", help="that writes (default: %(default)s)")
    parser.add_argument("--people", type=int, default=3, help="how many (default: %(default)s)")
    parser.add_argument("-o", "--output", type=Path, default=Path("docs/people.png"), help="a .png (default: %(default)s)")
    options = parser.parse_args(argv)
    archive, pen = Archive.load(options.data), load(options.preset)
    needed, blocks = set(visible_characters(GIVEN + TEXT)), []
    for writer in held_out(options.preset, options.data.name):
        letters = letters_of(archive, writer, np.random.default_rng(int(writer)))
        if needed <= letters.keys() and len(blocks) < options.people:
            blocks.append(pages(pen, letters, int(writer)))
    with atomic_write(options.output) as temporary:
        draw(blocks).savefig(temporary, format="png")
    print(f"Wrote {options.output}.")


if __name__ == "__main__":
    main()

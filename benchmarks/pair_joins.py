"""`python -m benchmarks.pair_joins WORDS.npz`: which pairs of letters people join, and at what height.

Words of writers whom the aligner has learned from are drawn, their letters found by it and told apart by seams. For
each class of pairs of letters it estimates by how much the log odds of a join differ from those of the writer, and the
middle height of the joins. Writes tfhand/synthesis/joined/pair_table.py. Before that, it leaves out every fifth writer
and prints how well the joins of the second half of their words are foretold from the first: by their own share of
joins alone, and with the table.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from scipy.special import expit

from tfhand.data.word_pictures import ABOVE, draw_words, pixels_per_x_height, set_line
from tfhand.data.words import WordArchive
from tfhand.errors import HandError
from tfhand.evaluation.training_overlap import held_out
from tfhand.hands.word_sample import WordSample
from tfhand.models import registry
from tfhand.models.aligner.alignment import align
from tfhand.synthesis.joined.pair_joins import pair_class, person_log_odds
from tfhand.synthesis.joined.pieces import has_sound_letters, port_of

TABLE = Path("tfhand/synthesis/joined/pair_table.py")
ALIGNER = "aligner62"
HEIGHT, NIB = 180, 0.14  # pixels of a picture, x-heights
WORDS = 80  # of a writer
SURE = 0.5  # of the aligner, of a letter
ROUNDS, SPREAD = 30, 1.5  # of estimating writers and classes in turn; deviation of the log odds of classes
ENOUGH = 30  # joins, to know the height of a class
Pair = tuple[str, str]
Tally = dict[Pair, list[float | None]]  # the heights of joins, None where the pen was lifted


def word_samples(archive: WordArchive, writer: int, networks: object, rng: np.random.Generator) -> list[WordSample]:
    """Some words of a writer as a Hand would hold them."""
    own = np.flatnonzero((archive.writers == writer) & (archive.lengths > 1))
    own = [int(at) for at in rng.permutation(own) if set(str(archive.texts[at])) <= set(networks.characters)][:WORDS]
    lines = [set_line(archive, np.array([at])) for at in own]
    small = [draw_words(line, networks.image_size, NIB) for line in lines]
    slant = _slant([stroke for line in lines for stroke in line.strokes])
    unit, scale, words = pixels_per_x_height(HEIGHT), HEIGHT / networks.image_size, []
    for line, letters in zip(lines, align(networks, small, [line.text for line in lines]), strict=True):
        sides = scale * np.array([(letter.left, letter.right) for letter in letters])
        cuts = (sides[1:, 0] + sides[:-1, 1]) / 2 - slant * unit / 2
        try:
            sure = [letter.confidence > SURE for letter in letters]
            words.append(WordSample(line.text, draw_words(line, HEIGHT, NIB), ABOVE * unit, unit, cuts, slant, sure))
        except HandError:  # letters out of order
            continue
    return words


def _slant(strokes: Sequence[np.ndarray]) -> float:
    """The mean slant of steep strokes: x gained for each unit of height."""
    steps = np.concatenate([np.diff(stroke, axis=0) for stroke in strokes])
    steep = steps[np.abs(steps[:, 1]) > 0.6 * np.hypot(*steps.T)]
    up = -steep * np.sign(steep[:, 1:])
    return float(np.clip(up[:, 0].sum() / max(-up[:, 1].sum(), 1e-6), -0.5, 1.2))


def tally(words: Sequence[WordSample]) -> Tally:
    """What a writer did at each class of pairs."""
    found: Tally = defaultdict(list)
    for word in words:
        sound = has_sound_letters(word)
        for cut in range(1, len(word.text)):
            if sound[cut - 1] and sound[cut]:
                port = port_of(word, cut)
                found[pair_class(word.text[cut - 1], word.text[cut])].append(port.height if port else None)
    return found


def log_odds(tallies: Sequence[Tally]) -> dict[Pair, float]:
    """By how much the log odds of a join in each class differ from those of the writers."""
    pairs = sorted({pair for one in tallies for pair in one})
    counts = np.array([[len(one.get(pair, ())) for pair in pairs] for one in tallies])
    joined = np.array([[sum(h is not None for h in one.get(pair, ())) for pair in pairs] for one in tallies])
    classes = np.zeros(len(pairs))
    for _ in range(ROUNDS):
        people = np.array([person_log_odds(classes, own, all_) for own, all_ in zip(joined, counts, strict=True)])
        shares = expit(people[:, None] + classes)
        slope = (joined - counts * shares).sum(axis=0) - classes / SPREAD**2
        classes += np.clip(slope / ((counts * shares * (1 - shares)).sum(axis=0) + 1 / SPREAD**2), -1, 1)
    return {pair: float(value) for pair, value in zip(pairs, classes, strict=True)}


def foretold(table: dict[Pair, float], words: Sequence[WordSample]) -> Iterator[tuple[float, bool]]:
    """For each pair in the second half of a writer's words the foretold probability of a join, and whether it is."""
    first, second = tally(words[::2]), tally(words[1::2])
    offsets = np.array([table.get(pair, 0.0) for pair in first])
    joined = np.array([sum(height is not None for height in found) for found in first.values()])
    person = person_log_odds(offsets, joined, np.array([len(found) for found in first.values()]))
    for pair, heights in second.items():
        for height in heights:
            yield float(expit(person + table.get(pair, 0.0))), height is not None


def write_table(path: Path, odds: dict[Pair, float], heights: dict[Pair, float]) -> None:
    """Writes the module of the table."""
    lines = [
        '"""Joins of UNIPEN\'s writers at pairs of letters; see `pair_joins`. Written by benchmarks/pair_joins.py."""'
    ]
    for name, values in (("LOG_ODDS", odds), ("HEIGHTS", heights)):
        entries = [f'    ("{one}", "{other}"): {value:.2f},' for (one, other), value in values.items()]
        lines += ["", f"{name}: dict[tuple[str, str], float] = {{", *entries, "}"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def report(people: Sequence[Sequence[WordSample]], tallies: Sequence[Tally]) -> None:
    """Prints how well joins of writers who are left out are foretold."""
    table = log_odds([one for at, one in enumerate(tallies) if at % 5])
    for name, known in (("share of joins alone", {}), ("with the table", table)):
        pairs = np.array([pair for words in people[::5] for pair in foretold(known, words)])
        chances = np.clip(pairs[:, 0], 1e-3, 1 - 1e-3)
        right = np.where(pairs[:, 1] > 0, chances, 1 - chances)
        print(f"{name}: {(right > 0.5).mean():.3f} right, {-np.log(right).mean():.3f} nats a pair, {len(pairs)} pairs")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pair_joins", description=__doc__)
    parser.add_argument("words", type=Path, help="an archive of words of the aligner's writers")
    options = parser.parse_args(argv)
    archive, networks = WordArchive.load(options.words), registry.load(ALIGNER)
    rng = np.random.default_rng(0)
    writers = np.setdiff1d(archive.writers, held_out(ALIGNER, options.words.name)).tolist()
    people = [word_samples(archive, writer, networks, rng) for writer in writers]
    estimate(people)
    return 0


def estimate(people: Sequence[Sequence[WordSample]]) -> None:
    """Writes the table of some people's words, and prints how much it is worth."""
    tallies = [tally(words) for words in people]
    report(people, tallies)
    joins: dict[Pair, list[float]] = defaultdict(list)
    for one in tallies:
        for pair, heights in one.items():
            joins[pair] += [height for height in heights if height is not None]
    heights = {pair: float(np.median(found)) for pair, found in sorted(joins.items()) if len(found) >= ENOUGH}
    write_table(TABLE, log_odds(tallies), heights)


if __name__ == "__main__":
    raise SystemExit(main())

"""How like a person's own letters written ones are: several ways to answer a trial, and figures that compare them.

`ROWS` holds the ways to answer; `compare` takes the figures. A figure says little alone: a fixed letter is as legible
as can be, and whoever copies the nib has the person's thickness. So every row stands beside the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np
from scipy.ndimage import gaussian_filter

from tfhand.charset import case_twins
from tfhand.data.archive import Archive
from tfhand.data.streams import as_glyphs, as_network_input
from tfhand.data.trials import People, draw_trials
from tfhand.errors import ArchiveError
from tfhand.glyph import inverted
from tfhand.measures import TRAITS
from tfhand.synthesizer import VARIATION

PLAIN_NIB = 2.4  # pixels at 32: the one nib that training writers are measured with
_BLUR = 1.5  # pixels by which a stroke may lie elsewhere and still be the same stroke
_CHUNK = 256  # letters that go through a network at a time
_NOISE, _OTHER, _HALVES = range(3)  # separate streams of random numbers of one trial


class Scene:
    """One archive's trials, its training writers to compare with, and what the networks make of both.

    Args:
        networks: `HandNetworks`, trained.
        archive: of pen strokes, with writers.
        held_out: the writers that the networks never saw.
        characters: to look at; what fewer than two training writers wrote is left out.
        samples: how many letters of a person are given.
        seed: of everything drawn.

    Raises:
        ArchiveError: the archive cannot serve.
    """

    def __init__(
        self, networks, archive: Archive, held_out: Iterable[int], characters: str, samples: int = 10, seed: int = 0
    ):
        writers, size = archive.need_writers(), networks.settings.image_size
        if archive.images is not None:
            raise ArchiveError("The archive holds images; letters are compared in one nib, which takes pen strokes.")
        held_out = np.intersect1d(writers, np.fromiter(held_out, int))
        if len(held_out) == 0:
            raise ArchiveError("None of the writers that the preset held out is in the archive.")
        known = People.of(archive, np.setdiff1d(writers, held_out), characters, size, seed)
        common = np.flatnonzero(np.sum(known.letters >= 0, axis=0) >= 2)
        if len(common) <= samples:
            raise ArchiveError("The archive has too few letters of training writers to compare with.")
        self.networks, self.samples, self.seed = networks, samples, seed
        self.known = known.only(common)
        self.characters = self.known.characters
        self.trials = draw_trials(People.of(archive, held_out, self.characters, size, seed), samples, seed)
        self._names = np.array([networks.settings.characters.index(c) for c in self.characters], np.int32)

    def rng(self, number: int, purpose: int) -> np.random.Generator:
        """The generator of one trial for one purpose, whatever else is drawn."""
        return np.random.default_rng([self.seed, self.trials[number].writer, purpose])

    @cached_property
    def plain(self) -> list[np.ndarray]:
        """For each character the training writers' letters, uint8 (n, S, S), all with one nib."""
        return [self.known.draw(column[column >= 0], PLAIN_NIB) for column in self.known.letters.T]

    @cached_property
    def means(self) -> dict[str, np.ndarray]:
        """For each trait its mean over the training writers' letters of a character, (C,)."""
        return {name: np.array([trait(glyphs).mean() for glyphs in self.plain]) for name, trait in TRAITS.items()}

    @cached_property
    def medoids(self) -> np.ndarray:
        """For each character the training letter nearest to the blurred mean of all, as places in the archive (C,)."""
        places = []
        for column, glyphs in zip(self.known.letters.T, self.plain, strict=True):
            soft = gaussian_filter(glyphs.astype(np.float32), (0, _BLUR, _BLUR))
            places.append(column[column >= 0][np.square(soft - soft.mean(axis=0)).sum(axis=(1, 2)).argmin()])
        return np.array(places)

    @cached_property
    def codes(self) -> np.ndarray:
        """The hand code of each trial's samples, (trials, code_size)."""
        return self._encode([(trial.characters[trial.given], trial.glyphs[trial.given]) for trial in self.trials])

    @cached_property
    def nearest(self) -> np.ndarray:
        """For each trial the training writers by how near their hand code is, (trials, W), the nearest first.

        The last number of a code is the nib's, which says nothing about the person and is left out.
        """
        rng, hands = np.random.default_rng(self.seed), []
        for letters in self.known.letters:
            some = rng.permutation(np.flatnonzero(letters >= 0))[: 3 * self.samples]
            hands.append((some, self.known.draw(letters[some], PLAIN_NIB)))
        away = self.codes[:, None, :-1] - self._encode(hands)[None, :, :-1]
        return np.argsort(np.square(away).sum(axis=-1), axis=1)

    @cached_property
    def written(self) -> np.ndarray:
        """Every character in the hand of each trial's samples: uint8 (trials, C, S, S)."""
        count, size = len(self.characters), self.networks.settings.noise_size
        noise = [self.rng(number, _NOISE).standard_normal((count, size)) for number in range(len(self.trials))]
        images = in_parts(
            self.networks.write,
            np.repeat(self.codes, count, axis=0),
            np.tile(self._names, len(self.trials)),
            VARIATION * np.concatenate(noise).astype(np.float32),
        )
        return as_glyphs(images).reshape(len(self.trials), count, *images.shape[1:3])

    def _encode(self, hands: Sequence[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
        """Hand codes (H, code_size) of pairs of characters (k,) and glyphs (k, S, S), k as it comes."""
        longest = max(len(characters) for characters, _ in hands)
        shape = len(hands), longest
        glyphs = np.zeros((*shape, self.known.size, self.known.size), np.uint8)
        characters, mask = np.zeros(shape, np.int32), np.zeros(shape, np.float32)
        for row, (which, images) in enumerate(hands):
            glyphs[row, : len(which)], characters[row, : len(which)] = images, self._names[which]
            mask[row, : len(which)] = 1
        return in_parts(self.networks.encode_hand, as_network_input(glyphs), characters, mask, chunk=_CHUNK // longest)


def in_parts(network: Callable, *arrays: np.ndarray, chunk: int = _CHUNK) -> np.ndarray:
    """A network's answer on long arrays, some of them at a time."""
    step = max(1, chunk)
    parts = range(0, len(arrays[0]), step)
    return np.concatenate([np.asarray(network(*(array[at : at + step] for array in arrays))) for at in parts])


def _real(scene: Scene, number: int) -> np.ndarray:
    return scene.trials[number].real


def _written(scene: Scene, number: int) -> np.ndarray:
    return scene.written[number, scene.trials[number].unseen]


def _mean_letter(scene: Scene, number: int) -> np.ndarray:
    trial = scene.trials[number]
    return scene.known.draw(scene.medoids[trial.unseen], trial.nib)


def _nearest(scene: Scene, number: int) -> np.ndarray:
    trial = scene.trials[number]
    return scene.known.draw(scene.known.borrow(scene.nearest[number], trial.unseen), trial.nib)


def _another(scene: Scene, number: int) -> np.ndarray:
    trial = scene.trials[number]
    order = scene.rng(number, _OTHER).permutation(len(scene.known.writers))
    return scene.known.draw(scene.known.borrow(order, trial.unseen), trial.nib)


REAL = "real letters"
WRITTEN = "written letters"
ROWS: Mapping[str, Callable[[Scene, int], np.ndarray]] = MappingProxyType(
    {
        REAL: _real,
        WRITTEN: _written,
        "nearest writer": _nearest,
        "mean letter": _mean_letter,
        "another person": _another,
    }
)
"""Ways to answer trial `number` of a scene: glyphs (n, S, S) of the characters that are asked for.

Beside the person's own letters and those written from the samples: the letters of the training writer whose hand code
is nearest, one fixed letter for everybody, and the letters
of a training writer drawn by lot, all with the nib of the person.
"""


@dataclass(frozen=True)
class Row:
    """One way to answer and its figures by name, in the order of the table; nan where there are too few people."""

    name: str
    figures: dict[str, float]


def compare(scenes: Sequence[Scene], reader) -> list[Row]:
    """The table: every row of `ROWS` with its figures over the trials of all scenes.

    Figures: `legibility`, the share of letters that the reader reads, averaged over people (look-alikes count as one);
    `over real`, the same over that of real letters; and for each trait its correlation over people with the real
    unseen letters, then their mean, `traits`. Real letters are compared half with half: a ceiling.

    Args:
        scenes: of one archive each.
        reader: a `Reader` of all their characters.
    """
    asked = [(scene, number) for scene in scenes for number in range(len(scene.trials))]
    unseen = [scene.trials[number].unseen for scene, number in asked]
    texts = [[scene.characters[index] for index in which] for (scene, _), which in zip(asked, unseen, strict=True)]
    rows = []
    for name, answer in ROWS.items():
        letters = [answer(*one) for one in asked]
        ours = np.stack([hand_traits(one[0], *rest) for one, *rest in zip(asked, unseen, letters, strict=True)])
        legible = float(np.mean(legibility(reader, letters, texts)))
        if name == REAL:
            theirs, best = ours, legible
            ours, goal = np.stack([_halves(*one) for one in asked], axis=1)
        else:
            goal = theirs
        figures = {"legibility": legible, "over real": legible / best if best else float("nan")}
        figures |= {trait: correlation(ours[:, at], goal[:, at]) for at, trait in enumerate(TRAITS)}
        rows.append(Row(name, {**figures, "traits": float(np.mean([figures[trait] for trait in TRAITS]))}))
    return rows


def _halves(scene: Scene, number: int) -> np.ndarray:
    """The real letters' traits from two disjoint halves of the unseen characters, (2, traits)."""
    trial = scene.trials[number]
    order = scene.rng(number, _HALVES).permutation(len(trial.unseen))
    return np.stack([hand_traits(scene, trial.unseen[half], trial.real[half]) for half in np.array_split(order, 2)])


def hand_traits(scene: Scene, characters: np.ndarray, glyphs: np.ndarray) -> np.ndarray:
    """A person's traits, in the order of `TRAITS`: the mean over letters of each trait less that character's mean."""
    return np.array([(trait(glyphs) - scene.means[name][characters]).mean() for name, trait in TRAITS.items()])


def legibility(reader, letters: Sequence[np.ndarray], texts: Sequence[Sequence[str]]) -> np.ndarray:
    """The share of each person's letters (n, S, S) that are read as what they are, or as its look-alike; (people,)."""
    logits = in_parts(reader, as_network_input(np.concatenate(letters)))
    read = [_reading(reader.characters[index]) for index in logits.argmax(axis=-1)]
    says = [_reading(character) for text in texts for character in text]
    right = np.array(read) == np.array(says)
    return np.array([part.mean() for part in np.split(right, np.cumsum([len(text) for text in texts])[:-1])])


def _reading(character: str) -> str:
    """What a character counts as: the first of its look-alikes."""
    return case_twins.get(character, character)


def correlation(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Pearson's correlation over people; nan for fewer than three, or where nobody differs."""
    spread = np.std(ours) * np.std(theirs)
    if len(ours) < 3 or spread < 1e-12:
        return float("nan")
    return float(np.mean((ours - np.mean(ours)) * (theirs - np.mean(theirs))) / spread)


GAP, MARGIN = 6, 12  # pixels
COLUMNS = 31  # of letters, at most: half of the 62
_LINE = 96  # grey of the lines, as ink


def picture(scenes: Sequence[Scene], people: int = 20) -> np.ndarray:
    """For each person their samples, then rows of real letters with the written ones right under them.

    Args:
        scenes: whose trials are shown, the first ones.
        people: how many.

    Returns:
        uint8 array of shape (height, width), black ink on white; a blank where the person never wrote a character.
    """
    asked = [(scene, number) for scene in scenes for number in range(len(scene.trials))][:people]
    blocks = [_block(scene, number) for scene, number in asked]
    width = max(block.shape[1] for block in blocks)
    rows = []
    for block in blocks:
        rows += [np.pad(block, ((MARGIN, MARGIN), (MARGIN, MARGIN + width - block.shape[1])))]
        rows += [np.full((1, width + 2 * MARGIN), _LINE, np.uint8)]
    return inverted(np.concatenate(rows[:-1]))


def _block(scene: Scene, number: int) -> np.ndarray:
    """One person's part of the picture, white ink on black."""
    trial, count = scene.trials[number], len(scene.characters)
    lines = -(-count // COLUMNS)
    real = np.zeros((count, scene.known.size, scene.known.size), np.uint8)
    real[trial.characters] = trial.glyphs
    pairs = np.stack([_lines(real, lines), _lines(scene.written[number], lines)], axis=1)  # (lines, 2, S, W)
    pairs = np.pad(pairs.reshape(lines, -1, pairs.shape[-1]), ((0, 0), (0, MARGIN), (0, 0)))  # (lines, 2 S + gap, W)
    letters = np.concatenate(pairs)[:-MARGIN]
    samples = np.concatenate(_lines(trial.glyphs[trial.given], 2 * lines))
    samples = np.pad(samples, ((0, letters.shape[0] - samples.shape[0]), (0, 0)))
    bar = np.pad(np.full((len(letters), 1), _LINE, np.uint8), ((0, 0), (2 * GAP, 2 * GAP)))
    return np.concatenate([samples, bar, letters], axis=1)


def _lines(glyphs: np.ndarray, lines: int) -> np.ndarray:
    """Glyphs (n, S, S) set in equal lines, (lines, S, columns * S); the last line is filled up with blanks."""
    columns, size = -(-len(glyphs) // lines), glyphs.shape[-1]
    filled = np.pad(glyphs, ((0, lines * columns - len(glyphs)), (0, 0), (0, 0)))
    return filled.reshape(lines, columns, size, size).transpose(0, 2, 1, 3).reshape(lines, size, columns * size)

"""How like a person's own letters written ones are: trials on people never trained on, rows to compare, figures.

A trial gives a few letters of one person and asks for others. Every row of the table is a way to answer, the figures
say how well: `ROWS` and `FIGURES` are where more of either go.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from tfhand.charset import case_twins
from tfhand.data.archive import Archive
from tfhand.data.streams import as_glyphs, as_network_input
from tfhand.errors import ArchiveError
from tfhand.measures import TRAITS

NIBS = (1.6, 3.6)  # pixels at 32: the nibs that people of a trial hold
PLAIN_NIB = 2.4  # pixels at 32: the one nib that all training writers are measured with
UNSEEN = 10  # characters to judge by, at least, where the alphabet has them
VARIATION = 0.5  # of the networks' noise, as much as the Synthesizer's
REAL = "real letters"
_BLUR = 1.5  # pixels by which a stroke may lie elsewhere and still be the same stroke
_CHUNK = 256  # letters that go through a network at a time


@dataclass(frozen=True, eq=False)
class People:
    """Writers of an archive with one letter, drawn by lot, of every character they wrote.

    Attributes:
        archive: of pen strokes.
        characters: that are looked at, in order.
        size: of the glyphs in pixels.
        writers: (W,) who they are in the archive.
        letters: (W, C) where in the archive a writer's letter is, -1 where they never wrote that character.
    """

    archive: Archive
    characters: str
    size: int
    writers: np.ndarray
    letters: np.ndarray

    @classmethod
    def of(cls, archive: Archive, writers: Iterable[int], characters: str, size: int, seed: int) -> People:
        """The writers who are in the archive, each with their letters."""
        writers = np.intersect1d(archive.need_writers(), np.fromiter(writers, int))
        labels = np.array([characters.find(character) for character in archive.classes])[archive.labels]
        chosen = np.flatnonzero(np.isin(archive.writers, writers) & (labels >= 0))
        chosen = np.random.default_rng(seed).permutation(chosen)
        letters = np.full((len(writers), len(characters)), -1)
        letters[np.searchsorted(writers, archive.writers[chosen]), labels[chosen]] = chosen  # the last one stays
        return cls(archive, characters, size, writers, letters)

    def draw(self, letters: np.ndarray, nib: float) -> np.ndarray:
        """Letters by their place in the archive as glyphs (n, S, S), all with one nib."""
        return self.archive.render(letters, self.size, nib)

    def borrow(self, order: Iterable[int], characters: Sequence[int]) -> np.ndarray:
        """Of each character (n,) the letter of the first writer in this order who wrote it: places in the archive."""
        asked = self.letters[np.asarray(order)][:, characters]  # (W, n)
        return asked[np.argmax(asked >= 0, axis=0), np.arange(len(characters))]


@dataclass(frozen=True, eq=False)
class Trial:
    """One person never trained on: the letters that are given, and those that are not.

    Attributes:
        writer: who it is in the archive.
        nib: line width in pixels at 32, the person's own.
        characters: (n,) what they wrote, as indices.
        glyphs: uint8 (n, S, S), the person's letters.
        given: bool (n,), which of them are the samples.
    """

    writer: int
    nib: float
    characters: np.ndarray
    glyphs: np.ndarray
    given: np.ndarray

    @property
    def unseen(self) -> np.ndarray:
        """The characters to write, as indices."""
        return self.characters[~self.given]

    @property
    def real(self) -> np.ndarray:
        """The person's own letters of the unseen characters."""
        return self.glyphs[~self.given]


def draw_trials(people: People, samples: int, seed: int) -> list[Trial]:
    """A trial for every writer who wrote enough different characters.

    Args:
        people: held-out writers.
        samples: how many letters are given, each of another character.
        seed: draws them and the nibs.

    Raises:
        ArchiveError: nobody wrote enough.
    """
    spare = len(people.characters) - samples
    enough = samples + min(UNSEEN, max(2, spare // 2))  # a small alphabet leaves fewer to judge by
    trials = []
    for writer, letters in zip(people.writers, people.letters, strict=True):
        known = np.flatnonzero(letters >= 0)
        if len(known) < enough:
            continue
        rng = np.random.default_rng([seed, writer])
        given = np.isin(known, rng.permutation(known)[:samples])
        nib = float(np.exp(rng.uniform(*np.log(NIBS))))
        trials.append(Trial(int(writer), nib, known, people.draw(letters[known], nib), given))
    if not trials:
        raise ArchiveError(f"No held-out writer wrote {enough} different characters; take fewer --samples.")
    return trials


class Scene:
    """One archive's trials, the training writers to compare with, and what the networks make of both.

    Args:
        networks: `HandNetworks`, trained.
        archive: of pen strokes, with writers.
        held_out: the writers that the networks never saw.
        characters: to look at; those that training writers hardly wrote are left out.
        samples: how many letters of a person are given.
        seed: of everything drawn.

    Raises:
        ArchiveError: the archive cannot serve.
    """

    def __init__(self, networks, archive: Archive, held_out: Iterable[int], characters: str, samples: int, seed: int = 0):
        writers = archive.need_writers()
        if archive.images is not None:
            raise ArchiveError("The archive holds images; all letters are drawn with one nib, which takes pen strokes.")
        held_out = np.intersect1d(writers, np.fromiter(held_out, int))
        if len(held_out) == 0:
            raise ArchiveError("None of the preset's held-out writers is in the archive.")
        size, trained = networks.settings.image_size, np.setdiff1d(writers, held_out)
        everyone = People.of(archive, trained, characters, size, seed)
        common = [index for index in range(len(characters)) if np.sum(everyone.letters[:, index] >= 0) >= 2]
        if len(common) <= samples:
            raise ArchiveError("The archive's training writers wrote too little to compare with.")
        self.networks, self.seed = networks, seed
        self.characters = "".join(characters[index] for index in common)
        self.known = People(archive, self.characters, size, everyone.writers, everyone.letters[:, common])
        self.trials = draw_trials(People.of(archive, held_out, self.characters, size, seed), samples, seed)
        self._measure_known()
        given = [(trial.characters[trial.given], trial.glyphs[trial.given]) for trial in self.trials]
        self.codes = self._encode(given)
        self._find_nearest(3 * samples)

    def rng(self, trial: Trial, purpose: int) -> np.random.Generator:
        """The same numbers for this trial and purpose, whatever else is drawn."""
        return np.random.default_rng([self.seed, trial.writer, purpose])

    def _measure_known(self) -> None:
        """Every character's mean traits over the training writers, and its letter nearest to the blurred mean."""
        self.trait_means = {name: np.zeros(len(self.characters)) for name in TRAITS}
        self.medoids = np.zeros(len(self.characters), int)
        for index in range(len(self.characters)):
            letters = self.known.letters[:, index]
            letters = letters[letters >= 0]
            glyphs = self.known.draw(letters, PLAIN_NIB)
            for name, trait in TRAITS.items():
                self.trait_means[name][index] = trait(glyphs).mean()
            soft = gaussian_filter(glyphs.astype(np.float32), (0, _BLUR, _BLUR))
            self.medoids[index] = letters[np.argmin(np.square(soft - soft.mean(axis=0)).sum(axis=(1, 2)))]

    def _encode(self, hands: Sequence[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
        """Hand codes (H, code_size) of (characters, glyphs) pairs, any number of glyphs in each."""
        longest, size = max(len(characters) for characters, _ in hands), self.known.size
        names = np.array([self.networks.settings.characters.index(character) for character in self.characters], np.int32)
        step, codes = max(1, _CHUNK // longest), []
        for start in range(0, len(hands), step):
            part = hands[start : start + step]
            glyphs = np.zeros((len(part), longest, size, size), np.uint8)
            characters, mask = np.zeros((len(part), longest), np.int32), np.zeros((len(part), longest), np.float32)
            for row, (labels, images) in enumerate(part):
                glyphs[row, : len(labels)], characters[row, : len(labels)] = images, names[labels]
                mask[row, : len(labels)] = 1
            codes.append(np.asarray(self.networks.encode_hand(as_network_input(glyphs), characters, mask)))
        return np.concatenate(codes)

    def _find_nearest(self, samples: int) -> None:
        """For each trial the training writers, nearest hand code first: (trials, W).

        The last number of a code is the nib's, which tells the scan and not the person.
        """
        rng, hands = np.random.default_rng(self.seed), []
        for letters in self.known.letters:
            known = rng.permutation(np.flatnonzero(letters >= 0))[:samples]
            hands.append((known, self.known.draw(letters[known], PLAIN_NIB) if len(known) else np.zeros((0, 1, 1))))
        codes = self._encode(hands)
        distances = np.square(self.codes[:, None, :-1] - codes[None, :, :-1]).sum(axis=-1)
        self.nearest = np.argsort(distances, axis=1)

    def write(self) -> list[np.ndarray]:
        """All characters in the hand of each trial's samples: uint8 (C, S, S) for each trial."""
        settings, count = self.networks.settings, len(self.characters)
        names = np.array([settings.characters.index(character) for character in self.characters], np.int32)
        noise = [self.rng(trial, 1).standard_normal((count, settings.noise_size)) for trial in self.trials]
        inputs = (
            np.repeat(self.codes, count, axis=0),
            np.tile(names, len(self.trials)),
            VARIATION * np.concatenate(noise).astype(np.float32),
        )
        images = in_parts(self.networks.write, *inputs)
        return list(as_glyphs(images).reshape(len(self.trials), count, *images.shape[1:3]))


def in_parts(network, *arrays: np.ndarray) -> np.ndarray:
    """A network's answer on long arrays, a part of them at a time."""
    starts = range(0, len(arrays[0]), _CHUNK)
    return np.concatenate([np.asarray(network(*(a[start : start + _CHUNK] for a in arrays))) for start in starts])

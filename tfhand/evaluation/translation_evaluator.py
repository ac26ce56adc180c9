"""Evaluation of a translator: are letters that it rewrites the characters asked for, like real ones, and various?"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from tfhand.data.archive import Archive
from tfhand.errors import ArchiveError
from tfhand.evaluation.comparison import REAL, distances
from tfhand.evaluation.episodes import among_writers
from tfhand.evaluation.evaluation_set import difference
from tfhand.evaluation.hand_evaluator import correlation
from tfhand.evaluation.unconditional_evaluator import MOST_COMPARED
from tfhand.hands.glyph import as_glyphs, as_network_input
from tfhand.metrics import slant, thickness
from tfhand.models.batches import predict_in_batches
from tfhand.visualization import grids

if TYPE_CHECKING:
    from tfhand.models.reader.networks import Reader
    from tfhand.models.stargan.networks import StarGAN

LATENT, TRUNCATED, REFERENCE, UNCHANGED = "latent", "truncated", "reference", "unchanged"
KEPT = {"thickness": thickness, "slant": slant}  # traits that a style should carry over
SOURCES, TARGETS = "273", "481"  # of the picture: a 2, a 7 and a 3 rewritten as 4, 8 and 1
_REPEATS = 3  # random hands in the picture


class TranslationEvaluator:
    """Real letters of people never trained on, and their translations by a StarGAN v2.

    Args:
        networks: trained.
        archive: with writers.
        held_out: writers that the networks were not trained on.
        seed: of all random choices.

    Raises:
        ArchiveError: none of these people is in the archive, or they did not write every character.
    """

    def __init__(self, networks: StarGAN, archive: Archive, held_out: Iterable[int], seed: int = 0):
        self.networks, self.characters, self.seed = networks, networks.characters, seed
        self.archive = archive.of_writers(among_writers(archive, held_out))
        self.domains = self.archive.places_in(self.characters)
        absent = set(range(len(self.characters))).difference(self.domains.tolist())
        if absent:
            missing = " ".join(self.characters[domain] for domain in sorted(absent))
            raise ArchiveError(f"The held-out writers of the archive never wrote {missing}; name the data trained on.")

    def metrics(self, reader: Reader, count: int = MOST_COMPARED) -> dict[str, dict[str, float]]:
        """What letters are, of five kinds, that should all be of the same characters.

        `REAL`: other letters of the same people. `LATENT`: their letters rewritten in random styles. `TRUNCATED`: in
        the same styles nearer to the mean, as they are written for people (`StarGAN.truncate`). `REFERENCE`: rewritten
        in the style of one of the letters of `REAL`. `UNCHANGED`: what was to be rewritten, as it was.

        Args:
            reader: an independent one that knows all characters of the preset.
            count: letters of each kind, at most half of those that there are and `MOST_COMPARED`.

        Returns:
            By kind `conditional accuracy`, the share read as the character asked for, among those of the preset;
            `FID` and `KID x 1000` of the reader's features from those of as many real letters; `diversity`, the mean
            difference, strokes softened, of two styles of one letter over that of two people's letters; `thickness` and
            `slant`, less their means over letters of the character, their correlation with those of the reference (of
            real letters: of another one by the same person); nan where one makes no sense.
        """
        rng, written = np.random.default_rng(self.seed), np.flatnonzero(self.domains >= 0)
        truth, others = np.array_split(rng.permutation(written), 2)
        truth = truth[: min(count, MOST_COMPARED)]
        domains = self.domains[truth]
        references, second = (_of_characters(rng, others, self.domains[others], domains) for _ in range(2))
        again = self._images(self._by_the_same_people(rng, references))
        real, others_real = self._images(references), self._images(second)
        images, targets = self._images(rng.choice(others, len(truth))), domains.astype(np.int32)
        latents = rng.standard_normal((2, len(truth), self.networks.config.latent_size), np.float32)
        kinds = {
            REAL: (real, others_real),
            LATENT: self._translated(self.networks.map_latent, latents, images, targets),
            TRUNCATED: self._translated(self._truncated_style, latents, images, targets),
            REFERENCE: self._translated(self.networks.encode_style, (real, others_real), images, targets),
            UNCHANGED: (images, images),
        }
        compared = {REAL: again, REFERENCE: kinds[REFERENCE][0], UNCHANGED: images}
        features, apart = _features(reader, self._images(truth)), difference(as_glyphs(real), as_glyphs(others_real))
        result = {}
        for kind, (first, other) in kinds.items():
            result[kind] = {
                "conditional accuracy": self._read(reader, first, targets),
                **distances(features, _features(reader, first)),
                "diversity": difference(as_glyphs(first), as_glyphs(other)) / apart,
            }
            for name, trait in KEPT.items():
                value = math.nan
                if kind in compared:
                    value = correlation(*(_beside_the_mean(trait, each, domains) for each in (compared[kind], real)))
                result[kind][name] = value
        return result

    def _translated(
        self, encode: Callable, given: Iterable[np.ndarray], images: np.ndarray, targets: np.ndarray
    ) -> tuple[np.ndarray, ...]:
        """Images rewritten as `targets` in the styles of each of two things given."""
        styles = [predict_in_batches(encode, each, targets) for each in given]
        return tuple(predict_in_batches(self.networks.translate, images, style) for style in styles)

    def _truncated_style(self, latents: np.ndarray, targets: np.ndarray) -> Any:
        """Random styles as they are written for people."""
        return self.networks.truncate(self.networks.map_latent(latents, targets), targets)

    def _by_the_same_people(self, rng: np.random.Generator, letters: np.ndarray) -> np.ndarray:
        """For each letter (n,) another one of the same character by the same writer, itself where there is none."""
        writers, result = np.asarray(self.archive.writers), letters.copy()
        kinds = writers * len(self.characters) + self.domains
        for place, letter in enumerate(letters):
            own = np.flatnonzero((kinds == kinds[letter]) & (self.domains >= 0))
            own = own[own != letter]
            result[place] = rng.choice(own) if len(own) else letter
        return result

    def picture(self, people: int = 12) -> np.ndarray:
        """A row for each of several people: their `SOURCES`, these rewritten as `TARGETS`, and their own `TARGETS`.

        Rewritten in the person's own style where the networks find one in several letters, else in random styles,
        truncated.

        Returns:
            uint8 array of shape (height, width), black ink on white.

        Raises:
            ArchiveError: nobody wrote all `SOURCES` and `TARGETS`.
        """
        rows: list[list[np.ndarray]] = []
        for writer in self.archive.need_writers():
            own = [np.flatnonzero((self.archive.writers == writer) & (self.domains == one)) for one in self._shown]
            if len(rows) < people and all(len(found) for found in own):
                rows.append(self._row(np.array([found[0] for found in own]), int(writer)))
        if not rows:
            raise ArchiveError(f"None of the held-out writers wrote all of {' '.join(SOURCES + TARGETS)}.")
        titles = ["given", *["rewritten"] * (len(rows[0]) - 2), "their own"]
        columns = zip(titles, zip(*rows, strict=True), strict=True)
        return grids.arrange([grids.grid(np.stack(cells), title) for title, cells in columns], across=len(titles))

    @property
    def _shown(self) -> np.ndarray:
        """The domains of `SOURCES` and `TARGETS`."""
        return np.array([self.characters.index(character) for character in SOURCES + TARGETS], np.int32)

    def _row(self, letters: np.ndarray, writer: int) -> list[np.ndarray]:
        """Glyphs (3, S, S) given, of each time that they are rewritten, and the writer's own."""
        given, own = np.split(self._images(letters), 2)
        shown, targets = np.split(self._shown, 2)
        if self.networks.config.references > 1:
            images, characters = (np.repeat(each[None], len(targets), axis=0) for each in (given, shown))
            styles = [self.networks.encode_hand(images, characters, np.ones(characters.shape, np.float32), targets)]
        else:
            latents = np.random.default_rng([self.seed, writer]).standard_normal(
                (_REPEATS, 1, self.networks.config.latent_size), np.float32
            )
            styles = [self._truncated_style(np.repeat(each, len(targets), axis=0), targets) for each in latents]
        rewritten = [np.asarray(self.networks.translate(given, style)) for style in styles]
        return [as_glyphs(images) for images in (given, *rewritten, own)]

    def _images(self, indices: np.ndarray) -> np.ndarray:
        return as_network_input(self.archive.render(indices, self.networks.image_size))

    def _read(self, reader: Reader, images: np.ndarray, targets: np.ndarray) -> float:
        columns = [reader.characters.index(character) for character in self.characters]
        read = predict_in_batches(reader, np.clip(images, -1, 1))[:, columns].argmax(axis=-1)
        return float(np.mean(read == targets))


def _of_characters(
    rng: np.random.Generator, indices: np.ndarray, domains: np.ndarray, wanted: np.ndarray
) -> np.ndarray:
    """Of letters `indices` (n,) of characters `domains` (n,), random ones of the characters `wanted` (m,), (m,)."""
    result = np.empty(len(wanted), indices.dtype)
    for domain in np.unique(wanted):
        own = indices[domains == domain]
        result[wanted == domain] = rng.choice(own, np.sum(wanted == domain))
    return result


def _features(reader: Reader, images: np.ndarray) -> np.ndarray:
    return predict_in_batches(reader.features, np.clip(images, -1, 1))  # (n, F)


def _beside_the_mean(trait: Callable, images: np.ndarray, domains: np.ndarray) -> np.ndarray:
    """A trait of images (n, S, S, 1) of characters (n,), less its mean over the images of the character, (n,)."""
    values = trait(as_glyphs(images))
    sums = np.bincount(domains, values), np.bincount(domains)
    return values - (sums[0] / np.maximum(sums[1], 1))[domains]

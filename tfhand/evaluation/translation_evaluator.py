"""Evaluation of a translator of letters: are letters rewritten as another character read as that character?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from tfhand.data.archive import Archive
from tfhand.errors import ArchiveError
from tfhand.evaluation.episodes import among_writers
from tfhand.hands.glyph import as_glyphs, as_network_input, inverted
from tfhand.models.batches import predict_in_batches

if TYPE_CHECKING:
    from tfhand.models.reader.networks import Reader
    from tfhand.models.stargan.networks import StarGAN

SOURCES, TARGETS = "273", "481"  # of the picture: a 2, a 7 and a 3 rewritten as 4, 8 and 1
_GAP = 8  # pixels
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

    def conditional_accuracy(self, reader: Reader, count: int = 2000) -> dict[str, float]:
        """Share of images that an independent reader reads as the character asked for, among those of the preset.

        Args:
            reader: knows all characters of the preset.
            count: number of images of each kind.

        Returns:
            `real`: of real letters; `latent`: of letters rewritten in random styles; `reference`: of letters rewritten
            in the style of a real letter of the target character.
        """
        rng = np.random.default_rng(self.seed)
        sources, references = (rng.choice(np.flatnonzero(self.domains >= 0), count) for _ in range(2))
        targets = self.domains[references].astype(np.int32)
        images, shown = self._images(sources), self._images(references)
        latents = rng.standard_normal((count, self.networks.config.latent_size), np.float32)
        styles = {
            "latent": predict_in_batches(self.networks.map_latent, latents, targets),
            "reference": predict_in_batches(self.networks.encode_style, shown, targets),
        }
        result = {"real": self._read(reader, shown, targets)}
        for name, style in styles.items():
            result[name] = self._read(reader, predict_in_batches(self.networks.translate, images, style), targets)
        return result

    def picture(self, people: int = 12) -> np.ndarray:
        """A row for each of several people: their `SOURCES`, then these rewritten as `TARGETS` in random styles.

        Returns:
            uint8 array of shape (height, width), black ink on white.

        Raises:
            ArchiveError: nobody wrote all `SOURCES`.
        """
        given, targets = ([self.characters.index(c) for c in text] for text in (SOURCES, TARGETS))
        rows: list[np.ndarray] = []
        for writer in self.archive.need_writers():
            own = [np.flatnonzero((self.archive.writers == writer) & (self.domains == domain)) for domain in given]
            if len(rows) < people and all(len(found) for found in own):
                rows.append(self._row(np.array([found[0] for found in own]), np.array(targets, np.int32), int(writer)))
        if not rows:
            raise ArchiveError(f"None of the held-out writers wrote all of {' '.join(SOURCES)}.")
        return inverted(np.concatenate(rows))

    def _row(self, sources: np.ndarray, targets: np.ndarray, writer: int) -> np.ndarray:
        images = self._images(sources)
        rng = np.random.default_rng([self.seed, writer])
        parts = [as_glyphs(images)]
        for latent in rng.standard_normal((_REPEATS, 1, self.networks.config.latent_size), np.float32):
            style = self.networks.map_latent(np.repeat(latent, len(targets), axis=0), targets)
            parts.append(as_glyphs(np.asarray(self.networks.translate(images, style))))
        return np.concatenate([np.pad(np.hstack(list(part)), ((2, 2), (0, _GAP))) for part in parts], axis=1)

    def _images(self, indices: np.ndarray) -> np.ndarray:
        return as_network_input(self.archive.render(indices, self.networks.image_size))

    def _read(self, reader: Reader, images: np.ndarray, targets: np.ndarray) -> float:
        columns = [reader.characters.index(character) for character in self.characters]
        read = predict_in_batches(reader, np.clip(images, -1, 1))[:, columns].argmax(axis=-1)
        return float(np.mean(read == targets))

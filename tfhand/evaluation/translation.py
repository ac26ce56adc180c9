"""How well StarGAN v2 translates: given a person's 273, are the 4, 8 and 1 it makes of them read as 4, 8 and 1?"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tfhand.data.archive import Archive
from tfhand.errors import ArchiveError
from tfhand.evaluation.episodes import among_writers
from tfhand.hands.glyph import as_glyphs, as_network_input, inverted
from tfhand.models.batches import predict_in_batches

GIVEN, WANTED = "273", "481"
_GAP = 8  # pixels
_REPEATS = 3  # random hands in the picture


class Translations:
    """Real letters of people never trained on, and what a StarGAN v2 makes of them.

    Args:
        networks: `StarGAN`, trained.
        archive: with writers.
        held_out: the writers that the networks never saw.
        seed: of everything drawn.

    Raises:
        ArchiveError: none of these people is in the archive, or they did not write every character.
    """

    def __init__(self, networks, archive: Archive, held_out: Iterable[int], seed: int = 0):
        self.networks, self.settings, self.seed = networks, networks.settings, seed
        self.archive = archive.of_writers(among_writers(archive, held_out))
        self.domains = self.archive.places_in(self.settings.characters)
        absent = set(range(len(self.settings.characters))).difference(self.domains.tolist())
        if absent:
            missing = " ".join(self.settings.characters[domain] for domain in sorted(absent))
            raise ArchiveError(f"The held-out writers of the archive never wrote {missing}; name the data trained on.")

    def agreement(self, reader, count: int = 2000) -> dict[str, float]:
        """Share of images that an independent reader takes for the character asked for, among the preset's.

        Args:
            reader: a `Reader` of all the preset's characters.
            count: how many images of each kind.

        Returns:
            `real`: of real letters; `latent`: of letters rewritten in random styles; `reference`: of letters rewritten
            in the style of a real letter of the wanted character.
        """
        rng = np.random.default_rng(self.seed)
        sources, references = (rng.choice(np.flatnonzero(self.domains >= 0), count) for _ in range(2))
        wanted = self.domains[references].astype(np.int32)
        images, shown = self._images(sources), self._images(references)
        latents = rng.standard_normal((count, self.settings.latent_size), np.float32)
        styles = {
            "latent": predict_in_batches(self.networks.map_latent, latents, wanted),
            "reference": predict_in_batches(self.networks.encode_style, shown, wanted),
        }
        result = {"real": self._read(reader, shown, wanted)}
        for name, style in styles.items():
            result[name] = self._read(reader, predict_in_batches(self.networks.translate, images, style), wanted)
        return result

    def picture(self, people: int = 12) -> np.ndarray:
        """A row for each of several people: their `GIVEN` characters, then `WANTED` made of these in random styles.

        Returns:
            uint8 array of shape (height, width), black ink on white.

        Raises:
            ArchiveError: nobody wrote all the given characters.
        """
        given, wanted = ([self.settings.characters.index(c) for c in text] for text in (GIVEN, WANTED))
        rows = []
        for writer in np.unique(self.archive.writers):
            own = [np.flatnonzero((self.archive.writers == writer) & (self.domains == domain)) for domain in given]
            if len(rows) < people and all(len(found) for found in own):
                rows.append(self._row(np.array([found[0] for found in own]), np.array(wanted, np.int32), int(writer)))
        if not rows:
            raise ArchiveError(f"None of the held-out writers wrote all of {' '.join(GIVEN)}.")
        return inverted(np.concatenate(rows))

    def _row(self, sources: np.ndarray, wanted: np.ndarray, writer: int) -> np.ndarray:
        images = self._images(sources)
        rng = np.random.default_rng([self.seed, writer])
        parts = [as_glyphs(images)]
        for latent in rng.standard_normal((_REPEATS, 1, self.settings.latent_size), np.float32):
            style = self.networks.map_latent(np.repeat(latent, len(wanted), axis=0), wanted)
            parts.append(as_glyphs(np.asarray(self.networks.translate(images, style))))
        return np.concatenate([np.pad(np.hstack(part), ((2, 2), (0, _GAP))) for part in parts], axis=1)

    def _images(self, indices: np.ndarray) -> np.ndarray:
        return as_network_input(self.archive.render(indices, self.settings.image_size))

    def _read(self, reader, images: np.ndarray, wanted: np.ndarray) -> float:
        columns = [reader.characters.index(character) for character in self.settings.characters]
        read = predict_in_batches(reader, np.clip(images, -1, 1))[:, columns].argmax(axis=-1)
        return float(np.mean(read == wanted))

"""Rehearsal: a conditional GAN that learns new people's letters goes on with those that it could write before.

Networks that are shown new examples alone forget the old. The old ones need not be kept: the networks wrote them, and
a copy that is left as it was can write them again (deep generative replay: Shin et al. 2017, arXiv 1705.08690, section
3). So the first letters are the copy's own, and the networks are asked for them as for the new ones.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
from keras import ops

from tfhand.data.archive import Archive
from tfhand.data.scan_transform import ScanTransform
from tfhand.data.streams.base import Stream
from tfhand.data.streams.writers import HandStream, Writer
from tfhand.hands.glyph import as_glyphs, as_network_input
from tfhand.models.cgan.networks import ConditionalGAN
from tfhand.models.optimize_code import refine

OF_A_PERSON = 8  # hands that are rehearsed of everyone, each of so many letters as a stream has targets
OF_A_CHARACTER = 200  # letters of every character, where nobody's hand is asked for
SHOWN = 24  # letters of a new person that their vector is found by
_LETTERS_AT_ONCE, _PEOPLE_AT_ONCE = 128, 8  # that go through the networks


class ReplayStream(Stream):
    """The hands of a stream, and before each of them one that trained networks write of their own people.

    A batch is a `HandStream`'s without references, of twice as many hands, the writers of the stream numbered on from
    the networks' people. Two hands that follow each other are never one person's, however few people the stream has.
    What the networks write is drawn in the form that it is labelled with; a scan of it would have to be measured first.

    Args:
        networks: with writers; asked at once for all that is rehearsed.
        new: the hands that are learned.
    """

    def __init__(self, networks: ConditionalGAN, new: HandStream):
        super().__init__(new.seed)
        self.new, self._known = new, networks.people
        settings, rng = networks.settings, np.random.default_rng(new.seed)
        writer = np.repeat(np.arange(networks.people, dtype=np.int32), OF_A_PERSON)
        characters = rng.integers(len(settings.characters), size=(len(writer), new.targets), dtype=np.int32)
        form = np.stack([ScanTransform.draw(rng).vector for _ in writer])
        codes = np.repeat(ops.convert_to_numpy(networks.hand(writer, form)), new.targets, axis=0)
        targets = _written(networks, codes, characters.ravel(), rng).reshape(*characters.shape, *2 * [new.size])
        self._own = {"writer": writer, "form": form, "targets": targets, "characters": characters}

    @property
    def writer_count(self) -> int:
        """How many people the networks and the stream know together."""
        return self._known + self.new.writer_count

    def batch(self, number: int) -> dict[str, np.ndarray]:
        chosen = self.rng(number).choice(len(self._own["writer"]), self.new.hands)
        old, new = {name: array[chosen] for name, array in self._own.items()}, self.new.batch(number)
        old["targets"] = as_network_input(old["targets"])
        new["writer"] = new["writer"] + np.int32(self._known)
        return {name: np.stack([old[name], new[name]], axis=1).reshape(-1, *old[name].shape[1:]) for name in old}


def replayed_glyphs(networks: ConditionalGAN, seed: int = 0) -> Archive:
    """So many letters of each character, written by trained networks without writers; the seed is of the noise."""
    settings, rng = networks.settings, np.random.default_rng(seed)
    characters = np.repeat(np.arange(len(settings.characters), dtype=np.int32), OF_A_CHARACTER)
    glyphs = _written(networks, np.zeros((len(characters), 0), np.float32), characters, rng)
    inked = glyphs.any(axis=(1, 2))  # an archive holds no blank; the networks draw one now and then
    return Archive(characters[inked].astype(np.uint8), np.array(list(settings.characters)), images=glyphs[inked])


def _written(networks: ConditionalGAN, codes, characters, rng: np.random.Generator) -> np.ndarray:
    """Glyphs uint8 (B, S, S) of characters (B,) by codes (B, code_size), with noise as in training."""
    asked = codes, characters, rng.standard_normal((len(characters), networks.settings.noise_size), np.float32)
    parts = [slice(at, at + _LETTERS_AT_ONCE) for at in range(0, len(characters), _LETTERS_AT_ONCE)]
    images = [networks.write(*(each[part] for each in asked)) for part in parts]
    return as_glyphs(np.concatenate([ops.convert_to_numpy(image) for image in images]))


def find_hands(
    networks: ConditionalGAN, guide: keras.Model | None, archives: Sequence[Archive], seed: int = 0
) -> np.ndarray:
    """The vectors by which the networks, as they are, draw new people's letters best.

    Args:
        networks: with writers.
        guide: a `Verifier` to refine by, or None.
        archives: of the new people's letters.
        seed: of the choice of letters and of the search.

    Returns:
        float32 array of shape (people, hand_size), in the order in which a `HandStream` numbers the people.
    """
    settings, rng = networks.settings, np.random.default_rng(seed)
    samples, characters = [], []
    for archive in archives:
        places = archive.places_in(settings.characters)
        for person in Writer.all_of(archive, settings.characters):
            own = np.concatenate(list(person.samples.values()))
            chosen = rng.choice(own, SHOWN, replace=len(own) < SHOWN)
            samples.append(as_network_input(archive.render(chosen, settings.image_size)))
            characters.append(places[chosen])
    parts = [slice(at, at + _PEOPLE_AT_ONCE) for at in range(0, len(samples), _PEOPLE_AT_ONCE)]
    codes = [refine(networks, guide, np.stack(samples[part]), np.stack(characters[part]), seed=seed) for part in parts]
    return np.concatenate(codes)[:, : settings.hand_size]


def with_people(networks: ConditionalGAN, hands: np.ndarray) -> list[np.ndarray]:
    """The weights of networks that know new people as well, whose vectors (n, hand_size) come last in the table."""
    values = networks.get_weights()
    table = next(place for place, variable in enumerate(networks.weights) if variable is networks.table)
    values[table] = np.concatenate([ops.convert_to_numpy(networks.hands()), hands])
    return values

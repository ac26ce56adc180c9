"""Generative replay: a conditional GAN that learns new writers' glyphs goes on with those that it could write before.

Networks that are shown new examples alone forget the old. The old ones need not be kept: the networks wrote them, and a
copy that is left as it was can write them again (Shin et al. 2017, arXiv 1705.08690, section 3). So half of each batch
is the copy's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from keras import ops

from tfhand.data.archive import Archive
from tfhand.data.scan_transform import ScanTransform
from tfhand.data.streams.base import Stream
from tfhand.data.streams.writers import HandStream
from tfhand.hands.glyph import as_glyphs, as_network_input
from tfhand.models.batches import predict_in_batches
from tfhand.models.cgan.networks import ConditionalGAN

HANDS_OF_A_WRITER = 8  # replayed of everyone, each of as many glyphs as a stream has targets
GLYPHS_OF_A_CHARACTER = 200  # replayed where nobody's hand is asked for


class ReplayStream(Stream):
    """The hands of a stream, and before each of them one that trained networks write of their own writers.

    A batch is a `HandStream`'s without references, of twice as many hands, the writers of the stream numbered on from
    the networks' writers. Two hands that follow each other are never one writer's, however few the stream has. The
    networks' glyphs are drawn in the transform that they are labelled with; a scan of them would have to be measured.

    Args:
        networks: with writers; asked at once for all that is replayed.
        new: the hands that are learned.
    """

    def __init__(self, networks: ConditionalGAN, new: HandStream):
        super().__init__(new.seed)
        self.new, self._known = new, networks.writer_count
        config, rng = networks.config, np.random.default_rng(new.seed)
        writer = np.repeat(np.arange(networks.writer_count, dtype=np.int32), HANDS_OF_A_WRITER)
        characters = rng.integers(len(config.characters), size=(len(writer), new.targets), dtype=np.int32)
        transform = ScanTransform.draw(rng, writer.shape).vector
        codes = np.repeat(ops.convert_to_numpy(networks.hand(writer, transform)), new.targets, axis=0)
        targets = _written(networks, codes, characters.ravel(), rng).reshape(*characters.shape, *2 * [new.size])
        self._own = {
            "writer": writer,
            "transform": transform,
            "targets": as_network_input(targets),
            "characters": characters,
        }
        self.arrays = new.arrays

    @property
    def writer_count(self) -> int:
        """How many writers the networks and the stream know together."""
        return self._known + self.new.writer_count

    def plan(self, number: int) -> dict[str, np.ndarray]:
        chosen = self.rng(number).choice(len(self._own["writer"]), self.new.hands)
        old = {f"old_{name}": array[chosen] for name, array in self._own.items()}
        return {**old, **self.new.plan(number)}

    def draw(self, arrays: Mapping[str, Any], plan: Mapping[str, Any]) -> Mapping[str, Any]:
        new = {**self.new.draw(arrays, plan), "writer": plan["writer"] + self._known}
        both = {name: ops.stack([plan[f"old_{name}"], new[name]], axis=1) for name in self._own}
        return {name: ops.reshape(each, (-1, *each.shape[2:])) for name, each in both.items()}


def replayed_glyphs(networks: ConditionalGAN, seed: int = 0) -> Archive:
    """`GLYPHS_OF_A_CHARACTER` of each character, written by trained networks without writers; seed of the noise."""
    config, rng = networks.config, np.random.default_rng(seed)
    characters = np.repeat(np.arange(len(config.characters), dtype=np.int32), GLYPHS_OF_A_CHARACTER)
    glyphs = _written(networks, np.zeros((len(characters), 0), np.float32), characters, rng)
    inked = glyphs.any(axis=(1, 2))  # an archive holds no blank; the networks draw one now and then
    return Archive(characters[inked].astype(np.uint8), np.array(list(config.characters)), images=glyphs[inked])


def _written(networks: ConditionalGAN, codes, characters, rng: np.random.Generator) -> np.ndarray:
    """Glyphs uint8 (B, S, S) of characters (B,) by codes (B, code_size), with noise as in training."""
    noise = rng.standard_normal((len(characters), networks.noise_size), np.float32)
    return as_glyphs(predict_in_batches(networks.write, codes, characters, noise))

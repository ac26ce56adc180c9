"""The families that can be trained, each one entry: its settings, and how data become a trainer and its streams.

Light: TensorFlow is first imported by `Family.prepare`.
"""

from __future__ import annotations

from types import MappingProxyType

from tfhand.models.cgan.config import CGANConfig, CGANTrainConfig
from tfhand.models.gans import (
    prepare_cgan,
    prepare_cgan_from,
    prepare_hand,
    prepare_stargan,
    prepare_stylegan,
    prepare_stylegan_from,
)
from tfhand.models.hand.config import HandConfig, HandTrainConfig
from tfhand.models.judges import prepare_reader, prepare_verifier
from tfhand.models.reader.config import ReaderConfig, ReaderTrainConfig
from tfhand.models.setup import (
    Beginning,
    Family,
    Prepared,
    contents,
    held_out_writers,
    last_rows,
    load_archives,
    use_xla,
)
from tfhand.models.stargan.config import StarGANConfig, StarGANTrainConfig
from tfhand.models.stylegan.config import StyleGANConfig, StyleGANTrainConfig
from tfhand.models.verifier.config import VerifierConfig, VerifierTrainConfig

__all__ = [
    "FAMILIES",
    "Beginning",
    "Family",
    "Prepared",
    "contents",
    "held_out_writers",
    "last_rows",
    "load_archives",
    "use_xla",
]

_FEW_LETTERS = {"steps": 600, "validation": 0.0, "augment_steps": 1000, "learning_rate": 1e-4}
"""A person has few letters, and everyone's are learned: minutes, and augmentation that keeps up with them."""

_TRAINED = {"steps": 2000}
"""Networks that draw letters already need fewer steps; at a tenth of the usual rates they hardly move."""

FAMILIES = MappingProxyType(
    {
        family.name: family
        for family in (
            Family(
                "hand",
                "learns hands: a few of a person's letters in, any letter out",
                HandConfig,
                HandTrainConfig,
                "hands",
                prepare_hand,
                ("pixels", "found_pixels", "hand", "hand_fake"),
            ),
            Family(
                "cgan",
                "the conditional GAN: a character, and a person if wanted, in; a letter out",
                CGANConfig,
                CGANTrainConfig,
                "batch_size",
                prepare_cgan,
                ("adversarial", "real", "fake", "augmentation"),
                Beginning(
                    "teach it the letters of --data; half of each batch it writes itself, so as not to forget others",
                    "ConditionalGAN",
                    MappingProxyType(_FEW_LETTERS),
                    prepare_cgan_from,
                ),
            ),
            Family(
                "stylegan",
                "StyleGAN2 with characters: letters in random hands, to be mixed and truncated",
                StyleGANConfig,
                StyleGANTrainConfig,
                "batch_size",
                prepare_stylegan,
                beginning=Beginning(
                    "train it on the letters of --data",
                    "StyleGAN",
                    MappingProxyType(_TRAINED),
                    prepare_stylegan_from,
                ),
            ),
            Family(
                "stargan",
                "StarGAN v2 as published: a character rewritten as another, in a hand",
                StarGANConfig,
                StarGANTrainConfig,
                "batch_size",
                prepare_stargan,
                ("latent_critic", "latent_generator", "latent_style", "latent_cycle"),
            ),
            Family(
                "reader",
                "reads characters: the judge of legibility",
                ReaderConfig,
                ReaderTrainConfig,
                "hands",
                prepare_reader,
            ),
            Family(
                "verifier",
                "tells whether one person wrote two sets of letters: the judge of the hand",
                VerifierConfig,
                VerifierTrainConfig,
                "people",
                prepare_verifier,
            ),
        )
    }
)

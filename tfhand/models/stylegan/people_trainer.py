"""Training of a StyleGAN whose encoder learns with the generator, by people's letters.

A share of the hands in a batch is not random: the encoder finds them in a few letters of a person, and what is drawn in
them is held against other letters of that person. So the networks learn to write in a hand that they are shown, as an
autoencoder does, and random hands and people's are pulled together to one population (Tolstikhin et al. 2018, arXiv
1711.01558).
"""

from __future__ import annotations

from collections.abc import Callable

import keras
from keras import ops

from tfhand.models.stylegan.config import StyleGANConfig, StyleGANTrainConfig
from tfhand.models.stylegan.losses import energy_distance
from tfhand.models.stylegan.trainer import StyleGANTrainer
from tfhand.models.verifier.likeness import known_people, people_found
from tfhand.models.verifier.networks import Verifier
from tfhand.training.lazy import Terms
from tfhand.training.losses import multiscale_l1, weighted_sum

ENCODED_METRICS = ("reconstruction", "population", "likeness", "recognition")
REFERENCES = ("references", "reference_characters", "reference_mask")  # of a batch
POPULATION = 32  # random hands that encoded ones are held against


class PeopleTrainer(StyleGANTrainer):
    """A `StyleGANTrainer` on the batches of a `ParallelWritersStream` with references; its first hands are encoded.

    Args:
        config, train_config, seed: as there.
        verifier: a trained `Verifier`, or None without the terms that ask it. It learns nothing here and is no part of
            the trainer's state. It must not be the one by which the result is evaluated.

    Attributes:
        encoded: how many hands of a batch are.
    """

    more_metrics = ENCODED_METRICS

    def __init__(
        self,
        config: StyleGANConfig,
        train_config: StyleGANTrainConfig,
        verifier: Verifier | None = None,
        seed: int = 0,
    ):
        super().__init__(config, train_config, seed)
        self.encoded = train_config.encoded_hands
        self.verify: Callable | None = None
        self.recognize: keras.layers.Dense | None = None
        if verifier is not None:
            self.verify = verifier.__call__  # a bound method: Keras would count a model among the trainer's
            self.recognize = keras.layers.Dense(verifier.config.embedding_size, name="recognize")
            self.recognize.build((None, config.style_size))
            self.add_optimizer("recognition", self.recognize.trainable_variables, train_config.encoder_learning_rate)

    def _generating(self) -> dict[str, list]:
        moved = {**super()._generating(), "encoder": self.networks.encoder.trainable_variables}
        return moved | ({"recognition": self.recognize.trainable_variables} if self.recognize else {})

    def _generator_loss(self, batch, mixture, noise):
        characters, people = batch["character"], self._people(batch)
        codes = self.forward(self.networks.encode, *(people[name] for name in REFERENCES))  # (E, style_size)
        found = ops.repeat(codes, self.targets, axis=0) + self.networks.means(ops.reshape(people["characters"], (-1,)))
        random = self._mixed_styles(characters, *mixture)[found.shape[0] :]
        styles = ops.concatenate([self.networks.layered(found), random], axis=0)
        drawn = self._synthesize(styles, characters, noise)
        total, terms = self._judged(drawn, batch)
        own = self._people_terms(people, codes, drawn[: found.shape[0]])
        total = total + weighted_sum(own, {name: getattr(self.train_config, name) for name in ENCODED_METRICS})
        return total, {**terms, **own, "drawn": drawn}

    def _people(self, batch) -> dict:
        """The people whose hands are encoded, as the batch of a `HandStream` that writes their letters in the batch."""
        sets, size = (self.encoded, self.targets), self.config.image_size
        images, characters = (batch[name][: self.encoded * self.targets] for name in ("image", "character"))
        return {
            **{name: batch[name][: self.encoded] for name in REFERENCES},
            "characters": ops.reshape(characters, sets),
            "targets": ops.reshape(images, (*sets, size, size, 1)),
        }

    def _people_terms(self, people, codes, drawn) -> Terms:
        """How far letters (E T, S, S, 1) drawn in hand codes (E, style_size) are from those that the people wrote."""
        characters, targets = people["characters"], people["targets"]
        terms = {
            "reconstruction": multiscale_l1(drawn, ops.reshape(targets, drawn.shape)),
            "population": energy_distance(codes, self._random_hands(characters[0, :1])),
            "likeness": ops.zeros(()),
            "recognition": ops.zeros(()),
        }
        if self.verify is not None and self.recognize is not None:
            known = known_people(self.forward, self.verify, people)
            told = ops.normalize(self.recognize(codes), axis=-1)
            written = ops.reshape(drawn, targets.shape)
            terms["likeness"] = people_found(self.forward, self.verify, written, characters, known)
            terms["recognition"] = 1 - ops.mean(ops.sum(told * known, axis=-1))
        return terms

    def _random_hands(self, character):
        """Hand codes (POPULATION, style_size) of random people, as this character (1,) shows them."""
        characters = ops.repeat(character, POPULATION, axis=0)
        latents = self.normal(POPULATION, self.config.latent_size)
        return self.networks.map(latents, characters) - self.networks.means(characters)

    def _is_drawn_hand(self, drawn, batch, real=None):
        """Those of an encoded hand are held against what the person wrote, others against each other."""
        if real is None:
            features = self._features(self._shown(self._at_size(batch["image"])))
            real = ops.stop_gradient(self.same_writer_discriminator(features, batch["character"]))
        first, own = self.encoded * self.targets, super()._is_drawn_hand(drawn, batch)
        return ops.concatenate([self.same_writer_discriminator.is_hand(drawn, real)[:first], own[first:]], axis=0)

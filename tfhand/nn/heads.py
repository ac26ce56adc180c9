"""How a discriminator that is asked about something in particular answers."""

from __future__ import annotations

import keras
from keras import layers, ops

from tfhand.nn.precision import as_float32


class DomainHeads(layers.Layer):
    """A dense layer with its own kernel and bias for every domain; only the asked head is computed.

    Gathering a kernel per sample costs batch x channels x units, whatever the number of domains, and all shapes are
    static, so that XLA compiles it.

    Args:
        domains: number of heads.
        units: width of each head's result.

    Call with features (B, C) and domain (B,) of whole numbers below `domains`; gives (B, units).
    """

    def __init__(self, domains: int, units: int, **kwargs):
        super().__init__(**kwargs)
        self.domains, self.units = domains, units

    def build(self, features_shape, domain_shape):
        # Keras takes all but the last axis for the fan-in; the domains must not count into it.
        kaiming_per_head = keras.initializers.VarianceScaling(2.0 * self.domains, "fan_in", "untruncated_normal")
        shape = (self.domains, features_shape[-1], self.units)
        self.kernel = self.add_weight(shape=shape, initializer=kaiming_per_head, name="kernel")
        self.bias = self.add_weight(shape=(self.domains, self.units), initializer="zeros", name="bias")

    def call(self, features, domain):
        kernel = ops.take(self.kernel, domain, axis=0)  # (B, C, units)
        bias = ops.take(self.bias, domain, axis=0)  # (B, units)
        return ops.einsum("bc,bcu->bu", features, kernel) + bias

    def get_config(self):
        return {**super().get_config(), "domains": self.domains, "units": self.units}


def projection(features, expected):
    """Logits (B,): how far features agree with what is expected of them, both (B, C), whatever their number.

    Miyato & Koyama, 2018 (arXiv 1802.05637), equation 3 without its unconditional term.
    """
    return ops.sum(as_float32(features) * as_float32(expected), axis=-1) / features.shape[-1] ** 0.5

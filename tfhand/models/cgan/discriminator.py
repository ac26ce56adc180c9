"""The discriminator of the conditional GAN."""

from __future__ import annotations

from tfhand.models.cgan.config import CGANConfig
from tfhand.models.common.discriminator import GlyphDiscriminator


class CGANDiscriminator(GlyphDiscriminator):
    """A `GlyphDiscriminator` for the networks of a `CGANConfig`."""

    config_class = CGANConfig

"""The discriminator of the networks that learn a hand."""

from __future__ import annotations

from tfhand.models.common.discriminator import GlyphDiscriminator
from tfhand.models.hand.config import HandConfig


class HandDiscriminator(GlyphDiscriminator):
    """A `GlyphDiscriminator` for the networks of a `HandConfig`."""

    config_class = HandConfig

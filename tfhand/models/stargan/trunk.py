"""What StarGAN v2's style encoder and discriminator have in common."""

from __future__ import annotations

import numpy as np

from tfhand.models.networks import Subnetwork
from tfhand.models.stargan.config import StarGANConfig
from tfhand.nn.blocks import ResidualBlock, activate, convolution
from tfhand.nn.heads import DomainHeads


class ConditionalTrunk(Subnetwork):
    """Image and domain to `units` numbers; one trunk, and a head for each domain (table 7 of arXiv 1912.01865).

    Call with image (B, S, S, 1) and domain (B,); gives (B, units).

    Args:
        config: sizes of the networks.
        units: numbers that a head gives.
        **arguments: of the subclass.
    """

    config_class = StarGANConfig

    def __init__(self, config: StarGANConfig, units: int, **arguments):
        super().__init__(config, **arguments)
        side, width = config.image_size, config.discriminator_width
        self.from_image = convolution(width)
        self.blocks = []
        while side > 4:
            side, width = side // 2, min(2 * width, config.discriminator_limit)
            self.blocks.append(ResidualBlock(width, downsample=True))
        self.to_vector = convolution(width, size=side, padding="valid")
        self.heads = DomainHeads(len(config.characters), units)

    def call(self, image, domain):
        return self.heads(self.features(image), domain)

    def features(self, image):
        """What the heads look at: (B, C) of an image (B, S, S, 1)."""
        features = self.from_image(image)  # (B, S, S, discriminator_width)
        for block in self.blocks:
            features = block(features)
        return activate(self.to_vector(activate(features)))[:, 0, 0, :]  # from (B, 1, 1, C)


def blank_input(config: StarGANConfig) -> tuple[np.ndarray, np.ndarray]:
    """An image and a domain to build networks on."""
    return np.zeros((1, config.image_size, config.image_size, 1), np.float32), np.zeros(1, np.int32)

"""The conditional GAN of `tfhand.models.cgan`, asked for a character alone."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from benchmarks.torch_gans.augment import augment
from benchmarks.torch_gans.layers import (
    EPSILON,
    AdaINResidualBlock,
    CharacterDiscriminator,
    MinibatchStdDev,
    ResidualBlock,
    activate,
    convolution,
    flat,
)
from benchmarks.torch_gans.training import Batch, CharacterGAN, adam, move, real_loss


class Mapping(nn.Module):
    def __init__(self, config):
        super().__init__()
        sizes = [config.character_size + config.noise_size, *[config.mapping_width] * config.mapping_depth]
        self.character = nn.Embedding(len(config.characters), config.character_size)
        self.trunk = nn.ModuleList(nn.Linear(*pair) for pair in zip(sizes[:-1], sizes[1:], strict=True))
        self.style = nn.Linear(sizes[-1], config.style_size)

    def forward(self, characters: Tensor, noise: Tensor) -> Tensor:
        x = torch.cat([self.character(characters), noise], dim=-1)
        for layer in self.trunk:
            x = activate(layer(x))
        return self.style(x)


class Generator(nn.Module):
    def __init__(self, config):
        super().__init__()
        first, *others = config.generator_widths
        pairs = zip(config.generator_widths[:-1], others, strict=True)
        self.first, self.constants = first, nn.Embedding(len(config.characters), 16 * first)
        self.blocks = nn.ModuleList([AdaINResidualBlock(first, first, config.style_size)])
        self.blocks.extend(AdaINResidualBlock(*pair, config.style_size, up=True) for pair in pairs)
        self.norm = nn.InstanceNorm2d(others[-1], EPSILON, affine=True)
        self.to_image = convolution(others[-1], 1)

    def forward(self, characters: Tensor, style: Tensor) -> Tensor:
        x = self.constants(characters).reshape(-1, 4, 4, self.first).permute(0, 3, 1, 2)
        x = nn.functional.instance_norm(x, eps=EPSILON)
        for block in self.blocks:
            x = block(x, style)
        return torch.tanh(self.to_image(activate(self.norm(x))))


class Networks(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.mapping_network, self.generator = Mapping(config), Generator(config)

    def forward(self, characters: Tensor, noise: Tensor) -> Tensor:
        return self.generator(characters, self.mapping_network(characters, noise))


class Discriminator(CharacterDiscriminator):
    def __init__(self, config, group: int):
        super().__init__()
        widths, features = config.discriminator_widths, config.discriminator_features
        side = config.image_size // 2 ** (len(widths) - 1)
        self.stem = convolution(1, widths[0])
        self.blocks = nn.ModuleList(
            ResidualBlock(*pair, down=True) for pair in zip(widths[:-1], widths[1:], strict=True)
        )
        self.deviation = MinibatchStdDev(group)
        self.to_vector = nn.Linear(side * side * (widths[-1] + 1), features)
        self.character = nn.Embedding(len(config.characters), features)
        self.unconditional = nn.Linear(features, 1)

    def features(self, images: Tensor) -> Tensor:
        x = self.stem(images)
        for block in self.blocks:
            x = block(x)
        return activate(self.to_vector(activate(flat(self.deviation(x)))))


class ConditionalGAN(CharacterGAN):
    """Trained on {"image": (B, 1, S, S), "character": (B,)}."""

    def __init__(self, config, train_config, device: str, compiled: bool = False):
        networks, judge = Networks(config).to(device), Discriminator(config, train_config.group).to(device)
        judging = adam(judge.parameters(), train_config.discriminator_learning_rate)
        super().__init__(networks, judge, judging, train_config, compiled)
        self.config = config
        self.drawing = adam(networks.parameters(), train_config.learning_rate)
        self.generator_loss = self.compile(self.generator_loss)

    def generate(self, characters: Tensor) -> Tensor:
        return self.ema(characters, self.normal(len(characters), self.config.noise_size))

    def optimize(self, batch: Batch) -> Tensor:
        images, characters = batch["image"], batch["character"]
        noise = self.normal(len(characters), self.config.noise_size)
        generated, written = self.generator_loss(characters, noise, self.augmentation.draw(images))
        move(generated, self.drawing)
        return generated.detach() + self.train_discriminator(images, written.detach(), characters)

    def generator_loss(self, characters: Tensor, noise: Tensor, amounts: tuple) -> tuple[Tensor, Tensor]:
        written = self.networks(characters, noise)
        return real_loss(self.discriminator(augment(written, *amounts), characters)), written

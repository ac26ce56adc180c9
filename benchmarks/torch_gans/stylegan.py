"""StyleGAN2, Karras et al. 2020 (arXiv 1912.04958), as `tfhand.models.stylegan` has it: with a character to each image.

Beside it the encoder that follows it. Without progressive growing and the same-writer term.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from benchmarks.torch_gans import layers
from benchmarks.torch_gans.augment import augment
from benchmarks.torch_gans.equalized import (
    DownBlock,
    EqualizedConvolution,
    EqualizedDense,
    StyledConvolution,
    ToImage,
    activate,
    pixel_norm,
    upsample2x,
)
from benchmarks.torch_gans.training import Batch, CharacterGAN, adam, move, multiscale_l1, real_loss

MAPPING_RATE, MEAN_DRAWS, PRIOR = 0.01, 4, 0.5


class Mapping(nn.Module):
    def __init__(self, config):
        super().__init__()
        sizes = [2 * config.latent_size, *[config.mapping_width] * (config.mapping_depth - 1), config.style_size]
        pairs = zip(sizes[:-1], sizes[1:], strict=True)
        self.character = nn.Embedding(len(config.characters), config.latent_size)
        self.trunk = nn.ModuleList(EqualizedDense(*pair, rate=MAPPING_RATE) for pair in pairs)

    def forward(self, latent: Tensor, characters: Tensor) -> Tensor:
        x = torch.cat([pixel_norm(latent), pixel_norm(self.character(characters))], dim=-1)
        for layer in self.trunk:
            x = activate(layer(x))
        return x


class Generator(nn.Module):
    def __init__(self, config):
        super().__init__()
        widths, style = config.generator_widths, config.style_size
        self.sides, self.constants = config.noise_sides, nn.Embedding(1, 16 * widths[0])
        self.styled = nn.ModuleList([StyledConvolution(widths[0], widths[0], style)])
        for narrow, wide in zip(widths[:-1], widths[1:], strict=True):
            self.styled.append(StyledConvolution(narrow, wide, style, up=True))
            self.styled.append(StyledConvolution(wide, wide, style))
        self.to_images = nn.ModuleList(ToImage(width, style) for width in widths)

    def forward(self, styles: Tensor, noise: Tensor) -> Tensor:
        areas = [side * side for side in self.sides]
        pairs = zip(noise.split(areas, dim=1), self.sides, strict=True)
        maps = [flat.reshape(-1, 1, side, side) for flat, side in pairs]
        x = self.constants.weight.reshape(1, 4, 4, -1).permute(0, 3, 1, 2).expand(len(styles), -1, -1, -1)
        x = self.styled[0](x, styles[:, 0], maps[0])
        picture = self.to_images[0](x, styles[:, 1])
        for size, to_image in enumerate(self.to_images[1:], 1):
            for layer in (2 * size - 1, 2 * size):
                x = self.styled[layer](x, styles[:, layer], maps[layer])
            picture = upsample2x(picture) + to_image(x, styles[:, 2 * size + 1])
        return torch.tanh(picture)


class Encoder(nn.Module):
    """An image of a known character to how far its style is from the character's mean style."""

    def __init__(self, config):
        super().__init__()
        widths, features = config.encoder_widths, config.encoder_features
        side = config.image_size // 2 ** (len(widths) - 1)
        pairs = zip(widths[:-1], widths[1:], strict=True)
        self.character = nn.Embedding(len(config.characters), config.character_size)
        self.stem = layers.convolution(1, widths[0])
        self.blocks = nn.ModuleList(layers.ResidualBlock(*pair, down=True) for pair in pairs)
        self.to_vector = nn.Linear(side * side * widths[-1], features)
        self.with_character = nn.Linear(features + config.character_size, features)
        self.estimate = nn.Linear(features, 2 * config.style_size)

    def forward(self, images: Tensor, characters: Tensor) -> Tensor:
        x = self.stem(images)
        for block in self.blocks:
            x = block(x)
        x = layers.activate(self.to_vector(layers.activate(layers.flat(x))))
        x = layers.activate(self.with_character(torch.cat([x, self.character(characters)], dim=-1)))
        value, precision = self.estimate(x).chunk(2, dim=-1)
        precision = F.softplus(precision)
        return precision * value / (PRIOR + precision)


class Networks(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.mapping_network, self.generator, self.encoder = Mapping(config), Generator(config), Encoder(config)
        self.mean_styles = nn.Parameter(torch.zeros(len(config.characters), config.style_size), requires_grad=False)


class Discriminator(layers.CharacterDiscriminator):
    def __init__(self, config, group: int):
        super().__init__()
        widths, features = config.discriminator_widths, config.discriminator_features
        self.from_image = nn.ModuleList([EqualizedConvolution(1, widths[0], 1)])
        self.blocks = nn.ModuleList(DownBlock(*pair) for pair in zip(widths[:-1], widths[1:], strict=True))
        self.deviation = layers.MinibatchStdDev(group)
        self.last_convolution = EqualizedConvolution(widths[-1] + 1, widths[-1])
        self.to_vector = EqualizedDense(16 * widths[-1], features)
        self.unconditional = EqualizedDense(features, 1)
        self.character = nn.Embedding(len(config.characters), features)

    def features(self, images: Tensor) -> Tensor:
        x = activate(self.from_image[0](images))
        for block in self.blocks:
            x = block(x)
        x = activate(self.last_convolution(self.deviation(x)))
        return activate(self.to_vector(layers.flat(x)))


class StyleGAN2(CharacterGAN):
    """Trained on {"image": (B, 1, S, S), "character": (B,)}."""

    def __init__(self, config, train_config, device: str, compiled: bool = False):
        networks, judge = Networks(config).to(device), Discriminator(config, train_config.group).to(device)
        judging = lazy_adam(judge.parameters(), train_config.discriminator_learning_rate, train_config.r1_every)
        super().__init__(networks, judge, judging, train_config, compiled)
        self.config, self.path_mean = config, torch.zeros((), device=device)
        drawing = [*networks.mapping_network.parameters(), *networks.generator.parameters()]
        self.drawing = lazy_adam(drawing, train_config.learning_rate, train_config.path_every)
        self.encoding = adam(networks.encoder.parameters(), train_config.encoder_learning_rate, beta_1=0.9)
        self.generator_loss = self.compile(self.generator_loss)
        self.encoder_loss = self.compile(self.encoder_loss)

    def generate(self, characters: Tensor) -> Tensor:
        styles = self.ema.mapping_network(self.normal(len(characters), self.config.latent_size), characters)
        return self.ema.generator(self.layered(styles), self.normal(1, self.config.noise_size))

    def optimize(self, batch: Batch) -> Tensor:
        images, characters, config = batch["image"], batch["character"], self.train_config
        mixture, noise = self.mixture(len(characters)), self.normal(len(characters), self.config.noise_size)
        generated, drawn = self.generator_loss(characters, mixture, noise, self.augmentation.draw(images))
        if self.number % config.path_every == 0:
            generated = generated + config.path_length * config.path_every * self.path_penalty(characters, mixture)
        move(generated, self.drawing)
        judged = self.train_discriminator(images, drawn.detach(), characters)
        encoded = self.follow(images, characters)
        self.update_means()
        return generated.detach() + judged + encoded

    def mixture(self, count: int) -> tuple[Tensor, Tensor, Tensor]:
        """Two latents for each image, and the layer at which a share of them change."""
        last = self.config.layer_count
        crossover = torch.randint(1, last, (count,), device=self.device)
        mixes = torch.rand(count, device=self.device) < self.train_config.mixing
        latents = [self.normal(count, self.config.latent_size) for _ in range(2)]
        return *latents, torch.where(mixes, crossover, last)

    def mixed_styles(self, characters: Tensor, first: Tensor, second: Tensor, crossover: Tensor) -> Tensor:
        styles = [self.layered(self.networks.mapping_network(each, characters)) for each in (first, second)]
        coarse = torch.arange(self.config.layer_count, device=self.device)[None] < crossover[:, None]
        return torch.where(coarse[:, :, None], *styles)

    def layered(self, styles: Tensor) -> Tensor:
        return styles[:, None].expand(-1, self.config.layer_count, -1)

    def generator_loss(self, characters, mixture, noise, amounts) -> tuple[Tensor, Tensor]:
        drawn = self.networks.generator(self.mixed_styles(characters, *mixture), noise)
        return real_loss(self.discriminator(augment(drawn, *amounts), characters)), drawn

    def path_penalty(self, characters: Tensor, mixture: tuple) -> Tensor:
        """Equation 4, on half of the batch."""
        half, decay = -(-len(characters) // 2), self.train_config.path_decay if self.path_mean > 0 else 1.0
        noise, side = self.normal(half, self.config.noise_size), self.config.image_size
        styles = self.mixed_styles(characters[:half], *(each[:half] for each in mixture))
        random = self.normal(half, 1, side, side) / side
        drawn = self.networks.generator(styles, noise)
        (gradient,) = torch.autograd.grad((drawn * random).sum(), styles, create_graph=True)
        lengths = (gradient.square().sum(dim=-1).mean(dim=-1) + 1e-12).sqrt()
        self.path_mean = self.path_mean + decay * (lengths.mean().detach() - self.path_mean)
        return (lengths - self.path_mean).square().mean()

    def follow(self, images: Tensor, characters: Tensor) -> Tensor:
        """A step of the encoder."""
        count = self.train_config.encoder_batch
        latent, noise = self.normal(count, self.config.latent_size), self.normal(count, self.config.noise_size)
        loss = self.encoder_loss(images[:count], characters[:count], latent, noise)
        move(loss, self.encoding)
        return loss.detach()

    def encoder_loss(self, images: Tensor, characters: Tensor, latent: Tensor, noise: Tensor) -> Tensor:
        networks, means = self.networks, self.networks.mean_styles[characters]
        with torch.no_grad():
            styles = networks.mapping_network(latent, characters)
            drawn = networks.generator(self.layered(styles), noise)
        found = networks.encoder(torch.cat([drawn, images]), characters.repeat(2))
        found = found + means.repeat(2, 1)
        own, redrawn = found.chunk(2)
        redrawn = networks.generator(self.layered(redrawn), torch.zeros_like(noise[:1]))
        spread = (styles - means).square().mean()
        loss = (own - styles).square().mean() / (spread + 1e-8)
        return loss + self.train_config.pixels * multiscale_l1(redrawn, images)

    @torch.no_grad()
    def update_means(self) -> None:
        means = self.networks.mean_styles
        latent = self.normal(MEAN_DRAWS, self.config.latent_size).repeat_interleave(len(means), dim=0)
        characters = torch.arange(len(means), device=self.device).repeat(MEAN_DRAWS)
        found = self.networks.mapping_network(latent, characters).reshape(MEAN_DRAWS, *means.shape).mean(dim=0)
        means.lerp_(found, 1 - min(self.train_config.mean_decay, (1 + self.number) / (10 + self.number)))


def lazy_adam(parameters, rate: float, every: int):
    """An Adam slowed as if lazy regularization were steps of its own (appendix B)."""
    share = every / (every + 1)
    return adam(parameters, rate * share, 0.0, math.pow(0.99, share))

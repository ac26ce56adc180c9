"""StarGAN v2, Choi et al. 2020 (arXiv 1912.01865), with the sizes of `tfhand.models.stargan`."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from benchmarks.torch_gans.layers import (
    EPSILON,
    AdaINResidualBlock,
    DomainHeads,
    ResidualBlock,
    activate,
    convolution,
)
from benchmarks.torch_gans.training import Batch, TorchGAN, adam, fake_loss, move, r1_penalty, real_loss


class Generator(nn.Module):
    def __init__(self, config):
        super().__init__()
        levels = range(config.down_blocks + 1)
        widths = [min(config.generator_width * 2**level, config.generator_limit) for level in levels]
        last, style, bottleneck = widths[-1], config.style_size, range(config.bottleneck_blocks)
        halving, doubling = zip(widths[:-1], widths[1:], strict=True), zip(widths[:0:-1], widths[-2::-1], strict=True)
        self.from_image = convolution(1, widths[0])
        self.encoder = nn.ModuleList(ResidualBlock(*pair, normalize=True, down=True) for pair in halving)
        self.encoder.extend(ResidualBlock(last, last, normalize=True) for _ in bottleneck)
        self.decoder = nn.ModuleList(AdaINResidualBlock(last, last, style) for _ in bottleneck)
        self.decoder.extend(AdaINResidualBlock(*pair, style, up=True) for pair in doubling)
        self.last_norm = nn.InstanceNorm2d(widths[0], EPSILON, affine=True)
        self.to_image = convolution(widths[0], 1, 1)

    def forward(self, image: Tensor, style: Tensor) -> Tensor:
        x = self.from_image(image)
        for block in self.encoder:
            x = block(x)
        for block in self.decoder:
            x = block(x, style)
        return self.to_image(activate(self.last_norm(x)))


class MappingNetwork(nn.Module):
    def __init__(self, config):
        super().__init__()
        domains, width = len(config.characters), config.mapping_width
        sizes = [config.latent_size, *[width] * config.mapping_trunk]
        self.trunk = nn.ModuleList(nn.Linear(*pair) for pair in zip(sizes[:-1], sizes[1:], strict=True))
        self.branch = nn.ModuleList(DomainHeads(domains, width, width) for _ in range(config.mapping_branch))
        self.head = DomainHeads(domains, width, config.style_size)

    def forward(self, latent: Tensor, domain: Tensor) -> Tensor:
        x = latent
        for layer in self.trunk:
            x = torch.relu(layer(x))
        for layer in self.branch:
            x = torch.relu(layer(x, domain))
        return self.head(x, domain)


class ConditionalTrunk(nn.Module):
    """The style encoder and the discriminator: table 7."""

    def __init__(self, config, units: int):
        super().__init__()
        side, width, blocks = config.image_size, config.discriminator_width, []
        self.from_image = convolution(1, width)
        while side > 4:
            channels, side, width = width, side // 2, min(2 * width, config.discriminator_limit)
            blocks.append(ResidualBlock(channels, width, down=True))
        self.blocks = nn.ModuleList(blocks)
        self.to_vector = nn.Conv2d(width, width, side)
        self.heads = DomainHeads(len(config.characters), width, units)

    def forward(self, image: Tensor, domain: Tensor) -> Tensor:
        x = self.from_image(image)
        for block in self.blocks:
            x = block(x)
        return self.heads(activate(self.to_vector(activate(x)))[:, :, 0, 0], domain)


class Networks(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.generator, self.mapping_network = Generator(config), MappingNetwork(config)
        self.style_encoder = ConditionalTrunk(config, config.style_size)


class StarGAN(TorchGAN):
    """Trained on {"image", "reference", "reference2": (B, 1, S, S), "domain", "reference_domain": (B,)}."""

    def __init__(self, config, train_config, device: str, compiled: bool = False):
        networks, judge = Networks(config).to(device), ConditionalTrunk(config, 1).to(device)
        super().__init__(networks, judge, train_config.ema_decay, compiled)
        self.config, self.train_config = config, train_config
        betas, rate = (train_config.beta_1, train_config.beta_2), train_config.learning_rate
        self.judging = adam(judge.parameters(), rate, *betas)
        self.drawing = adam(networks.generator.parameters(), rate, *betas)
        self.mapping = adam(networks.mapping_network.parameters(), train_config.mapping_rate, *betas)
        self.encoding = adam(networks.style_encoder.parameters(), rate, *betas)
        self.ramp = torch.zeros((), device=device)
        self.judge = self.compile(judge)
        self.translate = self.compile(networks.generator)
        self.generator_loss = self.compile(self.generator_loss)

    def generate(self, characters: Tensor) -> Tensor:
        latent = self.normal(len(characters), self.config.latent_size)
        side = self.config.image_size
        images = torch.zeros(len(characters), 1, side, side, device=self.device)
        return self.ema.generator(images, self.ema.mapping_network(latent, characters))

    def optimize(self, batch: Batch) -> Tensor:
        networks, target = self.networks, batch["reference_domain"]
        latents = [self.normal(len(target), self.config.latent_size) for _ in range(2)]

        def from_latent(which: int) -> Tensor:
            return networks.mapping_network(latents[which], target)

        def from_reference(which: int) -> Tensor:
            return networks.style_encoder(batch["reference2" if which else "reference"], target)

        everything = self.drawing, self.mapping, self.encoding
        total = self.train_discriminator(batch, from_latent) + self.train_discriminator(batch, from_reference)
        total = total + self.train_generator(batch, from_latent, *everything)
        return total + self.train_generator(batch, from_reference, self.drawing)

    def train_discriminator(self, batch: Batch, style) -> Tensor:
        with torch.no_grad():
            fake = self.translate(batch["image"], style(0))
        images = batch["image"].detach().requires_grad_()
        logits = self.discriminator(images, batch["domain"])
        loss = real_loss(logits) + self.train_config.r1 * r1_penalty(logits, images)
        loss = loss + fake_loss(self.judge(fake, batch["reference_domain"]))
        move(loss, self.judging)
        return loss.detach()

    def train_generator(self, batch: Batch, style, *optimizers) -> Tensor:
        image, target = batch["image"], batch["reference_domain"]
        with torch.no_grad():
            other = self.translate(image, style(1))
        ramp = self.ramp.fill_(max(0.0, 1 - self.number / self.train_config.diversity_steps))
        loss = self.generator_loss(image, batch["domain"], target, style(0), other, ramp)
        move(loss, *optimizers)
        return loss.detach()

    def generator_loss(self, image, domain, target, style, other, ramp) -> Tensor:
        networks, config = self.networks, self.train_config
        fake = networks.generator(image, style)
        restored = networks.generator(fake, networks.style_encoder(image, domain))
        found = networks.style_encoder(fake, target)
        loss = config.adversarial * real_loss(self.discriminator(fake, target))
        loss = loss + config.style * (style - found).abs().mean() + config.cycle * (image - restored).abs().mean()
        return loss - config.diversity * ramp * (fake - other).abs().mean()

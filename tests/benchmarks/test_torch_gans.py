"""What is measured beside tfhand's trainings does the same work: with the same weights the same pictures and losses."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tfhand.data import synthetic
from tfhand.models.registry import SPECS

torch = pytest.importorskip("torch")

from benchmarks.torch_gans import cgan, stargan, stylegan  # noqa: E402
from benchmarks.torch_gans.__main__ import batch_of  # noqa: E402
from benchmarks.torch_gans.augment import STRENGTHS, augment  # noqa: E402
from benchmarks.torch_gans.training import multiscale_l1, r1_penalty  # noqa: E402
from tfhand.models.stargan.losses import translation_loss  # noqa: E402
from tfhand.nn.augment import Amounts, alter  # noqa: E402
from tfhand.training import losses  # noqa: E402

COUNT = 12
KINDS = {"cgan": cgan.ConditionalGAN, "stylegan": stylegan.StyleGAN2, "stargan": stargan.StarGAN}


def copy_weights(module, layer) -> int:
    """Gives a PyTorch module the weights of a Keras layer whose parts have the same names; returns their number."""
    copied = 0
    for name, _ in module.named_parameters():
        *path, last = name.split(".")
        source, target = layer, module
        for part in path:
            source = source[int(part)] if part.isdigit() else getattr(source, part)
            target = target[int(part)] if part.isdigit() else getattr(target, part)
        names = {"weight": ("kernel", "embeddings", "scale"), "bias": ("bias", "offset")}.get(last, (last,))
        value = np.asarray(next(getattr(source, each) for each in names if hasattr(source, each)))
        if last == "weight" and hasattr(source, "kernel"):
            value = value.T if value.ndim == 2 else value.transpose(3, 2, 0, 1)
        getattr(target, last).data = torch.tensor(np.array(value, order="C"))
        copied += value.size
    return copied


def both(family):
    """The trainer of a family, and the same in PyTorch with its weights."""
    spec = SPECS[family]
    config, train_config = spec.config(), spec.train_config(batch_size=COUNT)
    archive = synthetic.archive(8, 2, characters=config.characters)
    trainer = spec.make_trainer([archive], config, train_config, 0).trainer
    other, copied = KINDS[family](config, train_config, "cpu"), 0
    for name in ("networks", "discriminator"):
        copied += copy_weights(getattr(other, name), getattr(trainer, name))
    assert copied == trainer.networks.count_params() + trainer.discriminator.count_params()
    return trainer, other


def channels_first(images):
    return torch.tensor(np.asarray(images).transpose(0, 3, 1, 2))


def assert_same(ours, theirs):
    theirs = theirs.detach().numpy()
    theirs = theirs.transpose(0, 2, 3, 1) if theirs.ndim == 4 else theirs
    np.testing.assert_allclose(theirs, np.asarray(keras.ops.convert_to_numpy(ours)), rtol=1e-3, atol=2e-4)


def drawn(*shape):
    return np.random.default_rng(0).standard_normal(shape, np.float32)


CHARACTERS = np.arange(COUNT, dtype=np.int32) % 10
NUMBERS = torch.tensor(CHARACTERS.astype(np.int64))
IMAGES = np.tanh(drawn(COUNT, 32, 32, 1))


def test_the_conditional_gan():
    trainer, other = both("cgan")
    noise = drawn(COUNT, trainer.config.noise_size)
    assert_same(trainer.networks.generate(CHARACTERS, noise), other.networks(NUMBERS, torch.tensor(noise)))
    assert_same(trainer.discriminator(IMAGES, CHARACTERS)[:, 0], other.discriminator(channels_first(IMAGES), NUMBERS))


def test_stylegan():
    trainer, other = both("stylegan")
    config, networks = trainer.config, trainer.networks
    latent, noise = drawn(COUNT, config.latent_size), drawn(COUNT, config.noise_size)
    for layer, module in zip(networks.generator.styled, other.networks.generator.styled, strict=True):
        layer.strength.assign(0.3)
        module.strength.data.fill_(0.3)
    styles = other.networks.mapping_network(torch.tensor(latent), NUMBERS)
    assert_same(networks.map(latent, CHARACTERS), styles)
    assert_same(
        networks(latent, CHARACTERS, noise), other.networks.generator(other.layered(styles), torch.tensor(noise))
    )
    assert_same(trainer.discriminator(IMAGES, CHARACTERS), other.discriminator(channels_first(IMAGES), NUMBERS))
    alone = networks.encode(IMAGES[:, None], CHARACTERS[:, None], np.ones((COUNT, 1), np.float32))
    assert_same(alone, other.networks.encoder(channels_first(IMAGES), NUMBERS))


def test_stargan():
    trainer, other = both("stargan")
    networks, latent = trainer.networks, drawn(COUNT, trainer.config.latent_size)
    style = other.networks.mapping_network(torch.tensor(latent), NUMBERS)
    assert_same(networks.map_latent(latent, CHARACTERS), style)
    assert_same(networks(IMAGES, latent, CHARACTERS), other.networks.generator(channels_first(IMAGES), style))
    assert_same(
        networks.encode_style(IMAGES, CHARACTERS), other.networks.style_encoder(channels_first(IMAGES), NUMBERS)
    )
    assert_same(trainer.discriminator(IMAGES, CHARACTERS), other.discriminator(channels_first(IMAGES), NUMBERS)[:, 0])


def test_the_losses_of_the_conditional_gan():
    trainer, other = both("cgan")
    glyphs, written = {"character": CHARACTERS}, np.roll(IMAGES, 1, axis=0)
    ours, _ = trainer.discriminator_loss(glyphs, IMAGES, written, mismatched=True)
    unchanged = other.augmentation.draw(channels_first(IMAGES))  # nothing is altered yet
    theirs, *_ = other.discriminator_loss(channels_first(IMAGES), channels_first(written), NUMBERS, *2 * [unchanged])
    assert_same(ours, theirs)
    real = channels_first(IMAGES).requires_grad_()
    ours, _ = trainer.gradient_penalty(glyphs, IMAGES).loss()
    config = trainer.train_config
    assert_same(ours, config.r1 * config.r1_every * r1_penalty(other.discriminator(real, NUMBERS), real))


def test_the_losses_of_stargan():
    trainer, other = both("stargan")
    style, second = drawn(COUNT, trainer.config.style_size), np.roll(IMAGES, 1, axis=0)
    target, domain = CHARACTERS, np.roll(CHARACTERS, 1)
    networks, fake = trainer.networks, trainer.networks.translate(IMAGES, style)
    ours, _ = translation_loss(
        trainer.logits(fake, target)[:, 0],
        trainer.train_config,
        style=(style, networks.encode_style(fake, target)),
        diversity=(fake, second),
        cycle=(IMAGES, trainer.restore(fake, IMAGES, domain)),
    )
    numbers = torch.tensor(domain.astype(np.int64)), NUMBERS
    theirs = other.generator_loss(channels_first(IMAGES), *numbers, torch.tensor(style), channels_first(second), 1.0)
    assert_same(ours, theirs)


def test_augmentation():
    rng, count = np.random.default_rng(0), len(STRENGTHS)
    happens = rng.random((COUNT, count), np.float32) * np.array(STRENGTHS, np.float32)
    places, grain = 2 * rng.random((2, COUNT, count), np.float32) - 1, drawn(COUNT, 32, 32)
    right, *middle, _ = (happens * places[0]).T
    amounts = right, happens[:, 0] * places[1, :, 0], *middle, happens[:, -1], places[0, :, -1], places[1, :, -1], grain
    given = [torch.tensor(each) for each in (happens, places, grain[:, None])]
    assert_same(alter(IMAGES, Amounts._make(amounts)), augment(channels_first(IMAGES), *given))


@pytest.mark.parametrize("family", list(KINDS))
def test_steps_change_the_networks_and_their_average(family):
    _, other = both(family)
    before = [each.clone() for each in other.ema.parameters()]
    losses_found = [other.step(batch_of(family, other.config, COUNT, "cpu")) for _ in range(2)]
    assert np.isfinite(losses_found).all()
    moved = [not torch.equal(old, new) for old, new in zip(before, other.ema.parameters(), strict=True)]
    assert np.mean(moved) > 0.9


def test_a_blurred_difference():
    first, second = IMAGES, np.roll(IMAGES, 1, axis=0)
    assert_same(losses.multiscale_l1(first, second), multiscale_l1(channels_first(first), channels_first(second)))

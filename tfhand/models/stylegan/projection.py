"""Projection: the styles in which a trained StyleGAN draws given letters, found with the networks frozen.

Karras et al. 2020 (arXiv 1912.04958), appendix D: Adam with a rate that rises and falls, noise on the style that dies
away, noise maps that are searched as well and kept from carrying the picture. Its distance, LPIPS, compares features of
a network for photographs of 224 pixels; here they are those of a network that reads glyphs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import keras
import numpy as np
from keras import ops

from tfhand.models.generation import GenerationConfig
from tfhand.models.optimize_code import optimize_code
from tfhand.models.stylegan.config import DISTANCES, SPACES, STARTS
from tfhand.models.stylegan.networks import noise_maps
from tfhand.training.backend import compile_step, value_and_grad

__all__ = ["DISTANCES", "SPACES", "STARTS", "Projection", "distance", "project"]

STEPS = 150
RATE, RISE = 0.1, 0.05  # of Adam at its height, and the share of the steps after which it is there
DISTURBANCE, CALM = 0.05, 0.75  # noise on the styles in spreads of w at the start, and the share of steps that have it
NOISE = 1.0  # weight of the likeness of noise maps to their neighbourhood
SMALLEST = 8  # pixels of the noise maps, and of their halvings, that are looked at
PERCEPTUAL = 1.0  # weight of the perceptual distance beside the mean square


@dataclass(frozen=True)
class Projection:
    """What was found for the letters of P people, K of each.

    Attributes:
        styles: float32 (P, K, layers, style_size), whatever the space.
        images: as they draw the letters, float32 (P, K, S, S, 1) in [-1, 1].
        course: the letters' mean distance before each step of the search, (steps,); of a hand nothing is kept.
    """

    styles: np.ndarray
    images: np.ndarray
    course: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))


def distance(name: str, reader=None) -> Callable:
    """The distance of two sets of images (B, S, S, 1), to be called for (B,) numbers.

    "mse" is the mean square over pixels. "perceptual" is that over the inner maps of a reader, each pixel's features
    scaled to length 1 and summed, averaged over the maps (Zhang et al. 2018, arXiv 1801.03924, equation 1, all channels
    weighing alike). "both" is their weighted sum.

    Args:
        name: one of `DISTANCES`.
        reader: a `Reader`; for the last two. It must not be the one that the result is judged by.
    """

    def pixels(first, second):
        return ops.mean(ops.square(first - second), axis=(1, 2, 3))

    def perceptual(first, second):
        pairs = zip(reader.maps(first), reader.maps(second), strict=True)
        apart = [ops.sum(ops.square(_unit(one) - _unit(other)), axis=-1) for one, other in pairs]
        return sum(ops.mean(each, axis=(1, 2)) for each in apart) / len(apart)

    def both(first, second):
        return pixels(first, second) + PERCEPTUAL * perceptual(first, second)

    return {"mse": pixels, "perceptual": perceptual, "both": both}[name]


def project(
    networks,
    samples,
    characters,
    space: str = "w+",
    measure: Callable | None = None,
    *,
    start: str = "encoder",
    steps: int | None = None,
    seed: int = 0,
) -> Projection:
    """The styles that draw people's letters best.

    Args:
        networks: a `StyleGAN`.
        samples: glyphs (P, K, S, S, 1) in [-1, 1] of P people.
        characters: of the samples, (P, K), as the networks number them.
        space: "w", a style for each letter; "w+", one for each letter and layer; or "hand", one offset from the mean
            styles for each person, as `optimize_code` finds it, which nothing but the hand can fill.
        measure: see `distance`; by default "mse".
        start: "encoder" begins at what the encoder finds, "mean" at the mean styles; a hand begins at the encoder.
        steps: of Adam; None for as many as it takes.
        seed: of all noise.
    """
    measure, characters = measure or distance("mse"), np.asarray(characters, np.int32)
    people, count = characters.shape
    size, which, course = samples.shape[2:], characters.reshape(-1), []
    means = networks.means(which)[:, None]  # (P K, 1, style_size)
    if space == "hand":
        search = GenerationConfig() if steps is None else GenerationConfig(steps=steps)
        code = optimize_code(networks, None, samples, characters, search, seed=seed, distance=measure)
        styles, noise = networks.layered(means[:, 0] + np.repeat(code, count, axis=0)), None
    else:
        flat = np.reshape(samples, (-1, *size))
        offsets = ops.zeros_like(means) if start == "mean" else networks.encode_styles(flat, which)[:, None] - means
        offsets = ops.repeat(offsets, networks.layer_count if space == "w+" else 1, axis=1)
        steps = STEPS if steps is None else steps
        styles, noise, course = _search(networks, flat, which, means, offsets, measure, steps, seed)
    images = networks.synthesize(styles, which, noise)
    styles, images = (np.asarray(ops.convert_to_numpy(each)) for each in (styles, images))
    styles, images = styles.reshape(people, count, *styles.shape[1:]), images.reshape(people, count, *size)
    return Projection(styles, images, np.array(course, np.float32))


def _search(networks, images, characters, means, offsets, measure: Callable, steps: int, seed: int):
    """What draws images (B, S, S, 1), from offsets on.

    Gives styles (B, layers, style_size), noise (B, noise_size) and the mean distance before each step.
    """
    config, rng = networks.config, np.random.default_rng(seed)
    offset = keras.Variable(offsets)  # (B, layers or 1, style_size)
    noise = keras.Variable(_whitened(rng.standard_normal((len(images), config.noise_size), np.float32), config))
    rise = max(1, round(RISE * steps))
    rate = keras.optimizers.schedules.CosineDecay(0.0, max(1, steps - rise), warmup_target=RATE, warmup_steps=rise)
    optimizer = keras.optimizers.Adam(rate)
    optimizer.build([offset, noise])
    shape = len(images), config.layer_count, config.style_size

    def step(disturbance):
        def loss():
            styles = ops.broadcast_to(means + offset.value + disturbance, shape)
            apart = measure(networks.synthesize(styles, characters, noise.value), images)
            return ops.sum(apart) + NOISE * _likeness_to_neighbours(noise.value, config), ops.mean(apart)

        _, apart, gradients = value_and_grad(loss, [offset, noise])
        optimizer.apply(gradients, [offset, noise])
        noise.assign(_whitened(noise.value, config))
        return apart

    latents = rng.standard_normal((len(images), config.latent_size), np.float32)
    spread = float(ops.std(networks.map(latents, characters)[:, None] - means))
    compiled, course = compile_step(step), []
    for number in range(steps):
        left = max(0.0, 1 - number / (CALM * steps))
        disturbance = DISTURBANCE * spread * left**2 * rng.standard_normal(tuple(offset.shape))
        course.append(float(compiled(disturbance.astype(np.float32))))
    return ops.broadcast_to(means + offset.value, shape), noise.value, course


def _unit(features):
    """Features (B, h, w, C) of length 1 at every pixel."""
    return features * ops.rsqrt(ops.sum(ops.square(features), axis=-1, keepdims=True) + 1e-6)


def _whitened(noise, config):
    """Flat noise (B, noise_size) with every map of mean 0 and variance 1."""
    maps = []
    for each in noise_maps(noise, config):
        each = each - ops.mean(each, axis=(1, 2, 3), keepdims=True)
        each = each * ops.rsqrt(ops.mean(ops.square(each), axis=(1, 2, 3), keepdims=True) + 1e-8)
        maps.append(ops.reshape(each, (each.shape[0], -1)))
    return ops.concatenate(maps, axis=1)


def _likeness_to_neighbours(noise, config):
    """How far noise maps, and their halvings, are from noise: squared correlations with themselves a pixel on, summed.

    The appendix's L_noise. noise (B, noise_size); gives a scalar.
    """
    total = 0.0
    for each in noise_maps(noise, config):
        while each.shape[1] >= SMALLEST:
            for axis in (1, 2):
                alike = ops.mean(each * ops.roll(each, 1, axis=axis), axis=(1, 2, 3))
                total = total + ops.sum(ops.square(alike))
            each = 2 * ops.average_pool(each, 2)  # twice the mean of four has variance 1 again
    return total

"""`python -m benchmarks.torch_gans FAMILY`: how fast PyTorch takes the steps of a training."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from benchmarks.torch_gans.cgan import ConditionalGAN
from benchmarks.torch_gans.stargan import StarGAN
from benchmarks.torch_gans.stylegan import StyleGAN2
from benchmarks.torch_gans.training import Batch, TorchGAN
from tfhand.cli.comparison import DRAWN, MATRIX, PERIOD, STEPS, Figures, least_time
from tfhand.models.registry import SPECS

GANS: dict[str, Callable[..., TorchGAN]] = {"cgan": ConditionalGAN, "stylegan": StyleGAN2, "stargan": StarGAN}


def batch_of(family: str, config, count: int, device: str) -> Batch:
    """Noise in the place of images: a step takes as long."""
    rng, side = np.random.default_rng(0), config.image_size
    names = ("image", "reference", "reference2") if family == "stargan" else ("image",)
    labels = ("domain", "reference_domain") if family == "stargan" else ("character",)
    images = {name: torch.tensor(np.tanh(rng.standard_normal((count, 1, side, side), np.float32))) for name in names}
    numbers = {name: torch.tensor(rng.integers(0, len(config.characters), count)) for name in labels}
    return {name: values.to(device) for name, values in {**images, **numbers}.items()}


def main() -> None:
    """Writes the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.torch_gans", description=__doc__)
    parser.add_argument("family", choices=list(GANS))
    parser.add_argument("--compile", action="store_true", help="torch.compile for all that has no second derivative")
    parser.add_argument("--steps", type=int, default=STEPS, help="steps to time (default: %(default)s)")
    parser.add_argument("--batch-size", type=int, help="other than the family's own")
    parser.add_argument("--json", type=Path, required=True, metavar="FILE", help="for the figures")
    options = parser.parse_args()
    spec, device = SPECS[options.family], "cuda" if torch.cuda.is_available() else "cpu"
    train_config = spec.train_config(**({"batch_size": options.batch_size} if options.batch_size else {}))
    config = spec.config()
    gan = GANS[options.family](config, train_config, device, options.compile)
    batch = batch_of(options.family, config, train_config.batch_size, device)

    began = time.perf_counter()
    gan.step(batch)
    first = time.perf_counter() - began
    operations = count_operations(gan, batch) if not options.compile else 0.0
    for _ in range(PERIOD):
        gan.step(batch)
    began = time.perf_counter()
    for _ in range(options.steps):
        gan.step(batch)
    step = (time.perf_counter() - began) / options.steps
    characters = torch.arange(DRAWN, device=device) % len(config.characters)
    Figures(
        first_step=first,
        step=step,
        images_per_second=train_config.batch_size / step,
        drawn_per_second=DRAWN / least_time(lambda: float(gan.generate(characters).sum())),
        peak=2 * MATRIX**3 / least_time(product(device)),
        operations=operations,
    ).save(options.json)


class OperationCounter(TorchDispatchMode):
    """Adds up the floating-point operations of products and convolutions inside, those of gradients among them."""

    def __init__(self):
        super().__init__()
        self.total = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        count = flop_registry.get(function._overloadpacket)
        self.total += count(*args, **(kwargs or {}), out_val=result) if count else 0
        return result


def count_operations(gan: TorchGAN, batch: Batch) -> float:
    """Floating-point operations of a step, the mean over those in which all lazy terms come."""
    with OperationCounter() as counter:
        for _ in range(PERIOD):
            gan.step(batch)
    return counter.total / PERIOD


def product(device: str) -> Callable[[], float]:
    """A product of two large matrices, which is waited for."""
    matrix = torch.randn(MATRIX, MATRIX, device=device)
    return lambda: float((matrix @ matrix)[0, 0])


if __name__ == "__main__":
    main()

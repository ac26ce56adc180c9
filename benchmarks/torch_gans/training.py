"""What the trainings share: fused Adam, averaged weights, losses, and `torch.compile` where it can be used."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from benchmarks.torch_gans.augment import Augmentation, augment, margin
from benchmarks.torch_gans.layers import CharacterDiscriminator

Batch = dict[str, Tensor]


class TorchGAN:
    """Networks, their moving average and a discriminator.

    Args:
        networks: the generator and what belongs to it.
        discriminator: that judges them.
        ema_decay: of the moving average, per step.
        compiled: whether the losses go through `torch.compile`. It does not know second derivatives, so that R1 and
            path lengths always run as they are.
    """

    def __init__(self, networks: nn.Module, discriminator: nn.Module, ema_decay: float, compiled: bool):
        self.networks, self.discriminator, self.ema_decay = networks, discriminator, ema_decay
        self.ema = copy.deepcopy(networks).requires_grad_(False)
        self.compile: Callable = torch.compile if compiled else lambda fn: fn
        self.device = next(networks.parameters()).device
        self.number = 0

    def step(self, batch: Batch) -> float:
        """One step of all networks on a batch; gives the sum of their losses."""
        total = self.optimize(batch)
        average, current = list(self.ema.parameters()), list(self.networks.parameters())
        decay = min(self.ema_decay, (1 + self.number) / (10 + self.number))
        torch._foreach_lerp_(average, [each.detach() for each in current], 1 - decay)
        self.number += 1
        return float(total)  # waits for the step to be done

    def optimize(self, batch: Batch) -> Tensor:
        raise NotImplementedError

    def normal(self, *shape: int) -> Tensor:
        return torch.randn(shape, device=self.device)


class CharacterGAN(TorchGAN):
    """Whose discriminator is shown augmented letters, and asked whether they are real ones of a character.

    Args:
        networks, compiled: as `TorchGAN`.
        discriminator: that judges them.
        judging: its optimizer.
        train_config: a `CGANTrainConfig` or a `StyleGANTrainConfig`.
    """

    discriminator: CharacterDiscriminator

    def __init__(self, networks: nn.Module, discriminator: nn.Module, judging: Any, train_config: Any, compiled: bool):
        super().__init__(networks, discriminator, train_config.ema_decay, compiled)
        self.judging, self.train_config = judging, train_config
        self.augmentation = Augmentation(train_config.augment_target, train_config.augment_steps, self.device)
        self.discriminator_loss = self.compile(self.discriminator_loss)

    def train_discriminator(self, images: Tensor, drawn: Tensor, characters: Tensor) -> Tensor:
        """A step of the discriminator at real and drawn letters of these characters."""
        config, amounts = self.train_config, [self.augmentation.draw(images) for _ in range(2)]
        loss, logits, real = self.discriminator_loss(images, drawn, characters, *amounts)
        if self.number % config.r1_every == 0:
            real = real.detach().requires_grad_()
            loss = loss + config.r1 * config.r1_every * r1_penalty(self.discriminator(real, characters), real)
        move(loss, self.judging)
        self.augmentation.update(margin(logits))
        return loss.detach()

    def discriminator_loss(self, images, drawn, characters, *amounts) -> tuple[Tensor, Tensor, Tensor]:
        """The loss without R1, the logits of the real images, and these as they are shown."""
        judge, real, drawn = self.discriminator, augment(images, *amounts[0]), augment(drawn, *amounts[1])
        features = judge.features(real)
        logits = judge.is_character(features, characters)
        fakes = fake_loss(judge(drawn, characters))
        fakes = fakes + mismatched_loss(lambda labels: judge.is_character(features, labels), characters)
        return real_loss(logits) + 0.5 * fakes, logits, real


def adam(parameters: Iterable[nn.Parameter], rate: float, beta_1: float = 0.0, beta_2: float = 0.99) -> Any:
    return torch.optim.Adam(list(parameters), rate, (beta_1, beta_2), eps=1e-8, fused=True)


def move(loss: Tensor, *optimizers: Any) -> None:
    """A step of the optimizers down the gradient of the loss by the weights that they move, and by no others."""
    weights = [each for one in optimizers for group in one.param_groups for each in group["params"]]
    for weight, gradient in zip(weights, torch.autograd.grad(loss, weights, allow_unused=True), strict=True):
        weight.grad = gradient
    for optimizer in optimizers:
        optimizer.step()


def r1_penalty(logits: Tensor, images: Tensor) -> Tensor:
    """Mescheder et al. 2018 (arXiv 1801.04406), equation 9, of logits of images that ask for their gradient."""
    (gradient,) = torch.autograd.grad(logits.sum(), images, create_graph=True)
    return 0.5 * gradient.square().flatten(1).sum(dim=1).mean()


def real_loss(logits: Tensor) -> Tensor:
    return F.softplus(-logits).mean()


def fake_loss(logits: Tensor) -> Tensor:
    return F.softplus(logits).mean()


def mismatched_loss(logits: Callable[[Tensor], Tensor], characters: Tensor) -> Tensor:
    """Real images under a wrong label count as fakes: Reed et al. 2016 (arXiv 1605.05396), section 4.1."""
    other = characters.roll(1)
    mask = (other != characters).float()
    return (mask * F.softplus(logits(other))).sum() / mask.sum().clamp(min=1)


def multiscale_l1(first: Tensor, second: Tensor) -> Tensor:
    total = 0.25 * (first - second).abs().mean()
    for window in (5, 9):
        pooled = [same_pool(each, window) for each in (first, second)]
        total = total + (pooled[0] - pooled[1]).abs().mean()
    return total


def same_pool(x: Tensor, window: int) -> Tensor:
    """Averages at every second place, over what of a window lies inside the image; as TensorFlow's "same"."""
    before, after = (window - 2) // 2, window - 2 - (window - 2) // 2
    summed = F.avg_pool2d(F.pad(x, (before, after, before, after)), window, stride=2)
    inside = F.avg_pool2d(F.pad(torch.ones_like(x[:1]), (before, after, before, after)), window, stride=2)
    return summed / inside

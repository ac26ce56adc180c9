"""The losses of StarGAN v2 (Choi et al. 2020, arXiv 1912.01865, section 2.2)."""

from __future__ import annotations

from typing import Any

from keras import ops

from tfhand.training.losses import Tensor, adversarial_generator, weighted_sum


def style_reconstruction(target: Tensor, found: Tensor) -> Tensor:
    """Mean distance of the style asked for and the style found in the result, both (B, D); equation 2."""
    return ops.mean(ops.abs(target - found))


def style_diversity(first: Tensor, second: Tensor) -> Tensor:
    """Mean distance of two images made with two styles, both (B, H, W, C); to be maximized; equation 3."""
    return ops.mean(ops.abs(first - second))


def cycle_consistency(image: Tensor, restored: Tensor) -> Tensor:
    """Mean distance of an image and its translation there and back, both (B, H, W, C); equation 4."""
    return ops.mean(ops.abs(image - restored))


def translation_loss(
    fake_logits: Tensor,
    weights: Any,
    *,
    style: tuple[Tensor, Tensor],
    diversity: tuple[Tensor, Tensor],
    cycle: tuple[Tensor, Tensor],
    hand: Tensor | None = None,
    diversity_ramp: Any = 1.0,
) -> tuple[Tensor, dict[str, Tensor]]:
    """The full objective, equation 5, seen from the generator.

    Args:
        fake_logits: the discriminator's logits of the generated images, of any shape.
        weights: of the terms; needs `adversarial`, `style`, `diversity`, `cycle`, and with `hand` `same_writer`.
        style: (target, found) for `style_reconstruction`.
        diversity: (first, second) for `style_diversity`, whose sign is turned here: it is maximized.
        cycle: (image, restored) for `cycle_consistency`.
        hand: the discriminator's logits of "did this person write it" for the generated images; not in the paper.
        diversity_ramp: factor on the diversity's weight, from 1 at the start to 0.

    Returns:
        (total, {"adversarial", "style", "diversity", "cycle"}), with `hand` also "hand".
    """
    terms = {
        "adversarial": adversarial_generator(fake_logits),
        "style": style_reconstruction(*style),
        "diversity": style_diversity(*diversity),
        "cycle": cycle_consistency(*cycle),
    }
    shares = {
        "adversarial": weights.adversarial,
        "style": weights.style,
        "diversity": -weights.diversity * diversity_ramp,
        "cycle": weights.cycle,
    }
    if hand is not None:
        terms["hand"], shares["hand"] = adversarial_generator(hand), weights.same_writer
    return weighted_sum(terms, shares), terms

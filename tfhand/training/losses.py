"""Loss terms that several families share, as pure functions of tensors, and the one place where terms are weighed.

A term returns a scalar. A loss returns (total, named terms), the terms unweighted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from keras import ops

Tensor = Any


def weighted_sum(terms: Mapping[str, Tensor], weights: Mapping[str, Any]) -> Tensor:
    """The total of a loss: each term that has a weight, times it."""
    total = 0.0
    for name, weight in weights.items():
        total = total + weight * terms[name]
    return total


def adversarial_real(logits: Tensor) -> Tensor:
    """Loss of the discriminator at real images: -log D(x), D being the sigmoid of the logit.

    Goodfellow et al., 2014 (arXiv 1406.2661), equation 1. logits of any shape; the mean is taken.
    """
    return ops.mean(ops.softplus(-logits))


def adversarial_fake(logits: Tensor) -> Tensor:
    """Loss of the discriminator at generated images: -log(1 - D(G(z))); the same source."""
    return ops.mean(ops.softplus(logits))


def adversarial_generator(logits: Tensor) -> Tensor:
    """The non-saturating loss of the generator, -log D(G(z)); the same source, section 3."""
    return adversarial_real(logits)


def r1_penalty(gradient: Tensor) -> Tensor:
    """Half the mean squared norm of the discriminator's gradient at real images.

    Mescheder et al., 2018 (arXiv 1801.04406), equation 9 without its gamma. gradient of shape (B, H, W, C).
    """
    squares = ops.sum(ops.square(gradient), axis=tuple(range(1, len(gradient.shape))))  # (B,)
    return 0.5 * ops.mean(squares)


def discriminator_loss(
    real_logits: Tensor,
    fake_logits: Tensor,
    penalty: Tensor | None,
    weights: Any,
    *,
    mismatched: tuple[Tensor, Tensor] | None = None,
    hand: tuple[Tensor, Tensor, Tensor] | None = None,
) -> tuple[Tensor, dict[str, Tensor]]:
    """Adversarial terms plus R1, and the same-writer terms if the discriminator is asked about the hand as well.

    Args:
        real_logits, fake_logits: of any shape.
        penalty: of the gradient at real images, a scalar such as `r1_penalty`; None where that is a lazy term.
        weights: of the terms; needs `adversarial`, with `penalty` also `r1`, with `hand` also `same_writer`.
        mismatched: (logits, mask) of real images with the label of another character, where the mask is 1; they count
            as fake (Reed et al., 2016, arXiv 1605.05396, section 4.1). Both kinds of fake together weigh as much as the
            real ones.
        hand: (real, fake, other) logits of "did this person write it": real letters of theirs, generated ones, and real
            letters of somebody else, which count as fake. Both kinds of fake together weigh as much as the real ones.

    Returns:
        (total, {"real", "fake"}), with `penalty` also "r1", with `mismatched` also "mismatched", with `hand` also
        "hand_real", "hand_fake" and "hand_other".
    """
    terms = {"real": adversarial_real(real_logits), "fake": adversarial_fake(fake_logits)}
    shares = {"real": weights.adversarial, "fake": weights.adversarial}
    if penalty is not None:
        terms["r1"], shares["r1"] = penalty, weights.r1
    if mismatched is not None:
        logits, mask = mismatched
        terms["mismatched"] = ops.sum(mask * ops.softplus(logits)) / ops.maximum(ops.sum(mask), 1.0)
        shares["fake"] = shares["mismatched"] = 0.5 * weights.adversarial
    if hand is not None:
        real, fake, other = hand
        terms |= {
            "hand_real": adversarial_real(real),
            "hand_fake": adversarial_fake(fake),
            "hand_other": adversarial_fake(other),
        }
        half = 0.5 * weights.same_writer
        shares |= {"hand_real": weights.same_writer, "hand_fake": half, "hand_other": half}
    return weighted_sum(terms, shares), terms


def generator_loss(
    fake_logits: Tensor, weights: Any, *, hand: Tensor | None = None
) -> tuple[Tensor, dict[str, Tensor]]:
    """The non-saturating loss, and the same-writer term if the discriminator is asked about the hand as well.

    Args:
        fake_logits: of generated images, of any shape.
        weights: of the terms; needs `adversarial`, and with `hand` also `same_writer`.
        hand: logits of "did this person write it" for the generated images.

    Returns:
        (total, {"adversarial"}), with `hand` also "hand".
    """
    terms, shares = {"adversarial": adversarial_generator(fake_logits)}, {"adversarial": weights.adversarial}
    if hand is not None:
        terms["hand"], shares["hand"] = adversarial_generator(hand), weights.same_writer
    return weighted_sum(terms, shares), terms


def logit_margin(real_logits: Tensor, mismatched: Any = None) -> Tensor:
    """Margin of real logits over the best uninformed constant.

    A discriminator that cannot tell generated images from real ones is right to say 0, or log 2 where `mismatched`, as
    for `discriminator_loss`, is half of the fakes: then one in three images under its right label is generated
    (Goodfellow et al., 2014, proposition 1).

    Returns:
        floats of the logits' shape.
    """
    return real_logits if mismatched is None else real_logits - math.log(2)


def multiscale_l1(first: Tensor, second: Tensor) -> Tensor:
    """Mean absolute difference of two images at three sharpnesses, both (B, H, W, 1).

    A stroke that stands a pixel off costs little once blurred, where the sharp difference would ask for the mean
    letter. Images of less than 9 pixels are seen at fewer: TensorFlow's gradient of a pool that is larger than they is
    wrong.
    """
    distances = [0.25 * ops.mean(ops.abs(first - second))]
    for window in (5, 9):
        if window > min(first.shape[1:3]):
            break
        blurred = [ops.average_pool(image, window, strides=2, padding="same") for image in (first, second)]
        distances.append(ops.mean(ops.abs(blurred[0] - blurred[1])))
    return sum(distances)


def symmetric_info_nce(likeness: Tensor) -> Tensor:
    """Symmetric InfoNCE loss: mean cross-entropy in nats of finding each pair among all others, both ways round.

    Radford et al., 2021 (CLIP, arXiv 2103.00020), figure 3. likeness (B, B): logits of first of pair i against second
    of pair j.
    """
    both = ops.log_softmax(likeness, axis=1) + ops.log_softmax(likeness, axis=0)
    return -0.5 * ops.mean(ops.diagonal(both))


def kl_to_standard_normal(mean: Tensor, variance: Tensor) -> Tensor:
    """Mean Kullback-Leibler divergence of normal distributions (B, D) from the standard normal one, in nats.

    Kingma & Welling, 2014 (arXiv 1312.6114), appendix B, with its sign turned.
    """
    return 0.5 * ops.mean(ops.sum(ops.square(mean) + variance - 1 - ops.log(variance), axis=-1))

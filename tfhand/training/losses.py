"""The loss terms of the GANs, as pure functions of tensors, and the one place where they are weighed and added.

A term returns a scalar. `discriminator_loss` and `generator_loss` return (total, named terms), the terms unweighted.
"""

from __future__ import annotations

import math

from keras import ops


def adversarial_real(logits):
    """What the discriminator loses by doubting real images: -log D(x), D being the logit's sigmoid.

    Goodfellow et al., 2014 (arXiv 1406.2661), equation 1. logits of any shape; the mean is taken.
    """
    return ops.mean(ops.softplus(-logits))


def adversarial_fake(logits):
    """What the discriminator loses by believing generated images: -log(1 - D(G(z))); the same source."""
    return ops.mean(ops.softplus(logits))


def adversarial_generator(logits):
    """The non-saturating loss of the generator, -log D(G(z)); the same source, section 3."""
    return adversarial_real(logits)


def r1_penalty(gradient):
    """Half the mean squared norm of the discriminator's gradient at real images.

    Mescheder et al., 2018 (arXiv 1801.04406), equation 9 without its gamma. gradient of shape (B, H, W, C).
    """
    squares = ops.sum(ops.square(gradient), axis=tuple(range(1, len(gradient.shape))))  # (B,)
    return 0.5 * ops.mean(squares)


def style_reconstruction(target, found):
    """Mean distance of the style asked for and the style found in the result, both (B, D).

    StarGAN v2 (arXiv 1912.01865), equation 2.
    """
    return ops.mean(ops.abs(target - found))


def style_diversity(first, second):
    """Mean distance of two images made with two styles, both (B, H, W, C); to be maximized.

    StarGAN v2, equation 3.
    """
    return ops.mean(ops.abs(first - second))


def cycle_consistency(image, restored):
    """Mean distance of an image and its translation there and back, both (B, H, W, C).

    StarGAN v2, equation 4.
    """
    return ops.mean(ops.abs(image - restored))


def discriminator_loss(real_logits, fake_logits, penalty, weights, *, wrong=None, hand=None):
    """Adversarial terms plus R1, and the same-writer terms if the discriminator is asked about the hand as well.

    Args:
        real_logits, fake_logits: of any shape.
        penalty: of the gradient at real images, a scalar such as `r1_penalty`.
        weights: of the terms; needs `adversarial` and `r1`, and with `hand` also `same_writer`.
        wrong: (logits, mask) of real images that are called something else, where the mask is 1; they count as fake
            (Reed et al., 2016, arXiv 1605.05396, section 4.1). Both kinds of fake together weigh as much as the real
            ones.
        hand: (real, fake, other) logits of "did this person write it": real letters of theirs, generated ones, and real
            letters of somebody else, which count as fake. Both kinds of fake together weigh as much as the real ones.

    Returns:
        (total, {"real", "fake", "r1"}), with `wrong` also "wrong", with `hand` also "hand_real", "hand_fake" and
        "hand_other".
    """
    terms = {
        "real": adversarial_real(real_logits),
        "fake": adversarial_fake(fake_logits),
        "r1": penalty,
    }
    fakes = terms["fake"]
    if wrong is not None:
        logits, mask = wrong
        terms["wrong"] = ops.sum(mask * ops.softplus(logits)) / ops.maximum(ops.sum(mask), 1.0)
        fakes = 0.5 * (fakes + terms["wrong"])
    total = weights.adversarial * (terms["real"] + fakes) + weights.r1 * terms["r1"]
    if hand is not None:
        real, fake, other = hand
        terms["hand_real"] = adversarial_real(real)
        terms["hand_fake"], terms["hand_other"] = adversarial_fake(fake), adversarial_fake(other)
        fakes = 0.5 * (terms["hand_fake"] + terms["hand_other"])
        total = total + weights.same_writer * (terms["hand_real"] + fakes)
    return total, terms


def lead(real_logits, wrong=None):
    """How much more real a discriminator finds real images than one could that cannot tell generated ones from them.

    Such a one is right to say 0, or log 2 where `wrong`, as for `discriminator_loss`, is half of the fakes: then one in
    three images under its right name is generated (Goodfellow et al., 2014, proposition 1).

    Returns:
        floats of the logits' shape.
    """
    return real_logits if wrong is None else real_logits - math.log(2)


def generator_loss(fake_logits, weights, *, style=None, diversity=None, cycle=None, hand=None, diversity_ramp=1.0):
    """The full objective of StarGAN v2, equation 5, seen from the generator; what is not given has no term.

    Args:
        fake_logits: the discriminator's opinion of the generated images, of any shape.
        weights: of the terms; needs `adversarial`, and of what is given `style`, `diversity`, `cycle`, `same_writer`.
        style: (target, found) for `style_reconstruction`.
        diversity: (first, second) for `style_diversity`, whose sign is turned here: it is maximized.
        cycle: (image, restored) for `cycle_consistency`.
        hand: the discriminator's logits of "did this person write it" for the generated images; not in the paper.
        diversity_ramp: factor on the diversity's weight, from 1 at the start to 0.

    Returns:
        (total, {"adversarial", "style", "diversity", "cycle", "hand"}).
    """
    terms = {"adversarial": adversarial_generator(fake_logits)}
    total = weights.adversarial * terms["adversarial"]
    if style is not None:
        terms["style"] = style_reconstruction(*style)
        total = total + weights.style * terms["style"]
    if diversity is not None:
        terms["diversity"] = style_diversity(*diversity)
        total = total - weights.diversity * diversity_ramp * terms["diversity"]
    if cycle is not None:
        terms["cycle"] = cycle_consistency(*cycle)
        total = total + weights.cycle * terms["cycle"]
    if hand is not None:
        terms["hand"] = adversarial_generator(hand)
        total = total + weights.same_writer * terms["hand"]
    return total, terms


def multiscale_l1(first, second):
    """Mean distance of two images seen at three sharpnesses, both (B, H, W, 1).

    A stroke that stands a pixel off costs little once blurred, where the sharp distance would ask for the mean letter.
    Images of less than 9 pixels are seen at fewer: TensorFlow's gradient of a pool that is larger than they is wrong.
    """
    distances = [0.25 * ops.mean(ops.abs(first - second))]
    for window in (5, 9):
        if window > min(first.shape[1:3]):
            break
        blurred = [ops.average_pool(image, window, strides=2, padding="same") for image in (first, second)]
        distances.append(ops.mean(ops.abs(blurred[0] - blurred[1])))
    return sum(distances)


def kl_to_standard_normal(mean, variance):
    """How far normal distributions (B, D) lie from the standard normal one: mean Kullback-Leibler divergence in nats.

    Kingma & Welling, 2014 (arXiv 1312.6114), appendix B, with its sign turned.
    """
    return 0.5 * ops.mean(ops.sum(ops.square(mean) + variance - 1 - ops.log(variance), axis=-1))


def feature_matching(first, second):
    """Mean distance of a discriminator's inner maps for two images, averaged over the maps; lists of (B, h, w, C).

    Wang et al., 2018 (arXiv 1711.11585), equation 4.
    """
    return sum(ops.mean(ops.abs(a - b)) for a, b in zip(first, second, strict=True)) / len(first)


def symmetric_info_nce(likeness):
    """How unsurely pairs are found among all others, both ways round: mean cross-entropy in nats.

    Radford et al., 2021 (arXiv 2103.00020), figure 3. likeness (B, B): logits of first of pair i against second of j.
    """
    both = ops.log_softmax(likeness, axis=1) + ops.log_softmax(likeness, axis=0)
    return -0.5 * ops.mean(ops.diagonal(both))


def top_one(likeness):
    """The share of rows (B, B) whose greatest entry stands on the diagonal."""
    right = ops.equal(ops.argmax(likeness, axis=1), ops.arange(likeness.shape[0]))
    return ops.mean(ops.cast(right, "float32"))


def path_lengths(gradient):
    """How far an image moves with its styles: (B,) root of the squared gradient, summed over w, averaged over layers.

    Karras et al., 2020 (arXiv 1912.04958), section 3.2, |J_w^T y| of equation 4. gradient (B, layers, D): that of the
    sum over pixels of the image times standard normal y, by the styles.
    """
    return ops.sqrt(ops.mean(ops.sum(ops.square(gradient), axis=-1), axis=-1) + 1e-12)


def path_length_penalty(lengths, mean):
    """Mean squared distance of path lengths (B,) from their running mean; the same equation."""
    return ops.mean(ops.square(lengths - mean))


def style_error(found, styles, means):
    """Mean squared distance of styles found from those that were asked for, all (B, D), as a share of the spread.

    The spread is that of the styles about their characters' means: 1 is what finding just the means would cost.
    """
    spread = ops.mean(ops.square(styles - means))
    return ops.mean(ops.square(found - styles)) / (spread + 1e-8)

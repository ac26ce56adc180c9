"""Every loss term against a value worked out with NumPy, and the gradients they are used with."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import pytest
from keras import ops

from tfhand.models.stargan.config import LossWeights
from tfhand.training import losses
from tfhand.training.backend import compile_step, input_gradient, value_and_grad

rng = np.random.default_rng(0)
ONE, OTHER = rng.normal(size=(2, 4, 3, 3, 1)).astype("float32")
REAL, FAKE = np.array([2.0, -1.0], "float32"), np.array([0.5, -3.0], "float32")
PENALTY = 0.7


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_adversarial_terms():
    assert float(losses.adversarial_real(REAL)) == pytest.approx(np.mean(-np.log(sigmoid(REAL))), rel=1e-5)
    assert float(losses.adversarial_fake(FAKE)) == pytest.approx(np.mean(-np.log(1 - sigmoid(FAKE))), rel=1e-5)
    assert float(losses.adversarial_generator(FAKE)) == pytest.approx(np.mean(-np.log(sigmoid(FAKE))), rel=1e-5)


def test_adversarial_terms_stay_finite_for_a_sure_discriminator():
    assert float(losses.adversarial_generator(np.array([-200.0], "float32"))) == pytest.approx(200)
    assert float(losses.adversarial_fake(np.array([200.0], "float32"))) == pytest.approx(200)


def test_r1_is_half_the_mean_squared_norm():
    gradient = np.stack([np.full((2, 2, 1), 3.0), np.full((2, 2, 1), 1.0)]).astype("float32")
    assert float(losses.r1_penalty(gradient)) == pytest.approx(0.5 * (4 * 9 + 4 * 1) / 2)


def test_divergence_is_nothing_for_plain_noise_and_grows_with_what_is_told():
    mean, variance = np.array([[0.0, 2.0], [0.0, 0.0]], "float32"), np.array([[1.0, 1.0], [1.0, 0.25]], "float32")
    assert float(losses.divergence(0 * mean, variance**0)) == 0
    narrow = 0.5 * (0.25 - 1 + np.log(4))
    assert float(losses.divergence(mean, variance)) == pytest.approx((2.0 + narrow) / 2, rel=1e-5)


@pytest.mark.parametrize("term", [losses.style_reconstruction, losses.style_diversity, losses.cycle_consistency])
def test_distances_are_mean_absolute_differences(term):
    assert float(term(ONE, OTHER)) == pytest.approx(np.abs(ONE - OTHER).mean(), rel=1e-5)


def test_images_lead_by_what_no_discriminator_could_say_of_perfect_ones():
    """The best one, by its loss over all answers, says 0 of images that are as often real as generated.

    Where images under a wrong name are half of the fakes it says log 2 of those under the right one.
    """
    answers = np.linspace(-3, 3, 6001)
    for share, wrong in ((1.0, None), (0.5, (REAL, REAL))):  # share of the fakes that could be real
        best = answers[np.argmin(np.log1p(np.exp(-answers)) + share * np.log1p(np.exp(answers)))]
        lead = losses.lead(np.array([best, best + 1], "float32"), wrong)
        np.testing.assert_allclose(lead, [0, 1], atol=1e-3)


def test_discriminator_loss_weighs_and_adds():
    total, terms = losses.discriminator_loss(REAL, FAKE, PENALTY, LossWeights(adversarial=2.0, r1=10.0))
    real, fake = np.mean(np.log1p(np.exp(-REAL))), np.mean(np.log1p(np.exp(FAKE)))
    assert {name: float(term) for name, term in terms.items()} == pytest.approx(
        {"real": real, "fake": fake, "r1": PENALTY}, rel=1e-5
    )
    assert float(total) == pytest.approx(2 * (real + fake) + 10 * PENALTY, rel=1e-5)


def test_generator_loss_weighs_and_adds():
    weights = LossWeights(adversarial=2.0, style=3.0, diversity=5.0, cycle=7.0)
    total, terms = losses.generator_loss(
        FAKE, weights, style=(ONE, 0 * ONE), diversity=(ONE, OTHER), cycle=(ONE, 2 * OTHER), diversity_ramp=0.25
    )
    expected = {
        "adversarial": np.mean(np.log1p(np.exp(-FAKE))),
        "style": np.abs(ONE).mean(),
        "diversity": np.abs(ONE - OTHER).mean(),
        "cycle": np.abs(ONE - 2 * OTHER).mean(),
    }
    assert {name: float(term) for name, term in terms.items()} == pytest.approx(expected, rel=1e-5)
    signed = 2 * expected["adversarial"] + 3 * expected["style"] - 1.25 * expected["diversity"] + 7 * expected["cycle"]
    assert float(total) == pytest.approx(signed, rel=1e-5)


def test_generator_loss_leaves_out_what_is_not_given():
    total, terms = losses.generator_loss(FAKE, LossWeights(adversarial=3.0))
    assert list(terms) == ["adversarial"]
    assert float(total) == pytest.approx(3 * float(terms["adversarial"]))


def test_discriminator_loss_with_the_second_question():
    """A real letter of somebody else is a fake, and both kinds of fake count half."""
    own, made, other = np.array([[1.0, 3.0], [-0.5, 0.25], [-2.0, 0.75]], "float32")
    plain, _ = losses.discriminator_loss(REAL, FAKE, PENALTY, LossWeights())
    total, terms = losses.discriminator_loss(REAL, FAKE, PENALTY, LossWeights(same_writer=3.0), hand=(own, made, other))
    expected = {
        "hand_real": np.mean(-np.log(sigmoid(own))),
        "hand_fake": np.mean(-np.log(1 - sigmoid(made))),
        "hand_other": np.mean(-np.log(1 - sigmoid(other))),
    }
    assert {name: float(terms[name]) for name in expected} == pytest.approx(expected, rel=1e-5)
    hand = expected["hand_real"] + (expected["hand_fake"] + expected["hand_other"]) / 2
    assert float(total) == pytest.approx(float(plain) + 3 * hand, rel=1e-5)


def test_discriminator_loss_with_images_called_something_else():
    """Those count as fakes where they are something else, and both kinds of fake count half."""
    logits, mask = np.array([0.5, -2.0, 4.0], "float32"), np.array([1.0, 0.0, 1.0], "float32")
    total, terms = losses.discriminator_loss(REAL, FAKE, PENALTY, LossWeights(adversarial=2.0), wrong=(logits, mask))
    wrong = np.mean(-np.log(1 - sigmoid(logits[[0, 2]])))
    assert float(terms["wrong"]) == pytest.approx(wrong, rel=1e-5)
    fakes = (float(terms["fake"]) + wrong) / 2
    assert float(total) == pytest.approx(2 * (float(terms["real"]) + fakes) + PENALTY, rel=1e-5)
    _, none = losses.discriminator_loss(REAL, FAKE, PENALTY, LossWeights(), wrong=(logits, 0 * mask))
    assert float(none["wrong"]) == 0


def test_generator_loss_with_the_second_question():
    logits = np.array([0.5, -2.0, 4.0], "float32")
    total, terms = losses.generator_loss(FAKE, LossWeights(same_writer=3.0), cycle=(ONE, OTHER), hand=logits)
    plain, _ = losses.generator_loss(FAKE, LossWeights(), cycle=(ONE, OTHER))
    assert list(terms) == ["adversarial", "cycle", "hand"]
    assert float(terms["hand"]) == pytest.approx(np.mean(-np.log(sigmoid(logits))), rel=1e-5)
    assert float(total) == pytest.approx(float(plain) + 3 * float(terms["hand"]), rel=1e-5)


def test_weights_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        LossWeights().cycle = 2.0


class TestGradients:
    """D(x) = sum(a x^2): gradient 2 a x, R1 = mean over samples of 2 a^2 sum(x^2), dR1/da = 4 a sum(x^2)."""

    def penalty(self, a):
        _, gradient = input_gradient(lambda x: a * ops.sum(ops.square(x), axis=(1, 2, 3)), ONE)
        return losses.r1_penalty(gradient), {"gradient": gradient}

    def test_input_gradient_inside_value_and_grad(self):
        a = keras.Variable(1.5)
        squares = np.square(ONE).sum(axis=(1, 2, 3)).mean()
        value, aux, (slope,) = value_and_grad(lambda: self.penalty(a), [a])
        np.testing.assert_allclose(aux["gradient"], 3 * ONE, rtol=1e-5)
        assert float(value) == pytest.approx(2 * 1.5**2 * squares, rel=1e-5)
        assert float(slope) == pytest.approx(4 * 1.5 * squares, rel=1e-5)

    def test_input_gradient_gives_the_output_too(self):
        output, gradient = input_gradient(lambda x: ops.sum(3 * x, axis=(1, 2, 3)), ONE)
        np.testing.assert_allclose(output, 3 * ONE.sum(axis=(1, 2, 3)), rtol=1e-4)
        np.testing.assert_allclose(gradient, np.full(ONE.shape, 3.0))

    def test_other_variables_are_constants(self):
        a, b, unused = keras.Variable(2.0), keras.Variable(3.0), keras.Variable(1.0)
        value, aux, gradients = value_and_grad(lambda: (a * b, "aux"), [a, unused])
        assert (float(value), aux, float(gradients[0]), gradients[1]) == (6.0, "aux", 3.0, None)

    def test_compiled_step_changes_variables(self):
        a = keras.Variable(2.0)

        def step(rate):
            _, _, (gradient,) = value_and_grad(lambda: (a * a, None), [a])
            a.assign_sub(rate * gradient)
            return a.value

        compiled = compile_step(step)
        assert float(compiled(ops.convert_to_tensor(0.25))) == pytest.approx(1.0)
        assert float(compiled(ops.convert_to_tensor(0.25))) == pytest.approx(0.5)
        assert float(a) == pytest.approx(0.5)


def test_path_length_of_a_linear_generator():
    """An image that is A times the flat styles: its gradient is A^T y, whatever the styles."""
    layers, size, pixels = 3, 4, 10
    jacobian = rng.normal(size=(pixels, layers * size)).astype("float32")
    y, styles = (rng.normal(size=shape).astype("float32") for shape in ((5, pixels), (5, layers, size)))

    def projected(styles):
        return ops.sum(ops.matmul(ops.reshape(styles, (5, -1)), jacobian.T) * y, axis=1)

    _, gradient = input_gradient(projected, styles)
    lengths = np.asarray(losses.path_lengths(gradient))
    expected = np.linalg.norm(y @ jacobian, axis=1) / np.sqrt(layers)
    np.testing.assert_allclose(lengths, expected, rtol=1e-4)
    penalty = float(losses.path_length_penalty(lengths, 2.5))
    assert penalty == pytest.approx(np.square(expected - 2.5).mean(), rel=1e-4)


def test_path_length_of_a_constant_generator_has_a_gradient():
    weight = keras.Variable(np.zeros((4, 10), "float32"))
    y, styles = np.ones((2, 10), "float32"), np.ones((2, 3, 4), "float32")

    def loss():
        _, gradient = input_gradient(lambda w: ops.sum(ops.sum(w @ weight, axis=1) * y, axis=1), styles)
        return losses.path_length_penalty(losses.path_lengths(gradient), 1.0), ()

    value, _, (gradient,) = value_and_grad(loss, [weight])
    assert float(value) == pytest.approx(1, rel=1e-4)
    assert np.isfinite(gradient).all()


def test_style_error_is_in_units_of_the_spread():
    styles, means = rng.normal(size=(2, 6, 4)).astype("float32")
    assert float(losses.style_error(means, styles, means)) == pytest.approx(1, rel=1e-4)
    assert float(losses.style_error(styles, styles, means)) == 0
    expected = np.square(0.5 * styles).mean() / np.square(styles - means).mean()
    assert float(losses.style_error(0.5 * styles, styles, means)) == pytest.approx(expected, rel=1e-4)

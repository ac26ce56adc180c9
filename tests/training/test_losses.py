"""Every loss term against a value worked out with NumPy, and the gradients they are used with."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import ops

from tfhand.models.stargan.config import StarGANTrainConfig as Weights
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


def test_the_margin_is_over_what_a_discriminator_can_say_of_perfect_images():
    """The best one, by its loss over all answers, says 0 of images that are as often real as generated.

    Where images under a wrong name are half of the fakes it says log 2 of those under the right one.
    """
    answers = np.linspace(-3, 3, 6001)
    for share, mismatched in ((1.0, None), (0.5, (REAL, REAL))):  # share of the fakes that could be real
        best = answers[np.argmin(np.log1p(np.exp(-answers)) + share * np.log1p(np.exp(answers)))]
        margin = losses.logit_margin(np.array([best, best + 1], "float32"), mismatched)
        np.testing.assert_allclose(margin, [0, 1], atol=1e-3)


def test_a_sum_is_of_the_terms_that_have_a_weight():
    assert losses.weighted_sum({"a": 2.0, "b": 3.0, "c": 5.0}, {"a": 10.0, "c": -1.0}) == 15.0
    with pytest.raises(KeyError):
        losses.weighted_sum({"a": 2.0}, {"d": 1.0})


def test_discriminator_loss_weighs_and_adds():
    total, terms = losses.discriminator_loss(REAL, FAKE, PENALTY, Weights(adversarial=2.0, r1=10.0))
    real, fake = np.mean(np.log1p(np.exp(-REAL))), np.mean(np.log1p(np.exp(FAKE)))
    assert {name: float(term) for name, term in terms.items()} == pytest.approx(
        {"real": real, "fake": fake, "r1": PENALTY}, rel=1e-5
    )
    assert float(total) == pytest.approx(2 * (real + fake) + 10 * PENALTY, rel=1e-5)


def test_generator_loss_leaves_out_what_is_not_given():
    total, terms = losses.generator_loss(FAKE, Weights(adversarial=3.0))
    assert list(terms) == ["adversarial"]
    assert float(total) == pytest.approx(3 * float(terms["adversarial"]))


def test_discriminator_loss_with_the_second_question():
    """A real letter of somebody else is a fake, and both kinds of fake count half."""
    own, made, other = np.array([[1.0, 3.0], [-0.5, 0.25], [-2.0, 0.75]], "float32")
    plain, _ = losses.discriminator_loss(REAL, FAKE, PENALTY, Weights())
    total, terms = losses.discriminator_loss(REAL, FAKE, PENALTY, Weights(same_writer=3.0), hand=(own, made, other))
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
    total, terms = losses.discriminator_loss(REAL, FAKE, PENALTY, Weights(adversarial=2.0), mismatched=(logits, mask))
    mismatched = np.mean(-np.log(1 - sigmoid(logits[[0, 2]])))
    assert float(terms["mismatched"]) == pytest.approx(mismatched, rel=1e-5)
    fakes = (float(terms["fake"]) + mismatched) / 2
    assert float(total) == pytest.approx(2 * (float(terms["real"]) + fakes) + PENALTY, rel=1e-5)
    _, none = losses.discriminator_loss(REAL, FAKE, PENALTY, Weights(), mismatched=(logits, 0 * mask))
    assert float(none["mismatched"]) == 0


def test_generator_loss_with_the_second_question():
    logits = np.array([0.5, -2.0, 4.0], "float32")
    total, terms = losses.generator_loss(FAKE, Weights(same_writer=3.0), hand=logits)
    plain, _ = losses.generator_loss(FAKE, Weights())
    assert list(terms) == ["adversarial", "hand"]
    assert float(terms["hand"]) == pytest.approx(np.mean(-np.log(sigmoid(logits))), rel=1e-5)
    assert float(total) == pytest.approx(float(plain) + 3 * float(terms["hand"]), rel=1e-5)


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


def test_kl_is_nothing_for_plain_noise_and_grows_with_what_is_told():
    mean, variance = np.array([[0.0, 2.0], [0.0, 0.0]], "float32"), np.array([[1.0, 1.0], [1.0, 0.25]], "float32")
    assert float(losses.kl_to_standard_normal(0 * mean, variance**0)) == 0
    narrow = 0.5 * (0.25 - 1 + np.log(4))
    assert float(losses.kl_to_standard_normal(mean, variance)) == pytest.approx((2.0 + narrow) / 2, rel=1e-5)

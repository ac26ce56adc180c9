"""Forms that draw a letter more truly than the encoder's do.

An encoder is learned once for all letters, and gives each a form that is nearly right. From there some steps down the
gradient, for this letter alone, bring the line that is drawn onto the line of the picture: semi-amortized inference
(Kim et al. 2018, arXiv 1802.02550, section 3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras import ops

from tfhand.models.protocol import Tensor
from tfhand.nn.pen import draw_trajectories
from tfhand.training.backend import input_gradient

if TYPE_CHECKING:
    from tfhand.models.strokes.networks import StrokeNetworks

STEPS, RATE, MOMENTUM = 16, 2.0, 0.7  # the rate is in standard deviations of forms
COARSER = 2  # pixels of a picture in one that is compared: a line shows its place as well, in half the time


def refined(
    networks: StrokeNetworks, forms: Tensor, glyphs: Tensor, characters: Tensor, nibs: Tensor, spread: Tensor
) -> Tensor:
    """The forms (B, form_size) near those of the encoder that draw their glyphs best.

    The steps are those of plain descent with momentum: Adam's, which are as long where the picture shows nothing, move
    forms farther for the same likeness, and make more of a rounding error.

    Args:
        networks: that draw.
        forms: of the encoder, (B, form_size).
        glyphs: (B, S, S, 1) in [-1, 1].
        characters: of the glyphs, (B,).
        nibs: width of the line of each, in pixels at 32, (B,).
        spread: standard deviations of forms of these characters, (B, form_size).
    """
    seen = ops.average_pool(glyphs, COARSER, COARSER)

    def difference(moved: Tensor) -> Tensor:
        points, counts = networks.decode(forms + moved * spread, characters)
        drawn = draw_trajectories(points, counts, nibs, seen.shape[1])
        return ops.mean(ops.square(drawn - seen), axis=(1, 2, 3))

    def step(_: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        moved, velocity = state
        _, gradient = input_gradient(difference, moved)
        velocity = MOMENTUM * velocity - RATE * gradient
        return moved + velocity, velocity

    still = ops.zeros_like(forms)
    moved, _ = ops.fori_loop(0, STEPS, step, (still, still))
    return forms + moved * spread

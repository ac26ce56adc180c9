"""Terms of a loss that are computed at some of the steps only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Tensor = Any
Terms = dict[str, Any]
"""Named scalars of a step."""


@dataclass(frozen=True)
class LazyTerm:
    """An addition to a loss that is computed at each `every`-th step only, because it takes long.

    Karras et al., 2020 (arXiv 1912.04958), section 3.1. `Trainer.minimize` adds its gradient to that of the loss.

    Attributes:
        loss: takes nothing and returns (total, named terms). It changes no variable and draws no random numbers: what
            it needs of them is drawn before, at every step.
        resting: the named terms at the other steps, at which the total is 0; the same names and shapes.
        every: steps from one to the next.
    """

    loss: Callable[[], tuple[Tensor, Terms]]
    resting: Mapping[str, Tensor]
    every: int

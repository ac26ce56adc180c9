"""The network that people take who want a text in handwriting, once more, in PyTorch: Graves 2013, arXiv 1308.0850.

Three recurrent layers make pen points one after the other; a soft window moves along the text (section 5.1). What comes
before, the points of a person's own line with its text, is run through first, so that the rest goes on in that hand
("primed sampling", section 5.5). Written from the paper, without the peephole connections of its cells; it stands here
to be timed, with random weights, for which it takes as long as with others.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

CELLS, WINDOWS, MIXTURES = 400, 10, 20  # section 5.2
CHARACTERS = " !\"#'(),-.0123456789:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass
class State:
    """What the network knows between two points: hidden and cell states (B, CELLS) of the three layers, the window's
    places (B, WINDOWS), and what it shows (B, characters)."""

    layers: list[tuple[torch.Tensor, torch.Tensor]]
    places: torch.Tensor
    shown: torch.Tensor


class Handwriting(nn.Module):
    """Pen points for a text: call with a point (B, 3) of offsets and pen lift, one-hot text (B, U, characters) and a
    `State`; gives the numbers of the next point's distribution (B, 1 + 6 MIXTURES), and the state after it."""

    def __init__(self):
        super().__init__()
        window = len(CHARACTERS)
        sizes = 3 + window, 3 + window + CELLS, 3 + window + CELLS
        self.layers = nn.ModuleList(nn.LSTMCell(size, CELLS) for size in sizes)
        self.to_window = nn.Linear(CELLS, 3 * WINDOWS)
        self.to_point = nn.Linear(3 * CELLS, 1 + 6 * MIXTURES)

    def start(self, count: int) -> State:
        """The state before the first point of `count` lines."""
        layers = [(torch.zeros(count, CELLS), torch.zeros(count, CELLS)) for _ in self.layers]
        return State(layers, torch.zeros(count, WINDOWS), torch.zeros(count, len(CHARACTERS)))

    def forward(self, point: torch.Tensor, text: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        first, second, third = self.layers
        one = first(torch.cat([point, state.shown], dim=1), state.layers[0])
        places, shown = self.look(one[0], text, state.places)
        two = second(torch.cat([point, shown, one[0]], dim=1), state.layers[1])
        three = third(torch.cat([point, shown, two[0]], dim=1), state.layers[2])
        found = self.to_point(torch.cat([one[0], two[0], three[0]], dim=1))
        return found, State([one, two, three], places, shown)

    def look(self, hidden: torch.Tensor, text: torch.Tensor, places: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Where the window's parts stand after a step, and what they show of the text; equations 46 to 51."""
        weights, widths, steps = self.to_window(hidden).exp().chunk(3, dim=1)  # (B, WINDOWS)
        places = places + steps
        away = places[:, :, None] - torch.arange(text.shape[1])  # (B, WINDOWS, U)
        over_text = (weights[:, :, None] * torch.exp(-widths[:, :, None] * away**2)).sum(dim=1)
        return places, torch.einsum("bu,buc->bc", over_text, text)

    @torch.inference_mode()
    def write(self, given: torch.Tensor, says: str, text: str, count: int, bias: float = 0.5) -> torch.Tensor:
        """`count` points (count, 3) of `text`, after the points given (n, 3), which say `says`; section 5.4's bias."""
        line, state = one_hot(says + text), self.start(1)
        found = torch.zeros(1, 1 + 6 * MIXTURES)
        for point in given:
            found, state = self(point[None], line, state)
        points = []
        for _ in range(count):
            point = draw(found, bias)
            points.append(point)
            found, state = self(point, line, state)
        return torch.cat(points)


def draw(found: torch.Tensor, bias: float) -> torch.Tensor:
    """A point (B, 3) by the numbers of its distribution; equations 18 to 22, with 61 and 62 for the bias."""
    lift, weights, places, spreads, turns = found.split([1, MIXTURES, 2 * MIXTURES, 2 * MIXTURES, MIXTURES], dim=1)
    chosen = torch.multinomial(F.softmax(weights * (1 + bias), dim=1), 1)  # (B, 1)
    place, spread = (
        numbers.reshape(-1, MIXTURES, 2).gather(1, chosen[..., None].expand(-1, 1, 2))[:, 0]
        for numbers in (places, torch.exp(spreads - bias))
    )
    turn = torch.tanh(turns).gather(1, chosen)
    across, down = torch.randn(len(found), 2).chunk(2, dim=1)
    both = torch.cat([across, turn * across + (1 - turn**2).sqrt() * down], dim=1)
    return torch.cat([place + spread * both, torch.bernoulli(torch.sigmoid(-lift))], dim=1)


def one_hot(text: str) -> torch.Tensor:
    """A text as (1, U, characters)."""
    return F.one_hot(torch.tensor([[CHARACTERS.index(each) for each in text]]), len(CHARACTERS)).float()

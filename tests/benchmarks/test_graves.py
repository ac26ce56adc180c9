"""The recurrent network that lines are timed beside computes what its paper says."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from benchmarks.graves import MIXTURES, Handwriting, draw, one_hot  # noqa: E402


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return Handwriting().eval()


def test_the_window_moves_along_the_text(network):
    """With weights 1, widths 2 and steps .5 in all ten parts, as equations 46 to 51 have it."""
    torch.nn.init.zeros_(network.to_window.weight)
    bias = np.repeat(np.log([1.0, 2.0, 0.5]), 10).astype(np.float32)
    network.to_window.bias.data = torch.tensor(bias)
    text, places = one_hot("sea"), torch.zeros(1, 10)
    hidden = torch.randn(1, 400)
    for step in (1, 2):
        places, shown = network.look(hidden, text, places)
        np.testing.assert_allclose(places.detach(), np.full((1, 10), 0.5 * step), rtol=1e-6)
        expected = 10 * np.exp(-2.0 * (0.5 * step - np.arange(3)) ** 2)
        np.testing.assert_allclose((shown @ text[0].T).detach()[0], expected, rtol=1e-5)


def test_points_are_drawn_by_their_distribution():
    """Two of twenty places are likely; spreads, their correlation and the lifts are those asked for."""
    count = 20_000
    lift, weights = torch.full((count, 1), np.log(3.0)), torch.full((count, MIXTURES), -50.0)
    weights[:, 4], weights[:, 7] = np.log(3.0), 0.0
    places, spreads = torch.zeros(count, MIXTURES, 2), torch.full((count, MIXTURES, 2), np.log(0.5))
    places[:, 4], places[:, 7] = torch.tensor([10.0, 0.0]), torch.tensor([-10.0, 0.0])
    turns = torch.full((count, MIXTURES), np.arctanh(0.8))
    flat = [each.reshape(count, -1).float() for each in (lift, weights, places, spreads, turns)]
    torch.manual_seed(1)
    points = draw(torch.cat(flat, dim=1), bias=0.0).numpy()
    right = points[points[:, 0] > 0]
    assert len(right) / count == pytest.approx(0.75, abs=0.02)
    np.testing.assert_allclose(right[:, :2].mean(axis=0), [10, 0], atol=0.02)
    np.testing.assert_allclose(np.cov(right[:, :2].T), 0.25 * np.array([[1, 0.8], [0.8, 1]]), atol=0.01)
    assert points[:, 2].mean() == pytest.approx(0.25, abs=0.02)
    torch.manual_seed(1)
    biased = draw(torch.cat(flat, dim=1), bias=1.0).numpy()
    right = biased[biased[:, 0] > 0]
    assert len(right) / count == pytest.approx(0.9, abs=0.02)  # 9 to 1
    assert right[:, 0].std() == pytest.approx(0.5 / np.e, rel=0.05)


def test_what_was_given_decides(network):
    given = torch.randn(2, 5, 3)

    def written(points):
        torch.manual_seed(2)
        return network.write(points, "a ", "sea", 7)

    one, again, other = written(given[0]), written(given[0]), written(given[1])
    assert one.shape == (7, 3)
    assert torch.isfinite(one).all()
    assert torch.equal(one, again)
    assert not torch.allclose(one, other)

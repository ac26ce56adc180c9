"""Inputs for the signatures of networks, and what the Python networks make of them."""

from __future__ import annotations

import numpy as np

from tfhand.models.networks import Networks
from tfhand.models.registry import SPECS
from tfhand.models.serving import Signatures

Inputs = dict[str, dict[str, np.ndarray]]
SAMPLES = 4  # of a set, where its size is free


def inputs_of(networks: Networks, count: int = 3, samples: int = SAMPLES) -> Inputs:
    """Random inputs by signature and name: `count` in a batch, and of the sets of samples some that are not full."""
    rng, inputs = np.random.default_rng(0), {}
    whole = min(len(networks.characters), getattr(networks, "writer_count", 0) or 10**9)
    for name, signature in SPECS[networks.family].signatures(networks).items():
        inputs[name] = {}
        for key, (shape, dtype) in signature.inputs.items():
            full = count, *(samples if side is None else side for side in shape)
            inputs[name][key] = (
                rng.integers(0, whole, full).astype(np.int32)
                if dtype == "int32"
                else rng.uniform(-1, 1, full).astype(np.float32)
            )
        if "mask" in inputs[name]:
            inputs[name]["mask"] = (np.arange(samples) <= np.arange(count)[:, None]).astype(np.float32)
    return inputs


def outputs_of(signatures: Signatures, inputs: Inputs) -> dict[str, np.ndarray]:
    """What the functions of the signatures give, by signature."""
    return {
        name: np.asarray(signature.function(*(inputs[name][key] for key in signature.inputs)))
        for name, signature in signatures.items()
    }


def assert_alike(
    networks: Networks, signature: str, found: np.ndarray, expected: np.ndarray, *, atol: float, share: float
) -> None:
    """A signature gives what the networks give, within rounding.

    The forms of letters given to an alphabet are found by steps down a gradient, which make more of a rounding error:
    only a `share` of their numbers need be the same.
    """
    apart = np.abs(np.asarray(found) - expected)
    of_steps = (networks.family, signature) == ("alphabet", "encode_hand")
    assert np.quantile(apart, share if of_steps else 1.0) <= atol, f"{signature}: {apart.max()} apart"

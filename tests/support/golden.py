"""What a shipped preset gives for fixed inputs, kept in tests/golden/NAME.npz, so that no change of code goes unseen.

After a preset was trained anew, from the checkout's folder:

    python -m tests.support.golden NAME

The file holds inputs and outputs; the inputs are kept and not drawn again, since the code that draws them may change
too. Commit it together with the preset, and never to make a test pass whose preset did not change.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from tfhand.core.charset import CHARACTERS
from tfhand.core.files import atomic_write
from tfhand.data import synthetic
from tfhand.hands.glyph import as_network_input
from tfhand.models import presets, registry

FOLDER = Path(__file__).resolve().parents[1] / "golden"
LETTERS = 10  # samples that a hand is known by
Arrays = dict[str, np.ndarray]


def inputs(networks) -> Arrays:
    """Glyphs of two procedural writers, as many as the preset has characters or ten, and noise."""
    size = networks.config.image_size
    characters = "".join(one for one in networks.config.characters if one in CHARACTERS)  # that synthetic writers write
    rng = np.random.default_rng(62)
    own = synthetic.archive(2, 1, seed=9000, characters=characters)
    chosen = np.stack([rng.permutation(len(characters))[:LETTERS] for _ in range(2)])
    glyphs = [own.render(chosen[writer] + writer * len(characters), size) for writer in range(2)]
    widths = {name: getattr(networks.config, name, 1) for name in ("code_size", "noise_size", "latent_size")}
    if networks.family == "alphabet":
        widths["noise_size"] = networks.noise_size
    return {
        "glyphs": np.stack(glyphs),
        "characters": chosen.astype(np.int32),
        **{name: rng.standard_normal((len(characters), width), np.float32) for name, width in widths.items()},
    }


def outputs(networks, given: Arrays) -> Arrays:
    """What the networks make of the inputs, one array for each of their uses; images in [-1, 1]."""
    made = _OUTPUTS[networks.family](networks, given)
    return {name: np.asarray(array, np.float32) for name, array in made.items()}


def _hand(networks, given: Arrays) -> dict:
    glyphs, characters = as_network_input(given["glyphs"]), given["characters"]
    mask = np.ones(characters.shape, np.float32)
    mask[1, 3:] = 0
    codes = networks.encode(glyphs, characters, mask)
    every = np.arange(len(networks.config.characters), dtype=np.int32)
    learned = np.asarray(codes)[every % 2]
    return {
        "codes": codes,
        "images": networks.write(learned, every, given["noise_size"]),
        "random_images": networks.write(given["code_size"], every, given["noise_size"]),
    }


def _cgan(networks, given: Arrays) -> dict:
    every = np.arange(len(networks.config.characters), dtype=np.int32)
    if not networks.writer_count:
        return {"images": networks.generate(every, given["noise_size"])}
    transform = given["code_size"][: networks.writer_count, -networks.config.transform_size :]
    codes = np.asarray(networks.hand(np.arange(len(transform), dtype=np.int32), transform))
    return {
        "codes": codes,
        "images": networks.write(codes[every % len(codes)], every, given["noise_size"]),
        "random_images": networks.write(given["code_size"], every, given["noise_size"]),
    }


def _stylegan(networks, given: Arrays) -> dict:
    glyphs, characters = as_network_input(given["glyphs"]), given["characters"]
    every = np.arange(len(networks.config.characters), dtype=np.int32)
    styles = networks.truncate(networks.map(given["latent_size"], every), every, 0.7)
    codes = np.asarray(networks.encode(glyphs, characters, np.ones(characters.shape, np.float32)))
    return {
        "styles": styles,
        "codes": codes,
        "images": networks.synthesize(styles, every, given["noise_size"]),
        "written_images": networks.write(codes[every % 2], every, given["noise_size"]),
    }


def _stargan(networks, given: Arrays) -> dict:
    glyphs = as_network_input(given["glyphs"]).reshape(-1, *given["glyphs"].shape[2:], 1)
    found = networks.encode_style(glyphs, given["characters"].ravel())
    every = np.arange(len(networks.config.characters), dtype=np.int32)
    mapped = networks.map_latent(given["latent_size"], every)
    styles = np.asarray(mapped)[np.arange(len(glyphs)) % len(every)]
    return _styles_of_several(networks, given) | {
        "found_styles": found,
        "mapped_styles": mapped,
        "images": networks.translate(glyphs, styles),
        "copied_images": networks.translate(glyphs, np.asarray(found)[::-1]),
    }


def _styles_of_several(networks, given: Arrays) -> dict:
    if networks.config.references == 1:
        return {}
    glyphs, characters = as_network_input(given["glyphs"]), given["characters"]
    mask = np.ones(characters.shape, np.float32)
    mask[1, 3:] = 0
    return {"hand_styles": networks.encode_hand(glyphs, characters, mask, characters[:, 0])}


def _strokes(networks, given: Arrays) -> dict:
    glyphs = as_network_input(given["glyphs"]).reshape(-1, *given["glyphs"].shape[2:], 1)
    characters = given["characters"].ravel()
    forms = networks.forms_of(glyphs, characters)
    return {"forms": forms, "strokes": networks.strokes(forms, characters)}


def _alphabet(networks, given: Arrays) -> dict:
    glyphs, characters = as_network_input(given["glyphs"]), given["characters"]
    codes = networks.encode(glyphs, characters, np.ones(characters.shape, np.float32))
    every = np.arange(len(networks.config.characters), dtype=np.int32)
    learned = np.asarray(codes)[every % 2]
    return {"codes": codes, "images": networks.write(learned, every, given["noise_size"])}


def _reader(networks, given: Arrays) -> dict:
    glyphs = as_network_input(given["glyphs"]).reshape(-1, *given["glyphs"].shape[2:], 1)
    return {"logits": networks(glyphs), "features": networks.features(glyphs)}


def _verifier(networks, given: Arrays) -> dict:
    glyphs, characters = as_network_input(given["glyphs"]), given["characters"]
    mask = np.ones(characters.shape, np.float32)
    mask[1, 3:] = 0
    return {"embeddings": networks(glyphs, characters, mask)}


def _aligner(networks, given: Arrays) -> dict:
    """Of lines in which the glyphs stand side by side."""
    lines = as_network_input(np.concatenate(given["glyphs"].swapaxes(0, 1), axis=2))  # (2, S, letters S, 1)
    reading, letters = networks(lines)
    return {"reading": reading, "letters": letters, "durations": networks.durations}


_OUTPUTS = {
    "hand": _hand,
    "cgan": _cgan,
    "stylegan": _stylegan,
    "stargan": _stargan,
    "strokes": _strokes,
    "alphabet": _alphabet,
    "reader": _reader,
    "verifier": _verifier,
    "stroke-verifier": _verifier,
    "aligner": _aligner,
}


def path_of(name: str) -> Path:
    """Where the golden file of a preset lies."""
    return FOLDER / f"{name}.npz"


def save(path: Path, networks) -> None:
    """Writes a golden file from what the networks give now."""
    given = inputs(networks)
    named = {f"in {name}": array for name, array in given.items()}
    named |= {f"out {name}": array.astype(np.float16) for name, array in outputs(networks, given).items()}
    with atomic_write(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **named)


def load(path: Path) -> tuple[Arrays, Arrays]:
    """(inputs, outputs) that a golden file holds."""
    with np.load(path, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    parts = ("in ", "out ")
    given, made = (
        {name.removeprefix(part): array for name, array in arrays.items() if name.startswith(part)} for part in parts
    )
    return given, made


def differences(path: Path, networks) -> dict[str, float]:
    """The largest distance of each output from the golden file's; for what is no image, over its standard deviation."""
    given, made = load(path)
    found = {}
    for name, array in outputs(networks, given).items():
        golden = made[name].astype(np.float32)
        assert golden.shape == array.shape, f"{name} has the shape {array.shape}, and had {golden.shape}"
        unit = 1.0 if name.endswith("images") else max(float(golden.std()), 1e-6)
        found[name] = float(np.abs(array - golden).max()) / unit
    return found


if __name__ == "__main__":
    for preset in sys.argv[1:]:
        folder = presets.find(preset)
        save(path_of(folder.name), registry.load(folder))
        print(f"Wrote {path_of(folder.name)}.")

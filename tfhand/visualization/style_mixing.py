"""A sheet of style mixing: grids for several characters and crossovers, on random styles or a person's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tfhand.errors import HandwritingError, TextError
from tfhand.hands.glyph import as_network_input
from tfhand.visualization.gan_figures import Sources, mixing, random_styles
from tfhand.visualization.grids import add_margin, arrange

if TYPE_CHECKING:
    from tfhand.models.stylegan.networks import StyleGAN

MOST_CELLS = 10_000  # of a sheet, which then has fewer pixels than a scan


def mixing_sheet(
    networks: StyleGAN,
    own: Mapping[str, Sources],
    characters: str | None,
    crossovers: Sequence[int],
    shape: tuple[int, int],
    psi: float,
    seed: int,
) -> np.ndarray:
    """Grids of style mixing, see `gan_figures.mixing`.

    Args:
        networks: that draw from styles.
        own: sources of the coarse layers by character; random hands if empty.
        characters: a grid for each; None for all of `own`, or an a.
        crossovers: a grid for each; the middle layer if empty.
        shape: rows and columns of a grid, at most.
        psi: truncation of random styles.
        seed: of random hands.

    Returns:
        uint8 array of shape (height, width), black ink on white.

    Raises:
        HandwritingError: characters, crossovers or numbers that cannot be.
    """
    characters, crossovers = _characters(networks, own, characters), _crossovers(networks, crossovers)
    rows, columns = shape
    if len(characters) * rows * columns * len(crossovers) > MOST_CELLS:
        raise HandwritingError(
            f"That is more than {MOST_CELLS:,} cells; ask for fewer rows, columns, characters or grids."
        )
    rng, size = np.random.default_rng(seed), networks.config.latent_size
    above, left = (rng.standard_normal((count, size), np.float32) for count in (columns, rows))
    blocks = []
    for character in characters:
        random = None if own else Sources(character, random_styles(networks, left, character, psi))
        coarse = random or own[character].first(rows)
        fine = random_styles(networks, above, character, psi)
        blocks.append(arrange([mixing(networks, coarse, fine, crossover) for crossover in crossovers], across=1))
    return add_margin(arrange(blocks))


def encoded_sources(networks: StyleGAN, characters: str, glyphs: np.ndarray) -> dict[str, Sources]:
    """A person's letters, uint8 (n, S, S), by character, with the styles that the encoder finds for them."""
    numbers = np.array([networks.characters.index(character) for character in characters], np.int32)
    styles = networks.layered(networks.encode_styles(as_network_input(glyphs), numbers))
    return _by_character(characters, np.asarray(styles), glyphs)


def projected_sources(networks: StyleGAN, path: Path, styles: np.ndarray, characters: str) -> dict[str, Sources]:
    """Projected letters by character.

    Args:
        networks: that are to draw them.
        path: of their file, for messages.
        styles: (n, layers, style_size).
        characters: that they draw, n.

    Raises:
        HandwritingError: styles of other networks.
    """
    if not set(characters).intersection(networks.characters):
        raise TextError(f"{path} holds no letter of this preset, which knows {networks.characters}.")
    wanted = len(characters), networks.layer_count, networks.config.style_size
    if styles.shape != wanted or styles.dtype.kind != "f" or not np.isfinite(styles).all():
        raise HandwritingError(
            f"{path} holds {styles.dtype} styles of shape {styles.shape}; "
            f"this preset asks for finite floats of shape {wanted}."
        )
    return _by_character(characters, styles.astype(np.float32))


def _by_character(text: str, styles: np.ndarray, glyphs: np.ndarray | None = None) -> dict[str, Sources]:
    places = {character: [at for at, one in enumerate(text) if one == character] for character in text}
    return {c: Sources(c, styles[these], None if glyphs is None else glyphs[these]) for c, these in places.items()}


def _crossovers(networks: StyleGAN, crossovers: Sequence[int]) -> Sequence[int]:
    layers = networks.layer_count
    if max(crossovers, default=0) > layers:
        raise HandwritingError(
            f"Styles have {layers} layers; a crossover is from 0 to {layers}, not {max(crossovers)}."
        )
    return crossovers or [layers // 2]


def _characters(networks: StyleGAN, own: Mapping[str, Sources], characters: str | None) -> str:
    """The characters of the grids, each once."""
    known = networks.characters
    there = "".join(character for character in known if character in own) if own else known
    default = there if own else "a" if "a" in known else known[0]
    chosen = "".join(dict.fromkeys(default if characters is None else characters))
    if not chosen:
        raise TextError("--characters is empty; there is nothing to mix.")
    if unknown := [character for character in chosen if character not in there]:
        whose = "of the letters given this preset knows" if own else "this preset knows"
        raise TextError(f"Cannot mix {' '.join(unknown)}; {whose} {there}.")
    return chosen

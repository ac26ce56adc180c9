"""Figures of what a generator has learned; the same seed gives the same figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from tfhand.core.charset import geometry
from tfhand.errors import HandwritingError
from tfhand.hands.glyph import BOX_SHARE, as_glyphs, inverted
from tfhand.models.batches import predict_in_batches
from tfhand.visualization.grids import MARGIN, add_margin, alphabets, arrange, grid

if TYPE_CHECKING:
    from tfhand.models.cgan.networks import ConditionalGAN
    from tfhand.models.protocol import HandWriter
    from tfhand.models.stylegan.networks import StyleGAN

DRAWS = 8  # rows of random hands
PSI = (0.0, 0.25, 0.5, 0.7, 1.0, 1.3)  # truncations in the figure
LARGEST_PSI = 3  # beyond it the letters dissolve
X_HEIGHT, APART = 36, 0.3  # of a word: pixels, and x-heights from one letter to the next


@dataclass(frozen=True)
class Sources:
    """Styles of one character whose coarse layers are to be mixed with the fine layers of others.

    Attributes:
        character: that they draw.
        styles: (R, layers, style_size).
        real: the letters for which the styles were found, uint8 (R, S, S); None for random styles.
    """

    character: str
    styles: np.ndarray
    real: np.ndarray | None = None

    def first(self, count: int) -> Sources:
        """The first `count` of them, or all where there are fewer."""
        return Sources(self.character, self.styles[:count], None if self.real is None else self.real[:count])


def random_styles(networks: StyleGAN, latent: np.ndarray, character: str, psi: float) -> np.ndarray:
    """Truncated styles (n, layers, style_size) of a character in the hands of latents (n, latent_size).

    Raises:
        HandwritingError: a truncation psi beyond `LARGEST_PSI`.
    """
    if not abs(psi) <= LARGEST_PSI:
        raise HandwritingError(
            f"A truncation is a number from -{LARGEST_PSI} to {LARGEST_PSI}, mostly 0 to 1, not {psi}."
        )
    which = np.full(len(latent), networks.config.characters.index(character), np.int32)
    return np.asarray(networks.layered(networks.truncate(networks.map(latent, which), which, psi)))


def draw(
    networks: StyleGAN, styles: np.ndarray, characters: Sequence[str], noise: np.ndarray | None = None
) -> np.ndarray:
    """Glyphs of styles: uint8 (n, S, S), white ink on black.

    Args:
        networks: that draw from styles.
        styles: (n, layers, style_size).
        characters: one for each.
        noise: (n, noise_size); without it the letters are drawn evenly, as the styles alone would have them.
    """
    which = np.array([networks.config.characters.index(character) for character in characters], np.int32)
    arrays = (styles, which) if noise is None else (styles, which, noise)
    return as_glyphs(predict_in_batches(networks.synthesize, *arrays))


def mixing(networks: StyleGAN, coarse: Sources, fine: np.ndarray, crossover: int) -> np.ndarray:
    """Style mixing: sources of the coarse layers at the left, of the fine ones above, and the mixtures between them.

    Karras et al. 2019 (arXiv 1812.04948), figure 3.

    Args:
        networks: that draw from styles.
        coarse: sources of the layers below `crossover`; where there are real letters, they stand before all.
        fine: sources of the other layers for the same character, (C, layers, style_size).
        crossover: a layer from 0, all is of the fine source, to `layer_count`, all is of the coarse one.

    Returns:
        uint8 array of shape (height, width).
    """
    rows, columns, layers = len(coarse.styles), len(fine), networks.layer_count
    mixed = networks.mix(
        np.repeat(coarse.styles, columns, axis=0), np.tile(fine, (rows, 1, 1)), np.array([crossover], np.int32)
    )
    styles = np.concatenate([fine, coarse.styles, np.asarray(mixed)])
    glyphs = draw(networks, styles, coarse.character * len(styles))
    cells = np.zeros((rows + 1, columns + 1, *glyphs.shape[1:]), np.uint8)
    cells[0, 1:], cells[1:, 0] = glyphs[:columns], glyphs[columns : columns + rows]
    cells[1:, 1:] = glyphs[columns + rows :].reshape(rows, columns, *glyphs.shape[1:])
    above: tuple[str, ...] = ()
    before = 1
    if coarse.real is not None:
        real = np.concatenate([np.zeros_like(cells[:1, 0]), coarse.real])
        cells = np.concatenate([real[:, None], cells], axis=1)
        above, before = ("real", "reconstructed", *[""] * columns), 2
    title = f"{coarse.character}: layers below {crossover} of {layers} from the left, the others from above"
    return grid(cells, title, above, sources=(1, before))


def style_samples(networks: StyleGAN, psi: float, seed: int) -> np.ndarray:
    """`DRAWS` random hands in rows, all characters in columns; every letter has its own noise."""
    config, rng = networks.config, np.random.default_rng(seed)
    latent = rng.standard_normal((DRAWS, config.latent_size), np.float32)
    styles = np.stack([random_styles(networks, latent, c, psi) for c in config.characters], axis=1)
    noise = rng.standard_normal((DRAWS * len(config.characters), config.noise_size), np.float32)
    glyphs = draw(networks, styles.reshape(-1, *styles.shape[2:]), config.characters * DRAWS, noise)
    return alphabets(glyphs.reshape(DRAWS, -1, *glyphs.shape[1:]), config.characters)


def letter_samples(
    networks: HandWriter, codes: np.ndarray, scale: float, seed: int, beside: Sequence[str] = ()
) -> np.ndarray:
    """All characters in rows, a row for each hand.

    Args:
        networks: that write.
        codes: hand codes (rows, code_size); where these are empty, all letters of a row share their noise.
        scale: standard deviation of the noise.
        seed: of the noise.
        beside: a caption for each row, or none.
    """
    rng, rows, count = np.random.default_rng(seed), len(codes), len(networks.characters)
    noise = scale * rng.standard_normal((rows, count if networks.code_size else 1, networks.noise_size), np.float32)
    noise = np.broadcast_to(noise, (rows, count, networks.noise_size)).reshape(rows * count, -1)
    numbers = np.tile(np.arange(count, dtype=np.int32), rows)
    glyphs = as_glyphs(predict_in_batches(networks.write, np.repeat(codes, count, axis=0), numbers, noise))
    return alphabets(glyphs.reshape(rows, count, *glyphs.shape[1:]), networks.characters, beside)


def between(writer: HandWriter, codes: np.ndarray, text: str, beside: Sequence[str], steps: int = 7) -> np.ndarray:
    """A text from one hand to another: a row for each step on the way from the first code to the second.

    Args:
        writer: that writes by hand codes.
        codes: of the two hands, (2, code_size).
        text: characters that it knows.
        beside: the names of the two hands.
        steps: rows, 2 or more.

    Returns:
        uint8 array of shape (height, width), black ink on white.
    """
    share = np.linspace(0, 1, steps, dtype=np.float32)[:, None]
    mixed = np.repeat((1 - share) * codes[:1] + share * codes[1:], len(text), axis=0)
    numbers = np.tile(np.array([writer.characters.index(character) for character in text], np.int32), steps)
    noise = np.zeros((len(numbers), writer.noise_size), np.float32)
    glyphs = as_glyphs(predict_in_batches(writer.write, mixed, numbers, noise))
    names = [beside[0], *[""] * (steps - 2), beside[1]]
    return add_margin(grid(glyphs.reshape(steps, len(text), *glyphs.shape[1:]), beside=names))


def writer_codes(networks: ConditionalGAN, writers: Sequence[int]) -> np.ndarray:
    """The hand codes of training writers by number, scanned in the average way, (n, code_size)."""
    transform = np.zeros((len(writers), networks.config.transform_size), np.float32)
    return np.asarray(networks.hand(np.array(writers, np.int32), transform))


def truncations(networks: StyleGAN, characters: str, hands: int, seed: int) -> np.ndarray:
    """For each character a grid: random hands in rows, truncated by the psi of the column."""
    latent = np.random.default_rng(seed).standard_normal((hands, networks.config.latent_size), np.float32)
    grids = []
    for character in characters:
        styles = np.stack([random_styles(networks, latent, character, psi) for psi in PSI], axis=1)
        glyphs = draw(networks, styles.reshape(-1, *styles.shape[2:]), character * (hands * len(PSI)))
        cells = glyphs.reshape(hands, len(PSI), *glyphs.shape[1:])
        grids.append(grid(cells, above=[f"psi {psi:g}" for psi in PSI]))
    return add_margin(arrange(grids, across=min(2, len(grids))))


def noises(
    networks: StyleGAN, characters: str, psi: float, seed: int, draws: int = 6, measured: int = 64
) -> np.ndarray:
    """One hand's letters in rows: without noise, with several draws of it, and the standard deviation over draws.

    Karras et al. 2019, figure 4. The deviation is that of `measured` draws, its largest value in black.
    """
    config, rng = networks.config, np.random.default_rng(seed)
    latent = rng.standard_normal((1, config.latent_size), np.float32)
    noise = rng.standard_normal((measured, config.noise_size), np.float32)
    noise[0] = 0
    rows = []
    for character in characters:
        styles = np.repeat(random_styles(networks, latent, character, psi), measured, axis=0)
        glyphs = draw(networks, styles, character * measured, noise)
        rows.append([*glyphs[: draws + 1], glyphs[1:].std(axis=0)])
    cells = np.stack(rows)
    cells[:, -1] *= 255 / max(cells[:, -1].max(), 1)
    above = ("no noise", *(f"draw {number}" for number in range(1, draws + 1)), "deviation")
    return add_margin(grid(np.rint(cells).astype(np.uint8), "", above))


def walk(networks: StyleGAN, text: str, psi: float, seed: int, frames: int = 48) -> np.ndarray:
    """A word in a hand that changes from frame to frame and returns to its beginning.

    The latent moves on the circle through two random latents and their opposites, so that it keeps the length of random
    latents and the last frame leads to the first.

    Returns:
        uint8 array of shape (frames, height, width), black ink on white.
    """
    first, second = np.random.default_rng(seed).standard_normal((2, 1, networks.config.latent_size), np.float32)
    turn = np.linspace(0, 2 * np.pi, frames, endpoint=False, dtype=np.float32)[:, None]
    latent = np.cos(turn) * first + np.sin(turn) * second
    letters = [draw(networks, random_styles(networks, latent, c, psi), c * frames) for c in text]
    return np.stack([_word(text, glyphs) for glyphs in zip(*letters, strict=True)])


def _word(text: str, glyphs: Sequence[np.ndarray]) -> np.ndarray:
    """Glyphs (S, S) on one line, each in the typical place of its character, so that no letter jumps between frames."""
    places, edge = [geometry(character) for character in text], 2 * MARGIN  # wide: a narrow letter's cell is not
    top, bottom = max(place.top for place in places), min(place.bottom for place in places)
    width = sum(place.width + APART for place in places)
    sheet = np.zeros([round(length * X_HEIGHT) + 2 * edge for length in (top - bottom, width)], np.uint8)
    x = 0.0
    for place, glyph in zip(places, glyphs, strict=True):
        side = round(max(place.height, place.width) / BOX_SHARE * X_HEIGHT)
        letter = np.asarray(Image.fromarray(glyph).resize((side, side), Image.Resampling.BICUBIC))
        across = edge + round((x + (place.width + APART) / 2) * X_HEIGHT - side / 2)
        down = edge + round((top - (place.top + place.bottom) / 2) * X_HEIGHT - side / 2)
        seen = sheet[down : down + side, across : across + side]
        np.maximum(seen, letter, out=seen)
        x += place.width + APART
    return inverted(sheet[MARGIN:-MARGIN, MARGIN:-MARGIN])

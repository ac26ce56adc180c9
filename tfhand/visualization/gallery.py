"""Which figures show what a preset has learned: that depends on what it can do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, cast

import numpy as np

from tfhand.errors import PresetError, TextError
from tfhand.models import presets, registry
from tfhand.models.spec import Capability
from tfhand.models.stylegan.config import TRUNCATION
from tfhand.synthesis.synthesizer import load
from tfhand.visualization import gan_figures

if TYPE_CHECKING:
    from tfhand.hands.hand import Hand
    from tfhand.models.cgan.networks import ConditionalGAN
    from tfhand.models.networks import Networks
    from tfhand.models.stylegan.networks import StyleGAN

Figures = Iterator[tuple[str, np.ndarray]]
TEXT, SHOWN, HANDS = "Hand273", "agR2", 4  # of the walk; of truncation and noise, where they are known; random hands
WRITERS = 3  # whose alphabets are shown
LONGEST = 30  # characters that the walk writes


def figures(
    preset: str,
    *,
    seed: int = 0,
    truncation: float | None = None,
    text: str | None = None,
    writers: Sequence[int] | None = None,
    hands: Sequence[tuple[str, Hand]] | None = None,
) -> Figures:
    """Figures of a preset by file name: uint8 (height, width), or (frames, height, width) for a moving one.

    Args:
        preset: a name or folder.
        seed: of all random choices.
        truncation: of random styles, where the preset has styles: 0 gives the mean style, 1 leaves them.
        text: that the walk writes, where the preset has styles, and the way between two hands.
        writers: numbers of training writers whose alphabets are shown, where the preset knows them.
        hands: of two people, with their names: the way from one to the other is then the only figure.

    Raises:
        HandwritingError: the preset does not write by itself, or something is asked of it that it does not have.
    """
    registry.require_capability(preset, Capability.WRITES, "PRESET")
    able = registry.capabilities(preset)
    if Capability.TRANSLATES in able:
        raise PresetError(f"The preset {preset} rewrites letters and draws none by itself; choose another.")
    if hands is not None:
        if Capability.KEEPS_HAND not in able:
            raise PresetError(f"The preset {preset} keeps nobody's hand; leave --hands out.")
        return _between_figures(preset, hands, text)
    if Capability.HAS_STYLES in able:
        if writers is not None:
            raise PresetError(f"The preset {preset} draws from styles and knows no writers; leave --writers out.")
        return _style_figures(cast("StyleGAN", registry.load(preset)), truncation, text, seed)
    for flag, value in (("text", text), ("truncation", truncation)):
        if value is not None:
            raise PresetError(f"The preset {preset} has no styles; leave --{flag} out.")
    if Capability.HAS_WRITERS not in able:
        if writers is not None:
            raise PresetError(f"The preset {preset} knows no writers; leave --writers out.")
        return _letter_figures(registry.load(preset), seed)
    scale = presets.generation_of(preset).noise_scale
    return _writer_figures(cast("ConditionalGAN", registry.load(preset)), writers, scale, seed)


def _letter_figures(networks: Networks, seed: int) -> Figures:
    """Random hands; where only the character is asked for, random noise."""
    writer, rng = networks.as_hand_writer(), np.random.default_rng(seed)
    codes = np.stack([writer.random_hand(rng) for _ in range(gan_figures.DRAWS)])
    yield "samples.png", gan_figures.letter_samples(writer, codes, 1.0, seed)


def _between_figures(preset: str, hands: Sequence[tuple[str, Hand]], text: str | None) -> Figures:
    """A text on the way from one person's hand to another's."""
    pen = load(preset)
    codes, writer = np.stack([pen.code(hand) for _, hand in hands]), pen.pipeline.writer
    shown = _checked(text, writer.characters)
    yield "between.png", gan_figures.between(writer, codes, shown, [name for name, _ in hands])


def _writer_figures(networks: ConditionalGAN, writers: Sequence[int] | None, noise_scale: float, seed: int) -> Figures:
    """The alphabets of training writers."""
    count = networks.writer_count
    drawn = np.random.default_rng(seed).permutation(count)[: gan_figures.DRAWS].tolist()
    chosen = writers or drawn[:WRITERS]
    if max(chosen) >= count:
        raise PresetError(f"The preset knows {count} writers, from 0 to {count - 1}; there is no {max(chosen)}.")
    for name, some, scale in (("samples.png", drawn, 1.0), ("writers.png", chosen, noise_scale)):
        codes, beside = gan_figures.writer_codes(networks, some), [f"person {writer}" for writer in some]
        yield name, gan_figures.letter_samples(networks, codes, scale, seed, beside)


def _style_figures(networks: StyleGAN, truncation: float | None, text: str | None, seed: int) -> Figures:
    """Random hands, the effect of truncation and noise, and a walk through hands."""
    known = networks.characters
    psi = TRUNCATION if truncation is None else truncation
    text = _checked(text, known)
    shown = "".join(dict.fromkeys(_known(SHOWN, known) + known))[: len(SHOWN)]
    yield "samples.png", gan_figures.style_samples(networks, psi, seed)
    yield "truncation.png", gan_figures.truncations(networks, shown, HANDS, seed)
    yield "noise.png", gan_figures.noises(networks, shown, psi, seed)
    yield "walk.gif", gan_figures.walk(networks, text, psi, seed)


def _checked(text: str | None, known: str) -> str:
    """A text that can be written; where none is given, as much of the usual one as can be.

    Raises:
        TextError: empty, too long, or with characters that are not known.
    """
    if text is None:
        return _known(TEXT, known) or known[: len(TEXT)]
    if not text:
        raise TextError("--text is empty; there is nothing to write.")
    if unknown := dict.fromkeys(character for character in text if character not in known):
        raise TextError(f"Cannot write {' '.join(unknown)}; this preset knows {known}.")
    if len(text) > LONGEST:
        raise TextError(f"--text has {len(text)} characters; the walk writes at most {LONGEST}.")
    return text


def _known(text: str, characters: str) -> str:
    return "".join(character for character in text if character in characters)

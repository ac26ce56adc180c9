"""What every family's configuration is held to."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

LARGEST_IMAGE = 512  # pixels; a slip of the finger should not ask for terabytes


def check_sizes(config: Any, may_be_zero: tuple[str, ...] = ()) -> None:
    """No weight is negative, and no size less than 1 but those that may be zero.

    Raises:
        ValueError: otherwise, with a sentence.
    """
    for name in (field.name for field in fields(config)):
        value = getattr(config, name)
        for number in value if isinstance(value, tuple) else (value,):
            least = 0 if isinstance(number, float) or name in may_be_zero else 1
            if not isinstance(number, (str, bool)) and number < least:
                raise ValueError(f"{name} must be {least} or more, not {number}.")
    if getattr(config, "image_size", 0) > LARGEST_IMAGE:
        raise ValueError(f"image_size is at most {LARGEST_IMAGE} pixels, not {config.image_size}.")


def check_letters(config: Any, least: int = 2) -> None:
    """The sizes of what draws letters from characters, and of what judges them, go together.

    Args:
        config: of a family.
        least: how many characters there must be.

    Raises:
        ValueError: they do not, with a sentence.
    """
    check_doublings(config, "generator_widths")
    check_halvings(config, "discriminator_widths")
    check_characters(config.characters, least)
    if len(config.discriminator_widths) < 3:
        raise ValueError("discriminator_widths must have three entries or more; matching looks at inner maps.")


def check_doublings(config: Any, name: str) -> None:
    """These widths, one for each doubling, lead from 4 x 4 pixels to the image's size.

    Raises:
        ValueError: they do not, with a sentence.
    """
    count = len(getattr(config, name))
    size = 4 * 2 ** (count - 1)
    if config.image_size != size:
        raise ValueError(
            f"{name} has {count} entries, which is for {size} pixels, but image_size is {config.image_size}."
        )


def check_halvings(config: Any, name: str) -> None:
    """The image can be halved as often as these widths, from full size down, ask for.

    Raises:
        ValueError: it cannot, with a sentence.
    """
    if config.image_size < 2 ** (len(getattr(config, name)) - 1):
        raise ValueError(f"{name} halves {config.image_size} pixels more often than can be.")


def check_characters(characters: str, least: int = 1) -> None:
    """There are enough characters, each once.

    Raises:
        ValueError: otherwise, with a sentence.
    """
    if len(set(characters)) != len(characters) or len(characters) < least:
        raise ValueError(f"characters must be {least} or more, each once.")


def check_groups(train_config: Any) -> None:
    """A batch is made of whole groups.

    Raises:
        ValueError: it is not, with a sentence.
    """
    if train_config.batch_size % train_config.group:
        raise ValueError(
            f"batch_size must be a multiple of group, {train_config.group}, not {train_config.batch_size}."
        )

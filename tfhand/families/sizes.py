"""What every family's settings are held to."""

from __future__ import annotations

from dataclasses import fields

LARGEST_IMAGE = 512  # pixels; a slip of the finger should not ask for terabytes


def check_sizes(settings: object, may_be_zero: tuple[str, ...] = ()) -> None:
    """No weight is negative, and no size less than 1 but those that may be zero.

    Raises:
        ValueError: otherwise, with a sentence.
    """
    for name in (field.name for field in fields(settings)):
        value = getattr(settings, name)
        for number in value if isinstance(value, tuple) else (value,):
            least = 0 if isinstance(number, float) or name in may_be_zero else 1
            if not isinstance(number, (str, bool)) and number < least:
                raise ValueError(f"{name} must be {least} or more, not {number}.")
    if getattr(settings, "image_size", 0) > LARGEST_IMAGE:
        raise ValueError(f"image_size is at most {LARGEST_IMAGE} pixels, not {settings.image_size}.")


def check_letters(settings: object) -> None:
    """The sizes of what draws letters from characters, and of what judges them, go together.

    Raises:
        ValueError: they do not, with a sentence.
    """
    size = 4 * 2 ** (len(settings.generator_widths) - 1)
    if settings.image_size != size:
        raise ValueError(
            f"generator_widths has {len(settings.generator_widths)} entries and draws {size} pixels, but image_size is "
            f"{settings.image_size}."
        )
    if settings.image_size < 2 ** (len(settings.discriminator_widths) - 1):
        raise ValueError(f"discriminator_widths halves {settings.image_size} pixels more often than can be.")
    if len(settings.discriminator_widths) < 3:
        raise ValueError("discriminator_widths must have three entries or more; matching looks at inner maps.")
    if len(set(settings.characters)) != len(settings.characters) or len(settings.characters) < 2:
        raise ValueError("characters must be two or more, each once.")

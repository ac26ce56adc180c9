"""Measurements of glyphs: traits of a hand, and distances between two sets of features."""

from tfhand.metrics.distribution import frechet_distance, kernel_distance
from tfhand.metrics.traits import (
    TRAITS,
    curvature,
    enclosed_space,
    end_stroke_share,
    mass_height,
    relative_length,
    slant,
    thickness,
    width_to_height,
)

__all__ = [
    "TRAITS",
    "curvature",
    "enclosed_space",
    "end_stroke_share",
    "frechet_distance",
    "kernel_distance",
    "mass_height",
    "relative_length",
    "slant",
    "thickness",
    "width_to_height",
]

"""Figures read off glyphs: traits of a hand, and how far two sets of glyphs lie apart."""

from tfhand.metrics.distribution import frechet_distance, kernel_distance
from tfhand.metrics.traits import TRAITS, curvature, ends, holes, length, mass, slant, thickness, width_to_height

__all__ = [
    "TRAITS",
    "curvature",
    "ends",
    "frechet_distance",
    "holes",
    "kernel_distance",
    "length",
    "mass",
    "slant",
    "thickness",
    "width_to_height",
]

"""From a photo or scan of handwriting to a Hand, without any network."""

from tfhand.scan.line import read_line

__all__ = ["read_line"]

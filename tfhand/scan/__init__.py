"""From a photo or scan of handwriting to a Hand, without any network."""

from tfhand.scan.line import read_line
from tfhand.scan.sheet import read_sheet

__all__ = ["read_line", "read_sheet"]

"""From a photo or scan of handwriting to a Hand, without any network.

`read_*` give a Hand or say what is wrong; `find_*` give all that was seen on a sheet, box by box.
`scan.image` finds the ink; `scan.line` reads lines of writing, and `scan.sheet` reads sheets of boxes.
"""

from tfhand.scan.line import read_line, read_lines
from tfhand.scan.sheet import find_grid, find_sheet, read_grid, read_sheet

__all__ = ["find_grid", "find_sheet", "read_grid", "read_line", "read_lines", "read_sheet"]

"""From a photo or scan of handwriting to a Hand; networks only help where a reader is given.

`read_*` give a Hand or say what is wrong; `find_*` give all that was seen, letter by letter or box by box.
`scan.image` finds the paper and the ink; `scan.line` reads lines of writing, and `scan.sheet` reads sheets of boxes.
"""

from tfhand.scan.line import find_line, find_lines, read_line, read_lines
from tfhand.scan.sheet import find_form, find_grid, find_sheet, read_grid, read_sheet

__all__ = [
    "find_form",
    "find_grid",
    "find_line",
    "find_lines",
    "find_sheet",
    "read_grid",
    "read_line",
    "read_lines",
    "read_sheet",
]

"""From a photo or scan of handwriting to a Hand, without any network.

`read_*` give a Hand or say what is wrong; `find_*` give all that was seen on a sheet, box by box.
"""

from tfhand.scan.grid import find_grid, read_grid
from tfhand.scan.line import read_line
from tfhand.scan.paragraph import read_lines
from tfhand.scan.sheet import find_sheet, read_sheet

__all__ = ["find_grid", "find_sheet", "read_grid", "read_line", "read_lines", "read_sheet"]

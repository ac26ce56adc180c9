"""Sheets of boxes: the layout and print of our own, and the reading of filled-in sheets, ours and those of others."""

from tfhand.scan.sheet.form import find_form
from tfhand.scan.sheet.grid import find_grid, read_grid
from tfhand.scan.sheet.reading import find_sheet, read_sheet

__all__ = ["find_form", "find_grid", "find_sheet", "read_grid", "read_sheet"]

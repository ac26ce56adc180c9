"""Lines of writing whose text is known, read into a Hand: each character finds its ink by alignment with the text."""

from tfhand.scan.line.paragraph import find_lines, read_lines
from tfhand.scan.line.reading import find_line, read_line

__all__ = ["find_line", "find_lines", "read_line", "read_lines"]

"""Lines of writing whose text is known, read into a Hand: each character finds its ink by alignment with the text."""

from tfhand.scan.line.paragraph import read_lines
from tfhand.scan.line.reading import find_characters, read_line

__all__ = ["find_characters", "read_line", "read_lines"]

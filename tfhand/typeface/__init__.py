"""A font from a person's letters: outlines, spacing, kerning, and alternates that take turns.

font = typeface.build({"a": [sample, second], "b": [third]}, "My Hand")
typeface.save(font, "MyHand.ttf")
"""

from tfhand.typeface.files import check_font_path, save
from tfhand.typeface.specimen import shaping_engine, specimen
from tfhand.typeface.tables import build, check_name

__all__ = ["build", "check_font_path", "check_name", "save", "shaping_engine", "specimen"]

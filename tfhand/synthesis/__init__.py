"""A preset, a Hand and a text to glyphs and a page."""

"""One person's glyphs: in memory, as images, and on disk."""

"""Networks that learn a hand: a few glyphs to a hand code, a hand code and a character to a glyph."""

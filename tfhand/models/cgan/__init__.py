"""The conditional GAN: a character, and a writer if wanted, to a glyph."""

"""StarGAN v2: a glyph rewritten as another character."""

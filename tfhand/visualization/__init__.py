"""Pictures: captioned grids of glyphs, and figures of what GANs have learned."""

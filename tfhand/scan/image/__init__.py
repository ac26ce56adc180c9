"""From a picture to ink: even light, no printed rulings, ink apart from paper, connected strokes, one glyph cut out."""

"""The verifier that goes by pen strokes: did one person write these two sets of glyphs?"""

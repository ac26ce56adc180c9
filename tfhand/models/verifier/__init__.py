"""The verifier: did one person write these two sets of glyphs?"""

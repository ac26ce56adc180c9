"""The aligner: where does each letter of a known text stand in a line of handwriting?"""

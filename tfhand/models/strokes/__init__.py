"""Pictures of letters to pen strokes and back: a letter's form as a few numbers."""

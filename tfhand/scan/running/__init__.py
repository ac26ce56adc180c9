"""Running writing whose text is known: words are found on its lines, and letters within them by an aligner."""

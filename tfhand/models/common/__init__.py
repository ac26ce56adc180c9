"""What the families share whose networks draw a character from a hand code."""

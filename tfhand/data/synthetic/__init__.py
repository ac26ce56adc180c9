"""Synthetic writers: any number of people who never lived, with known habits."""

from tfhand.data.synthetic.writers import SyntheticWriter, archive

__all__ = ["SyntheticWriter", "archive"]

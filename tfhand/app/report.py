"""The fourth part of the page."""

from __future__ import annotations


class Compare:
    def __init__(self, app):
        pass

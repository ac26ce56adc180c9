"""The networks that the page uses, loaded once for all people."""

from __future__ import annotations

import threading
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tfhand.models.presets import DEFAULT

if TYPE_CHECKING:
    from tfhand.synthesis.synthesizer import Synthesizer

READER, ALIGNER, VERIFIER = "reader62", "aligner62", "judge62"


class Models:
    """Networks by the part that they play; each is loaded when it is first asked for.

    Args:
        preset: that writes, by name or folder.
        reader: that checks letters; empty to check none.
        aligner: that finds the letters of joined writing.
        verifier: that says how like letters are.
    """

    def __init__(self, preset: str = DEFAULT, reader: str = READER, aligner: str = ALIGNER, verifier: str = VERIFIER):
        self.preset, self.reader_name, self.aligner_name, self.verifier_name = preset, reader, aligner, verifier
        self._loading = threading.RLock()

    def start(self) -> None:
        """Loads them in the background, and has them write once, as the first time takes longest."""
        threading.Thread(
            target=lambda: (self.pen.glyphs(self.pen.learned), self.reader), name="tfhand-models", daemon=True
        ).start()

    @property
    def pen(self) -> Synthesizer:
        """What writes."""
        with self._loading:
            return self._pen

    @property
    def reader(self) -> Any:
        """What reads letters; None for none."""
        with self._loading:
            return self._reader

    @property
    def verifier(self) -> Any:
        """What says how like letters are."""
        with self._loading:
            return self._verifier

    @cached_property
    def _pen(self) -> Synthesizer:
        from tfhand.synthesis.synthesizer import load

        return load(self.preset)

    @cached_property
    def _reader(self) -> Any:
        from tfhand.models import registry

        return registry.load(self.reader_name) if self.reader_name else None

    @cached_property
    def _verifier(self) -> Any:
        from tfhand.models import registry

        return registry.load(self.verifier_name)

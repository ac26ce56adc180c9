"""A configuration with all kinds of settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tfhand.core.config import setting


@dataclass(frozen=True)
class Knobs:
    """All kinds of settings."""

    count: int = setting(3, "how many")
    rate: float = setting(0.5, "how fast, which takes 50% of the time")
    widths: tuple[int, ...] = setting((4, 8), "channels")
    name: str | None = setting(None, "what it is called")
    mode: Literal["up", "down"] = setting("up", "which way")
    loud: bool = setting(True, "whether it is heard")

"""Training: the Trainer, shared losses, callbacks, run folders and run configuration.

config = RunConfig.resolve(SPECS["reader"], {"data": ["synthetic:40"], "steps": 200})
run = fit(config)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tfhand.training.fitting import fit
    from tfhand.training.run_config import RunConfig, RunOptions
    from tfhand.training.run_directory import RunDirectory

_HOMES = {"fit": "fitting", "RunConfig": "run_config", "RunOptions": "run_config", "RunDirectory": "run_directory"}
__all__ = ["RunConfig", "RunDirectory", "RunOptions", "fit"]


def __getattr__(name: str):
    if name in _HOMES:
        return getattr(importlib.import_module(f"tfhand.training.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'tfhand.training' has no attribute {name!r}")

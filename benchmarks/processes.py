"""What a benchmark measures in a process of its own, from its start on."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time

RUNTIME, STARTED = "TFHAND_RUNTIME", "TFHAND_STARTED"  # environment variables of the process that is measured
MEBIBYTE = 1024  # of the kibibytes in which the kernel counts


def measure_alone(module: str, *words: str, runtime: str) -> dict[str, float]:
    """What a new process prints as JSON that runs a module, with presets run by `runtime`."""
    environment = {**os.environ, RUNTIME: runtime, STARTED: str(time.time()), "TF_CPP_MIN_LOG_LEVEL": "3"}
    result = subprocess.run(
        [sys.executable, "-m", module, *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return json.loads(result.stdout)


def started() -> float:
    """When this process was started, in seconds as `time.time` counts them."""
    return float(os.environ[STARTED])


def most_memory() -> float:
    """The most memory that this process has held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEBIBYTE

"""`python -m tests.support.worker`: a process of several devices, or one of several workers, for tests that need one.

worker DEVICES fit WORDS...                      the fit command
worker DEVICES steps FOLDER STRATEGY FAMILY...   steps of trainings of `quick`, whose losses and states go there
worker DEVICES rows                              under JAX: how many of eight rows each device computes
worker DEVICES products                          under TensorFlow: the devices that multiply matrices, each time once
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STEPS = 3  # lazy terms are due at the first, but not at the second
_outputs: dict[int, list[Path]] = {}


def start(*words: str | Path | int, devices: int = 1, backend: str = "tensorflow", **known: str) -> subprocess.Popen:
    """Starts one, in the working directory, with these environment variables besides."""
    settings = {"KERAS_BACKEND": backend, "JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": str(ROOT)}
    settings["XLA_FLAGS"] = f"--xla_force_host_platform_device_count={devices} --xla_backend_optimization_level=0"
    command = [sys.executable, "-m", "tests.support.worker", str(devices), *map(str, words)]
    environment = {**os.environ, **settings, **known}
    said, error = paths = [Path(tempfile.mkdtemp()) / name for name in ("said", "error")]
    with said.open("w") as one, error.open("w") as other:  # no pipes: a full one would stop it, and all others
        process = subprocess.Popen(command, stdout=one, stderr=other, env=environment)
    _outputs[process.pid] = paths
    return process


def start_workers(count: int, *words: str | Path | int) -> list[subprocess.Popen]:
    """Starts so many workers that know each other, the chief first."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        names = [f"127.0.0.1:{one.getsockname()[1]}" for one in sockets]
    cluster = {"cluster": {"worker": names}}
    tasks = [{**cluster, "task": {"type": "worker", "index": index}} for index in range(count)]
    return [start(*words, TF_CONFIG=json.dumps(task)) for task in tasks]


def finish(process: subprocess.Popen, status: int = 0) -> str:
    """Waits for its end; what it has said on its output, and, if that is no good end, on its error stream."""
    process.wait(timeout=1800)
    said, error = (path.read_text() for path in _outputs.pop(process.pid))
    assert process.returncode == status, said + error[-4000:]
    return said if status == 0 else said + error


def set_devices(count: int) -> None:
    """Has TensorFlow see the CPU as so many devices; JAX does by `XLA_FLAGS`."""
    import tensorflow as tf

    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * count)


def take(folder: Path, strategy: str, families: Sequence[str]) -> None:
    """Takes the steps and leaves the losses and, after them, the state."""
    import keras

    from tests.support import quick
    from tfhand.data import synthetic
    from tfhand.training.backend.devices import use_devices
    from tfhand.training.backend.runtime import wait_for_all
    from tfhand.training.run_directory import save_state

    config, train_config = quick.TRAININGS["verifier"]
    quick.TRAININGS["verifier-dropout"] = replace(config, dropout=0.5), train_config
    archive = synthetic.archive(14, 2, seed=20, characters=quick.CHARACTERS)
    with use_devices(strategy) as devices:
        for family in families:
            keras.utils.set_random_seed(0)
            setup = quick.prepare(family, archive)
            losses = quick.take_steps(setup, STEPS)
            if devices.is_chief:
                (folder / f"{family}.json").write_text(json.dumps(losses))
                save_state(folder / f"{family}.npz", setup.trainer.state_variables, STEPS)
        wait_for_all()


def rows_of_a_device() -> int:
    """How many of eight rows the compiled step has each device compute."""
    import jax
    import numpy as np

    from tfhand.training.backend import compile_step, divide
    from tfhand.training.backend.devices import use_devices

    found = []

    def squared(x):
        y = x**2
        jax.debug.inspect_array_sharding(y, callback=lambda lies: found.append(lies.shard_shape(y.shape)[0]))
        return y

    with use_devices("mirrored"):
        compile_step(lambda x: divide(squared, x + 1))(np.ones((8, 3), np.float32))
    (rows,) = set(found)
    return rows


def devices_of_products() -> list[str]:
    """The devices that compute a dense layer's products in a compiled step, forward and backward, in order."""
    import keras
    import numpy as np
    from tensorflow.python.eager import context

    from tfhand.training.backend import compile_step, divide, value_and_grad
    from tfhand.training.backend.devices import use_devices

    layer = keras.layers.Dense(5, use_bias=False)
    layer.build((None, 3))

    def step(x):
        def loss():
            return keras.ops.mean(divide(layer, x) ** 2), {}

        return value_and_grad(loss, layer.trainable_variables)[2]

    context.context().enable_graph_collection()
    with use_devices("mirrored"):
        compile_step(step)(np.ones((8, 3), np.float32))
    graphs = context.context().export_run_metadata().function_graphs
    nodes = [node for graph in graphs for part in graph.partition_graphs for node in part.node]
    return sorted(node.device.rpartition("device:")[2] for node in nodes if "MatMul" in node.op)


def main(devices: str, what: str, *words: str) -> int:
    if os.environ.get("KERAS_BACKEND") == "tensorflow" and int(devices) > 1:
        set_devices(int(devices))
    if what == "fit":
        from tfhand import fit

        return fit.main(words)
    if what == "rows":
        print(rows_of_a_device())
        return 0
    if what == "products":
        print(*devices_of_products())
        return 0
    take(Path(words[0]), words[1], words[2:])
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

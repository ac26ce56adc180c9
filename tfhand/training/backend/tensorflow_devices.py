"""Several devices under TensorFlow, those of this process and of other workers.

A process has its variables once. Each of its devices computes a part of the batch with them, in one graph; what the
parts give is put together, between workers by collective operations. All that is not in `divide` every worker computes
for itself, from the same numbers. `tf.distribute` brings the workers together and tells when one of them is gone; its
own replicas, which see only their part of a batch, are not used.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from tfhand.nn.dropout import Part, computing
from tfhand.training.backend.devices import Devices, DevicesError, current_devices

_GROUP = 6676  # key of the group of all workers, beside those that tf.distribute numbers from 1
_keys = itertools.count(1)  # of collective operations: every worker makes the same ones in the same order


def find_devices(strategy: str) -> Devices:
    """The devices of this machine, or those of all workers in TF_CONFIG, with which it connects."""
    if strategy == "mirrored":
        local = _local_devices()
        if len(local) < 2:
            raise DevicesError("--strategy mirrored is for several devices, and TensorFlow finds one; leave it out.")
        return Devices(local)
    workers, worker = _read_cluster()
    cluster = tf.distribute.MultiWorkerMirroredStrategy()
    return Devices(_local_devices(), workers, worker, (cluster, tf.Variable(0.0, trainable=False)))


def _local_devices() -> tuple[str, ...]:
    found = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    return tuple(":".join(device.name.split(":")[-2:]) for device in found)


def _read_cluster() -> tuple[int, int]:
    """(workers, number of this one) as TF_CONFIG names them."""
    try:
        found = tf.distribute.cluster_resolver.TFConfigClusterResolver()
        (kind,), worker = found.cluster_spec().jobs, found.task_id
        workers = found.cluster_spec().num_tasks(kind)
        if kind != "worker" or found.task_type != kind or not 0 <= worker < workers:
            raise ValueError
    except (ValueError, TypeError, AttributeError):
        form = '{"cluster": {"worker": ["host:port", ...]}, "task": {"type": "worker", "index": 0}}'
        raise DevicesError(f"--strategy multiworker needs the environment variable TF_CONFIG, {form}.") from None
    return workers, worker


def divide(fn: Callable, *tensors: Any, group: int = 1, neighbours: int = 1) -> Any:
    """fn(*tensors), the rows of the tensors shared out among the devices.

    Args:
        fn: maps tensors (B, ...) to a tensor (n B, ...) or a structure of such, of which part i depends on row i of the
            tensors alone, or on the rows of its group.
        *tensors: of the same B; where that cannot be divided so, every worker does all of it.
        group: rows that must stay together, those B / group apart.
        neighbours: rows that must stay together, those next to each other.

    Returns:
        what fn gives for all rows; its gradients are those of all rows as well.
    """
    devices = current_devices()
    if devices.count == 1 or tensors[0].shape[0] % (devices.count * group * neighbours):
        return fn(*tensors)
    structure = list[Any]()

    @tf.custom_gradient
    def whole(*tensors):
        parts, drawn = [], list[Any]()
        for number, name in enumerate(devices.local):
            at = devices.worker * len(devices.local) + number
            with tf.device(name), tf.GradientTape() as tape, computing(Part(at, devices.count, drawn)):
                rows = [_take(tensor, at, group) for tensor in tensors]
                tape.watch([each for each in rows if each.dtype.is_floating])
                result = fn(*rows)
            structure[:] = [result]
            parts.append((name, at, tape, rows, tf.nest.flatten(result)))

        def gradient(*upstream, variables=()):
            return _gradient(parts, upstream, list(variables), group)

        together = zip(*(results for *_, results in parts), strict=True)
        return [_join(each, group) for each in together], gradient

    results = whole(*map(tf.convert_to_tensor, tensors))
    return tf.nest.pack_sequence_as(structure[0], tf.nest.flatten(results))


def _gradient(parts: Sequence, upstream: Sequence, variables: list, group: int) -> Any:
    """Gradients by the tensors, put together, and by the variables, added up, as custom gradients are given back."""
    by_rows, by_variables = [], []
    for name, at, tape, rows, results in parts:
        with tf.device(name):
            floats = [each for each in rows if each.dtype.is_floating]
            real = [number for number, each in enumerate(results) if each.dtype.is_floating]
            values, own = [results[number] for number in real], [_take(upstream[number], at, group) for number in real]
            found = tape.gradient(values, [*floats, *variables], own, tf.UnconnectedGradients.ZERO)
        by_rows.append(found[: len(floats)])
        by_variables.append([tf.convert_to_tensor(each) for each in found[len(floats) :]])
    together = iter([_join(each, group) for each in zip(*by_rows, strict=True)])
    of_tensors = [next(together) if each.dtype.is_floating else None for each in parts[0][3]]
    workers = current_devices().workers  # over which `average` takes the mean of what is a sum here
    of_variables = [workers * tf.add_n(each) for each in zip(*by_variables, strict=True)]
    return (of_tensors, of_variables) if variables else of_tensors


def average(tensors: Sequence) -> list:
    """The mean of the workers' gradients, one float tensor or None each; these themselves without other workers."""
    devices, known = current_devices(), [each for each in tensors if each is not None]
    if devices.workers == 1 or not known:
        return list(tensors)
    flat = tf.concat([tf.reshape(each, [-1]) for each in known], axis=0)  # one message
    total = tf.raw_ops.CollectiveReduceV2(input=flat, merge_op="Add", final_op="Id", **_call())
    means = iter(tf.split(total / devices.workers, [each.shape.num_elements() for each in known]))
    return [each if each is None else tf.reshape(next(means), each.shape) for each in tensors]


def wait_for_all() -> None:
    """Returns when every worker has come here."""
    tf.raw_ops.CollectiveReduceV2(input=tf.zeros(1), merge_op="Add", final_op="Id", **_call())


def _call() -> dict[str, Any]:
    """What says which collective operation this is, and that it comes after the one before."""
    devices = current_devices()
    order = [devices.cluster[1].handle]
    return {"group_size": devices.workers, "group_key": _GROUP, "instance_key": next(_keys), "ordering_token": order}


def _take(tensor: Any, at: int, group: int) -> Any:
    """The rows of part `at`, (B / parts, ...)."""
    count = current_devices().count
    each = tensor.shape[0] // (count * group)
    if group == 1:
        return tensor[at * each : (at + 1) * each]
    grouped = tf.reshape(tensor, [group, count * each, *tensor.shape[1:]])[:, at * each : (at + 1) * each]
    return tf.reshape(grouped, [group * each, *tensor.shape[1:]])


def _join(parts: Sequence, group: int) -> Any:
    """The rows of all parts of all workers, (n B, ...); what `_take` does, undone."""
    size, shape = parts[0].shape[0], parts[0].shape[1:]
    rows = tf.concat([tf.reshape(each, [group, size // group, *shape]) for each in parts], axis=1)
    workers = current_devices().workers
    if workers > 1:
        found = tf.raw_ops.CollectiveGatherV2(input=rows, **_call())
        found = tf.reshape(found, [workers, *rows.shape])
        rows = tf.concat(tf.unstack(found), axis=1)
    return tf.reshape(rows, [group * rows.shape[1], *shape])

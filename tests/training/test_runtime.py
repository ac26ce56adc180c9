"""How a training uses the machine."""

from __future__ import annotations

import tensorflow as tf

from tfhand.training.backend.runtime import use_xla


def test_xla_is_for_accelerators():
    assert use_xla("on") is True
    assert use_xla("off") is False
    assert use_xla("auto") is bool(tf.config.list_physical_devices("GPU"))

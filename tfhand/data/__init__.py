"""Files, downloads and synthetic writers, as tf.data streams."""

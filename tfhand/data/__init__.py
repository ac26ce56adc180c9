"""Files, downloads and procedural pens to tf.data streams."""

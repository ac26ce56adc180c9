"""Files, downloads and procedural pens to streams of batches."""

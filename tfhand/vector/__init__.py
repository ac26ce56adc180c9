"""Ink as distance fields and Bezier curves, and splines for a pen; no TensorFlow."""

"""Ink as distance fields and Bezier curves, and splines for the path of a pen; no TensorFlow."""

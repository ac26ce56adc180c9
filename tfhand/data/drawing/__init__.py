"""Characters drawn in the graph: many at a time, by XLA, from tensors of fixed size."""

"""Batches made on demand: batch number n is a pure function of (seed, n)."""

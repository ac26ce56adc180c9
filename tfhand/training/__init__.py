"""Training: the Trainer, shared losses, callbacks, run folders and run configuration."""

"""The networks, and nothing but the networks: no losses, no input or output, no plotting."""

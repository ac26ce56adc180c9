"""The families of networks, one folder each, and presets: trained models by name."""

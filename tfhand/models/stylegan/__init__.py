"""StyleGAN2 with characters, its encoder and projection."""

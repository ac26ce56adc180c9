"""Presets for servers and telephones: SavedModels with named signatures, and LiteRT files.

hand:     encode_hand(samples, characters, mask) -> code;  write(code, characters, noise) -> images
cgan:     generate(characters, noise) -> images;  with writers write(code, characters, noise) -> images, and
          hand(writers, transform) -> code
stylegan: map(latent, characters) -> styles;  synthesize(styles, characters, noise) -> images;
          mix(first, second, crossover) -> styles
strokes:  trace(images, characters) -> strokes
alphabet: encode_hand(samples, characters, mask) -> code;  write(code, characters, noise) -> images;
          write_strokes(code, characters, noise) -> strokes, (B, 48, 3): x, y, and 1 where the pen is down
stargan:  translate(image, style) -> images;  encode_style(image, domain) -> style;  map_latent(latent, domain) -> style
aligner:  read(images) -> logits;  find_letters(images) -> logits; images are lines (B, H, W, 1)
Images are float32 (B, S, S, 1) in [-1, 1], ink 1; characters and domains are positions in the asset characters.txt.

Text and pictures, for programs that know no tensors, are in `requests`.
"""

from tfhand.models.serving.saved_model import CHARACTERS, export
from tfhand.models.serving.signature import Signature, Signatures, floats, glyphs, numbers, texts

__all__ = ["CHARACTERS", "Signature", "Signatures", "export", "floats", "glyphs", "numbers", "texts"]

"""Pictures of letters in a graph of TensorFlow: PNG files to glyphs and back, as `tfhand.hands.glyph` does it."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from tfhand.core.pictures import MIN_CONTRAST
from tfhand.hands.glyph import INK_LEVEL, box_side


def glyphs_of(files: Any, size: int) -> Any:
    """Glyphs uint8 (n, S, S) of PNG files (n,), each of one letter, dark on light or light on dark, of any size.

    A picture of S by S pixels is taken for a glyph, black on white, and stays as it is.
    """

    def glyph(file: Any) -> Any:
        grey = tf.io.decode_png(file, channels=1)[..., 0]
        is_glyph = tf.reduce_all(tf.shape(grey) == size)
        return tf.ensure_shape(tf.cond(is_glyph, lambda: 255 - grey, lambda: _normalized(grey, size)), (size, size))

    return tf.map_fn(glyph, files, fn_output_signature=tf.TensorSpec((size, size), tf.uint8))


def files_of(glyphs: Any) -> Any:
    """PNG files (n,) of uint8 glyphs (n, S, S), black on white."""
    return tf.map_fn(lambda glyph: tf.io.encode_png(255 - glyph[..., None]), glyphs, fn_output_signature=tf.string)


def _normalized(grey: Any, size: int) -> Any:
    """As `as_ink` and `normalize`: a uint8 picture (H, W) as a glyph."""
    border = tf.sort(tf.concat([grey[0], grey[-1], grey[:, 0], grey[:, -1]], axis=0))
    paper, level = tf.cast(border[tf.size(border) // 2], tf.float32), tf.cast(grey, tf.float32)
    ink = tf.nn.relu(tf.where(paper > 127, paper - level, level - paper))
    strongest = tf.reduce_max(ink)
    told = tf.debugging.Assert(strongest >= MIN_CONTRAST, ["A picture without ink; leave the character out instead."])
    with tf.control_dependencies([told]):
        ink = tf.round(ink * (255 / strongest))
    inked = ink > 255 * INK_LEVEL
    edges = [tf.where(tf.reduce_any(inked, axis))[:, 0] for axis in (1, 0)]  # rows and columns with ink
    first = tf.cast(tf.stack([places[0] for places in edges]), tf.float32)
    sides = tf.cast(tf.stack([places[-1] + 1 for places in edges]), tf.float32) - first  # (height, width)
    target = tf.maximum(1.0, tf.round(sides * box_side(size) / tf.reduce_max(sides)))
    corner = (size - target) // 2
    scale = target / sides
    drawn = tf.raw_ops.ScaleAndTranslate(
        images=ink[None, ..., None],
        size=(size, size),
        scale=scale,
        translation=corner - first * scale,
        kernel_type="keyscubic",
    )[0, ..., 0]
    places = tf.range(float(size))[:, None]
    inside = (places >= corner) & (places < corner + target)  # (S, 2): rows and columns of the ink box
    drawn = tf.where(inside[:, :1] & inside[None, :, 1], drawn, 0.0)
    return tf.cast(tf.round(tf.clip_by_value(drawn, 0, 255)), tf.uint8)

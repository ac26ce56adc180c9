"""Signatures that take text and pictures, for programs that know no tensors: what `write` does, in one graph.

writes:      learn_pictures(pictures, characters) -> code;  learn_glyphs(glyphs, characters) -> code
             write_pictures(text, code, noise) -> picture_bytes;  write_glyphs(text, code, noise) -> glyphs
reads:       read_pictures(pictures) -> text
Pictures are PNG files of one letter each, as a Hand's folder holds them; those that are written are of a glyph's size,
black on white. Glyphs are uint8 (S, S), white ink on black. Characters and text are strings of one character, in UTF-8.

A code is found as `GlyphPipeline.codes` finds it with seed 0, by the same steps and random numbers. Code and noise hold
a row for each character of the text, or one row for all. Networks that know no hands have no code, and learn none.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tfhand.models import presets, registry
from tfhand.models.networks import Networks
from tfhand.models.optimize_code import CodeSearch, Draws, places
from tfhand.models.pipeline import GlyphPipeline
from tfhand.models.serving.pictures import files_of, glyphs_of
from tfhand.models.serving.signature import Signature, Signatures, floats, glyphs, texts
from tfhand.models.spec import Capability

SEED = 0  # of the optimization's random numbers


def writing(pipeline: GlyphPipeline) -> Signatures:
    """The signatures of a preset that writes; none of them learns a hand where its networks know none."""
    writer, size = pipeline.writer, pipeline.image_size
    number = _numbering(writer.characters)
    hand = {"code": floats(None if writer.code_size < 0 else writer.code_size)} if writer.code_size else {}
    query = {"text": texts(), **hand, "noise": floats(writer.noise_size)}

    def write_glyphs(text: Any, *rows: Any) -> Any:
        asked = number(text)
        *code, noise = (tf.broadcast_to(each, (tf.size(asked), tf.shape(each)[1])) for each in rows)
        images = writer.write(code[0] if code else noise[:, :0], asked, noise)
        return tf.cast(tf.round((tf.clip_by_value(images[..., 0], -1, 1) + 1) * 127.5), tf.uint8)

    def write_pictures(*inputs: Any) -> Any:
        return files_of(write_glyphs(*inputs))

    written = {
        "write_pictures": Signature(write_pictures, query, "picture_bytes"),
        "write_glyphs": Signature(write_glyphs, query, "glyphs"),
    }
    if not hand:
        return written
    learn = _learning(pipeline)

    def learn_glyphs(samples: Any, characters: Any) -> Any:
        return learn(samples, number(characters))

    def learn_pictures(pictures: Any, characters: Any) -> Any:
        samples = glyphs_of(tf.reshape(pictures, (-1,)), size)
        return learn(tf.reshape(samples, (*tf.unstack(tf.shape(pictures)), size, size)), number(characters))

    shown = {"characters": texts(None)}
    return {
        "learn_pictures": Signature(learn_pictures, {"pictures": texts(None), **shown}, "code"),
        "learn_glyphs": Signature(learn_glyphs, {"glyphs": glyphs(None, size, size), **shown}, "code"),
        **written,
    }


def signatures(preset: str | os.PathLike, networks: Networks) -> tuple[Signatures, list[Networks]]:
    """The signatures of a preset, by what it can do, and the networks besides its own that they use.

    Args:
        preset: its name, or its folder.
        networks: of the preset.

    Raises:
        PresetError: the preset or its verifier is unknown or broken.
    """
    can = registry.capabilities(preset)
    if Capability.READS in can:
        return reading(networks), []
    if Capability.WRITES not in can:
        return {}, []
    generation = presets.generation_of(preset)
    name = generation.verifier if generation.steps else ""
    verifier = registry.load_verifier(name, networks, "the verifier of its generation")
    return writing(GlyphPipeline(networks, verifier, generation)), [verifier] if verifier else []


def reading(reader: Networks) -> Signatures:
    """The signature of a preset that reads: the likeliest characters (B,) of pictures (B,)."""
    characters = list(reader.characters)

    def read_pictures(pictures: Any) -> Any:
        logits = reader(_as_network_input(glyphs_of(pictures, reader.image_size)))
        return tf.gather(characters, tf.argmax(logits, axis=1))

    return {"read_pictures": Signature(read_pictures, {"pictures": texts()}, "text")}


def _learning(pipeline: GlyphPipeline) -> Callable[[Any, Any], Any]:
    """A function of uint8 samples (B, K, S, S) and numbers of characters (B, K), to hand codes."""
    search = CodeSearch(pipeline.writer, pipeline.verifier, pipeline.generation)
    drawn = search.draw(SEED)

    def learn(samples: Any, characters: Any) -> Any:
        sought, state = search.begin(_as_network_input(samples), characters)
        if search.steps:
            others, noise = (tf.constant(each) for each in drawn)
            count = tf.shape(characters)[1]

            def step(number: Any, state: Any) -> Any:
                draws = Draws(others[number], noise[number])
                return number + 1, search.step(sought, state, number, places(number, count), draws)

            _, state = tf.while_loop(lambda number, _: number < search.steps, step, (tf.constant(0), state))
        return search.codes(sought, state.moved)

    return learn


def _numbering(characters: str) -> Callable[[Any], Any]:
    """A function of texts of one character to the numbers of these characters; unknown ones are an error."""
    known = tf.constant(list(characters))

    def number(text: Any) -> Any:
        found = text[..., None] == known
        told = tf.debugging.Assert(tf.reduce_all(tf.reduce_any(found, -1)), ["Unknown characters; known are", known])
        with tf.control_dependencies([told]):
            return tf.argmax(found, axis=-1, output_type=tf.int32)

    return number


def _as_network_input(samples: Any) -> Any:
    return tf.cast(samples, tf.float32)[..., None] / 127.5 - 1.0

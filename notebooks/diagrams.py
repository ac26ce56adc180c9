"""The diagrams of the course: `python -m notebooks.diagrams` draws notebooks/diagrams/NAME.svg, all in one style.

A diagram is a list of boxes in columns and rows, and of arrows between them with the shape of what goes there.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from notebooks.boxes import Arrow, Box, draw
from tfhand.cli.command import command
from tfhand.core.files import atomic_write
from tfhand.errors import HandwritingError
from tfhand.models import presets

FOLDER = Path(__file__).resolve().parent / "diagrams"
STYLE = {"svg.hashsalt": "tfhand", "svg.fonttype": "none", "font.family": "DejaVu Sans"}


def cgan() -> Figure:
    """The conditional GAN, with the sizes of the preset `cgan-digits`."""
    config = presets.read_config("cgan-digits")["config"]
    size = f"{config['image_size']} × {config['image_size']} × 1"
    boxes = {
        "noise": Box("noise z", 0, 0, "data"),
        "character": Box("character y", 0, 1, "data"),
        "mapping": Box("mapping\nnetwork", 1, 0),
        "generator": Box("generator", 2, 0.5),
        "drawn": Box("generated\nletter", 3, 0, "data"),
        "real": Box("real letter", 3, 1, "data"),
        "asked": Box("character y", 4, 1.5, "data"),
        "discriminator": Box("discriminator", 4, 0.5),
        "logit": Box("logit: real,\nand this y?", 5, 0.5, "data"),
    }
    return draw(
        boxes,
        [
            Arrow("noise", "mapping", f"{config['noise_size']}", aside=(0, -0.15)),
            Arrow("character", "mapping", f"{config['character_size']}"),
            Arrow("mapping", "generator", f"style {config['style_size']}", aside=(0.15, -0.2)),
            Arrow("character", "generator", f"constant 4 × 4 × {config['generator_widths'][0]}", aside=(0.1, 0.05)),
            Arrow("generator", "drawn", size, aside=(-0.15, -0.22)),
            Arrow("drawn", "discriminator", size, aside=(0.2, -0.22)),
            Arrow("real", "discriminator"),
            Arrow("asked", "discriminator", f"{config['discriminator_features']}"),
            Arrow("discriminator", "logit", "1", aside=(0, -0.15)),
        ],
    )


def cgan_step() -> Figure:
    """One step of a GAN: which loss moves which network."""
    boxes = {
        "noise": Box("noise z,\ncharacter y", 0, 1, "data"),
        "generator": Box("generator", 1, 1),
        "drawn": Box("generated\nletter", 2, 1, "data"),
        "discriminator": Box("discriminator", 3, 1.5),
        "real": Box("real letter\nand its y", 2, 2, "data"),
        "wrong": Box("real letter,\na wrong y", 2, 3, "data"),
        "generator_loss": Box("generator loss\n–log D(G(z, y), y)", 3, 0, "loss"),
        "discriminator_loss": Box("discriminator\nloss", 4.3, 1.5, "loss"),
        "r1": Box("R1: how steep\nat real letters", 4.3, 2.6, "loss"),
        "ema": Box("EMA: average\nof the weights", 1, 2.2),
    }
    return draw(
        boxes,
        [
            Arrow("noise", "generator"),
            Arrow("generator", "drawn"),
            Arrow("drawn", "discriminator"),
            Arrow("real", "discriminator"),
            Arrow("wrong", "discriminator"),
            Arrow("discriminator", "generator_loss"),
            Arrow("discriminator", "discriminator_loss", bend=0.2),
            Arrow("discriminator", "r1"),
            Arrow("generator", "ema", "follows slowly"),
            Arrow("generator_loss", "generator", "first: moves the generator alone", "gradient", 0.25, (-2.0, -1.05)),
            Arrow("discriminator_loss", "discriminator", "then: D alone", "gradient", 0.2, (0, -0.2)),
        ],
    )


def stylegan() -> Figure:
    """The generator of StyleGAN2, with the sizes of the preset `stylegan62`."""
    config = presets.read_config("stylegan62")["config"]
    widths = config["generator_widths"]
    sides = [4 * 2**level for level in range(len(widths))]
    boxes = {
        "z": Box("noise z", 0, 0, "data"),
        "y": Box("character y", 0, 1, "data"),
        "mapping": Box("mapping\nnetwork", 1, 0),
        "constant": Box("constant\nof y", 1, 1, "data"),
        **{f"layers{side}": Box(f"layers at\n{side} × {side}", 2 + at, 1) for at, side in enumerate(sides)},
        **{f"ink{side}": Box("ToImage", 2 + at, 2) for at, side in enumerate(sides)},
        "letter": Box("letter, the\nsum of all ink", 2 + len(widths), 2, "data"),
        "chance": Box("noise of\nevery pixel", 2 + len(widths), 1, "data"),
    }
    names = [f"layers{side}" for side in sides]
    inks = [f"ink{side}" for side in sides]
    arrows = [
        Arrow("z", "mapping", f"{config['latent_size']}", aside=(0, -0.15)),
        Arrow("y", "mapping"),
        Arrow("y", "constant"),
        Arrow("constant", names[0]),
        Arrow("chance", names[-1], "n", aside=(0, -0.15)),
    ]
    for at, (name, ink) in enumerate(zip(names, inks, strict=True)):
        style = f"style w: {config['style_size']}" if not at else ""
        arrows.append(Arrow("mapping", name, style, bend=-0.12 if at else 0.0, aside=(0.1, 0)))
        arrows.append(Arrow(name, ink, f"{widths[at]} channels"))
    arrows += [Arrow(one, other) for one, other in zip(names, names[1:], strict=False)]
    arrows += [Arrow(one, other, "+", aside=(0, -0.15)) for one, other in zip(inks, [*inks[1:], "letter"], strict=True)]
    return draw(boxes, arrows)


def stargan() -> Figure:
    """StarGAN v2's four networks and four losses, with the sizes of the preset `stargan-mnist`."""
    config = presets.read_config("stargan-mnist")["config"]
    side, style = config["image_size"], config["style_size"]
    image = f"{side} × {side} × 1"
    boxes = {
        "z": Box("noise z,\ncharacter y", 0, 0, "data"),
        "reference": Box("reference:\nsomebody's y", 0, 1, "data"),
        "image": Box("image x:\na 2", 0, 2, "data"),
        "F": Box("mapping\nnetwork F", 1, 0),
        "E": Box("style\nencoder E", 1, 1),
        "style": Box("style s", 2, 0.5, "data"),
        "G": Box("generator G", 2, 2),
        "fake": Box("rewritten:\na 4", 3, 2, "data"),
        "D": Box("discriminator\nD", 4, 1),
        "again": Box("E reads\nits style", 4, 2),
        "back": Box("G rewrites\nit as a 2", 4, 3),
        "other": Box("rewritten in\nanother style", 3, 3, "data"),
        "real": Box("1 adversarial:\na real 4?", 5, 1, "loss"),
        "sty": Box("2 style: the one\nasked for?", 5, 2, "loss"),
        "cyc": Box("4 cycle: the\nimage again?", 5, 3, "loss"),
        "ds": Box("3 diversity:\nunlike?", 3, 4, "loss"),
    }
    return draw(
        boxes,
        [
            Arrow("z", "F", f"{config['latent_size']}", aside=(0, -0.15)),
            Arrow("reference", "E"),
            Arrow("image", "G", image, aside=(0, -0.15)),
            Arrow("F", "style", f"{style}", aside=(0.1, -0.15)),
            Arrow("E", "style", "or", aside=(0.1, 0.15)),
            Arrow("style", "G"),
            Arrow("G", "fake"),
            Arrow("G", "other"),
            Arrow("fake", "D", image, aside=(-0.35, -0.1)),
            Arrow("fake", "again"),
            Arrow("fake", "back"),
            Arrow("D", "real"),
            Arrow("again", "sty"),
            Arrow("back", "cyc"),
            Arrow("fake", "ds", bend=-0.75),
            Arrow("other", "ds"),
        ],
    )


def strokes() -> Figure:
    """From a few samples to ink by strokes of the pen, with the sizes of the preset `alphabet62`."""
    config = presets.read_config("alphabet62")["config"]
    form, characters = config["form_size"], len(config["characters"])
    side = config["image_size"]
    boxes = {
        "samples": Box(f"K samples,\n{side} × {side} × 1", 0, 0, "data"),
        "encoder": Box("form\nencoder", 1, 0),
        "hand": Box("hand encoder:\nmean of samples", 2, 0),
        "generator": Box("form\ngenerator", 3, 0),
        "verifier": Box("verifier: who\nis like them?", 1, 1),
        "people": Box(f"{config['known']} people\nremembered", 1, 2, "data"),
        "attention": Box("attention\nby likeness", 2, 1),
        "code": Box("hand code: all\nforms, and a nib", 4, 0.5, "data"),
        "noise": Box("noise", 3, 2, "data"),
        "form": Box("form of one\nletter", 4, 2, "data"),
        "decoder": Box("decoder", 5, 2),
        "paths": Box(f"{config['candidates']} paths, each\nwith a chance", 5, 1, "data"),
        "pen": Box("pen draws\nthe likeliest", 5, 0),
    }
    return draw(
        boxes,
        [
            Arrow("samples", "encoder", "K", aside=(0, -0.15)),
            Arrow("encoder", "hand", f"K × {form}", aside=(0, -0.15)),
            Arrow("hand", "generator", f"{config['hand_size']}", aside=(0, -0.15)),
            Arrow("encoder", "verifier"),
            Arrow("verifier", "attention"),
            Arrow("people", "attention"),
            Arrow("generator", "code", f"{characters} × {form}", aside=(0.1, -0.2)),
            Arrow("attention", "code", f"+ {characters} × {form}", aside=(0, 0.02)),
            Arrow("code", "form", f"{form}", aside=(0.2, 0)),
            Arrow("noise", "form", "+", aside=(0, -0.15)),
            Arrow("form", "decoder"),
            Arrow("decoder", "paths", "48 points each", aside=(0, 0)),
            Arrow("paths", "pen"),
        ],
    )


def data() -> Figure:
    """From a sheet of paper to what a network is trained on."""
    boxes = {
        "sheet": Box("photo of a sheet\nor of a line", 0, 0, "data"),
        "straight": Box("made straight,\nink found", 1, 0),
        "letters": Box("letters cut out\nand read", 2, 0),
        "hand": Box("Hand: glyphs\nby character", 3, 0, "data"),
        "archive": Box("archive: letters,\nwho wrote them", 3, 1, "data"),
        "others": Box("data sets,\nsynthetic writers", 2, 1, "data"),
        "stream": Box("stream: draws\nwith a nib", 4, 1),
        "batch": Box("batch", 5, 1, "data"),
    }
    return draw(
        boxes,
        [
            Arrow("sheet", "straight"),
            Arrow("straight", "letters"),
            Arrow("letters", "hand"),
            Arrow("hand", "archive", "of several"),
            Arrow("others", "archive"),
            Arrow("archive", "stream"),
            Arrow("stream", "batch", "B × 32 × 32 × 1,\n–1 paper, 1 ink", aside=(-0.1, -0.52)),
        ],
    )


DIAGRAMS: dict[str, Callable[[], Figure]] = {
    "cgan": cgan,
    "cgan-step": cgan_step,
    "stylegan": stylegan,
    "stargan": stargan,
    "strokes": strokes,
    "data": data,
}


def save(name: str, folder: Path = FOLDER) -> Path:
    """Draws a diagram into a folder: the same file whenever it is drawn."""
    path = folder / f"{name}.svg"
    with matplotlib.rc_context(STYLE), atomic_write(path) as temporary:
        DIAGRAMS[name]().savefig(temporary, format="svg", metadata={"Date": None, "Creator": None})
    return path


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m notebooks.diagrams", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    return parser


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Draws the diagrams that are asked for; returns the exit code."""
    names = build_parser().parse_args(argv).names or list(DIAGRAMS)
    if unknown := set(names) - set(DIAGRAMS):
        raise HandwritingError(f"There is no diagram {', '.join(sorted(unknown))}; there are {', '.join(DIAGRAMS)}.")
    for name in names:
        print(save(name))
    return 0


if __name__ == "__main__":
    sys.exit(main())

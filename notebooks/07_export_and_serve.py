# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 7. Export and serve: the networks leave the library
#
# **Who this is for.** Engineers who want a trained model in a server, an app or a telephone, and know a little
# TensorFlow. The networks are explained in notebooks [2](02_conditional_gan.ipynb), [3](03_stylegan.ipynb) and
# [5](05_write_in_your_hand.ipynb); here it is enough that letters go in and letters come out.
#
# **What you will be able to do**
#
# - load the SavedModel of a preset, export one of your own, and list its signatures;
# - use it with TensorFlow alone, and show that it gives the same letters as the library;
# - write the request that TensorFlow Serving takes, and its answer;
# - convert it for LiteRT (TFLite), in full and in small numbers, and measure what that costs and what it saves;
# - say which part has to stay in Python, and how to work with that.
#
# **How long it takes.** A minute or two to run, less shortened (`TFHAND_NOTEBOOK_STEPS=2`); half an hour to read.
#
# Before this comes [6, how like is it](06_how_like_is_it.ipynb), after it [8, pen strokes](08_pen_strokes.ipynb).

# %%
import json
import re
import subprocess
import sys
import tempfile
import time
import warnings
from importlib.util import find_spec
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from course import code, say, show, steps, table

# %%
import tfhand
from tfhand import scan
from tfhand.core.charset import reading
from tfhand.hands.glyph import as_glyphs, as_network_input
from tfhand.models import presets, registry, serving
from tfhand.visualization.grids import add_margin, grid

STEPS = steps(1200)  # or the few of a shortened run
REPEATS = min(STEPS, 5)  # of each timing
BATCHES = [1, 4, 16, 64][: max(2, STEPS)]  # letters asked for at a time
FOLDER = Path(tempfile.mkdtemp())  # everything that is exported here
tf.get_logger().setLevel("WARNING")  # or it tells of every folder that it writes

# %% [markdown]
# ## Presets and SavedModels
#
# A **SavedModel** is TensorFlow's own format for a model that is used elsewhere: the computation as a graph, the
# weights beside it, and named functions, the **signatures**. To load it one needs TensorFlow and none of our code. The
# main presets of the library come with one: it lies in the folder `1` beside the preset's `config.json`, and the
# library reads the preset's weights from it. So there is nothing to do but to load it:
#
# ```python
# tf.saved_model.load("saved_models/hand62/1").signatures["write"]
# ```
#
# A preset that you train yourself holds a file of weights, `model.weights.h5`, which needs the library's code. On the
# command line `python -m tfhand.export my_preset -o exported/1` makes a SavedModel of it; this is the function behind
# it:

# %%
code(serving.export)

# %%
shipped = {name: presets.find(name) / presets.SAVED_MODEL for name in ("hand62", "cgan-digits", "stylegan62")}
loaded = {name: tf.saved_model.load(folder) for name, folder in shipped.items()}
networks, rows = {name: registry.load(name) for name in shipped}, []
for name, model in loaded.items():
    began = time.perf_counter()
    serving.export(networks[name], registry.spec_of(name).signatures(networks[name]), FOLDER / name / "1")
    rows.append((name, ", ".join(f"`{each}`" for each in model.signatures), f"{time.perf_counter() - began:.0f}"))
table(rows, ["preset", "signatures of its SavedModel", "seconds to export it again"])

# %% [markdown]
# The `1` at the end of each folder's name is a version number. TensorFlow Serving looks for one and serves the
# highest; to replace a model under a running server, one exports it as `2` beside it.
#
# These are the files of such a folder:

# %%
folder = shipped["hand62"]
files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
sizes = {path.relative_to(folder): path.stat().st_size / 1024 for path in files}
table([(f"1/{path.as_posix()}", f"{size:,.0f}") for path, size in sizes.items()], ["file of hand62", "KiB"])
count = networks["hand62"].count_params()
say(
    f"`saved_model.pb` is the graph, `variables/` the weights, and the asset `{serving.CHARACTERS}` the characters in "
    f"the order of their numbers. The {count:,} weights take {2 * count / 1024:,.0f} KiB: each is stored in two bytes "
    "(float16), and the graph computes with it in four (float32)."
)

# %%
parts = {"weights": "variables/*", "graph": "*.pb"}
figure, axes = plt.subplots(figsize=(6, 2), dpi=90, layout="constrained")
left = np.zeros(len(shipped))
for part, pattern in parts.items():
    mib = [sum(file.stat().st_size for file in folder.glob(pattern)) / 2**20 for folder in shipped.values()]
    axes.barh(list(shipped), mib, 0.5, left=left, label=part)
    left += mib
axes.set_xlabel("MiB on disk")
axes.legend(frameon=False)
plt.show()

# %% [markdown]
# ## The signatures
#
# From here on only the loaded SavedModels are used. Each knows its signatures, and each signature its inputs and
# outputs by name, with type and shape. A `None` in a shape is a size that may differ from call to call: how many
# letters are asked for at a time, how many samples are shown.

# %%
listed = lambda specs: ", ".join(f"`{s.name}` {s.dtype.name} {tuple(s.shape)}" for s in specs)  # noqa: E731
rows = []
for name, model in loaded.items():
    for signature, call in model.signatures.items():
        if signature != "serving_default":  # the first one once more, for those who name none
            takes = listed(call.structured_input_signature[1].values())
            gives = ", ".join(f"`{key}` {tuple(s.shape)}" for key, s in call.structured_outputs.items())
            rows.append((name, f"`{signature}`", takes, gives))
table(rows, ["model", "signature", "takes", "gives"])

# %% [markdown]
# In words:
#
# - **hand62** has two steps. `encode_hand` looks at samples of a person's letters and gives the person's **hand
#   code**, a few dozen numbers; `write` draws characters in the hand of a code. `noise` makes one *a* differ from the
#   next; zeros give the steadiest letter. `mask` is 1 where there is a sample and 0 where a place is empty, so that
#   people with different numbers of samples fit into one batch.
# - **cgan-digits** knows no hands: `generate` draws digits from noise.
# - **stylegan62** has two or three steps: `map` makes a style of random numbers, `mix` sets a style for each
#   layer (the layers below `crossover` from the first style, the others from the second), `synthesize` draws.
#
# Characters are numbers: their places in the asset `characters.txt`. Pictures are 32 x 32 numbers from -1, paper, to 1,
# ink.
#
# ## Without the library
#
# A test that none of our code is needed: a fresh Python process gets a dozen lines that use TensorFlow and NumPy, draws
# an alphabet in a hand that nobody has, and says whether `tfhand` was loaded.

# %%
SCRIPT = """
import sys
import numpy as np
import tensorflow as tf

write = tf.saved_model.load(sys.argv[1]).signatures["write"]
asked = np.arange(10, 62, dtype=np.int32)  # A to Z, a to z
code = np.repeat(np.random.default_rng(3).standard_normal((1, 68), np.float32), len(asked), axis=0)
images = write(code=code, characters=asked, noise=np.zeros((len(asked), 16), np.float32))["images"]
np.save(sys.argv[2], images)
print(f"tfhand loaded: {'tfhand' in sys.modules}")
"""

# %%
arguments = [str(shipped["hand62"]), str(FOLDER / "alone.npy")]
done = subprocess.run([sys.executable, "-c", SCRIPT, *arguments], capture_output=True, text=True, check=True)
print(done.stdout)
show(add_margin(grid(as_glyphs(np.load(FOLDER / "alone.npy")).reshape(2, 26, 32, 32))), 0.6)

# %% [markdown]
# ## Is it the same?
#
# The preset and the SavedModel get the same samples, characters and noise. First the hand: the eleven letters of the
# photographed line in `examples/` (yours: `scan.read_line("mine.jpg", says="...")`).

# %%
hand = scan.read_line("../examples/sample.jpg", says="quick fox 273")
pen = tfhand.load("hand62")
text, samples = pen.samples(hand)
places = np.array([[pen.learned.index(character) for character in text]], np.int32)
seen, mask = as_network_input(samples)[None], np.ones(places.shape, np.float32)
call = loaded["hand62"].signatures
code = call["encode_hand"](samples=seen, characters=places, mask=mask)["code"].numpy()
apart = np.abs(code - np.asarray(networks["hand62"].encode(seen, places, mask))).max()
say(f"A code of {code.shape[1]} numbers. Preset and SavedModel differ by **{apart:.1e}** at most.")

# %%
rng, pairs = np.random.default_rng(0), {}
alphabet, digits = np.arange(62, dtype=np.int32), np.arange(10, dtype=np.int32)
asked = {"code": np.repeat(code, 62, axis=0), "characters": alphabet, "noise": np.zeros((62, 16), np.float32)}
pairs["hand62"] = call["write"](**asked)["images"], networks["hand62"].write(*asked.values())
noise_size = networks["cgan-digits"].config.noise_size
random = {"characters": digits, "noise": rng.standard_normal((10, noise_size)).astype(np.float32)}
generate = loaded["cgan-digits"].signatures["generate"]
pairs["cgan-digits"] = generate(**random)["images"], networks["cgan-digits"].generate(**random)

# %% [markdown]
# A StyleGAN is called step by step. Two random styles are mixed here at layer 3: coarse layers of one, fine layers of
# the other.

# %%
styled, model = loaded["stylegan62"].signatures, networks["stylegan62"]
latents = rng.standard_normal((2, 1, model.config.latent_size)).astype(np.float32).repeat(62, axis=1)
spots = rng.standard_normal((62, model.config.noise_size)).astype(np.float32)
first, second = (styled["map"](latent=latent, characters=alphabet)["styles"] for latent in latents)
styles = styled["mix"](first=first, second=second, crossover=np.full(62, 3, np.int32))["styles"]
ours = model.mix(*(model.map(latent, alphabet) for latent in latents), 3)
drawn = styled["synthesize"](styles=styles, characters=alphabet, noise=spots)["images"]
pairs["stylegan62"] = drawn, model.synthesize(ours, alphabet, spots)

# %%
for name, (theirs, ours) in pairs.items():
    gap = np.abs(np.asarray(theirs) - np.asarray(ours)).max()
    cells = np.stack([as_glyphs(np.asarray(images)[-15:]) for images in (ours, theirs)])
    show(add_margin(grid(cells, f"{name}: differ by {gap:.1e} at most", beside=["preset", "SavedModel"])), 0.8)

# %% [markdown]
# A step from one grey level to the next is $2 / 255 \approx 8 \cdot 10^{-3}$ on this scale. A difference far below that
# is rounding: the same sums in another order.
#
# ## A server
#
# [TensorFlow Serving](https://www.tensorflow.org/tfx/guide/serving) loads such a folder and answers over HTTP. No
# server is started here. With Docker it would be
#
# ```sh
# docker run -p 8501:8501 -v "$PWD/saved_models/hand62:/models/hand62" -e MODEL_NAME=hand62 tensorflow/serving
# ```
#
# from the project's folder: a preset's folder with its `1` is just the layout that the server expects. Requests go to
# `http://localhost:8501/v1/models/hand62:predict`, and their body is JSON, in its [column
# format](https://www.tensorflow.org/tfx/serving/api_rest): the signature's name, and every input by name as a nested
# list.

# %%
word = "Dear"
inputs = {
    "code": np.repeat(code, len(word), axis=0).astype(float).round(4).tolist(),
    "characters": [pen.learned.index(character) for character in word],
    "noise": np.zeros((len(word), 16)).tolist(),
}
body = json.dumps({"signature_name": "write", "inputs": inputs})
print(body[:160], "...", body[-60:])

# %% [markdown]
# The server reads the JSON, takes the signature, makes arrays of the types that the signature asks for, calls it, and
# writes the output as JSON. A signature with a single output has it under `"outputs"` right away; several would stand
# there by name. We do the same by hand:

# %%
request = json.loads(body)
signature = loaded["hand62"].signatures[request["signature_name"]]
types = {name: spec.dtype for name, spec in signature.structured_input_signature[1].items()}
(output,) = signature(**{name: tf.constant(value, types[name]) for name, value in request["inputs"].items()}).values()
answer = json.dumps({"outputs": output.numpy().tolist()})
received = np.array(json.loads(answer)["outputs"], np.float32)  # what the client makes of it
show(add_margin(grid(as_glyphs(received)[None], beside=["received"])), 1.0)
say(
    f"Sent {len(body):,} bytes, received {len(answer):,}: {len(answer) / len(word) / 1024:.0f} KiB for a letter, which "
    "is 1 KiB of grey levels. JSON writes numbers as text; where that is too much, the same server speaks gRPC."
)

# %% [markdown]
# ## How fast, and how many at a time
#
# The first call of a signature also prepares it; what counts are those after it. Each figure is the median of several
# calls, in milliseconds of processor time, over all cores: that is less disturbed by what else the machine is doing
# than a watch would be.


# %%
def milliseconds(call):
    call()
    times = []
    for _ in range(REPEATS):
        began = time.process_time()
        call()
        times.append(1000 * (time.process_time() - began))
    return float(np.median(times))


# %%
first = {name: value[:1] for name, value in asked.items()}
calls = [{name: value.repeat(count, axis=0) for name, value in first.items()} for count in BATCHES]
taken = [milliseconds(lambda inputs=inputs: call["write"](**inputs)) for inputs in calls]
figure, panels = plt.subplots(1, 2, figsize=(8, 2.6), dpi=90, layout="constrained")
for panel, values, what in zip(panels, (taken, np.divide(taken, BATCHES)), ("a call", "a letter"), strict=True):
    panel.plot(BATCHES, values, "o-")
    panel.set(xscale="log", xlabel="letters in a call", ylabel=f"milliseconds for {what}", ylim=(0, None))
    panel.set_xticks(BATCHES, BATCHES)
    panel.set_xticks([], minor=True)
plt.show()

# %%
each, saved = taken[-1] / BATCHES[-1], taken[0] / (taken[-1] / BATCHES[-1])
so = (
    "So a page is best written in one call."
    if saved > 1.2
    else "So the number of letters in a call makes no difference."
)
say(f"In calls of {BATCHES[-1]} a letter takes {each:.1f} ms; alone {taken[0]:.1f}, {saved:.1f} times that. {so}")

# %% [markdown]
# A server can put requests of several people together by itself (`--enable_batching`); every row of a batch has a hand
# code of its own, so different hands may stand in one.
#
# ## On a telephone: LiteRT
#
# **LiteRT**, until 2024 called TensorFlow Lite, is a small runtime for telephones and boards. It reads one file
# (`.tflite`) with a graph of its own, simpler operations. `tf.lite.TFLiteConverter` translates a SavedModel's
# signatures. We try ours as they are:

# %%
for name, signature in (("hand62", "encode_hand"), ("hand62", "write"))[: max(1, STEPS - 1)]:
    converter = tf.lite.TFLiteConverter.from_saved_model(str(shipped[name]), signature_keys=[signature])
    try:
        say(f"`{name}` `{signature}`: **converted**, {len(converter.convert()) / 2**20:.1f} MiB.")
    except Exception as error:  # the converter has one class of error for everything
        operations = sorted(set(re.findall(r"'tf\.(\w+)' op is neither", str(error))))
        shapes = re.search(r"\((tensor<[^)]*)\) ->", str(error))
        say(f"`{name}` `{signature}`: **refused** at {', '.join(operations)}, given `{shapes and shapes.group(1)}`.")

# %% [markdown]
# LiteRT does have convolutions and slices. The problem is the question marks, which stand for sizes that are not known.
# The signatures leave open how many letters come in a call; the generator doubles its pictures on the way; and after
# that, with one size open, the converter no longer knows how many *rows* a picture has. It cannot convolve a picture of
# unknown size, nor add an axis to it.
#
# One can let it fall back on TensorFlow's own operations (`SELECT_TF_OPS`), and must then put these into the app as
# well. But on a telephone one knows how many letters are needed. So we close the sizes: the signature is wrapped in a
# function of fixed shapes, and that is converted.


# %%
def convert(model, signature, small, **shapes):
    """A signature for inputs of exactly these shapes, as the bytes of a .tflite file."""
    call = model.signatures[signature]
    specs = {
        name: tf.TensorSpec(shapes[name], spec.dtype, name) for name, spec in call.structured_input_signature[1].items()
    }
    fixed = tf.function(lambda **inputs: call(**inputs)).get_concrete_function(**specs)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([fixed], model)
    if small:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    return converter.convert()


# %% [markdown]
# Each is converted twice. In **float32** the weights stay as they are. With **dynamic-range quantisation** a weight
# $w$ is kept as a whole number of one byte,
#
# $$ q = \mathrm{round}(w / s), \qquad s = \max |w| \, / \, 127, $$
#
# with a scale $s$ for each matrix or each channel of it: a quarter of the size, and a rounding error of at most half of
# $s$ in every weight. The numbers between the layers stay in floating point; only inside the large products they
# are rounded as well, to the range that they have at that moment, hence *dynamic*.

# %%
SHAPES = {
    ("hand62", "write"): {name: value.shape for name, value in asked.items()},
    ("hand62", "encode_hand"): {"samples": seen.shape, "characters": places.shape, "mask": mask.shape},
    ("cgan-digits", "generate"): {name: value.shape for name, value in random.items()},
    ("stylegan62", "synthesize"): {"styles": styles.shape, "characters": (62,), "noise": spots.shape},
}
chosen = list(SHAPES)[: min(STEPS, len(SHAPES))]
light = {
    (*key, small): convert(loaded[key[0]], key[1], small, **SHAPES[key]) for key in chosen for small in (False, True)
}
mib = lambda key, small: f"{len(light[(*key, small)]) / 2**20:.2f}"  # noqa: E731
table([(*k, mib(k, False), mib(k, True)) for k in chosen], ["model", "signature", "float32, MiB", "quantised, MiB"])

# %% [markdown]
# A file holds one signature and the weights that it needs, so these are the sizes of parts: the encoder of hand62 is in
# one, the generator in the other.
#
# The runtime is called an interpreter. Its home is the package `ai-edge-litert`; TensorFlow has an older copy, which
# says of itself that it will go. We take the new one where it is installed, and else the old one with its warning,
# which is shown here rather than hidden.

# %%
with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    if find_spec("ai_edge_litert"):
        from ai_edge_litert.interpreter import Interpreter
    else:
        Interpreter = tf.lite.Interpreter
    runners = {key: Interpreter(model_content=content) for key, content in light.items()}
runners = {key: interpreter.get_signature_runner() for key, interpreter in runners.items()}
said = {" ".join(str(each.message).split()) for each in warned}
say(f"Interpreter: `{Interpreter.__module__}`. " + ("It says: *" + " ".join(said) + "*" if said else "No warnings."))

# %% [markdown]
# ## Size, speed, difference
#
# Three ways to compute the same letters: the SavedModel, LiteRT in float32, LiteRT quantised. The difference is in grey
# levels of 255, and a reader (the preset `reader62`, see notebook [6](06_how_like_is_it.ipynb)) gives the
# conditional accuracy: the share of letters that are read as the character asked for.

# %%
inputs = {
    ("hand62", "write"): asked,
    ("hand62", "encode_hand"): {"samples": seen, "characters": places, "mask": mask},
    ("cgan-digits", "generate"): random,
    ("stylegan62", "synthesize"): {"styles": styles.numpy(), "characters": alphabet, "noise": spots},
}
ways = {key: {"SavedModel": loaded[key[0]].signatures[key[1]]} for key in chosen}
for *key, small in runners:
    ways[tuple(key)]["LiteRT, quantised" if small else "LiteRT, float32"] = runners[(*key, small)]
found = {
    (key, way): (next(iter(call(**inputs[key]).values())), milliseconds(lambda call=call, key=key: call(**inputs[key])))
    for key in chosen
    for way, call in ways[key].items()
}

# %%
reader = registry.load("reader62")
letter = np.array([reading(character) for character in reader.characters])  # look-alikes such as o, O and 0 are one
rows = []
for (key, way), (output, taken) in found.items():
    output, exact = np.asarray(output), np.asarray(found[key, "SavedModel"][0])
    cells = [f"{taken:.0f}", f"{np.abs(output - exact).mean():.1e}", "–", "–"]
    if output.ndim == 4:  # letters, not a code
        levels = np.abs(as_glyphs(output).astype(int) - as_glyphs(exact))
        read = letter[np.asarray(reader(output)).argmax(axis=-1)] == letter[inputs[key]["characters"]]
        cells = [f"{taken:.0f}", f"{levels.mean():.2f}", levels.max(), f"{read.mean():.0%}"]
    rows.append((*key, way, *cells))
table(rows, ["model", "signature", "way", "ms of processor", "mean difference", "greatest", "conditional accuracy"])

# %% [markdown]
# (For the code the difference is of its numbers, which are about standard normal; for letters of grey levels.) And to
# the eye, with the quantised letters' difference from the SavedModel's below them, eight times as strong as it is:

# %%
for key in chosen:
    outputs = [np.asarray(found[key, way][0]) for way in ways[key]]
    if outputs[0].ndim == 4:
        cells = [as_glyphs(output[-14:]) for output in outputs]
        off = np.abs(cells[2].astype(int) - cells[0])
        cells.append(np.minimum(8 * off, 255).astype(np.uint8))
        title = f"{key[0]}, {key[1]}"
        show(add_margin(grid(np.stack(cells), title, beside=[*ways[key], "8 x difference"])), 0.8)

# %%
key = ("hand62", "write")
times = {way: found[key, way][1] for way in ways[key]}
fastest = min(times, key=times.get)
exact, small = (as_glyphs(np.asarray(found[key, way][0])).astype(int) for way in ("SavedModel", "LiteRT, quantised"))
say(
    f"For an alphabet by hand62 the least processor time here takes **{fastest}**: {times[fastest]:.0f} ms; "
    + ", ".join(f"{way} {taken:.0f}" for way, taken in times.items() if way != fastest)
    + f". The quantised file has {len(light[(*key, True)]) / len(light[(*key, False)]):.0%} of the size of the other, "
    f"and its letters are {np.abs(small - exact).mean():.1f} grey levels of 255 off on average. The times are those of "
    "the processor that ran this notebook; a telephone has another, and only there can its own be measured."
)

# %% [markdown]
# ONNX, the exchange format of other runtimes, can be had from the same SavedModels with the `tf2onnx` package; it is
# not treated here.
#
# ## The part with gradients
#
# For a new person `tfhand.write` does more than `encode_hand`. It **optimises** the code: with the networks frozen, the
# code itself moves down a gradient for forty steps, until it draws the person's own samples. That takes gradients
# through the generator, and the signatures above (and LiteRT) compute forwards only. `python -m tfhand.export hand62 -o
# served/ --serving` puts the forty steps into the graph, in a signature `learn_pictures`. Here is the difference that
# they make.
#
# Every fourth of the eleven letters is left out; the code is found from the others, by the encoder alone and optimised.

# %%
kept = np.arange(len(text)) % 4 != 3
known, numbers = seen[:, kept], places[:, kept]
alone = call["encode_hand"](samples=known, characters=numbers, mask=mask[:, kept])["code"].numpy()
began = time.perf_counter()
optimised = pen.pipeline.with_steps(min(STEPS, 40)).codes(samples[None, kept], numbers)
lasted = time.perf_counter() - began
say(f"Made of {kept.sum()} letters; {(~kept).sum()} are left out. The optimisation took {lasted:.0f} seconds.")

# %%
order = np.concatenate([np.flatnonzero(kept), np.flatnonzero(~kept)])
still = np.zeros((len(order), 16), np.float32)
rows = {"the person": samples[order]}
for name, one in (("encoder alone", alone), ("optimised", optimised)):
    codes = np.repeat(one, len(order), axis=0)
    written = call["write"](code=codes, characters=places[0, order], noise=still)["images"]
    rows[name] = as_glyphs(written.numpy())
above = [text[place] + ("" if kept[place] else " *") for place in order]
show(add_margin(grid(np.stack(list(rows.values())), "left out: *", above, list(rows))), 1.0)

# %%
real, verifier = as_network_input(rows["the person"]), registry.load("judge62")
lines = []
for name in ("encoder alone", "optimised"):
    drawn = as_network_input(rows[name])
    off = np.square(drawn - real).mean(axis=(1, 2, 3))
    sets = [(images[None], places[:, order], np.ones((1, len(order)), np.float32)) for images in (real, drawn)]
    alike = float(np.sum(np.asarray(verifier(*sets[0])) * np.asarray(verifier(*sets[1]))))
    lines.append((name, f"{off[: kept.sum()].mean():.3f}", f"{off[kept.sum() :].mean():.3f}", f"{alike:.2f}"))
table(lines, ["code", "square error, letters given", "square error, letters left out", "likeness by judge62"])

# %% [markdown]
# The optimisation uses the letters given, so their column is too favourable; the letters left out are the fair test,
# though a few letters of one person say little. Notebook [6](06_how_like_is_it.ipynb) measures the same for more
# people. (`judge62` compares hands, whatever the nib; 1 is the highest likeness.)
#
# In practice nothing is lost without them. A hand code is a list of numbers. It is found once for each person, where
# the gradients are; afterwards it goes with every request to the server, or into the app, and `write` takes it as it
# takes any other.

# %%
stored = json.dumps(optimised[0].astype(float).round(3).tolist())  # all that is kept of a person
say(f"The whole hand, as it would be stored: {len(stored):,} bytes of JSON.")
word = "Thankyouverymuch"
again = np.repeat(np.array([json.loads(stored)], np.float32), len(word), axis=0)
wanted = np.array([pen.learned.index(character) for character in word], np.int32)
noise = pen.pipeline.draw_noise(rng, len(word))
images = call["write"](code=again, characters=wanted, noise=noise)["images"]
show(add_margin(grid(as_glyphs(images.numpy())[None])), 0.8)

# %% [markdown]
# ## Exercises
#
# **1.** Quantise a matrix by hand: take the largest weight of `cgan-digits`, round it by the two equations above, and
# compare the greatest error with $s / 2$.

# %% jupyter={"source_hidden": true} tags=["solution"]
weight = np.asarray(max(registry.load("cgan-digits").weights, key=lambda each: np.prod(each.shape)))
scale = np.abs(weight).max() / 127
quantised = np.round(weight / scale).astype(np.int8)
error = np.abs(quantised * scale - weight).max()
say(f"{weight.nbytes:,} bytes became {quantised.nbytes:,}; the greatest error is {error:.5f}, s / 2 {scale / 2:.5f}.")
assert quantised.nbytes * 4 == weight.nbytes
assert error <= scale / 2 + 1e-6

# %% [markdown]
# **2.** Send a code that is one number too short to `write`. What does the signature say, and is any letter written?

# %% jupyter={"source_hidden": true} tags=["solution"]
try:
    call["write"](code=again[:, :-1], characters=wanted, noise=noise)
    refused = None
except (ValueError, TypeError, tf.errors.InvalidArgumentError) as error:
    refused = str(error)
say(f"It refuses: *{' '.join(str(refused).split())[:300]} ...*")
assert refused

# %% [markdown]
# ## What we learned
#
# - A SavedModel is a graph, its weights and named signatures; it needs TensorFlow alone, and gives the same letters as
#   the preset, up to rounding. The main presets ship theirs.
# - A server takes the same inputs as JSON, any number of letters, and of hands, in one call.
# - LiteRT needs fixed shapes. Signatures that it refuses with open shapes it converts with fixed ones, without foreign
#   operations.
# - Quantised weights take a quarter of the size. The table above shows the effect on speed, grey levels and legibility:
#   measure it for your own processor and your own letters.
# - The optimisation needs gradients: those of Python, or of a graph that holds its steps; its result is sent along.

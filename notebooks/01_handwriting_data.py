# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 1. Handwriting as data: from a photo to labelled letters
#
# **Who this is for.** Anyone who knows some Python and NumPy. Nothing about neural networks is needed: this notebook
# trains none. It looks at what the networks of the later notebooks are fed with, and how it is made out of a photo.
#
# **What you will be able to do**
#
# - say what a glyph, a Hand, a writer and an archive are, and make each of them;
# - name the usual data sets of handwriting, and know which of them say *who* wrote a letter;
# - make as many synthetic writers as you like, and measure how much of a letter is the person and how much is chance;
# - turn a photographed line into labelled letters, and see what every stage does to the picture;
# - predict which letters of a photo are read, which are left out, and which mistakes are not noticed.
#
# **How long it takes.** About a minute to run as it is, a few seconds shortened (`TFHAND_NOTEBOOK_STEPS=2`); half an
# hour to read. No GPU, no download.
#
# This is the first of eight. Next comes [2, the conditional GAN](02_conditional_gan.ipynb). If you only want your own
# handwriting back, go straight to [5, write in your hand](05_write_in_your_hand.ipynb).

# %%
import tempfile
from dataclasses import fields, replace
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import PIL.Image
import PIL.ImageDraw
from course import code, confirm, effect, say, shortened, show, steps, table
from scipy import ndimage

# %%
from tfhand import Hand
from tfhand.core import charset
from tfhand.core.pictures import read_picture
from tfhand.data import rasterize, sources
from tfhand.data.scan_transform import ScanTransform
from tfhand.data.streams.writers import HandStream
from tfhand.data.synthetic.stroke_templates import STROKE_TEMPLATES
from tfhand.data.synthetic.writers import SyntheticWriter
from tfhand.hands import glyph
from tfhand.hands.glyph import as_glyphs

# %%
from tfhand.metrics import TRAITS
from tfhand.models import presets, registry
from tfhand.models.reader.misreads import flag_doubtful
from tfhand.scan import read_line
from tfhand.scan.image.components import find_components
from tfhand.scan.image.ink import border_ink, ink_level, ink_mask
from tfhand.scan.image.paper import as_paper, contrast_of, paper_level
from tfhand.scan.image.rulings import ruling_slope, without_rulings
from tfhand.scan.line import find_line
from tfhand.scan.line.mismatch import annotated
from tfhand.visualization import grids

STEPS = steps(1200)  # or the few of a shortened run
PEOPLE = min(STEPS, 40)  # synthetic writers

# %% [markdown]
# This is the way from paper to what a network is trained on; the notebook walks it from the end that is easiest to see:
#
# ![A photo of a sheet is made straight, its letters are cut out and read, and become a Hand; several Hands, data sets
# and synthetic writers make an archive; a stream draws batches from it](diagrams/data.svg)
#
# ## What a glyph is
#
# A photo of a letter is large, coloured, unevenly lit, and the letter stands anywhere in it. A network wants the
# opposite: every letter at the same size, in the same place, ink and paper always the same way round. That form is
# called a **glyph** here:
#
# > a square picture of 32 x 32 whole numbers from 0 to 255, white ink (255) on black paper (0), in which the longest
# > side of the box around the ink is 26 pixels and that box stands in the middle.
#
# MNIST's digits have been kept in nearly that form since 1998 (28 pixels, box of 20), which is why white on black
# feels odd and is usual. Three functions of `tfhand.hands.glyph` make it from a part of a photo.

# %%
photo = read_picture("../examples/sample.jpg")
piece = photo[148:258, 104:200]  # the q, cut out by hand
ink = glyph.as_ink(piece)  # one channel, paper 0, the strongest ink 255
top, left, bottom, right = glyph.ink_box(ink)  # the box around what is darker than a quarter of that
small = glyph.normalize(ink)  # scaled and centred

# %%
figure, axes = plt.subplots(1, 4, figsize=(8, 2.4), layout="constrained")
for axis, picture in zip(axes, (piece, ink, ink, small), strict=True):
    axis.imshow(picture, cmap="gray")
axes[2].add_patch(plt.Rectangle((left, top), right - left, bottom - top, fill=False, color="tab:orange", lw=2))
axes[3].add_patch(plt.Rectangle((2.5, 2.5), 26, 26, fill=False, color="tab:orange", lw=2))
for axis, title in zip(axes, ("the photo", "as_ink", "ink_box", "normalize: the glyph"), strict=True):
    axis.set_title(title, fontsize=10)

# %% [markdown]
# Look at the numbers along the axes: the letter shrinks to 26 pixels, and where the stroke is thinner than a pixel it
# turns grey. Those greys are not dirt, they say *where within a pixel* the edge lies.
#
# The scale is one number, the same across and down, or letters would change their proportions:
#
# $$ s = \frac{26}{\max(h, w)}, \qquad 26 = 32 \cdot \tfrac{26}{32}, $$
#
# where $h$ and $w$ are the height and width of the ink's box. Here it stands in the library's own code, as
# `box_side(size)` over the longest side:

# %%
code(glyph.normalize)

# %%
longest = max(bottom - top, right - left)
say(f"The box of this q is {bottom - top} x {right - left} pixels, so $s = 26 / {longest} = {26 / longest:.3f}$.")
print(small[4:12, 8:24])

# %% [markdown]
# ### What is lost on the way
#
# Every letter now has one size, and so a c and a C are the same. That is no fault of the code, it is the price of the
# form: **how large a letter was and how high it stood is kept beside the glyph, not in it**. The library keeps both
# in *x-heights*, the height of a small x, so that a page can put letters back where they belong.
#
# It also means that reading an O as a 0 is no mistake. Wherever letters are read in this course, the characters of each
# of these groups count as one:

# %%
groups = [[c for c in charset.CHARACTERS if charset.reading(c) == first] for first in charset.CHARACTERS]
twins = "".join("".join(group) for group in groups if len(group) > 1)
writer, random = SyntheticWriter.of(1006), np.random.default_rng(0)
drawn = np.stack([rasterize.draw_strokes(writer.strokes(c, random)) for c in twins])
bands = [grids.grid(drawn[None, at], "", twins[at]) for at in (slice(0, 13), slice(13, None))]
show(grids.arrange(bands, across=1), 0.9)

# %%
lines = [(c, charset.geometry(c).bottom, charset.geometry(c).height) for c in "xcCgf0,"]
table([(c, f"{b:.2f}", f"{h:.2f}") for c, b, h in lines], ["character", "bottom over the line", "height"])

# %% [markdown]
# The table is what is typical of people (medians over the writers of UNIPEN, see
# [`tfhand/core/charset.py`](../tfhand/core/charset.py)), in x-heights. A C is a c that is taller by half.
#
# ## Character, writer, Hand, archive
#
# Four more words, and you can read everything else in this project.
#
# - **Characters**: what can be written. The networks here know 62 of them, digits, capitals and small letters.
# - **Writer**: one person in a data set, by number. Nobody's name is kept.
# - **Hand**: one person's glyphs by character, any number of each. It behaves like a dictionary.
# - **Archive**: many people's characters in one file: which character each is, and who wrote it.
#
# Our first archive is by synthetic writers; they come below.

# %%
data = sources.load(f"synthetic:{PEOPLE}:3")  # everybody writes every character three times
rows = [(f.name, getattr(data, f.name)) for f in fields(data) if getattr(data, f.name) is not None]
table([(n, a.dtype, a.shape, str(a[:3]).replace("\n", "")) for n, a in rows], ["", "type", "shape", "begins"])
say(f"{len(data):,} characters by {len(np.unique(data.writers))} writers: `{data.characters}`")

# %% [markdown]
# `labels` says *what* (its number in `classes`), `writers` says *who*. The rest is how it was written: this archive
# holds pen strokes, which are explained below; an archive of scanned letters has `images` instead. Any `.npz` with
# these names can be loaded as well: `sources.load("mine.npz")`.
#
# A Hand is one writer of an archive. Let us take three digits of writer 0:

# %%
mine = [np.flatnonzero((data.writers == 0) & (data.places_in(c) == 0)) for c in "273"]
hand = Hand({character: list(data.render(which)) for character, which in zip("273", mine, strict=True)})
show(grids.grid(np.stack([np.stack(hand[c]) for c in hand]), beside=list(hand)), 0.8)
say(
    f"`{hand!r}`: `hand['2']` is a tuple of {len(hand['2'])} arrays {hand['2'][0].shape}, `list(hand)` is "
    f"`{list(hand)}`, and `hand.missing('0123456789')` says `{hand.missing('0123456789')}`."
)

# %% [markdown]
# ## Why people are held out, never samples
#
# To know whether something works, one tries it on data that it has not seen. There are two ways to hold data out:
#
# - *Samples held out*: a quarter of all letters, chosen at random.
# - *People held out*: all letters of a quarter of the people.
#
# You, as a user, will be the second case: a new person. `Archive.split_writers` holds people out. To see how much the
# two differ, here is the simplest classifier there is, without a network: each letter gets the label of the most
# similar known letter (its nearest neighbour). With $x$ the unknown letter and $k$ a known one, both as 1024 numbers,
#
# $$ \lVert x - k \rVert^2 = \lVert x \rVert^2 - 2\, x \cdot k + \lVert k \rVert^2, $$
#
# where the first term is the same for all $k$ and can be left out.

# %%
glyphs = data.render(np.arange(len(data))).reshape(len(data), -1).astype(np.float32) / 255
truth = np.array([charset.reading(c) for c in data.classes])[data.labels]  # look-alikes are one
_, new_people = data.split_writers(share=0.25, seed=0)
at_random = np.random.default_rng(0).random(len(data)) < 0.25
right, by_person, own = {}, {}, 0.0
for name, test in (("samples", at_random), ("people", np.isin(data.writers, new_people))):
    known = glyphs[~test]
    nearest = np.argmin(np.square(known).sum(axis=1) - 2 * glyphs[test] @ known.T, axis=1)
    found = truth[~test][nearest] == truth[test]
    right[name], owners = np.mean(found), data.writers[test]
    by_person[name] = [found[owners == person].mean() for person in new_people]
    own = own if name == "people" else np.mean(data.writers[~test][nearest] == data.writers[test])

# %%
gap = 100 * (right["samples"] - right["people"])
say(
    f"With **samples** held out the classifier is right in **{right['samples']:.1%}** of all cases, with **people** "
    f"held out in **{right['people']:.1%}**, a difference of {gap:.1f} points. In the first test the nearest letter "
    f"is by the same person in {own:.0%} of all cases; in the second that cannot be."
)
confirm("Of the same people more seems right with samples held out", effect(by_person["people"], by_person["samples"]))

# %% [markdown]
# A test with letters of known people says nothing about the next person. All figures in this project are measured on
# people held out.
#
# ## The data sets
#
# This is the list of what `sources.load` takes by name, from its own documentation:

# %%
say(sources.__doc__)
table([(k, len(v), f"`{v}`") for k, v in sources.EMNIST_CLASSES.items()], ["EMNIST's", "classes", "which"])

# %% [markdown]
# - **MNIST** (LeCun, Cortes and Burges 1998): digits by employees of the American census and by high-school students,
#   with the digit as label. The writers are not given.
# - **EMNIST** (Cohen et al. 2017, [arXiv 1702.05373](https://arxiv.org/abs/1702.05373)): letters as well, from the
#   same forms; no writers either. Beware of `balanced`, `bymerge` and `letters`: they put capitals and small letters
#   that look alike under one label.
# - **QMNIST** (Yadav and Bottou 2019, [arXiv 1905.10498](https://arxiv.org/abs/1905.10498)) found MNIST's digits
#   again in the original files, and with them the number of the writer of each. So MNIST becomes a data set of hands.
# - **UNIPEN** (Guyon et al. 1994): written on tablets. It holds no ink but the path of the pen: strokes, in order, with
#   writers. Most of what `hand62` knows about hands comes from it.
# - **Synthetic writers**: people who never lived. No download and no licence, and everything about them is known.
#
# To learn a *hand*, a data set must say who wrote what. Without writers one can learn what a 7 is, and never what
# *your* 7 is. The preset `hand62`, which notebook 5 writes with, says itself what it learned from:

# %%
training = presets.read_config("hand62")["training"]
held_out = list(training["validation_writers"].values())
facts = [(d["name"], d["glyphs"], d["writers"], len(d["characters"])) for d in training["data"]]
head = ["archive", "glyphs", "writers", "characters", "writers held out", "glyphs a writer"]
table([[*fact, len(out), round(fact[1] / fact[2])] for fact, out in zip(facts, held_out, strict=True)], head)

# %% [markdown]
# Nothing is downloaded here. If one of the public sets lies on this disk already, the next cell shows some of it; any
# later notebook works with it too (`"mnist"` in place of `"synthetic:..."`).

# %%
downloads = "mnist", "emnist/balanced", "qmnist"
present = [name for name in downloads if sources.is_downloaded(name)]
for name in present:
    found = sources.load(name)
    show(grids.grid(found.images[: min(STEPS, 24)][None], f"{name}: {len(found):,}, {found.characters}"), 0.5)
missing = ", ".join(f"`{name}`" for name in downloads if name not in present)
say(f"Not on this disk, and left out: {missing or 'none'}.")

# %% [markdown]
# ## Strokes: where the pen was
#
# An image shows the result of writing. A tablet records the writing itself: one list of points for each time the pen
# was down. From strokes a glyph can be *drawn*, at any size, with any nib (the width of the line) and any slant. That
# turns one sample into many, and it lets us teach a network that the pen is not the person.

# %%
which = int(np.flatnonzero(data.places_in("k") == 0)[0])
figure, axes = plt.subplots(1, 7, figsize=(11, 2), layout="constrained")
for number, stroke in enumerate(data.strokes(which)):
    axes[0].plot(*stroke.T, ".-", lw=1, ms=4, label=f"stroke {number + 1}")
    axes[0].plot(*stroke[0], "o", ms=9, mfc="none", color=f"C{number}")
axes[0].set(title=f"{len(data.strokes(which))} strokes", aspect="equal", ylim=axes[0].get_ylim()[::-1])
drawings = [{"nib": 1.2}, {"nib": 2.5}, {"nib": 4.0}, {"size": 64}, {"matrix": rasterize.shape_matrix(slant=0.5)},
            {"matrix": rasterize.shape_matrix(stretch=0.5)}]  # fmt: skip
for axis, options in zip(axes[1:], drawings, strict=True):
    axis.imshow(data.draw(which, **options), cmap="gray_r")
for axis, title in zip(axes[1:], ("nib 1.2", "nib 2.5", "nib 4", "64 pixels", "slant 0.5", "stretch 0.5"), strict=True):
    axis.set(title=title, xticks=[], yticks=[])

# %% [markdown]
# The circles mark where the pen was put down. Slant and stretch are one linear map on the coordinates ($x$ right, $y$
# down), which `rasterize.shape_matrix` gives: with $k$ the slant and $e^{t}$ width over height,
#
# $$ \begin{pmatrix} x' \\ y' \end{pmatrix} =
#    \begin{pmatrix} e^{t/2} & -k \\ 0 & e^{-t/2} \end{pmatrix} \begin{pmatrix} x \\ y \end{pmatrix}. $$

# %%
print(np.round(rasterize.shape_matrix(slant=0.5), 2), np.round(rasterize.shape_matrix(stretch=0.5), 2), sep="\n")

# %% [markdown]
# ## Synthetic writers: people who never lived
#
# Real handwriting cannot always be published, and nobody knows the truth about it: is this person's slant 12 degrees
# or 14? So the library can make writers. A number, the *seed*, makes one `SyntheticWriter`, always the same one: a
# person with habits. Here are five.

# %%
everybody = [SyntheticWriter.of(seed) for seed in range(100, 105)]
samples = [[rasterize.draw_strokes(one.strokes(c, np.random.default_rng(0)), nib=16 * one.nib)
            for c in charset.CHARACTERS] for one in everybody]  # fmt: skip
cells, beside = np.array(samples), [str(one.seed) for one in everybody]
bands = [grids.grid(cells[:, at : at + 21], "", charset.CHARACTERS[at : at + 21], beside) for at in (0, 21, 42)]
show(grids.arrange(bands, across=1), 0.65)

# %% [markdown]
# Would you believe that these are five people? These numbers make them different, and nothing else. Lengths are in
# x-heights, angles in degrees; the meaning of each is in the docstring of
# [`SyntheticWriter`](../tfhand/data/synthetic/writers.py).

# %%
names = [field.name for field in fields(SyntheticWriter) if field.name not in ("seed", "forms", "dot_place")]
values = [[getattr(one, name) for one in everybody] for name in names]
written = [[f"{v:.2f}" if isinstance(v, float) else v for v in line] for line in values]
head = ["habit", *(f"writer {one.seed}" for one in everybody)]
table([[n, *line] for n, line in zip(names, written, strict=True)], head)

# %% [markdown]
# One habit at a time. Each row changes a single number of writer 102 and leaves everything else as it is, the random
# numbers too.


# %%
def write(axis, writer, word, points=13):
    """A word by a writer, letter beside letter; `points` of a line to an x-height."""
    random, x = np.random.default_rng(0), 0.0
    for character in word:
        lines = writer.strokes(character, random)
        left, right = min(line[:, 0].min() for line in lines), max(line[:, 0].max() for line in lines)
        for line in lines:
            axis.plot(line[:, 0] + x - left, line[:, 1], "k", lw=points * writer.nib, solid_capstyle="round")
        x += right - left + 0.35
    axis.set(aspect="equal", xlim=(-0.4, max(x, 5.2)), ylim=(1.7, -2.8))
    axis.axis("off")


# %%
sweeps = {"slant": (-15, 0, 12, 25), "width": (0.7, 0.95, 1.2, 1.5), "ascender": (0.75, 1, 1.25, 1.5),
          "descender": (0.6, 1, 1.4, 1.8), "haste": (0, 1, 2, 4), "lead_out": (0, 0.4, 0.8, 1.2),
          "tremor": (0, 0.015, 0.03, 0.06), "quirk": (0, 0.05, 0.1, 0.2), "nib": (0.06, 0.12, 0.2, 0.3)}  # fmt: skip
figure, axes = plt.subplots(len(sweeps), 4, figsize=(9, 9.5), layout="constrained")
for row, (name, values) in zip(axes, sweeps.items(), strict=True):
    for axis, value in zip(row, values, strict=True):
        write(axis, replace(everybody[2], **{name: value}), "handy")
        axis.set_title(f"{name} {value}", fontsize=9, pad=0)

# %% [markdown]
# Besides numbers there are **letter forms**: an a with or without a roof, a looped g, a crossed 7. A person has one for
# each character and stays with it, and the choices are related: people who loop the g mostly loop the y. No shear or
# stretch turns one form into another, so a network that copies a hand has to learn forms as well as angles.

# %%
shapes = [(c, name) for c in "agz" for name in STROKE_TEMPLATES[c]]
figure, axes = plt.subplots(1, len(shapes), figsize=(11, 1.6), layout="constrained")
for axis, (character, name) in zip(axes, shapes, strict=True):
    write(axis, replace(everybody[2], forms={**everybody[2].forms, character: name}, quirk=0), character, 16)
    axis.set(xlim=(-0.6, 1.9))
    axis.set_title(f"{character}\n{name}", fontsize=8)

# %% [markdown]
# ## The person and chance
#
# Nobody writes a letter twice the same way. Below, each column is a person and each row an attempt: the same g, three
# times.

# %%
g = np.flatnonzero(data.places_in("g") == 0).reshape(PEOPLE, 3)[:20]
show(grids.grid(data.render(g.T.ravel()).reshape(3, len(g), 32, 32), beside=["1st", "2nd", "3rd"]), 0.7)

# %% [markdown]
# Letters of a column are more alike than letters of a row. How much more can be measured: the library reads eight
# **traits** off a glyph, plain numbers such as its slant, how round its line is, how much of it is loops
# (`tfhand.metrics.TRAITS`). For one trait of one character let $x_{ij}$ be its value in sample $j$ of person $i$,
# with $k$ samples of everybody. With $\text{MS}_B$ the mean square between people and $\text{MS}_W$ the one within
# them, the *intraclass correlation*
#
# $$ \rho = \frac{\text{MS}_B - \text{MS}_W}{\text{MS}_B + (k - 1)\, \text{MS}_W} $$
#
# (Shrout and Fleiss, *Psychological Bulletin* 86, 1979, the case (1, 1)) is the share of all variation that is the
# person's: 1 if each person always writes the same, 0 if it makes no difference who writes.


# %%
def persons_share(x):
    """The equation above for values (people, characters, samples), one for each character."""
    k = x.shape[2]
    between = k * x.mean(axis=2).var(axis=0, ddof=1)  # (characters,)
    within = x.var(axis=2, ddof=1).mean(axis=0)
    return (between - within) / np.maximum(between + (k - 1) * within, 1e-12)


# %% [markdown]
# We ask twice: of single letters, and of whole alphabets, where a person's value is the mean over all characters of
# how far theirs are from everybody's.

# %%
every, letters, alphabets = data.render(np.arange(len(data))), {}, {}
for name, trait in TRAITS.items():
    x = trait(every).reshape(PEOPLE, len(data.classes), 3)
    letters[name] = persons_share(x)
    apart = x - x.mean(axis=(0, 2), keepdims=True)
    alphabets[name] = float(persons_share(apart.mean(axis=1, keepdims=True))[0])

# %%
figure, axis = plt.subplots(figsize=(8, 3), layout="constrained")
axis.boxplot(list(letters.values()), tick_labels=list(letters), showfliers=False)
axis.plot(np.arange(1, len(TRAITS) + 1), list(alphabets.values()), "o", color="tab:blue", label="whole alphabets")
axis.set(ylabel="the person's share", ylim=(-0.1, 1.05))
axis.legend(loc="lower left")
means = {name: float(values.mean()) for name, values in letters.items()}
most, least = max(means, key=means.get), min(means, key=means.get)
say(
    f"Of single letters the person's share is largest in **{most}** ({means[most]:.2f}), smallest in **{least}** "
    f"({means[least]:.2f}), {np.mean(list(means.values())):.2f} in the mean over the traits; of whole alphabets it is "
    f"**{np.mean(list(alphabets.values())):.2f}**."
)

# %% [markdown]
# A box is the middle half of the 62 characters, the dots are whole alphabets: over many letters chance averages out and
# the person stays. That is why a few letters are enough to begin with, and more are better.
#
# Two things to keep in mind. Some traits cannot tell people apart by some letters: *ends*, the share of the line that
# lies in end strokes, is all of a c, whoever writes it. And this archive is drawn with one and the same nib, so that
# *thickness* here only says how far a letter had to be enlarged.
#
# ## One hand, many scans
#
# The same person, another pen, another camera, a sheet that was not straight: the line is thicker and everything leans.
# A network must not take that for a new person, and it learns this from examples. For every hand in a batch a
# `ScanTransform` is drawn (slant, stretch, rotation and nib of the scan), **one for all letters of that hand**.
# Compare:

# %%
word = [int(np.flatnonzero((data.writers == 0) & (data.places_in(c) == 0))[0]) for c in "Handwriting7"]
random = np.random.default_rng(3)
scans = [ScanTransform.draw(random) for _ in range(4)]
together = [[data.draw(i, nib=scan.nib, matrix=scan.matrix) for i in word] for scan in scans]
mixed = [[ScanTransform.draw(random) for _ in word] for _ in scans]
apart = [[data.draw(i, nib=scan.nib, matrix=scan.matrix) for i, scan in zip(word, line, strict=True)] for line in mixed]
captions = [f"one scan {n}" for n in (1, 2, 3, 4)] + [f"mixed {n}" for n in (1, 2, 3, 4)]
show(grids.grid(np.array(together + apart), beside=captions, sources=(4, 0)), 0.75)

# %% [markdown]
# Each of the upper rows could be one person's. None of the lower ones could: there the transform was drawn for every
# letter separately, as "random augmentation" usually does. Such augmentation has its place in this project too: before
# a network that separates real letters from generated ones (the discriminator of notebook 2). There both kinds are
# treated alike, so that the augmentation does not reveal which is which.
#
# ## What a network sees
#
# Batches come as a `tf.data.Dataset`. Batch number $n$ is a function of the seed and of $n$ alone, so a training that
# was stopped goes on with exactly the batches it would have had. (The last line of the cell makes sure.)

# %%
stream = HandStream([data], [1.0], charset.CHARACTERS, hands=min(STEPS, 6), targets=3, references=8, seed=1)
batch = {name: tensor.numpy() for name, tensor in next(iter(stream.dataset(0, 1))).items()}
rows = [(n, a.dtype, a.shape, f"{a.min():g} to {a.max():g}") for n, a in batch.items()]
table(rows, ["", "type", "shape", "range"])
assert all(np.array_equal(batch[name], again) for name, again in next(stream.batches(0)).items())

# %% [markdown]
# Glyphs go in as numbers from -1 (paper) to 1 (ink), with a last axis for the single colour channel. A row below is
# one hand of the batch: up to eight *references* by which the hand is to be known, softened and grained as a camera
# would, and behind the rule three *targets*, other characters, clean, which are to be written. `reference_mask` says
# how many references count: the network has to live with one letter as well as with eight.

# %%
cells = np.concatenate([as_glyphs(batch["references"]), as_glyphs(batch["targets"])], axis=1)
said = [", ".join(charset.CHARACTERS[i] for i in line) for line in batch["characters"]]
show(grids.grid(cells, beside=said, sources=(0, 8)), 0.8)

# %% [markdown]
# # From a photo to labelled letters
#
# Now your own data instead of collected data. Below is `../examples/sample.jpg`, which says *quick fox 273*. It looks
# like a phone's photo of a person's writing, and both are synthetic: writer 1006 wrote it
# ([`make_sample.py`](../examples/make_sample.py)), so that the project need not show anybody's real hand. The code does
# not know that. Put your own file and text into these two lines if you like.

# %%
PHOTO, SAYS = "../examples/sample.jpg", "quick fox 273"
photo = read_picture(PHOTO)
show(photo, 0.55, photo=True)

# %% [markdown]
# No network is used for any of this. Every stage is a function of [`tfhand.scan.image`](../tfhand/scan/image) that
# takes an array and returns one, so that each can be looked at separately.
#
# ### 1. The paper, and grey
#
# First the sheet of paper is looked for: on a photo with a table around it, it is cut out and straightened. Here it
# fills the picture. Colour says little about ink (pens are blue, black, green), so it goes next. A photo larger than
# three million pixels is scaled down on the way.

# %%
on_a_table = np.pad(photo, ((120, 120), (160, 160), (0, 0)))
on_a_table[(on_a_table == 0).all(axis=2)] = (70, 48, 30)
lying = PIL.Image.fromarray(on_a_table).rotate(3, expand=True, fillcolor=(70, 48, 30))
show(np.asarray(lying), 0.3, photo=True)
show(np.uint8(as_paper(np.asarray(lying)).grey), 0.3, photo=True)
grey = as_paper(photo).grey
show(np.uint8(grey), 0.55, photo=True)
say(f"{grey.shape[1]} x {grey.shape[0]} grey levels.")

# %% [markdown]
# ### 2. The light
#
# The paper is darker on the right: there is a shadow. One threshold for the whole picture would call the shadow ink,
# or the ink in the light paper. So we ask for every pixel how bright *bare paper* would be there.

# %%
paper = paper_level(grey)
show(np.uint8(paper), 0.55, photo=True)

# %%
row = int(ndimage.center_of_mass(grey < 0.6 * paper)[0])  # through the middle of the writing
figure, axis = plt.subplots(figsize=(9, 2.4), layout="constrained")
axis.plot(grey[row], color="0.6", lw=0.8, label="the photo")
axis.plot(paper[row], color="tab:orange", lw=2, label="paper_level")
axis.plot(0.5 * paper[row], "--", color="tab:orange", lw=1, label="half of it")
axis.set(xlabel="column", ylabel="grey level", ylim=(0, 260), title=f"row {row}")
axis.legend(loc="lower left", ncols=3, fontsize=8)
say(
    f"Along this row bare paper is anywhere between {paper[row].max():.0f} and {paper[row].min():.0f}. The estimate "
    "runs over the letters as if they were not there."
)

# %% [markdown]
# ### 3. Contrast
#
# Ink takes away a *share* of the light, in the sun as in the shadow. With $I$ the photo and $P$ the paper,
#
# $$ c = 1 - \frac{I}{P}, $$
#
# which is 0 on paper and would be 1 in perfect black.

# %%
contrast = contrast_of(grey)
show(np.uint8(255 * np.clip(1 - contrast, 0, 1)), 0.55, photo=True)
code(contrast_of)

# %% [markdown]
# ### 4. Printed lines
#
# Our sample stands on plain paper. To see what happens on ruled paper, we print pale lines on it, sloping a little as
# in a photo: light is multiplied, as real ink does.

# %%
height, width = grey.shape
down, across = np.mgrid[:height, :width]
lines = np.abs((down - 0.02 * across + 12) % 48 - 24) < 1.5  # every 48 pixels, falling by 2 in 100
ruled = np.where(lines, 0.72, 1.0) * grey
show(np.uint8(ruled), 0.55, photo=True)
on_ruled = contrast_of(ruled.astype(np.float32))
say(f"`ruling_slope`: plain {ruling_slope(contrast)}, ruled {ruling_slope(on_ruled)}")

# %% [markdown]
# Rulings are told from writing by their length: seen along the right slope they add up over the whole picture, and
# letters do not. Where a line and ink cross, both let through their share of the light, and the shares multiply; so
# the line is *divided* out, and no stroke is cut:
#
# $$ c' = 1 - \frac{1 - c}{1 - \ell}, $$
#
# with $\ell$ the contrast of the line alone.

# %%
slope = ruling_slope(on_ruled)
clean = on_ruled if slope is None else without_rulings(on_ruled, slope)
pair = [np.uint8(255 * np.clip(1 - c[95:260, 90:570], 0, 1)) for c in (on_ruled, clean)]
show(np.concatenate([pair[0], np.full((len(pair[0]), 40), 255, np.uint8), pair[1]], axis=1), 0.9, photo=True)
say(f"Read from the ruled photo: `{''.join(read_line(np.uint8(ruled), says=SAYS))}`.")

# %% [markdown]
# Follow a line through the q in both pictures: its strokes stay whole. A few dashes remain; they are too pale to pass
# the next stage.
#
# ### 5. Ink or paper
#
# Now a decision for every pixel. `ink_level` says how dark well inked strokes are. Then not one threshold but two
# (*hysteresis*): a region counts where all of it passes the lower, and some of it the higher one. So pale ends of
# strokes stay, and specks of grain, pale all over, go.

# %%
level = ink_level(contrast)
ink = ink_mask(contrast, level)
figure, axis = plt.subplots(figsize=(9, 2.4), layout="constrained")
axis.hist(contrast.ravel(), 120, range=(-0.15, 1), log=True, color="0.7")
axis.set(xlabel="contrast", ylabel="pixels")
for at, name in ((0.42 * level, "lower"), (0.62 * level, "higher"), (level, "ink_level")):
    axis.axvline(at, color="tab:orange", ls="-" if name == "ink_level" else "--")
    axis.text(at, axis.get_ylim()[1], f" {name}", va="top", fontsize=9)

# %%
show(np.uint8(255 * ~ink), 0.55)

# %% [markdown]
# The tall hill at 0 is paper, the small one on the right is ink. Between them lie the soft edges of the strokes.
#
# ### 6. Connected components
#
# Ink that is connected is one *component*. A letter is often one, but not always: an i has a dot, and a K may have
# two. And two letters that touch are one component.

# %%
found = find_components(ink, border_ink(ink, np.ones_like(ink)))
picture = np.full((*ink.shape, 3), 255, np.uint8)
for number, one in enumerate(found):
    picture[one.rows, one.columns] = np.uint8(255 * np.array(plt.get_cmap("tab10")(number % 10)[:3]))
show(picture, 0.55)
say(f"{len(found)} components for {len(SAYS.replace(' ', ''))} characters.")

# %% [markdown]
# ### 7. Which ink is which character
#
# We know what the line says, and that helps a lot: nothing has to be *recognised*, only *aligned*. An alignment gives
# each character a group of neighbouring components. It costs something if a group's box is not as tall, wide and high
# as is usual for that character, if gaps and spaces do not fit, if ink is left over. The cheapest alignment is found
# by dynamic programming ([`tfhand/scan/line/alignment.py`](../tfhand/scan/line/alignment.py)): the best one up to the
# next letter only needs the best ones up to the letter before. The line is turned level on the way.

# %%
reading = find_line(photo, SAYS)
picture = PIL.Image.fromarray(photo)
pencil = PIL.ImageDraw.Draw(picture)
for one, cost in zip(reading.found, reading.alignment.costs, strict=True):
    top, left, bottom, right = one.box
    pencil.rectangle((left, top, right, bottom), outline=(0, 130, 0), width=2)
    pencil.text((left, top - 32), f"{one.character}  {cost:.1f}", (0, 110, 0), font_size=26)
show(np.asarray(picture), 0.6, photo=True)
found = reading.alignment.line
say(
    "The numbers are costs, like minus the logarithm of a probability; a letter above 10 is left out. The photo "
    f"was turned by {reading.page.angle:.1f} degrees, a small x is {found.x_height:.0f} pixels tall, the pen's line "
    f"{reading.stroke:.1f} pixels wide."
)

# %% [markdown]
# ### 8. The Hand
#
# `read_line` does all of that at once, cuts the letters out of the contrast (with their soft edges, without their
# neighbours) and gives a Hand. Its contact sheet is there to be looked at: this is what everything later is learned
# from.

# %%
hand = read_line(PHOTO, says=SAYS)
show(hand.contact_sheet(), 0.55)
rows = [(s.character, s.source, s.ink.shape, s.baseline, s.height) for s in hand.samples[:5]]
table(rows, ["character", "source", "pixels of ink", "bottom, x-heights", "height, x-heights"])

# %% [markdown]
# ## How bad may a photo be?
#
# We spoil the photo step by step: half the light, a shadow, a tilt, the noise of a camera in the dark. The glyphs
# that are read are compared with those of the good photo: their mean difference, as a share of full ink.

# %%
random = np.random.default_rng(0)
light = 0.45 + 0.55 / (1 + np.exp((across + 0.6 * down - 800) / 20))  # a shadow on the right, 20 pixels soft
spoilt = {"dim": photo * 0.45}
spoilt["with a shadow"] = spoilt["dim"] * light[..., None]
turned = PIL.Image.fromarray(np.uint8(spoilt["with a shadow"])).rotate(-6, expand=True, fillcolor=(90, 88, 82))
spoilt["tilted"] = np.asarray(turned, np.float32)
spoilt["and noisy"] = spoilt["tilted"] + random.normal(0, 7, spoilt["tilted"].shape)
spoilt = {name: np.uint8(np.clip(picture, 0, 255)) for name, picture in spoilt.items()}

# %%
for name, picture in spoilt.items():
    again = read_line(picture, says=SAYS)
    apart = np.mean([np.abs(again[c][0] / 255.0 - hand[c][0] / 255.0).mean() for c in hand])
    say(f"**{name}**: {len(again.samples)} characters read, {apart:.1%} apart from those of the good photo")
show(spoilt["and noisy"], 0.5, photo=True)
show(again.contact_sheet(), 0.55)

# %% [markdown]
# Where does it end? We turn the good photo further and further, let a shadow fall on it whose edge is less and less
# soft, and print darker and darker lines under it.


# %%
def letters_read(picture):
    found = find_line(np.uint8(picture), SAYS)
    return "nothing" if found.doubt else f"{len(found.hand.samples)} of {len(found.found)}"


upright = PIL.Image.fromarray(photo)
tilts = {d: letters_read(upright.rotate(d, expand=True, fillcolor=(200, 197, 190))) for d in (0, 8, 16, 24, 32)}
shadow = np.where(across + 0.6 * down < 800, 1.0, 0.45)[..., None]
edges = {w: letters_read(photo * ndimage.gaussian_filter(shadow, (w, w, 0))) for w in (30, 10, 3, 0)}
rulings = {f"{1 - k:.0%}": letters_read(np.where(lines, k, 1.0) * grey) for k in (0.85, 0.7, 0.55, 0.4)}

# %%
for name, tries in (("tilt in degrees", tilts), ("softness of the shadow's edge in pixels", edges),
                    ("light taken by the printed lines", rulings)):  # fmt: skip
    table([["", *tries.values()]], [name, *tries])

# %% [markdown]
# A letter that is not understood is *left out*, which is the better mistake: letters under wrong labels would silently
# teach a network nonsense.
#
# ## If the text is wrong
#
# Say *slow fox 273*, and the components of the first word cannot be aligned. What is sure is taken, and for every other
# character there is a reason why not.

# %%
place = Path(tempfile.mkdtemp())
misread = find_line(PHOTO, "slow fox 273")
show(annotated(photo, misread.found), 0.55)
table([[one.character, one.reason] for one in misread.found if one.reason], ["character", "left out because"])

# %% [markdown]
# But suppose that the wrong text has the right number of letters and nearly the right shapes. We say *quick box 273*.

# %%
reader = registry.load("reader62")
wrong, right = flag_doubtful(read_line(PHOTO, says="quick box 273"), reader), flag_doubtful(hand, reader)
show(wrong.contact_sheet(), 0.55)
odd = [f"{sample.character} (looks like {sample.doubt})" for sample in wrong.samples if sample.doubt]
usual = [sample.character for sample in right.samples if sample.doubt]
listed = ", ".join(odd) or "nothing"
say(
    f"It is read: an f and a b have boxes alike. But a reader network flags {listed}. (Under the right text it flags "
    f"{', '.join(usual) or 'nothing'}: a false alarm costs one look.)"
)

# %% [markdown]
# That is why `python -m tfhand.extract` looks at all letters with a network once more, and frames in red those it
# flags. They stay in the folder, `write` and `font` leave them out until you approve them, and where most letters are
# flagged the text is refused. Two simple checks of different kinds catch more than one clever check. A 1 where an l is
# meant may pass both; there the contact sheet and your eyes are the check.
#
# ## Keeping it
#
# A Hand is saved as a folder: one PNG a letter, black on white, which any paint program can correct, and a list that
# says which character each one is. It loads again as it was.

# %%
hand.save(place / "my_hand")
print(*sorted(file.name for file in (place / "my_hand").iterdir()))
print("\n".join((place / "my_hand" / "hand.json").read_text(encoding="utf-8").splitlines()[:16]), "\n ...")
say(f"Loaded again, it is the same: **{Hand.load(place / 'my_hand') == hand}**.")

# %% [markdown]
# ## Exercises
#
# **1.** A glyph forgets where on the photo a letter stood and how large it was. Show it: put the q of the beginning on
# a larger piece of paper, and enlarge it twice. What does `glyph.normalize` make of each?

# %% jupyter={"source_hidden": true} tags=["solution"]
ink = glyph.as_ink(piece)
usual = glyph.normalize(ink)
elsewhere = glyph.normalize(np.pad(ink, ((40, 0), (7, 90))))
enlarged = glyph.normalize(np.kron(ink, np.ones((2, 2), np.uint8)))
show(grids.grid(np.stack([usual, elsewhere, enlarged])[None], "", ["as it was", "elsewhere", "enlarged"]), 1.5)
off = np.abs(enlarged.astype(int) - usual).mean()
say(f"Elsewhere it is the same in every pixel; enlarged a pixel differs by {off:.1f} grey levels of 255 on average.")
assert np.array_equal(usual, elsewhere)
assert off < 8

# %% [markdown]
# **2.** Of how many letters must one take the mean, so that the slant says who wrote them? Compute the person's share
# for the means of 1, 4, 16 and all characters.

# %% jupyter={"source_hidden": true} tags=["solution"]
x = TRAITS["slant"](every).reshape(PEOPLE, len(data.classes), 3)
from_usual = x - x.mean(axis=(0, 2), keepdims=True)
mixed_up = np.random.default_rng(0).permutation(len(data.classes))
shares = {
    count: float(persons_share(from_usual[:, mixed_up[:count]].mean(axis=1, keepdims=True))[0])
    for count in (1, 4, 16, len(data.classes))
}
table([{"letters": count, "the person's share of the slant": share} for count, share in shares.items()])
assert shortened() or shares[len(data.classes)] > shares[1]

# %% [markdown]
# ## What we learned
#
# - A glyph is a letter without its size and place: 32 x 32, ink white on black, box of 26. Size and place are kept
#   beside it, and letters that differ in nothing else count as one when they are read.
# - To learn a hand, data must say who wrote what, and a fair test holds out people.
# - Synthetic writers are not real ones, but the truth about them is known: habits are numbers, and each can be changed
#   separately.
# - Variation for training is drawn for a whole hand at a time, or the hand is lost.
# - From photo to letters there are eight plain stages, and a network only helps where letters are hard to tell. Knowing
#   the text replaces recognising it; what cannot be aligned is left out, and a wrong text that happens to fit is caught
#   by a reader, or by you.

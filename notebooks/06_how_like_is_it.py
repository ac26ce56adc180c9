# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 6. How like is it? The measures, and how they mislead
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/tfhand/tfhand/blob/main/notebooks/06_how_like_is_it.ipynb)
#
# **Who this is for.** Whoever has letters made by a network before them and wants to know what they are worth: users,
# students, reviewers. Some Python and the idea of a correlation are enough; how the networks work is told in notebooks
# [2](02_conditional_gan.ipynb), [3](03_stylegan.ipynb) and [4](04_stargan_v2.ipynb).
#
# **What you will be able to do**
#
# - measure whether letters can be read, whose hand they are taken for, which traits of it they keep, and how far they
#   lie from real ones: by four different kinds of judge;
# - build the baselines without which none of these figures says anything;
# - read a table of them, with its chance level, its ceiling and its luck;
# - catch each of them at misleading you;
# - get a report on one hand in plain words.
#
# **How long it takes.** Three to five minutes to run, one shortened (`TFHAND_NOTEBOOK_STEPS=2`); three quarters of an
# hour to read.
#
# Before it comes [5, write in your hand](05_write_in_your_hand.ipynb), after it [7, export and
# serve](07_export_and_serve.ipynb).

# %%
import importlib.util

if importlib.util.find_spec("tfhand") is None:  # on Colab
    print("Fetching tfhand ...")
    # !git clone --depth 1 https://github.com/tfhand/tfhand
    # %cd tfhand/notebooks
    # %pip install --quiet ..

# %%
import csv
import inspect
import os
import string
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Code, Markdown, display
from PIL import Image
from scipy.ndimage import binary_fill_holes

from tfhand import evaluation as similarity
from tfhand import scan
from tfhand.core.charset import reading
from tfhand.data import synthetic
from tfhand.evaluation.evaluation_set import PLAIN_NIB, blurred
from tfhand.evaluation.hand_evaluator import correlation
from tfhand.evaluation.hand_report import leave_letters_out
from tfhand.evaluation.plots import left_out
from tfhand.evaluation.two_sample import Letters, detect
from tfhand.hands.glyph import as_network_input
from tfhand.metrics import TRAITS, frechet_distance, kernel_distance
from tfhand.metrics.skeleton import SkeletonGraph
from tfhand.models import presets
from tfhand.models.batches import predict_in_batches, predict_on_sets
from tfhand.synthesis.synthesizer import Synthesizer

# %%
from tfhand.visualization import grids

# %%
STEPS = int(os.environ.get("TFHAND_NOTEBOOK_STEPS", 1200))  # the tests shorten everything by it
PEOPLE, KNOWN = max(4, min(STEPS, 20)), max(6, min(STEPS, 40))  # whom we judge by, and whom a copyist may copy
REFINED = min(STEPS, 15)  # steps of refinement; `tfhand.evaluate` takes 40
TOLD, DRAWN = min(STEPS, 120), max(40, min(STEPS, 1000))  # steps of a classifier; resamplings
FIRST = 1000  # number of the first invented writer; hand62 knows some of those below 300
CHARACTERS = string.digits + string.ascii_lowercase + "COSVXZ"  # six capitals that look like their small letters

# %% [markdown]
# Three helpers: `show` puts a picture on the page, `say` a sentence, `table` a list of rows. All else is the library's.


# %%
def show(picture, zoom=1.0):
    image = Image.fromarray(picture)
    small = image.resize([round(zoom * side) for side in image.size], Image.Resampling.BOX)
    display(small.quantize(24))  # few greys make a small file


def say(text):
    display(Markdown(text))


def table(heads, rows):
    lines = [heads, ["---"] * len(heads), *rows]
    say("\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines))


# %% [markdown]
# ## The question, and the people to ask it of
#
# A network is shown ten letters of a person and writes others. *Is that this person's hand?* To ask it properly we need
# people whom the network has never seen, their real letters of the characters that it is to write, and somebody other
# than ourselves to judge.
#
# The people here are invented: the procedural pens of notebook [1](01_handwriting_data.ipynb). With an archive of real
# people's pen strokes, put `sources.load("mine.npz")` (of `tfhand.data`) in place of the first line. Mind what the
# invented ones are: `hand62`, the preset on trial, was trained on real people and on 300 *other* pens, so these are
# new to it but of a kind that it knows; the judges, `reader62` and `verifier62`, have seen real handwriting only.

# %%
people = synthetic.archive(PEOPLE + KNOWN, samples=2, seed=FIRST, characters=CHARACTERS)
scene = similarity.EvaluationSet(people, range(PEOPLE), CHARACTERS, samples=10, seed=0)
trials = scene.trials
say(
    f"{len(people):,} letters by {PEOPLE + KNOWN} people: each wrote {len(CHARACTERS)} characters twice. By "
    f"{len(trials)} of them it is judged; the letters of the other {KNOWN} may be copied from."
)

# %% [markdown]
# A `EvaluationSet` draws a **trial** for each person: ten letters that are *given*, and the others, which are *asked for*. Of
# each character asked for there are two writings by the person. The first is the truth. The second is what the person
# answers when asked again: nobody writes a letter twice alike, so no answer can be expected to do better. It is the
# **ceiling**.

# %%
trial = trials[0]
named = "".join(scene.characters[number] for number in trial.wanted)
show(grids.add_margin(grids.grid(trial.samples[1][None], beside=["given"])))
cells = np.stack([trial.real, trial.again])[:, :15]
show(grids.add_margin(grids.grid(cells, "", named[:15], ["asked for: the truth", "the person, asked again"])), 0.8)

# %% [markdown]
# ## Ways to answer
#
# One figure of one network says nothing. So the same question is put to others as well, none of which writes anything:
# they hand over letters that exist already. These are the **baselines**; here they are in full:

# %%
for baseline in (similarity.mean_letter, similarity.another_person, similarity.NearestWriter):
    display(Code(inspect.getsource(baseline), language="python"))

# %% [markdown]
# - **Mean letter**: everybody gets the same fixed letter. Not the average picture, which would be a blur, but the real
#   letter that comes nearest to it (the *medoid*).
# - **Another person**: the letters of somebody drawn by lot.
# - **Nearest writer**: the verifier, of which more below, picks the known person whose hand is most like the ten
#   letters given, and that person's letters are handed over. A copyist with a good eye.
#
# All three are drawn with the nib (the width of the line) of the person in question: anybody can pick up the same pen.

# %%
place = scene.characters.index("a")
alike, centre = scene.plain[place], scene.known.draw(scene.medoids[[place]], PLAIN_NIB)
average = blurred(alike).mean(axis=0).astype(np.uint8)[None]
shown = np.concatenate([alike[:12], average, centre])[None]
above = ["a"] * len(alike[:12]) + ["average", "medoid"]
show(grids.add_margin(grids.grid(shown, "", above, ["known people"], sources=(0, len(alike[:12])))), 1.0)

# %% [markdown]
# And the preset on trial, twice. `hand62` makes a *hand code* of the ten letters by its encoder, and then **refines**
# it: for some steps the code moves until the network draws those ten letters best. The first of its rows stops before
# that.

# %%
networks, guide = presets.load("hand62"), presets.guide("hand62")
reader, verifier = presets.load("reader62"), presets.load("verifier62")
answers = {
    "hand62, encoder alone": similarity.Preset(networks, guide, steps=0),
    "hand62, refined": similarity.Preset(networks, guide, steps=REFINED),
    "nearest writer": similarity.NearestWriter(verifier),
    "mean letter": similarity.mean_letter,
    "another person": similarity.another_person,
}
letters = {"truth": [trial.real for trial in trials], "asked again": [trial.again for trial in trials]}
letters |= {name: answer(scene, trials) for name, answer in answers.items()}

# %%
for number in (0, 1, 2):
    asked = "".join(scene.characters[which] for which in trials[number].wanted)[8:22]
    cells = np.stack([rows[number][8:22] for rows in letters.values()])
    show(grids.add_margin(grids.grid(cells, "", asked, list(letters), sources=(2, 0))), 0.8)

# %% [markdown]
# Look at these for a minute before you read on. Which rows would you take for the person's? Which would you accept?
# What follows is an attempt to have that said by somebody who does not tire, and does not know which row is ours.
#
# ## First judge: the reader
#
# *Can it be read?* `reader62` is a classifier: a glyph in, 62 numbers out, one for each character, and the softmax
# $p_c = e^{z_c} / \sum_k e^{z_k}$ makes chances of them. **Legibility** is the share of letters for which the most
# likely character is the one that was meant.
#
# Here it hits upon a difficulty that has nothing to do with anybody's hand:

# %%
which = [next(n for n, one in enumerate(trials) if scene.characters.index(c) in one.wanted) for c in "o0sz"]
glyphs = [trials[n].real[trials[n].wanted == scene.characters.index(c)][0] for n, c in zip(which, "o0sz", strict=True)]
logits = np.asarray(reader(as_network_input(np.stack(glyphs)))).astype(float)
chances = np.exp(logits - logits.max(axis=1, keepdims=True))
chances /= chances.sum(axis=1, keepdims=True)
figure, panels = plt.subplots(2, 4, figsize=(9, 3), dpi=90, layout="constrained", height_ratios=(1, 1.3))
for character, glyph, chance, column in zip("o0sz", glyphs, chances, panels.T, strict=True):
    best = np.argsort(-chance)[:5]
    column[0].imshow(255 - glyph, cmap="gray")
    column[0].set_title(f"meant: {character}", fontsize=9)
    column[0].axis("off")
    column[1].bar([reader.characters[number] for number in best], chance[best], color="#1b5e8c")
plt.show()

# %% [markdown]
# Cut out and brought to one size, an *o*, an *O* and a *0* are the same thing; so are *s* and *S*. A reader that is
# asked to tell them apart can only guess. So look-alikes count as one character (`tfhand.core.charset.reading`):

# %%
groups = {}
for character in reader.characters:
    groups.setdefault(reading(character), []).append(character)
say("Counted as one: " + ", ".join("".join(group) for group in groups.values() if len(group) > 1))

# %%
counts_as = np.array([reading(character) for character in reader.characters])
meant = np.concatenate([scene.numbers_in(reader.characters)[trial.wanted] for trial in trials])
read = {
    n: predict_in_batches(reader, as_network_input(np.concatenate(rows))).argmax(axis=1) for n, rows in letters.items()
}
shares = {
    name: (np.mean(found == meant), np.mean(counts_as[found] == counts_as[meant])) for name, found in read.items()
}
table(
    ["letters", "the very character", "it or a look-alike"],
    [(n, f"{a:.2f}", f"{b:.2f}") for n, (a, b) in shares.items()],
)

# %%
wrong = np.flatnonzero(counts_as[read["truth"]] != counts_as[meant])[:16]
glyphs = np.concatenate(letters["truth"])[wrong]
above = [f"{reader.characters[meant[n]]} as {reader.characters[read['truth'][n]]}" for n in wrong]
if len(wrong):
    show(grids.add_margin(grids.grid(glyphs[None], "Real letters that are misread", above)), 1.3)
beaten = [name for name, share in shares.items() if share[1] > shares["truth"][1]]
say(f"Read more often than the people's own letters: {', '.join(beaten) or 'none'}.")

# %% [markdown]
# So the ceiling of legibility is not 1 but what real letters reach, and it can be exceeded: people write illegibly,
# networks and averages mostly do not. A network that is read *more* often than the person has made the hand tidier than
# it is. That is welcome in a letter to a friend, and a deviation all the same.
#
# ## Second judge: the verifier
#
# *Whose hand is it?* `verifier62` is a network that looks at a set of letters, of any characters and in any number, and
# gives one direction in space, a vector $e$ of length 1. It was trained so that two sets of one person point the same
# way and sets of different people do not, with other characters in the two sets and with another nib, so that neither
# what is written nor the pen gives it away. The likeness of two sets is $e \cdot e'$.
#
# Each person's letters asked for are split in two halves. One half of an *answer* is compared with the other half of
# everybody's *real* letters:

# %%
numbers = scene.numbers_in(verifier.characters)
plain = [scene.known.draw(trial.letters[trial.asked], PLAIN_NIB) for trial in trials]  # the truth, all with one nib


def embed(judge, rows, half):
    sets = [(numbers[one.wanted[half::2]], glyphs[half::2]) for one, glyphs in zip(trials, rows, strict=True)]
    return predict_on_sets(judge, sets)  # (people, D)


likeness = {n: embed(verifier, letters[n], 0) @ embed(verifier, plain, 1).T for n in ("asked again", *answers)}

# %%
chosen = ("asked again", "hand62, refined", "nearest writer", "mean letter")
figure, panels = plt.subplots(1, 4, figsize=(10, 2.7), dpi=90, layout="constrained")
for name, panel in zip(chosen, panels, strict=True):
    panel.imshow(likeness[name], cmap="viridis", vmin=-0.2, vmax=1)
    panel.plot(likeness[name].argmax(axis=1), range(len(trials)), "r.", ms=5)
    panel.set_title(name, fontsize=9)
    panel.set(xlabel="real letters of", xticks=[], yticks=[])
panels[0].set_ylabel("answer for")
plt.show()

# %% [markdown]
# A row is an answer, a column a person; bright is alike, and a red dot marks the likest person of each row. Where it
# lies on the diagonal, that is the right one. (The mean letter is the same for everybody, and so all its rows are.) In
# figures: the
# **rank** $r_i$ of the right person $i$ is one more than the number of people who are found liker. **Top-1** is the
# share of answers with $r_i = 1$, **top-5** that with $r_i \le 5$, and the **mean reciprocal rank** takes all of them
# in:
#
# $$ \mathrm{MRR} = \frac{1}{n} \sum_{i=1}^{n} \frac{1}{r_i}. $$
#
# Somebody who draws lots among $n$ people has a top-1 of $1/n$ and an MRR of $\frac{1}{n} \sum_{k=1}^{n} \frac{1}{k}$.


# %%
def ranks(rows, judge):
    found = []
    for half in (0, 1):  # each half once as the answer's, once as the people's
        alike = embed(judge, rows, half) @ embed(judge, plain, 1 - half).T
        found.append((alike >= np.diagonal(alike)[:, None]).sum(axis=1))  # among equals the last
    return np.stack(found)  # (2, people)


placed = {name: ranks(rows, verifier) for name, rows in letters.items() if name != "truth"}
lines = [(n, f"{np.mean(r == 1):.2f}", f"{np.mean(r <= 5):.2f}", f"{np.mean(1 / r):.2f}") for n, r in placed.items()]
lot = np.arange(1, len(trials) + 1)
lines.append(("by lot", f"{1 / len(lot):.2f}", f"{min(1, 5 / len(lot)):.2f}", f"{np.mean(1 / lot):.2f}"))
table(["letters", "top-1", "top-5", "MRR"], lines)

# %% [markdown]
# Two rows frame the others. *Asked again* is the **ceiling**: the verifier does not always know real people either,
# least of all from a dozen letters, and it can be no better at answers than at them. *By lot* is **chance**. And it
# depends on how many people there are: rank 1 among these few is no rank 1 among thousands. Figures of this kind are
# compared within one crowd, never across.
#
# ## Third judge: rulers
#
# *What* of the hand is there? A network's opinion does not say. So eight **traits** are measured, each a plain number
# read off a glyph, after Morpho-MNIST (Castro et al. 2019, [arXiv 1809.10780](https://arxiv.org/abs/1809.10780)). Here
# are all eight on letters by the known people: for each trait the one that has least of it, a middling one, and the one
# that has most. In red, what is measured.
#
# First those that come from the ink's moments. With the ink $w$ at $(x, y)$, summed to one, and its variances and
# covariance $\sigma_x^2, \sigma_y^2, \sigma_{xy}$: the **slant** is $-\sigma_{xy} / \sigma_y^2$, how far the letter
# leans to the right for each pixel upwards; **width to height** is $\log(\sigma_x / \sigma_y)$. **Mass** is how far the
# centre of the ink lies above the middle of its box.


# %%
def three(trait, character):
    glyphs = scene.plain[scene.characters.index(character)]
    values = TRAITS[trait](glyphs)
    some = np.argsort(values)[[0, len(values) // 2, -1]]
    return glyphs[some], values[some]


def paper(trait, character):
    panels = plt.subplots(1, 3, figsize=(4.5, 1.9), dpi=85, layout="constrained")[1]
    for panel, glyph, value in zip(panels, *three(trait, character), strict=True):
        panel.imshow(255 - glyph, cmap="gray", alpha=0.45)
        panel.set(title=f"{trait} {value:.2f}", xticks=[], yticks=[], xlim=(-0.5, 31.5), ylim=(31.5, -0.5))
        panel.title.set_fontsize(9)
        yield panel, glyph, value


# %%
y, x = np.mgrid[:32, :32]
for panel, glyph, lean in paper("slant", "h"):
    across, down = np.average(x, weights=glyph), np.average(y, weights=glyph)
    panel.plot(across + lean * np.array([13, -13]), down + np.array([-13, 13]), "r")
for panel, glyph, _ in paper("width:height", "n"):
    across, down = np.average(x, weights=glyph), np.average(y, weights=glyph)
    wide, high = np.sqrt([np.average((x - across) ** 2, weights=glyph), np.average((y - down) ** 2, weights=glyph)])
    panel.errorbar(across, down, xerr=2 * wide, yerr=2 * high, color="r")
for panel, glyph, _ in paper("mass", "g"):
    rows = np.flatnonzero((glyph > glyph.max() / 2).any(axis=1))
    panel.axhline(rows[[0, -1]].mean(), color="r", ls=":")
    panel.plot(np.average(x, weights=glyph), np.average(y, weights=glyph), "ro")
plt.show()

# %% [markdown]
# **Thickness** is twice the ink's area over the length of its outline: a line of length $L$ and width $t$ has the area
# $L t$ and an outline of about $2 L$. All other traits are measured so that they look past the nib.

# %%
figure, panels = plt.subplots(1, 3, figsize=(4.5, 1.9), dpi=85, layout="constrained")
for panel, nib in zip(panels, (1.6, 2.4, 3.6), strict=True):
    (glyph,) = scene.known.draw(scene.medoids[[scene.characters.index("g")]], nib)
    panel.imshow(255 - glyph, cmap="gray", alpha=0.45)
    panel.contour(glyph, [127], colors="r", linewidths=1)
    panel.set(title=f"thickness {TRAITS['thickness'](glyph[None])[0]:.2f}", xticks=[], yticks=[])
    panel.title.set_fontsize(9)
plt.show()

# %% [markdown]
# The others follow the **middle line** of the stroke, where the tip of the pen went: the ink thinned to a line, its
# stairs smoothed away (`tfhand.metrics.skeleton`). **Length**: of that line, over the longest side of its box.
# **Curvature**: how much it turns for each pixel of its length (large dots turn most). **Ends**: the share of it that
# runs from a free end to the nearest crossing (red). **Holes**: the space that it encloses (red; a loop with a small
# gap still counts in part, which is not drawn).

# %%
for panel, glyph, _ in paper("length", "k"):
    panel.plot(*SkeletonGraph.from_glyphs(glyph[None]).points.T, "r.", ms=2)
for panel, glyph, _ in paper("curvature", "s"):
    lines = SkeletonGraph.from_glyphs(glyph[None])
    turns, bends = lines.turns()
    panel.scatter(*lines.points[bends].T, s=60 * turns, color="r", lw=0)
for panel, glyph, _ in paper("ends", "e"):
    lines = SkeletonGraph.from_glyphs(glyph[None])
    panel.scatter(*lines.points.T, s=4, c=np.where(lines.pieces()[1], "r", "k"), lw=0)
for panel, glyph, _ in paper("holes", "g"):
    ink = glyph > 127
    panel.imshow(np.where(binary_fill_holes(ink) & ~ink, 1.0, np.nan), cmap="autumn", vmin=1, vmax=2)
plt.show()

# %% [markdown]
# The pens have one advantage over real people: how much they lean is a known number, so the ruler can be checked.
# A person's trait is the mean over their letters of the measured value less what is usual for that character
# (an *l* is narrow in every hand).

# %%
truth = np.stack([scene.traits(one.wanted, one.real) for one in trials])  # (people, traits)
leans = np.tan(np.deg2rad([writers.Pen.of(FIRST + one.writer).slant for one in trials]))
figure, axes = plt.subplots(figsize=(3.2, 2.8), dpi=90, layout="constrained")
axes.plot(leans, truth[:, 0], "o", ms=4)
axes.set(xlabel="slant that the pen was given", ylabel="slant that is measured")
plt.show()
say(f"Their correlation is **{correlation(leans, truth[:, 0]):.2f}**.")

# %% [markdown]
# And that is the figure for every trait: **Pearson's correlation over people** between the answers' trait $a_i$ and the
# real letters' $t_i$,
#
# $$ \rho = \frac{\sum_i (a_i - \bar a)(t_i - \bar t)}{\sqrt{\sum_i (a_i - \bar a)^2 \sum_i (t_i - \bar t)^2}} . $$
#
# It asks whether who leans more comes out leaning more; not whether as much. (If all answers lean half as much as they
# should, it is still 1.)

# %%
shown = ("asked again", "hand62, refined", "mean letter")
found = {
    name: np.stack([scene.traits(*one) for one in zip((t.wanted for t in trials), letters[name], strict=True)])
    for name in shown
}
figure, panels = plt.subplots(3, 4, figsize=(9, 6.4), dpi=85, layout="constrained", sharex="col", sharey="col")
for row, name in zip(panels, shown, strict=True):
    for panel, trait in zip(row, ("slant", "width:height", "holes", "thickness"), strict=True):
        at = list(TRAITS).index(trait)
        panel.plot(truth[:, at], found[name][:, at], "o", ms=4, alpha=0.8)
        panel.axline((truth[0, at],) * 2, slope=1, color="#cccccc", lw=0.8, zorder=0)
        panel.set_title(f"{trait} {correlation(found[name][:, at], truth[:, at]):.2f}", fontsize=9)
    row[0].set_ylabel(name)
figure.supxlabel("the people's real letters", fontsize=9)
plt.show()

# %% [markdown]
# ## Fourth judge: distances between crowds
#
# The three judges so far look at one person at a time. GANs are usually measured otherwise: are the generated pictures,
# *taken together*, like real ones? For that, every picture becomes a vector of features, what a classifier sees before
# it decides, and two clouds of points are compared.
#
# The **Fréchet inception distance** (Heusel et al. 2017, [arXiv 1706.08500](https://arxiv.org/abs/1706.08500), equation
# 6) fits a Gaussian to each cloud, with mean $m$ and covariance $C$, and takes
#
# $$ \mathrm{FID} = \lVert m - m' \rVert^2 + \mathrm{tr}\left( C + C' - 2 (C C')^{1/2} \right). $$
#
# The **kernel inception distance** (Bińkowski et al. 2018, [arXiv 1801.01401](https://arxiv.org/abs/1801.01401),
# section 4) takes, with $k(x, y) = (x \cdot y / D + 1)^3$ on $D$ features,
#
# $$ \mathrm{KID} = \mathop{\mathrm{mean}}_{i \ne j} k(x_i, x_j) + \mathop{\mathrm{mean}}_{i \ne j} k(y_i, y_j)
# - 2 \mathop{\mathrm{mean}}_{i, j} k(x_i, y_j). $$
#
# The "inception" of their names is the photo classifier whose features they were made with. Its features for
# photographs say little about pen strokes; here they are those of `reader62`, at their own 32 pixels. So these figures
# cannot be compared with FIDs from anywhere else.

# %%
display(Code(inspect.getsource(frechet_distance), language="python"))
display(Code(inspect.getsource(kernel_distance), language="python"))

# %% [markdown]
# Two sets of *real* letters, drawn by lot from the same people: their true distance is zero. What do the two measures
# say about sets of $N$ letters each?

# %%
pool = np.flatnonzero(people.writers >= PEOPLE)
real = predict_in_batches(reader.features, as_network_input(people.render(pool, nib=PLAIN_NIB)))  # (letters, 192)
sizes = [n for n in (30, 60, 120, 250, 500, 1000, 1600) if 2 * n <= len(real)]
rng, distances = np.random.default_rng(0), {}
for name, measure in (("FID", frechet_distance), ("KID", kernel_distance)):
    for size in sizes:
        draws = [rng.permutation(len(real))[: 2 * size] for _ in range(min(STEPS, 8))]
        distances[name, size] = [measure(real[some[:size]], real[some[size:]]) for some in draws]

# %%
figure, panels = plt.subplots(1, 2, figsize=(9, 2.9), dpi=90, layout="constrained")
for panel, name in zip(panels, ("FID", "KID"), strict=True):
    values = np.array([distances[name, size] for size in sizes])
    panel.errorbar(sizes, values.mean(axis=1), values.std(axis=1), fmt="o-", capsize=3)
    panel.axhline(0, color="#999999", lw=0.8)
    panel.set(xscale="log", xlabel="N", title=f"{name} of real letters against real letters")
    panel.set_xticks(sizes, sizes)
    panel.set_xticks([], minor=True)
plt.show()

# %%
most, least = (np.mean(distances["FID", size]) for size in (sizes[0], sizes[-1]))
off = [np.mean(distances["KID", size]) / (np.std(distances["KID", size]) / len(draws) ** 0.5) for size in sizes]
say(
    f"FID falls from {most:.1f} at N = {sizes[0]} to {least:.1f} at N = {sizes[-1]}: a Gaussian in {real.shape[1]} "
    "dimensions cannot be known from few points, and what is not known counts as distance. KID's means over the draws "
    f"lie {', '.join(f'{each:+.1f}' for each in off)} of their standard errors from zero."
)

# %% [markdown]
# That is what *unbiased* means: KID leaves out the pairs of a point with itself ($i \ne j$), so that at every $N$ it is
# right *on average*, however wide it scatters. FID is too large at every finite $N$, and the fewer points, the more. An
# FID without its $N$ is no figure.
#
# ## Two more: told apart, and diversity
#
# **Told apart**: a small classifier is trained, for the occasion, to tell answers from real letters, on people other
# than those it is tried on. It is right half of the time if it cannot. **Diversity**: how much two answers for one
# letter differ, over how much two real writings do.

# %%
preset = answers["hand62, encoder alone"]
practice, names = scene.practice, scene.numbers_in(reader.characters)
known_real = Letters(np.concatenate([t.real for t in practice]), np.concatenate([names[t.wanted] for t in practice]))
known_written = known_real._replace(glyphs=np.concatenate(preset(scene, practice)))
known_again = known_real._replace(glyphs=np.concatenate([t.again for t in practice]))
flat = {name: Letters(np.concatenate(rows), meant) for name, rows in letters.items()}
told = {
    "asked again": detect(known_real, known_again, flat["truth"], flat["asked again"], steps=TOLD),
    "hand62, encoder alone": detect(
        known_real, known_written, flat["truth"], flat["hand62, encoder alone"], steps=TOLD
    ),
}
table(["letters", f"told apart, after {TOLD} steps"], [(name, f"{share:.2f}") for name, share in told.items()])

# %% [markdown]
# ## All of it, in one table
#
# `similarity.HandEvaluator` asks all of this at once; it is what `python -m tfhand.evaluate hand62 --data ARCHIVE` prints.
# (Its halves of characters are drawn by lot, so its ranks are not quite ours. *Over real* is a figure over its
# ceiling.)

# %%
judges = similarity.HandEvaluator([scene], reader, verifier, detect=False)
comparison = judges.compare(answers, samples=10)
wanted = [name for name in similarity.FIGURES if name != "told apart"]
text = lambda value: "–" if np.isnan(value) else f"{value:.2f}"  # noqa: E731
table(["figure", *(row.name for row in comparison.rows)],
      [(name, *(text(row.figures[name]) for row in comparison.rows)) for name in wanted])  # fmt: skip
chance = ", ".join(f"{name} {value:.2f}" for name, value in judges.chance().items())
say(f"By chance: {chance}. FID, KID: N = {len(meant):,}. A handful of invented people; the next table is of real ones.")

# %%
alone, refined = (comparison[f"hand62, {how}"].figures for how in ("encoder alone", "refined"))
single = [name for name in wanted if "over real" not in name and name not in ("FID", "KID x 1000", "diversity")]
up = [name for name in single if refined[name] > alone[name]]
down = [name for name in single if refined[name] < alone[name]]
say(f"Does refinement help? Up: {', '.join(up) or 'nothing'}. Down: {', '.join(down) or 'nothing'}.")

# %% [markdown]
# There is no single answer, then, and that is usual. Anybody who wants to say that one way is better than another can
# choose the figure by which it is; so choose before you look, and show the others.

# %% [markdown]
# And this is the large one, **not made here**: `docs/evaluation/hand62/figures.csv`, which is shipped with the project.
# 36 real people of UNIPEN whom neither the preset nor its judges were trained on, 1,214 letters.

# %%
with Path("../docs/evaluation/hand62/figures.csv").open(encoding="utf-8") as file:
    shipped = list(csv.DictReader(file))
table(["figure", *(row["letters"] for row in shipped)],
      [(name, *(row[name] or "–" for row in shipped)) for name in similarity.FIGURES])  # fmt: skip

# %% [markdown]
# ## How they mislead
#
# ### 1. One fixed letter is legible, and nobody's
#
# ### 2. Thickness correlates, and means nothing

# %%
fixed, ours = comparison["mean letter"].figures, comparison["hand62, refined"].figures
thick = {row.name: row.figures["thickness"] for row in comparison.rows}
worst = min(thick, key=thick.get)
say(
    f"**1.** The mean letter's legibility is **{fixed['legibility']:.2f}**, that of the people's own letters "
    f"{comparison['real letters'].figures['legibility']:.2f}. Its MRR is {fixed['hand MRR']:.2f}, and chance is "
    f"{judges.chance()['hand MRR']:.2f}. Whoever reports legibility alone can print type.\n\n"
    f"**2.** Thickness correlates with the truth by **{thick[worst]:.2f}** in the worst of all rows ({worst}), and the "
    f"mean letter has {thick['mean letter']:.2f}, because everybody was lent the person's nib."
)

# %%
plt.figure(figsize=(8, 2.6), dpi=90, layout="constrained")
for name, mark in (("real letters", "_"), ("hand62, refined", "o"), ("mean letter", "x"), ("another person", "+")):
    plt.plot(list(TRAITS), [comparison[name].figures[trait] for trait in TRAITS], mark, ms=9, label=name)
plt.axhline(0, color="#999999", lw=0.8)
plt.ylabel("correlation over people")
plt.legend(frameon=False, fontsize=8, ncols=4, loc="lower left", bbox_to_anchor=(0, 1))
plt.show()

# %% [markdown]
# A network that has learned the weight of the line and nothing else shines in this one column, and hides behind it in a
# mean over all traits. So the columns are looked at one by one, beside those of the mean letter.

# %% [markdown]
# ### 3. A small N flatters or damns

# %%
sets = [known_real.glyphs, known_written.glyphs, known_again.glyphs]
theirs, drawn, again = (predict_in_batches(reader.features, as_network_input(glyphs)) for glyphs in sets)
sizes = [n for n in (30, 60, 120, 250, 500, 1000) if n <= len(drawn)]
curve, floor = np.zeros((2, len(sizes)))
for at, size in enumerate(sizes):
    for _ in range(4):
        some, others = (rng.permutation(len(theirs))[:size] for _ in range(2))
        curve[at] += frechet_distance(theirs[some], drawn[others]) / 4
        floor[at] += frechet_distance(theirs[some], again[others]) / 4

# %%
plt.figure(figsize=(5, 2.6), dpi=90, layout="constrained")
plt.plot(sizes, curve, "o-", label="hand62, encoder alone, against real")
plt.plot(sizes, floor, "o-", label="real against real")
plt.gca().set(xscale="log", xlabel="N", ylabel="FID", ylim=(0, None))
plt.xticks(sizes, sizes)
plt.xticks([], minor=True)
plt.legend(frameon=False, fontsize=8)
plt.show()

# %%
better = " So the choice of N alone makes the *written* letters come out better than real ones."
say(
    f"FID: real letters have {floor[0]:.1f} at N = {sizes[0]}, written ones {curve[-1]:.1f} at N = {sizes[-1]}."
    + (better if curve[-1] < floor[0] else "")
    + f" Of the {curve[0]:.1f} that the written ones have at N = {sizes[0]}, {floor[0] / curve[0]:.0%} are there for "
    f"real ones as well; at N = {sizes[-1]} it is {floor[-1] / curve[-1]:.0%}. Compare at one N only, and with real "
    "against real beside it."
)

# %% [markdown]
# ### 4. A few people are luck
#
# Who happened to be among the people, which of their letters were given: with others the figures would be others. How
# much so can be estimated from the figures themselves by the **bootstrap** (Efron 1979): draw as many people from ours,
# with replacement, so that some come twice and some not at all, take the figure again, and do that a thousand times.
# The middle nine tenths of what comes out is an interval for it.

# %%
rng = np.random.default_rng(1)
lots = rng.integers(len(trials), size=(DRAWN, len(trials)))  # each row: people, drawn with replacement
per_person = {name: np.mean(1 / found, axis=0) for name, found in placed.items()}
spans = {name: np.quantile(values[lots].mean(axis=1), (0.05, 0.95)) for name, values in per_person.items()}
plt.figure(figsize=(6, 2.4), dpi=90, layout="constrained")
for height, (name, (low, high)) in enumerate(reversed(spans.items())):
    plt.plot([low, high], [height, height], lw=3, color="#1b5e8c")
    plt.plot(per_person[name].mean(), height, "o", color="#1b5e8c")
plt.yticks(range(len(spans)), list(reversed(spans)))
plt.axvline(np.mean(1 / lot), color="#999999", ls=":")
plt.xlabel("MRR, its middle nine tenths over people drawn again (dotted: chance)")
plt.show()

# %%
rival, mine = (per_person[name][lots].mean(axis=1) for name in ("nearest writer", "hand62, refined"))
won, at = np.mean(mine > rival), list(TRAITS).index("slant")
slants = [correlation(found["hand62, refined"][some, at], truth[some, at]) for some in lots]
(low, high), (least, most) = spans["hand62, refined"], np.nanquantile(slants, (0.05, 0.95))
say(
    f"With {len(trials)} people hand62's MRR lies between {low:.2f} and {high:.2f}, say. Against the nearest writer, "
    f"on the *same* people each time, it is ahead in {won:.0%} of the draws: that is "
    + ("nothing to build on. " if 0.05 < won < 0.95 else "more than luck. ")
    + f"Correlations have their luck too: that of slant has {least:.2f} to {most:.2f}."
)

# %% [markdown]
# The second decimal of such a table is not to be believed, and two rows whose intervals overlap are not told apart by a
# glance at them; compare them person by person, as the last cell does. The README says of its own table that it "had a
# little luck".
#
# ### 5. A judge that was trained on what it judges
#
# `hand62` learned with `likeness62` at its side: a second verifier, of another size and seed, that said during training
# how like the letters were to the person's, and still says so while a code is refined. That is what it is for. But what
# if one asked *it* for the verdict?


# %%
def likenesses(rows, judge):
    each = [embed(judge, rows, half) * embed(judge, plain, 1 - half) for half in (0, 1)]
    return np.mean(np.sum(each, axis=-1))  # of each answer to the right person's real letters


shown = ("asked again", "hand62, encoder alone", "hand62, refined", "nearest writer")
asking = {"MRR": lambda rows, judge: np.mean(1 / ranks(rows, judge)), "likeness": likenesses}
found = np.array([[[ask(letters[n], j) for j in (verifier, guide)] for ask in asking.values()] for n in shown])
over = found / found[0]
heads = [f"{what} by {judge}" for what in asking for judge in ("verifier62", "likeness62")]
table(["letters", *heads], [(n, *(f"{v:.2f}" for v in f.ravel())) for n, f in zip(shown, found, strict=True)])
table(["over real", *heads], [(n, *(f"{v:.2f}" for v in f.ravel())) for n, f in zip(shown, over, strict=True)])

# %%
kinder, gain = over[2, :, 1] - over[2, :, 0] > 0.02, found[2, 1] - found[1, 1]  # by MRR and likeness; by either judge
say(
    f"Refined, hand62 has {over[2, 0, 0]:.2f} of the real letters' MRR with the judge that it never met and "
    f"{over[2, 0, 1]:.2f} with its own teacher; of their likeness {over[2, 1, 0]:.2f} and {over[2, 1, 1]:.2f}. "
    + ("By both measures the teacher is **kinder** to its pupil." if kinder.all() else "")
    + ("By neither is the teacher kinder: it might have been, and nobody could know." if not kinder.any() else "")
    + (f"The teacher is **kinder** by {list(asking)[kinder.argmax()]} alone." if kinder.sum() == 1 else "")
    + f" The refinement, which listens to likeness62 only, adds {gain[0]:+.3f} to the likeness by verifier62 and "
    f"{gain[1]:+.3f} to that by likeness62: "
    + ("it pleases most whom it listens to." if gain[1] > gain[0] else "it pleases the one as much as the other.")
)

# %% [markdown]
# The nearest writer is a good control here: its letters never met either network in training. The same holds of every
# measure: a network that is trained on a reader's verdict will please that reader, and one whose training was stopped
# at the best FID has an FID that flatters it. Whatever has been optimised has stopped being a measure.
#
# ### 6. Copying

# %%
nearest = similarity.NearestWriter(guide)
for number in range(3):
    own = answers["nearest writer"].order(scene, [trials[number]])[0, 0]
    cells = np.stack([letters[name][number][:16] for name in ("truth", "nearest writer", "hand62, refined")])
    beside = ["the person", f"known person {own}", "hand62, refined"]
    show(grids.add_margin(grids.grid(cells, "", "", beside)), 0.8)
other = nearest(scene, trials)

# %%
copied, anybody = comparison["nearest writer"].figures, comparison["another person"].figures
more = "less than" if copied["FID"] < ours["FID"] else "no less than, this time,"
picked = [np.mean(1 / found) for found in (placed["nearest writer"], ranks(other, verifier))]
say(
    f"The copyist has an FID of **{copied['FID']:.1f}**, {more} hand62's {ours['FID']:.1f}; a person drawn by lot has "
    f"{anybody['FID']:.1f}. Copied letters *are* real letters, and FID does not ask whose. The verifier does: there "
    f"the copyist is at {copied['hand MRR over real']:.2f} of the ceiling, hand62 at {ours['hand MRR over real']:.2f}. "
    f"And where likeness62 picks whom to copy, the copies' MRR with verifier62 is {picked[1]:.2f} in place of "
    f"{picked[0]:.2f}: what lies between them is the judge meeting its own choice."
)

# %% [markdown]
# A copyist is a fair rival all the same: if a network is no better than handing over somebody else's alphabet, why
# train one? And it gets better with every person in its files, while it can never write what nobody in them has
# written.
#
# ## What to do with all this
#
# No figure stands alone. In the shipped table the mean letter wins legibility, copied letters win FID, and everybody
# has the thickness. What no cheap answer has is *all of them at once*: legible, taken for the right person, with slant,
# width and loops of that person, not told from real. So: every figure, beside its chance, its ceiling and the
# baselines, on people never seen, by judges that were not part of the training, with the number of people and letters
# said.
#
# ## And one person? The report
#
# All of this takes a crowd. Whoever has only their own hand gets a crowd of invented ones from the preset itself:
# `python -m tfhand.evaluate hand62 --hand my_hand/` leaves a person's characters out in turn, writes them from the
# others, and says in words what came of it. Here for the eleven characters of the photographed line in `examples/`
# (yours: `tfhand.Hand.load("my_hand/")`):

# %%
hand = scan.read_line("../examples/sample.jpg", says="quick fox 273")
pen = Synthesizer(networks, guide if STEPS > 40 else None)  # shortened, it is refined by the pixels alone
told = leave_letters_out(pen, hand, reader, verifier, people=min(2 * STEPS, 24), seed=0)
say("\n".join(f"- {sentence}" for sentence in told.sentences()))
show(left_out(told.letters), 0.8)

# %%
figures = ("real", "give or take", "written", "average hand")
table(["trait", *figures, "verdict"],
      [(line[""], *(f"{line[name]:+.2f}" for name in figures), line["verdict"]) for line in told.table()])  # fmt: skip

# %% [markdown]
# Traits are in standard deviations of the invented crowd. A trait is *not special* where the person stands within one
# of the mean, or within two of the standard errors that so few letters leave: there is nothing to keep. Otherwise it is
# *kept* if the written letters have at least half of what sets the person apart on the same side, *overdone* if they
# have much more, and *lost* if not. The likeness is the verifier's, as above, and it is compared with what an average
# hand with the same nib would have; only what lies above that was learned.

# %%
special = [line for line in told.table() if line["verdict"] in ("kept", "lost")]
kept, lost = ([line[""] for line in special if line["verdict"] == verdict] for verdict in ("kept", "lost"))
readable = sum(not one.misread for one in told.letters)
say(
    f"In other words: of {len(told.letters)} letters that it was not shown, {readable} can be read. "
    + (f"Of what sets this hand apart it has kept {', '.join(kept) or 'nothing'}, " if special else "")
    + (f"and lost {', '.join(lost) or 'nothing'}. " if special else "No trait stands out enough for so few letters. ")
    + f"Taken together the letters are {told.likeness:.2f} like the real ones, where an average hand's would be "
    f"{told.average:.2f}. The alarm that only the weight was learned is {'**on**' if told.only_weight else 'off'}."
)

# %% [markdown]
# ## What we learned
#
# - Four kinds of judge see four different things: a reader whether, a verifier whose, rulers what, distances how real.
# - A figure needs its chance level, its ceiling (the person asked again) and its baselines; each baseline wins
#   somewhere.
# - FID falls as N grows, even for real letters; KID is right on average at every N.
# - Few people make wide intervals; draw them again to see how wide.
# - A judge that took part in the training is no judge.
#
# **Try this**
#
# - Set `FIRST = 0`: then some of the people are pens that hand62 was trained on. Which figures rise?
# - Give three samples instead of ten (`judges.compare(answers, samples=3)`). What suffers first?
# - Add a row of your own: the person's real letters, each leaning by a random amount. Which figures notice?
# - Raise `REFINED` to 40 and see what it does to the likeness62 column, and to verifier62's.
# - Have your own hand reported on: `python -m tfhand.evaluate hand62 --hand my_hand/`.

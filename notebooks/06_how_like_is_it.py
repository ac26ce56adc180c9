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
# **Who this is for.** People who have letters made by a network and want to know how good they are: users, students,
# reviewers. Some Python and the idea of a correlation are enough; how the networks work is explained in notebooks
# [2](02_conditional_gan.ipynb), [3](03_stylegan.ipynb) and [4](04_stargan_v2.ipynb).
#
# **What you will be able to do**
#
# - measure whether letters can be read, whose hand they are taken for, which traits of it they keep, and how far they
#   are from real ones: four kinds of metric;
# - build the baselines without which none of these metrics says anything;
# - read a table of them, with its chance level, its ceiling and its uncertainty;
# - show how each of them can mislead you;
# - get a report on one hand in plain words.
#
# **How long it takes.** Three to five minutes to run, one shortened (`TFHAND_NOTEBOOK_STEPS=2`); three quarters of an
# hour to read.
#
# Before it comes [5, write in your hand](05_write_in_your_hand.ipynb), after it [7, export and
# serve](07_export_and_serve.ipynb).

# %%
import csv
import string
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from course import Effect, code, confirm, effect, say, show, steps, table
from scipy.ndimage import binary_fill_holes

from tfhand import evaluation, scan
from tfhand.core.charset import reading
from tfhand.data import synthetic

# %%
from tfhand.evaluation.evaluation_set import PLAIN_NIB, blurred
from tfhand.evaluation.hand_evaluator import correlation
from tfhand.evaluation.leave_out import leave_letters_out
from tfhand.evaluation.plots import left_out
from tfhand.evaluation.two_sample import Letters, two_sample_accuracy
from tfhand.hands.glyph import as_network_input
from tfhand.metrics import TRAITS, frechet_distance, kernel_distance
from tfhand.metrics.skeleton import SkeletonGraph
from tfhand.models.batches import predict_in_batches, predict_on_sets
from tfhand.models.pipeline import GlyphPipeline
from tfhand.models.registry import load
from tfhand.synthesis.synthesizer import Synthesizer
from tfhand.visualization import grids

# %%
STEPS = steps(1200)  # or the few of a shortened run
PEOPLE, KNOWN = max(4, min(STEPS, 20)), max(6, min(STEPS, 40))  # held out for the measurements, and training writers
OPTIMISED = min(STEPS, 15)  # steps of a code's optimisation; `tfhand.evaluate` takes 40
TRAINED, DRAWN = min(STEPS, 120), max(40, min(STEPS, 1000))  # steps of a classifier; resamplings
FIRST = 1000  # number of the first synthetic writer; hand62 knows some of those below 300
CHARACTERS = string.digits + string.ascii_lowercase + "COSVXZ"  # six capitals that look like their small letters

# %% [markdown]
# ## The question, and the people
#
# A network is shown ten letters of a person and writes others. *Is that this person's hand?* To answer properly we need
# people whom the network has never seen, their real letters of the characters that it is to write, and measurements
# that do not depend on our own opinion.
#
# The people here are the synthetic writers of notebook [1](01_handwriting_data.ipynb). With an archive of real people's
# pen strokes, put `sources.load("mine.npz")` (of `tfhand.data`) in place of the first line. Note that `hand62`, the
# preset under evaluation, was trained on real people and on 300 *other* synthetic writers, so these are new to it but
# of a kind that it knows; the measuring networks, `reader62` and `judge62`, have seen real handwriting only.

# %%
people = synthetic.archive(PEOPLE + KNOWN, samples=2, seed=FIRST, characters=CHARACTERS)
data = evaluation.EvaluationSet(people, range(PEOPLE), CHARACTERS, samples=10, seed=0)
episodes = data.episodes
say(
    f"{len(people):,} letters by {PEOPLE + KNOWN} people: each wrote {len(CHARACTERS)} characters twice. "
    f"{len(episodes)} of them are held out for the measurements; the other {KNOWN} are the training writers."
)

# %% [markdown]
# An `EvaluationSet` draws an **episode** for each person: ten letters are the *support*, which the network sees, and
# the others are the *query*, which it has to write. Each query character was written twice by the person. The first
# writing is the truth. The second is the **retest**: nobody writes a letter twice alike, so no method can be expected
# to come closer. It is the **ceiling**.

# %%
episode = episodes[0]
names = "".join(data.characters[number] for number in episode.query_characters)
show(grids.add_margin(grids.grid(episode.samples[1][None], beside=["support"])))
cells = np.stack([episode.query_glyphs, episode.retest])[:, :15]
show(grids.add_margin(grids.grid(cells, "", names[:15], ["query: the truth", "the person's retest"])), 0.8)

# %% [markdown]
# ## Methods
#
# One number for one network says nothing. So the same episodes are given to other methods as well, which write nothing:
# they take letters that exist already. These are the **baselines**; here they are in full:

# %%
for baseline in (evaluation.mean_letter, evaluation.another_person, evaluation.NearestWriter):
    code(baseline)

# %% [markdown]
# - **Mean letter**: everybody gets the same fixed letter. Not the average picture, which would be a blur, but the real
#   letter that comes nearest to it (the *medoid*).
# - **Another person**: the letters of a random training writer.
# - **Nearest writer**: the verifier, which is explained below, finds the training writer whose hand is most like the
#   support, and that writer's letters are taken. It is a good copyist.
#
# All three are drawn with the nib (the width of the line) of the person in question: anybody can take the same pen.

# %%
place = data.characters.index("a")
alike, centre = data.training_glyphs[place], data.known.draw(data.medoids[[place]], PLAIN_NIB)
average = blurred(alike).mean(axis=0).astype(np.uint8)[None]
shown = np.concatenate([alike[:12], average, centre])[None]
above = ["a"] * len(alike[:12]) + ["average", "medoid"]
show(grids.add_margin(grids.grid(shown, "", above, ["training writers"], sources=(0, len(alike[:12])))), 1.0)

# %% [markdown]
# And the preset, twice. `hand62` finds a *hand code* for the ten letters by its encoder, and then **optimises** it: for
# some steps the code moves until the network draws those ten letters best. The first of its rows stops before that.

# %%
pipeline, reader, verifier = GlyphPipeline.from_preset("hand62"), load("reader62"), load("judge62")
methods = {
    "hand62, encoder alone": evaluation.PresetMethod(pipeline.with_steps(0)),
    "hand62, optimised": evaluation.PresetMethod(pipeline.with_steps(OPTIMISED)),
    "nearest writer": evaluation.NearestWriter(verifier),
    "mean letter": evaluation.mean_letter,
    "another person": evaluation.another_person,
}
letters = {"truth": [each.query_glyphs for each in episodes], "retest": [each.retest for each in episodes]}
letters |= {name: method(data, episodes) for name, method in methods.items()}

# %%
for number in (0, 1, 2):
    names = "".join(data.characters[which] for which in episodes[number].query_characters)[8:22]
    cells = np.stack([rows[number][8:22] for rows in letters.values()])
    show(grids.add_margin(grids.grid(cells, "", names, list(letters), sources=(2, 0))), 0.8)

# %% [markdown]
# Look at these for a minute before you read on. Which rows would you take for the person's? Which would you accept? The
# rest of this notebook measures that without tiring, and without knowing which row is ours.
#
# ## First metric: legibility, by a reader
#
# *Can it be read?* `reader62` is a classifier: a glyph in, 62 numbers out, one for each character, and the softmax
# $p_c = e^{z_c} / \sum_k e^{z_k}$ makes chances of them. **Legibility** is the share of letters for which the most
# likely character is the one that was meant.
#
# There is a difficulty that has nothing to do with anybody's hand:

# %%
numbers, glyphs = [data.characters.index(character) for character in "o0sz"], []
for number in numbers:
    own = next(each for each in episodes if number in each.query_characters)
    glyphs.append(own.query_glyphs[own.query_characters == number][0])
logits = np.asarray(reader(as_network_input(np.stack(glyphs)))).astype(float)
chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
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
meant = np.concatenate([data.numbers_in(reader.characters)[each.query_characters] for each in episodes])
read = {
    n: predict_in_batches(reader, as_network_input(np.concatenate(rows))).argmax(axis=1) for n, rows in letters.items()
}
shares = {
    name: (np.mean(found == meant), np.mean(counts_as[found] == counts_as[meant])) for name, found in read.items()
}
table(
    [(n, f"{a:.2f}", f"{b:.2f}") for n, (a, b) in shares.items()],
    ["letters", "the very character", "it or a look-alike"],
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
# So the ceiling of legibility is not 1 but the legibility of real letters, and it can be exceeded: people write
# illegibly, networks and averages mostly do not. A network that is read *more* often than the person has made the hand
# neater than it is. That is welcome in a letter to a friend, and still a deviation.
#
# ## Second metric: the rank of the hand, by a verifier
#
# *Whose hand is it?* `judge62` is a network that looks at a set of letters, of any characters and in any number, and
# gives one direction in space, a vector $e$ of length 1. It was trained so that two sets of one person point the same
# way and sets of different people do not, with other characters in the two sets and with another nib, so that neither
# the text nor the pen reveals the person. The likeness of two sets is $e \cdot e'$.
#
# Each person's query is split into two halves. One half of the *written* letters is compared with the other half of
# everybody's *real* letters:

# %%
numbers = [data.numbers_in(verifier.characters)[each.query_characters] for each in episodes]
plain = [data.known.draw(each.letters[each.query], PLAIN_NIB) for each in episodes]  # the truth, all with one nib


def embed(network, rows, half):
    sets = [(which[half::2], glyphs[half::2]) for which, glyphs in zip(numbers, rows, strict=True)]
    return predict_on_sets(network, sets)  # (people, D)


likeness = {n: embed(verifier, letters[n], 0) @ embed(verifier, plain, 1).T for n in ("retest", *methods)}

# %%
chosen = ("retest", "hand62, optimised", "nearest writer", "mean letter")
figure, panels = plt.subplots(1, 4, figsize=(10, 2.7), dpi=90, layout="constrained")
for name, panel in zip(chosen, panels, strict=True):
    panel.imshow(likeness[name], cmap="viridis", vmin=-0.2, vmax=1)
    panel.plot(likeness[name].argmax(axis=1), range(len(episodes)), "r.", ms=5)
    panel.set_title(name, fontsize=9)
    panel.set(xlabel="real letters of", xticks=[], yticks=[])
panels[0].set_ylabel("written for")
plt.show()

# %% [markdown]
# A row is one person's written letters, a column a real person; bright is alike, and a red dot marks the most similar
# person of each row. On the diagonal it is the right one. (The mean letter is the same for everybody, and so all its
# rows are.) In numbers: the **rank** $r_i$ of the right person $i$ is one more than the number of people who are found
# more similar. **Top-1** is the share of people with $r_i = 1$, **top-5** that with $r_i \le 5$, and the **mean
# reciprocal rank** uses all ranks:
#
# $$ \mathrm{MRR} = \frac{1}{n} \sum_{i=1}^{n} \frac{1}{r_i}. $$
#
# A random choice among $n$ people has a top-1 of $1/n$ and an MRR of $\frac{1}{n} \sum_{k=1}^{n} \frac{1}{k}$.


# %%
def ranks(rows, network):
    found = []
    for half in (0, 1):  # each half once of the written letters, once of the real ones
        alike = embed(network, rows, half) @ embed(network, plain, 1 - half).T
        found.append((alike >= np.diagonal(alike)[:, None]).sum(axis=1))  # among equals the last
    return np.stack(found)  # (2, people)


placed = {name: ranks(rows, verifier) for name, rows in letters.items() if name != "truth"}
lines = [(n, f"{np.mean(r == 1):.2f}", f"{np.mean(r <= 5):.2f}", f"{np.mean(1 / r):.2f}") for n, r in placed.items()]
by_chance = np.mean(1 / np.arange(1, len(episodes) + 1))
lines.append(("by chance", f"{1 / len(episodes):.2f}", f"{min(1, 5 / len(episodes)):.2f}", f"{by_chance:.2f}"))
table(lines, ["letters", "top-1", "top-5", "MRR"])

# %% [markdown]
# Two rows frame the others. The *retest* is the **ceiling**: the verifier does not always recognise real people either,
# least of all from a dozen letters, and it cannot do better on written letters. *By chance* is the **chance level**. It
# depends on the number of people: rank 1 among these few is not rank 1 among thousands. Such metrics are compared
# within one group of people, never across groups.
#
# ## Third metric: traits
#
# *Which properties* of the hand are kept? A network's output does not say. So eight **traits** are measured, each a
# plain number computed from a glyph, after Morpho-MNIST (Castro et al. 2019, [arXiv
# 1809.10780](https://arxiv.org/abs/1809.10780)). Here are all eight on letters by the training writers: for each trait
# the letter with the least of it, a middle one, and the one with the most. The measured part is red.
#
# First those that come from the ink's moments. With the ink $w$ at $(x, y)$, summed to one, and its variances and
# covariance $\sigma_x^2, \sigma_y^2, \sigma_{xy}$: the **slant** is $-\sigma_{xy} / \sigma_y^2$, how far the letter
# leans to the right for each pixel upwards; **width to height** is $\log(\sigma_x / \sigma_y)$. **Mass** is how far the
# centre of the ink lies above the middle of its box.


# %%
def three(trait, character):
    glyphs = data.training_glyphs[data.characters.index(character)]
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
# $L t$ and an outline of about $2 L$. All other traits are measured so that the nib does not matter.

# %%
figure, panels = plt.subplots(1, 3, figsize=(4.5, 1.9), dpi=85, layout="constrained")
for panel, nib in zip(panels, (1.6, 2.4, 3.6), strict=True):
    (glyph,) = data.known.draw(data.medoids[[data.characters.index("g")]], nib)
    panel.imshow(255 - glyph, cmap="gray", alpha=0.45)
    panel.contour(glyph, [127], colors="r", linewidths=1)
    panel.set(title=f"thickness {TRAITS['thickness'](glyph[None])[0]:.2f}", xticks=[], yticks=[])
    panel.title.set_fontsize(9)
plt.show()

# %% [markdown]
# The others follow the **skeleton** of the stroke, the path of the pen's tip: the ink thinned to a line, its stairs
# smoothed away (`tfhand.metrics.skeleton`). **Length**: of that line, over the longest side of its box.
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
# Synthetic writers have one advantage over real people: their slant is a known number, so the measurement can be
# checked. A person's trait is the mean over their letters of the measured value less the mean of that character (an *l*
# is narrow in every hand).

# %%
truth = np.stack([data.traits(each.query_characters, each.query_glyphs) for each in episodes])  # (people, traits)
leans = np.tan(np.deg2rad([synthetic.SyntheticWriter.of(FIRST + each.writer).slant for each in episodes]))
figure, axes = plt.subplots(figsize=(3.2, 2.8), dpi=90, layout="constrained")
axes.plot(leans, truth[:, 0], "o", ms=4)
axes.set(xlabel="the writer's slant", ylabel="measured slant")
plt.show()
say(f"Their correlation is **{correlation(leans, truth[:, 0]):.2f}**.")

# %% [markdown]
# And that is the metric for every trait: **Pearson's correlation over people** between the written letters' trait $a_i$
# and the real letters' $t_i$,
#
# $$ \rho = \frac{\sum_i (a_i - \bar a)(t_i - \bar t)}{\sqrt{\sum_i (a_i - \bar a)^2 \sum_i (t_i - \bar t)^2}} . $$
#
# It is high if people who lean more than others are written leaning more than others, by any amount. (If all written
# letters lean half as much as they should, it is still 1.)

# %%
shown, asked_for = ("retest", "hand62, optimised", "mean letter"), [each.query_characters for each in episodes]
found = {name: np.stack([data.traits(*one) for one in zip(asked_for, letters[name], strict=True)]) for name in shown}
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
# ## Fourth metric: distances between distributions
#
# The three metrics so far look at one person at a time. GANs are usually measured otherwise: are the generated
# pictures, *taken together*, like real ones? For that, every picture becomes a vector of features, the last layer of a
# classifier before its decision, and two clouds of points are compared.
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
# photographs say little about pen strokes; here they are those of `reader62`, at their own 32 pixels. So these
# distances cannot be compared with FIDs from anywhere else.

# %%
code(frechet_distance)
code(kernel_distance)

# %% [markdown]
# Two random sets of *real* letters by the same people: their true distance is zero. Here are both distances for sets of
# $N$ letters each.

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
    "dimensions cannot be estimated from few points, and the error counts as distance. KID's means over the draws "
    f"lie {', '.join(f'{each:+.1f}' for each in off)} of their standard errors from zero."
)

# %% [markdown]
# That is the meaning of *unbiased*: KID leaves out the pairs of a point with itself ($i \ne j$), so that at every $N$
# it is right *on average*, however wide it scatters. FID is too large at every finite $N$, and the fewer points, the
# more. An FID without its $N$ means nothing.
#
# ## Two more: two-sample accuracy, and diversity
#
# **Two-sample accuracy** (classifier two-sample test, Lopez-Paz and Oquab 2017, [arXiv
# 1610.06545](https://arxiv.org/abs/1610.06545)): a small classifier is trained to separate written from real letters,
# on other people than those it is tested on. It is right half of the time if it cannot. **Diversity**: the difference
# of two written versions of one letter, over the difference of two real writings.

# %%
training, which = data.training_episodes, data.numbers_in(reader.characters)
meant_there = np.concatenate([which[each.query_characters] for each in training])
glyphs = {
    "truth": [each.query_glyphs for each in training],
    "retest": [each.retest for each in training],
    "hand62, encoder alone": methods["hand62, encoder alone"](data, training),
}
known = {name: Letters(np.concatenate(rows), meant_there) for name, rows in glyphs.items()}
unseen = {name: Letters(np.concatenate(letters[name]), meant) for name in known}
told = {}
for name in ("retest", "hand62, encoder alone"):
    sets = known["truth"], known[name], unseen["truth"], unseen[name]
    told[name] = two_sample_accuracy(*sets, steps=TRAINED)
table([(name, f"{told[name]:.2f}") for name in told], ["letters", f"two-sample accuracy, after {TRAINED} steps"])

# %% [markdown]
# ## All of it, in one table
#
# `evaluation.HandEvaluator` measures all of this at once; `python -m tfhand.evaluate hand62 --data ARCHIVE` prints its
# table. (Its halves of characters are random, so its ranks are not quite ours. *Over real* is a metric over its
# ceiling.)

# %%
evaluator = evaluation.HandEvaluator([data], reader, verifier, two_sample=False)
comparison = evaluator.compare(methods, samples=10)
metrics = [name for name in evaluation.METRICS if name != "two-sample accuracy"]
text = lambda value: "–" if np.isnan(value) else f"{value:.2f}"  # noqa: E731
table(
    [(name, *(text(row.metrics[name]) for row in comparison.rows)) for name in metrics],
    ["metric", *(row.name for row in comparison.rows)],
)
chance = ", ".join(f"{name} {value:.2f}" for name, value in evaluator.chance().items())
say(f"By chance: {chance}. FID, KID: N = {len(meant):,}. These are few synthetic writers; the next table is of people.")

# %%
alone, optimised = (comparison[f"hand62, {how}"].metrics for how in ("encoder alone", "optimised"))
single = [name for name in metrics if "over real" not in name and name not in ("FID", "KID x 1000", "diversity")]
up = [name for name in single if optimised[name] > alone[name]]
down = [name for name in single if optimised[name] < alone[name]]
say(f"The effect of the optimisation. Up: {', '.join(up) or 'nothing'}. Down: {', '.join(down) or 'nothing'}.")

# %% [markdown]
# So there is no single answer, and that is usual. Anybody who wants to say that one method is better than another can
# choose a metric by which it is; so choose before you look, and show the others.

# %% [markdown]
# And this is the large one, **not made here**: `docs/evaluation/hand62/metrics.csv`, which is shipped with the project:
# 36 real people of UNIPEN on whom the preset was not trained, three times 1,214 letters. It has two judges, `judge62`
# and `stroke-judge62`, who know these people, and are the harder to please; *hand MRR* is the mean of both.

# %%
with Path("../docs/evaluation/hand62/metrics.csv").open(encoding="utf-8") as file:
    shipped = list(csv.DictReader(file))
table(
    [(name, *(row[name] or "–" for row in shipped)) for name in evaluation.METRICS if name in shipped[0]],
    ["metric", *(row["letters"] for row in shipped)],
)

# %% [markdown]
# ## How they mislead
#
# ### 1. One fixed letter is legible, and nobody's
#
# ### 2. Thickness correlates, and means nothing

# %%
ends = np.cumsum([len(each.query_characters) for each in episodes])[:-1]
legible = {
    n: [part.mean() for part in np.split(counts_as[which] == counts_as[meant], ends)] for n, which in read.items()
}
rank = {name: np.mean(1 / found, axis=0) for name, found in placed.items()}  # by person
confirm("One letter for all is read more often than the people's own", effect(legible["truth"], legible["mean letter"]))
confirm("Real letters rank higher as the person's than it does", effect(rank["mean letter"], rank["retest"]))

# %%
fixed, ours = comparison["mean letter"].metrics, comparison["hand62, optimised"].metrics
thick = {row.name: row.metrics["thickness"] for row in comparison.rows}
worst = min(thick, key=thick.get)
say(
    f"**1.** The mean letter's legibility is **{fixed['legibility']:.2f}**, that of the people's own letters "
    f"{comparison['real letters'].metrics['legibility']:.2f}. Its MRR is {fixed['hand MRR']:.2f}, and chance is "
    f"{evaluator.chance()['hand MRR']:.2f}. By legibility alone, printed type would be best.\n\n"
    f"**2.** Thickness correlates with the truth by **{thick[worst]:.2f}** in the worst of all rows ({worst}), and the "
    f"mean letter has {thick['mean letter']:.2f}, because every method was given the person's nib."
)
chance = 1 / np.sqrt(len(episodes) - 1)  # the standard error of a correlation of nothing
confirm("Even thickness of the mean letter correlates", Effect(thick["mean letter"], chance, len(episodes)))

# %%
plt.figure(figsize=(8, 2.6), dpi=90, layout="constrained")
for name, mark in (("real letters", "_"), ("hand62, optimised", "o"), ("mean letter", "x"), ("another person", "+")):
    plt.plot(list(TRAITS), [comparison[name].metrics[trait] for trait in TRAITS], mark, ms=9, label=name)
plt.axhline(0, color="#999999", lw=0.8)
plt.ylabel("correlation over people")
plt.legend(frameon=False, fontsize=8, ncols=4, loc="lower left", bbox_to_anchor=(0, 1))
plt.show()

# %% [markdown]
# A network that has learned the weight of the line and nothing else does very well in this one column, which also
# raises its mean over all traits. So look at the columns one by one, beside those of the mean letter.

# %% [markdown]
# ### 3. A small N makes FID larger

# %%
theirs, again, drawn = (predict_in_batches(reader.features, as_network_input(each.glyphs)) for each in known.values())
sizes = [n for n in (30, 60, 120, 250, 500, 1000) if n <= len(drawn)]
measured = np.zeros((2, len(sizes), 4))  # written and real letters against real ones, four times
for at, size in enumerate(sizes):
    for draw in range(4):
        some, others = (rng.permutation(len(theirs))[:size] for _ in range(2))
        measured[:, at, draw] = [frechet_distance(theirs[some], each[others]) for each in (drawn, again)]
curve, floor = measured.mean(axis=-1)

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
    + f" At N = {sizes[0]} the real ones have {floor[0] / curve[0]:.0%} of the written ones' {curve[0]:.1f}; at N = "
    f"{sizes[-1]} it is {floor[-1] / curve[-1]:.0%}. Compare at one N only, and show real against real beside it."
)
confirm("Of the same real letters FID is larger at the smallest N", effect(measured[1, -1], measured[1, 0]))

# %% [markdown]
# ### 4. Few people
#
# With other people, or other support letters, the metrics would be different. The size of this uncertainty can be
# estimated from the data by the **bootstrap** (Efron 1979): draw as many people from ours, with replacement, so that
# some come twice and some not at all, compute the metric again, and do that a thousand times. The middle nine tenths of
# the results is an interval for it.

# %%
rng = np.random.default_rng(1)
draws = rng.integers(len(episodes), size=(DRAWN, len(episodes)))  # each row: people, drawn with replacement
spans = {name: np.quantile(values[draws].mean(axis=1), (0.05, 0.95)) for name, values in rank.items()}
plt.figure(figsize=(6, 2.4), dpi=90, layout="constrained")
for height, (name, (low, high)) in enumerate(reversed(spans.items())):
    plt.plot([low, high], [height, height], lw=3, color="#1b5e8c")
    plt.plot(rank[name].mean(), height, "o", color="#1b5e8c")
plt.yticks(range(len(spans)), list(reversed(spans)))
plt.axvline(by_chance, color="#999999", ls=":")
plt.xlabel("MRR, its middle nine tenths over people drawn again (dotted: chance)")
plt.show()

# %%
rival, mine = (rank[name][draws].mean(axis=1) for name in ("nearest writer", "hand62, optimised"))
won, at = np.mean(mine > rival), list(TRAITS).index("slant")
slants = [correlation(found["hand62, optimised"][some, at], truth[some, at]) for some in draws]
(low, high), (least, most) = spans["hand62, optimised"], np.nanquantile(slants, (0.05, 0.95))
say(
    f"With {len(episodes)} people hand62's MRR lies between {low:.2f} and {high:.2f}, say. Against the nearest writer, "
    f"on the *same* people each time, it is ahead in {won:.0%} of the draws: that is "
    + ("nothing to rely on. " if 0.05 < won < 0.95 else "more than chance. ")
    + f"Correlations are uncertain too: that of slant has {least:.2f} to {most:.2f}."
)

# %% [markdown]
# The second decimal of such a table means nothing, and two rows whose intervals overlap may still differ: compare them
# person by person, as the last cell does.
#
# ### 5. A metric that took part in the training
#
# `hand62` was trained with `likeness62`: a second verifier, of another size and seed, that measured during training how
# like the letters were to the person's, and still does so while a code is optimised. That is its purpose. But it should
# not measure the result. Here is the difference:


# %%
def likenesses(rows, network):
    each = [embed(network, rows, half) * embed(network, plain, 1 - half) for half in (0, 1)]
    return np.mean(np.sum(each, axis=-1))  # of the written letters to the right person's real ones


shown = ("retest", "hand62, encoder alone", "hand62, optimised", "nearest writer")
both = {"judge62": verifier, "likeness62": pipeline.verifier}
measures = {"MRR": lambda rows, network: np.mean(1 / ranks(rows, network)), "likeness": likenesses}
found = np.array([[[each(letters[n], v) for v in both.values()] for each in measures.values()] for n in shown])
over = found / found[0]
heads = [f"{name} by {network}" for name in measures for network in both]
table([(n, *(f"{v:.2f}" for v in f.ravel())) for n, f in zip(shown, found, strict=True)], ["letters", *heads])
table([(n, *(f"{v:.2f}" for v in f.ravel())) for n, f in zip(shown, over, strict=True)], ["over real", *heads])

# %%
higher, gain = over[2, :, 1] - over[2, :, 0] > 0.02, found[2, 1] - found[1, 1]  # MRR and likeness; by either verifier
say(
    f"Optimised, hand62 has {over[2, 0, 0]:.2f} of the real letters' MRR by the verifier that took no part and "
    f"{over[2, 0, 1]:.2f} by the one of its training; of their likeness {over[2, 1, 0]:.2f} and {over[2, 1, 1]:.2f}. "
    + ("By both metrics the verifier of its training rates it **higher**." if higher.all() else "")
    + ("By neither metric does the verifier of its training rate it higher; it might have." if not higher.any() else "")
    + (f"That verifier rates it **higher** by {list(measures)[higher.argmax()]} alone." if higher.sum() == 1 else "")
    + f" The optimisation, which uses likeness62 only, adds {gain[0]:+.3f} to the likeness by judge62 and "
    f"{gain[1]:+.3f} to that by likeness62: "
    + ("most for the verifier that it uses." if gain[1] > gain[0] else "no more for the verifier that it uses.")
)

# %% [markdown]
# The nearest writer is a good control here: its letters were optimised for neither network. The same is true of every
# metric: a network that is trained with a reader's output will be read well by that reader, and one whose training was
# stopped at the best FID has an FID that is too good. A metric that has been optimised is no longer a fair metric.
#
# ### 6. Copying

# %%
nearest = evaluation.NearestWriter(pipeline.verifier)
for number in range(3):
    copied_from = methods["nearest writer"].order(data, [episodes[number]])[0, 0]
    cells = np.stack([letters[name][number][:16] for name in ("truth", "nearest writer", "hand62, optimised")])
    beside = ["the person", f"training writer {copied_from}", "hand62, optimised"]
    show(grids.add_margin(grids.grid(cells, "", "", beside)), 0.8)
other = nearest(data, episodes)

# %%
copied, anybody = comparison["nearest writer"].metrics, comparison["another person"].metrics
more = "less than" if copied["FID"] < ours["FID"] else "no less than, this time,"
picked = [np.mean(1 / found) for found in (placed["nearest writer"], ranks(other, verifier))]
say(
    f"The copyist has an FID of **{copied['FID']:.1f}**, {more} hand62's {ours['FID']:.1f}; a random person has "
    f"{anybody['FID']:.1f}. Copied letters *are* real letters, and FID does not ask whose. The verifier does: there "
    f"the copyist is at {copied['hand MRR over real']:.2f} of the ceiling, hand62 at {ours['hand MRR over real']:.2f}. "
    f"And where likeness62 chooses the writer to copy, the MRR by judge62 is {picked[1]:.2f} in place of "
    f"{picked[0]:.2f}: the difference comes from a verifier that measures its own choice."
)

# %% [markdown]
# A copyist is a fair baseline all the same: a network is worth training only if it is better than somebody else's
# alphabet. The copyist improves with every training writer, but it can never write a character that none of them wrote.
#
# ## Conclusions
#
# No metric is enough alone. In the shipped table the mean letter has the best legibility, copied letters the best FID,
# and every method has the thickness. No simple method has *all of them at once*: legible letters, taken for the right
# person, with the slant, width and loops of that person, and not distinguishable from real ones. So show every metric
# beside its chance level, its ceiling and the baselines, on people never seen, by networks that took no part in the
# training, with the number of people and letters.
#
# ## The report on one person
#
# All of this takes many people. For a single hand the preset itself generates others, a *reference population*:
# `python -m tfhand.evaluate hand62 --hand my_hand/` leaves a person's characters out in turn, writes them from the
# others, and describes the result in words. Here for the eleven characters of the photographed line in `examples/`
# (yours: `tfhand.Hand.load("my_hand/")`):

# %%
hand = scan.read_line("../examples/sample.jpg", says="quick fox 273")
pen = Synthesizer(pipeline if STEPS > 40 else pipeline.with_steps(1))  # shortened, the code is hardly optimised
report = leave_letters_out(pen, hand, reader, verifier, people=min(2 * STEPS, 24), seed=0)
say("\n".join(f"- {sentence}" for sentence in report.sentences()))
show(left_out(report.letters), 0.8)

# %%
columns = ("real", "give or take", "written", "average hand")
rows = [(line[""], *(f"{line[name]:+.2f}" for name in columns), line["verdict"]) for line in report.table()]
table(rows, ["trait", *columns, "verdict"])

# %% [markdown]
# Traits are in standard deviations of the reference population; *give or take* is the standard error. A trait is *not
# special* if the person is within one standard deviation of the mean, or within two standard errors: there is nothing
# to keep. Otherwise it is *kept* if the written letters have at least half of the person's difference from the mean, on
# the same side, *overdone* if they have much more, and *lost* if not. The likeness is the verifier's, as above, and it
# is compared with the likeness of an average hand with the same nib; only the part above that was learned.

# %%
special = [line for line in report.table() if line["verdict"] in ("kept", "lost")]
kept, lost = ([line[""] for line in special if line["verdict"] == verdict] for verdict in ("kept", "lost"))
readable = sum(not one.misread for one in report.letters)
say(
    f"In other words: {readable} of the {len(report.letters)} letters that it was not shown can be read. "
    + (f"The special traits that it kept: {', '.join(kept) or 'none'}; " if special else "")
    + (f"those that it lost: {', '.join(lost) or 'none'}. " if special else "No trait is special in so few letters. ")
    + f"The likeness of all the letters to the real ones is {report.likeness:.2f}, where an average hand has "
    f"{report.average:.2f}. The alarm that only the weight was learned is {'**on**' if report.only_weight else 'off'}."
)

# %% [markdown]
# ## Exercises
#
# **1.** Somebody reports an MRR of 0.30 among ten people. Is that more than chance? Which MRR does a verifier have that
# ranks the people at random? Find the formula, and check it by drawing ranks.

# %% jupyter={"source_hidden": true} tags=["solution"]
people = 10
by_formula = np.mean(1 / np.arange(1, people + 1))  # each rank is as likely
by_drawing = np.mean(1 / np.random.default_rng(0).integers(1, people + 1, 100_000))
say(f"By chance the MRR of {people} people is {by_formula:.3f} (drawn: {by_drawing:.3f}): 0.30 is what chance gives.")
assert abs(by_formula - by_drawing) < 0.01

# %% [markdown]
# **2.** Two samples of the *same* distribution: is their FID 0? Draw two sets of N standard normal vectors of 16
# numbers for N = 50, 200, 800, and say what that means for two FIDs from different papers.

# %% jupyter={"source_hidden": true} tags=["solution"]
rng, distances = np.random.default_rng(0), {}
for size in (50, 200, 800):
    distances[size] = float(frechet_distance(rng.standard_normal((size, 16)), rng.standard_normal((size, 16))))
table([{"N": size, "FID of the same distribution": distance} for size, distance in distances.items()])
say("It falls as N grows: FIDs can be compared only where N, and the network of the features, are the same.")
assert distances[50] > distances[200] > distances[800] > 0

# %% [markdown]
# ## What we learned
#
# - Four kinds of metric see four different things: legibility, the person, the traits, and how real the letters are as
#   a whole.
# - A metric needs its chance level, its ceiling (the retest) and its baselines; each baseline is best somewhere.
# - FID falls as N grows, even for real letters; KID is right on average at every N.
# - Few people make wide intervals; draw them again to see how wide.
# - A network that took part in the training cannot measure its result.

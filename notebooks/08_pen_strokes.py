# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 8. Pen strokes: a letter as a path
#
# **Who this is for.** Anyone who wants to know how the preset that this library writes with, `alphabet62`, comes from
# eleven letters in a photo to an alphabet, and from letters to joined words. You should know what a neural network is
# and what a loss is; the other notebooks are not needed.
#
# **What you will be able to do**
#
# - describe a letter as a path of the pen, and say what that gains over pixels;
# - write a mixture density network from scratch, train it in half a minute, and *see* what it expects the pen to do
#   next;
# - turn its temperature up and down, and say what is lost at both ends;
# - follow a hand through `alphabet62`: picture, form, person, alphabet, ink; and find out which of your letters decide
#   how a new one looks;
# - say how joined words are put together of pieces of words, and why these pieces and not others.
#
# **How long it takes.** About three minutes on two cores, under a minute shortened (`TFHAND_NOTEBOOK_STEPS=2`), forty
# minutes to read. No GPU, no download.
#
# Before this comes [7, export and serve](07_export_and_serve.ipynb); it is the last of eight.

# %%
from itertools import pairwise

import keras
import matplotlib.pyplot as plt
import numpy as np
from course import code, confirm, effect, film, say, show, slide, steps, table
from keras import layers, ops

# %%
import tfhand
from tfhand.core.charset import reading
from tfhand.data import synthetic
from tfhand.data.spelling import set_letters
from tfhand.data.trajectories import Trajectories, pen_down_table, resample
from tfhand.data.word_pictures import ABOVE, Line, draw_words, join_letters, letter_pixels, pixels_per_x_height
from tfhand.evaluation.hand_evaluator import legibility
from tfhand.hands.glyph import as_glyphs, as_network_input
from tfhand.hands.word_sample import WordSample
from tfhand.models.registry import load
from tfhand.models.strokes.losses import trajectory_likelihood
from tfhand.nn.pen import draw_trajectories

# %%
from tfhand.synthesis.joined.choice import meeting_costs
from tfhand.synthesis.joined.pieces import pieces_of
from tfhand.synthesis.joined.word_writer import WordWriter, WrittenWords
from tfhand.visualization import grids

# %% [markdown]
# ## A letter is a movement
#
# The notebooks before this one treat a letter as a picture: 32 x 32 grey values. But nobody paints a letter pixel by
# pixel. The pen goes down, moves, is lifted. The network `strokes62` finds this path in a picture. Here are the letters
# of the sample photo (by a synthetic writer, as everywhere in this course), and over each the path that it finds: from
# dark to light as the pen goes, grey where it is in the air.

# %%
hand = tfhand.scan.read_line("../examples/sample.jpg", says="quick fox 273")
pen, strokes = tfhand.load("alphabet62"), load("strokes62")
text, own = pen.samples(hand)  # uint8 (11, 32, 32), ink 255
CHARACTERS, SIDE = strokes.characters, 0.68  # the side of a picture, where the longer side of a letter is 1; halved


def numbers_of(letters):
    return np.array([CHARACTERS.index(letter) for letter in letters], np.int32)


# %%
def panels(count, side=1.3):
    size = (side * count, side * 1.2)
    axes = plt.figure(figsize=size, dpi=80).subplots(1, count, squeeze=False)
    for axis in axes[0]:
        axis.set(xlim=(-SIDE, SIDE), ylim=(SIDE, -SIDE), aspect="equal")
        axis.axis("off")
    return axes[0]


def draw_path(axis, path, width=2.5):
    for start, end, share in zip(path, path[1:], np.linspace(0, 0.9, len(path) - 1), strict=False):
        color = plt.cm.viridis(share) if end[2] > 0.5 else "0.75"
        axis.plot(*np.stack([start, end])[:, :2].T, color=color, linewidth=width, solid_capstyle="round")


# %%
images, numbers = as_network_input(own), numbers_of(text)
paths = np.asarray(strokes.trace(images, numbers))  # (11, 48, 3): right, down, and whether the pen was down
for axis, glyph, path in zip(panels(len(text)), own, paths, strict=True):
    axis.imshow(255 - glyph // 4, cmap="gray", vmin=0, vmax=255, extent=(-SIDE, SIDE, SIDE, -SIDE))
    draw_path(axis, path)
plt.show()
say(f"A picture of {own[0].size} numbers becomes a path of {len(paths[0])} points.")

# %% [markdown]
# What is gained? A path has no resolution: it can be drawn at any size, with any nib, by a plotter. And whatever a
# network does to it, the result is a *line*. A blurred path is a smooth path; a blurred picture is a smudge.
#
# ```python
# draw_trajectories(points, strokes, nibs, size)
# ```
#
# draws it, and is differentiable in the points and in the nib: a pixel is inked by its distance from the nearest piece
# of the line.

# %%
points, counts = strokes.decode(strokes.forms_of(images, numbers), numbers)
for nib, size in ((1.2, 32), (2.4, 64), (5.0, 96)):
    drawn = draw_trajectories(points, counts, np.full(len(text), nib, np.float32), size)
    show(255 - np.concatenate(as_glyphs(np.asarray(drawn)), axis=1))

# %% [markdown]
# ## A network that moves a pen
#
# Before we look into the library, we build a writer from scratch, in forty lines. It moves the pen point by point, as
# Graves did in 2013 ([arXiv 1308.0850](https://arxiv.org/abs/1308.0850), section 4). The letters are a, c, d, g and q:
# all begin with the same bowl. We do *not* tell the network which letter it is to write. When the bowl is done, it has
# to choose.
#
# Each letter becomes 24 **polar steps**: how far the direction *turns* from the last step, and the logarithm of the
# step's *length*. In these numbers a bowl is the same small turn again and again, however large it is, and wherever it
# stands.

# %%
POINTS = 24
archive = synthetic.archive(writers=8 * steps(30), samples=4, seed=0, characters="acdgq")
found = Trajectories.of(archive)
bowls = (found.counts == 1) & (found.points[:, 6, 0] < found.points[:, 0, 0] - 0.05)  # one stroke, first to the left
single = np.flatnonzero(bowls)
letters = np.stack([resample(found.points[index], POINTS + 1) for index in single])  # (n, 25, 2)
writers = np.asarray(archive.writers)[single]
held_out = writers >= 6 * steps(30)  # a quarter of the people, for measuring
move = np.diff(letters, axis=1)
direction = np.arctan2(move[..., 1], move[..., 0])
turn = (np.diff(direction, axis=1, prepend=np.float32(np.pi)) + np.pi) % (2 * np.pi) - np.pi  # from the left at first
polar = np.stack([turn, np.log(np.hypot(*np.moveaxis(move, -1, 0)) + 1e-3)], axis=-1).astype(np.float32)  # (n, 24, 2)
say(f"{len(letters)} letters by {len(np.unique(writers))} people, {held_out.mean():.0%} of them held out.")

# %% [markdown]
# ### A density, and not a number
#
# The network gets where the pen is and where it came from, and remembers the rest (a GRU, a recurrent layer). What
# shall it say about the next step? If it gave *one* step and were trained by squared error, the best that it could give
# is the mean of all steps that are possible. At the end of a bowl some people go up and some go down; the mean of both
# is to stand still.
#
# So it gives a **density**: for every step how likely it is. A mixture density network (Bishop 1994) writes it as a sum
# of a few Gaussians over (turn, log length), here eight. For each of them the network gives five numbers: a weight, two
# means, two widths.

# %%
KERNELS = 8


def seen_from(points):  # where the pen is, and the last step
    return np.concatenate([points, 10 * np.diff(points, axis=1, prepend=points[:, :1])], axis=-1).astype(np.float32)


def make_writer(kernels):
    seen = keras.Input((POINTS, 4))
    x = layers.Dense(64, activation="gelu")(layers.GRU(96, return_sequences=True)(seen))
    return keras.Model(seen, layers.Dense(5 * kernels)(x))


# %%
def mixture(outputs):
    weights, turns, lengths, turn_widths, length_widths = ops.split(outputs, 5, axis=-1)
    return ops.log_softmax(weights, axis=-1), turns, lengths - 2, turn_widths - 1, length_widths - 1


def log_density(steps_taken, outputs):  # of steps (..., 2) in (turn, log length)
    weights, turns, lengths, turn_widths, length_widths = mixture(outputs)
    away = steps_taken[..., :1] - turns
    away = (away - 2 * np.pi * ops.round(away / (2 * np.pi))) / ops.exp(turn_widths)  # the shorter way round
    far = (steps_taken[..., 1:] - lengths) / ops.exp(length_widths)
    gaussians = -turn_widths - length_widths - np.log(2 * np.pi) - (ops.square(away) + ops.square(far)) / 2
    return ops.logsumexp(weights + gaussians, axis=-1)


# %% [markdown]
# The loss is what it always is for a density: minus the logarithm of how likely the step was that the person really
# took. (`mixture` moves the outputs a little, so that an untrained network begins with sensible steps.)
#
# And writing: take one of the Gaussians by its weight, take a step from it, move the pen, ask again. The
# **temperature** changes the odds: at 1 steps are drawn as the network believes, below 1 the likelier ones are
# preferred and each Gaussian is narrower, at 0 nothing is left to chance.


# %%
def write(writer, starts, temperature, seed=0):  # letters (n, 25, 2) that begin at starts (n, 2)
    random, each = np.random.default_rng(seed), np.arange(len(starts))
    written, way = np.repeat(starts[:, None], POINTS + 1, axis=1), np.full(len(starts), np.pi)
    for at in range(POINTS):
        values = mixture(writer.predict_on_batch(seen_from(written[:, :-1]))[:, at])
        weights, *gaussians = (np.asarray(value) for value in values)
        chance = random.gumbel(size=weights.shape)  # the largest sum is a draw by the weights
        chosen = (weights + temperature * chance).argmax(axis=-1)
        turns, lengths, turn_widths, length_widths = (value[each, chosen] for value in gaussians)
        noise = np.sqrt(temperature) * random.normal(size=(2, len(starts)))
        way += turns + noise[0] * np.exp(turn_widths)
        length = np.exp(lengths + noise[1] * np.exp(length_widths))
        written[:, at + 1] = written[:, at] + (length * [np.cos(way), np.sin(way)]).T
    return written


# %% [markdown]
# Now it learns. The film shows the same sixteen letters, begun at the same places, after each few passes through the
# data: noise, curves, bowls, letters.


# %%
def pictured(written, size=48, across=8):
    single, nibs = np.ones(len(written), np.int32), np.full(len(written), 1.6, np.float32)
    glyphs = as_glyphs(np.asarray(draw_trajectories(written.astype(np.float32), single, nibs, size)))
    return grids.grid(glyphs.reshape(-1, across, size, size))


def trained(kernels, watch=()):
    keras.utils.set_random_seed(0)
    writer, epochs, data = make_writer(kernels), steps(50), (seen_from(letters[~held_out, :-1]), polar[~held_out])
    rate = keras.optimizers.schedules.CosineDecay(5e-3, epochs * (-(-len(data[0]) // 64)))
    writer.compile(keras.optimizers.Adam(rate, clipnorm=1.0), lambda true, outputs: -log_density(true, outputs))
    writer.fit(*data, batch_size=64, epochs=epochs, verbose=0, callbacks=[each(writer) for each in watch])
    return writer


# %%
starts, pictures = letters[held_out][:: max(1, held_out.sum() // 16), 0][:16], []


def watched(writer):
    def picture(epoch, logs):
        if epoch % 3 == 0 or epoch == steps(50) - 1:
            pictures.append(pictured(write(writer, starts, 0.3)))

    return keras.callbacks.LambdaCallback(on_epoch_end=picture)


writer = trained(KERNELS, [watched])
film(pictures, 0.3, zoom=0.6)

# %% [markdown]
# Is the mixture worth it? The same network with a single Gaussian, trained the same way: how likely are the steps of
# people whom neither has seen?

# %%
likelihoods = {}
for kernels, network in ((1, trained(1)), (KERNELS, writer)):
    each = np.asarray(log_density(polar[held_out], network(seen_from(letters[held_out, :-1])))).mean(axis=1)
    likelihoods[kernels] = [each[writers[held_out] == who].mean() for who in np.unique(writers[held_out])]
say(f"Mean log density of a step: {', '.join(f'{np.mean(v):.2f} with {k}' for k, v in likelihoods.items())}.")
confirm("Several Gaussians expect the steps of new people better than one", effect(*likelihoods.values()))

# %% [markdown]
# ### What it expects
#
# A step has a place, so the density can be drawn over the letter: for every place around the pen, how likely is it that
# the next point lies there? (A density over turn and log length becomes one over the plane by dividing by the square of
# the length: far from the pen the same turn covers more paper.)


# %%
def heat(points, at, where):  # density at places (..., 2) for the point after points[at]
    outputs = writer.predict_on_batch(seen_from(points[None, :-1]))[0, at]
    last = points[at] - points[at - 1] if at else np.array([-1.0, 0.0])
    step = where - points[at]
    length = np.hypot(step[..., 0], step[..., 1]) + 1e-3
    way = np.arctan2(step[..., 1], step[..., 0]) - np.arctan2(last[1], last[0])
    density = np.exp(np.asarray(log_density(np.stack([way, np.log(length)], axis=-1).astype(np.float32), outputs)))
    return density / length**2


ON_PAPER = {"cmap": "YlOrRd", "extent": (-SIDE, SIDE, SIDE, -SIDE)}
plane = np.stack(np.meshgrid(*[np.linspace(-SIDE, SIDE, 200)] * 2), axis=-1)
test = letters[held_out]

# %% [markdown]
# First all steps of one letter at once, one letter of each kind. Along a bowl the spots are small: there is one way to
# go on. Where a letter may turn they are wide.

# %%
kinds = archive.labels[single][held_out]
shown = [int(np.flatnonzero(kinds == kind)[0]) for kind in np.unique(kinds)]
for axis, index in zip(panels(len(shown), 2.2), shown, strict=True):
    total = np.maximum.reduce([heat(test[index], at, plane) for at in range(POINTS)])
    axis.imshow(np.minimum(total / np.quantile(total, 0.99), 1) ** 0.4, **ON_PAPER)
    axis.plot(*test[index].T, color="0.4", linewidth=1)
plt.show()

# %% [markdown]
# Then the places where it sees two ways. To find them, we draw many next points for every step of every letter, and ask
# how few of them lie near their mean. Black is what was written so far, the thin line how the person went on, and the
# cross is the mean: where a network without a mixture would have to go.


# %%
def directions(points):  # the weights of the Gaussians, their turns and widths, and their log lengths and widths
    weights, turns, lengths, *widths = mixture(writer.predict_on_batch(seen_from(points[:, :-1])))
    return [np.exp(weights), *map(np.asarray, (turns, lengths)), *map(np.exp, widths)]


def next_points(points, count=60):  # complex (n, 24, count): from the pen, the last step being to the right
    random, (weights, *gaussians) = np.random.default_rng(0), directions(points)
    chosen = (np.log(weights)[..., None] + random.gumbel(size=(*weights.shape, count))).argmax(axis=2)
    turn, length, wide, long = (np.take_along_axis(value, chosen, axis=2) for value in gaussians)
    noise = random.normal(size=(2, *turn.shape))
    return np.exp(length + long * noise[0] + 1j * (turn + wide * noise[1]))


# %%
points = next_points(test)
means = points.mean(axis=2, keepdims=True)
near = (np.abs(points - means) < 0.4 * np.abs(points).mean(axis=2, keepdims=True)).mean(axis=2)
near[:, :3] = 1  # the first steps tell little
for axis, kind in zip(panels(len(shown), 2.2), np.unique(kinds), strict=True):
    index, at = np.unravel_index((near + (kinds != kind)[:, None]).argmin(), near.shape)
    density = heat(test[index], at, plane)
    axis.imshow(np.minimum(density / np.quantile(density, 0.999), 1) ** 0.4, **ON_PAPER)
    axis.plot(*test[index].T, color="0.6", linewidth=1)
    axis.plot(*test[index][: at + 1].T, color="black", linewidth=2)
    axis.plot(*(density[..., None] * plane).sum(axis=(0, 1)) / density.sum(), "x", color="tab:blue", markersize=9)
plt.show()

# %% [markdown]
# A ring is a step of a sure length in an unsure direction; its dark parts are the ways that letters really go on. The
# cross lies between them, where hardly any step ends.
#
# ### Temperature
#
# Sixteen letters at each temperature, from the same starts. In a live notebook, move the slider.

# %%
slide(lambda temperature: pictured(write(writer, starts, temperature), across=4), (0.0, 0.3, 0.6, 1.0, 1.6), "heat")

# %% [markdown]
# Cold, the network writes neatly and always the same few letters. Hot, it writes all of them, and then things that are
# none. We ask `reader62`, a network that reads letters, how many of them it takes for one of our five.

# %%
reader = load("reader62")


def read_share(temperature, seed):  # of letters that are read as one of the five, or as a look-alike such as C
    nibs, counts = np.full(len(starts), 2.4, np.float32), np.ones(len(starts), np.int32)
    drawn = draw_trajectories(write(writer, starts, temperature, seed).astype(np.float32), counts, nibs, 32)
    return np.mean(
        [reading(CHARACTERS[at]) in set(map(reading, "acdgq")) for at in np.asarray(reader(drawn)).argmax(1)]
    )


cool, hot = ([read_share(temperature, seed) for seed in range(steps(12))] for temperature in (0.3, 1.6))
say(f"Read as one of the five: {np.mean(cool):.0%} at 0.3, {np.mean(hot):.0%} at 1.6.")
confirm("More cool letters than hot ones are read", effect(hot, cool))

# %% [markdown]
# ## What the library does instead
#
# Point by point has a weakness: one bad step leads to a place that the network has never seen, and the next is worse.
# So the library's strokes are *not* written point by point. `strokes62` proposes the whole path at once.
#
# ![From samples to ink: encoder, form, person, alphabet, decoder, pen](diagrams/strokes.svg)
#
# Its two networks are a variational autoencoder (Kingma and Welling 2014, [arXiv
# 1312.6114](https://arxiv.org/abs/1312.6114)). The encoder makes 48 numbers of a picture and its character: the
# **form** of the letter. The decoder makes a path of a form. A form knows nothing of nib, ink and paper.
#
# ### A mixture of whole paths
#
# The choice between several ways has not gone away. In the picture of an o nobody can see where the pen began, nor
# which way round it went. So the decoder proposes **three** paths, each with a probability: a mixture density again,
# over whole paths.

# %%
code(trajectory_likelihood)

usual = np.asarray(pen.pipeline.networks.usual)  # the usual form of each character
ways, parts, chances = strokes.candidates(usual, np.arange(len(CHARACTERS), dtype=np.int32))
order = np.argsort(-np.asarray(chances), axis=1)[:, :2]  # the two likeliest
ways = np.take_along_axis(np.asarray(ways), order[..., None, None], axis=1)  # (62, 2, 48, 2)
shares = np.take_along_axis(np.asarray(ops.softmax(chances, axis=-1)), order, axis=1)
parts = 1 + np.take_along_axis(np.asarray(parts).argmax(axis=-1), order, axis=1)  # strokes of each
likely = shares[:, 1] > 0.1
say(f"{likely.sum()} characters have a second way of more than 10%: " + " ".join(np.array([*CHARACTERS])[likely]))

# %% [markdown]
# How far apart are the two ways: as movements, point by point in time; and as lines on paper, from each point to the
# nearest of the other? Here are the five characters whose movements differ most, the likelier way above.

# %%
gaps = np.hypot(*np.moveaxis(ways[:, 0, :, None] - ways[:, 1, None], -1, 0))  # (62, 48, 48)
movement, paper = np.diagonal(gaps, axis1=1, axis2=2).mean(axis=1), gaps.min(axis=2).mean(axis=1)
most_apart = np.argsort(-(movement - paper) * likely)[:5]
for rank in range(2):
    for axis, at in zip(panels(len(most_apart), 1.7), most_apart, strict=True):
        down = np.pad(pen_down_table()[parts[at, rank]], (1, 0))
        draw_path(axis, np.column_stack([ways[at, rank], down]))
        axis.set_title(f"{CHARACTERS[at]}: {shares[at, rank]:.0%}")
    plt.show()
confirm("Two candidates differ more as movements than as lines on paper", effect(paper[likely], movement[likely]))

# %% [markdown]
# The colour is time: look where each path is dark, and you see where it begins.
#
# ### Between two forms lie letters
#
# What is a form good for? It is a place in a space where *between two letters there is a letter*. Above, two people's
# letters are mixed as pictures; below, their forms are mixed and then drawn.

# %%
two = synthetic.archive(writers=8 * steps(5), samples=1, seed=3, characters="bhkrty")
glyphs = two.render(np.arange(len(two)), 32, 2.4)
labels = numbers_of([two.characters[label] for label in two.labels])
known = np.asarray(strokes.forms_of(as_network_input(glyphs), labels))
pairs = np.stack([np.flatnonzero(np.asarray(two.writers) == who)[np.argsort(labels[two.writers == who])] for who in
                  np.unique(two.writers)])  # (people, 6)  # fmt: skip
one, other = pairs[0::2], pairs[1::2]


def mixed(one, other, share):  # as pictures and as forms
    drawn = strokes.draw(
        (1 - share) * known[one] + share * known[other], labels[one], np.full(len(one), 2.4, np.float32)
    )
    faded = (1 - share) * glyphs[one] + share * glyphs[other]
    return faded.astype(np.uint8), as_glyphs(np.asarray(drawn))


# %%
slide(lambda share: grids.grid(np.stack(mixed(one[1], other[1], share))), (0.0, 0.25, 0.5, 0.75, 1.0), "share")

# %%
halfway = [mixed(a, b, 0.5) for a, b in zip(one, other, strict=True)]
names = ["".join(CHARACTERS[label] for label in labels[a]) for a in one]
faded, drawn = (legibility(reader, [pair[kind] for pair in halfway], names) for kind in range(2))
say(f"Read as meant, halfway: {np.mean(faded):.0%} of the faded pictures, {np.mean(drawn):.0%} of the mixed forms.")
confirm("Halfway between two forms more letters can be read than halfway between two pictures", effect(faded, drawn))

# %% [markdown]
# ## From a few letters to an alphabet
#
# `alphabet62` has the same two networks, and between them a third step. Eleven forms come in, 62 go out:
#
# 1. the **hand encoder** looks at each sample's form, with its character, and takes the *mean* over the samples: a
#    person as 48 numbers;
# 2. the **form generator** makes the form of every character of these numbers;
# 3. characters that the person wrote keep their own form; no network knows it better.

# %%
networks = pen.pipeline.networks
residuals, everybody = networks.residuals(), np.ones((1, len(text)), np.float32)
hand_code = np.asarray(networks.encode(images[None], numbers[None], everybody, residuals))  # (1, 62 x 48 + 1)


def written(codes, letters, noise=0.0):  # one row of letters for each code
    rows = [np.repeat(one[None], len(letters), axis=0) for one in codes]
    noise = np.broadcast_to(np.float32(noise), (len(letters), networks.noise_size))
    return np.stack([as_glyphs(np.asarray(networks.write(row, numbers_of(letters), noise))) for row in rows])


say(f"A hand code has {hand_code.size} numbers: {len(CHARACTERS)} forms of {networks.config.form_size}, and the nib.")
say("(Small letters look bolder only because each letter here is scaled to fill its picture.)")
show(grids.grid(own[None], "given"))
show(grids.grid(written(hand_code, "abdeghjlmnprstvwyzABDEGHKMRS"), "written"))

# %% [markdown]
# ### Which samples does it look at?
#
# The hand encoder takes a mean and has no attention weights that could be drawn. But we can *measure* what each sample
# does: leave it out, and see how far every letter moves (in standard deviations of that letter over people). A column
# is a letter that was not given, a row a sample.


# %%
def alphabet(seen):  # normalized forms (62, 48) by the samples with a mask (1, 11) of 1
    forms = np.asarray(networks.encode(images[None], numbers[None], seen, residuals))[0, :-1].reshape(
        len(CHARACTERS), -1
    )
    return (forms - np.asarray(networks.usual)) / np.asarray(networks.spread)


new = [one for one in CHARACTERS if one not in text]
moved = []
for sample in range(len(text)):
    without = everybody.copy()
    without[0, sample] = 0
    difference = alphabet(without) - alphabet(everybody)
    moved.append(np.sqrt(np.square(difference[numbers_of(new)]).mean(axis=1)))

# %%
figure, axis = plt.subplots(figsize=(13, 3.2), dpi=80)
axis.imshow(moved, cmap="magma_r", aspect="auto")
axis.set_xticks(range(len(new)), new)
axis.set_yticks(range(len(text)), text)
axis.set(xlabel="letter that is written", ylabel="sample left out")
plt.show()
strongest = text[int(np.mean(moved, axis=1).argmax())]
say(f"The sample that moves most letters is the **{strongest}**: without it the person would be another one.")

# %% [markdown]
# A sample counts for more if it is unlike what is usual, and if its form says much about others. For six letters, the
# three samples that matter most, the strongest first; and right of the rule the letter that results:

# %%
some = "adgehn"
places = [np.argsort(-np.array(moved)[:, new.index(one)])[:3] for one in some]
result = written(hand_code, some)[0]
show(grids.grid(np.stack([[*own[at], glyph] for at, glyph in zip(places, result, strict=True)]), sources=(0, 3)))

# %% [markdown]
# ### Attention after all: over people
#
# There is one place where the model does attend, in the exact sense of the word: a softmax over likeness. It remembers
# the people whom it learned from. A verifier (a network that knows people by their strokes) compares the samples with
# each of them, and what the form generator leaves out of *their* letters is added to ours, with weights
#
# $$w_k = \frac{e^{30\cos(e, e_k)}}{\sum_j e^{30\cos(e, e_j)}}.$$
#
# (A kernel regression, Nadaraya 1964; attention without its name.) Here are the people it looks at most, with their
# weights, and what they wrote of some letters; empty where they did not.

# %%
found = networks.embed(*networks.find_strokes(images[None], numbers[None]), numbers[None], everybody)
likeness = np.asarray(found @ ops.transpose(networks.known_embeddings))[0]
weights = np.exp(networks.config.resemblance * (likeness - likeness.max()))
weights /= weights.sum()
most = np.argsort(-weights)[:4]
shown = "cfikouxadeghr"
theirs = np.asarray(networks.usual + networks.known_forms * networks.spread).reshape(len(weights), -1)[most]
rows = written(np.pad(theirs, ((0, 0), (0, 1)), constant_values=2.4).astype(np.float32), shown)
rows *= (np.asarray(networks.known_letters)[most][:, numbers_of(shown)] > 0)[..., None, None].astype(np.uint8)
say(f"It remembers {len(weights)} people.")
beside = ["ours, given and found", *(f"{weights[one]:.2f}" for one in most)]
show(grids.grid(np.concatenate([written(hand_code, shown), rows]), beside=beside, above=shown, sources=(1, 0)))

# %% [markdown]
# ### More letters, nearer to the person
#
# Does all this find anything of a person? Synthetic writers can tell, because we have their whole alphabets. From 3 and
# from 11 of their letters we complete the alphabet, and compare the letters that were not given with their own, by the
# cosine of the normalized forms: 1 is the person's own writing, 0 is nothing that is particular about them.

# %%
people = synthetic.archive(writers=8 * steps(5), samples=1, seed=7)
owners = np.asarray(people.writers)
order = np.lexsort((people.places_in(CHARACTERS), owners)).reshape(-1, len(CHARACTERS))  # (people, 62)
pictures = as_network_input(people.render(order.ravel(), 32, 2.4)).reshape(*order.shape, 32, 32, 1)
truth = np.asarray(networks.normalized_forms(pictures, np.tile(numbers_of(CHARACTERS), (len(order), 1))))
rest = numbers_of([one for one in CHARACTERS if one not in text])


def nearness(given, residuals=residuals):
    samples = np.tile(numbers_of(given), (len(order), 1))
    seen = np.ones(samples.shape, np.float32)
    found = np.asarray(networks.encode(pictures[:, samples[0]], samples, seen, residuals))
    forms = (found[:, :-1].reshape(truth.shape) - np.asarray(networks.usual)) / np.asarray(networks.spread)
    a, b = forms[:, rest], truth[:, rest]
    return (a * b).sum((1, 2)) / np.sqrt(np.square(a).sum((1, 2)) * np.square(b).sum((1, 2)))


# %%
few, many = nearness("273"), nearness(text)
say(f"Nearness to {len(few)} people: {few.mean():.2f} from three digits, {many.mean():.2f} from eleven characters.")
confirm("Something of a person is found in three digits", effect(0 * few, few))
confirm("Eleven letters find more of it than three", effect(few, many))
plain = nearness(text, ops.zeros_like(residuals))
say(f"What the remembered people add to the eleven: {effect(plain, many)} (standard error).")

# %% [markdown]
# (A figure within twice its error says that here it is the samples that count, and not the people who are remembered:
# these writers are unlike the real people whom the preset learned from. How like real people's hands its letters are is
# measured in notebook [6](06_how_like_is_it.ipynb) and in [the measurements](../docs/measurements.md).)
#
# ## Noise, and other forms
#
# Nobody writes the same a twice. Of people who wrote a character several times, `alphabet62` knows how the 48 numbers
# of its form vary *together*: a covariance for every character. Noise is drawn with it and added to the form. Its
# temperature is the `noise_scale` that `pen.write` takes. Again a slider: the first row is what comes of four noises
# for one letter, and so on.


# %%
def noisy(temperature, letters="aegkr", draws=4, codes=hand_code):
    random = np.random.default_rng(1)
    noise = temperature * random.normal(size=(draws, networks.noise_size))
    return np.stack([written(codes, letters, each)[0] for each in noise], axis=1)


slide(lambda temperature: grids.grid(noisy(temperature)), (0.0, 0.3, 0.6, 1.0, 2.0), "noise_scale")

# %% [markdown]
# At 0 all letters of a kind are stamped. At 1 they differ as one person's writings do, in the mean over people who are
# neat and who are not. The library takes a little less, because a word is read letter by letter, and one broken letter
# spoils it:

# %%
codes = [hand_code, *(networks.random_hand(np.random.default_rng(seed))[None] for seed in range(steps(20)))]
letters_read = "adeghmnrst"


def read(temperature):
    rows = [noisy(temperature, letters_read, 3, one).reshape(-1, 32, 32) for one in codes]
    return legibility(reader, rows, ["".join(3 * one for one in letters_read)] * len(rows))


by_scale = {scale: read(scale) for scale in (0.0, 0.6, 1.0, 2.0)}
table([{"noise_scale": scale, "read as meant": float(np.mean(share))} for scale, share in by_scale.items()])
confirm("At the library's noise more letters are read than at twice a person's", effect(by_scale[2.0], by_scale[0.6]))

# %% [markdown]
# Noise changes how a letter is written this time. It does not change *which* a somebody writes. Other **forms** come
# from the remembered people: in place of the mean over all, take the habits of one of them. Each row is our hand with
# the habits of another person; where a row reads better than the first, `pen.write` may prefer it.

# %%
related = networks.related_codes(images, numbers, 4)
letters_shown = "abdeghjlmnprstvwyz"
beside = ["mean", *(f"habits of {weights[one]:.2f}" for one in most)]
show(grids.grid(written(np.concatenate([hand_code, related]), letters_shown), beside=beside, sources=(1, 0)))

# %% [markdown]
# ## Joined words
#
# Whoever joins letters does not write letters, but words. No network in this library draws joins; it takes them from
# the person's own words. This is unit selection, as speech synthesis knows it (Hunt and Black 1996): cut what there is
# into pieces, and make new words of pieces that fit. First we need somebody's words. A synthetic writer provides the
# letters, the library's `join_letters` joins them.

# %%
HEIGHT, NIB = 144, 0.12  # pixels, x-heights
joiner, random = synthetic.archive(1, 3, seed=12), np.random.default_rng(0)


def word_by_pen(text):
    at = {joiner.characters[label]: place for place, label in enumerate(joiner.labels.tolist())}
    line = Line(text, *join_letters(*set_letters(random, joiner, np.array([at[one] for one in text]))), True)
    sides = letter_pixels(line, HEIGHT, NIB)
    cuts = np.maximum.accumulate((sides[1:, 0] + sides[:-1, 1]) / 2 + 0.1 * np.arange(len(text) - 1))
    unit = pixels_per_x_height(HEIGHT)
    return WordSample(text, draw_words(line, HEIGHT, NIB), ABOVE * unit, unit, cuts)


# %%
TEXT = "hand letter winter many people garden house under water three moon mill quick five jump box"
TEXTS = TEXT.split()
words = [word_by_pen(text) for text in TEXTS]


def in_line(pictures, gap=24):
    high = max(len(picture) for picture in pictures)
    cells = [np.pad(picture, ((0, high - len(picture)), (0, gap)), constant_values=255) for picture in pictures]
    return np.concatenate(cells, axis=1)


show(in_line([255 - word.ink for word in words[:8]]), 0.7)

# %% [markdown]
# Every run of letters in these words is a **piece**: *wa*, *ate*, *ter* of *water*. At each end of a piece the library
# notes its **port**: whether ink runs across the cut there, how high over the line, and how steeply. Now we ask for
# words that nobody wrote. Each colour is a piece of another word.

# %%
pieces, writing = pieces_of(words), WrittenWords(words)
say(f"{len(words)} words of {sum(map(len, TEXTS))} letters hold {sum(map(len, pieces.values()))} pieces.")
COLORS = (np.array(plt.cm.tab10.colors) * 200).astype(np.uint8)


def coloured(text, seed=0, always=False):
    word_writer = WordWriter(writing, seed, always)
    parts = word_writer.choose(text)
    word = word_writer.write(parts)[0]
    part_of = np.repeat(np.arange(len(parts)), [len(part.text) for part in parts])[np.clip(word.letters, 0, None)]
    share = word.ink[..., None] / 255
    return parts, (255 * (1 - share) + share * COLORS[part_of % len(COLORS)]).astype(np.uint8)


# %%
for text_asked in ("handwriting", "together", "garment"):
    parts, picture = coloured(text_asked)
    show(picture, 0.7)
    say(", ".join(f"**{part.text}** of {part.word.text}" for part in parts))

# %% [markdown]
# ### Which pieces?
#
# Every cut costs, so long pieces win. Where two pieces meet, it costs how far their ports are apart in height and in
# steepness, whether the pen is lifted where the person would join, and whether the letter beside it was another one
# when it was written. The cheapest way through all pieces is found exactly, by Viterbi's algorithm.

# %%
code(meeting_costs)

# %% [markdown]
# Does the choice do anything? At a good cut ink runs on from both pieces, at about one height, or from neither. We
# count the others, in words of chosen pieces and in words whose letters are drawn at random from the same pieces.

# %%
NEW = "handwriting paper together number garment hunter market render hamper winder thunder warm inhuman moonlit"


def misfits(parts):  # cuts of a word where two pieces do not meet
    ports = [(left.exit, right.entry) for left, right in pairwise(parts)]
    steps = [abs(out.height - into.height) if out and into else float(out is not into) for out, into in ports]
    return sum(step > 0.15 for step in steps)  # x-heights


def at_random(text, seed):
    draw = np.random.default_rng(seed)
    return [pieces[one][draw.integers(len(pieces[one]))] for one in text]


# %%
chosen = [misfits(WordWriter(writing, 0).choose(one)) for one in NEW.split()]
by_chance = [np.mean([misfits(at_random(one, seed)) for seed in range(20)]) for one in NEW.split()]
say(f"Cuts of a word that do not fit: {np.mean(chosen):.1f} of chosen pieces, {np.mean(by_chance):.1f} at random.")
confirm("Chosen pieces fit together better than random ones", effect(chosen, by_chance))

# %% [markdown]
# ### To join or not to join
#
# Most people join some pairs and not others. How probable is a join? Two sources are weighed: what people in general do
# with such a pair (it depends on where the first letter ends and where the second begins; from the UNIPEN data), and
# what this person did with this very pair. In a word the pen is lifted or not by a draw with that probability, so
# another seed writes another way:

# %%
joins = writing.joins(False)
table([{"pair": pair, "joined with probability": joins.share(*pair)} for pair in ("an", "te", "on", "gh", "bo", "Wa")])
rewritten = [WordWriter(writing, seed) for seed in range(3)]
show(in_line([255 - each.write(each.choose("garment"))[0].ink for each in rewritten]), 0.7)

# %% [markdown]
# ## Exercises
#
# **1. A hand code is a table.** It has a form for every character. Give the writer of our photo the g of another
# person, and show that no other letter changes.

# %% jupyter={"source_hidden": true} tags=["solution"]
stranger = networks.random_hand(np.random.default_rng(4))
table_of = hand_code[0, :-1].reshape(len(CHARACTERS), -1).copy()
at = CHARACTERS.index("g")
table_of[at] = stranger[:-1].reshape(table_of.shape)[at]
changed = np.append(table_of.ravel(), hand_code[0, -1])[None].astype(np.float32)
before, after = written(hand_code, "abdefgh"), written(changed, "abdefgh")
show(grids.grid(np.concatenate([before, after]), beside=["own", "with a borrowed g"]))
assert [not np.array_equal(a, b) for a, b in zip(before[0], after[0], strict=True)] == [one == "g" for one in "abdefgh"]

# %% [markdown]
# **2. Is the network unsure in the right places?** If its density is honest, the steps at which it is unsure of the
# direction are those at which people surprise it. Compare the density that it gives to the steps really taken, at the
# quarter of steps where it is least sure and at the quarter where it is surest; for each held-out person. (Hint: the
# unsureness of a direction is one minus the length of the mean of all arrows that may be drawn.)

# %% jupyter={"source_hidden": true} tags=["solution"]
weights, turns, _, widths, _ = directions(test)
doubt = 1 - np.abs((weights * np.exp(1j * turns - widths**2 / 2)).sum(axis=-1))
taken = np.asarray(log_density(polar[held_out], writer(seen_from(test[:, :-1]))))
low, high = np.quantile(doubt, (0.25, 0.75))
who = [writers[held_out] == one for one in np.unique(writers[held_out])]
least_sure, surest = ([taken[own][part[own]].mean() for own in who] for part in (doubt > high, doubt < low))
surprise = effect(least_sure, surest)
say(f"Log density of the steps taken: {np.mean(surest):.2f} where it is surest, {np.mean(least_sure):.2f} where least.")
confirm("People surprise it where it is unsure", surprise)
assert surprise.count == len(who)

# %% [markdown]
# ## What we learned
#
# - A letter can be a path of the pen: it has no resolution, and what networks make of it is always a line.
# - Where several ways are possible, a network must give a density. A mixture of Gaussians over the next step, or of
#   whole paths, keeps the ways apart; their mean is a way that nobody takes.
# - Temperature trades sameness against errors: cold letters are all alike, and of hot ones fewer can be read.
# - `strokes62` turns a picture into a form of 48 numbers and a form into a whole path; halfway between two forms lies a
#   letter.
# - `alphabet62` makes a person of the mean over the samples, and forms of the person; it attends to remembered people,
#   not to samples. What a sample does can be measured by leaving it out.
# - Joined words are made of pieces of the person's own words, by the cheapest way; nothing is drawn that somebody's pen
#   did not do, but for small bends where pieces meet.
#
# **Try this**
#
# - Train the little writer on "nmhu" or on digits. Where does it become unsure?
# - Use your own photo in place of `../examples/sample.jpg`. Which of your letters decide most?
# - Leave the *water* out of the words. Of which pieces is *winter* made then?

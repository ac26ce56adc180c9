# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 2. The conditional GAN: from noise to a character, to a character in somebody's hand
#
# **Who this is for.** Anyone who knows Python and has trained a small Keras model before. You need not know what a GAN
# is: this is the first notebook of the course in which networks appear, and it begins with two of them and one digit.
#
# **What you will be able to do**
#
# - say what the two networks of a GAN want, write down both losses, and read their curves without being misled by them;
# - train a GAN that draws one digit, one that draws the digit you ask for, and one that draws it in a person's manner;
# - divide a letter into *what* is written, *who* writes and what is left to chance, and change one without the others;
# - find out by measuring what R1, averaged weights (EMA), mismatched labels and augmentation do to a training.
#
# **How long it takes.** About ten minutes to run as it is, on a CPU with two cores; a minute shortened
# (`TFHAND_NOTEBOOK_STEPS=2`, and then there is nothing to see); an hour to read. No GPU, no download.
#
# Before it comes [1, handwriting as data](01_handwriting_data.ipynb): what a glyph, a writer and an archive are. After
# it comes [3, StyleGAN](03_stylegan.ipynb).

# %%
import csv
import inspect
import os
from dataclasses import replace

import keras
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Code, Markdown, display
from PIL import Image

from tfhand.core.charset import reading
from tfhand.data import synthetic
from tfhand.data.scan_transform import ScanTransform, draw_nib

# %%
from tfhand.hands.glyph import as_glyphs, as_network_input, inverted
from tfhand.metrics import frechet_distance, slant
from tfhand.models import presets, registry
from tfhand.models.batches import predict_in_batches
from tfhand.models.cgan.config import CGANConfig, CGANTrainConfig
from tfhand.models.cgan.trainer import CGANTrainer
from tfhand.models.common.discriminator import GlyphDiscriminator
from tfhand.models.registry import SPECS
from tfhand.nn.glyph_generator import GlyphGenerator, StyleMapping
from tfhand.nn.heads import projection

# %%
from tfhand.training import losses
from tfhand.training.augmentation import Augmentation
from tfhand.training.backend import input_gradient
from tfhand.training.backend.runtime import feed
from tfhand.training.trainer import Trainer, mismatched_labels
from tfhand.visualization.grids import grid

# %%
STEPS = int(os.environ.get("TFHAND_NOTEBOOK_STEPS", 500))  # of a training
LOOKS = 12  # pictures taken while it runs
DIGITS, PEOPLE = "0123456789", 120

# %% [markdown]
# Four words for what the cells below do often: show a piece of the library's `code`; `say` something that was measured;
# make a `small` picture of an array, in sixteen greys; and put glyphs on `paper`, black on white and twice as large.


# %%
def code(*things):
    display(Code("\n".join(inspect.getsource(thing) for thing in things), language="python"))


def say(text):
    display(Markdown(text))


def small(picture):
    return Image.fromarray(picture).quantize(16)


def paper(picture):
    return small(np.kron(inverted(picture), np.ones((2, 2), np.uint8)))


# %% [markdown]
# ## The letters to learn from
#
# To avoid downloads the letters come from *synthetic writers*: people who never lived, each with a slant, a width, a
# way to write a 7. Each of them writes every digit twice. A second archive, by people whom no network here will see, is
# kept for the measurements.
#
# (For real digits put `sources.load("qmnist")` or `sources.load("mnist")` here, or your own
# `sources.load("archive.npz")`; `sources` is `tfhand.data.sources`. The trainings take any of them, but asking for a
# person needs to know who wrote what, which `mnist` does not; the cells that lay out people's letters in rows count on
# two of each digit by everyone, in order.)

# %%
archive = synthetic.archive(PEOPLE, 2, characters=DIGITS)
strangers = synthetic.archive(48, 2, seed=1000, characters=DIGITS)
rows = [np.flatnonzero(archive.writers == person)[::2] for person in range(6)]  # each digit once
real = np.stack([archive.render(row) for row in rows])
display(small(grid(real, above=DIGITS, beside=[f"person {person}" for person in range(6)])))

# %% [markdown]
# ## Two players
#
# We want a machine that invents such letters. There is no right answer to compare its work with, letter by letter: any
# 3 that *could* be somebody's 3 will do. Train a network to come as near as it can to all of them at once, and it draws
# their average, a grey smear. Goodfellow et al. 2014 ([arXiv 1406.2661](https://arxiv.org/abs/1406.2661)) let a second
# network say whether a picture is good:
#
# - the **generator** $G$ takes a vector $z$ of random numbers, the *noise*, and makes a picture $G(z)$ of it. Other
#   noise, another picture.
# - the **discriminator** $D$ takes a picture and says how likely it is real, a number $D(x)$ from 0 to 1. It is shown
#   real letters and generated ones.
#
# $D$ learns to tell them apart. $G$ learns to make pictures that $D$ takes for real; it never sees a real letter, only
# which way its picture would have to change for $D$ to believe it a little more: the gradient that flows back through
# $D$.
#
# We begin with a plain GAN, which draws one character and cannot be asked for anything. In this library it is the
# conditional GAN with one character to choose from. The networks are small and learn fast (`learning_rate`), so that a
# CPU trains them in minutes; a batch is 32 letters.

# %%
STYLE = {"noise_size": 16, "character_size": 16, "style_size": 48, "mapping_width": 64, "mapping_depth": 2}
WIDTHS = {"generator_widths": (48, 32, 16, 12), "discriminator_widths": (12, 16, 32, 48), "discriminator_features": 64}
SMALL = CGANConfig(characters=DIGITS, hand_size=16, **STYLE, **WIDTHS)
RATES = {"learning_rate": 1e-3, "discriminator_learning_rate": 1e-3}
TRAINING = CGANTrainConfig(batch_size=32, targets=4, validation=0.0, **RATES)
plain = SPECS["cgan"].make_trainer([archive], replace(SMALL, characters="3"), TRAINING, 0)
for network in plain.trainer.trained_networks:
    print(f"{network.name:>24} {network.count_params():>8,} weights")

# %% [markdown]
# `make_trainer` gives a `TrainingSetup`: a trainer with the networks, and a stream of batches. There are three
# networks. Two make up the generator: a **mapping network** turns the noise into a *style*, some numbers that say how
# the letter is to look, and the **generator** proper draws a letter in that style. It begins with a learned picture of
# 4 x 4 cells, doubles it three times to 32 x 32 pixels, and at every size lets the style set how strong each feature
# is. ([Notebook 3](03_stylegan.ipynb) is about what styles can do.) Here is that drawing, as it stands in the library:

# %%
code(GlyphGenerator.call)

# %% [markdown]
# `tanh` brings every pixel to between -1, paper, and 1, ink. The third part is the discriminator, which does the
# opposite: from 32 x 32 pixels down to some numbers, the *features*, and from these to a single one, the **logit**
# $\ell$. The logistic function makes a probability of it, $D(x) = 1 / (1 + e^{-\ell})$: a logit of 0 is "no idea", plus
# and minus 5 are "quite sure". Neither has learned anything yet:


# %%
def verdicts(setup, count=12):
    """Real letters and generated ones, each under the discriminator's D(x)."""
    trainer, batch = setup.trainer, setup.stream.batch(10**6)  # one that no training comes to
    asked = batch["character"][:count]
    noise = np.random.default_rng(0).standard_normal((count, SMALL.noise_size), np.float32)
    for title, images in ("real", batch["image"][:count]), ("generated", trainer.networks.generate(asked, noise)):
        believed = np.asarray(keras.ops.sigmoid(trainer.discriminator(images, asked)[:, 0]))
        picture = grid(as_glyphs(np.asarray(images))[None], title, [f"{share:.2f}" for share in believed])
        display(small(picture))


verdicts(plain)

# %% [markdown]
# ## What each of them loses
#
# Goodfellow et al. write the game as one quantity that $D$ makes large and $G$ makes small (equation 1):
#
# $$\min_G \max_D \; \mathbb{E}_{x}\left[\log D(x)\right] + \mathbb{E}_{z}\left[\log\left(1 - D(G(z))\right)\right]$$
#
# $x$ being real letters and $z$ noise. So $D$ loses $-\log D(x)$ by doubting a real letter, and $-\log(1 - D(G(z)))$ by
# believing a generated one. With the logit, $-\log D = \log(1 + e^{-\ell})$ and $-\log(1 - D) = \log(1 + e^{\ell})$;
# the function $\log(1 + e^{a})$ is called *softplus*. That is all there is in the code:

# %%
code(losses.adversarial_real, losses.adversarial_fake, losses.adversarial_generator)

# %% [markdown]
# The third is the generator's, and it is not the one in the equation. By the equation $G$ would make
# $\log(1 - D(G(z)))$ small. At first $D$ sees through everything, $D(G(z))$ is near 0, and there this curve is flat: a
# flat loss has no gradient, and $G$ learns nothing just when it has most to learn. So the authors (section 3) turn the
# question round: $G$ makes $-\log D(G(z))$ small. Both want the same, but this one is steep where $G$ is bad. It is
# called the **non-saturating loss**.

# %%
logits = np.linspace(-8, 4, 49, dtype=np.float32)
curves = {
    r"$\log(1 - D)$, as in the equation": [-float(losses.adversarial_fake(one)) for one in logits],
    r"$-\log D$, non-saturating": [float(losses.adversarial_generator(one)) for one in logits],
}
_, (left, right) = plt.subplots(1, 2, figsize=(9, 2.8), layout="constrained")
for name, values in curves.items():
    left.plot(logits, values, label=name)
    right.plot(logits, -np.gradient(values, logits))
left.set(title="the generator's loss", xlabel="logit of a generated letter")
right.set(title="how strongly it pulls the logit up", xlabel="logit of a generated letter", ylim=(0, 1.05))
left.legend()
plt.show()

# %%
pulls = [-np.interp(-6, logits, np.gradient(values, logits)) for values in curves.values()]
at_balance = float(losses.adversarial_real(np.float32(0)))
say(
    f"On a letter that $D$ is sure is not real (a logit of -6, $D$ = {1 / (1 + np.exp(6)):.4f}) the equation's loss "
    f"pulls with a force of {pulls[0]:.4f}, the non-saturating one with {pulls[1]:.3f}: "
    f"{pulls[1] / pulls[0]:.0f} times as much.\n\n"
    f"At a logit of 0 every one of the three losses is log 2 = {at_balance:.3f}. Remember this number: it is where "
    f"they stand when $D$ cannot tell at all."
)

# %% [markdown]
# ## A step
#
# Both take turns, batch by batch: the generator moves a little, then the discriminator, judging the same letters. The
# step, in full: `train_step` is the same for all families, `optimize` is the conditional GAN's own.

# %%
code(Trainer.train_step, CGANTrainer.optimize)

# %% [markdown]
# `minimize` takes a loss and the weights it may change: first only the generator's weights, then only those of the
# discriminator, to which the generated letters are just pictures (`stop_gradient`). The lines with *augmentation* and
# *EMA* are explained further down, where we switch them off; so is R1, which is a part of the discriminator's loss.
#
# ## The plain GAN, live
#
# `train` runs the steps, and twelve times it takes a picture and notes the losses since the last one. In the pictures
# each row has its own noise, always the same. `feed` makes the batches; `compile` and `fit` are those of every Keras
# model: `fit` compiles the step and takes one for each batch.


# %%
EACH = dict.fromkeys(("character", "characters"), np.arange(len(DIGITS)))  # a batch that holds each character once


def samples(trainer, rows):
    return trainer.sample_grid(EACH, len(trainer.config.characters), rows)


# %%
def train(setup, steps, rows=4):
    trainer, every = setup.trainer, max(1, steps // LOOKS)
    pictures, curve = [samples(trainer, rows)], {}
    live = display(paper(pictures[0]), display_id=True)
    trainer.compile()

    def look(batch, logs):
        if (batch + 1) % every == 0:
            pictures.append(samples(trainer, rows))
            live.update(paper(pictures[-1]))
            curve[batch + 1] = {name: float(value) for name, value in logs.items()}
            trainer.reset_metrics()

    trainer.fit(feed(setup.stream, 0, steps), callbacks=[keras.callbacks.LambdaCallback(on_train_batch_end=look)])
    return pictures, curve


# %%
strip, curve = train(plain, max(2, STEPS // 2), rows=6)

# %% [markdown]
# That was the last picture of a film. Here is the whole film, time running to the right: first the untrained networks,
# last the trained ones. Each row keeps its noise, so you see how one and the same letter develops.

# %%
display(paper(np.hstack([np.pad(picture, ((0, 0), (0, 4)), constant_values=96) for picture in strip])))


# %%
def plot_losses(curve):
    _, axes = plt.subplots(figsize=(7, 2.8), layout="constrained")
    names = {"real": "D at real letters", "fake": "D at generated ones", "adversarial": "G"}
    for term, name in names.items():
        axes.plot(curve.keys(), [logs[term] for logs in curve.values()], marker=".", label=name)
    axes.axhline(np.log(2), color="grey", linestyle="--", label="log 2")
    axes.set(xlabel="step", ylabel="loss", ylim=(0, None))
    axes.legend()
    plt.show()


plot_losses(curve)

# %%
first, *_, last = curve.values()
change = last["adversarial"] - first["adversarial"]
say(
    f"From the first of these points to the last, the generator's loss went {'up' if change > 0 else 'down'}, from "
    f"{first['adversarial']:.2f} to {last['adversarial']:.2f}; the discriminator's ended at {last['real']:.2f} (real) "
    f"and {last['fake']:.2f} (generated). Set this beside what happened in the strip."
)

# %% [markdown]
# **Do not look for a loss that falls.** In an ordinary training the loss says how good the network is. Here each loss
# is measured by the *other* player, who gets better too: a generator twice as good meets a discriminator twice as
# strict. At the end of a perfect game, the paper shows (section 4.1), $D$ is 1/2 everywhere, and all three curves stand
# at log 2. In between they say who is ahead: discriminator's losses far below log 2 and the generator's far above it
# mean that $D$ sees through everything. Whether letters are good has to be looked at, or measured otherwise, as we
# shall.
#
# The discriminator's verdicts now:

# %%
verdicts(plain)

# %% [markdown]
# ## Asking for a character
#
# The plain GAN draws a 3 because it never saw anything else. Shown all ten digits it would draw any of them, as the
# noise falls, and nobody could ask for a 7. Mirza & Osindero 2014 ([arXiv 1411.1784](https://arxiv.org/abs/1411.1784),
# section 3.2) tell *both* players what is asked for, a condition $y$ beside everything (their equation 2):
#
# $$\min_G \max_D \; \mathbb{E}_{x}\left[\log D(x \mid y)\right] +
# \mathbb{E}_{z}\left[\log\left(1 - D(G(z \mid y))\right)\right]$$
#
# The generator must be told, so that it can obey; the discriminator must be told, so that it can say "a fine 3, but
# that was to be a 7". The condition is a **one-hot** vector: ten zeros, but a 1 in the place of the character. The
# first thing a network does with it is to multiply it by a matrix of weights, and a one-hot vector times a matrix is
# simply *a row of the matrix*. So nobody multiplies: the row is looked up. Keras calls such a matrix `Embedding`.

# %%
digits = SPECS["cgan"].make_trainer([archive], SMALL, TRAINING, 0)
matrix = np.asarray(digits.trainer.networks.generator.constants.embeddings)  # (10, 4 * 4 * 48): how each digit begins
one_hot = np.eye(10)[DIGITS.index("7")]
print(one_hot, "times a matrix of", matrix.shape)
print("differs from its row 7 by", np.abs(one_hot @ matrix - matrix[7]).max())

# %% [markdown]
# The generator looks up two things: the 4 x 4 picture it begins with (`constants`, above), and some numbers beside the
# noise from which the mapping network makes the style:

# %%
code(StyleMapping.call)

# %% [markdown]
# The discriminator could be given the one-hot vector beside the picture. Miyato & Koyama 2018 ([arXiv
# 1802.05637](https://arxiv.org/abs/1802.05637), equation 3) found a better place for it. Let $\phi(x)$ be the features
# of the picture and $v_y$ the looked-up row of the character. Then
#
# $$\ell(x, y) = v_y^{\mathsf{T}} \phi(x) + \psi(\phi(x))$$
#
# The second term asks "does it look real, whatever it is", the first "do its features point the way that a $y$'s
# should": a *projection*. In the code $\psi$ is `self.unconditional`, and the product is divided by the root of its
# length:

# %%
code(projection, GlyphDiscriminator.is_character)

# %% [markdown]
# One more thing is needed so that the generator draws what is asked for. If the discriminator only ever sees real
# letters under their right label, it may decide by how real they look and ignore the label. Reed et al. 2016 ([arXiv
# 1605.05396](https://arxiv.org/abs/1605.05396), section 4.1) show it a third kind of picture: real letters under a
# *wrong* label, which count as fakes. Here `mismatched_labels` gives every letter of the batch the label of its
# neighbour; the mask is 0 where that happens to be right.

# %%
names, counts = mismatched_labels(np.array([3, 7, 7, 0, 5]))
print("letters 3 7 7 0 5 are called", np.asarray(names), "and count", np.asarray(counts))

# %%
strip, curve = train(digits, STEPS)

# %% [markdown]
# Each column is the digit asked for. Each **row has one and the same noise** in all its digits. Here the first row over
# time, from the top down:

# %%
display(paper(np.vstack([np.pad(picture[:32], ((0, 4), (0, 0)), constant_values=96) for picture in strip])))

# %%
plot_losses(curve)

# %% [markdown]
# Do the digits of one noise have anything in common? Nobody asked for it. We draw all ten digits with many noises, and
# look at how much ink there is in each, and how much it leans: if the 3 has more ink than other 3s, has the 8 of the
# same noise more than other 8s?

# %%
noises = max(4, min(STEPS, 100))
noise = np.random.default_rng(3).standard_normal((noises, SMALL.noise_size), np.float32)
asked = np.tile(np.arange(10, dtype=np.int32), noises)
glyphs = as_glyphs(predict_in_batches(digits.trainer.ema.generate, asked, np.repeat(noise, 10, axis=0)))
shared = {}
for trait, values in ("ink", glyphs.mean(axis=(1, 2))), ("slant", slant(glyphs)):
    between = np.corrcoef(values.reshape(noises, 10), rowvar=False)  # (digit, digit)
    shared[trait] = between[~np.eye(10, dtype=bool)].mean()
say(
    f"Over {noises} noises, from digit to digit of the same noise: correlation of the ink {shared['ink']:.2f}, of "
    f"the slant {shared['slant']:.2f}. (1: all digits of a noise go together; 0: each goes its own way.)"
)

# %% [markdown]
# ## How good is it? Two metrics
#
# Since the losses do not say, we ask a network that took no part: `reader62`, a classifier that ships with the library
# and was trained on real handwriting. ([Notebook 6](06_how_like_is_it.ipynb) is about such measurements, and how they
# mislead.)
#
# - **Conditional accuracy**: the share of generated letters that it reads as the character asked for. It says whether
#   they are legible, not whether they vary. A generator that draws one good 3 again and again gets 100 %.
# - **FID**, the Fréchet distance: the reader's *features* (its last layer before the decision) are computed for many
#   real and many generated letters, and the two clouds of points are compared by their means $m$ and their covariances
#   $C$ (Heusel et al. 2017, [arXiv 1706.08500](https://arxiv.org/abs/1706.08500), equation 6). Letters that are all
#   alike raise it as well: 0 is the same cloud, and less is better.
#
# $$\lVert m - m' \rVert^2 + \operatorname{tr}\left(C + C' - 2 (C C')^{1/2}\right)$$

# %%
code(frechet_distance)


# %%
def drawn(archive, count):
    """The first letters of an archive as glyphs, each with a random nib as in training."""
    rng = np.random.default_rng(0)
    return np.stack([archive.draw(place, 32, draw_nib(rng)) for place in range(count)])


COUNT = min(960, 20 * STEPS)  # letters of each kind; the distances depend on this number
reader = registry.load("reader62")
alike = np.array([reading(character) for character in reader.characters])  # O and 0 are one to a reader
asked = strangers.labels[:COUNT].astype(np.int32)


# %%
def seen(glyphs):
    """The reader's features of glyphs."""
    return predict_in_batches(reader.features, as_network_input(glyphs))


strange = seen(drawn(strangers, COUNT))


def metrics(glyphs):
    """(conditional accuracy, FID from the strangers' letters) of glyphs of the characters asked for."""
    features = seen(glyphs)
    read = alike[np.asarray(reader.classify(features)).argmax(axis=-1)]
    return float(np.mean(read == np.array(list(DIGITS))[asked])), frechet_distance(strange, features)


# %%
def written(networks):
    """As many letters by networks, of the characters asked for."""
    noise = np.random.default_rng(1).standard_normal((COUNT, networks.config.noise_size), np.float32)
    return as_glyphs(predict_in_batches(networks.generate, asked, noise))


def row(name, glyphs):
    share, distance = metrics(glyphs)
    return {"letters": name, "conditional accuracy %": 100 * share, "FID": distance}


# %%
def table(rows):
    lines = [[f"{value:.2f}" if isinstance(value, float) else value for value in row.values()] for row in rows]
    say("\n".join("| " + " | ".join(line) + " |" for line in [rows[0], ["---"] * len(rows[0]), *lines]))


results = [
    row("real, by the people trained on", drawn(archive, COUNT)),
    row("generated", written(digits.trainer.ema)),
]
table(results)
say(f"{COUNT} letters of each kind against {COUNT} real ones by people whom nobody here has seen.")

# %% [markdown]
# The first line is the best that can be reached: real letters by other people, measured in the same way. Two finite
# samples are never quite alike, so its FID is not 0; and below 100 % it is the reader that makes mistakes on the
# synthetic writers' digits.
#
# ## Asking for a person
#
# Now the second condition. The archive says who wrote each letter, so the same trick goes for people: a matrix with a
# row for every person, and the row of whoever is asked for goes into the mapping network beside character and noise.
# This row is the person's **vector**, and it is not given by anything: it is learned together with the networks, by the
# same gradients (Bojanowski et al. 2018, [arXiv 1707.05776](https://arxiv.org/abs/1707.05776)). Beside it stand four
# numbers that describe the scan, the *scan transform*, which vary for every letter shown: slant, stretch, rotation, and
# the width of the nib. The network is given them, so that the vector need not hold them.
#
# The discriminator is asked a second question, `is_hand`: is this how *this person* writes this character? Again there
# is a wrong answer to learn from: real letters of somebody else count as fakes. And since we know a real letter of the
# person for every letter written, `pixels` pulls gently towards it: a difference of blurred pictures, in which a stroke
# that is a little out of place costs little.

# %%
code(GlyphDiscriminator.is_hand, CGANTrainer._generator_loss)

# %%
hands = SPECS["cgan"].make_trainer([archive], replace(SMALL, writers=True), TRAINING, 0)
print(f"{hands.trainer.writer_count} people with a vector of {SMALL.hand_size} numbers each")
strip, curve = train(hands, STEPS + STEPS // 2, rows=6)

# %% [markdown]
# Each row is a person, with the same noise in all their letters. Are these the people? On the left what they really
# wrote, on the right what the networks write for them, with a neutral scan transform.

# %%
networks, shown = hands.trainer.ema, np.arange(6)
everyone = np.repeat(np.arange(PEOPLE), 10).astype(np.int32)
every_digit = np.tile(np.arange(10, dtype=np.int32), PEOPLE)
usual = np.tile(ScanTransform().vector, (len(everyone), 1))
quiet = np.zeros((len(everyone), SMALL.noise_size), np.float32)  # the middle of the noise
codes = np.asarray(networks.hand(everyone, usual))
glyphs = as_glyphs(predict_in_batches(networks.write, codes, every_digit, quiet)).reshape(PEOPLE, 10, 32, 32)
own = archive.render(np.arange(0, len(archive), 2), nib=ScanTransform().nib).reshape(PEOPLE, 10, 32, 32)
both = np.concatenate([own, glyphs], axis=1)[shown]
display(small(grid(both, "written by them, and written for them", sources=(0, 10))))

# %% [markdown]
# ## Content and style, pulled apart
#
# Character and person are separate inputs. So one can be changed without the other:
#
# **down a column** of the grid above the character stays and the person changes; **along a row** the person stays. It
# is no surprise that every combination can be drawn, as everybody wrote all ten. But does the *vector* hold something
# of the person? The slant is easy to measure: pixels to the right for each pixel up. Each dot is one person.

# %%
true, found = (slant(each.reshape(-1, 32, 32)).reshape(PEOPLE, 10).mean(axis=1) for each in (own, glyphs))
agreement = np.corrcoef(true, found)[0, 1]
_, axes = plt.subplots(figsize=(3.6, 3.4), layout="constrained")
axes.axline((0, 0), slope=1, color="lightgrey")
axes.plot(true, found, ".")
axes.set(xlabel="slant of their own digits", ylabel="slant of what is written for them")
plt.show()
say(f"Over {PEOPLE} people the two agree with a correlation of {agreement:.2f} (1 is perfect, 0 is chance).")

# %% [markdown]
# ### A walk from one person to another
#
# Between two vectors there are others, of people who do not exist. If the networks had learned their people by heart,
# one by one, the letters between would be unreadable; if the vectors form a space of hands, every step is a hand. We
# walk in a straight line between the two people whose slant differs most.

# %%
ends = codes[[10 * true.argmin(), 10 * true.argmax()]]
ways = np.linspace(0, 1, 10, dtype=np.float32)
between = np.array([(1 - way) * ends[0] + way * ends[1] for way in ways])
walk = predict_in_batches(networks.write, np.tile(between, (10, 1)), np.repeat(every_digit[:10], 10), quiet[:100])
above = [f"{way:.0%}" for way in ways]
display(small(grid(as_glyphs(walk).reshape(10, 10, 32, 32)[[2, 4, 5, 7]], above=above)))

# %% [markdown]
# ### And the noise?
#
# Nobody writes a letter twice the same way, and the noise is there for that. Three rows, each changing one thing only:
# the noise, the person, the nib.

# %%
rng, nibs = np.random.default_rng(2), np.geomspace(1.3, 4.0, 10)
same = np.repeat(codes[:1], 10, axis=0)
transforms = np.stack([ScanTransform(nib=nib).vector for nib in nibs])
rows = {
    "noise": (same, rng.standard_normal((10, SMALL.noise_size)).astype(np.float32)),
    "person": (codes[::10][:10], quiet[:10]),
    "nib": (np.concatenate([same[:, : SMALL.hand_size], transforms], axis=1), quiet[:10]),
}
fives = np.full(10, 5, np.int32)
varied = {name: as_glyphs(np.asarray(networks.write(who, fives, noise))) for name, (who, noise) in rows.items()}
display(small(grid(np.stack([*varied.values()]), beside=[*varied])))

# %%
spread = {name: np.std(each.astype(float), axis=0).mean() for name, each in varied.items()}
most, *others = sorted(spread, key=spread.get, reverse=True)
figures_of = ", ".join(f"{name} {value:.1f}" for name, value in spread.items())
say(
    f"How much the pixels of a row vary, in grey levels: {figures_of}. Here the {most} changes a letter most, "
    f"{spread[most] / max(spread['noise'], 1e-9):.1f} times as much as the noise."
)

# %% [markdown]
# One thing works against the noise here: `pixels` compares each letter with one real letter of the person, and noise
# can only increase that difference. A network uses the inputs that help it, and may well learn to ignore the rest.
#
# ## The other parts of the training, switched off one by one
#
# Our digits were trained with four techniques; we have met one, the mismatched labels. We switch each of them off once,
# in a training otherwise the same, and measure. First the other three.
#
# **R1** (Mescheder et al. 2018, [arXiv 1801.04406](https://arxiv.org/abs/1801.04406), equation 9) asks that the
# discriminator be *flat around real letters*: the penalty grows when its verdict would change with a small change of
# the picture,
#
# $$R_1 = \frac{\gamma}{2} \, \mathbb{E}_{x}\left[\lVert \nabla_{x} D(x) \rVert^2\right]$$
#
# Without it a discriminator may grow ever steeper, and the two players chase each other in circles: the paper has a
# game of two numbers that never comes to rest without R1, and a proof that with it a game does, once it is near its
# end. To save time it is computed every `r1_every` steps only, and so many times stronger.

# %%
code(losses.r1_penalty)

# %% [markdown]
# **Averaged weights.** The generator never stops moving, since the discriminator does not. So a second copy of its
# weights follows slowly, an exponential moving average (EMA), and it is this copy that we have looked at all the time
# (`trainer.ema`). Karras et al. 2018 ([arXiv 1710.10196](https://arxiv.org/abs/1710.10196)) use it; Yazici et al.
# 2018 ([arXiv 1806.04498](https://arxiv.org/abs/1806.04498)) look into why it helps: it cancels the circling.

# %%
code(CGANTrainer.update_ema)

# %% [markdown]
# **Augmentation** (Karras et al. 2020, [arXiv 2006.06676](https://arxiv.org/abs/2006.06676)) is for when there are few
# letters. A discriminator may learn a hundred of them by heart, and then it says nothing useful about any other
# picture. So everything that it is shown, real or generated, is moved, turned or blurred with a chance $p$; the
# generator has to convince a discriminator that never sees a letter as it is. $p$ adapts: it rises while the
# discriminator is too sure of the real letters, $\mathbb{E}[\operatorname{sign} \ell(x)]$ above its target (equation
# 1), and falls otherwise. With mismatched labels among the fakes something has to be subtracted from $\ell$ first: a
# right label is a good sign even for a discriminator that cannot separate generated letters from real ones, and the
# best such one says $\log 2$.

# %%
code(Augmentation.update, losses.logit_margin)

# %% [markdown]
# Now the trainings. *Another seed* changes nothing but the random numbers: its difference from ours is chance, and a
# smaller difference than that says nothing. *Wrong names* are mismatched labels. The two trainings with *few letters*
# have eighty to learn from, by four people. In so few steps no discriminator becomes as sure as the usual target of 0.6
# allows, so theirs is set low (`augment_target`), and $p$ may rise fast (`augment_steps`). All take the same number of
# steps.

# %%
few = archive.of_writers(np.arange(4))
CHANGES = {  # name: the data, what is changed in the training, the seed
    "another seed": (archive, {}, 1),
    "without R1": (archive, {"r1": 0.0}, 0),
    "without wrong names": (archive, {"mismatched": False}, 0),
    "few letters": (few, {"augment_target": 0.05, "augment_steps": max(1, STEPS // 3)}, 0),
    "few letters, no augmentation": (few, {"augment_target": 0.0}, 0),
}
runs = {"as it is": digits}
for name, (data, changes, seed) in list(CHANGES.items())[: max(1, STEPS // 2)]:
    say(f"**{name}**")
    runs[name] = SPECS["cgan"].make_trainer([data], SMALL, replace(TRAINING, **changes), seed)
    train(runs[name], STEPS, rows=2)

# %% [markdown]
# The pictures above are by the averaged networks (EMA) of each training. Now the metrics, and three more columns.
# *Steepness* is $\lVert \nabla_{x} D(x) \rVert$ at letters that the discriminator was trained on; *by heart*, how much
# higher its logits are for these letters than for strangers' letters, which shows what it has memorised; *p*, the
# strength of the augmentation.


# %%
def measured(setup):
    """Three figures of a discriminator."""
    discriminator, known = setup.trainer.discriminator, setup.stream.archives[0]
    own, others = (as_network_input(drawn(each, 80)) for each in (known, strangers))
    characters = known.labels[:80].astype(np.int32)  # all ten digits by four people, and so for the strangers
    logits, gradient = input_gradient(lambda images: discriminator(images, characters), own)
    by_heart = np.mean(logits) - np.mean(discriminator(others, characters))
    steepness, p = np.sqrt(2 * losses.r1_penalty(gradient)), float(setup.trainer.augmentation.probability)
    return {"steepness": float(steepness), "by heart": float(by_heart), "p": p}


# %%
letters = {name: written(setup.trainer.ema) for name, setup in runs.items()}
rows = [row(name, letters[name]) | measured(setup) for name, setup in runs.items()]
letters["as it is, not averaged"] = written(digits.trainer.networks)
rows.append(row("as it is, not averaged", letters["as it is, not averaged"]) | measured(digits))
table(rows)

# %%
chosen = [np.flatnonzero(asked == digit)[: min(COUNT // 20, 2)] for digit in range(10)]
sheet = np.stack([each[np.concatenate(chosen)] for each in letters.values()])
display(small(grid(sheet, beside=[*letters])))

# %% [markdown]
# How to read it: each line is compared with the training that it differs from in one thing, and the change with the
# change that another seed alone makes. (That is one random trial. Three or four more would estimate chance better, and
# cost as many trainings.) Look at both metrics: letters can be well drawn, vary as much as real ones, and still not be
# the ones asked for.

# %%
of = {line["letters"]: line for line in rows}
chance = {name: abs(of["another seed"][name] - of["as it is"][name]) for name in ("conditional accuracy %", "FID")}
for name in [*runs, "as it is, not averaged"][2:]:
    before, sentences = "few letters" if name.startswith("few letters,") else "as it is", []
    for metric, limit in chance.items():
        old, new = of[before][metric], of[name][metric]
        better = (new > old) == (metric != "FID")
        verdict = "within chance" if abs(new - old) <= limit else "**better**" if better else "**worse**"
        sentences.append(f"{metric} {old:.1f} → {new:.1f}, {verdict}")
    say(f"- *{before}* → *{name}*: {'; '.join(sentences)}")

# %% [markdown]
# One training each, a few hundred steps long, small networks: these are tendencies, no proofs. Some of these techniques
# do nothing in the first minutes: R1 and the EMA matter when a training has gone on for long and would begin to circle,
# augmentation when the discriminator has seen each letter so often that it knows it. The quantities that they act upon
# can be looked at sooner; where one hardly moves, the technique had nothing to do yet:

# %%
for column, name in (
    ("steepness", "without R1"),
    ("by heart", "few letters"),
    ("by heart", "few letters, no augmentation"),
):
    if name in of:
        say(f"- {column}: {of['as it is'][column]:.2f} *as it is*, {of[name][column]:.2f} *{name}*")

# %% [markdown]
# ## The same, trained for hours
#
# The library ships such a conditional GAN, `cgan-digits`: wider than ours, and trained on MNIST, real digits of real
# people. Each row has the same noise again. How the first 1,100 steps of such a training go, from noise to digits, is
# shown in [a moving picture](../docs/gallery/cgan-digits/training.gif); `python -m tfhand.gallery RUN` makes one of any
# run.

# %%
shipped = registry.load("cgan-digits")
noise = np.random.default_rng(4).standard_normal((6, shipped.config.noise_size), np.float32)
images = shipped.generate(np.tile(every_digit[:10], 6), np.repeat(noise, 10, axis=0))
display(small(grid(as_glyphs(np.asarray(images)).reshape(6, 10, 32, 32))))
say(f"It was trained for {presets.read_config('cgan-digits')['training']['steps']:,} steps, ours for {STEPS:,}.")

# %% [markdown]
# It was measured by `python -m tfhand.evaluate cgan-digits`, with another classifier and so with another FID than ours,
# on real digits of people it never saw. The table is read from the file which that command wrote:

# %%
with open("../docs/evaluation/cgan-digits/metrics.csv", newline="", encoding="utf-8") as file:
    table([{name: line[name] for name in list(line)[5:]} for line in csv.DictReader(file)])
say("From [docs/evaluation/cgan-digits/metrics.csv](../docs/evaluation/cgan-digits/metrics.csv).")

# %% [markdown]
# *CAS* (classification accuracy score) is the hardest test: a classifier learns from generated digits alone, and is
# then asked to read real ones. It has never seen the forms that the generated digits lack. And the *conditional
# accuracy* of generated digits can be higher than that of real ones without being a success: people write odd digits,
# and a generator that leaves them out is never misread.
#
# A GAN tends to leave forms out: no discriminator ever asks for the crossed seven that is not drawn. So this one had
# help (`--reconstructed 0.5`; Bao et al. 2017, [arXiv 1703.10155](https://arxiv.org/abs/1703.10155)). For half of each
# batch an encoder looks at the real digits and finds the noise that would draw them, as in a variational auto-encoder;
# the digits drawn from that noise are compared with the real ones, and must also pass for real. The information from
# the encoder is limited (`--kl`), so that plain noise, from which all other digits are drawn, covers the same forms.
#
# ## Train your own
#
# The command line does the same as this notebook's cells, with checkpoints, metrics, sample pictures and a preset at
# the end:
#
# ```sh
# python -m tfhand.fit cgan --characters 0123456789 --data synthetic            # a character and noise
# python -m tfhand.fit cgan --writers --data archive.npz                        # a character and a person
# python -m tfhand.fit cgan --data my_hand/ --from runs/0001-cgan-archive/preset   # one more person, in minutes
# ```
#
# The last begins with trained networks and gives a new person a vector of their own; half of each batch are letters
# that the networks wrote before, so that nobody is forgotten. `--r1 0`, `--no-mismatched`, `--augment-target 0` switch
# off what we switched off, for as many steps as you have patience.

# %% [markdown]
# ## What we learned
#
# - A GAN is two networks with opposite losses. Neither loss falls for long; log 2 = 0.693 is where both stand at
#   balance.
# - A condition is a looked-up row of a matrix, given to both players; the discriminator compares it with what it sees
#   by a projection. Real letters under a wrong label teach it to use the condition.
# - People can be a condition in the same way: a learned vector each. Character and person can then be changed
#   separately, and there are hands between the hands.
# - The role that is left for the noise depends on the other inputs, and on what the losses ask of the result.
# - A change in a training counts only if it does more than another seed does.
#
# **Try this**
#
# - Set `characters="17"` and `mismatched=False` in a training of a few hundred steps. Does it still draw what you ask?
# - Give the writers' training `pixels=0.0` and repeat the row of noises: does the noise come to life, and what happens
#   to the slants?
# - Set `group=1` in `TRAINING`: the discriminator then sees each letter for itself and no longer compares four of a
#   kind (`MinibatchStdDev`). Do the rows of the digits still differ?
# - Take more steps for *few letters* (`STEPS = 3000`), and watch *by heart* and *p* with and without augmentation.
# - Train on real digits, `sources.load("mnist")`, without writers, for some thousand steps, and compare with
#   `cgan-digits`.

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
# is: this is the first notebook of the course in which networks appear, and it builds them before your eyes.
#
# **What you will be able to do**
#
# - write a conditional GAN in Keras, from its layers to its training step, and change any line of it;
# - say what the two networks want, write down both losses, and read their curves without being misled by them;
# - find out by measuring what the comparison of letters, R1, averaged weights (EMA), wrong labels and augmentation do;
# - draw a digit in a person's manner, and walk from one person to another.
#
# **How long it takes.** About a quarter of an hour to run on a CPU with two cores, less on a GPU (on Colab: *Runtime*,
# *Change runtime type*); about a minute shortened (`TFHAND_NOTEBOOK_STEPS=2`, and then there is nothing to see); an
# hour to read. No download.
#
# Before it comes [1, handwriting as data](01_handwriting_data.ipynb): what a glyph, a writer and an archive are. After
# it comes [3, StyleGAN](03_stylegan.ipynb).

# %%
import math
import re

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from course import code, confirm, effect, film, say, shortened, show, slide, steps, table
from keras import layers, ops

from tfhand.data import sources, synthetic
from tfhand.hands.glyph import as_glyphs, as_network_input
from tfhand.visualization.grids import grid

# %% [markdown]
# ## The letters to learn from
#
# Real digits, if MNIST is on this computer; if not, digits by *synthetic writers*, people who never lived, each with a
# slant, a width, a way to write a 7. (To fetch MNIST once, run `sources.load("mnist")`.) Some of the digits are kept
# apart: no network sees them, and what is generated will be compared with them.

# %%
DIGITS = "0123456789"
real_people = sources.is_downloaded("mnist")
archive = sources.load("mnist") if real_people else synthetic.archive(500, 3, characters=DIGITS)
shuffled = np.random.default_rng(0).permutation(len(archive))[:14_000]
kept_apart, learned = np.split(shuffled, [2000])


def letters(places, size=32):
    """(images in [-1, 1], their digits) of these places in the archive."""
    return as_network_input(archive.render(places, size)), archive.labels[places].astype(np.int32)


images, digits = letters(learned)
show(grid(as_glyphs(images[:60]).reshape(4, 15, 32, 32)))
say(f"{len(learned):,} {'digits of MNIST' if real_people else 'digits by synthetic writers'}, of 32 x 32 pixels.")

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
# $D$. Mirza & Osindero 2014 ([arXiv 1411.1784](https://arxiv.org/abs/1411.1784), section 3.2) tell *both* players which
# character $y$ is asked for, so that one can order a 7. This is a **conditional GAN**:
#
# ![Noise and a character go into the mapping network and the generator, which makes a letter; the discriminator is
# shown it or a real letter, and the character, and gives one number](diagrams/cgan.svg)
#
# The numbers in the diagram are those of `cgan-digits`, a network that ships with the library. Below we build a smaller
# one ourselves, with nothing but Keras. Change any layer and run on: you will see whether it matters.
#
# ## The generator
#
# It begins with a learned picture of 4 x 4 cells for each digit and doubles it, 8, 16, 32 pixels. At every size the
# *style*, some numbers made of the noise and the digit, says how strong each feature is to be: each feature is brought
# to mean 0 and variance 1, and then scaled and shifted by a linear function of the style (AdaIN, Huang & Belongie 2017,
# [arXiv 1703.06868](https://arxiv.org/abs/1703.06868), equation 8).

# %%
NOISE, STYLE, FEATURES = 16, 48, 64  # numbers
UP, DOWN = (48, 32, 24, 16), (12, 24, 32, 48)  # features at each size, of generator and discriminator


def conv(features, size=3, use_bias=True):
    return layers.Conv2D(features, size, padding="same", use_bias=use_bias, kernel_initializer="he_normal")


def dense(units):
    return layers.Dense(units, kernel_initializer="he_normal")


def activate(x):
    return ops.leaky_relu(x, 0.2)


# %%
def normalized(x):
    mean, variance = ops.moments(x, axes=(1, 2), keepdims=True)  # of every feature of every image
    return (x - mean) * ops.rsqrt(variance + 1e-5)


def adain(x, style):
    scale, offset = ops.split(dense(2 * x.shape[-1])(style)[:, None, None], 2, axis=-1)
    return normalized(x) * (1 + scale) + offset


def same(x):
    return x


# %%
def up_block(x, style, features, double=same):
    """Doubles the side of x and draws in it; what is drawn is added to x."""
    drawn = conv(features)(double(activate(adain(x, style))))
    drawn = conv(features)(activate(adain(drawn, style)))
    before = x if x.shape[-1] == features else conv(features, 1, use_bias=False)(x)
    return (double(before) + drawn) / math.sqrt(2)


# %% [markdown]
# How does a network take in a character? As a **one-hot** vector: ten zeros, but a 1 in the place of the character. The
# first thing a network does with it is to multiply it by a matrix of weights, and a one-hot vector times a matrix is
# simply *a row of the matrix*. So nobody multiplies: the row is looked up. Keras calls such a matrix `Embedding`.


# %%
def make_style(noise, character):
    """The mapping network: noise and character to a style."""
    x = layers.Concatenate()([layers.Embedding(10, 16)(character), noise])
    for _ in range(2):
        x = activate(dense(64)(x))
    return dense(STYLE)(x)


# %%
def make_generator(widths):
    noise, character = layers.Input((NOISE,)), layers.Input((), dtype="int32")
    style = make_style(noise, character)
    x = layers.Embedding(10, 16 * widths[0], embeddings_initializer="random_normal")(character)
    x = up_block(normalized(layers.Reshape((4, 4, widths[0]))(x)), style, widths[0])
    for features in widths[1:]:
        x = up_block(x, style, features, layers.UpSampling2D())
    x = layers.GroupNormalization(-1, epsilon=1e-5)(x)
    return keras.Model([noise, character], ops.tanh(conv(1)(activate(x))))


# %% [markdown]
# `tanh` brings every pixel to between -1, paper, and 1, ink.
#
# ## The discriminator
#
# It does the opposite: from 32 x 32 pixels down to some numbers, the *features*, and from these to a single one, the
# **logit** $\ell$. The logistic function makes a probability of it, $D = 1 / (1 + e^{-\ell})$: a logit of 0 is "no
# idea", plus and minus 5 are "quite sure".
#
# The character could go in beside the picture. Miyato & Koyama 2018 ([arXiv
# 1802.05637](https://arxiv.org/abs/1802.05637), equation 3) found a better place for it. Let $\phi(x)$ be the features
# of the picture and $v_y$ the looked-up row of the character. Then
#
# $$\ell(x, y) = v_y^{\mathsf{T}} \phi(x) + \psi(\phi(x))$$
#
# The second term asks "does it look real, whatever it is", the first "do its features point the way that a $y$'s
# should": a *projection*.


# %%
def down_block(x, features):
    halve = layers.AveragePooling2D(2)
    seen = halve(conv(x.shape[-1])(activate(x)))
    seen = conv(features)(activate(seen))
    return (conv(features, 1, use_bias=False)(halve(x)) + seen) / math.sqrt(2)


def compared(x, group):
    """One more feature: how much letters of a group differ."""
    grouped = ops.reshape(x, (group, -1, *x.shape[1:]))
    spread = ops.mean(ops.sqrt(ops.var(grouped, axis=0) + 1e-8), axis=(1, 2, 3), keepdims=True)
    return ops.concatenate([x, ops.tile(spread, (group, *x.shape[1:3], 1))], axis=-1)


# %%
def make_discriminator(widths, group):
    side = 4 * 2 ** (len(widths) - 1)
    image, character = layers.Input((side, side, 1)), layers.Input((), dtype="int32")
    x = conv(widths[0])(image)
    for features in widths[1:]:
        x = down_block(x, features)
    x = compared(x, group) if group else x
    features = activate(dense(FEATURES)(activate(layers.Flatten()(x))))  # phi(x)
    row = layers.Embedding(10, FEATURES, embeddings_initializer="random_normal")(character)  # v_y
    projected = ops.sum(row * features, axis=-1) / math.sqrt(FEATURES)
    return keras.Model([image, character], layers.Dense(1)(features)[:, 0] + projected)


# %% [markdown]
# `compared` lets the discriminator see several letters of one digit at once (Karras et al. 2018, [arXiv
# 1710.10196](https://arxiv.org/abs/1710.10196), section 3): a generator that has found *one* convincing 3 could
# otherwise draw it for ever. So a batch is 32 letters, four each of eight digits.


# %%
def feed(images, digits, seed=0):
    """Batches without end: letters (32, S, S, 1) and their digits (32,)."""
    rng, places = np.random.default_rng(seed), [np.flatnonzero(digits == digit) for digit in range(10)]

    def batches():
        while True:
            asked = np.tile(rng.integers(10, size=8), 4).astype(np.int32)
            yield images[[rng.choice(places[digit]) for digit in asked]], asked

    shapes = tf.TensorSpec((32, *images.shape[1:])), tf.TensorSpec((32,), tf.int32)
    return tf.data.Dataset.from_generator(batches, output_signature=shapes).prefetch(8)


# %% [markdown]
# ## What each of them loses
#
# Goodfellow et al. write the game as one quantity that $D$ makes large and $G$ makes small (equation 1; here with the
# condition):
#
# $$\min_G \max_D \; \mathbb{E}_{x}\left[\log D(x \mid y)\right] +
# \mathbb{E}_{z}\left[\log\left(1 - D(G(z \mid y))\right)\right]$$
#
# $x$ being real letters and $z$ noise. So $D$ loses $-\log D$ by doubting a real letter, and $-\log(1 - D)$ by
# believing a generated one. With the logit, $-\log D = \log(1 + e^{-\ell})$ and $-\log(1 - D) = \log(1 + e^{\ell})$;
# the function $\log(1 + e^{a})$ is called *softplus*.
#
# If $D$ only ever saw real letters under their right label, it might decide by how real they look and ignore the label.
# Reed et al. 2016 ([arXiv 1605.05396](https://arxiv.org/abs/1605.05396), section 4.1) show it a third kind of picture:
# real letters under a *wrong* label, here that of the neighbour in the batch. They count as fakes too.


# %%
def generator_loss(gan, fake, asked):
    return ops.mean(ops.softplus(-gan.logits(fake, asked)))  # -log D(G(z, y), y)


def discriminator_loss(gan, real, fake, asked):
    of_real, of_fake = gan.logits(real, asked), gan.logits(fake, asked)
    terms = {"D at real letters": ops.mean(ops.softplus(-of_real)), "D at fakes": ops.mean(ops.softplus(of_fake))}
    if not gan.wrong_labels:
        return sum(terms.values()), terms, of_real
    other = ops.roll(asked, 1)
    counts = ops.cast(other != asked, "float32")  # 0 where the neighbour is the same digit
    wrong = ops.sum(counts * ops.softplus(gan.logits(real, other))) / ops.maximum(ops.sum(counts), 1)
    total = terms["D at real letters"] + (terms["D at fakes"] + wrong) / 2
    return total, terms | {"D at wrong labels": wrong}, of_real - math.log(2)


# %% [markdown]
# The generator's loss is not the one in the equation. By the equation $G$ would make $\log(1 - D(G(z)))$ small. At
# first $D$ sees through everything, $D(G(z))$ is near 0, and there this curve is flat: a flat loss has no gradient, and
# $G$ learns nothing just when it has most to learn. So the authors (section 3) turn the question round: $G$ makes
# $-\log D(G(z))$ small. Both want the same, but this one is steep where $G$ is bad. It is called the **non-saturating
# loss**.

# %%
logits = np.linspace(-8, 4, 49)
curves = {
    r"$\log(1 - D)$, as in the equation": -np.log1p(np.exp(logits)),
    r"$-\log D$, non-saturating": np.log1p(np.exp(-logits)),
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
say(
    f"On a letter that $D$ is sure is not real (a logit of -6, $D$ = {1 / (1 + np.exp(6)):.4f}) the equation's loss "
    f"pulls with a force of {pulls[0]:.4f}, the non-saturating one with {pulls[1]:.3f}: "
    f"{pulls[1] / pulls[0]:.0f} times as much.\n\n"
    f"At a logit of 0 every one of these losses is log 2 = {np.log(2):.3f}. Remember this number: it is where "
    f"they stand when $D$ cannot tell at all."
)

# %% [markdown]
# One term is missing. **R1** (Mescheder et al. 2018, [arXiv 1801.04406](https://arxiv.org/abs/1801.04406), equation 9)
# asks that $D$ be *flat around real letters*: the penalty grows when its verdict would change with a small change of
# the picture,
#
# $$R_1 = \frac{\gamma}{2} \, \mathbb{E}_{x}\left[\lVert \nabla_{x} \ell(x) \rVert^2\right]$$
#
# To save time it is computed at every eighth step only, and eight times as strong. What it is for is measured below.


# %%
def r1(gan, real, asked):
    with tf.GradientTape() as tape:
        tape.watch(real)
        total = ops.sum(gan.logits(real, asked))
    slope = tape.gradient(total, real)
    return 0.5 * ops.mean(ops.sum(ops.square(slope), axis=(1, 2, 3)))


# %% [markdown]
# ## The game
#
# The class holds the two players, their optimizers, and a second copy of the generator, `ema`. The generator never
# stops moving, since the discriminator does not; the copy follows it slowly, an exponential moving average of its
# weights (**EMA**), and it is the copy that we look at.


# %%
class GAN(keras.Model):
    """Two players, an averaged copy of the generator, and the rules of the game."""

    def __init__(self, up=UP, down=DOWN, seed=0, group=4, wrong_labels=True, gamma=0.3, augmentation=None):
        super().__init__()
        keras.utils.set_random_seed(seed)
        self.generator, self.ema = make_generator(up), make_generator(up)
        self.discriminator = make_discriminator(down, group)
        self.wrong_labels, self.gamma, self.augmentation = wrong_labels, gamma, augmentation
        self.optimizers = [keras.optimizers.Adam(1e-3, beta_1=0.0, beta_2=0.99) for _ in "GD"]
        for optimizer, network in zip(self.optimizers, (self.generator, self.discriminator), strict=True):
            optimizer.build(network.trainable_variables)
        self.step = self.add_weight(shape=(), dtype="int32", initializer="zeros", trainable=False)
        self.ema.set_weights(self.generator.get_weights())
        self.built = True


# %% [markdown]
# ![One step: the generator's loss flows back through the discriminator and moves the generator alone; the
# discriminator's loss, at real, generated and wrongly labelled letters, moves the discriminator alone; EMA
# follows](diagrams/cgan-step.svg)
#
# In a step the generator moves a little, then the discriminator, judging the same letters, which are just pictures to
# it (`stop_gradient`). Keras compiles the step; as methods of the class these functions take the GAN first.


# %%
def train_step(gan, batch):
    (real, asked), noise = batch, keras.random.normal((32, NOISE))
    with tf.GradientTape() as tape:
        fake = gan.generator([noise, asked])
        mine = generator_loss(gan, gan.shown(fake), asked)
    gan.move(0, gan.generator, tape, mine)
    real, fake = gan.shown(real), gan.shown(ops.stop_gradient(fake))
    with tf.GradientTape() as tape:
        theirs, terms, margin = discriminator_loss(gan, real, fake, asked)
        if gan.gamma:
            now = ops.equal(gan.step % 8, 0)
            theirs += ops.cond(now, lambda: 8 * gan.gamma * r1(gan, real, asked), lambda: 0.0)
    gan.move(1, gan.discriminator, tape, theirs)
    gan.after_step(margin)
    return {"G": mine, **terms}


# %%
def move(gan, player, network, tape, loss):
    variables = network.trainable_variables
    gan.optimizers[player].apply(tape.gradient(loss, variables), variables)


def after_step(gan, margin):
    step = ops.cast(gan.step, "float32")
    decay = ops.minimum(0.99, (1 + step) / (10 + step))  # the first weights are soon forgotten
    for slow, fast in zip(gan.ema.weights, gan.generator.weights, strict=True):
        slow.assign(decay * slow + (1 - decay) * fast)
    gan.step.assign_add(1)
    if gan.augmentation:
        gan.augmentation.update(margin)


# %%
def logits_of(gan, images, asked):
    return gan.discriminator([ops.convert_to_tensor(images), ops.convert_to_tensor(asked)])


def shown(gan, images):
    """Images as the discriminator gets to see them; augmentation comes later."""
    return gan.augmentation(images) if gan.augmentation else images


GAN.train_step, GAN.move, GAN.after_step, GAN.logits, GAN.shown = train_step, move, after_step, logits_of, shown
for network in (GAN().generator, GAN().discriminator):
    say(f"{network.count_params():,} weights")

# %% [markdown]
# That is all of it. `train` runs the steps, and now and then takes a picture: in the columns the ten digits, in each
# **row one and the same noise**.


# %%
def sheet(generator, rows=4, seed=0):
    """Ten digits in columns, a noise in each row."""
    noise = np.random.default_rng(seed).standard_normal((rows, NOISE)).astype(np.float32)
    drawn = generator.predict_on_batch([np.repeat(noise, 10, axis=0), np.tile(np.arange(10, dtype=np.int32), rows)])
    return grid(as_glyphs(drawn).reshape(rows, 10, *drawn.shape[1:3]))


# %%
def train(gan, data, count, looks=20):
    pictures, curve = [sheet(gan.ema, 2)], []

    def look(step, logs):
        curve.append({name: float(value) for name, value in logs.items()})
        if (step + 1) % max(1, count // looks) == 0:
            pictures.append(sheet(gan.ema, 2))

    gan.compile(optimizer=None)
    watch = keras.callbacks.LambdaCallback(on_train_batch_end=look)
    gan.fit(data, steps_per_epoch=count, verbose=0, shuffle=False, callbacks=[watch])
    return pictures, curve


# %%
ours = GAN()
pictures, curve = train(ours, feed(images, digits), steps(1500))
film(pictures)
say(f"{len(curve):,} steps of 32 letters, from the first to the last.")

# %%
show(sheet(ours.ema, 6))

# %% [markdown]
# ## Do not look for a loss that falls

# %%
every = max(1, len(curve) // 50)
_, axes = plt.subplots(figsize=(7, 2.8), layout="constrained")
for name in curve[0]:
    means = [np.mean([logs[name] for logs in curve[at : at + every]]) for at in range(0, len(curve), every)]
    axes.plot(every * np.arange(1, len(means) + 1), means, label=name)
axes.axhline(np.log(2), color="grey", linestyle="--", label="log 2")
axes.set(xlabel="step", ylabel="loss", ylim=(0, 1.5))
axes.legend(ncols=3)
plt.show()

# %%
third = max(1, len(curve) // 3)
early, late = (np.mean([logs["G"] for logs in part]) for part in (curve[third : 2 * third], curve[-third:]))
say(
    f"From the middle third of the training to the last, the generator's loss went from {early:.2f} to {late:.2f}. Set "
    "this beside what happened in the film."
)

# %% [markdown]
# In an ordinary training the loss says how good the network is. Here each loss is measured by the *other* player, who
# gets better too: a generator twice as good meets a discriminator twice as strict. At the end of a perfect game, the
# paper shows (section 4.1), $D$ is 1/2 everywhere, and all curves stand at log 2. In between they say who is ahead.
# Whether letters are good has to be looked at, or measured otherwise, as we shall.
#
# ## It is the library's own
#
# `python -m tfhand.fit cgan` trains the same networks. To show it, we make the library's, of the same sizes, and give
# them *our* trained weights, in the order in which the layers were made:

# %%
from tfhand.models.cgan.config import CGANConfig
from tfhand.models.cgan.discriminator import CGANDiscriminator
from tfhand.models.cgan.networks import ConditionalGAN


def by_kind(weight):
    """(kind of layer, number of the layer among those of its kind) from a weight's path, such as conv2d_3/kernel."""
    kind, number = re.search(r"(\w+?)(?:_(\d+))?/\w+$", weight.path).groups()
    kinds = {"convolution": "conv2d", "normalization": "normalization"}  # whatever else their layers do
    return next((short for part, short in kinds.items() if part in kind), kind), int(number or 0)


# %%
sizes = CGANConfig(
    DIGITS, noise_size=NOISE, character_size=16, style_size=STYLE, mapping_width=64, mapping_depth=2,
    generator_widths=UP, discriminator_widths=DOWN, discriminator_features=FEATURES,
)  # fmt: skip
library = ConditionalGAN(**vars(sizes)), CGANDiscriminator(sizes, group=4)
for network, source in zip(library, (ours.ema, ours.discriminator), strict=True):
    theirs = sorted(network.weights, key=lambda weight: by_kind(weight)[0])  # within a kind as they are listed
    for one, own in zip(theirs, sorted(source.weights, key=by_kind), strict=True):
        one.assign(own)

noise = np.random.default_rng(1).standard_normal((32, NOISE)).astype(np.float32)
asked = np.tile(np.arange(8, dtype=np.int32), 4)
by_us, by_library = ours.ema([noise, asked]), library[0].generate(asked, noise)
gaps = [by_us - by_library, ours.logits(by_us, asked) - library[1](by_us, asked)[:, 0]]

# %%
differences = [float(np.abs(each).max()) for each in gaps]
say(
    f"The two generators' pictures differ by {differences[0]:.0e} at most (ink and paper differ by 2), the two "
    f"discriminators' logits by {differences[1]:.0e}: no more than rounding. They are the same networks."
)
assert max(differences) < 1e-3

# %% [markdown]
# So the library's code can be read with what you know now. (If you changed a layer above, the cells here do not fit any
# more: that is your network now, not the library's.) The generator and the discriminator:

# %%
from tfhand.models.cgan.trainer import CGANTrainer
from tfhand.models.common.discriminator import GlyphDiscriminator
from tfhand.nn.glyph_generator import GlyphGenerator

code(GlyphGenerator.call)
code(GlyphDiscriminator.is_character)

# %% [markdown]
# And its step. `minimize` takes a loss and the weights it may change, and the lazy R1 goes in beside the loss:

# %%
code(CGANTrainer.optimize)

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
from tfhand.core.charset import reading
from tfhand.metrics import frechet_distance
from tfhand.models import registry
from tfhand.models.batches import predict_in_batches

reader = registry.load("reader62")
alike = np.array([reading(character) for character in reader.characters])  # O and 0 are one to a reader


def seen(images):
    """The reader's features of images, which it takes at 32 x 32 pixels."""
    large = np.clip(ops.image.resize(images, (32, 32), interpolation="bicubic"), -1, 1)
    return predict_in_batches(reader.features, large)


# %%
def measured(features, asked, real_features):
    """{conditional accuracy in %, FID} of letters whose features these are."""
    read = alike[np.asarray(reader.classify(features)).argmax(axis=-1)]
    accuracy = 100 * float(np.mean(read == np.array(list(DIGITS))[asked]))
    return {"conditional accuracy %": accuracy, "FID": float(frechet_distance(real_features, features))}


def generated(generator, asked):
    noise = np.random.default_rng(1).standard_normal((len(asked), NOISE)).astype(np.float32)
    return generator.predict_on_batch([noise, asked])


# %%
half = min(1000, 20 * steps(50))
others, asked = letters(kept_apart[:half])
unseen = seen(others)
more, more_asked = letters(kept_apart[-half:])
rows = [
    {"letters": "real, other ones", **measured(seen(more), more_asked, unseen)},
    {"letters": "generated", **measured(seen(generated(ours.ema, asked)), asked, unseen)},
]
table(rows)
say(f"{half} letters of each kind against {half} real ones that no network here was trained on.")

# %% [markdown]
# The first line is the best that can be reached: other real letters, measured in the same way. Two finite samples are
# never quite alike, so its FID is not 0.

# %% [markdown]
# ## What the parts of the training do
#
# Now the experiments: each part is left out once, in trainings otherwise the same, and what it is said to do is
# measured. To have time for **three seeds** of each we take the letters at 16 x 16 pixels, and smaller networks. Seeds
# differ in nothing but their random numbers; what changes less between two ways of training than between seeds, says
# nothing. So each claim below is tested: the difference, seed by seed, must be larger than twice its standard error, or
# this notebook stops with an error.

# %%
UP16, DOWN16, SEEDS = (32, 24, 16), (12, 24, 32), range(1 if shortened() else 3)
small, small_digits = letters(learned, 16)
others, asked = letters(kept_apart, 16)
unseen = seen(others)


def trained(count, data=(small, small_digits), seed=0, **changes):
    gan = GAN(UP16, DOWN16, seed=seed, **changes)
    gan.compile(optimizer=None)
    gan.fit(feed(*data, seed=seed), steps_per_epoch=steps(count), verbose=0, shuffle=False)
    return gan


# %%
CHANGES = {
    "as it is": {},
    "no comparison": {"group": 0},
    "no wrong labels": {"wrong_labels": False},
}
runs = {name: [trained(700, seed=seed, **changes) for seed in SEEDS] for name, changes in CHANGES.items()}


# %%
def compare(networks):
    """{name: {metric: its figures by seed}} of generators by name and seed, with a picture of each name's first."""
    found = {}
    for name, generators in networks.items():
        each = [measured(seen(generated(generator, asked)), asked, unseen) for generator in generators]
        found[name] = {metric: [one[metric] for one in each] for metric in each[0]}
    rows = [{"training": name} | {metric: spread(values) for metric, values in found[name].items()} for name in found]
    table(rows)
    return found


def spread(values):
    return f"{np.mean(values):.2f}" + (
        f" ± {np.std(values, ddof=1) / math.sqrt(len(values)):.2f}" if values[1:] else ""
    )


# %%
for name in runs:
    say(f"**{name}**")
    show(sheet(runs[name][0].ema, 3))
found = compare({name: [gan.ema for gan in gans] for name, gans in runs.items()})
say(f"Means of {len(SEEDS)} seeds, ± their standard error; {len(asked):,} letters each.")

# %% [markdown]
# ### Comparing letters keeps the digits different
#
# Without `compared` each letter passes for itself, and the noise is soon ignored: one 3 is drawn for ever, in all rows.
# This is called **mode collapse**. Each single letter may well be legible, even better than before; FID sees it.

# %%
confirm("Without comparison FID is larger", effect(found["as it is"]["FID"], found["no comparison"]["FID"]))

# %% [markdown]
# ### Wrong labels make it obey sooner
#
# The share of digits that are read as asked, with and without the third kind of picture:

# %%
without, with_them = (found[name]["conditional accuracy %"] for name in ("no wrong labels", "as it is"))
confirm("With wrong labels more digits are read as asked", effect(without, with_them))

# %% [markdown]
# ### Averaged weights
#
# Of every training we have both: the generator as the last step left it, and the average of its weights. Karras et al.
# 2018 use the average; Yazici et al. 2018 ([arXiv 1806.04498](https://arxiv.org/abs/1806.04498)) look into why it
# helps: the players circle around the point at which they would balance, and the average lies in the middle of the
# circle.

# %%
trainings = runs["as it is"]
both = {"averaged": [gan.ema for gan in trainings], "as the last step left it": [gan.generator for gan in trainings]}
found_both = compare(both)
averaged, last = (each["FID"] for each in found_both.values())
confirm("Averaging the weights makes FID smaller", effect(averaged, last))
show(np.hstack([sheet(generators[0], 3) for generators in both.values()]))

# %% [markdown]
# ### R1 and the circle
#
# The circle can be seen in the smallest of all GANs, by Mescheder et al. (section 2). All real pictures are the number
# 0. The generator makes one number, $\theta$, whatever the noise; the discriminator is $\ell(x) = \psi x$, a slope.
# The losses are ours. At the balance both are 0. R1 adds $\frac{\gamma}{2} \psi^2$.


# %%
def duel(gamma, moves=600, rate=0.1):
    """The way of (theta, psi) when both players move at once."""
    theta, psi, path = 1.0, 0.0, []
    for _ in range(moves):
        path.append((theta, psi))
        pull = psi / (1 + np.exp(psi * theta))  # downhill of softplus(-psi theta) in theta
        psi -= rate * (theta / (1 + np.exp(-psi * theta)) + gamma * psi)
        theta += rate * pull
    return np.array(path)


paths = {"without R1": duel(0.0), "with R1": duel(0.3)}
distances = {name: np.hypot(*path[-1]) for name, path in paths.items()}

# %%
_, axes = plt.subplots(figsize=(4.2, 3.6), layout="constrained")
for name, path in paths.items():
    axes.plot(*path.T, label=name)
axes.plot(*paths["without R1"][-200:].mean(axis=0), "kx", label="average of 200 moves without R1")
axes.set(xlabel="generator: θ", ylabel="discriminator: ψ", aspect="equal")
axes.legend(fontsize=8)
plt.show()
middle = np.hypot(*paths["without R1"][-200:].mean(axis=0))
say(
    f"After {len(paths['with R1'])} moves the players are {distances['without R1']:.2f} from the balance without R1, "
    f"{distances['with R1']:.4f} with it. The average of the last 200 moves without R1 is {middle:.2f} away."
)
assert distances["with R1"] < 0.01 < middle < distances["without R1"]

# %% [markdown]
# ### Few letters: R1 and augmentation
#
# In our networks R1 has something to do when there are few letters. A discriminator can learn a hundred of them *by
# heart*: then it knows each of them, and says nothing useful about any other picture. R1 forbids it to be steep around
# them.
#
# **Augmentation** (Karras et al. 2020, [arXiv 2006.06676](https://arxiv.org/abs/2006.06676)) is the other remedy.
# Everything that the discriminator is shown, real or generated, is moved, turned or blurred with a chance $p$; the
# generator has to convince a discriminator that never sees a letter as it is. $p$ adapts: it rises while the
# discriminator is too sure of the real letters, $\mathbb{E}[\operatorname{sign} \ell(x)]$ above a target (equation 1),
# and falls otherwise. (With wrong labels among the fakes $\log 2$ is subtracted from $\ell$ first; why, is the second
# exercise.) This one piece we take from the library:

# %%
from tfhand.training.augmentation import Augmentation

code(Augmentation.update)

# %%
few = small[:100], small_digits[:100]
FEW_CHANGES = {
    "few letters": lambda seed: {},
    "few, no R1": lambda seed: {"gamma": 0.0},
    "few, augmented": lambda seed: {"augmentation": Augmentation(-0.4, seed, steps=300)},
}
few_runs = {
    name: [trained(1000, few, seed, **changes(seed)) for seed in SEEDS] for name, changes in FEW_CHANGES.items()
}

# %%
for name in few_runs:
    say(f"**{name}**")
    show(sheet(few_runs[name][0].ema, 3))
found_few = compare({name: [gan.ema for gan in gans] for name, gans in few_runs.items()})
strengths = [float(gan.augmentation.probability) for gan in few_runs["few, augmented"]]
say(f"In the end everything was augmented with a chance of p = {', '.join(f'{p:.2f}' for p in strengths)}.")
assert min(strengths) > 0 or shortened()

# %% [markdown]
# Two more figures show what the discriminator does. *Steepness* is $\lVert \nabla_{x} \ell(x) \rVert$ at the letters it
# was trained on; *by heart*, how much higher its logits are for these letters than for letters kept apart.


# %%
def steepness(gan):
    return float(ops.sqrt(2 * r1(gan, tf.constant(few[0]), few[1])))


def by_heart(gan):
    return float(ops.mean(gan.logits(*few)) - ops.mean(gan.logits(others[:1000], asked[:1000])))


steep = {name: [steepness(gan) for gan in gans] for name, gans in few_runs.items()}
heart = {name: [by_heart(gan) for gan in gans] for name, gans in few_runs.items()}
table([{"training": name, "steepness": spread(steep[name]), "by heart": spread(heart[name])} for name in few_runs])

# %%
plain, no_r1, augmented = few_runs
fid = {name: figures["FID"] for name, figures in found_few.items()}
confirm("Without R1 the discriminator is steeper around its letters", effect(steep[plain], steep[no_r1]))
confirm("Without R1 it has learned more by heart", effect(heart[plain], heart[no_r1]))
confirm("Without augmentation it has learned more by heart", effect(heart[augmented], heart[plain]))
say(
    f"And the letters? Without R1 FID changes by {effect(fid[plain], fid[no_r1])}, with augmentation by "
    f"{effect(fid[plain], fid[augmented])} (standard error). Three seeds show nothing that is within twice the error."
)

# %% [markdown]
# ## Asking for a person
#
# Now a second condition. An archive that says who wrote each letter allows the same trick for people: a matrix with a
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
from dataclasses import replace

from tfhand.data.scan_transform import ScanTransform
from tfhand.metrics import slant
from tfhand.models.cgan.config import CGANTrainConfig
from tfhand.models.registry import SPECS
from tfhand.training.backend.runtime import feed as stream_feed

code(GlyphDiscriminator.is_hand)

# %% [markdown]
# This needs people who wrote every digit: 120 synthetic writers. It is the library's training, in a few lines.

# %%
PEOPLE = 120
written = synthetic.archive(PEOPLE, 2, characters=DIGITS)
rates = {"learning_rate": 1e-3, "discriminator_learning_rate": 1e-3}
training = CGANTrainConfig(batch_size=32, targets=4, validation=0.0, ema_decay=0.99, **rates)
setup = SPECS["cgan"].make_trainer([written], replace(sizes, writers=True, hand_size=16), training, 0)
setup.trainer.compile()
setup.trainer.fit(stream_feed(setup.stream, 0, steps(900)), verbose=0)
hands = setup.trainer.ema
say(f"{hands.writer_count} people with a vector of {hands.config.hand_size} numbers each.")

# %% [markdown]
# Each row is a person, with the same noise in all their letters. Are these the people? On the left what they really
# wrote, on the right what the networks write for them, with a neutral scan transform.

# %%
everyone = np.repeat(np.arange(PEOPLE), 10).astype(np.int32)
every_digit = np.tile(np.arange(10, dtype=np.int32), PEOPLE)
usual = np.tile(ScanTransform().vector, (len(everyone), 1))
quiet = np.zeros((len(everyone), NOISE), np.float32)  # the middle of the noise
codes = np.asarray(hands.hand(everyone, usual))
glyphs = as_glyphs(predict_in_batches(hands.write, codes, every_digit, quiet)).reshape(PEOPLE, 10, 32, 32)
own = written.render(np.arange(0, len(written), 2), nib=ScanTransform().nib).reshape(PEOPLE, 10, 32, 32)
both = np.concatenate([own, glyphs], axis=1)[:6]
show(grid(both, "written by them, and written for them", sources=(0, 10)))

# %% [markdown]
# ## Content and style, pulled apart
#
# Character and person are separate inputs: **down a column** the character stays and the person changes; **along a
# row** the person stays. It is no surprise that every combination can be drawn, as everybody wrote all ten. But does
# the *vector* hold something of the person? The slant is easy to measure: pixels to the right for each pixel up. Each
# dot is one person.

# %%
true, found_slant = (slant(each.reshape(-1, 32, 32)).reshape(PEOPLE, 10).mean(axis=1) for each in (own, glyphs))
agreement = np.corrcoef(true, found_slant)[0, 1]
_, axes = plt.subplots(figsize=(3.6, 3.4), layout="constrained")
axes.axline((0, 0), slope=1, color="lightgrey")
axes.plot(true, found_slant, ".")
axes.set(xlabel="slant of their own digits", ylabel="slant of what is written for them")
plt.show()
say(f"Over {PEOPLE} people the two agree with a correlation of {agreement:.2f} (1 is perfect, 0 is chance).")
assert shortened() or agreement > 2 / math.sqrt(PEOPLE)

# %% [markdown]
# ### A walk from one person to another
#
# Between two vectors there are others, of people who do not exist. If the networks had learned their people by heart,
# one by one, the letters between would be unreadable; if the vectors form a space of hands, every step is a hand. We
# walk in a straight line between the two people whose slant differs most.


# %%
ends = codes[[10 * true.argmin(), 10 * true.argmax()]]


def on_the_way(share):
    """All digits by who stands so far on the way from one person to the other."""
    code = np.repeat(((1 - share) * ends[:1] + share * ends[1:]).astype(np.float32), 10, axis=0)
    return grid(as_glyphs(np.asarray(hands.write(code, every_digit[:10], quiet[:10]))).reshape(2, 5, 32, 32))


slide(on_the_way, [0.0, 0.25, 0.5, 0.75, 1.0], "from one person to the other")

# %% [markdown]
# ## The same, trained for hours
#
# The library ships such a conditional GAN, `cgan-digits`: wider than ours, and trained on MNIST, real digits of real
# people. The slider moves its noise in a straight line from one random vector to another:

# %%
shipped = registry.load("cgan-digits")
start, end = np.random.default_rng(4).standard_normal((2, 1, shipped.config.noise_size)).astype(np.float32)


def at_noise(share):
    """All digits with a noise on the way (on the circle through both, so that it stays as long as noise is)."""
    noise = np.repeat(math.cos(share * math.pi / 2) * start + math.sin(share * math.pi / 2) * end, 10, axis=0)
    return grid(as_glyphs(np.asarray(shipped.generate(every_digit[:10], noise))).reshape(2, 5, 32, 32))


slide(at_noise, [0.0, 0.25, 0.5, 0.75, 1.0], "noise")

# %%
from tfhand.models import presets

noise = np.random.default_rng(6).standard_normal((6, shipped.config.noise_size), np.float32)
drawn = shipped.generate(np.tile(every_digit[:10], 6), np.repeat(noise, 10, axis=0))
show(grid(as_glyphs(np.asarray(drawn)).reshape(6, 10, 32, 32)))
say(
    f"It was trained for {presets.read_config('cgan-digits')['training']['steps']:,} steps, ours for {len(curve):,}. "
    "How the first 1,100 steps of such a training go is shown in "
    "[a moving picture](../docs/gallery/cgan-digits/training.gif); its metrics stand in "
    "[docs/evaluation](../docs/evaluation/cgan-digits/metrics.csv)."
)

# %% [markdown]
# A GAN tends to leave forms out: no discriminator ever asks for the crossed seven that is not drawn. So this one had
# help (`--reconstructed 0.5`; Bao et al. 2017, [arXiv 1703.10155](https://arxiv.org/abs/1703.10155)). For half of each
# batch an encoder looks at the real digits and finds the noise that would draw them, as in a variational auto-encoder;
# the digits drawn from that noise are compared with the real ones, and must also pass for real.
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
# that the networks wrote before, so that nobody is forgotten.

# %% [markdown]
# ## Exercises
#
# **1.** Edit a layer. Let `adain` ignore the style (`return normalized(x)`), make a generator, and draw a 3 with many
# noises. What do you expect, and what do you get? Which line of this notebook lets the noise reach the picture?

# %% jupyter={"source_hidden": true} tags=["solution"]
with_style = adain
adain = lambda x, style: normalized(x)  # noqa: E731
blind = make_generator(UP16)
adain = with_style
threes = np.full(16, 3, np.int32)
with_adain, without = (np.std(generated(each, threes), axis=0).mean() for each in (runs["as it is"][0].ema, blind))
say(f"How much a pixel of 3s varies: {with_adain:.3f} with AdaIN, {without:.0e} without.")
say("Only the style knows the noise, and only `adain` lets the style into the picture.")
assert without < 1e-6 < with_adain

# %% [markdown]
# **2.** Suppose the generator is perfect: nobody can tell its letters from real ones. Which logit should the
# discriminator say then, at a letter under its right label? Without wrong labels it is 0. With them the fakes under a
# right label count half (`discriminator_loss`): which logit makes the sum of the two losses smallest?

# %% jupyter={"source_hidden": true} tags=["solution"]
logit = np.linspace(-2, 2, 4001)
loss = np.log1p(np.exp(-logit)) + np.log1p(np.exp(logit)) / 2
best = logit[loss.argmin()]
say(f"The sum is smallest at {best:.3f}, that is log 2: two real letters come with each fake one, and D = 2/3.")
assert abs(best - np.log(2)) < 1e-3

# %% [markdown]
# ## What we learned
#
# - A GAN is two networks with opposite losses. Neither loss falls for long; log 2 = 0.693 is where they stand at
#   balance.
# - A condition is a looked-up row of a matrix, given to both players; the discriminator compares it with what it sees
#   by a projection. Real letters under a wrong label teach it to use the condition.
# - A discriminator that compares several letters keeps the generator from drawing one for ever. The average of a
#   generator's weights is better than its last ones. With few letters R1 and augmentation keep the discriminator from
#   learning them by heart; that this makes better letters is not shown by trainings as short as these.
# - People can be a condition in the same way: a learned vector each. Character and person can then be changed
#   separately, and there are hands between the hands.
# - A change in a training counts only if it does more than another seed does.

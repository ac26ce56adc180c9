# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 4. StarGAN v2: rewriting a letter as another one
#
# **Who this is for.** Anyone who has met a conditional GAN (notebook [2](02_conditional_gan.ipynb): generator,
# discriminator, R1) and knows a little Keras. Notebook [3](03_stylegan.ipynb) helps with styles, but is not needed.
#
# **What you will be able to do**
#
# - name the four networks of StarGAN v2, what goes into each and what comes out;
# - read its four losses in the paper and in the code, and see on pictures what each one asks for;
# - give the 2, 7 and 3 of a real hand, and have 4, 8 and 1 made of them;
# - train a small StarGAN v2, change one setting at a time, and measure how much of a hand is kept;
# - say why so little of a hand is kept, and measure how much one more question to the discriminator helps, and what it
#   does to show the style encoder several letters.
#
# **How long it takes.** About eight minutes on two cores (it trains six small networks), under a minute shortened
# (`TFHAND_NOTEBOOK_STEPS=2`); an hour to read. No GPU, no download.
#
# Before this comes [3, StyleGAN](03_stylegan.ipynb), after it [5, write in your hand](05_write_in_your_hand.ipynb).

# %%
import csv
import inspect
import io
import os
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import PIL.Image
import tensorflow as tf
from IPython.display import Code, Image, Markdown, display

# %%
import tfhand
from tfhand.core.charset import DIGITS
from tfhand.data import synthetic
from tfhand.data.streams.domains import DomainStream
from tfhand.evaluation import EvaluationSet, HandEvaluator, PresetMethod
from tfhand.evaluation.episodes import People
from tfhand.evaluation.evaluation_set import blurred
from tfhand.evaluation.hand_evaluator import correlation, legibility
from tfhand.evaluation.translation_evaluator import TranslationEvaluator
from tfhand.hands.glyph import as_glyphs, as_network_input
from tfhand.metrics import TRAITS
from tfhand.models.pipeline import GlyphPipeline
from tfhand.models.registry import SPECS, load
from tfhand.models.stargan import losses as stargan_losses

# %%
from tfhand.models.stargan.config import StarGANConfig, StarGANTrainConfig
from tfhand.models.stargan.discriminator import Discriminator
from tfhand.models.stargan.networks import Generator, MappingNetwork, SetStyleEncoder
from tfhand.models.stargan.trainer import StarGANTrainer
from tfhand.models.stargan.trunk import ConditionalTrunk
from tfhand.nn import blocks, heads
from tfhand.training import losses
from tfhand.training.backend import compile_step, input_gradient
from tfhand.visualization import grids

STEPS = int(os.environ.get("TFHAND_NOTEBOOK_STEPS", 300))  # of each training; the tests shorten everything by it
SHOWN = ("slant", "width:height", "thickness")  # traits of a hand that are measured
if STEPS < 10:
    tf.config.run_functions_eagerly(True)  # so few steps are done before a graph would be compiled

# %% [markdown]
# Four helpers: `show` puts a picture on the page, `say` a sentence, `table` a list of rows, `source` a piece of the
# library as it is. Everything else below is the library's.


# %%
def show(picture, zoom=1):
    image, stored = PIL.Image.fromarray(picture), io.BytesIO()
    image.resize((zoom * image.width, zoom * image.height), PIL.Image.Resampling.BICUBIC).save(stored, "PNG")
    return Image(stored.getvalue())


def say(sentence):
    display(Markdown(sentence))


# %%
def table(rows):
    cells = [[f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in row.values()] for row in rows]
    lines = [list(rows[0]), ["---"] * len(rows[0]), *cells]
    say("\n".join(f"| {' | '.join(line)} |" for line in lines))


def source(thing):
    return Code(inspect.getsource(thing), language="python")


# %% [markdown]
# ## The task
#
# Somebody wrote a 2, a 7 and a 3. How would a 4, an 8 and a 1 look *in that hand*? A conditional GAN cannot answer: it
# makes a digit out of noise, and no picture goes in. StarGAN v2 (Choi, Uh, Yoo and Ha, 2020, [arXiv
# 1912.01865](https://arxiv.org/abs/1912.01865)) takes a picture and **rewrites** it. It was made for faces and animals,
# "this cat as a dog"; here it is "this 2 as a 4". Three words of the paper (section 2) are all we need:
#
# - a **domain** $y$ is the property to be changed, and for us it is the *character*;
# - a **style** $s$ is a list of numbers that says how the new picture is to look within its domain;
# - the **image** $x$ that is rewritten brings the rest. Nobody decides what "the rest" is: it results from the
#   training. That is the difficulty which the second half of this notebook is about.
#
# Here is the hand we shall use: the digits of a photographed line that says "quick fox 273", by a synthetic writer.
# With your own photo and its text you get your own.

# %%
hand = tfhand.scan.read_line("../examples/sample.jpg", says="quick fox 273")
pen = tfhand.load("stargan-mnist")  # a trained StarGAN v2 comes with the library
text, own = pen.samples(hand)
own = own[[text.index(character) for character in "273"]]  # uint8 (3, 32, 32), ink 255
say(f"What the photo holds of the characters that this preset knows: {' '.join(text)}, glyphs of {own.shape[1:]}.")
show(grids.grid(own[None]))

# %% [markdown]
# The preset `stargan-mnist` has learned from MNIST's digits, in two hours of one core
# ([from noise to digits](../docs/gallery/stargan-mnist/training.gif)). First the answer, then how it is
# made: the first row is what was given, each further row is 4, 8 and 1 made of it, in one random style a row.

# %%
answers = [pen.glyphs("481", hand, seed=seed) for seed in range(min(STEPS, 5))]
show(grids.grid(np.stack([own, *answers]), beside=["given", *["written"] * len(answers)], sources=(1, 0)))

# %% [markdown]
# Each row should be read as 481, and no two rows should be alike: they differ by the random style. But is it the same
# *hand* as in the first row? We shall come back to this question.
#
# (The given digits are taken in turn, in the order of their numbers: the 4 is made of the 2, the 8 of the 3.)
#
# We also need other people: the library can make writers (`tfhand.data.synthetic`, notebook
# [1](01_handwriting_data.ipynb)), and then the truth is known, because a synthetic writer can always write one more
# digit. To take real people, load an archive or `"mnist"` with `tfhand.data.sources.load` in place of the next cell's
# first line.

# %%
people = synthetic.archive(writers=min(20 * STEPS, 80), samples=4, seed=0, characters=DIGITS)
others = People.of(people, range(4), "481")  # four of them, and one 4, one 8, one 1 of each
references = np.stack([others.draw(letters, nib=2.4) for letters in others.letters])  # (4, 3, 32, 32)
show(grids.grid(references))

# %% [markdown]
# ## The four networks
#
# ### 1. The generator $G(x, s)$
#
# An image and a style go in, an image comes out. (Table 5 of the paper; only its high-pass skip, which is for faces,
# is left out.) Note what does *not* go in: no character. Which character is to be written is a matter of the style.

# %%
source(Generator)

# %% [markdown]
# It is an hourglass: the encoder halves the image until little but its layout is left, the decoder doubles it again.
# Here is one image on its way, with its shape (height, width, channels) after every block:

# %%
networks = pen.pipeline.networks
image, wanted = as_network_input(own), np.array([4, 8, 1], np.int32)  # ink 1, paper -1; the numbers of the domains
style = np.zeros((3, networks.config.style_size), np.float32)
features = networks.generator.from_image(image)
rows = [{"block": "from_image", "normalized by": "", "gives": tuple(features.shape[1:])}]
for block in networks.generator.encoder:
    features = block(features)
    rows.append({"block": "encoder", "normalized by": "the image", "gives": tuple(features.shape[1:])})
for block in networks.generator.decoder:
    features = block(features, style)
    rows.append({"block": "decoder", "normalized by": "the style", "gives": tuple(features.shape[1:])})
table(rows)

# %% [markdown]
# How does the style get in? By **adaptive instance normalization** (AdaIN; Huang and Belongie 2017, [arXiv
# 1703.06868](https://arxiv.org/abs/1703.06868), equation 8). Every channel of every image is brought to mean 0 and
# variance 1, which wipes out how strong it was, and then the style says how strong it shall be:
#
# $$\mathrm{AdaIN}(x, s) = \gamma(s)\,\frac{x - \mu(x)}{\sigma(x)} + \beta(s)$$

# %%
source(blocks.AdaptiveNormalization)

# %% [markdown]
# So the image can decide *where* something is, the style *which features* are strong there. How much of the image comes
# through depends on the narrowest place. Faces keep their pose in 16 x 16 places. A digit has no pose that a 2 and a 4
# could share: where 8 x 8 places are left, the strokes of the 2 show through the 4 and break it; this preset leaves
# 4 x 4, and what is written hardly depends on the image any more. We shall see both.
#
# ### 2. The mapping network $F(z, y)$
#
# A style can come from two sources. One is noise: noise $z$ and a character $y$ go in, a style comes out (table 6).
# All characters share a trunk, then each has a branch of its own, and only the branch asked for is computed.

# %%
source(MappingNetwork)

# %%
source(heads.DomainHeads)

# %% [markdown]
# ### 3. The style encoder $E(x, y)$
#
# The other source is a picture: a **reference** that shows the character $y$ goes in, its style comes out (table 7).
#
# ### 4. The discriminator $D_y(x)$
#
# It is built alike, and gives one number for each domain: is this a real picture of a $y$? (The paper's
# discriminator has several heads for this reason: it is asked about one domain at a time.)

# %%
source(ConditionalTrunk)

# %%
source(Discriminator)

# %% [markdown]
# `is_hand` is not in the paper; we shall come to it in the end.
#
# All four, called once. The preset ships only the first three, since nobody needs a discriminator to write; the one
# below is freshly made, so it has not learned anything yet.

# %%
latent = np.random.default_rng(0).standard_normal((3, networks.config.latent_size), np.float32)
discriminator = Discriminator(networks.config)
calls = {
    "generator G: image, style": (networks.generator, image, style),
    "mapping network F: noise, character": (networks.mapping_network, latent, wanted),
    "style encoder E: image, character": (networks.style_encoder, as_network_input(references[0]), wanted),
    "discriminator D: image, character": (discriminator, as_network_input(references[0]), wanted),
}
rows = []
for name, (network, *given) in calls.items():
    shapes = ", ".join(str(array.shape) for array in given)
    result = {"given": shapes, "gives": tuple(network(*given).shape), "parameters": f"{network.count_params():,}"}
    rows.append({"network: what it is given": name} | result)
table(rows)

# %% [markdown]
# ### Two ways to one style
#
# **By reference**: a row for each of the four people above. Their 4, 8 and 1 are read by $E$, and our 2, 7 and 3 are
# rewritten in these styles by $G$. Between the rules stand the references, right of them the results.

# %%
cells = []
for reference in references:
    found = networks.encode_style(as_network_input(reference), wanted)
    cells.append([*reference, *as_glyphs(np.asarray(networks.translate(image, found)))])
show(grids.grid(np.array([[*own * 0, *own], *cells]), sources=(1, 3)))

# %% [markdown]
# Which properties came over from the references? We take a 4, an 8 and a 1 by each of the synthetic writers, each with
# another nib, and measure three traits of the references and of the results: the *slant* of the ink, its *width over
# height*, and the *thickness* of the line (`tfhand.metrics`, notebook [6](06_how_like_is_it.ipynb)). The number is the
# correlation over people: 1 if the results differ between people just as the references do, 0 if the two are unrelated.

# %%
many = People.of(people, range(80), "481")
nibs = np.geomspace(1.6, 3.6, len(many.writers))  # pixels
given = np.concatenate([many.draw(letters, nib) for letters, nib in zip(many.letters, nibs, strict=True)])
found = networks.encode_style(as_network_input(given), np.tile(wanted, len(nibs)))
results = as_glyphs(np.asarray(networks.translate(np.tile(image, (len(nibs), 1, 1, 1)), found)))
by_person = {name: [TRAITS[name](glyphs).reshape(-1, 3).mean(1) for glyphs in (given, results)] for name in SHOWN}
carried = {name: correlation(*both) for name, both in by_person.items()}
table([carried])
most = max(carried, key=carried.get)
say(f"A reference gives away its **{most}** before all: {carried[most]:.2f} over {len(nibs)} people.")

# %% [markdown]
# **By latent**: noise goes through $F$. Here the noise goes in eight steps from one point to another, and the writing
# with it: no step is a jump, so styles lie in order, and between two hands lie hands.

# %%
ends = np.random.default_rng(3).standard_normal((2, networks.config.latent_size), np.float32)
cells = []
for share in np.linspace(0, 1, min(STEPS, 8)):
    latents = np.repeat([(1 - share) * ends[0] + share * ends[1]], 3, axis=0).astype(np.float32)
    cells.append(as_glyphs(np.asarray(networks.translate(image, networks.map_latent(latents, wanted)))))
show(grids.grid(np.stack(cells, axis=1)))

# %% [markdown]
# ## The four losses
#
# Four losses make four networks do this. One batch will show them. StarGAN v2 learns from images $x$ with their
# characters $y$, and two reference images of a random character $\tilde y$. Nothing in a batch belongs together: the
# image and its references are by different people, and that is the point of the method, it needs no pairs.

# %%
source(DomainStream.batch)

# %%
batch = DomainStream(people, DIGITS, size=32, batch_size=min(STEPS, 8), seed=1).batch(0)
x, y, target = batch["image"], batch["domain"], batch["reference_domain"]
rows = [as_glyphs(batch[name]) for name in ("image", "reference", "reference2")]
show(
    grids.grid(
        np.stack(rows),
        above=[f"{a} to {b}" for a, b in zip(y, target, strict=True)],
        beside=["image", "reference", "another"],
    )
)

# %% [markdown]
# ### Equation 1: adversarial
#
# $$\mathcal L_{adv} = \mathbb E_{x,y}[\log D_y(x)] + \mathbb E_{x,\tilde y,z}[\log(1 - D_{\tilde y}(G(x, \tilde s)))],
# \qquad \tilde s = F(z, \tilde y)$$
#
# $D$ wants it large, $G$ small. In code each side minimizes, so the sign is turned for $D$; and $G$ gets
# $-\log D$, which has a gradient even while $D$ is sure of itself. The network gives a *logit* $l$, any number,
# with $D = 1 / (1 + e^{-l})$; then $-\log D$ is `softplus(-l)`.

# %%
source(losses.adversarial_real)

# %%
source(losses.adversarial_fake)

# %%
draw = np.random.default_rng(5).standard_normal
z = draw((2, len(x), networks.config.latent_size), np.float32)
asked, second = (networks.map_latent(noise, target) for noise in z)
fake = networks.translate(x, asked)
real_logits, fake_logits = discriminator(x, y), discriminator(fake, target)
terms = losses.adversarial_real(real_logits), losses.adversarial_fake(fake_logits)
say(
    f"The untrained discriminator: real {float(terms[0]):.2f}, fake {float(terms[1]):.2f}; "
    f"one that tosses a coin has {np.log(2):.2f}."
)

# %% [markdown]
# ### R1: the discriminator's brake
#
# $$R_1 = \tfrac{\gamma}{2}\,\mathbb E_{x,y}\,\lVert\nabla_x D_y(x)\rVert^2$$
#
# (Mescheder and others 2018, [arXiv 1801.04406](https://arxiv.org/abs/1801.04406), equation 9.) On real images the
# discriminator's output must not jump when a pixel changes. Notebook [2](02_conditional_gan.ipynb) measures a training
# without it.

# %%
source(losses.r1_penalty)

# %%
_, gradient = input_gradient(lambda images: discriminator(images, y), x)
say(f"R1 on this batch: {float(losses.r1_penalty(gradient)):.3f}, from a gradient of shape {gradient.shape}.")

# %% [markdown]
# ### Equation 2: style reconstruction
#
# $$\mathcal L_{sty} = \mathbb E_{x,\tilde y,z}\,\lVert\tilde s - E(G(x,\tilde s),\tilde y)\rVert_1$$
#
# The style that was asked for must be readable in the result. It keeps $G$ from ignoring the style, and it teaches $E$
# to read.

# %%
source(stargan_losses.style_reconstruction)

# %%
found = networks.encode_style(fake, target)
again = networks.translate(x, found)
errors = [float(stargan_losses.style_reconstruction(asked, each)) for each in (found, second)]
say(
    f"Between the style asked for and the one read back: {errors[0]:.3f}; between two random styles of the same "
    f"character: {errors[1]:.3f}."
)
rows = [as_glyphs(np.asarray(each)) for each in (x, fake, again)]
show(grids.grid(np.stack(rows), beside=["image", "in the style asked for", "in the style read back"]))

# %% [markdown]
# The closer the two lower rows, the better the encoder reads what the mapping network meant.
#
# ### Equation 3: diversity
#
# $$\mathcal L_{ds} = \mathbb E_{x,\tilde y,z_1,z_2}\,\lVert G(x,\tilde s_1) - G(x,\tilde s_2)\rVert_1$$
#
# Two noises must give two pictures; this one is made *large*. Without it $F$ may well turn all noise into one style,
# and $G$ write one good 4 for everybody. As large is not the same as good, its weight falls to nothing in the course of
# the training.

# %%
source(stargan_losses.style_diversity)

# %%
other = networks.translate(x, second)
say(f"Mean difference of a pixel, on a scale from -1 to 1: {float(stargan_losses.style_diversity(fake, other)):.3f}.")
difference = np.abs(np.asarray(fake) - np.asarray(other)) - 1  # 0 to 2 as -1 to 1
rows = [as_glyphs(np.asarray(each)) for each in (fake, other, difference)]
show(grids.grid(np.stack(rows), beside=["first style", "second style", "difference"]))

# %% [markdown]
# ### Equation 4: there and back again
#
# $$\mathcal L_{cyc} = \mathbb E_{x,y,\tilde y,z}\,\lVert x - G(G(x,\tilde s), \hat s)\rVert_1,
# \qquad \hat s = E(x, y)$$
#
# The 4 that was made of a 2 must lead back to that 2, given the 2's own style. This is the one term that ties the
# result to the image.

# %%
source(stargan_losses.cycle_consistency)

# %%
restored = networks.translate(fake, networks.encode_style(x, y))
errors = [float(stargan_losses.cycle_consistency(x, each)) for each in (restored, np.roll(x, 1, axis=0))]
say(f"Between image and restored image: {errors[0]:.3f}; between image and the next image: {errors[1]:.3f}.")
rows = [as_glyphs(np.asarray(each)) for each in (x, fake, restored)]
show(grids.grid(np.stack(rows), above=[str(label) for label in y], beside=["image", "rewritten", "and back"]))

# %% [markdown]
# Note what this loss asks for. The result must *hold the information* that is needed to restore the image, and much of
# that, for digits nearly all, is in $\hat s$ already. It need not *look* like the same person's writing.
#
# ### Equation 5: all together
#
# $$\min_{G,F,E}\,\max_D\;\mathcal L_{adv} + \lambda_{sty}\mathcal L_{sty} - \lambda_{ds}\mathcal L_{ds} +
# \lambda_{cyc}\mathcal L_{cyc}$$

# %%
source(stargan_losses.translation_loss)

# %%
total, terms = stargan_losses.translation_loss(
    fake_logits, StarGANTrainConfig(), style=(asked, found), diversity=(fake, other), cycle=(x, restored)
)
table([{name: f"{float(term):.3f}" for name, term in {**terms, "total": total}.items()}])

# %% [markdown]
# ## One step of training
#
# Four phases (section 3 and the appendix): the discriminator learns on fakes whose style came from noise, then on
# fakes whose style came from a reference; then the generator does the same, and only in the first of its phases do
# the mapping network and the style encoder learn too.

# %%
source(StarGANTrainer.optimize)

# %%
source(StarGANTrainer.train_generator)

# %% [markdown]
# ## A small training, live
#
# Small enough for a few hundred steps to show something: six digits, the 2, 7, 3 and 4, 8, 1 of our task, at 16 x 16
# pixels. Half of the synthetic writers are held out, for the measurements. The rates are far above the
# paper's ($10^{-4}$, and $10^{-6}$ for $F$), since there is so little time.

# %%
CHARACTERS = "123478"
CONFIG = StarGANConfig(
    CHARACTERS, image_size=16, generator_width=16, generator_limit=32, down_blocks=1, bottleneck_blocks=1,
    discriminator_width=16, discriminator_limit=32, latent_size=16, style_size=16, mapping_width=64, mapping_trunk=2,
)  # fmt: skip
TRAINING = StarGANTrainConfig(
    batch_size=8, learning_rate=2e-3, mapping_rate=2e-3, diversity_steps=STEPS, ema_decay=0.99, validation=0.5
)
held_out = people.split_writers(TRAINING.validation)[1]


def prepare(config=CONFIG, train_config=TRAINING):
    return SPECS["stargan"].make_trainer([people], config, train_config, 0)


# %% [markdown]
# The picture below is redrawn as the training goes: above the images that are rewritten, on the left, in the first
# rows, references. Each row is one style, by reference and then by latent. (The first step takes longest: TensorFlow
# turns the whole step into a graph.)

# %%
setup = prepare()
trainer, fixed = setup.trainer, setup.validation_stream.batch(0)
moments, curves = [], []


def watch(step, logs):
    if (step + 1) % max(1, STEPS // 30) == 0:
        curves.append({"step": step + 1} | {name: float(value) for name, value in logs.items()})
        trainer.reset_metrics()  # the metrics are means since the last time
        view.update(show(255 - trainer.sample_grid(fixed), 3))
    if step + 1 in {max(1, STEPS // share) for share in (30, 8, 3, 1)}:
        moments.append(TranslationEvaluator(trainer.ema, people, held_out).picture(people=1))


# %%
def train(setup, watch=lambda step, logs: None):
    take_step = compile_step(setup.trainer.train_step)
    for step, batch in enumerate(setup.stream.batches(0, STEPS)):
        watch(step, take_step(batch))


view = display(show(255 - trainer.sample_grid(fixed), 3), display_id=True)
train(setup, watch)

# %% [markdown]
# The same person's 2, 7 and 3 at four moments of it (one moment a row), and 481 made of them in three random styles:

# %%
show(np.concatenate(moments), 2)

# %%
figure, axes = plt.subplots(1, 4, figsize=(13, 2.6), dpi=80)
for axis, names in zip(axes, (("real", "fake"), ("style",), ("diversity",), ("cycle",)), strict=True):
    for name in names:
        axis.plot([row["step"] for row in curves], [row[f"latent_{name}"] for row in curves], label=name)
    axis.set(title=", ".join(names), xlabel="step", ylim=(0, None))
plt.tight_layout()
plt.show()

# %% [markdown]
# The curves are those of the phases whose style came from noise. *real* (blue) and *fake* (orange): equation 1 as the
# discriminator sees it, 0.69 each being the toss of a coin; *style*: equation 2; *diversity*: equation 3; *cycle*:
# equation 4.
#
# ### What the discriminator has learned
#
# With a trained discriminator, here are equation 1 and R1 once more: real digits and generated ones, with $D_y(x)$
# above each, and under them its gradient, darkest where more or less ink would change its output most. (Where the
# gradient is only grain, the discriminator uses many small details and recognises no strokes.)

# %%
real, label, goal = fixed["image"], fixed["domain"], fixed["reference_domain"]
made = np.asarray(trainer.networks.translate(real, trainer.networks.encode_style(fixed["reference"], goal)))
for name, images, domains in (("real", real, label), ("generated", made, goal)):
    logits, gradient = input_gradient(lambda pixels, of=domains: trainer.discriminator(pixels, of), images)
    slopes = np.abs(np.asarray(gradient)) / np.abs(gradient).max((1, 2, 3), keepdims=True) * 2 - 1
    sure = [f"{float(chance):.2f}" for chance in 1 / (1 + np.exp(-np.asarray(logits)))]
    display(show(grids.grid(np.stack([as_glyphs(images), as_glyphs(slopes)]), name, above=sure), 2))

# %% [markdown]
# ## How much of a hand is kept?
#
# Looking is not measuring. For each held-out person there is an *episode*: three random digits are the *support*; the
# other three, the *query*, are made of these in one random style for each person, and compared with the person's *own*
# query digits:
#
# - **slant**, **width:height**, **thickness** are measured on the glyphs, less the mean of that digit over everybody.
#   The number is the correlation over people once more: 1 if those who lean more than others are written leaning more.
# - **conditional accuracy**: the share of the digits that `reader62`, a network that took no part in this, reads as
#   meant.
# - **diversity**: the difference of two random styles, over the difference of two real writings of one person.
#
# Everybody has a nib of their own here, the same in support and query.

# %%
data = EvaluationSet(people, held_out, CHARACTERS, CONFIG.image_size, samples=3)
truth = [episode.query_glyphs for episode in data.episodes]  # each person's own digits
retest = [episode.retest for episode in data.episodes]  # the same digits, written a second time
asked_for = [episode.query_characters for episode in data.episodes]
texts = ["".join(data.characters[index] for index in numbers) for numbers in asked_for]
reader = load("reader62")


def traits_of(letters):
    return np.stack([data.traits(*pair) for pair in zip(asked_for, letters, strict=True)])


def difference_of(first, second):
    return np.mean([np.abs(blurred(a) - blurred(b)).mean() for a, b in zip(first, second, strict=True)])


# %%
def enlarged(glyph):  # to the 32 x 32 pixels that the reader knows
    return np.asarray(PIL.Image.fromarray(glyph).resize((32, 32), PIL.Image.Resampling.BICUBIC))


def read_in(letters):
    return float(legibility(reader, [np.stack([*map(enlarged, glyphs)]) for glyphs in letters], texts).mean())


def measured(name, letters, others):
    asked, found = traits_of(truth), traits_of(letters)
    row = {"": name, "conditional accuracy": read_in(letters)}
    row |= {trait: correlation(found[:, at], asked[:, at]) for at, trait in enumerate(TRAITS) if trait in SHOWN}
    return row | {"diversity": float(difference_of(letters, others) / difference_of(truth, retest))}


# %%
def written_by(networks):  # everybody's query twice, in two random styles
    method = PresetMethod(GlyphPipeline(networks, generation=SPECS["stargan"].generation(networks.config)))
    return [method(data, data.episodes, draw) for draw in range(2)]


ceiling = measured("the same people, retest", retest, truth)
published = measured("StarGAN v2, small", *written_by(trainer.ema))
table([ceiling, published])

# %%
chance = 1 / np.sqrt(len(data.episodes) - 1)
held = [name for name in SHOWN if published[name] > 2 * chance]
say(
    f"With {len(data.episodes)} people a correlation of ±{chance:.2f} is chance, and up to ±{2 * chance:.2f} is no "
    f"surprise. Beyond that this training keeps: **{', '.join(held) or 'nothing of the three'}**. The reader reads "
    f"{ceiling['conditional accuracy']:.0%} of the digits that a person writes again, and "
    f"{published['conditional accuracy']:.0%} of these."
)

# %% [markdown]
# ## One change at a time
#
# The same people, the same steps, the same seed, and each time one change:
#
# - the **weight of the diversity loss** $\lambda_{ds}$: none in place of the paper's 1;
# - the **size of the latent** $z$: two numbers in place of sixteen;
# - the **size of the style** $s$: two numbers in place of sixteen;
# - the **depth** of the generator: without the block at the narrowest place of the hourglass.
#
# First make a guess for each; then let it run.

# %%
VARIANTS = {
    "no diversity loss": (CONFIG, replace(TRAINING, diversity=0.0)),
    "latent of 2": (replace(CONFIG, latent_size=2), TRAINING),
    "style of 2": (replace(CONFIG, style_size=2), TRAINING),
    "shallower": (replace(CONFIG, bottleneck_blocks=0), TRAINING),
}
rows, pictures = [published], [TranslationEvaluator(trainer.ema, people, held_out).picture(people=1)]
for name, configs in list(VARIANTS.items())[: min(STEPS, 4)]:
    varied = prepare(*configs)
    train(varied)
    rows.append(measured(name, *written_by(varied.trainer.ema)))
    pictures.append(TranslationEvaluator(varied.trainer.ema, people, held_out).picture(people=1))
table([ceiling, *rows])

# %% [markdown]
# One row for each, in the same order: the same person's 2, 7, 3, then 481 in three random styles.

# %%
show(np.concatenate(pictures), 2)


# %%
def moved(row):
    least = {trait: chance for trait in SHOWN} | {
        "diversity": 0.2 * published["diversity"],
        "conditional accuracy": 0.05,
    }
    change = {name: row[name] - published[name] for name in least}
    parts = [f"{name} {change[name]:+.2f}" for name in least if abs(change[name]) > least[name]]
    return f"- **{row['']}**: {', '.join(parts) or 'nothing beyond chance'}"


say("The changes from the first row to each of the others:\n\n" + "\n".join(map(moved, rows[1:])))

# %% [markdown]
# Two things must be said about such a table. First, these are one short training each: the table shows tendencies, and
# a difference smaller than chance is none; another seed may reverse it. Second, a difference that *cannot* come from
# chance is worth more than the rest: a style of two numbers has two degrees of freedom, however long it is trained; and
# without the diversity loss nothing in equation 5 asks $F$ to make two styles where one would do.
#
# ## "It only copies the thickness"
#
# People who train such a network on digits and look for their hand in the result often say this. We have measured half
# of it already, on the synthetic writers and the trained preset:

# %%
rest = [f"{name} {carried[name]:.2f}" for name in SHOWN if name != "thickness"]
say(
    f"From a **reference** to what is written in its style: thickness {carried['thickness']:.2f}, {', '.join(rest)}; "
    f"by chance alone ±{1 / np.sqrt(len(nibs) - 1):.2f}."
)

# %% [markdown]
# The other half is the part that comes over from the **image**, when the style is random, as in the small training. The
# library keeps its own long measurement of that in `docs/evaluation/same-writer`: 32 real people whom none of these
# presets ever saw, three support digits of each, the others written. (The last row are letters of somebody else: a
# method must do better than that.)

# %%
with open("../docs/evaluation/same-writer/metrics.csv", encoding="utf-8", newline="") as file:
    lasting = {row["letters"]: row for row in csv.DictReader(file)}
lasting["hand62"] = lasting.pop("written letters")
KEPT = ("slant", "width:height", "thickness", "length", "curvature", "holes", "ends")
table(
    [
        {"": name} | {trait: float(lasting[name][trait]) for trait in KEPT}
        for name in ("real letters", "stargan-mnist", "another person")
    ]
)

# %%
share = {trait: float(lasting["stargan-mnist"][trait]) / float(lasting["real letters"][trait]) for trait in KEPT}
most = [trait for trait in KEPT if share[trait] > 0.5]
say(
    f"`stargan-mnist` keeps more than half of the correlation that people's own second writing has in: "
    f"**{', '.join(most) or 'nothing'}**. "
    f"In thickness it keeps {share['thickness']:.0%}, in curvature {share['curvature']:.0%}. "
    f"In this notebook's own small training it was {', '.join(held) or 'nothing of the three'}."
)

# %% [markdown]
# So nothing carries the hand: the style is random and not the person's, and the image decides next to nothing, or where
# more of it comes through, as in the small training, its layout and not its letter forms. The four losses say why. Go
# through them once more, and ask for each *whose* letter the result must be:
#
# - **adversarial**: it must be a real 4. Anybody's.
# - **style reconstruction**: its style must be $\tilde s$, which came from noise or from somebody else.
# - **diversity**: it must differ from another.
# - **cycle**: it must hold enough to find the way back. That is information, not likeness.
#
# **Nothing in them asks that two letters be by the same person**, and a network does not learn what no loss asks for.
#
# ## The same-writer term
#
# So we add that question. Where the data say who wrote what, the discriminator gets a second question about the same
# features: *is this how the writer $w$ writes a $y$?* A real letter of $w$ is a yes; a generated one is a no, and so is
# a real letter when it is ascribed to somebody else, $w'$:
#
# $$\mathcal L_{hand} = \mathbb E[\log H(x, w, y)] + \tfrac12\,\mathbb E[\log(1 - H(G(x,\tilde s), w, \tilde y))] +
# \tfrac12\,\mathbb E[\log(1 - H(x, w', y))]$$
#
# This is not in the paper. $G$ is to make $H$ say yes for the writer of the image that it rewrites.

# %%
source(Discriminator.is_hand)

# %%
source(StarGANTrainer.logits_of_another)

# %%
source(losses.discriminator_loss)

# %% [markdown]
# One setting switches it on. Everything else is as in the first training: networks, people, steps and seed.

# %%
same_writer = prepare(train_config=replace(TRAINING, same_writer=1.0))
train(same_writer)
with_term = measured("with the same-writer term", *written_by(same_writer.trainer.ema))
table([ceiling, published, with_term])

# %%
gain = {trait: with_term[trait] - published[trait] for trait in SHOWN}
more = [f"{trait} ({change:+.2f})" for trait, change in gain.items() if change > chance]
less = [f"{trait} ({change:+.2f})" for trait, change in gain.items() if change < -chance]
say(
    f"Kept better by more than chance (±{chance:.2f}): **{', '.join(more) or 'nothing'}**; "
    f"worse: {', '.join(less) or 'nothing'}. "
    f"Diversity went from {published['diversity']:.2f} to {with_term['diversity']:.2f}."
)
both = (trainer.ema, same_writer.trainer.ema)
pictures = [TranslationEvaluator(each, people, held_out).picture(people=3) for each in both]
show(grids.arrange(pictures, across=1))

# %% [markdown]
# Above three people as published, below the same three with the term.
#
# Do not expect much of it in so short a time. Before $H$ can teach $G$ anything it has to learn itself what a hand is,
# from only a few dozen letters of each person, and it shares its features with a discriminator that still learns the
# characters.
#
# ### Several letters at once
#
# The question is one half of the solution. The other half is the input. A random style is nobody's, a reference gives
# the style of the very letter that we want to write and do not have, and a generator that sees one 2 cannot know how
# that person closes an 8. So the style encoder is shown *several* letters of a person, whichever there are, and says in
# which style their writer would write a $y$. Beyond the paper again, and a small change: what the trunk finds in each
# letter is read with the character that it shows, and the mean over the letters goes to the head of $y$.

# %%
source(SetStyleEncoder.call)

# %% [markdown]
# In training the letters are the ones of who wrote the image, none of them of the character wanted, and $H$ asks for
# that person's hand wherever the style came from such letters.
#
# `stargan-mnist` and `stargan-mnist-hand` are such a pair at 32 x 32 pixels, as published and with both changes,
# trained on MNIST with its writers. On our own hand, three times as published, in three random styles, and once with
# the style that the encoder finds in the 2, the 7 and the 3:

# %%
pair = {name: tfhand.load(name) for name in ("stargan-mnist", "stargan-mnist-hand")}
as_published, with_hand = pair.values()
cells = [*(as_published.glyphs("481", hand, seed=seed) for seed in range(3)), with_hand.glyphs("481", hand)]
published_name, hand_name = pair
beside = ["given", *[published_name] * 3, hand_name]
show(grids.grid(np.stack([own, *cells]), beside=beside, sources=(1, 0)))

# %% [markdown]
# And measured on the synthetic writers, three digits given and the others written. Two metrics are new: *hand MRR*, for
# which a verifier network ranks all people as writers of the letters (1 is always right; notebook
# [6](06_how_like_is_it.ipynb)), and *FID*, the distance of the letters from real ones as a whole.

# %%
wide = EvaluationSet(people, held_out, DIGITS, samples=3)
evaluator = HandEvaluator([wide], reader, load("judge62"), two_sample=False)
comparison = evaluator.compare({name: PresetMethod(each.pipeline) for name, each in pair.items()}, samples=3)
metrics = ("legibility", "hand MRR", *SHOWN, "traits over real", "FID", "diversity")
table([{"": row.name} | {metric: row.metrics[metric] for metric in metrics} for row in comparison.rows])

# %%
before, after = (comparison[name].metrics for name in pair)
parts = [f"{name} from {before[name]:.2f} to {after[name]:.2f}" for name in (*SHOWN, "traits over real", "hand MRR")]
say(f"Both changes move {'; '.join(parts)}. By chance hand MRR would be {evaluator.chance()['hand MRR']:.2f}.")

# %% [markdown]
# ## Where it goes from here
#
# The same comparison on the 32 real people, now with `hand62`, the preset that this library writes with:

# %%
NAMES = ("real letters", "stargan-mnist", "stargan-mnist-hand", "hand62", "another person")
table(
    [
        {"": name}
        | {metric: float(lasting[name][metric]) for metric in (*SHOWN, "traits over real", "hand MRR over real")}
        for name in NAMES
    ]
)

# %%
ours, theirs = (float(lasting[name]["traits over real"]) for name in ("stargan-mnist-hand", "hand62"))
say(f"Over all eight traits and over real letters, the preset with both keeps {ours:.0%}, `hand62` {theirs:.0%}.")

# %% [markdown]
# `hand62` keeps StarGAN v2's frame, a mapping network that says how a hand writes a character, and goes on from here:
# in training every person has a **vector** of their own, shared by all their letters, and a new person's **hand code**
# is found from several letters. Notebook [5](05_write_in_your_hand.ipynb) writes with a preset that draws letters as
# strokes of the pen, and notebook [6](06_how_like_is_it.ipynb) measures how like the hand it is.

# %% [markdown]
# ## What we learned
#
# - StarGAN v2 rewrites a picture. $G$ takes an image and a style; $F$ makes styles of noise, $E$ reads them off
#   references, $D$ decides whether it is real, with one output for each character.
# - Four losses: be real (1), let the style be read back (2), let styles differ (3), find the way back (4); and R1.
# - A property of a hand is kept if a loss asks for it or the layout carries it along. None of the four losses asks that
#   two letters be by one person.
# - What comes through from the image depends on the narrowest place of the generator. Too much of it breaks letters.
# - One more question to the discriminator, is it this hand?, needs an input that can answer it: several letters.
# - A short training shows tendencies. A correlation without the number of people beside it shows nothing.
#
# **Try this**
#
# - Use your own photo: put it in place of `../examples/sample.jpg`, and what it says in place of `"quick fox 273"`.
# - Train ten times as long (`TFHAND_NOTEBOOK_STEPS=3000`): which differences in the table grow, and which go away?
# - Switch off the cycle (`replace(TRAINING, cycle=0.0)`). How does slant change, and why not legibility?
# - Repeat one row with three seeds (`SPECS["stargan"].make_trainer(..., 1)`). How far apart are they?
# - Rewrite our three digits by reference to your own 4, 8 and 1 in place of the synthetic writers'. Which traits come
#   over?

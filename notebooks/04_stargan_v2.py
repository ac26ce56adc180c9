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
# - go on training a shipped StarGAN v2 with people that it has never seen, and measure what a loss is worth by leaving
#   it out;
# - say what the paper's losses keep of a hand and what they cannot keep, and measure what mends it: a style encoder
#   that sees several letters, and a discriminator that is asked about the writer.
#
# **How long it takes.** About seven minutes on two cores (it goes on training shipped networks), under a minute
# shortened (`TFHAND_NOTEBOOK_STEPS=2`); an hour to read. No GPU, no download.
#
# Before this comes [3, StyleGAN](03_stylegan.ipynb), after it [5, write in your hand](05_write_in_your_hand.ipynb).

# %%
import csv
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from course import code, confirm, effect, film, say, show, slide, steps, table

import tfhand
from tfhand.core.charset import DIGITS
from tfhand.data import synthetic
from tfhand.data.streams.domains import DomainStream
from tfhand.evaluation import EvaluationSet, HandEvaluator, PresetMethod
from tfhand.evaluation.episodes import People
from tfhand.evaluation.evaluation_set import difference

# %%
from tfhand.evaluation.hand_evaluator import correlation, legibility
from tfhand.hands.glyph import as_glyphs, as_network_input
from tfhand.metrics import TRAITS
from tfhand.models.pipeline import GlyphPipeline
from tfhand.models.registry import SPECS, load
from tfhand.models.stargan import losses as stargan_losses
from tfhand.models.stargan.config import StarGANTrainConfig
from tfhand.models.stargan.discriminator import Discriminator
from tfhand.models.stargan.networks import Generator, MappingNetwork, SetStyleEncoder
from tfhand.models.stargan.trainer import StarGANTrainer
from tfhand.models.stargan.trunk import ConditionalTrunk
from tfhand.nn import blocks, heads
from tfhand.training import losses
from tfhand.training.backend import compile_step, input_gradient

# %%
from tfhand.visualization import grids

SHOWN = ("slant", "width:height", "thickness")  # traits of a hand that are measured
if steps(250) < 10:
    tf.config.run_functions_eagerly(True)  # so few steps are done before a graph would be compiled

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
# made: the first row is what was given, each further row is 4, 8 and 1 made of it, in one random style a row. (`pen`
# takes random styles a little nearer to their mean than $F$ gives them, `StarGAN.truncate`, which is not in the paper:
# far out, where little was learned, a digit may break.)

# %%
answers = [pen.glyphs("481", hand, seed=seed) for seed in range(steps(5))]
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
people = synthetic.archive(writers=16 * steps(10), samples=4, seed=0, characters=DIGITS)
others = People.of(people, range(4), "481")  # four of them, and one 4, one 8, one 1 of each
references = np.stack([others.draw(letters, nib=2.4) for letters in others.letters])  # (4, 3, 32, 32)
show(grids.grid(references))

# %% [markdown]
# ## The four networks
#
# ![Image and style go into the generator; four losses judge what comes out](diagrams/stargan.svg)
#
# ### 1. The generator $G(x, s)$
#
# An image and a style go in, an image comes out. (Table 5 of the paper; only its high-pass skip, which is for faces,
# is left out.) Note what does *not* go in: no character. Which character is to be written is a matter of the style.

# %%
code(Generator)

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
code(blocks.AdaptiveNormalization)

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
code(MappingNetwork)

# %%
code(heads.DomainHeads)

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
code(ConditionalTrunk)

# %%
code(Discriminator)

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
# **By latent**: noise goes through $F$. Here the noise goes in steps from one point to another, and the writing with
# it: no step is a jump, so styles lie in order, and between two hands lie hands.

# %%
ends = np.random.default_rng(3).standard_normal((2, networks.config.latent_size), np.float32)


def between(share):  # our digits, rewritten in a style between two random ones
    latents = np.repeat([(1 - share) * ends[0] + share * ends[1]], 3, axis=0).astype(np.float32)
    return grids.grid(as_glyphs(np.asarray(networks.translate(image, networks.map_latent(latents, wanted))))[None])


slide(between, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0], "share")

# %% [markdown]
# ## The four losses
#
# Four losses make four networks do this. One batch will show them. StarGAN v2 learns from images $x$ with their
# characters $y$, and two reference images of a random character $\tilde y$. Nothing in a batch belongs together: the
# image and its references are by different people, and that is the point of the method, it needs no pairs.

# %%
code(DomainStream.batch)

# %%
batch = DomainStream(people, DIGITS, size=32, batch_size=steps(8), seed=1).batch(0)
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
code(losses.adversarial_real)

# %%
code(losses.adversarial_fake)

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
code(losses.r1_penalty)

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
code(stargan_losses.style_reconstruction)

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
code(stargan_losses.style_diversity)

# %%
other = networks.translate(x, second)
say(f"Mean difference of a pixel, on a scale from -1 to 1: {float(stargan_losses.style_diversity(fake, other)):.3f}.")
apart = np.abs(np.asarray(fake) - np.asarray(other)) - 1  # 0 to 2 as -1 to 1
rows = [as_glyphs(np.asarray(each)) for each in (fake, other, apart)]
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
code(stargan_losses.cycle_consistency)

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
code(stargan_losses.translation_loss)

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
code(StarGANTrainer.optimize)

# %%
code(StarGANTrainer.train_generator)

# %% [markdown]
# ## A training, live
#
# `stargan-mnist` took hours. We do not begin where it began, with noise, but where it ended: its weights are loaded,
# and it goes on with people whom it has never seen, our synthetic writers, at its own 32 x 32 pixels. Half of the
# writers are held out for measuring.
#
# Only the discriminator starts anew; nobody ships one. A generator that knows much would unlearn it from a
# discriminator that knows nothing, so at first the discriminator learns alone. And as the weight of the diversity loss
# had fallen to 0 at the end of the long training, it is 0 here too.

# %%
TRAINING = StarGANTrainConfig(
    batch_size=8,
    learning_rate=2e-4,
    mapping_rate=2e-4,
    diversity=0.0,
    diversity_steps=9999,
    ema_decay=0.99,
    validation=0.5,
)
held_out = people.split_writers(TRAINING.validation)[1]


# %%
def discriminator_step(trainer):
    def step(batch):
        noise = trainer.normal(TRAINING.batch_size, trainer.config.latent_size)
        style = trainer.networks.map_latent(noise, batch["reference_domain"])
        return trainer.train_discriminator("latent", batch, style)

    return compile_step(step)


# %%
def go_on(preset, watch=lambda trainer, step: None, **changes):  # gives the trainer after so many steps
    start, alone = load(preset), steps(150)
    setup = SPECS["stargan"].make_trainer([people], start.config, replace(TRAINING, **changes), 0)
    setup.trainer.init_weights(start.get_weights())
    take_step = discriminator_step(setup.trainer)
    for batch in setup.stream.batches(0, alone):
        take_step(batch)
    take_step = compile_step(setup.trainer.train_step)
    for step, batch in enumerate(setup.stream.batches(alone, steps(250))):
        watch(setup.trainer, step)
        take_step(batch)
    return setup.trainer


# %% [markdown]
# The film: above the images that are rewritten, on the left in the first rows the references. Each row is one style, by
# reference and then by latent. What is written is to stay as it is; how it is written moves towards the new people, by
# the small steps of a training that began near its end.

# %%
fixed = SPECS["stargan"].make_trainer([people], networks.config, TRAINING, 0).validation_stream.batch(0)
pictures, curves = [], []


def watch(trainer, step):
    if step % max(1, steps(250) // 15) == 0:
        pictures.append(255 - trainer.sample_grid(fixed))
        if step:
            curves.append({name: float(trainer.trackers[name].result()) for name in trainer.trackers} | {"step": step})
        trainer.reset_metrics()  # the metrics are means since the last time


trainer = go_on("stargan-mnist", watch)
film([*pictures, 255 - trainer.sample_grid(fixed)], 0.4, 1.5)

# %%
figure, axes = plt.subplots(1, 4, figsize=(13, 2.6), dpi=80)
for axis, names in zip(axes, (("real", "fake"), ("style",), ("diversity",), ("cycle",)), strict=True):
    for name in names:
        axis.plot([row["step"] for row in curves], [row[f"latent_{name}"] for row in curves], label=name)
    axis.set(title=", ".join(names), xlabel="step", ylim=(0, None))
figure.tight_layout()
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
    show(grids.grid(np.stack([as_glyphs(images), as_glyphs(slopes)]), name, above=sure))

# %% [markdown]
# ## How much of a hand is kept?
#
# Looking is not measuring. For each held-out person there is an *episode*: three random digits are the *support*; the
# others, the *query*, are made of these, and compared with the person's *own* query digits:
#
# - **slant**, **width:height**, **thickness** are measured on the glyphs, less the mean of that digit over everybody.
#   The number is the correlation over people: 1 if those who lean more than others are written leaning more.
# - **legibility**: the share of the digits that `reader62`, a network that took no part in this, reads as meant.
# - **diversity**: how far apart two draws are, over how far apart two real writings of one person are.
#
# Everybody has a nib of their own here, the same in support and query.
#
# A correlation is the mean over people of a product (both traits standardized). So each person has a number of their
# own, and two methods can be compared person by person: the mean of the differences, and its standard error.

# %%
data = EvaluationSet(people, held_out, DIGITS, samples=3)
truth = [episode.query_glyphs for episode in data.episodes]  # each person's own digits
retest = [episode.retest for episode in data.episodes]  # the same digits, written a second time
asked_for = [episode.query_characters for episode in data.episodes]
texts = ["".join(data.characters[index] for index in numbers) for numbers in asked_for]
reader = load("reader62")


def standardized(letters):  # people's traits (people, 3)
    found = np.stack([data.traits(*pair) for pair in zip(asked_for, letters, strict=True)])
    found = found[:, [list(TRAITS).index(trait) for trait in SHOWN]]
    return (found - found.mean(axis=0)) / (found.std(axis=0) + 1e-9)


# %%
def measured(letters, others):  # by person
    products = standardized(letters) * standardized(truth)  # (people, 3), the means are correlations
    again, real = (np.array([difference(a, b) for a, b in zip(x, y, strict=True)]) for x, y in
                   ((letters, others), (truth, retest)))  # fmt: skip
    return {
        "hand": products.mean(axis=1),
        "legibility": legibility(reader, letters, texts),
        "diversity": again / real.mean(),
        **dict(zip(SHOWN, products.T, strict=True)),
    }


def means(rows):
    table([{"": name} | {key: float(np.mean(values)) for key, values in row.items()} for name, row in rows.items()])


# %% [markdown]
# ### By a random style: nothing
#
# This is the way in which the paper makes new pictures, and the only one that the preset has for a person of whom we do
# not have the very letter that we want.


# %%
def method_of(trained):
    return PresetMethod(GlyphPipeline(trained, generation=SPECS["stargan"].generation(trained.config)))


def draws(method):  # everybody's query twice
    return measured(*(method(data, data.episodes, draw) for draw in range(2)))


rows = {
    "the same people, retest": measured(retest, truth),
    "random style, as shipped": draws(method_of(networks)),
    "random style, trained on": draws(method_of(trainer.ema)),
}
means(rows)

# %%
chance = 1 / np.sqrt(len(data.episodes) - 1)
say(f"*hand*: the mean of the three traits. With {len(data.episodes)} people ±{chance:.2f} is chance.")

# %% [markdown]
# ### By a reference: much, if you have the letter
#
# The other way is a reference. If it shows the very character that is wanted, by the same person, nearly everything
# comes over. But then we had the letter already! What if $E$ is shown another character, the 2 that we have, and asked
# in which style its writer would write a 4? The paper never does this, and nothing in its training prepares $E$ for it.


# %%
def by_reference(same):
    def method(data, episodes, draw=0):
        written = []
        for episode in episodes:
            numbers = data.numbers_in(DIGITS)[episode.query_characters]
            given = as_network_input(episode.samples[1][(np.arange(len(numbers)) + draw) % len(episode.support)])
            shown = as_network_input(episode.retest) if same else given
            written.append(networks.translate(given, networks.encode_style(shown, numbers)))
        return [as_glyphs(np.asarray(each)) for each in written]

    return method


# %%
methods = {"reference of the character": by_reference(True), "reference of another": by_reference(False)}
rows |= {name: draws(method) for name, method in methods.items()}
means(rows)

# %%
random, same, other = (rows[name] for name in ("random style, as shipped", *methods))
confirm("A reference keeps more of a hand than a random style", effect(random["hand"], same["hand"]))
confirm("So does one that shows another character", effect(random["hand"], other["hand"]))
confirm("But then fewer letters can be read", effect(other["legibility"], same["legibility"]))

# %% [markdown]
# So the paper's losses *can* keep a hand, where a reference of the right character is there. That is equation 2: the
# style must be readable, and slant, width and thickness are what can be read. For a character that we do not have they
# leave the choice between a legible digit of nobody's hand, and one in the right hand that is broken too often. Here
# are both, for four people:

# %%
few = data.episodes[:4]
kinds = {"random style": method_of(networks), "reference of another": methods["reference of another"]}
cells = [np.concatenate([episode.samples[1][:3], *(kind(data, [episode])[0][:4] for kind in kinds.values()),
                         episode.query_glyphs[:4]]) for episode in few]  # fmt: skip
show(grids.grid(np.stack(cells), "given (3), " + ", ".join(f"{name} (4)" for name in kinds) + ", their own (4)"))

# %% [markdown]
# ### Why
#
# Go through the four losses once more, and ask for each *whose* letter the result must be:
#
# - **adversarial**: it must be a real 4. Anybody's.
# - **style reconstruction**: its style must be $\tilde s$, which came from noise or from somebody else.
# - **diversity**: it must differ from another.
# - **cycle**: it must hold enough to find the way back. That is information, not likeness.
#
# **Nothing in them asks that two letters be by the same person**, and a network does not learn what no loss asks for.
#
# ## What a loss is worth
#
# How does one find out what a loss does? By the same training with it and without it. Equation 3, the diversity: same
# start, same people, same steps, same seed, but $\lambda_{ds} = 1$.

# %%
louder = go_on("stargan-mnist", diversity=1.0)
rows["trained on, with diversity loss"] = draws(method_of(louder.ema))
means({name: row for name, row in rows.items() if "random" in name or "diversity" in name})
without, with_it = (rows[name] for name in ("random style, trained on", "trained on, with diversity loss"))
confirm("With the diversity loss two styles differ more", effect(without["diversity"], with_it["diversity"]))

# %% [markdown]
# ## What mends it: several letters, and a question about the writer
#
# Two things were missing. The first is an **input that can answer**: a random style is nobody's, and a single 2 does
# not say how its writer closes an 8. So the style encoder is shown *several* letters of a person, whichever there are,
# and says in which style their writer would write a $y$. What the trunk finds in each letter is read with the character
# that it shows, and the mean over the letters goes to the head of $y$.

# %%
code(SetStyleEncoder.call)

# %% [markdown]
# The second is a **loss that asks**. Where the data say who wrote what, the discriminator gets a second question about
# the same features: *is this how the writer $w$ writes a $y$?* A real letter of $w$ is a yes; a generated one is a no,
# and so is a real letter when it is ascribed to somebody else, $w'$:
#
# $$\mathcal L_{hand} = \mathbb E[\log H(x, w, y)] + \tfrac12\,\mathbb E[\log(1 - H(G(x,\tilde s), w, \tilde y))] +
# \tfrac12\,\mathbb E[\log(1 - H(x, w', y))]$$
#
# $G$ is to make $H$ say yes. Neither is in the paper.

# %%
code(Discriminator.is_hand, StarGANTrainer.logits_of_another, losses.discriminator_loss)

# %% [markdown]
# `stargan-mnist-hand` is `stargan-mnist` with both: the same sizes, the same data, about as long a training. In
# training the letters shown are the ones of who wrote the image, none of them of the character wanted. Our own hand
# first, three times as published, in three random styles, and once with the style that the encoder finds in the 2, the
# 7 and the 3:

# %%
pair = {name: tfhand.load(name) for name in ("stargan-mnist", "stargan-mnist-hand")}
as_published, with_hand = pair.values()
cells = [*(as_published.glyphs("481", hand, seed=seed) for seed in range(3)), with_hand.glyphs("481", hand)]
beside = ["given", *["stargan-mnist"] * 3, "stargan-mnist-hand"]
show(grids.grid(np.stack([own, *cells]), beside=beside, sources=(1, 0)))

# %%
rows["several letters"] = draws(PresetMethod(with_hand.pipeline))
means({name: row for name, row in rows.items() if "trained" not in name})
mended = rows["several letters"]
confirm("Several letters keep more of a hand than a random style", effect(random["hand"], mended["hand"]))
confirm("More of them can be read than by a reference of another character",
        effect(other["legibility"], mended["legibility"]))  # fmt: skip

# %% [markdown]
# Three traits are not a hand. Two metrics look at all of it: *hand MRR*, for which a verifier network ranks all people
# as writers of the letters (1 is always right; notebook [6](06_how_like_is_it.ipynb)), and *traits over real*, over all
# eight traits. *FID* is the distance of the letters from real ones as a whole.

# %%
evaluator = HandEvaluator([data], reader, load("judge62"), two_sample=False)
compared = {"random style": method_of(networks), "reference of another": methods["reference of another"]}
comparison = evaluator.compare(compared | {"several letters": PresetMethod(with_hand.pipeline)}, samples=3)
metrics = ("legibility", "hand MRR", "traits over real", "FID")
table([{"": row.name} | {metric: row.metrics[metric] for metric in metrics} for row in comparison.rows])
say(f"By chance hand MRR would be {evaluator.chance()['hand MRR']:.2f}.")

# %% [markdown]
# ### Which of the two does it?
#
# The pair differs in both changes, so the figures speak for both together. The letters can be tested here: show the
# encoder fewer of them (exercise 2). The question cannot, in minutes: a few hundred steps more, with weights that have
# learned a hand already, say little of how they came to learn it. A fair test would train from noise, for hours, with
# several letters and without the question. What can be said is this: the paper's encoder, to which nobody puts the
# question, has no reason to get *another* letter right, and above it broke too many.

# %% [markdown]
# ## Where it goes from here
#
# Synthetic people are easy: they lean more or less, and that is much of them. The library keeps a long measurement on
# 32 *real* people whom none of these presets ever saw, in `docs/evaluation/same-writer`, with `hand62` besides, a
# preset that goes on from here. (The last row are letters of somebody else: a method must do better than that.)

# %%
with open("../docs/evaluation/same-writer/metrics.csv", encoding="utf-8", newline="") as file:
    lasting = {row["letters"]: row for row in csv.DictReader(file)}
lasting["hand62"] = lasting.pop("written letters")
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
# ## Exercises
#
# **1. Which loss ties the result to the image?** $G$ gets an image and a style. Rewrite one image in the styles of many
# references, and many images in one style: by which do the results differ more? Use `stargan-mnist` as it is.

# %% jupyter={"source_hidden": true} tags=["solution"]
given = as_network_input(np.stack([episode.query_glyphs[0] for episode in data.episodes]))
fours = np.full(len(given), 4, np.int32)
latents = np.random.default_rng(0).standard_normal((len(given), networks.config.latent_size), np.float32)
styles = np.asarray(networks.map_latent(latents, fours))
one_image = as_glyphs(np.asarray(networks.translate(np.repeat(given[:1], len(given), axis=0), styles)))
one_style = as_glyphs(np.asarray(networks.translate(given, np.repeat(styles[:1], len(given), axis=0))))
show(grids.grid(np.stack([one_image[:8], one_style[:8]]), beside=["one image, many styles", "many images, one style"]))
by_style, by_image = ([difference(a[None], b[None]) for a, b in zip(x[1:], x, strict=False)] for x in
                      (one_image, one_style))  # fmt: skip
confirm("The style decides more than the image", effect(by_image, by_style))
assert len(by_style) == len(given) - 1

# %% [markdown]
# **2. How many letters does it take?** `stargan-mnist-hand` sees three letters above. Show it one letter of each person
# only, and measure what is lost.

# %% jupyter={"source_hidden": true} tags=["solution"]
single = EvaluationSet(people, held_out, DIGITS, samples=3)
single.episodes = [replace(one, support=np.repeat(one.support[:1], 2)) for one in data.episodes]  # the same one twice
letters = PresetMethod(with_hand.pipeline)(single, single.episodes)
from_one = (standardized(letters) * standardized(truth)).mean(axis=1)
say(f"From one letter {from_one.mean():.2f}, from three {mended['hand'].mean():.2f}.")
confirm("Three letters tell more of a hand than one", effect(from_one, mended["hand"]))
assert all(len(set(episode.support.tolist())) == 1 for episode in single.episodes)

# %% [markdown]
# ## What we learned
#
# - StarGAN v2 rewrites a picture. $G$ takes an image and a style; $F$ makes styles of noise, $E$ reads them off
#   references, $D$ decides whether it is real, with one output for each character.
# - Four losses: be real (1), let the style be read back (2), let styles differ (3), find the way back (4); and R1.
# - A random style is nobody's. A reference carries the hand over, but it must show the very letter that is wanted;
#   another letter brings the hand and breaks the digit.
# - None of the four losses asks that two letters be by one person. Two changes do: an encoder that sees several
#   letters, and a discriminator that is asked about the writer.
# - What a loss is worth is seen by leaving it out: same start, same steps, same seed, and a difference measured person
#   by person beside its standard error.
#
# **Try this**
#
# - Use your own photo: put it in place of `../examples/sample.jpg`, and what it says in place of `"quick fox 273"`.
# - Go on for ten times as many steps. Which differences grow, and which go away?
# - Switch off the cycle (`go_on("stargan-mnist", cycle=0.0)`). How does slant change, and why not legibility?
# - Rewrite our three digits by reference to your own 4, 8 and 1 in place of the synthetic writers'. Which traits come
#   over?

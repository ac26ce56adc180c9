# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 3. StyleGAN: a letter drawn layer by layer, in a style
#
# **Who this is for.** Anyone who knows Python, a little Keras, and what a conditional GAN is: a generator that draws a
# character from random numbers, and a discriminator that says whether it looks real (notebook
# [2](02_conditional_gan.ipynb) builds one).
#
# **What you will be able to do**
#
# - say what each piece of StyleGAN and StyleGAN2 is for, and find its equation in the code;
# - recompute one of its layers with NumPy, and train a small StyleGAN;
# - find out what each layer of a trained one governs, mix styles, and trade variety for legibility;
# - project real letters into it, and choose between pixels and a perceptual distance by measuring;
# - show why styles of real letters cannot simply be recombined, and how it can be done.
#
# **How long it takes.** Four minutes to run on two free cores, about a minute shortened
# (`TFHAND_NOTEBOOK_STEPS=2`); an hour to read. No GPU, no download.
#
# Before it comes [2, the conditional GAN](02_conditional_gan.ipynb), after it [4, StarGAN v2](04_stargan_v2.ipynb).

# %%

import keras
import matplotlib.pyplot as plt
import numpy as np
import PIL.Image
from course import code, confirm, effect, film, say, show, slide, steps, table
from numpy.lib.stride_tricks import sliding_window_view

from tfhand import scan
from tfhand.core.pictures import read_picture
from tfhand.data import sources, synthetic
from tfhand.evaluation.evaluation_set import blurred
from tfhand.evaluation.hand_evaluator import legibility

# %%
from tfhand.evaluation.recombination import Recombined
from tfhand.hands.glyph import as_glyphs, as_network_input
from tfhand.metrics import TRAITS
from tfhand.models import registry
from tfhand.models.pipeline import GlyphPipeline
from tfhand.models.stylegan import projection
from tfhand.models.stylegan.config import SPACES, StyleGANConfig, StyleGANTrainConfig
from tfhand.models.stylegan.discriminator import SameWriterDiscriminator
from tfhand.models.stylegan.networks import NoiseMapping, StyleAdapter, StyleGAN, StyleGenerator
from tfhand.models.stylegan.people_trainer import PeopleTrainer
from tfhand.models.stylegan.projection import distance, project
from tfhand.models.stylegan.trainer import StyleGANTrainer

# %%
from tfhand.nn.equalized import EqualizedDense
from tfhand.nn.modulated import ModulatedConvolution
from tfhand.synthesis.synthesizer import Synthesizer
from tfhand.training.backend.runtime import feed
from tfhand.visualization import gan_figures
from tfhand.visualization.grids import add_margin, alphabets, arrange, grid

# %% [markdown]
# ## The idea
#
# The generators of notebook 2 take everything in at one end: the character and some noise $z$ go into the first layer,
# and nobody can say how later layers use them. Karras, Laine and Aila (2019, [arXiv
# 1812.04948](https://arxiv.org/abs/1812.04948)) turned that round. Their generator begins with a constant, and is told
# at *every* layer how to draw. This input is called a **style**. Because each layer has its own, one can change the
# coarse features of a picture and leave the fine ones, or the other way round. A year later the same group found the
# cause of the blots in its pictures, and rebuilt the layers (StyleGAN2, Karras et al. 2020, [arXiv
# 1912.04958](https://arxiv.org/abs/1912.04958)). That second form, with a character for each image, is what
# `tfhand/models/stylegan/networks.py` holds:
#
# ![Noise and a character go into the mapping network; its style w goes into the layers of every size, from a constant
# of 4 by 4 up to 32 by 32 pixels, and each size adds its ink to the letter](diagrams/stylegan.svg)
#
# We take it apart piece by piece with a network that has been trained already, `stylegan62` (62 characters, real
# handwriting), then train a small one, and then examine the large one. `reader62` will measure legibility: a classifier
# of characters that no generator ever learned from. `features62` is a smaller classifier, for later.

# %%
networks, reader, features = (registry.load(name) for name in ("stylegan62", "reader62", "features62"))
config = networks.config
rng = np.random.default_rng(0)
keras.utils.set_random_seed(0)
say(
    f"`stylegan62`: noise z of {config.latent_size} numbers, style w of {config.style_size} numbers, "
    f"{networks.layer_count} layers of styles, {networks.count_params():,} weights (with an encoder, for later)."
)


# %%
def numbers(text):
    return np.array([config.characters.index(character) for character in text], np.int32)


z = rng.standard_normal((12, config.latent_size), np.float32)
rows = [gan_figures.draw(networks, gan_figures.random_styles(networks, z, c, 0.7), c * len(z)) for c in "agR2"]
show(add_margin(grid(np.stack(rows), "twelve random hands in columns", beside="agR2")))

# %% [markdown]
# Each column is one random $z$, written as four characters: people who do not exist. That is what 60,000 steps of 32
# to 48 letters taught the network (its card tells of them). How does it work?

# %% [markdown]
# ## 1. The mapping network: from chance to a hand
#
# Noise $z \sim \mathcal N(0, I)$ is a ball, equally dense in all directions. Hands are not like that: some habits go
# together, and others nobody combines. A generator that is fed $z$ itself must bend the ball into the shape of what
# people do, and then a straight step in $z$ no longer means one thing (2019, section 4, figure 6). So a small network
# does the bending first:
#
# $$ w = f(z, c) $$
#
# with the character $c$ going in beside $z$. $w$ need not follow any given distribution; the pieces of a hand can come
# to lie along straight lines in it. $z$ is first scaled to a fixed length, and the mapping network learns a hundred
# times more slowly than the rest (2019, appendix C; `MAPPING_RATE`), for whatever it does changes every picture.

# %%
code(NoiseMapping)

# %% [markdown]
# There are two ways here for the character to come in. *Jointly*, as published for classes of pictures: $z$ and a
# vector for the character go through the network together, and each character may arrange its hands in its own way. Or
# as a *sum*: $w = f(z) + e_c$. Then a hand is the same shift $f(z)$ for all characters, and that is what somebody needs
# who wants to carry a hand from the letters that were written to those that were not. `stylegan62` was trained with the
# sum.

# %% [markdown]
# ## 2. The generator: a learned constant, and a style for every layer
#
# The picture begins as a map of 4 x 4 pixels with many channels that is the same in every picture: learned, but not
# computed from anything. Nothing random comes in at the bottom, so all that makes one picture differ from another must
# come through the styles. As published there is one constant; `stylegan62` has one for
# each character, so that the style need not say which letter it is.
#
# Then the map is doubled and convolved, 4, 8, 16, 32 pixels, and at each size a 1 x 1 convolution, the layer `ToImage`
# (the paper's tRGB), reads off what that size adds to the picture: the *skip* generator of StyleGAN2 (section 4.1,
# figure 7b).

# %%
code(StyleGenerator.call)

# %% [markdown]
# The `adapter` in it is not in the papers. A hand is one vector, the same for all characters; what it asks of an *a* is
# not what it asks of an *R*: a loop here, a serif there. So before the layers see a style, a small network bends it to
# the character. It changes nothing at first (`strength` begins at 0), so a network that draws already can be given one.

# %%
code(StyleAdapter.call)

# %% [markdown]
# Styles are counted from 0. Layer 0 works at 4 x 4 pixels, 1 and 2 at 8 x 8, 3 and 4 at 16 x 16, 5 and 6 at 32 x 32.
# The ink of each size shares its style with the first layer of the next size, and the last ink has style 7 to itself.
# **w** means one style, given to all eight; **w+** means eight styles, one for each.
#
# `fade` says how much of each size's ink is shown. The slider adds one size after the other:

# %%
shown = "aR28"


def up_to(side):
    """Four characters with the ink of the sizes up to this one alone."""
    fade = np.array([4 * 2**size <= side for size in range(4)], np.float32)
    drawn = networks.synthesize(networks.means(numbers(shown)), numbers(shown), None, fade)
    return grid(as_glyphs(np.asarray(drawn)).reshape(2, 2, 32, 32))


slide(up_to, [4, 8, 16, 32], "up to ... pixels")

# %% [markdown]
# ## 3. A convolution that a style controls
#
# How does a style tell a layer what to do? In the first StyleGAN every channel of the map was brought to mean 0 and
# variance 1, then scaled and shifted by the style (*AdaIN*, 2019, equation 1). That forgets how strong the channels
# were relative to each other, and the generator had learned to smuggle that past it with blots, of which no picture was
# free (2020, section 2.1). StyleGAN2 scales the *weights* of the convolution instead, and normalises by what the
# scaling is expected to do, not by what is in the picture. With input channels $i$, output channels $j$ and places $k$
# in the kernel (2020, section 2.2):
#
# $$ w'_{ijk} = s_i \, w_{ijk} \qquad (1) $$
# $$ \sigma_j = \sqrt{\textstyle\sum_{i,k} {w'_{ijk}}^2} \qquad (2) $$
# $$ w''_{ijk} = w'_{ijk} \Big/ \sqrt{\textstyle\sum_{i,k} {w'_{ijk}}^2 + \epsilon} \qquad (3) $$
#
# $s$ is a learned linear function of the style ("A" in the paper's figures, `affine` here). (1) is **modulation**:
# which of the incoming features count. (3) is **demodulation**: inputs of variance 1 give outputs of variance 1 again.

# %%
code(ModulatedConvolution.call)

# %% [markdown]
# The code never makes $w''$: every picture of a batch would need a kernel of its own. It scales the *input* by $s$ and
# the *output* by $1 / \sigma$, with one kernel for all. Convolution is linear, so that is the same thing. Here is one
# layer computed by hand, as the three equations have it, beside the library's.

# %%
convolution = networks.generator.styled[2].convolution  # at 8 x 8 pixels
style = networks.map(z[:1], numbers("a"))
x = rng.standard_normal((1, 8, 8, convolution.kernel.shape[2]), np.float32)

kernel = np.asarray(convolution.kernel * convolution.gain)  # w, (3, 3, i, j)
s = np.asarray(convolution.affine(style))[0]  # (i,)
modulated = s[:, None] * kernel  # (1)
demodulated = modulated / np.sqrt(np.square(modulated).sum(axis=(0, 1, 2)) + 1e-8)  # (3)

windows = sliding_window_view(np.pad(x[0], ((1, 1), (1, 1), (0, 0))), (3, 3), axis=(0, 1))  # (8, 8, i, 3, 3)
by_hand = np.einsum("hwiab,abij->hwj", windows, demodulated)
by_layer = np.asarray(convolution(x, style))[0]

# %%
louder = 10 * modulated / np.sqrt(np.square(10 * modulated).sum(axis=(0, 1, 2)) + 1e-8)
unscaled = np.einsum("hwiab,abij->hwj", windows, modulated)
say(
    f"The results have a standard deviation of {by_layer.std():.2f}, and by hand and by the layer they differ by "
    f"{np.abs(by_hand - by_layer).max():.0e} at most. Without demodulation it would be {unscaled.std():.2f}. With $s$ "
    f"ten times as large, the demodulated weights change by {np.abs(louder - demodulated).max():.0e} at most: a style "
    "can say *which* features count, not how loud the layer is."
)

# %% [markdown]
# ## 4. Equalised learning rate
#
# Look again at `self.kernel * self.gain`: the weights are kept at $\mathcal N(0, 1)$ and made small each time they are
# used (Karras et al. 2018, [arXiv 1710.10196](https://arxiv.org/abs/1710.10196), section 4.1):
#
# $$ \hat w = g \, w, \qquad g = 1 / \sqrt{n_\mathrm{in}} $$
#
# where $n_\mathrm{in}$ is the number of inputs that are summed up. Adam moves every weight by about the learning rate,
# whatever its gradient; in a usual layer, whose weights are drawn small, such a step is large beside the weights of a
# wide layer, which is shaken while narrow ones hardly move.

# %%
code(EqualizedDense.call)

# %% [markdown]
# With the scaling all layers learn at one pace. The mapping network's slower pace, `rate=0.01`, is made in the same
# way.
#
# (The paper gives every layer fresh *noise* as well, one number a pixel, for details that are nobody's doing: hair,
# pores. A glyph of 32 pixels, cut out and cleaned, has hardly any; everything here is drawn without it.)

# %% [markdown]
# ## 5. Additions to the training
#
# The two networks play the game of notebook 2, with the same loss, the same comparison of several letters, and R1
# *lazily*, at every 16th step, as there. StyleGAN2 adds two things. To have something to show them on, here is a small
# StyleGAN for digits of 16 x 16 pixels, and the data it will learn from.

# %%
sizes = StyleGANConfig(
    "0123456789", image_size=16, latent_size=32, style_size=48, mapping_width=48, mapping_depth=3, mapping="sum",
    constants="by_character", generator_widths=(48, 32, 24), discriminator_widths=(16, 24, 40),
    discriminator_features=64, encoder_widths=(8, 16, 24), encoder_features=48, character_size=16,
)  # fmt: skip
train_config = StyleGANTrainConfig(
    batch_size=32, encoder_batch=4, vary=False, augment_target=0.0, learning_rate=3e-3,
    discriminator_learning_rate=3e-3, ema_decay=0.99,
)  # fmt: skip
real_people = sources.is_downloaded("mnist")
archive = sources.load("mnist") if real_people else synthetic.archive(400, 3, characters=sizes.characters)
setup = registry.SPECS["stylegan"].make_trainer([archive], sizes, train_config, 0)
trainer, batch = setup.trainer, setup.stream.batch(0)
show(grid(as_glyphs(batch["image"]).reshape(4, 8, 16, 16)))

# %% [markdown]
# ### Path length regularisation
#
# A step of a given length in $w$ should change the picture by a given amount, wherever one stands and whichever way one
# goes. Then styles can be interpolated evenly, and, which will matter here, a picture can be found by going downhill in
# $w$. With $J_w = \partial g(w) / \partial w$ and random images $y$ of normal noise (2020, section 3.2, equation 4):
#
# $$ \mathbb E_{w, \, y \sim \mathcal N(0, I)} \big( \lVert J_w^{\mathsf T} y \rVert_2 - a \big)^2 $$
#
# $a$ is the running mean of the lengths themselves: no length is prescribed, only that they be the same.
# $J_w^{\mathsf T} y$ is simply the gradient of $g(w) \cdot y$ by $w$. This one too is lazy, every 8th step, on half a
# batch.

# %%
code(StyleGANTrainer._lazy_path_length)

# %% [markdown]
# ### Style mixing
#
# If all layers always get the same $w$, they come to rely on it, and a picture whose layers are styled by two hands is
# something the generator has never had to draw. So in training most images are: two hands, changing at a random layer
# (2019, section 3.1). With $l$ the layer and $L$ the crossover,
#
# $$ w_l = f(z_1) \;\text{ for } l < L, \qquad w_l = f(z_2) \;\text{ for } l \ge L . $$

# %%
code(StyleGANTrainer._mixed_styles)
code(StyleGAN.mix)

# %% [markdown]
# ### The small one, trained while you watch
#
# Everything above is in `StyleGANTrainer.optimize`. In the film the averaged networks (EMA, notebook 2) write the ten
# digits, each row in one random hand.

# %%
TRAINING, frames = steps(1500), []


def after(number, logs):
    if (number + 1) % max(1, TRAINING // 20) == 0:
        frames.append(255 - trainer.sample_grid({"character": np.arange(10)})[:72])


# %%
watching = keras.callbacks.LambdaCallback(on_train_batch_end=after)
trainer.compile()
trainer.fit(feed(setup.stream, 0, TRAINING), callbacks=[watching])
film(frames, zoom=2)

# %%
hands, digits = rng.standard_normal((100, sizes.latent_size), np.float32), np.tile(np.arange(10, dtype=np.int32), 10)
drawn = as_glyphs(trainer.ema(hands, digits, np.zeros((1, sizes.noise_size))))
large = np.stack([np.asarray(PIL.Image.fromarray(each).resize((32, 32))) for each in drawn])
read = legibility(reader, [large], ["0123456789" * 10])[0]
say(f"After {TRAINING:,} steps of 32 letters {100 * read:.0f} % of the digits are read as meant.")

# %% [markdown]
# That is a short training of a small network. `python -m tfhand.fit stylegan --data ...` does the same for hours, with
# checkpoints and your own data, and that is how `stylegan62` was made.
#
# Two things came later in its training that the papers do not have. With $w = f(z) + e_c$ one $z$ *can* be one
# person in all characters, but nothing above asks for it: the discriminator accepts a hand that leans in an *a* and
# stands upright in an *R*. So `--same-writer` asks besides "is it a real *a*?" also "are these letters by one person?",
# which letters of one $z$ should pass for, and real letters of two people must not:

# %%
code(SameWriterDiscriminator)

# %% [markdown]
# And nothing above shows the generator whose letters are whose. So for a part of a batch, a third to five sixths
# (`--encoded`), the hand is not random: the encoder finds it in up to eight letters of a person, and what is drawn in
# it is held against *other* letters of that person: by blurred pixels, by a network that knows people by their letters
# (`likeness`), and by the question above. A code must tell, too, how that network knows the person (`recognition`), and
# codes of people and of noise are pulled together, so that random hands remain hands (`population`):

# %%
code(PeopleTrainer._people_terms)

# %% [markdown]
# From here on we examine `stylegan62`.

# %% [markdown]
# ## 6. The part of each layer
#
# Take a hand, and replace its style at *one* layer by that of another hand. Then see what changes.

# %%
text, hands = "aegkR258", steps(12)
word = "".join(character * hands for character in text)
latents = rng.standard_normal((2, hands, config.latent_size), np.float32)
first, second = (np.concatenate([gan_figures.random_styles(networks, z, c, 0.7) for c in text]) for z in latents)
swapped = {"first": gan_figures.draw(networks, first, word)}
for layer in range(networks.layer_count):
    styles = first.copy()
    styles[:, layer] = second[:, layer]
    swapped[f"{layer}"] = gan_figures.draw(networks, styles, word)
swapped["second"] = gan_figures.draw(networks, second, word)

# %%
some = np.array([at * hands + hand for at in (0, 4, 5) for hand in range(min(hands, 2))])
cells = np.stack([glyphs[some] for glyphs in swapped.values()], axis=1)
show(add_margin(grid(cells, "the second hand's style in layer ... alone", list(swapped))))

# %% [markdown]
# In numbers: how far each trait, and each pixel, moves when one layer is swapped, as a share of how far it moves when
# all are. Curvature and holes are touchy: the slightest fraying moves them, whatever the layer.

# %%
names = ("slant", "width:height", "thickness", "length", "curvature", "holes")
before = {name: TRAITS[name](swapped["first"]) for name in names}
moves = {key: [np.abs(TRAITS[name](glyphs) - before[name]).mean() for name in names] for key, glyphs in swapped.items()}
for key, glyphs in swapped.items():
    moves[key].append(np.abs(glyphs.astype(float) - swapped["first"]).mean())
shares = np.array([moves[key] for key in swapped])[1:-1] / np.maximum(moves["second"], 1e-9)  # (layers, 7)

# %%
plt.figure(figsize=(6.5, 3.6), dpi=90)
plt.imshow(shares, cmap="Greys", vmin=0, vmax=1, aspect="auto")
for layer, row in enumerate(shares):
    for at, share in enumerate(row):
        plt.text(at, layer, f"{100 * share:.0f}", ha="center", va="center", color="white" if share > 0.6 else "black")
plt.xticks(range(7), [*names, "pixels"], fontsize=8)
plt.yticks(range(8), [f"{layer} ({min(4 * 2 ** ((layer + 1) // 2), 32)} px)" for layer in range(8)])
plt.ylabel("layer swapped")
plt.title("% of what swapping all eight moves", fontsize=10)
plt.show()

# %% [markdown]
# In the faces of the paper (2019, section 3.1, figure 3) coarse layers govern the pose, fine ones colour. A letter's
# shape should be settled early, and how broad and black the line is, late (exercise 1). The shares of a column need not
# add up to 100: what one layer moves, another may move back.

# %% [markdown]
# ## 7. Style mixing
#
# Now half of the layers, the grid of the paper's figure 3: at the left the hands that give the coarse layers, above
# those that give the fine ones. The slider moves the crossover: above its layer the fine hands take over.

# %%
size = steps(4)
coarse, fine = (gan_figures.random_styles(networks, z[:size], "R", 0.7) for z in latents)


def crossed_at(crossover):
    return gan_figures.mixing(networks, gan_figures.Sources("R", coarse), fine, crossover)


slide(crossed_at, [2, 4, 6], "crossover")

# %% [markdown]
# Since training did the same, hardly a mixture falls apart: all are letters that some hand might write. (`python -m
# tfhand.mix stylegan62` makes such grids of any characters, and of your own letters.)

# %% [markdown]
# ## 8. Truncation: variety for legibility
#
# Odd hands are rare in the data, so the generator has learned them less well. They lie far from the middle. Pulling
# every style towards the mean avoids them (2019, appendix B):
#
# $$ w' = \bar w + \psi \, (w - \bar w), \qquad \bar w = \mathbb E_z f(z) $$
#
# $\psi = 1$ changes nothing, 0 leaves the mean letter alone. With characters the mean is that of each character, or
# all would become one letter: `StyleGAN.truncate`.

# %%
code(StyleGAN.truncate)
several = rng.standard_normal((10, config.latent_size), np.float32)


def truncated(psi):
    drawn = gan_figures.draw(networks, gan_figures.random_styles(networks, several, "R", psi), "R" * len(several))
    return grid(drawn.reshape(2, 5, 32, 32))


slide(truncated, [0.0, 0.4, 0.7, 1.0, 1.3], "ψ")

# %% [markdown]
# How large are the loss and the gain? For thirteen characters in sixteen hands we measure the share that the reader
# reads as meant, and the variety: how much a pixel of one character differs from hand to hand, with softened strokes.

# %%
text, z = "aeghknsRGH258", rng.standard_normal((2 * steps(8), config.latent_size), np.float32)
read, variety = {}, {}  # by character
for psi in gan_figures.PSI:
    drawn = [gan_figures.draw(networks, gan_figures.random_styles(networks, z, c, psi), c * len(z)) for c in text]
    read[psi] = 100 * legibility(reader, drawn, [c * len(z) for c in text])
    variety[psi] = [blurred(glyphs).std(axis=0).mean() for glyphs in drawn]

# %%
confirm("Letters vary less at ψ = 0.7 than at 1, in grey levels", effect(variety[0.7], variety[1.0]))
confirm("More are read at ψ = 0.7 than at 1.3, in %", effect(read[1.3], read[0.7]))

# %% [markdown]
# ## 9. A walk from hand to hand
#
# $z$ goes once round a circle through two random hands and back, and all letters of the word follow it. Does every step
# look like somebody's hand?

# %%
film(list(gan_figures.walk(networks, "Hand273", 0.7, 3, 8 * steps(3))), seconds=0.2)

# %% [markdown]
# ## 10. Projection: real letters into the network
#
# The other way round now. Here is a photo of a line that somebody wrote ("quick fox 273"). Which style draws each of
# these letters? If the network can draw a letter at all, going downhill will find out: with the networks frozen, the
# style is what is trained (2020, section 5 and appendix D).
#
# $$ w^* = \arg\min_{w, \, n} \; D\big(g(w, n), x\big) + \lambda \, L_\mathrm{noise}(n) $$
#
# $D$ is a distance of two pictures; $L_\mathrm{noise}$ keeps the noise maps $n$, which are searched as well, noise. The
# search begins at what an encoder suggests, and with random noise on $w$, so that it does not stop at the next hollow.

# %%
code(projection._search)

# %% [markdown]
# Three spaces to search in: **w**, one style for each letter, as the mapping network would make it; **w+**, a style for
# each of its layers, eight times as many numbers; and **one hand for all**: a single shift from the characters' mean
# styles that must serve all eleven letters, $w_c = \bar w_c + h$. And two distances:
#
# - **MSE**, the mean square of the differences of pixels;
# - the **perceptual** distance: both pictures go through a trained classifier, and its inner features are compared
#   (LPIPS, Zhang et al. 2018, [arXiv 1801.03924](https://arxiv.org/abs/1801.03924), equation 1). The usual LPIPS has a
#   network for photographs of 224 pixels, which is of little use at 32. Ours is `features62`, which reads letters. It
#   is not the reader that measures the result.
#
# The letters are a synthetic writer's, so that nobody's hand has to be published; *real* means here that no network
# drew them.

# %%
code(distance)

# %%
photo = read_picture("../examples/sample.jpg")
show(np.asarray(PIL.Image.fromarray(photo).resize((photo.shape[1] // 3, photo.shape[0] // 3))))
hand = scan.read_line("../examples/sample.jpg", says="quick fox 273")
text, glyphs = Synthesizer(GlyphPipeline(networks)).samples(hand)
which, letters = numbers(text), as_network_input(glyphs)

# %%
found = {}
for space in SPACES:
    count = steps(40 if space == "hand" else 150)
    for name in ("mse", "perceptual"):
        found[space, name] = project(networks, letters[None], which[None], space, distance(name, features), steps=count)

# %%
rows = [glyphs, *(as_glyphs(each.images[0]) for each in found.values())]
captions = ["real", *(f"{space} {name}" for space, name in found)]
show(alphabets(np.stack(rows), text, captions, sources=(1, 0)))

# %% [markdown]
# And in numbers. *Slant off* and *thickness off* are how far these two traits are from the real letter's, on average:
# neither distance measures them, and the reader had no part in either, so these three columns are the neutral ones.

# %%
rows = []
names = ("MSE", "perceptual distance", "reading", "slant off", "thickness off (px)")
for key, each in found.items():
    drawn = as_glyphs(each.images[0])
    off = [np.abs(TRAITS[name](drawn) - TRAITS[name](glyphs)).mean() for name in ("slant", "thickness")]
    errors = [float(np.mean(distance(name, features)(each.images[0], letters))) for name in ("mse", "perceptual")]
    values = *errors, legibility(reader, [drawn], [text])[0], *off
    figures = {name: f"{value:.3f}" for name, value in zip(names, values, strict=True)}
    rows.append({"projection": " ".join(key)} | figures)
table(rows)

# %%
errors = {space: np.square(found[space, "mse"].images[0] - letters).mean(axis=(1, 2, 3)) for space in ("w", "w+")}
confirm("A letter is drawn more closely in w+ than in w (MSE)", effect(errors["w+"], errors["w"]))

# %% [markdown]
# Each has a weakness. A thin line that lies beside the real one touches its pixels nowhere, so a search by pixels can
# end in a local minimum, above all in w. And a network that was trained to name the character has learned to ignore how
# two people's writing of it differs: the hand. For 34 people the same was measured with the sum of both distances
# ([the table](../docs/evaluation/stylegan62/reconstruction.csv)), which `python -m tfhand.project` takes unless another
# is named.

# %% [markdown]
# ## 11. Recombination: why the naive way falls apart
#
# Style mixing joined the coarse layers of one hand to the fine layers of another, and it worked. So one would hope to
# write the letters that are not on the photo with the styles of those that are, found above in w+, where they are drawn
# best. Put them together: coarse layers of one letter, fine layers of another. Rows below give the character, its
# constant and the coarse layers; columns the fine ones; on the diagonal nothing is exchanged.

# %%
own = {space: found[space, "mse"].styles[0] for space in ("w", "w+")}  # (11, layers, style_size)
means = np.asarray(networks.means(which))[:, None]
count, layers = len(text), networks.layer_count
coarse, fine = (each.ravel() for each in np.mgrid[:count, :count])
crossed = {}
for space, styles in own.items():
    raw = networks.mix(styles[coarse], styles[fine], layers // 2)
    shift = means[coarse] + networks.mix((styles - means)[coarse], (styles - means)[fine], layers // 2)
    for way, mixed in (("as they are", raw), ("less their means", shift)):
        crossed[space, way] = gan_figures.draw(networks, np.asarray(mixed), [text[at] for at in coarse])

# %%
part, pictures = [text.index(c) for c in "237fkqx"], []
for way in ("as they are", "less their means"):
    cells = crossed["w+", way].reshape(count, count, *glyphs.shape[1:])[np.ix_(part, part)]
    pictures.append(grid(cells, f"w+, {way}", [text[at] for at in part], [text[at] for at in part]))
show(add_margin(arrange(pictures, across=2)), 0.8)

# %%
off, rows, by_letter = coarse != fine, [], {}
for key, drawn in crossed.items():
    sets = [drawn[(coarse == row) & off] for row in range(count)]
    by_letter[key] = 100 * legibility(reader, sets, [text[row] * (count - 1) for row in range(count)])
    kept = 100 * legibility(reader, [drawn[~off]], [text])[0]
    head = {"space": key[0], "fine layers exchanged": key[1]}
    rows.append(head | {"read: own fine layers": f"{kept:.0f} %", "read: another's": f"{by_letter[key].mean():.0f} %"})
table(rows)
left, right = (by_letter["w+", way] for way in ("as they are", "less their means"))
say(
    f"In w+ exchanging only the departures changes the share that is read by {effect(left, right)} points (11 letters)."
)

# %% [markdown]
# Constant and coarse layers decide most of a letter here, so many of these can be read; but look at the f and the q, at
# blots and doubled lines. They have two causes:
#
# 1. A style does not hold the hand alone; it holds the character too ($w = f(z) + e_c$). The fine layers of an x bring
#    something of the x along. At the right only the *departures from the mean style of each character* were exchanged:
#    the first half of the remedy. (What happens where *all* layers are another character's, the row *raw* below shows.)
# 2. In w all eight styles of a letter are one, as the mapping network would make it, and training has practised mixing
#    two such. In w+ each layer was free to go where it liked, as long as all eight together drew the letter. They are
#    no longer one hand's style; taken apart, they need not mean anything.
#
# The second can be measured. How far are the eight layers of one letter from each other, and from the mean, beside how
# far random hands are? And do the departures of one person's letters point the same way at all?

# %%
z = rng.standard_normal((200, config.latent_size), np.float32)
usual = np.linalg.norm(np.asarray(networks.map(z, np.repeat(which[:1], 200))) - means[0], axis=1).mean()
rows = []
for space, styles in own.items():
    offsets = styles - means  # (11, layers, style_size)
    between = np.linalg.norm(offsets - offsets.mean(axis=1, keepdims=True), axis=2).mean()
    single, common = np.linalg.norm(offsets, axis=2).mean(), np.linalg.norm(offsets.mean(axis=0), axis=1).mean()
    flat = offsets.reshape(count, -1) / np.linalg.norm(offsets, axis=(1, 2))[:, None]
    cosine = (flat @ flat.T)[~np.eye(count, dtype=bool)].mean()
    row = {"space": space, "departure / a random hand's": single / usual, "between layers / the same": between / usual}
    rows.append(row | {"cosine between letters": cosine, "mean / single": common / single})

# %%
table(rows)
say(f"The mean of {count} departures with nothing in common has {1 / np.sqrt(count):.2f} of a single one's length.")

# %% [markdown]
# The cosine is the crux. If a letter's departure were this person's hand, it would be the same for all their letters,
# cosine 1. In fact it mostly holds how *this* letter lies. The part that the letters have in common remains when one
# takes the mean: what belongs to single letters averages out, and what belongs to the person stays, as far as it was
# there. With $K$ letters $i$ of the characters $c_i$, at every layer $l$:
#
# $$ h_l = \frac{1}{K} \sum_i \big( w^+_{il} - \bar w_{c_i} \big), \qquad
# w^+_{cl} = \bar w_c + h_l \;\text{ for any character } c . $$
#
# That is the second half of the remedy, and all of `Recombined`:

# %%
code(Recombined.__call__)

# %% [markdown]
# Now all the characters that are *not* on the photo, four ways from the same projected styles (`w+ mse`): the mean
# letter, which knows nothing of the person; the styles of the samples carried over raw, one after the other; the naive
# way, fine layers of a sample beside the coarse layers of the mean; the careful way. And a fifth, `hand62`, which is no
# StyleGAN: its encoder was trained to find a hand from a few letters, its search moves one code for all of them
# (notebook 5).

# %%
wanted = "".join(character for character in config.characters if character not in text)
base, turns = np.asarray(networks.means(numbers(wanted))), np.arange(len(wanted)) % count
departure = (own["w+"] - means).mean(axis=0)  # h, (layers, style_size)
ways = {
    "mean": networks.layered(base),
    "raw": own["w+"][turns],
    "naive": networks.mix(base, own["w+"][turns], layers // 2),
    "careful": base[:, None] + departure,
}
written = {way: gan_figures.draw(networks, np.asarray(styles), wanted) for way, styles in ways.items()}

# %%
hand62 = GlyphPipeline.from_preset("hand62").with_steps(steps(40))  # of the search for the code
person = hand62.codes(glyphs[None], hand62.numbers(text)[None])  # (1, code_size)
quiet = np.zeros((len(wanted), hand62.writer.noise_size), np.float32)
written["hand62"] = hand62.write(np.repeat(person, len(wanted), axis=0), hand62.numbers(wanted), quiet)
show(alphabets(glyphs[None], text, ["the samples"]), 0.8)
show(alphabets(np.stack(list(written.values())), wanted, list(written)), 0.8)

# %% [markdown]
# Read by `reader62`, and measured: how far slant, proportions and weight of the line are from those of the mean letters
# of the same characters. The difference that the samples show should be carried over to the rest; where a row is near
# nought, nothing was.

# %%
names = ("slant", "width:height", "thickness")
plainest = gan_figures.draw(networks, np.asarray(networks.layered(networks.means(which))), text)
sets = [("the samples", glyphs, plainest, text)]
sets += [(way, drawn, written["mean"], wanted) for way, drawn in written.items()]
rows = []
for way, drawn, usual, says in sets:
    off = {name: f"{(TRAITS[name](drawn) - TRAITS[name](usual)).mean():+.2f}" for name in names}
    rows.append({"": way, "read as meant": f"{100 * legibility(reader, [drawn], [says])[0]:.0f} %"} | off)
table(rows)
raw, careful = (legibility(reader, list(written[way][:, None]), list(wanted)) for way in ("raw", "careful"))
confirm("Carefully recombined, more characters are read than raw (share of them)", effect(raw, careful))

# %% [markdown]
# One person proves little. Among 34 people whom the networks never saw
# ([the table](../docs/evaluation/stylegan62/metrics.csv)) the careful way is read as often as real letters too;
# *written letters*, one style for all ten samples at once, keep more of the hand: the encoder finds it, which has
# learned from people's letters, and a verifier guides the search (notebook [6](06_how_like_is_it.ipynb) measures such
# things).

# %% [markdown]
# ## Exercises
#
# **1.** Thickness is settled late, one would think (section 6). Is it? Measure how far the thickness of the line moves
# when only the layers 0 to 3 are swapped, and when only the layers 4 to 7 are. Which moves it more, letter by letter?

# %% jupyter={"source_hidden": true} tags=["solution"]
moved = {}
for part, layers_of_part in {"coarse": slice(0, 4), "fine": slice(4, 8)}.items():
    styles = first.copy()
    styles[:, layers_of_part] = second[:, layers_of_part]
    drawn = gan_figures.draw(networks, styles, word)
    change = np.abs(TRAITS["thickness"](drawn) - TRAITS["thickness"](swapped["first"]))
    moved[part] = change.reshape(-1, steps(12)).mean(axis=1)  # by character
say(", ".join(f"{part} layers: {change.mean():.2f} pixels" for part, change in moved.items()))
confirm("The fine layers move the thickness more, in pixels", effect(moved["coarse"], moved["fine"]))

# %% [markdown]
# **2.** Recombine naively at other crossovers than half of the layers. From which layer on does it become legible?

# %% jupyter={"source_hidden": true} tags=["solution"]
shares = {}
for crossover in range(1, layers):
    mixed = networks.mix(networks.layered(base), own["w+"][turns], crossover)
    drawn = gan_figures.draw(networks, np.asarray(mixed), wanted)
    shares[crossover] = legibility(reader, list(drawn[:, None]), list(wanted))
table([{"crossover": crossover, "read": f"{100 * read.mean():.0f} %"} for crossover, read in shares.items()])
confirm("More are read when only the last layer is another letter's", effect(shares[1], shares[layers - 1]))

# %% [markdown]
# ## What we learned
#
# - A style reaches every layer; the mapping network makes it, a constant is all that the picture starts from, and
#   modulation with demodulation lets a style choose features without setting their loudness.
# - Equalised rates, path lengths and mixing are small pieces of code, each against one named fault of training.
# - Layers divide the work, truncation trades variety for legibility, and between two hands lie hands.
# - A real letter can be redrawn closely in w+. Whether pixels or features are the better distance depends on the aim;
#   measure it with a network that took no part.
# - Styles of real letters hold the character and chance as well as the hand. Departures from each character's mean,
#   averaged, can be carried over; raw styles cannot. And a loss must ask that an *a* and an *R* of one style are by one
#   person: a network that sees one letter at a time has no reason to learn it.

# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 5. Write in your hand
#
# **Who this is for.** A person who wants their handwriting back: because the hand no longer does what it did, or
# because only a few old lines are left. And whoever helps them. You need no Python: every cell can be run as it
# stands, the code may be left unread, and to make it yours you change two lines.
#
# **What you will be able to do**
#
# - make a *Hand*, your letters by name, from a printed sheet or from one photographed line;
# - write any text in it, with letters you never wrote on the sample, and know which those are;
# - change slant, weight, width and neatness with sliders, and choose paper and ink;
# - save the page for print, and make a font for any program on your computer;
# - find out which letters to write next so that the rest gets more like you.
#
# **How long it takes.** Two minutes to run, less than one shortened (`TFHAND_NOTEBOOK_STEPS=2`), twenty minutes to
# read. No GPU. Nothing is sent anywhere: your letters stay on the computer that runs it (on Colab that is Google's).
#
# You need none of the other notebooks for it. How letters are found in a photo is shown in [1, handwriting as
# data](01_handwriting_data.ipynb), how a network learns hands in [2](02_conditional_gan.ipynb) to
# [4](04_stargan_v2.ipynb), and how like you the result is in [6](06_how_like_is_it.ipynb).

# %% [markdown]
# ## The two lines to change
#
# `PHOTO` is a picture of a line of your writing, `SAYS` its text. As they are they name the sample that comes with the
# project. (It looks like a phone's photo of somebody's writing; in fact a synthetic writer wrote it, number 1006, so
# that nobody's real hand has to be published. The code does not know this, and towards the end it lets us check the
# result.)
#
# In a hurry? All that follows comes down to three lines:
#
# ```python
# hand = tfhand.scan.read_line("mine.jpg", says="quick fox 273")
# pen = tfhand.load()
# pen.write("Dear Anna,\nthank you!", hand).save("letter.pdf")
# ```

# %%
PHOTO = "../examples/sample.jpg"
SAYS = "quick fox 273"

# %%
import json
import tempfile
from importlib.util import find_spec
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import PIL.Image
import PIL.ImageDraw
from course import say, show, steps
from scipy import ndimage

STEPS = steps(1200)  # or the few of a shortened run
FOLDER = Path(tempfile.mkdtemp())  # where this notebook saves things; put a folder of your own here

# %%
import tfhand
from tfhand import Hand, typeface
from tfhand.core import charset
from tfhand.core.pictures import read_picture
from tfhand.data.rasterize import draw_strokes
from tfhand.data.synthetic.writers import SyntheticWriter
from tfhand.evaluation.next_characters import next_characters
from tfhand.hands.glyph import as_network_input
from tfhand.models import registry
from tfhand.models.batches import predict_on_sets
from tfhand.scan.sheet import layout, printing
from tfhand.typeset import page_presets
from tfhand.visualization import grids

# %% [markdown]
# ## Your letters: from a sheet
#
# There are two ways to begin. If you can write a page, print this sheet, write each character on its line with your
# own pen and photograph it. Leave empty what you like, scribble over what went wrong; a shadow or a bent page is no
# trouble. The command, in a terminal:
#
# ```sh
# python -m tfhand.sheet -o sheet.pdf
# python -m tfhand.extract photo.jpg -o my_hand/
# ```
#
# Then, in this notebook, `hand = Hand.load("my_hand/")` takes the place of `read_line` below.

# %%
sheet = layout.pages_of(layout.EVERYTHING)[0]
show(printing.picture(sheet, scale=6), 0.4)

# %% [markdown]
# ## Your letters: from a single line
#
# Or you have only a line or two: an old letter, a shopping list, the back of a photograph. A line of separate letters
# is enough. This is ours:

# %%
photo = read_picture(PHOTO)
show(photo, 0.55, photo=True)
hand = tfhand.scan.read_line(PHOTO, says=SAYS)
show(hand.contact_sheet(), 0.55)

# %% [markdown]
# Look at this sheet with care, for everything that follows is learned from it. Is each letter whole, is it under the
# right name? If one is not, save the Hand (`hand.save("my_hand/")`), mend that picture with any paint program (or
# take it off the list in `hand.json`), and load the folder again (`Hand.load("my_hand/")`). Several lines are joined
# with `hand.merged(other)`.
#
# ## Characters present and missing
#
# Now the pen: a network that has learned how hundreds of people write, and finds out from a few letters which hand this
# is.

# %%
pen = tfhand.load()  # the preset alphabet62
there, missing = "".join(hand), hand.missing(pen.learned)
say(
    f"The hand holds **{len(there)}** characters, `{there}`. The network writes {len(pen.learned)} letters and digits, "
    f"and **{len(missing)}** of them are missing: `{missing}`. With accents and signs the pen writes "
    f"{len(pen.characters)} characters."
)

# %% [markdown]
# ## The first words
#
# Ask for something that was not on the photo. The network makes a *hand code* of the letters that it sees: numbers that
# stand for the hand, and say of every character how this hand writes it.

# %%
show(grids.grid(pen.glyphs("481Hand", hand)[None]), 1.0)

# %% [markdown]
# Does it know the hand at all? Let it write the letters that it *was* shown, by itself (`keep_written=False`), under
# the real ones:

# %%
real, redrawn = pen.glyphs(there, hand), pen.glyphs(there, hand, keep_written=False)
show(grids.grid(np.stack([real, redrawn]), "", there, ("written", "redrawn")), 0.9)

# %% [markdown]
# Compare them one by one, for weight, for slant, for form. You will not meet these copies again: a letter that you
# wrote is used as you wrote it. Every character on a page is one of three things:
#
# - **written**: cut out of your sample;
# - **generated**: drawn by the network in your hand;
# - **composed**: an accent or a sign, made by rule of your letters and your stroke.
#
# ## A letter
#
# Write what you like; line breaks stay where you put them.

# %%
LETTER = """Dear Zoë,
thank you for the 20 € and the
books. I can write again, 48 years
after Łódź! Until Friday,
yours, Anna"""
letters = pen.text_glyphs(LETTER, hand, seed=1)
written_page = pen.write(LETTER, hand, seed=1)
show(written_page.image(), 0.45)

# %%
drawn = "".join(character for character in letters.generated if character not in letters.composed)
say(f"**Written**: `{letters.written}`. **Generated**: `{drawn}`. **Composed**: `{letters.composed}`.")

# %% [markdown]
# The same page once more, in colours: black is written, blue is generated, orange is composed. Had you noticed the
# difference?

# %%
picture = np.full((written_page.height, written_page.width, 3), 255, np.uint8)
for placed, sample in zip(written_page.glyphs, letters.samples, strict=True):
    colour = (0, 0, 0) if sample.source == "written" else (20, 90, 200)
    colour = (225, 110, 0) if sample.character in letters.composed else colour
    high, wide = placed.ink.shape
    part = picture[placed.top : placed.top + high, placed.left : placed.left + wide]
    part[:] = np.minimum(part, 255 - placed.ink[..., None] / 255 * (255 - np.array(colour)))
show(picture, 0.45)

# %% [markdown]
# Where a letter comes several times, no two of it are quite alike, as in real writing. `seed` is the day: the same
# seed gives the same page again, another one the same hand on another day.
#
# ## Sliders
#
# A hand on a good day, with another pen, in a hurry: these are settings of the page and leave the letters what they
# are. If you run this notebook yourself, you can pull the sliders.


# %%
def page(slant=0, weight=1.0, width=1.0, neatness=0.5, size=2.5, paper="plain", ink="blue", text=LETTER, seed=1):
    options = {"slant": slant, "weight": weight, "width": width, "neatness": neatness, "size": size, "paper": paper}
    setting = page_presets.layout(ink=page_presets.ink_colour(ink), **options)
    return pen.write(text, hand, seed=seed, layout=setting)


def draw(slant=0, weight=1.0, width=1.0, neatness=0.5, paper="plain", ink="blue"):
    show(page(slant, weight, width, neatness, paper=paper, ink=ink).picture(), 0.5)


# %%
if find_spec("ipywidgets"):
    from ipywidgets import interact

    inks, papers = ["blue", "black", "blue-black", "green", "red", "pencil"], ["plain", "ruled", "squared"]
    interact(draw, slant=(-20, 30), weight=(0.5, 2.0), width=(0.7, 1.4), neatness=(0.0, 1.0), paper=papers, ink=inks)

# %% [markdown]
# (Where only the word *interactive* stands, there is nobody to draw the sliders: this page is being read, and not
# run.) Here is what each of them does:

# %%
sweeps = {"slant": (-12, 0, 12, 24), "weight": (0.6, 1.0, 1.5, 2.0), "width": (0.75, 1.0, 1.2, 1.4),
          "neatness": (0.0, 0.4, 0.7, 1.0), "seed": (1, 2, 3, 4)}  # fmt: skip
figure, axes = plt.subplots(len(sweeps), 4, figsize=(10, 7.2), layout="constrained")
for row, (name, values) in zip(axes, sweeps.items(), strict=True):
    for axis, value in zip(row, values, strict=True):
        axis.imshow(page(**{name: value}, text="Good day,\nhappy Anna").image(), cmap="gray")
        axis.set_title(f"{name} {value:g}", fontsize=9)
        axis.axis("off")

# %%
choices = [("plain", "blue-black"), ("ruled", "blue"), ("squared", "pencil")]
figure, axes = plt.subplots(1, 3, figsize=(10, 2.6), layout="constrained")
for axis, (paper, ink) in zip(axes, choices, strict=True):
    axis.imshow(page(paper=paper, ink=ink, text="Dear Zoë,\nuntil Friday,\nyours, Anna").picture())
    axis.set_title(f"{paper} paper, {ink} ink", fontsize=9)
    axis.axis("off")

# %% [markdown]
# Slant is in degrees beside your own, weight and width are times your own, neatness goes from 0, hasty, to 1, as even
# as print (which shows on a whole page more than in three words). The last row is the same hand on four days. Compare
# the *a* of *Anna* with that of *happy*.
#
# ## For print
#
# A picture for a message; curves for a drawing program; a PDF for the printer, at its true size in millimetres.

# %%
final = page(paper="ruled", size=3.0)
for ending in ("png", "svg", "pdf"):
    (file,) = final.save(FOLDER / f"letter.{ending}")
    say(f"`{file.name}`: {file.stat().st_size / 1000:.0f} kB")
show(final.picture(), 0.5)

# %% [markdown]
# The same from a terminal, for a letter as long as you like:
#
# ```sh
# python -m tfhand.write - --hand my_hand/ --page A4 --paper ruled --ink blue -o letter.pdf < letter.txt
# ```
#
# ## A font of your own
#
# With a font, any program writes in your hand: a mail, a birthday card, a label. Each letter gets several alternates
# that take turns, so that the two t in *letter* differ; missing letters are generated, accents composed.

# %%
alphabet = pen.alphabet(hand, charset.WESTERN, variants=min(STEPS, 3))
font = typeface.build(alphabet, "Quick Fox")
for ending in ("ttf", "woff2"):
    typeface.save(font, FOLDER / f"QuickFox.{ending}")
    say(f"`QuickFox.{ending}`: {(FOLDER / f'QuickFox.{ending}').stat().st_size / 1000:.0f} kB")
if find_spec("uharfbuzz"):  # what sets text as an office program does
    lines = [("Quick Fox", 90), ("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 44), ("abcdefghijklmnopqrstuvwxyz 0123456789", 44),
             ("Dear Anna, how are you? A letter, a committee!", 44)]  # fmt: skip
    show(typeface.specimen(font, lines), 0.7)

# %% [markdown]
# Open the `.ttf` with a double click to install it. From a terminal: `python -m tfhand.font my_hand/ -o MyHand.ttf
# --variants 3`.
#
# ## Which letters to write next
#
# A few letters do not say everything. From an *x* nobody can know how you write a *G*. The network has a number for
# each property of a hand, and how much a letter says of each is its **precision**: how far the letter's form moves with
# that property, beside all else that is in it. Some letters tell far more than others. `next_characters` finds the
# characters that would add most to the knowledge of *this* hand, each given those named before it:

# %%
wanted = next_characters(pen, hand, people=min(STEPS, 48))
say(f"Write these next, best first: **{' '.join(wanted)}**")

# %% [markdown]
# `python -m tfhand.sheet --next my_hand/ -o next.pdf` prints a sheet for them alone. Photograph it, read it as you
# read the first, and join the two: `hand = hand.merged(more)`.

# %%
(small,) = layout.pages_of(wanted)
show(printing.picture(small, 6)[:450], 0.5)

# %% [markdown]
# ## How like me is it?
#
# Ask somebody who knows your hand; no measurement is better. If nobody is there, leave letters out and have them
# written from the others, beside the real ones. This command does it for all of yours, shows them, and says in words
# which traits of your hand are kept and which are lost:
#
# ```sh
# python -m tfhand.evaluate alphabet62 --hand my_hand/
# ```
#
# [Notebook 6](06_how_like_is_it.ipynb) is about nothing else: the ways to measure, what each of them sees and how it
# can mislead.
#
# ## Your letters and the generated ones
#
# A Hand remembers of every letter whether it was written or generated. Here is the whole alphabet, generated letters
# in a blue frame, saved as a folder:

# %%
whole = Hand(samples=[sample for c in pen.learned for sample in alphabet[c][:1]])
whole.save(FOLDER / "my_hand")
show(whole.contact_sheet(), 0.6)
listed = json.loads((FOLDER / "my_hand" / "hand.json").read_text(encoding="utf-8"))["glyphs"]
sources = [entry["source"] for entry in listed]
written, generated = sources.count("written"), sources.count("generated")
say(f"`hand.json` lists {written} letters as written and {generated} as generated. One of each:")
print(*(next(entry for entry in listed if entry["source"] == source) for source in sorted(set(sources))), sep="\n")

# %% [markdown]
# And every page and font says where it comes from, in a note that travels with the file:

# %%
with PIL.Image.open(FOLDER / "letter.png") as opened:
    print("PNG: ", opened.text)
svg = (FOLDER / "letter.svg").read_text(encoding="utf-8")
print("SVG: ", svg[svg.index("<desc>") + 6 : svg.index("</desc>")])
print("font:", font["name"].getDebugName(10)[:150], "...")

# %% [markdown]
# ### Fair use
#
# A hand is a part of a person. Use this for your own handwriting, or with the permission of its owner. Never use it for
# a signature, and never to pass for someone. The notes above help honest people: they can be removed, and a letter that
# matters should say in words that it was written with help.

# %% [markdown]
# ## For the curious: was that good advice?
#
# Do the ten proposed letters help, and more than ten others would? Our writer is a synthetic one, so here we can have
# all the letters that he did not write on the photo. (This part uses writer 1006 and not your photo. Pass over it if
# you like.)

# %%
writer, random = SyntheticWriter.of(1006), np.random.default_rng(0)


def by_himself(characters):
    """Glyphs as the writer writes them, (n, 32, 32); his nib fills the more of a glyph the smaller the letter was."""
    drawn = [writer.strokes(character, random) for character in characters]
    sides = [np.ptp(np.concatenate(strokes), axis=0).max() + writer.nib for strokes in drawn]
    return np.stack([draw_strokes(one, nib=26 * writer.nib / side) for one, side in zip(drawn, sides, strict=True)])


truth = by_himself(pen.learned)

# %% [markdown]
# First by the network's own estimate. Its uncertainty about a property is 1 while it knows nothing, and becomes smaller
# with every letter: it is $\sqrt{1 / (1 + s)}$, with 1 the precision of knowing nothing and $s$ the sum of all
# precision added so far. Below: the letters of the photo one after the other, and then either the ten proposed letters,
# or ten random others.

# %%
others = [c for c in missing if c not in wanted]
draws = ["".join(random.choice(others, len(wanted), replace=False)) for _ in range(min(STEPS, 20))]


def uncertainty(more):
    numbers = np.array([pen.learned.index(c) for c in there + more], np.int32)
    glyphs = np.concatenate([real, truth[numbers[len(there) :]]])
    precision = np.asarray(pen.pipeline.networks.precisions(as_network_input(glyphs), numbers))
    return np.sqrt(1 / (1 + precision.cumsum(axis=0))).mean(axis=1)  # over the properties


# %%
proposed, at_random = uncertainty(wanted), np.mean([uncertainty(draw) for draw in draws], axis=0)
figure, axis = plt.subplots(figsize=(8, 3), layout="constrained")
count = np.arange(1, len(proposed) + 1)
axis.plot(count, at_random, "o-", color="0.6", label="random others")
axis.plot(count, proposed, "o-", color="tab:blue", label="the proposed ones")
axis.axvspan(0.5, len(there) + 0.5, color="0.94")
axis.set(xticks=count, xticklabels=list(there + wanted), ylabel="uncertainty", ylim=(0, None))
axis.legend()
gains = [proposed[len(there) - 1] - curve[-1] for curve in (proposed, at_random)]
say(
    f"After the photo's {len(there)} letters the uncertainty is {proposed[len(there) - 1]:.3f}. The proposed letters "
    f"reduce it by **{gains[0]:.3f}**, as many others by {gains[1]:.3f} in the mean of {len(draws)} random draws."
)

# %% [markdown]
# A precise estimate may still be wrong. So let the writer really fill in the small sheet with these ten, and read it as
# you would read a photo of yours:

# %%
scale = 16  # pixels a millimetre, halved in the end
filled, (above, before) = PIL.Image.fromarray(printing.picture(small, scale)), printing.margins(small)
pencil, thick = PIL.ImageDraw.Draw(filled), round(scale * layout.X_HEIGHT * writer.nib)
for character, (top, left, _, right) in zip(small.letters, small.boxes, strict=True):
    lines = writer.strokes(character, random)
    middle = (min(line[:, 0].min() for line in lines) + max(line[:, 0].max() for line in lines)) / 2
    origin = np.array([before + (left + right) / 2, above + top + layout.BASELINE]) - [layout.X_HEIGHT * middle, 0]
    for line in lines:
        places = scale * (origin + layout.X_HEIGHT * line)
        pencil.line([tuple(place) for place in places], (36, 48, 120), thick, "curve")
photographed = np.asarray(filled.reduce(2))
more = tfhand.scan.read_sheet(photographed)
show(photographed[: len(photographed) // 4], 0.4)
show(more.contact_sheet(), 0.55)

# %% [markdown]
# Both Hands together are the new one. And now the question that counts: are the letters *that nobody wrote yet* more
# like the writer's own? There are two measures. One is a second network, the verifier `judge62`, which has learned
# whether two sets of letters are by one person, and took no part in making these; its highest **likeness** is 1. The
# other lays softened letters over each other; 0 would be no **difference** at all. Two rows give the scale: the writer
# himself, who writes everything once more (the retest), and random hands.

# %%
verifier, unseen = registry.load("judge62"), "".join(others)
numbers = np.array([verifier.characters.index(c) for c in unseen], np.int32)
own = truth[[pen.learned.index(c) for c in unseen]]


def measured(several):
    """Likeness to the writer's own letters, and difference from them, softened: the means over several sets."""
    seen = predict_on_sets(
        verifier, [(numbers, glyphs) for glyphs in (own, *several)]
    )  # a vector of length 1 for each set
    soft = ndimage.gaussian_filter(np.stack([own, *several]) / 255, (0, 0, 1.5, 1.5))
    return float(np.mean(seen[1:] @ seen[0])), float(np.abs(soft[1:] - soft[0]).mean())


# %%
both, times = hand.merged(more), range(min(STEPS, 8))
sets = {
    "the writer, retest": [by_himself(unseen) for _ in times],
    f"from {len(there)}": [pen.glyphs(unseen, hand, seed=seed) for seed in times],
    f"from {len(there) + len(wanted)}": [pen.glyphs(unseen, both, seed=seed) for seed in times],
    "random hands": [pen.glyphs(unseen, None, seed=seed) for seed in times],
}
found = {name: measured(several) for name, several in sets.items()}
lines = [f"| {name} | {alike:.3f} | {apart:.4f} |" for name, (alike, apart) in found.items()]
say("\n".join(["| letters | likeness | difference |", "|---|---|---|", *lines]))

# %%
_, (alike, apart), (alike_now, apart_now), _ = found.values()
liker = "more like" if alike_now > alike + 0.005 else "less like" if alike_now < alike - 0.005 else "as like"
nearer = "nearer" if apart_now < 0.99 * apart else "further off" if apart_now > 1.01 * apart else "as near"
say(
    f"Compared with the letters from the photo alone, the verifier finds those from photo and sheet **{liker}** the "
    f"writer's own; laid over his they are **{nearer}**."
)

# %% [markdown]
# One writer and ten letters are a single trial with much chance in it, and the two measures need not agree: one sees a
# hand as a whole, the other the place of every line. Over many people, more samples bring a hand nearer; the figures
# are in [docs/evaluation](../docs/evaluation/alphabet62-samples/metrics.csv). Here are the letters themselves:

# %%
rows = [own, *(several[0] for name, several in sets.items() if name.startswith("from"))]
names = ("the writer", f"from {len(there)}", f"from {len(there) + len(wanted)}")
show(grids.alphabets(np.stack(rows), unseen, names), 0.6)

# %% [markdown]
# ## Exercises
#
# **1.** Is a page that you write twice the same page? Write it with `seed=1` twice, and with `seed=2`. When would you
# want the one, when the other?

# %% jupyter={"source_hidden": true} tags=["solution"]
first, again, other = (page(seed=seed).image() for seed in (1, 1, 2))
for written_page in (again, other):
    show(written_page, 0.4)
say("The same seed gives the same page: one can correct a word and keep the rest. Another seed is another day.")
assert np.array_equal(first, again)
assert not np.array_equal(first, other)

# %% [markdown]
# **2.** Take letters away: `Hand(samples=hand.samples[:4])` knows four. How much does the alphabet that the pen writes
# change, beside the change from one `seed` to the next?

# %% jupyter={"source_hidden": true} tags=["solution"]
four = Hand(samples=hand.samples[:4])
usual = pen.glyphs(unseen, hand, seed=0).astype(int)
changes = {
    "four letters instead of all": np.abs(pen.glyphs(unseen, four, seed=0) - usual).mean(),
    "another seed": np.abs(pen.glyphs(unseen, hand, seed=1) - usual).mean(),
}
say("; ".join(f"{name}: {change:.1f} grey levels" for name, change in changes.items()) + ".")
assert min(changes.values()) > 0

# %% [markdown]
# ## What we learned
#
# - A photographed line is enough to begin: its letters are used as they are, all others are generated, accents
#   composed.
# - The pen says which is which, and so do the Hand's folder and the font; every picture says that tfhand wrote it.
# - Slant, weight, width, neatness, paper and ink are settings; they leave the letters alone.
# - More letters make the estimate of the hand more precise, and some letters are worth more than others. The library
#   says which.
# - The result is like the person, and it is not the person. The distance between the two can be measured, and notebook
#   6 does so.

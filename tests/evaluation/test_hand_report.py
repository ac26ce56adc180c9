"""The report on a hand: letters really left out, verdicts that follow from the values, and when the alarm rings."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support import scenery
from tfhand import evaluate
from tfhand.core.charset import CHARACTERS
from tfhand.data import synthetic
from tfhand.errors import HandError
from tfhand.evaluation import plots
from tfhand.evaluation.hand_report import WORDS, HandReport, LeftOut, TraitComparison
from tfhand.evaluation.leave_out import leave_letters_out
from tfhand.evaluation.reference_population import NEXT, most_informative
from tfhand.hands.glyph import as_network_input
from tfhand.hands.hand import Hand
from tfhand.hands.sample import GENERATED, Sample
from tfhand.metrics import TRAITS, slant, width_to_height
from tfhand.models import registry
from tfhand.models.generation import GenerationConfig
from tfhand.models.pipeline import GlyphPipeline
from tfhand.synthesis.synthesizer import Synthesizer

pytestmark = pytest.mark.large

SLANTED = 3020  # a procedural writer who leans far to the right
BLANK = np.zeros((32, 32), np.uint8)


NO_STEPS = GenerationConfig(steps=0)  # the encoder's code is taken: its optimization takes time, and has own tests


def hand_of(seed: int, characters: str, samples: int = 1) -> Hand:
    own = synthetic.archive(1, samples, seed=seed, characters=characters)
    drawn = own.render(range(len(own))).reshape(len(characters), samples, 32, 32)
    return Hand(dict(zip(characters, drawn, strict=True)))


def report_on(hand: Hand, **options) -> HandReport:
    pen = Synthesizer(GlyphPipeline(scenery.networks(), generation=NO_STEPS))
    return leave_letters_out(pen, hand, scenery.reader(), scenery.verifier(), people=4, **options)


def made(likeness: float = 0.9, next_characters: str = "", **verdicts: str) -> HandReport:
    """A report with these verdicts; all other traits are not special."""
    values = {"kept": (2.0, 1.9), "lost": (2.0, 0.1), "overdone": (2.0, 4.0), "plain": (0.1, 0.2)}
    names = {name.replace(":", "_"): name for name in TRAITS}
    traits = tuple(TraitComparison(name, *values[verdicts.get(key, "plain")], 0.2, 0.3) for key, name in names.items())
    letters = tuple(LeftOut(character, BLANK, BLANK, character, character) for character in "abc")
    return HandReport(letters, traits, likeness, 0.5, np.linspace(0.1, 0.8, 19), next_characters)


def test_a_letter_is_written_without_having_been_seen():
    hand = hand_of(5, "0ace23456789")
    other = Hand({**hand, "3": [hand["8"][0]]})
    before, after = report_on(hand), report_on(other)
    changed = {
        one.character: not np.array_equal(one.written, two.written)
        for one, two in zip(before.letters, after.letters, strict=True)
    }
    assert "".join(changed) == "023456789ace"
    assert not changed["3"]
    assert sum(changed.values()) >= 8  # all that were written from it
    shown = next(letter for letter in after.letters if letter.character == "3")
    np.testing.assert_array_equal(shown.real, hand["8"][0])


def test_only_what_the_person_wrote_counts():
    hand = hand_of(5, "ace234")
    more = Hand(samples=[*hand.samples, Sample("9", hand["a"][0], GENERATED), Sample("Ä", hand["a"][0])])
    assert len(report_on(more).letters) == 6
    with pytest.raises(HandError, match="holds 5 different written characters"):
        report_on(Hand(samples=[*hand_of(5, "ace23").samples, Sample("9", hand["a"][0], GENERATED)]))


def test_all_writings_of_a_character_count_and_one_is_shown():
    twice = hand_of(5, "ace234", samples=2)
    once = Hand({character: glyphs[:1] for character, glyphs in twice.items()})
    both = report_on(twice)
    assert len(both.letters) == 6
    assert [trait.real for trait in both.traits] != [trait.real for trait in report_on(once).traits]


@pytest.mark.large
def test_the_seed_makes_the_population():
    hand = hand_of(5, "ace234")
    one, same, other = report_on(hand), report_on(hand), report_on(hand, seed=1)
    assert one.rows() == same.rows()
    assert list(one.others) != list(other.others)


@pytest.mark.parametrize(
    ("real", "written", "error", "verdict"),
    [
        (0.9, 0.9, 0.1, "not special"),
        (1.8, 1.8, 1.0, "not special"),  # by chance, as far as one can tell
        (-1.2, -0.7, 0.3, "kept"),
        (-1.2, -0.5, 0.3, "lost"),
        (-1.2, 2.5, 0.3, "lost"),
        (4.0, 5.5, 0.3, "kept"),
        (3.0, 5.5, 0.3, "overdone"),
        (-0.4, 2.9, 0.3, "overdone"),
        (-0.4, 2.9, 1.4, "not special"),
    ],
)
def test_verdicts_follow_from_the_values(real, written, error, verdict):
    assert TraitComparison("slant", real, written, 0.1, error).verdict == verdict
    assert TraitComparison("slant", -real, -written, -0.1, error).verdict == verdict


def test_what_the_average_hand_has_is_not_special():
    assert TraitComparison("slant", 1.5, 1.4, 0.0, 0.1).verdict == "kept"
    assert TraitComparison("slant", 1.5, 1.4, 1.2, 0.1).verdict == "not special"


def test_plain_words():
    told = made(slant="kept", width_height="kept", holes="lost", length="overdone", next_characters="kgQ")
    traits, hand, reading, more = told.sentences()
    assert traits.startswith("Slant and width are kept; loops are lost; length of the stroke is overdone; in weight")
    assert "those of 19 of 19 random hands (likeness 0.90; an average hand has 0.50, the best is 1)" in hand
    assert reading == "All 3 are read as what they are."
    assert more == "3 more samples would help most here: k g Q."
    assert set(WORDS) == set(TRAITS)
    assert made().sentences()[-1] == "The hand holds every character that this preset writes."


def test_look_alikes_are_not_misread():
    letters = [LeftOut("c", BLANK, BLANK, "c", "C"), LeftOut("g", BLANK, BLANK, "g", "9")]
    assert [letter.misread for letter in letters] == [False, True]
    told = replace(made(), letters=tuple(letters)).sentences()
    assert "1 of the 2 are read as what they are; misread: g as 9." in told


@pytest.mark.parametrize(
    ("verdicts", "likeness", "alarm"),
    [
        ({"thickness": "kept", "slant": "lost"}, 0.3, True),
        ({"slant": "lost", "holes": "lost"}, 0.3, True),
        ({"slant": "lost", "holes": "kept"}, 0.3, False),
        ({"slant": "lost"}, 0.9, False),  # the verifier knows better
        ({"slant": "overdone"}, 0.3, False),
        ({}, 0.3, False),  # nothing to learn
        ({"thickness": "lost", "slant": "lost"}, 0.3, False),  # not even the weight
    ],
)
def test_the_alarm_rings_where_nothing_but_the_weight_is_kept(verdicts, likeness, alarm):
    told = made(likeness, **verdicts)
    assert told.only_weight is alarm
    assert ("Only the weight" in told.sentences()[0]) is alarm


def test_the_most_telling_characters_do_not_say_the_same():
    known = np.array([1.0, 1.0])
    glyphs = {"a": np.array([5.0, 0.0]), "b": np.array([4.9, 0.0]), "c": np.array([0.0, 3.0])}
    assert most_informative(known, glyphs) == "acb"
    assert most_informative(np.array([20.0, 1.0]), glyphs, most=1) == "c"
    assert most_informative(known, {}) == ""
    assert len(most_informative(known, {character: known for character in CHARACTERS})) == NEXT


def test_proposals_are_characters_not_yet_written():
    hand = hand_of(5, "ace234")
    proposed = report_on(hand).next_characters
    assert len(set(proposed)) == len(proposed) == NEXT
    assert set(proposed) <= set(scenery.CHARACTERS) - set("ace234")
    assert report_on(hand_of(5, scenery.CHARACTERS)).next_characters == ""


def test_an_encoder_weighs_its_estimates_by_their_precision():
    encoder, hand = scenery.networks().hand_encoder, hand_of(5, "ace2")
    glyphs = as_network_input(np.stack([hand[character][0] for character in "ace2"]))[None]
    numbers = np.array([[scenery.CHARACTERS.index(character) for character in "ace2"]], np.int32)
    values, precision = (np.asarray(part) for part in encoder.estimates(glyphs, numbers))
    assert values.shape == precision.shape == (1, 4, encoder.size)
    assert (precision >= 0).all()
    mask = np.array([[1, 1, 0, 1]], np.float32)
    weights = precision * mask[..., None]
    expected = (weights * values).sum(axis=1) / (encoder.prior + weights.sum(axis=1))
    np.testing.assert_allclose(np.asarray(encoder(glyphs, numbers, mask)), expected, rtol=1e-4, atol=1e-6)


def test_the_picture_shows_each_pair_and_frames_what_is_misread():
    rng = np.random.default_rng(0)
    letters = [LeftOut(c, *rng.integers(0, 255, (2, 32, 32), np.uint8), c, c) for c in "abcdefghijklmnop"]
    shown, framed = (plots.left_out(each) for each in (letters, [*letters[:-1], replace(letters[-1], read="9")]))
    step = plots.CELL + plots.MARGIN
    assert shown.shape[1] == plots.ACROSS * step + plots.MARGIN
    left, top = plots.MARGIN, 2 * plots.CAPTION + 2 * plots.MARGIN
    for place, pixels in enumerate((letters[0].real, letters[0].written)):
        cell = shown[top + place * plots.CELL :, left:][: plots.CELL, : plots.CELL, 0]
        small = np.asarray(Image.fromarray(cell).resize((32, 32), Image.Resampling.BOX))
        assert np.corrcoef(small.ravel(), 255 - pixels.ravel())[0, 1] > 0.9
    changed = np.argwhere((shown != framed).any(axis=2) & (np.arange(len(shown)) > top)[:, None])
    assert changed[:, 1].min() >= left + 2 * step  # the last of sixteen stands third in its row
    assert changed[:, 0].min() > top + 2 * plots.CELL


class Leaning:
    """A verifier by rule: how letters lean and how wide they are."""

    characters = CHARACTERS

    def __call__(self, glyphs, characters, mask):
        embedded = []
        for images, here in zip(glyphs, np.asarray(mask) > 0, strict=True):
            pixels = np.uint8((images[here, ..., 0] + 1) * 127.5)
            embedded.append([4 * slant(pixels).mean() - 0.3, 4 * width_to_height(pixels).mean(), 0.3])
        return np.array(embedded) / np.linalg.norm(embedded, axis=1, keepdims=True)


class NibOnly(Synthesizer):
    """Writes everybody's letters with the person's nib."""

    def code(self, hand):
        code = np.zeros_like(super().code(hand))
        code[-1] = super().code(hand)[-1]
        return code


@pytest.fixture(scope="module")
def networks():
    return registry.load("hand62")


@pytest.mark.large
@pytest.mark.parametrize(("pen", "kept"), [(Synthesizer, True), (NibOnly, False)])
def test_a_strong_slant_is_kept_by_hand62_and_lost_by_who_copies_the_nib(networks, pen, kept):
    hand = hand_of(SLANTED, "adhknpRT27")
    told = leave_letters_out(
        pen(GlyphPipeline(networks, generation=NO_STEPS)), hand, registry.load("reader62"), Leaning(), people=8
    )
    leaning = next(trait for trait in told.traits if trait.name == "slant")
    assert leaning.real > 1.5
    assert (leaning.verdict == "lost") is not kept
    assert (told.rank == 1) is kept
    assert told.only_weight is not kept
    assert ("Only the weight of the line was learned" in told.sentences()[0]) is not kept
    assert sum(letter.misread for letter in told.letters) < 4


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """Folders of Hands and presets."""
    place = tmp_path_factory.mktemp("report")
    hand_of(5, "acegk12345").save(place / "hand")
    hand_of(5, "ace").save(place / "few")
    for name in ("networks", "reader", "verifier"):
        model = getattr(scenery, name)()
        model.save_to_preset(place / name, generation=NO_STEPS)
    return place


def run(place: Path, output: Path, *more: str, preset="networks", hand="hand", verifier="verifier") -> int:
    words = [str(place / preset), "--reader", str(place / "reader"), "--verifier", str(place / verifier)]
    return evaluate.main([*words, "--hand", str(place / hand), "-o", str(output), *more])


def test_the_command_tells_and_writes_the_report(place, tmp_path, capsys):
    assert run(place, tmp_path / "out") == 0
    said = capsys.readouterr().out
    assert "random hands (likeness" in said
    assert "10 more samples would help most here" in said
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"report.csv", "report.png"}
    with (tmp_path / "out" / "report.csv").open(encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    about = [line["about"] for line in table]
    counts = {"trait": len(TRAITS), "hand": 1, "read as": 10, "write next": NEXT}
    assert {kind: about.count(kind) for kind in counts} == counts
    assert table[0]["preset"] == "networks"
    assert table[0]["hand"] == str(place / "hand")
    for line in table[: len(TRAITS)]:
        assert line["verdict"] in said
    with Image.open(tmp_path / "out" / "report.png") as picture:
        assert picture.mode == "RGB"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"hand": "nowhere"}, "nowhere"),
        ({"hand": "few"}, "leaves letters out"),
        ({"preset": "reader"}, "does not learn hands; choose another for PRESET"),
        ({"verifier": "reader"}, "choose another for --verifier"),
    ],
)
def test_one_sentence_for_what_cannot_be_reported(place, tmp_path, capsys, words, says):
    assert run(place, tmp_path / "out", **words) == 2
    assert says in capsys.readouterr().err.strip().splitlines()[-1]
    assert not (tmp_path / "out").exists()


def test_a_preset_that_rewrites_letters_learns_no_hand_to_report_on(place, saved_models, tmp_path, capsys):
    assert run(place, tmp_path / "out", preset=saved_models / "tiny-stargan") == 2
    assert "does not learn hands" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["--data", "people.npz", "--hand", "hand"]])
def test_either_people_or_one_hand(words, misuse):
    assert "--hand" in misuse(evaluate.main, "hand62", *words).splitlines()[-1]

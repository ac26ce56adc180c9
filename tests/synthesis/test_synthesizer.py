"""A Synthesizer: a Hand and a text to glyphs and pages, deterministic by seed."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from scipy import ndimage

import tfhand
from tests.support.ink_shapes import disc
from tests.support.tiny import TINY_CGAN, TINY_HAND, TINY_STYLEGAN
from tfhand.core import charset
from tfhand.core.charset import CHARACTERS
from tfhand.core.config import as_json
from tfhand.errors import HandError, PresetError, TextError
from tfhand.hands.glyph import as_network_input
from tfhand.hands.hand import GENERATED, WRITTEN, Hand, Sample
from tfhand.metrics.resemblance import form_difference
from tfhand.models import batches, pipeline
from tfhand.models.cgan.networks import ConditionalGAN
from tfhand.models.generation import GenerationConfig
from tfhand.models.optimize_code import optimize_code
from tfhand.models.pipeline import GlyphPipeline
from tfhand.models.stylegan.networks import StyleGAN
from tfhand.synthesis import synthesizer
from tfhand.synthesis.synthesizer import Synthesizer
from tfhand.typeset import Layout


@pytest.fixture(scope="module")
def pen(saved_models) -> Synthesizer:
    return tfhand.load(saved_models / "tiny-hand")


@pytest.fixture(scope="module")
def star(saved_models) -> Synthesizer:
    return tfhand.load(saved_models / "tiny-stargan")


@pytest.fixture(scope="module")
def hand(hand_of) -> Hand:
    return hand_of("273")


def contains(glyphs, image: np.ndarray) -> bool:
    return any(np.array_equal(image, each) for each in glyphs)


class TestGlyphs:
    def test_shape_and_type(self, pen, hand):
        assert pen.learned == CHARACTERS
        assert pen.characters.startswith(CHARACTERS)
        assert set("éüñøåçß.,;:!?&@€“”–") <= set(pen.characters)
        glyphs = pen.glyphs("481", hand, seed=0)
        assert (glyphs.shape, glyphs.dtype) == ((3, 32, 32), np.uint8)
        assert (glyphs.max(axis=(1, 2)) > 180).all()
        assert np.array_equal(pen.glyphs(" 4\n8 1", hand), glyphs)  # white space has no glyph

    def test_the_seed_decides(self, pen, hand):
        assert np.array_equal(pen.glyphs("481", hand, seed=1), pen.glyphs("481", hand, seed=1))
        assert not np.array_equal(pen.glyphs("481", hand, seed=1), pen.glyphs("481", hand, seed=2))

    def test_one_person_writes_a_letter_differently_each_time(self, pen, hand):
        first, second = pen.glyphs("44", hand)
        assert not np.array_equal(first, second)

    def test_a_random_hand_depends_on_the_seed(self, pen):
        assert np.array_equal(pen.glyphs("ab", seed=5), pen.glyphs("ab", seed=5))
        assert not np.array_equal(pen.glyphs("ab", seed=5), pen.glyphs("ab", seed=6))

    @pytest.mark.parametrize("characters", ["7", "273", "0123456789", CHARACTERS])
    def test_hands_of_every_size(self, pen, hand_of, characters):
        small = hand_of(characters)
        glyphs = pen.glyphs(CHARACTERS, small)
        assert glyphs.shape == (62, 32, 32)
        for place, character in enumerate(CHARACTERS):
            assert contains(small.get(character, ()), glyphs[place]) == (character in characters)

    def test_written_glyphs_are_kept_or_not(self, pen, hand):
        kept = pen.glyphs("273", hand)
        assert all(map(np.array_equal, kept, [hand[character][0] for character in "273"]))
        generated = pen.glyphs("273", hand, keep_written=False)
        assert not any(map(np.array_equal, generated, kept))

    def test_several_samples_come_in_turn(self, pen, full_hand):
        two = Hand({"a": [full_hand["a"][0], full_hand["o"][0]]})
        first, second, third = pen.glyphs("aaa", two, seed=3)
        assert np.array_equal(first, third)
        assert not np.array_equal(first, second)
        assert contains(two["a"], first)
        assert contains(two["a"], second)

    def test_the_hand_matters(self, pen, hand_of):
        assert not np.array_equal(pen.glyphs("8", hand_of("273")), pen.glyphs("8", hand_of("XWM")))

    def test_long_texts_go_in_parts(self, pen, hand, monkeypatch):
        whole = pen.glyphs(CHARACTERS, hand)
        monkeypatch.setattr(pipeline, "predict_in_batches", partial(batches.predict_in_batches, chunk=25))
        parts = pen.glyphs(CHARACTERS, hand)
        assert np.abs(whole.astype(int) - parts).max() <= 1

    def test_unknown_characters_are_named(self, pen, hand):
        with pytest.raises(TextError, match="Cannot write Ж 漢; this preset knows 0123"):
            pen.glyphs("aЖ漢Ж", hand)

    def test_a_character_that_only_the_hand_holds(self, pen, full_hand):
        hand = Hand({"ß": full_hand["B"]})
        assert np.array_equal(pen.glyphs("ß", hand)[0], full_hand["B"][0])

    @pytest.mark.parametrize("text", ["", " \n\t"])
    def test_nothing_to_write(self, pen, hand, text):
        with pytest.raises(TextError, match="empty"):
            pen.glyphs(text, hand)
        with pytest.raises(TextError, match="empty"):
            pen.write(text, hand)

    def test_a_hand_of_nothing_that_is_known(self, pen, full_hand):
        with pytest.raises(HandError, match="no written sample"):
            pen.glyphs("a", Hand({"ß": full_hand["B"]}))

    def test_glyphs_have_the_size_of_the_preset(self, hand):
        from tfhand.models.hand.networks import HandNetworks

        small = replace(
            TINY_HAND, image_size=16, generator_widths=(4, 4, 4), encoder_widths=(2, 2), discriminator_widths=(2, 2, 2)
        )
        glyphs = Synthesizer(GlyphPipeline(HandNetworks(**as_json(small)))).glyphs("2a", hand)
        assert glyphs.shape == (2, 16, 16)


class TestLetters:
    def test_where_each_came_from(self, pen, hand):
        letters = pen.text_glyphs("7a Ж2 é7!", hand)
        assert letters.characters == "7aЖ2é7!"
        assert (letters.written, letters.generated, letters.unknown) == ("27", "a!é", "Ж")
        assert letters.composed == "!é"
        sources = [sample and sample.source for sample in letters.samples]
        assert sources == [WRITTEN, GENERATED, None, WRITTEN, GENERATED, WRITTEN, GENERATED]
        assert [sample.character for sample in letters.samples if sample] == list("7a2é7!")

    def test_what_is_written_always_wins(self, pen, full_hand):
        hand = Hand({"é": full_hand["E"], "?": full_hand["7"], "o": full_hand["o"]})
        letters = pen.text_glyphs("é?ö", hand)
        assert (letters.written, letters.composed) == ("?é", "ö")
        assert np.array_equal(letters.samples[0].glyph, full_hand["E"][0])
        bare = pen.text_glyphs("é?ö", hand, keep_written=False)
        assert (bare.written, bare.composed) == ("", "?éö")

    def test_a_composed_letter_is_made_of_the_written_one(self, pen, full_hand):
        marked = pen.text_glyphs("ö", Hand({"o": full_hand["o"]})).samples[0]
        again = pen.text_glyphs("ö", Hand({"o": full_hand["Q"]})).samples[0]
        assert not np.array_equal(marked.glyph, again.glyph)
        ring = marked.ink[-round(marked.ink.shape[0] / marked.height * 0.9) :]
        assert ndimage.label(ring < 128)[1] == 2  # the o is whole: paper around it and paper within

    def test_signs_alone_need_no_network(self, pen, hand, monkeypatch):
        monkeypatch.setattr(pen, "_generated", None)
        assert pen.text_glyphs("?! – 27", hand).composed == "!?–"

    def test_a_letter_is_drawn_a_few_times_for_a_long_text(self, pen, hand):
        samples = pen.text_glyphs("a" * 30 + "é" * 30, hand).samples
        for part in (samples[:30], samples[30:]):
            assert len({id(sample) for sample in part[: synthesizer.DRAWS]}) == synthesizer.DRAWS
            assert len({id(sample) for sample in part}) == synthesizer.DRAWS
            assert all(one is not other for one, other in pairwise(part))

    def test_what_was_written_goes_before_what_was_generated(self, pen, full_hand):
        made = [Sample(c, full_hand[d][0], GENERATED) for c, d in ("ao", "bd")]
        both = Hand({"a": full_hand["a"]}, samples=made)
        glyphs = pen.glyphs("aaaab", both)
        assert all(np.array_equal(image, full_hand["a"][0]) for image in glyphs[:4])
        assert np.array_equal(glyphs[4], full_hand["d"][0])


class TestAlphabet:
    def test_written_variants_come_first(self, pen, full_hand):
        made = [Sample("b", full_hand["d"][0], GENERATED)]
        both = Hand({"a": [full_hand["a"][0], full_hand["o"][0]]}, samples=made)
        found = pen.alphabet(both, "aéж", variants=3)
        assert "".join(found) == CHARACTERS + "é"  # what nobody can write is left out
        assert len(found.pop("é")) == 1
        assert [len(found[character]) for character in "ab"] == [3, 3]
        assert [variant.source for variant in found["a"]] == [WRITTEN] * 3  # never a generated one
        assert np.array_equal(found["b"][0].glyph, full_hand["d"][0])
        for variants in found.values():
            assert len({variant.glyph.tobytes() for variant in variants}) == len(variants) <= 3

    def test_a_character_that_only_the_hand_holds(self, pen, full_hand):
        found = pen.alphabet(Hand({"ß": full_hand["B"], "a": full_hand["a"]}), variants=2)
        assert (len(found["ß"]), len(found["a"])) == (2, 2)

    def test_the_seed_decides(self, pen, hand):
        one, same, other = (pen.alphabet(hand, seed=seed)["a"][0].glyph for seed in (1, 1, 2))
        assert np.array_equal(one, same)
        assert not np.array_equal(one, other)

    def test_all_that_can_be_written(self, pen, star, hand, full_hand):
        assert pen.writable(hand) == charset.order(pen.characters)
        assert set("ďŁș½→²éß") <= set(pen.writable(hand))
        assert set("é½") & set(star.writable(hand)) == {"½"}
        assert "".join(pen.alphabet(hand, pen.writable(hand))) == pen.writable(hand)
        foreign = Hand({"א": full_hand["X"]})
        assert set("א?½") & set(pen.writable(foreign)) == set("א?")

    def test_accents_are_composed_of_the_letters_of_the_font(self, pen, hand_of):
        found = pen.alphabet(hand_of("eo"), "ëå")
        for letter, base in zip("ëå", "ea", strict=True):
            high = round(found[letter][0].ink.shape[0] / found[letter][0].height * 0.9)  # the base letter alone
            assert form_difference(found[letter][0].ink[-high:], found[base][0].glyph) < 0.05

    def test_misread_letters_have_no_alternates(self, pen, hand_of):
        class Reader:
            characters = CHARACTERS

            def __call__(self, images):
                return np.tile(9 * np.eye(len(CHARACTERS))[CHARACTERS.index("a")], (len(images), 1))

        found = pen.alphabet(hand_of("ab"), variants=3, reader=Reader())
        assert [len(found[character]) for character in "abc"] == [3, 1, 1]


class TestHandWithoutLatinLetters:
    @pytest.fixture
    def foreign(self, full_hand) -> Hand:
        return Hand({c: full_hand[d] for c, d in zip("אבג", "XNL", strict=True)})

    def test_it_writes_what_it_holds(self, pen, foreign):
        found = pen.text_glyphs("אבא, ג!", foreign)
        assert (found.written, found.composed, found.unknown) == ("אבג", "!,", "")
        order = sorted(pen.write("אבג", foreign).glyphs, key=lambda glyph: glyph.left)
        assert "".join(glyph.character for glyph in order) == "גבא"

    def test_signs_are_drawn_with_its_nib(self, pen, full_hand):
        thin, broad = (
            pen.text_glyphs("א—", Hand(samples=[Sample("א", image, height=1.0)])).samples[1].ink
            for image in (np.pad(disc(64, 2), 2), np.pad(disc(64, 9), 2))
        )
        assert (broad > 127).sum() > 2 * (thin > 127).sum()

    def test_nothing_is_generated(self, pen, foreign):
        found = pen.alphabet(foreign, pen.writable(foreign), variants=2)
        assert "".join(c for c in found if c.isalpha() and c in "אבגabcß") == "ßאבג"
        with pytest.raises(HandError, match="no written sample"):
            pen.write("אa", foreign)


class TestLayouts:
    def test_a_text_is_written_once_for_all_layouts(self, pen, hand, monkeypatch):
        wide = pen.write("284", hand, seed=4).image().shape[1]
        written = pen.text_glyphs("284", hand, seed=4)
        monkeypatch.setattr(GlyphPipeline, "write", None)
        assert pen.write("284", hand, seed=4, layout=Layout(x_height=90)).image().shape[1] > wide
        assert pen.text_glyphs("284", Hand(samples=hand.samples), seed=4) is written  # an equal Hand
        for other in ({"seed": 5}, {"keep_written": False}):
            with pytest.raises(TypeError):
                pen.text_glyphs("284", hand, **{"seed": 4, **other})
        with pytest.raises(TypeError):
            pen.text_glyphs("284", hand.drop(hand.samples[0]), seed=4)


class TestCode:
    @pytest.mark.large
    def test_two_threads_get_each_the_code_of_their_own_hand(self, saved_models, hand_of, monkeypatch):
        """The second asks while the first is computing."""
        pen, hands = tfhand.load(saved_models / "tiny-hand"), [hand_of("273"), hand_of("abc")]
        expected = [tfhand.load(saved_models / "tiny-hand").code(each) for each in hands]
        codes, computing, given = GlyphPipeline.codes, threading.Event(), {}

        def slow(*arguments):
            computing.set()
            time.sleep(0.2)
            return codes(*arguments)

        monkeypatch.setattr(GlyphPipeline, "codes", slow)

        def ask(number: int) -> None:
            given[number] = pen.code(hands[number])

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(2)]
        threads[0].start()
        assert computing.wait(60)
        threads[1].start()
        for thread in threads:
            thread.join()
        for number in range(2):
            np.testing.assert_array_equal(given[number], expected[number])
            assert pen.code(hands[number]) is given[number]

    def test_is_of_all_written_samples_and_optimized(self, pen, full_hand, hand):
        strange = Hand({"ß": full_hand["B"]}, samples=[Sample("4", full_hand["4"][0], GENERATED)])
        glyphs = np.stack([hand[character][0] for character in "237"])
        indices = np.array([[CHARACTERS.index(character) for character in "237"]])
        expected = optimize_code(
            pen.pipeline.networks, None, as_network_input(glyphs)[None], indices, pen.pipeline.generation
        )
        np.testing.assert_allclose(pen.code(hand), expected[0], atol=1e-4)
        np.testing.assert_allclose(pen.code(hand.merged(strange)), expected[0], atol=1e-4)
        assert pen.code(hand) is not pen.code(hand.merged(strange))


class TestWrite:
    def test_a_page(self, pen, hand):
        page = pen.write("Dear Anna,\n27", hand, seed=4)
        image = page.image()
        assert (image.dtype, image.shape) == (np.uint8, (page.height, page.width))
        assert "".join(glyph.character for glyph in page.glyphs) == "DearAnna,27"
        assert np.array_equal(pen.write("Dear Anna,\n27", hand, seed=4).image(), image)
        assert not np.array_equal(pen.write("Dear Anna,\n27", hand, seed=5).image(), image)

    def test_a_gap_takes_room(self, pen, hand):
        with_gap, without = pen.write("2Ж7", hand), pen.write("27", hand)
        assert with_gap.width > without.width
        assert [glyph.character for glyph in with_gap.glyphs] == ["2", "7"]

    def test_nothing_that_is_known(self, pen, hand):
        with pytest.raises(TextError, match="Cannot write Ж 漢"):
            pen.write("Ж 漢", hand)

    def test_a_text_of_gaps(self, pen, hand):
        with pytest.raises(TextError, match="Cannot write П в е и р т;"):
            pen.write("Привет, a", hand)
        assert len(pen.write("Пр ab", hand).glyphs) == 2  # half of it says something


class TestStarGAN:
    def test_glyphs(self, star, hand):
        glyphs = star.glyphs("481", hand, seed=0)
        assert (glyphs.shape, glyphs.dtype) == ((3, 32, 32), np.uint8)
        assert np.array_equal(star.glyphs("481", hand, seed=0), glyphs)
        assert not np.array_equal(star.glyphs("481", hand, seed=1), glyphs)
        assert np.array_equal(star.glyphs("27", hand)[0], hand["2"][0])

    def test_needs_a_hand_of_its_characters(self, star, hand_of):
        with pytest.raises(HandError, match="give it a Hand"):
            star.glyphs("481")
        with pytest.raises(HandError, match="no written sample of 0123456789"):
            star.glyphs("481", hand_of("abc"))

    def test_writes_digits_only(self, star, hand):
        assert star.learned == "0123456789"
        assert "?" in star.characters
        with pytest.raises(TextError, match="Cannot write a é; this preset knows 0123456789"):
            star.glyphs("1aé", hand)


class TestLoad:
    def test_by_name(self, shelf, pen, hand):
        assert np.array_equal(tfhand.load("tiny-hand").glyphs("481", hand), pen.glyphs("481", hand))

    def test_unknown(self, shelf):
        with pytest.raises(PresetError, match=r"'no-such'; there are: .*tiny-hand"):
            tfhand.load("no-such")

    def test_a_preset_that_does_not_write(self, shelf):
        with pytest.raises(PresetError, match="tiny-reader does not write"):
            tfhand.load("tiny-reader")


STYLE = replace(TINY_STYLEGAN, image_size=32, generator_widths=(6, 4, 4, 3), discriminator_widths=(3, 4, 4, 5))


@pytest.fixture(scope="module")
def of_people() -> Synthesizer:
    networks = ConditionalGAN(3, **as_json(replace(TINY_CGAN, writers=True)))
    return Synthesizer(GlyphPipeline(networks, generation=GenerationConfig(steps=12)))


@pytest.fixture(scope="module")
def of_characters() -> Synthesizer:
    return Synthesizer(GlyphPipeline(ConditionalGAN(**as_json(TINY_CGAN))))


@pytest.fixture(scope="module")
def style() -> Synthesizer:
    return Synthesizer(GlyphPipeline(StyleGAN(**as_json(STYLE))))


class TestOtherFamilies:
    """Presets whose networks are not those that learn hands write by the same calls."""

    def test_a_vector_is_searched_for_with_the_networks_as_they_are(self, of_people, hand):
        before = [np.array(weight) for weight in of_people.pipeline.networks.weights]
        code = of_people.code(hand)
        assert code.shape == (TINY_CGAN.hand_size + TINY_CGAN.transform_size,)
        assert np.abs(code).max() > 0.01  # the search begins at 0, the average person
        for old, new in zip(before, of_people.pipeline.networks.weights, strict=True):
            np.testing.assert_array_equal(old, new)
        glyphs = of_people.glyphs("481", hand)
        assert glyphs.shape == (3, 32, 32)
        assert not np.array_equal(glyphs, of_people.glyphs("481", seed=0))

    @pytest.mark.parametrize("pen", ["of_people", "of_characters", "style"])
    def test_random_hands_by_the_seed(self, pen, request):
        pen = request.getfixturevalue(pen)
        assert np.array_equal(pen.glyphs("01a", seed=5), pen.glyphs("01a", seed=5))
        assert not np.array_equal(pen.glyphs("01a", seed=5), pen.glyphs("01a", seed=6))

    def test_a_preset_of_characters_alone_knows_no_hands(self, of_characters, hand):
        with pytest.raises(HandError, match="knows characters and no hands"):
            of_characters.glyphs("481", hand)
        assert np.array_equal(of_characters.glyphs("2", hand)[0], hand["2"][0])  # what is written needs no network

    def test_a_hand_is_an_offset_from_the_mean_styles(self, style, full_hand):
        small = Hand({character: full_hand[character] for character in "01"})
        code = style.code(small)
        assert code.shape == (STYLE.style_size,)
        wanted = style.pipeline.networks.synthesize(
            style.pipeline.networks.means(np.array([2])) + code[None], np.array([2])
        )
        written = style.pipeline.networks.write(code[None], np.array([2]), np.zeros((1, STYLE.noise_size), np.float32))
        np.testing.assert_allclose(written, wanted, atol=1e-6)
        assert style.glyphs("a1", small).shape == (2, 32, 32)

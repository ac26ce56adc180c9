"""Words put together of pieces of a person's words: what meets, what does not, and what stands in for a letter."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

import tfhand
from tests.support.joined_hand import written_words
from tests.support.joined_words import BASELINE, X_HEIGHT, joined_ink, joined_word
from tfhand.data import synthetic
from tfhand.errors import TextError
from tfhand.hands.hand import Hand, Sample, WordSample
from tfhand.synthesis.joined.assembly import assemble
from tfhand.synthesis.joined.blocks import BlockMaker
from tfhand.synthesis.joined.choice import Inventory, PieceChooser
from tfhand.synthesis.joined.levelling import levelled
from tfhand.synthesis.joined.meeting import MOST_BENT, bent_to_meet
from tfhand.synthesis.joined.oddness import oddness
from tfhand.synthesis.joined.pair_joins import PairJoins
from tfhand.synthesis.joined.pieces import Piece, pieces_of, port_of
from tfhand.synthesis.joined.text_words import runs
from tfhand.synthesis.joined.word_writer import WordWriter, WrittenWords, write_word
from tfhand.typeset.shapes import DETAIL
from tfhand.vector.distance_field import coverage, distance_field, nib_width

LOOPS = ("lel", "eel", "lee", "lle", "ele")
TEXTS = ("hand", "letter", "winter", "many", "people", "garden", "house", "under", "water", "three", "moon", "mill")


@pytest.fixture(scope="module")
def archive():
    return synthetic.archive(1, 1, seed=40)


@pytest.fixture(scope="module")
def print_words(archive):
    return written_words(archive, TEXTS, joined=False)


@pytest.fixture(scope="module")
def loops() -> list[WordSample]:
    return [joined_word(text) for text in LOOPS]


@pytest.fixture(scope="module")
def pen(saved_models) -> tfhand.Synthesizer:
    return tfhand.load(saved_models / "tiny-hand")


def parts_of(ink: np.ndarray) -> int:
    return cv2.connectedComponents((ink > 127).astype(np.uint8))[0] - 1


def chooser(words, seed: int = 0) -> PieceChooser:
    return PieceChooser(Inventory(words), PairJoins(words), np.random.default_rng(seed))


class TestPieces:
    def test_every_run_of_letters_is_a_piece_with_its_ends(self, loops):
        found = pieces_of(loops[:1])
        assert {text: len(pieces) for text, pieces in found.items()} == {"l": 2, "le": 1, "lel": 1, "e": 1, "el": 1}
        first, last = found["l"]
        assert (first.before, first.after, last.before, last.after) == ("", "e", "e", "")
        assert first.entry is None
        assert last.exit is None
        assert first.exit.height == pytest.approx(0.0, abs=0.1) == last.entry.height

    def test_a_letter_that_is_not_sure_is_in_none(self):
        assert set(pieces_of([joined_word("lel", sure=[True, False, True])])) == {"l"}

    def test_a_letter_of_hardly_any_ink_is_in_none(self):
        word = joined_word("lel")
        narrow = WordSample("lel", word.ink, word.baseline, word.x_height, (word.cuts[0], word.cuts[0] + 2.0))
        assert "e" not in pieces_of([narrow])

    def test_ink_that_rises_at_a_cut_is_told_from_ink_that_falls(self):
        up = np.zeros((100, 120), np.uint8)
        cv2.line(up, (5, 80), (115, 40), 255, 5, cv2.LINE_AA)
        rises = [
            port_of(WordSample("ll", ink, 85, 40, [58]), 1).rise for ink in (up, np.ascontiguousarray(up[:, ::-1]))
        ]
        assert rises == pytest.approx([40 / 110, -40 / 110], abs=0.08)


class TestLevelling:
    @pytest.mark.parametrize(("lift", "growth"), [(0.25, 1.0), (-0.25, 1.0), (0.0, 1.25), (0.0, 0.8)])
    def test_a_word_measured_wrong_is_put_right(self, print_words, lift, growth):
        right, others = print_words[1], [word for word in print_words if word is not print_words[1]]
        size = right.x_height * growth
        wrong = replace(right, baseline=right.baseline + lift * right.x_height, x_height=size)
        (mended,) = (word for word in levelled([*others, wrong]) if word.text == right.text)
        assert abs(mended.baseline - right.baseline) <= 0.6 * abs(lift) * right.x_height + 2
        assert abs(mended.x_height / right.x_height - 1) <= 0.6 * abs(growth - 1) + 0.05

    def test_words_measured_well_stay(self, loops):
        assert all(one is other for one, other in zip(levelled(loops), loops, strict=True))

    def test_a_person_whose_letters_stand_high_keeps_them_there(self, loops):
        high = [replace(word, baseline=word.baseline + 10) for word in loops]
        assert levelled(high) == high
        assert levelled([]) == []


class TestChoice:
    def test_a_word_that_was_written_is_taken_whole(self, loops):
        (piece,) = chooser(loops).choose("lle")
        assert piece.text == "lle"
        assert piece.word is loops[3]

    def test_long_runs_go_before_single_letters(self):
        parts = chooser([joined_word("lelele"), joined_word("eelle"), joined_word("lel")]).choose("lelelle")
        assert len(parts) == 2

    def test_several_writings_take_turns(self):
        words = [joined_word("lel", slant) for slant in (0.0, 0.02, 0.04)]
        choose = chooser(words)
        taken = [choose.choose("lel")[0].word for _ in range(6)]
        assert {taken.count(word) for word in words} == {2}

    def test_ends_that_fit_are_taken(self, loops):
        low = WordSample("lel", joined_ink("lel"), BASELINE - 0.5 * X_HEIGHT, X_HEIGHT, (76 - 28, 122 - 28))
        words = [joined_word("ee"), joined_word("ee"), low]
        parts = chooser(words).choose("eee")
        assert all(part.word is not low for part in parts)

    def test_a_letter_that_no_word_shows_stands_for_itself(self, loops):
        assert [part if isinstance(part, str) else part.text for part in chooser(loops).choose("leox")][-2:] == [
            "o",
            "x",
        ]

    def test_another_seed_takes_other_pieces(self):
        words = [joined_word(text, slant) for text in LOOPS for slant in (0.0, 0.1, 0.2)]
        chosen = {tuple((id(p.word), p.first) for p in chooser(words, seed).choose("eleelell")) for seed in range(8)}
        assert len(chosen) > 1

    def test_a_letter_that_was_not_found_well_is_left_out(self, archive):
        words = written_words(archive, ["many", "moon", "mill", "more", "most"], joined=False)
        ink = words[0].ink.copy()
        off = WordSample("many", ink, words[0].baseline, words[0].x_height, [c + 22 for c in words[0].cuts])
        odd = oddness([*words[1:], off])
        assert odd[id(off), 0] > 1.2 * max(odd[id(word), 0] for word in words[1:])
        assert chooser([*words[1:], off]).choose("m")[0].word is not off


class TestJoins:
    def test_who_joins_does_so_at_pairs_never_seen(self, loops, print_words):
        joins, prints = PairJoins(loops), PairJoins(print_words)
        assert joins.share("l", "e") > 0.9
        assert joins.share("n", "u") > 0.8
        assert prints.share("a", "n") < 0.1
        assert prints.share("n", "u") < 0.2
        assert joins.share("o", "g") < joins.share("n", "e")  # as people do

    def test_without_words_nothing_is_joined_but_by_order(self):
        assert PairJoins([]).share("n", "e") < 0.5 < PairJoins([], always=True).share("n", "e")

    def test_heights_come_from_the_person_and_from_classes(self, loops):
        joins = PairJoins(loops)
        assert joins.height("l", "e") < 0.15  # theirs
        assert joins.height("o", "n") > joins.height("n", "n")  # people's


class TestAssembly:
    @pytest.mark.parametrize("text", ["ellell", "leelle", "eeeeee"])
    def test_joined_letters_are_one_line(self, loops, text: str):
        word = write_word(Hand(words=loops), text)
        assert word.text == text
        assert word.x_height == DETAIL
        assert parts_of(word.ink) == 1
        assert all(word.ports(cut) for cut in range(1, len(text)))
        whole = write_word(Hand(words=[joined_word(text)]), text)  # as it was written, in one piece
        own, written = (nib_width(distance_field(one.ink, 1.0)) for one in (whole, word))
        assert written == pytest.approx(own, rel=0.05)

    def test_nowhere_is_the_line_thicker_or_thinner_than_it_was(self, loops):
        word, own = write_word(Hand(words=loops), "elleel"), loops[0]
        depths = [distance_field(w.ink, DETAIL / w.x_height).max() for w in (word, own)]
        assert depths[0] < 1.25 * depths[1]
        thin = cv2.erode((word.ink > 127).astype(np.uint8), np.ones((3, 3), np.uint8))
        assert parts_of(thin * 255) == 1

    def test_print_stays_print(self, archive, print_words):
        word = write_word(Hand(words=print_words), "mental")
        assert parts_of(word.ink) >= 6
        assert not any(word.ports(cut) for cut in (1, 2, 3, 5))  # the bar of the t reaches over the a

    @pytest.mark.parametrize("high", [0.2, -0.2, 0.5])
    def test_ends_at_different_heights_are_bent_to_meet(self, high: float):
        raised = WordSample("ll", joined_ink("ll"), BASELINE + high * X_HEIGHT, X_HEIGHT, [76])
        maker = BlockMaker([joined_word("ee"), raised])
        left, right = pieces_of([joined_word("ee")])["e"][0], pieces_of([raised])["l"][1]
        blocks = [maker.of_piece(left), maker.of_piece(right)]
        apart = right.entry.height - left.exit.height
        assert apart == pytest.approx(high, abs=0.05)
        bent = bent_to_meet(blocks)
        after = (bent[1].entry[1] - bent[0].exit[1]) / DETAIL
        assert abs(after) <= max(0.02, abs(apart) - 2 * MOST_BENT / DETAIL + 0.05)
        assert bent[0].field[: blocks[0].field.shape[0]].shape[1] == blocks[0].field.shape[1]
        word = assemble(blocks, PairJoins([]), 0.0, np.random.default_rng(0))
        assert parts_of(word.ink) == 1

    def test_a_word_stands_on_its_line_at_its_size(self, loops):
        word = write_word(Hand(words=loops), "ellele")
        top, bottom = np.flatnonzero((word.ink > 127).any(axis=1))[[0, -1]]
        assert (word.baseline - bottom) / word.x_height == pytest.approx(0.0, abs=0.2)
        assert (word.baseline - top) / word.x_height == pytest.approx(loops[0].baseline / loops[0].x_height, abs=0.1)

    def test_words_of_another_size_give_the_same_size(self, loops):
        double = [
            WordSample(
                w.text, cv2.resize(w.ink, None, fx=2, fy=2), 2 * w.baseline, 2 * w.x_height, [2 * c for c in w.cuts]
            )
            for w in loops[2:]
        ]
        one, other = (write_word(Hand(words=words), "elle").ink for words in (loops[2:], double))
        assert np.abs(np.subtract(one.shape, other.shape)).max() <= 3

    def test_one_seed_one_word_and_no_two_are_the_same(self, loops):
        hand = Hand(words=loops)
        assert write_word(hand, "leel", 3) == write_word(hand, "leel", 3)
        writer = WordWriter(WrittenWords(loops), 3)
        once, again = (writer.write(writer.choose("leel"))[0] for _ in range(2))
        assert once != again

    def test_a_letter_no_word_shows_comes_from_a_sample_and_is_joined(self, loops, full_hand):
        hand = Hand(samples=[Sample("n", full_hand["n"][0], baseline=0.0, height=1.0)], words=loops)
        word = write_word(hand, "lenel")
        assert word.text == "lenel"
        assert parts_of(word.ink) == 1
        with pytest.raises(TextError, match="No word and no sample of this Hand shows 'o'"):
            write_word(hand, "leo")

    def test_always_joins_even_print(self, archive, full_hand):
        words = written_words(archive, ["men", "nun", "un"], joined=False)
        writer = WordWriter(WrittenWords(words), always=True)
        parts = writer.choose("nunmen")
        assert all(part.lifts == 0 for part in parts)
        assert parts_of(writer.write(parts)[0].ink) == 1

    def test_a_letter_beside_print_is_not_joined(self, print_words, full_hand):
        hand = Hand(samples=[Sample("z", full_hand["z"][0], baseline=0.0, height=1.0)], words=print_words)
        assert parts_of(write_word(hand, "az").ink) == 2

    def test_a_word_without_any_piece_is_none(self, loops, full_hand):
        with pytest.raises(TextError, match="show no letter of 'n'"):
            write_word(Hand({"n": full_hand["n"]}, words=loops), "n")


class TestText:
    def test_words_are_runs_of_letters(self):
        assert runs("It's 25 °C,\nnaïve_x") == [*("It", "'", "s", "2", "5", "°", "C", ",", "naïve", "_", "x")]

    def test_words_are_written_as_one_and_signs_as_before(self, pen, loops):
        found = pen.text_glyphs("Elle, 7 lee", Hand(words=loops))
        assert [glyph.text if isinstance(glyph, WordSample) else glyph.character for glyph in found.samples] == [
            *("Elle", ",", "7", "lee"),
        ]
        assert (found.written, found.generated, found.unknown) == ("el", "7E,", "")

    def test_never_and_generated_letters_stand_apart(self, pen, loops):
        hand = Hand(words=loops)
        assert len(pen.text_glyphs("elle", hand, joined="never").samples) == 4
        assert len(pen.text_glyphs("elle", hand, keep_written=False).samples) == 4
        assert pen.glyphs("elle", hand).shape == (4, 32, 32)

    def test_a_hand_without_words_is_written_as_ever(self, pen, full_hand):
        auto, never = (pen.write("elle", full_hand, joined=joined) for joined in ("auto", "never"))
        assert np.array_equal(auto.image(), never.image())
        (word,) = pen.text_glyphs("elle", full_hand, joined="always").samples
        assert parts_of(word.ink) == 1

    def test_pages_hold_whole_words(self, pen, loops, tmp_path):
        hand = Hand(words=loops)
        page = pen.write("elle lee", hand)
        assert [glyph.character for glyph in page.glyphs] == ["elle", "lee"]
        assert parts_of(255 - page.image()) == 2
        again = pen.write("elle lee", hand)
        assert np.array_equal(page.image(), again.image())
        assert not np.array_equal(page.image(), pen.write("elle lee", hand, seed=1).image())
        for ending in ("svg", "pdf"):
            assert page.save(tmp_path / f"page.{ending}")[0].stat().st_size > 1000

    def test_a_character_that_cannot_be_written_leaves_a_gap_in_its_word(self, pen, loops):
        found = pen.text_glyphs("elжle", Hand(words=loops))
        assert [glyph and glyph.text for glyph in found.samples] == ["el", None, "le"]
        assert found.unknown == "ж"


def test_pieces_keep_their_ink(loops):
    (piece,) = (piece for piece in pieces_of(loops[:1])["lel"])
    assert isinstance(piece, Piece)
    block = BlockMaker(loops).of_piece(piece)
    whole = coverage(distance_field(loops[0].ink, DETAIL / loops[0].x_height))
    assert (block.field > 0).sum() == pytest.approx((whole > 127).sum(), rel=0.05)

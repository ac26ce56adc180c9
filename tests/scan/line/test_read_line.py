from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from tests.support import photo
from tfhand.errors import HandwritingError, PictureError, TextError
from tfhand.scan import read_line
from tfhand.scan.line import find_line
from tfhand.scan.line.mismatch import DOUBTFUL, LEFT_OUT, TAKEN, annotated

CLEAN = photo.Conditions(width=700)


@pytest.fixture(scope="module")
def letters() -> photo.Letters:
    return photo.simple_letters(seed=4)


def reads(shot: photo.Photo) -> bool:
    """Whether every character is found in its place and the reading is believed."""
    found = find_line(shot.picture, shot.says)
    return (
        not found.doubt
        and len(found.boxes) == len(shot.boxes)
        and bool((photo.overlap(found.boxes, shot.boxes) > 0.7).all())
    )


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"ink": (40, 60, 160), "paper": (245, 238, 215)},
        {"shadow": 0.5, "hard_edge": True},
        {"skew": 9.0},
        {"skew": -9.0, "ruling": "lines", "ruling_depth": 0.25},
        {"ruling": "squares", "ruling_depth": 0.3},
        {"ruling": "squares", "ruling_depth": 0.48, "skew": -2.5},
        {"width": 300, "noise": 6.0, "quality": 60},
        {"border_strokes": 4, "table": True, "specks": 6, "aspect": 0.5},
    ],
    ids=lambda changes: " ".join(changes) or "clean",
)
def test_reads_a_line_under(changes, letters):
    assert reads(photo.photograph(letters, "27381", replace(CLEAN, **changes), seed=1))


def test_wide_strokes_are_found_at_their_place_and_read_at_a_smaller_scale(letters):
    shot = photo.photograph(letters, "27381", replace(CLEAN, width=2000, skew=3.0), seed=1)
    found = find_line(shot.picture, shot.says)
    assert found.page.scale >= 2
    assert 8 < found.stroke < 16
    assert (photo.overlap(found.boxes, shot.boxes) > 0.85).all()


def test_dots_spaces_and_letters_of_all_heights(letters):
    shot = photo.photograph(letters, "hi dalit Axe", replace(CLEAN, width=1200, skew=4.0), seed=2)
    assert reads(shot)
    hand = read_line(shot.picture, shot.says)
    assert sorted(hand) == sorted(set("hidalitAxe"))
    assert len(hand["i"]) == len(hand["a"]) + 1 == 2


def test_samples_know_their_place_on_the_line(letters):
    given = replace(CLEAN, width=1000, jitter=0.0)
    letters = {**letters, "p": [[stroke + [0, 0.8] for stroke in letters["b"][0]]]}
    hand = read_line(photo.photograph(letters, "xdpzhn", given, seed=3).picture, "xdpzhn")
    place = {sample.character: sample for sample in hand.samples}
    for character in "xdzh":
        drawn = np.concatenate(letters[character][0])
        assert place[character].height == pytest.approx((np.ptp(drawn[:, 1]) + given.nib) / (1 + given.nib), abs=0.15)
        assert place[character].baseline == pytest.approx(-drawn[:, 1].max(), abs=0.15)
    assert place["p"].baseline < min(sample.baseline for sample in hand.samples if sample.character != "p") - 0.4


def test_the_cut_out_glyph_is_soft_clean_ink(letters):
    shot = photo.photograph(letters, "273", replace(CLEAN, ruling="squares", ruling_depth=0.25, shadow=0.4), seed=5)
    clean = photo.photograph(letters, "273", CLEAN, seed=5)
    for found, expected in zip(
        read_line(shot.picture, "273").samples, read_line(clean.picture, "273").samples, strict=True
    ):
        assert len(np.unique(found.ink)) > 20  # grey edges, not a stencil
        assert np.percentile(found.ink[found.ink > 128], 50) > 230
        assert ndimage.label(found.ink > 90)[1] == ndimage.label(expected.ink > 90)[1] == 1
        difference = np.abs(found.glyph.astype(int) - expected.glyph.astype(int)).mean()
        assert difference < 12


def test_a_broken_letter_is_joined(letters):
    shot = photo.photograph(letters, "273", CLEAN, seed=7)
    top, left, bottom, right = shot.boxes[1].astype(int)
    broken = shot.picture.copy()
    broken[(top + bottom) // 2 : (top + bottom) // 2 + 6, left - 3 : right + 3] = CLEAN.paper
    assert reads(replace(shot, picture=broken))


@pytest.mark.parametrize("says", ["2738", "27", "2", "27381273", "73", "23"])
def test_nothing_is_taken_for_another_character_where_the_text_does_not_fit(says, letters):
    """Pieces more or fewer than characters: what is taken stands where the character does, and the rest is named."""
    shot = photo.photograph(letters, "273", CLEAN, seed=9)
    found = find_line(shot.picture, says)
    for one in found.found:
        assert bool(one.sample) != bool(one.reason)
        if one.sample:
            truth = shot.boxes[["273".index(one.character)]]
            assert photo.overlap(one.box[None], truth) > 0.7
    if not any(one.sample for one in found.found):
        for left, right in shot.boxes[:, [1, 3]]:
            assert any(f"{a}-" in found.doubt for a in range(int(left) - 3, int(left) + 4))
            assert any(f"-{b}" in found.doubt for b in range(int(right) - 3, int(right) + 4))


def test_one_join_does_not_lose_the_others(letters):
    """Two letters written into each other in the middle of a line are left out, and all others are read."""
    apart = photo.photograph(letters, "zebra 273 dance", replace(CLEAN, width=1500, jitter=0.0), seed=3)
    picture = apart.picture.copy()
    (top, left, bottom, _), (_, _, _, right) = apart.boxes[1], apart.boxes[2]  # e and b
    picture[int((top + bottom) / 2) - 3 : int((top + bottom) / 2) + 3, int(left) : int(right)] = CLEAN.ink
    found = find_line(picture, apart.says)
    taken = {k for k, one in enumerate(found.found) if one.sample}
    assert taken >= set(range(len(found.found))) - {0, 1, 2, 3}
    for k in taken:
        assert photo.overlap(found.boxes[[k]], apart.boxes[[k]]) > 0.6


def test_a_tilde_stands_for_ink_that_is_not_to_be_taken(letters):
    shot = photo.photograph(letters, "27381", CLEAN, seed=9)
    hand = read_line(shot.picture, "2~381")
    assert sorted(hand) == list("1238")


def test_what_was_seen_is_drawn_on_the_photo(letters):
    shot = photo.photograph(letters, "27381", CLEAN, seed=9)
    found = find_line(shot.picture, shot.says).found
    found = (*found[:2], replace(found[2], sample=None, reason="not found"), *found[3:])
    picture = annotated(shot.picture, found, ["", "1", "", ""]).astype(int)
    assert picture.shape == shot.picture.shape
    for k, colour in enumerate((TAKEN, DOUBTFUL, LEFT_OUT, TAKEN, TAKEN)):
        top, left, bottom, _ = np.rint(found[k].box).astype(int)
        edge = picture[top - 2 : bottom + 3, left - 2 : left + 3].reshape(-1, 3)
        assert (edge == colour).all(axis=1).sum() > (bottom - top) * 0.8
        top, left, bottom, right = np.rint(found[k].box).astype(int)
        inside = picture[top + 4 : bottom - 4, left + 4 : right - 4]
        crossed = (inside == LEFT_OUT).all(axis=2).any(axis=1).mean()
        assert crossed > 0.9 if colour == LEFT_OUT else crossed == 0


def test_bad_pictures_and_texts_are_named_in_one_sentence(letters, tmp_path):
    good = photo.photograph(letters, "273", CLEAN, seed=9).picture
    for name, content in {"empty.png": b"", "words.png": b"no picture", "cut.png": None}.items():
        if content is None:
            Image.fromarray(good).save(tmp_path / name)
            content = (tmp_path / name).read_bytes()[:2000]
        (tmp_path / name).write_bytes(content)
        with pytest.raises(PictureError, match=name):
            read_line(tmp_path / name, "273")
    noise = np.random.default_rng(0).integers(0, 256, (400, 600), dtype=np.uint8)
    stripes = np.tile(np.repeat(np.uint8([60, 250]), 10), (300, 30))
    refused = {
        PictureError: [tmp_path / "missing.jpg", np.zeros((1, 1), np.uint8), good.astype(float), good[0, 0], None],
        HandwritingError: [np.full((300, 900), 255, np.uint8), np.zeros((300, 900, 3), np.uint8), noise, stripes],
    }
    huge = np.broadcast_to(np.uint8(255), (20_000, 20_000))
    for kind, images in {**refused, PictureError: [*refused[PictureError], huge]}.items():
        for image in images:
            with pytest.raises(kind) as caught:
                read_line(image, "273")
            assert str(caught.value).endswith(".")
    for says in ("", "  \n", "2" * 500, None):
        with pytest.raises(TextError):
            read_line(good, says)


def test_white_ink_on_black_and_a_path_give_the_same_hand(letters, tmp_path):
    shot = photo.photograph(letters, "273", replace(CLEAN, noise=0.5), seed=9)
    Image.fromarray(shot.picture).save(tmp_path / "line.png")
    hand = read_line(tmp_path / "line.png", " 27 3".replace(" ", ""))
    assert hand == read_line(shot.picture, "273")
    dark = read_line(255 - shot.picture, "273")
    assert all(np.abs(dark[c][0].astype(int) - hand[c][0].astype(int)).mean() < 6 for c in "273")


def test_a_photo_of_12_megapixels_is_read_within_two_seconds(letters):
    shot = photo.photograph(letters, "2738145", replace(CLEAN, width=1500, skew=3.0, ruling="lines"), seed=3)
    large = np.asarray(Image.fromarray(shot.picture).resize((4000, 3000)))
    shot = replace(
        shot, picture=large, boxes=shot.boxes * ([3000 / shot.picture.shape[0], 4000 / shot.picture.shape[1]] * 2)
    )
    begun = time.process_time()
    assert reads(shot)
    assert time.process_time() - begun < 3.0  # 2 s on an idle core


@pytest.mark.slow
@pytest.mark.skipif(not photo.STROKES.exists(), reason="the archive of real strokes is not here")
@pytest.mark.parametrize(("level", "least"), [("easy", 0.99), ("medium", 0.95), ("hard", 0.85)])
def test_share_of_real_writers_lines_read_wholly_right(level, least):
    right, writers = 0, photo.real_writers()
    for seed in range(100):
        rng = np.random.default_rng(seed)
        letters = {}
        while len(letters) < 10:
            letters = photo.real_letters(int(rng.choice(writers)))
        given = photo.conditions(level, rng)
        shot = photo.photograph(letters, photo.random_text(letters, rng), given, seed)
        found = find_line(shot.picture, shot.says).boxes
        right += len(found) == len(shot.boxes) and bool((photo.overlap(found, shot.boxes) > 0.7).all())
    assert right >= 100 * least

"""Metrics of letters that a preset makes of noise and a character, on stand-ins of known quality."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from tfhand.data import synthetic
from tfhand.errors import ArchiveError
from tfhand.evaluation import letter_classifier
from tfhand.evaluation.letter_classifier import batches
from tfhand.evaluation.two_sample import Letters
from tfhand.evaluation.unconditional_evaluator import CAS, CONDITIONAL_ACCURACY, GENERATED, REAL, UnconditionalEvaluator
from tfhand.hands.glyph import as_glyphs, as_network_input

pytestmark = pytest.mark.large

CHARACTERS, SIZE = "2anRy", 16


class Writer:
    """Stands for the pipeline of a preset: letters of people who are in no archive; the noise picks the person.

    Args:
        swap: takes the first two characters for each other.
        people: how many different letters of a character it knows.
    """

    def __init__(self, swap: bool = False, people: int = 40):
        self.characters, self.image_size, self.writer = CHARACTERS, SIZE, SimpleNamespace(noise_size=3)
        self.swap, self.asked, self.noise = swap, [], []
        archive = synthetic.archive(people, 1, seed=7, characters=CHARACTERS)
        glyphs = archive.render(range(len(archive)), SIZE)
        self.letters = [as_network_input(glyphs[archive.labels == label]) for label in range(len(CHARACTERS))]

    def write(self, codes, characters, noise):
        assert codes.shape == (len(characters), 0)
        assert characters.dtype == np.int32
        assert noise.shape == (len(characters), 3)
        self.asked.extend(characters)
        self.noise.extend(noise[:, 0])
        swapped = {0: 1, 1: 0} if self.swap else {}
        own = [self.letters[swapped.get(int(character), int(character))] for character in characters]
        drawn = [each[int(1e4 * abs(z)) % len(each)] for each, z in zip(own, noise[:, 0], strict=True)]
        return as_glyphs(np.stack(drawn))


@pytest.fixture(scope="module")
def archive():
    return synthetic.archive(30, 2, seed=3, characters=CHARACTERS)


class Neighbour:
    """A classifier that needs no training: reads a letter as the nearest that it knows."""

    def __init__(self, letters: Letters):
        self.known, self.numbers = (
            as_network_input(letters.glyphs).reshape(len(letters.glyphs), -1),
            letters.characters,
        )

    def __call__(self, images):
        nearest = [np.square(self.known - image.ravel()).sum(axis=1).argmin() for image in images]
        return np.eye(len(CHARACTERS))[self.numbers[nearest]]


def small(glyphs: np.ndarray) -> np.ndarray:
    """What a glyph looks like from afar, (n, 16)."""
    return glyphs.reshape(len(glyphs), 4, SIZE // 4, 4, SIZE // 4).mean(axis=(2, 4)).reshape(len(glyphs), -1) / 255


@pytest.fixture
def evaluator_of(archive, monkeypatch):
    """Netevaluators before classifiers that need no training."""
    monkeypatch.setattr(UnconditionalEvaluator, "_train", lambda self, letters, kind: Neighbour(letters))
    monkeypatch.setattr(UnconditionalEvaluator, "_features", lambda self, letters: small(letters.glyphs))
    return lambda writer, archive=archive, seed=1: UnconditionalEvaluator(writer, archive, range(10), seed)


def test_the_classifier_learns_to_read_from_people_who_are_not_held_out(archive, monkeypatch):
    monkeypatch.setattr(letter_classifier, "STEPS", 100)
    evaluator = UnconditionalEvaluator(Writer(), archive, range(10), seed=1)
    assert len(evaluator.held_out.glyphs) == 10 * 2 * len(CHARACTERS)
    assert len(evaluator.trained_on.glyphs) == 20 * 2 * len(CHARACTERS)
    held_out = {glyph.tobytes() for glyph in evaluator.held_out.glyphs}
    assert held_out.isdisjoint(glyph.tobytes() for glyph in evaluator.trained_on.glyphs)
    shares = evaluator.conditional_accuracy(200)
    assert shares[REAL] > 0.9
    assert shares[GENERATED] > 0.9
    assert all(metrics["FID"] > 0 for metrics in evaluator.distances(50).values())


def test_two_characters_that_are_swapped_are_found_out(evaluator_of):
    assert evaluator_of(Writer()).conditional_accuracy(300)[GENERATED] > 0.9
    assert evaluator_of(Writer(swap=True)).conditional_accuracy(300)[GENERATED] == pytest.approx(0.6, abs=0.06)


def test_generated_letters_teach_a_classifier_what_they_are_and_no_more(evaluator_of):
    writer = Writer(swap=True)
    assert evaluator_of(writer).classification_accuracy_score() == pytest.approx(0.6, abs=0.06)
    assert np.bincount(writer.asked).tolist() == [40] * len(CHARACTERS)  # as many as there are real ones


def test_one_letter_for_each_character_is_read_but_lies_far_off(evaluator_of):
    various, same = evaluator_of(Writer()), evaluator_of(Writer(people=1))
    assert same.conditional_accuracy(300)[GENERATED] > 0.9
    near, far = various.distances(), same.distances()
    assert near[REAL] == far[REAL]
    for metric in ("FID", "KID x 1000"):
        assert max(near[kind][metric] for kind in near) < 0.5 * far[GENERATED][metric]


def test_every_character_is_asked_as_often_and_with_fresh_noise(evaluator_of):
    def ask(seed: int) -> Writer:
        writer = Writer()
        evaluator_of(writer, seed=seed).conditional_accuracy(1000)
        return writer

    first, again, other = ask(0), ask(0), ask(1)
    assert np.bincount(first.asked).tolist() == [200] * len(CHARACTERS)
    assert len(set(first.noise)) == 1000
    assert first.noise == again.noise
    assert not set(first.noise) & set(other.noise)


def test_kinds_that_are_compared_hold_the_same_characters(archive, evaluator_of, monkeypatch):
    evaluator = evaluator_of(Writer(), archive.select(np.flatnonzero(archive.labels + archive.writers % 2)))
    seen = []
    monkeypatch.setattr(evaluator, "_features", lambda letters: seen.append(letters) or letters.glyphs.mean(axis=2))
    evaluator.distances(60)
    counts = [np.bincount(letters.characters).tolist() for letters in seen]
    assert counts[0] == counts[1] == counts[2]
    assert sum(counts[0]) == evaluator.compared(60) == 60
    assert counts[0][0] < counts[0][1]
    assert len({glyph.tobytes() for glyph in seen[1].glyphs}) == 60  # none twice
    assert evaluator.compared() == len(evaluator.held_out.glyphs)
    assert evaluator.compared(1) == 2  # no distance without a spread


def test_metrics_by_kind_and_without_cas_when_in_a_hurry(evaluator_of):
    evaluator = evaluator_of(Writer())
    full, short = (evaluator.metrics(50, cas=cas) for cas in (True, False))
    assert list(full) == [REAL, GENERATED]
    assert list(full[REAL]) == [CONDITIONAL_ACCURACY, CAS, "FID", "KID x 1000", "N"]
    assert full[REAL][CAS] == full[REAL][CONDITIONAL_ACCURACY] == 100 * evaluator.conditional_accuracy(50)[REAL]
    assert full[GENERATED][CAS] == 100 * evaluator.classification_accuracy_score()
    assert full[GENERATED]["N"] == 50
    assert np.isnan(short[GENERATED][CAS])
    assert short[REAL] == full[REAL]


def test_a_classifier_sees_all_characters_as_often_and_moved_a_little(archive, monkeypatch):
    monkeypatch.setattr(letter_classifier, "STEPS", 40)
    said = []
    few = archive.select(np.flatnonzero((archive.labels > 0) | (archive.writers % 4 == 0)))
    evaluator = UnconditionalEvaluator(Writer(), few, range(10))
    seen = list(batches(evaluator.trained_on, np.random.default_rng([0, 4]), said.append))
    counts = np.bincount(np.concatenate([characters for _, characters in seen]))
    assert counts.min() > 0.85 * counts.mean()  # though the first is rare
    known = as_network_input(np.pad(evaluator.trained_on.glyphs, ((0, 0), (1, 1), (1, 1))))
    images, characters = seen[3]
    assert len(images) == len(characters)
    for image, character in zip(images[:20], characters, strict=False):
        own = known[evaluator.trained_on.characters == character]
        windows = [own[:, y : y + SIZE, x : x + SIZE] for y in range(3) for x in range(3)]
        assert any((window == image).all(axis=(1, 2, 3)).any() for window in windows)
    assert not (known[:, 1:-1, 1:-1] == images[:1]).all(axis=(1, 2, 3)).all()
    assert said[:2] == ["step 0 of 40", "step 4 of 40"]


def test_the_picture_has_real_letters_over_generated_ones(evaluator_of):
    evaluator = evaluator_of(Writer())
    picture = evaluator.picture(draws=5)
    assert picture.dtype == np.uint8
    assert picture.shape[0] >= 6 * 2 * SIZE
    assert picture.shape[1] >= len(CHARACTERS) * 2 * SIZE
    assert picture[0].min() == 255
    assert (picture < 100).mean() > 0.01
    assert evaluator.picture(draws=10).shape[0] > picture.shape[0]


def test_people_who_are_not_there_are_named(archive):
    with pytest.raises(ArchiveError, match="held out is in the archive"):
        UnconditionalEvaluator(Writer(), archive, [99])


@pytest.mark.parametrize(("people", "whose"), [(range(10), "held-out"), (range(10, 30), "other")])
def test_characters_that_were_never_written_are_named(archive, people, whose):
    less = archive.select(np.flatnonzero((archive.writers >= 10) | (archive.labels < 3)))
    with pytest.raises(ArchiveError, match=f"The {whose} writers of the archive never wrote R y; name"):
        UnconditionalEvaluator(Writer(), less, people)

"""Plots: the right letter in the right place, and dots and lines where the values are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.support.scenery import CHARACTERS, archive, pipeline, without
from tfhand.evaluation import METRICS, NEAREST, REAL, WRITTEN, Comparison, EvaluationSet, PresetMethod, Row, plots
from tfhand.metrics import TRAITS


def test_the_picture_shows_real_letters_over_written_ones():
    lacking = without(archive(), 1, "k")
    evaluation_set, preset = EvaluationSet(lacking, [1, 4], CHARACTERS, samples=5), PresetMethod(pipeline())
    shown = plots.letters([evaluation_set], preset, 5, people=2)
    margin, size, bar = plots.MARGIN, 32, 4 * plots.GAP + 1
    left = margin + 3 * size + bar  # five samples stand in two lines
    assert shown.shape == (2 * (2 * size + 2 * margin) + 1, left + len(CHARACTERS) * size + margin)
    assert shown[0, 0] == 255
    episode, top = evaluation_set.episodes[0], margin
    (written,) = preset.write(evaluation_set, [episode], [np.arange(len(CHARACTERS))])
    for at, character in enumerate(CHARACTERS):
        cell = shown[top : top + 2 * size, left + at * size : left + (at + 1) * size]
        np.testing.assert_array_equal(cell[size:], 255 - written[at])
        if character == "k":
            assert (cell[:size] == 255).all()
        else:
            real = episode.glyphs[list(episode.characters).index(at)]
            np.testing.assert_array_equal(cell[:size], 255 - real)
    np.testing.assert_array_equal(shown[top : top + size, margin : margin + size], 255 - episode.samples[1][0])


def test_sixty_two_characters_stand_in_two_pairs_of_rows():
    blank = np.zeros((62, 32, 32), np.uint8)
    blank[[30, 31], 0, 0] = 255
    lines = plots._lines(blank, 2)
    assert lines.shape == (2, 32, 31 * 32)
    assert lines[0, 0, 30 * 32] == lines[1, 0, 0] == 255


def comparison(samples: int = 10, share: float = 0.5) -> Comparison:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(9, len(TRAITS)))
    names = (REAL, WRITTEN, NEAREST)
    return Comparison(samples, [Row(name, dict.fromkeys(METRICS, share), truth.copy()) for name in names], truth)


def test_a_person_whose_traits_move_moves_the_dot():
    before = plots.traits(comparison())
    assert before.ndim == 3
    moved = comparison()
    moved[WRITTEN].traits[:, 0] *= 0.5
    after = plots.traits(moved)
    changed = np.flatnonzero((before != after).any(axis=(0, 2)))
    width = before.shape[1] / min(4, len(TRAITS))
    assert len(changed)
    assert changed.max() < 1.1 * width  # the first panel alone


def test_the_curve_rises_with_the_metrics():
    flat = plots.samples_curve([comparison(k) for k in (1, 3, 10)])
    rising = plots.samples_curve([comparison(k, share) for k, share in ((1, 0.3), (3, 0.4), (10, 0.5))])
    assert flat.shape == rising.shape
    assert (flat != rising).any()
    np.testing.assert_array_equal(flat, plots.samples_curve([comparison(k) for k in (1, 3, 10)]))


def test_a_row_without_a_value_leaves_a_gap():
    holed = comparison(1)
    holed.rows[1] = replace(holed.rows[1], metrics=dict.fromkeys(METRICS, float("nan")))
    assert plots.samples_curve([holed, comparison(10)]).std() > 0

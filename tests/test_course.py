"""What the notebooks show, and what they may claim."""

from __future__ import annotations

import io
import sys

import numpy as np
import pytest
from PIL import Image

from notebooks import course


@pytest.fixture
def shown(monkeypatch):
    """What is displayed, in order."""
    things = []
    monkeypatch.setattr(course, "display", things.append)
    return things


@pytest.fixture(autouse=True)
def in_full(monkeypatch):
    monkeypatch.delenv(course.STEPS, raising=False)
    monkeypatch.delenv(course.STATIC, raising=False)


def squares(count):
    """Different grey pictures of one size."""
    return [np.full((12, 20), 255 * number // count, np.uint8) for number in range(count)]


def test_a_shortened_notebook_takes_fewer_steps(monkeypatch):
    assert course.steps(500) == 500
    monkeypatch.setenv(course.STEPS, "2")
    assert course.steps(500) == 2
    assert course.steps(1) == 1


def test_a_table_has_a_head_and_rounded_figures(shown):
    course.table([{"name": "a", "count": 3, "share": 0.123}, {"name": "b", "count": 4, "share": 1.0}])
    assert shown[0].data.splitlines() == [
        "| name | count | share |",
        "| --- | --- | --- |",
        "| a | 3 | 0.12 |",
        "| b | 4 | 1.00 |",
    ]


def test_a_table_takes_heads_and_rows_apart(shown):
    course.table([("a", 3), ("b", 0.5)], ["name", "count"])
    assert shown[0].data.splitlines() == ["| name | count |", "| --- | --- |", "| a | 3 |", "| b | 0.50 |"]


def test_code_is_shown_under_a_link_to_its_file(shown):
    course.code(course.Effect.__str__, course.steps)
    link, source = shown
    assert link.data == "[notebooks/course.py](../notebooks/course.py)"
    assert source.data.startswith("def __str__")
    assert "def steps" in source.data


def test_a_picture_is_a_small_png(shown):
    course.show(np.tile(np.arange(256, dtype=np.uint8), (4, 1)), zoom=2)
    image = Image.open(io.BytesIO(shown[0].data))
    assert (image.format, image.size) == ("PNG", (512, 8))
    assert len(image.getcolors()) <= course.GREYS


def test_a_photo_is_a_jpeg(shown):
    course.show(np.zeros((10, 20, 3), np.uint8), zoom=0.5, photo=True)
    image = Image.open(io.BytesIO(shown[0].data))
    assert (image.format, image.size) == ("JPEG", (10, 5))


def test_a_film_is_a_gif_of_all_its_pictures_that_rests_on_the_last(shown):
    course.film(squares(5), seconds=0.2, zoom=2)
    assert [*shown[0]._repr_mimebundle_()[0]] == ["image/gif"]
    gif = Image.open(io.BytesIO(shown[0].data))
    assert (gif.format, gif.n_frames, gif.size, gif.info["loop"]) == ("GIF", 5, (40, 24), 0)
    times = []
    for frame in range(gif.n_frames):
        gif.seek(frame)
        times.append(gif.info["duration"])
    assert times == [200] * 4 + [200 * course.LAST]


def test_a_slider_shows_one_of_the_pictures_in_the_row(shown, monkeypatch):
    widgets = pytest.importorskip("ipywidgets")
    moved = []
    monkeypatch.setattr(widgets, "interact", lambda change, place: moved.append((change, place)))
    course.slide(lambda value: np.full((32, 32), value, np.uint8), [0, 128, 255], "grey")
    (change, slider), (row,) = moved[0], shown
    assert Image.open(io.BytesIO(row.data)).size[0] >= 3 * 32
    assert (slider.description, [name for name, _ in slider.options]) == ("grey", ["0", "128", "255"])
    change(2)
    enlarged = Image.open(io.BytesIO(shown[1].data)).convert("L")
    assert enlarged.size == (96, 96)
    assert enlarged.getextrema() == (255, 255)


@pytest.mark.parametrize("how", ["built", "no ipywidgets"])
def test_without_a_slider_the_row_is_left(shown, monkeypatch, how):
    if how == "built":
        monkeypatch.setenv(course.STATIC, "1")
    else:
        monkeypatch.setitem(sys.modules, "ipywidgets", None)
    course.slide(lambda value: np.full((32, 32), 200, np.uint8), [0.125, 1.0], "noise")
    assert len(shown) == 1


def test_an_effect_is_the_mean_difference_of_pairs():
    measured = course.effect([1.0, 2.0, 3.0], [2.0, 4.0, 6.0])
    assert measured.difference == 2
    assert measured.error == pytest.approx(1 / 3**0.5)
    assert course.effect([1.0], [2.0]).error == np.inf


def test_a_claim_is_said_with_its_figure(shown):
    course.confirm("B is more than A", course.effect([1.0, 2.0, 3.0], [2.0, 3.1, 3.9]))
    assert shown[0].data.startswith("**B is more than A**: a difference of +1 ± 0.058")


@pytest.mark.parametrize(
    ("less", "more"), [([2, 3, 4], [1, 2, 2.9]), ([1, 2, 3], [3, 2, 3.5]), ([1], [9]), ([1, 1], [1, 1])]
)
def test_a_claim_that_is_wrong_or_within_its_error_fails(shown, less, more):
    with pytest.raises(AssertionError, match="Not shown: B is more than A"):
        course.confirm("B is more than A", course.effect(less, more))


def test_a_shortened_notebook_claims_nothing(shown, monkeypatch):
    monkeypatch.setenv(course.STEPS, "2")
    course.confirm("B is more than A", course.effect([2.0, 3.0], [1.0, 2.0]))
    assert "nothing can be seen" in shown[0].data

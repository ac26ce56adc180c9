from __future__ import annotations

import threading

import pytest

from tfhand.app import work
from tfhand.app.work import Cancelled, Expectation, Progress, watched
from tfhand.errors import HandwritingError


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(work, "PERIOD", 0.01)


def test_progress_comes_before_the_outcome():
    going = threading.Event()

    def slow(tell):
        tell(0.25, "reading")
        going.wait(5)
        return 42

    steps = watched(slow, Expectation(10), threading.Event())
    first = next(steps)
    while first.what != "reading":
        first = next(steps)
    assert isinstance(first, Progress)
    assert first.share == 0.25
    assert first.left >= 0
    going.set()
    assert list(steps)[-1] == (42,)


def test_time_left_comes_from_last_time():
    expected = Expectation(10)
    steps = watched(lambda tell: threading.Event().wait(0.05), expected, threading.Event())
    first = next(steps)
    assert 9 < first.left <= 10
    assert list(steps)[-1] == (False,)
    assert expected.seconds < 6


def test_errors_come_where_the_person_waits():
    def fails(tell):
        raise HandwritingError("Nothing to see.")

    with pytest.raises(HandwritingError, match="Nothing to see"):
        list(watched(fails, Expectation(1), threading.Event()))


@pytest.mark.parametrize("pressed", [True, False])
def test_who_stops_it_or_goes_away_ends_the_work(pressed):
    ended, told = threading.Event(), []

    def works(tell):
        try:
            for number in range(10_000):
                tell(number / 10_000, "step")
                threading.Event().wait(0.005)
        except Cancelled:
            told.append("cancelled")
            ended.set()
            raise

    stopped = threading.Event()
    steps = watched(works, Expectation(1), stopped)
    next(steps)
    if pressed:
        stopped.set()
        with pytest.raises(Cancelled):
            list(steps)
    else:
        steps.close()
    assert ended.wait(5)
    assert told == ["cancelled"]


def test_no_bar_goes_back():
    counted = threading.Event()

    def works(tell):
        threading.Event().wait(0.05)
        tell(0.1, "first")
        counted.wait(0.05)
        tell(0.05, "the same again")
        counted.wait(0.05)

    shares = [one.share for one in watched(works, Expectation(0.06), threading.Event()) if isinstance(one, Progress)]
    assert shares == sorted(shares)
    assert shares[-1] > 0.5  # as long as it takes

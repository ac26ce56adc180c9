"""Values that are computed once, and kept as long as they are asked for again."""

from __future__ import annotations

import threading

import pytest

from tfhand.core.recent import Once, Recent


def test_the_values_asked_for_last_are_kept():
    asked = []

    def make(key: str) -> str:
        asked.append(key)
        return key.upper()

    recent = Recent(make, 2)
    assert [recent(key) for key in "abab"] == ["A", "B", "A", "B"]
    assert recent("a") == "A"
    assert recent("c") == "C"  # in the place of b, which was asked for longest ago
    assert recent("a") == "A"
    assert asked == ["a", "b", "c"]
    assert recent("b") == "B"
    assert asked == ["a", "b", "c", "b"]


def test_what_fails_is_tried_again():
    answers = iter([ValueError("not yet"), 3])

    def make():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    once, recent = Once(make), Recent(lambda key: 1 / key, 2)
    with pytest.raises(ValueError, match="not yet"):
        once()
    assert (once(), once()) == (3, 3)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            recent(0)


def test_threads_that_ask_for_one_key_compute_it_once_and_do_not_wait_for_another():
    begun, goes_on, asked = threading.Event(), threading.Event(), []

    def make(key: str) -> str:
        asked.append(key)
        if key == "slow":
            begun.set()
            assert goes_on.wait(60)
        return key.upper()

    recent, given = Recent(make, 4), []
    threads = [threading.Thread(target=lambda: given.append(recent("slow"))) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert begun.wait(60)
    assert recent("quick") == "QUICK"
    goes_on.set()
    for thread in threads:
        thread.join()
    assert given == ["SLOW", "SLOW"]
    assert sorted(asked) == ["quick", "slow"]

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest

from tfhand.app.limits import Limits
from tfhand.app.session import OWN
from tfhand.app.sessions import Sessions
from tfhand.errors import HandwritingError
from tfhand.hands.hand import Hand

TOKEN = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def glyph() -> np.ndarray:
    image = np.zeros((32, 32), np.uint8)
    image[4:28, 10:20] = 255
    return image


def test_each_tab_has_a_folder_of_its_own():
    sessions = Sessions(Limits())
    one, other = sessions.open("a", "en"), sessions.open("b", "de")
    assert one.folder != other.folder
    assert other.language == "de"
    sessions.close("a")
    assert not one.folder.exists()
    assert other.folder.exists()
    sessions.stop()
    assert not other.folder.exists()
    assert len(sessions) == 0


def test_those_who_are_gone_or_idle_are_deleted():
    sessions = Sessions(Limits(idle=1000, away=0))
    stays, leaves = sessions.open("stays", "en"), sessions.open("leaves", "en")
    sessions.leave("leaves")
    sessions.leave("never came")
    sessions.sweep()
    assert stays.folder.exists()
    assert not leaves.folder.exists()
    stays.used -= 1001
    sessions.sweep()
    assert not stays.folder.exists()


def test_a_closed_tab_that_comes_back_keeps_its_hand():
    sessions = Sessions(Limits(away=60))
    session = sessions.open("phone", "en")
    sessions.leave("phone")
    sessions.sweep()
    assert session.folder.exists()
    sessions.stop()


def test_nobody_is_deleted_in_the_middle_of_work():
    sessions = Sessions(Limits(away=0))
    session = sessions.open("a", "en")
    sessions.leave("a")
    with session.busy:
        sessions.sweep()
        assert session.folder.exists()
    sessions.sweep()
    assert not session.folder.exists()


def test_there_is_room_for_so_many():
    sessions = Sessions(Limits(people=2))
    for key in "ab":
        sessions.open(key, "en")
    with pytest.raises(HandwritingError, match="Zu viele"):
        sessions.open("c", "de")
    sessions.open("a", "en")
    assert len(sessions) == 2
    sessions.stop()


def test_a_tab_that_is_loaded_again_has_what_it_had():
    sessions = Sessions(Limits())
    first = sessions.open("load 1", "en", TOKEN)
    assert sessions.open("load 2", "en", TOKEN) is first
    sessions.leave("load 1")  # which is told late
    assert first.left is None
    assert sessions.open("other", "en", TOKEN[::-1]) is not first
    assert len(sessions) == 2
    sessions.stop()


def test_a_server_that_was_killed_loses_no_hand(tmp_path: Path, glyph: np.ndarray):
    killed = Sessions(Limits(), tmp_path)
    session = killed.open("before", "en", TOKEN)
    session.agree(OWN, "Anna")
    session.change(Hand({"a": [glyph], "b": [glyph]}))
    session.change(Hand({"a": [glyph]}))
    anew = Sessions(Limits(), tmp_path)
    anew.start()
    again = anew.open("after", "de", TOKEN)
    assert (again.whose, again.name, again.hand) == (OWN, "Anna", session.hand)
    assert anew.open("stranger", "en", TOKEN[::-1]).hand == Hand()
    session.undo()
    assert Sessions(Limits(), tmp_path).open("late", "en", TOKEN).hand == Hand({"a": [glyph], "b": [glyph]})
    anew.stop()
    assert not tmp_path.exists() or not list(tmp_path.iterdir())


def test_what_was_left_long_ago_or_is_broken_is_deleted(tmp_path: Path, glyph: np.ndarray):
    session = Sessions(Limits(), tmp_path).open("before", "en", TOKEN)
    session.change(Hand({"a": [glyph]}))
    (session.folder / "person.json").write_text("{")
    assert Sessions(Limits(), tmp_path).open("after", "en", TOKEN).hand == Hand()
    os.utime(session.folder, (0, 0))
    sessions = Sessions(Limits(), tmp_path)
    sessions.start()
    assert not session.folder.exists()
    sessions.stop()


@pytest.mark.parametrize("token", ["../../etc", "", "0" * 31, "G" * 32, TOKEN + "/.."])
def test_no_token_of_a_browser_is_a_path(tmp_path: Path, token: str):
    sessions = Sessions(Limits(), tmp_path)
    assert sessions.open("key", "en", token).folder.parent == tmp_path
    sessions.stop()


def test_many_at_once_do_not_mix():
    sessions = Sessions(Limits())
    threads = [threading.Thread(target=sessions.open, args=(f"{k}", "en")) for k in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({sessions._sessions[f"{k}"].folder for k in range(20)}) == 20
    sessions.stop()

from __future__ import annotations

import threading

import pytest

from tfhand.app.limits import Limits
from tfhand.app.sessions import Sessions
from tfhand.errors import HandwritingError


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


def test_many_at_once_do_not_mix():
    sessions = Sessions(Limits())
    threads = [threading.Thread(target=sessions.open, args=(f"{k}", "en")) for k in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({sessions._sessions[f"{k}"].folder for k in range(20)}) == 20
    sessions.stop()

"""The command that cuts the letters of printed words keeps out whom a test needs."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.printed_letters import main, people_to_learn
from tfhand.data import synthetic
from tfhand.data.archive import Archive
from tfhand.data.spelling import spell


@pytest.fixture(scope="module")
def letters() -> Archive:
    return synthetic.archive(6, 2, seed=5, characters="abcdefghijklm")


def test_neither_known_nor_tested_people_nor_those_of_few_characters_are_left(letters):
    known = letters.of_writers(np.array([0, 1]))
    few = (letters.writers == 5) & (letters.labels > 3)
    assert people_to_learn(letters.select(np.flatnonzero(~few)), [known], [3]).tolist() == [2, 4]


def test_saves_what_a_training_reads(letters, tmp_path, capsys):
    spell(letters).save(tmp_path / "words.npz")
    letters.of_writers(np.array([0, 1])).save(tmp_path / "known.npz")
    out = tmp_path / "printed.npz"
    assert main([str(tmp_path / "words.npz"), "--known", str(tmp_path / "known.npz"), "-o", str(out)]) == 0
    assert set(Archive.load(out).writers.tolist()) == {2, 3, 4, 5}
    assert "4 people" in capsys.readouterr().out


def test_letters_need_an_archive_of_words(letters, tmp_path, capsys):
    assert main([str(tmp_path / "none.npz"), "-o", str(tmp_path / "printed.npz")]) == 2
    assert "none.npz" in capsys.readouterr().err
    assert not (tmp_path / "printed.npz").exists()

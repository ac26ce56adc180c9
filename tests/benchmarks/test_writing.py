"""Lines are timed in processes of their own, in turn, and the least of each figure is kept."""

from __future__ import annotations

import csv

import pytest

from benchmarks import writing


def test_the_least_of_all_rounds_stands_in_the_table(tmp_path, monkeypatch, capsys):
    asked = []

    def measure(module, flag, engine, runtime):
        assert (module, flag, engine) == ("benchmarks.writing", "--alone", runtime)
        asked.append(runtime)
        return {"first line, s": 9.0 - len(asked), "memory, MiB": 100.0 + len(asked)}

    monkeypatch.setattr(writing, "measure_alone", measure)
    writing.main(["--rounds", "2", "-o", str(tmp_path / "speed" / "writing.csv")])
    assert asked == 2 * ["tensorflow", "litert", "graves"]
    with open(tmp_path / "speed" / "writing.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["first line, s"] for row in rows] == ["5.00", "4.00", "3.00"]
    assert [row["memory, MiB"] for row in rows] == ["101", "102", "103"]
    assert f"| {rows[2]['engine']} | 3.00 | 103 |" in capsys.readouterr().out


@pytest.mark.large
def test_a_process_of_its_own_is_measured():
    found = writing.measure_alone("benchmarks.writing", "--alone", "litert", runtime="litert")
    assert 0 < found["next line, s"] < found["first line, s"]
    assert found["memory, MiB"] > 50

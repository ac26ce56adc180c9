"""Configuration and report: settings that cannot be, and files that hold what was found."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tfhand.core.config import ConfigError, config_from
from tfhand.core.pictures import read_picture
from tfhand.evaluation.config import EvaluationConfig
from tfhand.evaluation.report import Report, Summary, described


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({}, "either data or hand"),
        ({"data": ["a.npz"], "hand": "mine"}, "either data or hand"),
        ({"data": ["a.npz"], "samples": [3, 0]}, "1 or more"),
        ({"data": ["a.npz"], "seed": -1}, "cannot be negative"),
        ({"data": "a.npz"}, "must be a list"),
        ({"data": ["a.npz"], "beside_": []}, "There is no setting 'beside_'"),
    ],
)
def test_settings_that_cannot_be(values, says):
    with pytest.raises(ConfigError, match=says):
        config_from(EvaluationConfig, values)


def test_a_report_is_saved_as_tables_and_pictures(tmp_path):
    config = EvaluationConfig("shelf/hand62", data=("data/people.npz", "more.npz"), seed=3)
    rows = described(
        config, [{"letters": "real", "FID": 1.23456, "N": 7}, {"letters": "written", "FID": math.nan, "N": 7}]
    )
    picture = np.arange(600).reshape(20, 30).astype(np.uint8)
    report = Report([Summary("Title", "Caption.", [rows])], {"metrics.csv": rows}, {"letters.png": picture})
    assert report.save(tmp_path) == [tmp_path / "metrics.csv", tmp_path / "letters.png"]
    assert (tmp_path / "metrics.csv").read_text().splitlines() == [
        "preset,reader,data,seed,letters,FID,N",
        "hand62,reader62,people more,3,real,1.235,7",
        "hand62,reader62,people more,3,written,,7",
    ]
    np.testing.assert_array_equal(read_picture(tmp_path / "letters.png")[:, :, 0], picture)
    assert (report.title, report.caption) == ("Title", "Caption.")


def test_the_table_of_a_hand_names_its_folder():
    (row,) = described(EvaluationConfig("hand62", hand="my_hand/"), [{"about": "trait"}])
    assert row == {"preset": "hand62", "reader": "reader62", "hand": "my_hand", "seed": 0, "about": "trait"}

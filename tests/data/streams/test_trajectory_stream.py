"""Pictures of letters with their strokes: one shows what the other says."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import maximum_filter

from tests.support.streams import archive_of_strokes, blocks
from tfhand.data.rasterize import draw_strokes
from tfhand.data.streams.trajectories import TrajectoryStream
from tfhand.data.trajectories import MOST_STROKES, split_strokes
from tfhand.errors import ArchiveError

BAR = np.array([[0, 0], [1000, 0]])


@pytest.mark.parametrize("vary", [False, True])
def test_the_strokes_of_a_batch_draw_its_pictures(people, vary):
    batch = TrajectoryStream([people], [1.0], "a1X", batch_size=24, vary=vary).batch(0)
    for image, points, count in zip(batch["image"], batch["points"], batch["count"], strict=True):
        line = draw_strokes(split_strokes(points, int(count)), 32, 1.0) > 127
        near_ink = maximum_filter(image[..., 0], 5) > -0.3
        assert line[near_ink].sum() / line.sum() > 0.95
        assert np.ptp(points, axis=0).max() == pytest.approx(1, abs=1e-5)


def test_characters_are_numbered_as_they_are_asked_for(people):
    stream = TrajectoryStream([people], [1.0], "Xa", batch_size=40, vary=False)
    counts = stream.batch(0)
    only = TrajectoryStream([people], [1.0], "X", batch_size=40, vary=False).batch(0)
    assert set(counts["character"]) == {0, 1}
    assert set(counts["count"][counts["character"] == 0]) <= set(only["count"])


def test_images_have_no_strokes_to_learn():
    with pytest.raises(ArchiveError, match="images"):
        TrajectoryStream([blocks()], [1.0], "w")


def test_letters_of_too_many_strokes_are_left_out_and_none_must_be_left():
    many = [BAR + [0, 100 * row] for row in range(MOST_STROKES + 1)]
    batch = TrajectoryStream([archive_of_strokes([[BAR], many], "T")], [1.0], "T", batch_size=20).batch(0)
    assert set(batch["count"]) == {1}
    with pytest.raises(ArchiveError, match="no letter"):
        TrajectoryStream([archive_of_strokes([many], "T")], [1.0], "T")

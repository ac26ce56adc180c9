"""Archives of pictures as pen strokes, so that letters of all people can be compared in one nib."""

from __future__ import annotations

import numpy as np

from tfhand.data.archive import Archive
from tfhand.data.trajectories import POINTS
from tfhand.errors import ArchiveError
from tfhand.hands.glyph import as_network_input
from tfhand.models import registry
from tfhand.models.batches import predict_in_batches
from tfhand.synthesis.pen_paths import STROKES

_UNITS = 1000  # of the longest side of a character


def traced(archive: Archive) -> Archive:
    """The archive with the strokes that networks find in its pictures; as it is, if it holds strokes.

    Characters that these networks do not know are left out.

    Raises:
        ArchiveError: they know none of them.
    """
    if archive.images is None:
        return archive
    networks = registry.load(STROKES)
    numbers = archive.places_in(networks.characters)
    known = np.flatnonzero(numbers >= 0)
    if not len(known):
        raise ArchiveError(f"{STROKES} knows no character of the archive, and finds strokes in none of its images.")
    pictures = as_network_input(archive.render(known, networks.image_size))
    found = predict_in_batches(networks.trace, pictures, numbers[known].astype(np.int32))  # (n, POINTS, 3)
    starts = found[:, :, 2] < 0.5  # (n, POINTS), true where a stroke begins
    firsts = np.append(np.flatnonzero(starts), len(known) * POINTS)
    return Archive(
        archive.labels[known],
        archive.classes,
        None if archive.writers is None else archive.writers[known],
        points=np.rint(_UNITS * found[:, :, :2].reshape(-1, 2)).astype(np.int16),
        stroke_len=np.diff(firsts).astype(np.uint16),
        n_strokes=starts.sum(axis=1).astype(np.uint8),
    )

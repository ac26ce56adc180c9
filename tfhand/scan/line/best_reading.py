"""A photo read on the sheet of paper that is seen on it or, where that gives less, on the whole picture."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Protocol, TypeVar

import numpy as np

from tfhand.errors import ReadingError
from tfhand.scan.image.deskew import DeskewedPage, page_from_photo


class Reading(Protocol):
    """What was found on a page: characters with a `sample` or the `reason` why not, and why to believe none of them."""

    @property
    def found(self) -> Sequence[Any]: ...

    @property
    def doubt(self) -> str: ...


AnyReading = TypeVar("AnyReading", bound=Reading)


def best_reading(image: np.ndarray | str | os.PathLike, find: Callable[[DeskewedPage], AnyReading]) -> AnyReading:
    """What is found on the sheet of paper or, where that is not all, on the whole picture if that is more.

    The edge of a sharp shadow may look like that of a sheet.
    """
    try:
        page = page_from_photo(image)
        reading = find(page)
    except ReadingError:
        return find(page_from_photo(image, whole=True))
    if page.cut_out and (reading.doubt or any(one.reason for one in reading.found)):
        with suppress(ReadingError):
            return max(reading, find(page_from_photo(image, whole=True)), key=_count_believed)
    return reading


def _count_believed(reading: Reading) -> int:
    return 0 if reading.doubt else sum(one.sample is not None for one in reading.found)

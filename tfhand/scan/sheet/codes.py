"""The machine-readable codes of a sheet as black and white modules: numbered markers, and a QR code with a text."""

from __future__ import annotations

import cv2
import numpy as np

MARKER_DICTIONARY = cv2.aruco.DICT_4X4_50  # the fewest and so the largest modules
_OPENCV_MARGIN = 2  # modules of paper that OpenCV puts around a QR code; the layout has its own


def marker_modules(number: int) -> np.ndarray:
    """The modules of a marker, uint8 [6, 6], 0 for black and 255 for white."""
    dictionary = cv2.aruco.getPredefinedDictionary(MARKER_DICTIONARY)
    return cv2.aruco.generateImageMarker(dictionary, number, dictionary.markerSize + 2)


def qr_modules(text: str) -> np.ndarray:
    """The modules of a QR code with this text, uint8 [n, n], 0 for black and 255 for white."""
    options = cv2.QRCodeEncoder.Params()
    options.mode, options.correction_level = cv2.QRCodeEncoder_MODE_BYTE, cv2.QRCodeEncoder_CORRECT_LEVEL_M
    modules = cv2.QRCodeEncoder.create(options).encode(text)
    return modules[_OPENCV_MARGIN:-_OPENCV_MARGIN, _OPENCV_MARGIN:-_OPENCV_MARGIN]

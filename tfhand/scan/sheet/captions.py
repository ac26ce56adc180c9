"""Typed prompts inside boxes: small, and at one place in nearly every box."""

from __future__ import annotations

import cv2
import numpy as np

from tfhand.scan.sheet.ink_assignment import box_ink_mask, ink_levels

MAX_HEIGHT, MAX_WIDTH = 0.28, 0.4  # of a box
EDGE = 0.25  # of a box's height: prompts stand so near its top or bottom
REACH = 0.1  # of a box: how far prompts are from one place
MIN_BOXES = 0.7  # share of the boxes that have something there
MIN_BESIDE = 0.5  # share of these that hold other ink as well


def caption_mask(contrast: np.ndarray, areas: np.ndarray) -> np.ndarray:
    """The prompts that are printed in the boxes: bool [h, w].

    Args:
        contrast: float32 [h, w], without the boxes' lines.
        areas: float [n, 4], the boxes: top, left, bottom, right in pixels.
    """
    mask = np.zeros(contrast.shape, bool)
    level, print_level = ink_levels(contrast, areas)
    if level is None or len(areas) < 4:
        return mask
    ink = box_ink_mask(contrast, level, print_level)
    _, labels, facts, middles = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    box, place = _places(middles, areas)
    size = facts[:, [3, 2]] / np.median(areas[:, 2:] - areas[:, :2], axis=0)
    at_edge = np.minimum(place[:, 0], 1 - place[:, 0]) < EDGE
    likely = (box >= 0) & (size[:, 0] < MAX_HEIGHT) & (size[:, 1] < MAX_WIDTH) & at_edge
    likely[0] = False
    best = likely & False
    for seed in np.flatnonzero(likely):
        near = likely & (np.abs(place - place[seed]) < REACH).all(axis=1)
        if len(set(box[near])) > len(set(box[best])):
            best = near
    holding = set(box[best].tolist())
    others = (box >= 0) & ~best & (facts[:, 4] > np.median(facts[best, 4]) if best.any() else False)
    others[0] = False
    beside = holding & set(box[others].tolist())
    if len(holding) < MIN_BOXES * len(areas) or len(beside) < MIN_BESIDE * len(holding):
        return mask
    low, high = place[best].min(axis=0) - REACH, place[best].max(axis=0) + REACH
    printed = likely & ((place >= low) & (place <= high)).all(axis=1)
    grown = cv2.dilate(printed[labels].astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    return grown & (printed[labels] | ~ink)


def _places(middles: np.ndarray, areas: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The box that holds each point, int [n], -1 for none; its place there, (down, right) as shares of the sides."""
    down, right = middles.T[::-1]
    box = np.full(len(middles), -1)
    for number, (top, left, bottom, end) in enumerate(areas):
        box[(down >= top) & (down < bottom) & (right >= left) & (right < end)] = number
    own = areas[box]
    return box, (np.stack([down, right], axis=1) - own[:, :2]) / (own[:, 2:] - own[:, :2])

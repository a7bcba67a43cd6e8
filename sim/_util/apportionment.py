"""Whole persons shared out in proportion."""

import numpy as np


def shared_out(total: int, persons: np.ndarray) -> np.ndarray:
    """``total`` cut in proportion to ``persons``: whole numbers that add up to it and exceed no entry.

    Rounding is carried on from entry to entry.  A total above their sum is cut to the sum.
    """
    there = int(persons.sum())
    if there == 0:
        return np.zeros(len(persons), np.int64)
    reached = np.cumsum(persons) * min(total, there) / there
    return np.diff(np.floor(reached + 0.5).astype(np.int64), prepend=0)

"""Agreement corrected for chance over nominal values: Cohen's kappa and Krippendorff's alpha, from matrices of counts.

Counts of articles add up, so an article is left out by subtraction.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
MISSING = -1


def confusion(first: NDArray[np.int64], second: NDArray[np.int64], size: int) -> Matrix:
    """How often each of `size` values of one annotator (rows) met each of another (columns)."""
    counts = np.bincount(first * size + second, minlength=size * size)
    return counts.reshape(size, size).astype(np.float64)


def coincidences(values: NDArray[np.int64], size: int) -> Matrix:
    """Krippendorff's matrix of an array annotators x units, MISSING where an annotator gave a unit no value.

    Every pair of values of a unit counts 1 / (values of the unit - 1); a unit with fewer than two counts nothing.
    """
    counts = np.stack([(values == value).sum(axis=0) for value in range(size)], axis=1).astype(np.float64)
    given = counts.sum(axis=1)
    counts, given = counts[given > 1], given[given > 1]
    weighted = counts / (given - 1)[:, None]
    result: Matrix = weighted.T @ counts - np.diag(weighted.sum(axis=0))
    return result


def kappa(counts: Matrix) -> float | None:
    """Cohen's kappa (1960) of a confusion matrix; None where nothing was counted or chance alone agrees wholly."""
    total = counts.sum()
    if not total:
        return None
    expected = float(counts.sum(axis=0) @ counts.sum(axis=1)) / total**2
    return None if expected == 1 else _number((np.trace(counts) / total - expected) / (1 - expected))


def alpha(counts: Matrix) -> float | None:
    """Krippendorff's nominal alpha of a coincidence matrix; None where fewer than two values or one kind occur."""
    by_value = counts.sum(axis=0)
    total = by_value.sum()
    expected = total**2 - (by_value**2).sum()
    if total <= 1 or expected <= 0:
        return None
    return _number(1 - (total - 1) * (total - np.trace(counts)) / expected)


def _number(value: Any) -> float:
    return float(value)

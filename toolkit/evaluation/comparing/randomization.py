"""Whether one model is better than another on the same documents: paired, by document, from counts alone.

Approximate randomization (Noreen 1989; Yeh 2000) swaps whole documents between the two models; where few documents
differ every swap is tried. The difference has an interval by paired bootstrap, or by jackknife where documents are few.
Holm (1979) corrects for several comparisons.
"""

from collections.abc import Sequence
from itertools import product
from math import sqrt
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from toolkit.intervals import SEED, Interval, percentile_intervals, resampled_sums, t_quantile

ROUNDS = 10_000
# Below this many documents that differ every swap is tried: 2 to the 13th are no more than the rounds.
EXACT_BELOW = 14
# Below this many documents intervals of the paired bootstrap are too short.
BOOTSTRAP_FROM = 50
# How many swaps of single documents are in memory at once.
_CELLS = 500_000
_TIE = 1e-12

# Documents x (right, predicted, gold).
Table = NDArray[np.float64]
Method = Literal["exact", "approximate"]


class PairedTest(NamedTuple):
    """Second minus first: the p-value (two-sided), its method, and the 95 % interval with its method; None if none."""

    difference: float | None
    p: float | None
    method: Method | None
    interval: Interval | None
    interval_method: Literal["bootstrap", "jackknife"] | None


UNTESTED = PairedTest(None, None, None, None, None)


def paired_test(first: Table, second: Table) -> PairedTest:
    """Micro F1 of `second` minus that of `first`; row by row the counts of the same document.

    No difference where one of the two is not defined; no p-value and no interval with fewer than two documents.
    """
    if not (first[:, 1:].any() and second[:, 1:].any()):
        return UNTESTED
    difference = float(f1_of(second.sum(axis=0)) - f1_of(first.sum(axis=0)))
    if len(first) < 2:
        return UNTESTED._replace(difference=difference)
    p, method = _randomized(first, second, difference)
    if len(first) >= BOOTSTRAP_FROM:
        interval = _bootstrap(first, second)
        return PairedTest(difference, p, method, interval, "bootstrap" if interval else None)
    interval = _jackknife(first, second, difference)
    return PairedTest(difference, p, method, interval, "jackknife" if interval else None)


def smallest_p(documents: int) -> float:
    """The smallest p-value that so many documents can have: all of them better, or all of them worse."""
    return max(2.0 ** (1 - documents), 1 / (ROUNDS + 1))


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values corrected for their number by Holm's step-down method, in the order given."""
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    corrected = [0.0] * len(p_values)
    highest = 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = highest
    return corrected


def f1_of(table: Table, empty: float = 0.0) -> NDArray[np.float64]:
    """F1 of each row; `empty` where there is neither gold nor a prediction."""
    below = table[..., 1] + table[..., 2]
    return np.divide(2 * table[..., 0], below, out=np.full_like(below, empty), where=below > 0)


def _randomized(first: Table, second: Table, difference: float) -> tuple[float, Method]:
    """The share of swaps under which the two differ as much or more."""
    # A document with the same counts twice stays as it is when it is swapped.
    gains = (second - first)[(first != second).any(axis=1)]
    one, two = first.sum(axis=0), second.sum(axis=0)

    def as_large(swaps: NDArray[np.float64]) -> int:
        moved = swaps @ gains
        return int(np.sum(np.abs(f1_of(two - moved) - f1_of(one + moved)) >= abs(difference) - _TIE))

    if len(gains) < EXACT_BELOW:
        swaps = np.array(list(product((0.0, 1.0), repeat=len(gains))))
        return as_large(swaps) / len(swaps), "exact"
    random = np.random.default_rng(SEED)
    at_once = max(1, _CELLS // len(gains))
    found = 0
    for start in range(0, ROUNDS, at_once):
        rows = min(at_once, ROUNDS - start)
        found += as_large(random.integers(0, 2, size=(rows, len(gains)), dtype=np.int8).astype(np.float64))
    return (found + 1) / (ROUNDS + 1), "approximate"


def _bootstrap(first: Table, second: Table) -> Interval | None:
    one, two = np.hsplit(resampled_sums(np.hstack((first, second))), 2)
    return percentile_intervals((f1_of(two) - f1_of(one))[:, None])[0]


def _jackknife(first: Table, second: Table, difference: float) -> Interval | None:
    documents = len(first)
    without = f1_of(second.sum(axis=0) - second) - f1_of(first.sum(axis=0) - first)
    error = sqrt((documents - 1) / documents * float(np.sum((without - without.mean()) ** 2)))
    reach = t_quantile(documents - 1) * error
    return (max(-1.0, difference - reach), min(1.0, difference + reach)) if error > _TIE else None

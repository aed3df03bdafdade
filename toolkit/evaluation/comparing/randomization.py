"""Whether one model is better than another on the same documents: paired, by document, from counts alone.

Approximate randomization (Noreen 1989; Yeh 2000) swaps whole documents between the two models; with few documents
every swap is tried. The difference has an interval by paired bootstrap, or by jackknife where documents are few.
Holm (1979) corrects for several comparisons.
"""

from collections.abc import Sequence
from itertools import product
from math import sqrt
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from toolkit.intervals import Interval, t_quantile

ROUNDS = 10_000
RESAMPLES = 1_000
SEED = 13
# Below this many documents every swap is tried: 2 to the 13th are no more than the rounds.
EXACT_BELOW = 14
# Below this many documents intervals of the paired bootstrap are too short.
BOOTSTRAP_FROM = 50
_CHUNK = 1_000
_TIE = 1e-12

# Documents x (right, predicted, gold).
Table = NDArray[np.float64]


class PairedTest(NamedTuple):
    """Second minus first: the p-value (two-sided), its method, and the 95 % interval with its method; None if none."""

    difference: float
    p: float | None
    method: Literal["exact", "approximate"] | None
    interval: Interval | None
    interval_method: Literal["bootstrap", "jackknife"] | None


def paired_test(first: Table, second: Table) -> PairedTest:
    """Micro F1 of `second` minus that of `first`; row by row the counts of the same document.

    No p-value and no interval where fewer than two documents differ in what they could show.
    """
    difference = float(_f1(second.sum(axis=0)) - _f1(first.sum(axis=0)))
    documents = len(first)
    if documents < 2:
        return PairedTest(difference, None, None, None, None)
    is_exact = documents < EXACT_BELOW
    p = _exact(first, second, difference) if is_exact else _approximate(first, second, difference)
    method: Literal["bootstrap", "jackknife"] = "bootstrap" if documents >= BOOTSTRAP_FROM else "jackknife"
    interval = _bootstrap(first, second) if method == "bootstrap" else _jackknife(first, second, difference)
    return PairedTest(difference, p, "exact" if is_exact else "approximate", interval, method if interval else None)


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values corrected for their number by Holm's step-down method, in the order given."""
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    corrected = [0.0] * len(p_values)
    highest = 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = highest
    return corrected


def _f1(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """F1 of the last axis; 0 where there is nothing."""
    below = sums[..., 1] + sums[..., 2]
    return np.divide(2 * sums[..., 0], below, out=np.zeros_like(below), where=below > 0)


def _swapped(first: Table, second: Table, swaps: NDArray[np.float64]) -> NDArray[np.float64]:
    """The difference under each row of `swaps`, 1 where the two models' documents change places."""
    moved = swaps @ (second - first)
    return _f1(second.sum(axis=0) - moved) - _f1(first.sum(axis=0) + moved)


def _exact(first: Table, second: Table, difference: float) -> float:
    swaps = np.array(list(product((0.0, 1.0), repeat=len(first))))
    return float(np.mean(np.abs(_swapped(first, second, swaps)) >= abs(difference) - _TIE))


def _approximate(first: Table, second: Table, difference: float) -> float:
    draw = np.random.default_rng(SEED)
    as_large = 0
    for _ in range(0, ROUNDS, _CHUNK):
        swaps = draw.integers(0, 2, size=(_CHUNK, len(first))).astype(np.float64)
        as_large += int(np.sum(np.abs(_swapped(first, second, swaps)) >= abs(difference) - _TIE))
    return (as_large + 1) / (ROUNDS + 1)


def _bootstrap(first: Table, second: Table) -> Interval | None:
    documents = len(first)
    weights = np.random.default_rng(SEED).multinomial(documents, [1 / documents] * documents, size=RESAMPLES)
    found = _f1(weights @ second) - _f1(weights @ first)
    low, high = np.quantile(found, (0.025, 0.975))
    return (float(low), float(high)) if high > low else None


def _jackknife(first: Table, second: Table, difference: float) -> Interval | None:
    documents = len(first)
    without = _f1(second.sum(axis=0) - second) - _f1(first.sum(axis=0) - first)
    error = sqrt((documents - 1) / documents * float(np.sum((without - without.mean()) ** 2)))
    reach = t_quantile(documents - 1) * error
    return (max(-1.0, difference - reach), min(1.0, difference + reach)) if error > _TIE else None

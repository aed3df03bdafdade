"""`python -m benchmarks.coverage`: how often intervals hold the true F1, and how often equal models are told apart.

Documents of very different sizes, each as hard as it is: gold mentions are gamma-Poisson, the share that a model finds
and the share of what it makes up are beta by document. So the true F1 is known, and no formula of ours is in it.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.work import SEED
from toolkit.evaluation.comparing.randomization import paired_test
from toolkit.intervals import Interval, jackknife_interval, percentile_intervals, resampled_sums

Counts = NDArray[np.float64]
Method = Callable[[Counts], Interval | None]
# Mentions of a document on average, the shape of their gamma distribution, the concentration of the beta distribution.
MENTIONS, SHAPE, CONCENTRATION = 20, 1.0, 10
CELLS = ((0.86, 10), (0.86, 25), (0.86, 50), (0.86, 100), (0.97, 25), (0.97, 100))
SIZES = (10, 25, 50, 100)


def documents(random: np.random.Generator, number: int, f1: float, models: int = 1) -> list[Counts]:
    """For each of some equally good models: documents x (right, predicted, gold), of which F1 is `f1` in the long run.

    A document is equally hard for all models; apart from that their errors have nothing in common.
    """
    gold = random.poisson(random.gamma(SHAPE, MENTIONS / SHAPE, number))
    found, kept = random.beta(f1 * CONCENTRATION, (1 - f1) * CONCENTRATION, (2, number))
    drawn = []
    for _ in range(models):
        right = random.binomial(gold, found)
        drawn.append(np.column_stack((right, right + random.poisson(gold * (1 - kept)), gold)).astype(np.float64))
    return drawn


def jackknife(counts: Counts) -> Interval | None:
    """The interval of `score` for few documents."""
    counting = counts[counts[:, 1:].any(axis=1)]
    value, *without = _f1(np.vstack((counting.sum(axis=0), counting.sum(axis=0) - counting))).tolist()
    return jackknife_interval(value, without)


def percentile(counts: Counts) -> Interval | None:
    """The interval of `score` for many."""
    return percentile_intervals(_f1(resampled_sums(counts))[:, None])[0]


def coverage(method: Method, sets: Sequence[Counts], f1: float) -> float:
    """The share of sets whose interval holds the true F1. No interval holds nothing."""
    intervals = [method(counts) for counts in sets]
    return sum(found is not None and found[0] <= f1 <= found[1] for found in intervals) / len(sets)


def size(number: int, f1: float, sets: int) -> float:
    """The share of pairs of equally good models that the paired test tells apart at the level of 5 %."""
    random = np.random.default_rng(SEED)
    p_values = (paired_test(*documents(random, number, f1, models=2)).p for _ in range(sets))
    return sum(p is not None and p <= 0.05 for p in p_values) / sets


def lines(sets: int) -> Iterator[str]:
    """Two tables in Markdown."""
    yield f"Coverage of nominal 95 % intervals, {sets} sets a row\n"
    yield "| F1 | documents | percentile bootstrap | logit jackknife |\n| ---: | ---: | ---: | ---: |"
    for f1, number in CELLS:
        random = np.random.default_rng(SEED)
        drawn = [documents(random, number, f1)[0] for _ in range(sets)]
        yield f"| {f1} | {number} | {coverage(percentile, drawn, f1):.3f} | {coverage(jackknife, drawn, f1):.3f} |"
    yield f"\nShare of equal models told apart at 5 % by randomization, {sets} pairs a row\n"
    yield "| documents | share |\n| ---: | ---: |"
    for number in SIZES:
        yield f"| {number} | {size(number, 0.86, sets):.3f} |"


def _f1(sums: Counts) -> Counts:
    below = sums[:, 1] + sums[:, 2]
    return np.divide(2 * sums[:, 0], below, out=np.full_like(below, np.nan), where=below > 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coverage", description=lines.__doc__)
    parser.add_argument("--sets", type=int, default=600, metavar="N", help="simulated sets a row (default 600)")
    for line in lines(parser.parse_args().sets):
        print(line, flush=True)

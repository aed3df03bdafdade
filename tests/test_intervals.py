"""Intervals by document: both methods against scipy, and where there is none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit
from scipy.stats import bootstrap
from scipy.stats import t as student

from toolkit.intervals import jackknife_interval, percentile_intervals, resampled_sums, t_quantile, t_share


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 5, 9, 10, 31, 32, 199, 1000])
def test_the_quantile_is_that_of_scipy(freedom):
    assert t_quantile(freedom) == pytest.approx(student.ppf(0.975, freedom), abs=1e-9)
    for t in (0.0, 0.3, 2.5, 40.0):
        assert t_share(t, freedom) == pytest.approx(2 * student.cdf(t, freedom) - 1, abs=1e-12)


@pytest.mark.parametrize(
    ("value", "without"),
    [
        (0.5, []),
        (0.5, [0.4]),
        (None, [0.4, 0.6]),
        (0.5, [0.4, None]),
        (1.0, [1.0, 1.0]),
        (0.0, [0.0, 0.0]),
        (0.5, [0.5, 0.5, 0.5]),
        (0.9, [0.8, 1.0]),
    ],
)
def test_where_documents_tell_nothing_there_is_no_interval(value, without):
    assert jackknife_interval(value, without) is None


UNIT = st.floats(0.01, 0.99)


@given(value=UNIT, without=st.lists(UNIT, min_size=2, max_size=20), low=st.sampled_from([0.0, -1.0]))
def test_an_interval_lies_around_its_figure_and_in_its_range(value, without, low):
    found = jackknife_interval(value, without, low)
    if found is None:
        assert max(without) - min(without) < 1e-9
        return
    assert low <= found[0] <= value + 1e-12
    assert value - 1e-12 <= found[1] <= 1


COUNTS = np.random.default_rng(5).integers(0, 9, size=(150, 3)).cumsum(axis=1).astype(float)


def test_every_resample_has_as_many_documents_as_there_are():
    """The sums of an identity matrix are how often each document was drawn."""
    drawn = resampled_sums(np.eye(40), resamples=4_000)
    assert (drawn.sum(axis=1) == 40).all() and drawn.min() == 0
    assert drawn.mean() == pytest.approx(1) and drawn.var() == pytest.approx(1 - 1 / 40, abs=0.02)


@pytest.mark.parametrize("documents", [1, 3, 120, 700_000])
def test_all_figures_are_of_the_same_draws_however_many_are_in_memory(documents):
    counts = np.column_stack((np.ones(documents), np.arange(documents), 2.0 * np.arange(documents)))
    sums = resampled_sums(counts, resamples=7)
    assert (sums[:, 0] == documents).all() and (2 * sums[:, 1] == sums[:, 2]).all()
    assert (sums == resampled_sums(counts, resamples=7)).all()
    assert documents < 100 or len(set(sums[:, 1])) == 7


def test_percentile_intervals_are_those_of_scipy():
    def f1(tp, predicted, gold, axis):
        return 2 * tp.sum(axis=axis) / (predicted.sum(axis=axis) + gold.sum(axis=axis))

    sums = resampled_sums(COUNTS, resamples=20_000)
    ours = percentile_intervals((2 * sums[:, 0] / (sums[:, 1] + sums[:, 2]))[:, None])[0]
    theirs = bootstrap(
        tuple(COUNTS.T), f1, paired=True, vectorized=True, method="percentile", n_resamples=20_000, rng=1
    ).confidence_interval
    assert ours == pytest.approx((theirs.low, theirs.high), abs=0.002)
    assert theirs.high - theirs.low > 0.03


def test_the_jackknife_is_that_of_its_formula_with_the_quantile_of_scipy():
    def f1(counts):
        return 2 * counts[:, 0].sum() / counts[:, 1:].sum()

    few = COUNTS[:12]
    without = [f1(np.delete(few, place, axis=0)) for place in range(12)]
    points = logit(np.array(without))
    reach = student.ppf(0.975, 11) * np.sqrt(11 / 12 * np.sum((points - points.mean()) ** 2))
    expected = expit([logit(f1(few)) - reach, logit(f1(few)) + reach])
    assert jackknife_interval(f1(few), without) == pytest.approx(tuple(expected), abs=1e-9)


def test_what_is_undefined_or_never_differs_has_no_percentile_interval():
    values = np.array([[0.5, np.nan, 1.0], [0.6, 0.5, 1.0], [0.7, 0.6, 1.0]])
    first, *others = percentile_intervals(values)
    assert first == pytest.approx((0.505, 0.695)) and others == [None, None]

"""Intervals by document: the t quantile against scipy, and where there is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t as student

from toolkit.intervals import jackknife_interval, t_quantile, t_share


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

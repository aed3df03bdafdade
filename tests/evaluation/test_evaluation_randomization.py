"""Paired tests against brute force, hand-made cases and each other."""

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import bootstrap, permutation_test

from toolkit.evaluation.comparing.randomization import EXACT_BELOW, ROUNDS, UNTESTED, holm, paired_test, smallest_p


@st.composite
def paired_tables(draw, least=2, most=6):
    rows = []
    for _ in range(draw(st.integers(least, most))):
        gold = draw(st.integers(0, 6))
        sides = []
        for _ in range(2):
            right = draw(st.integers(0, gold))
            sides.append((right, right + draw(st.integers(0, 3)), gold))
        rows.append(sides)
    table = np.array(rows, dtype=float)
    assume(table[:, :, 1:].any(axis=(0, 2)).all())
    return table[:, 0], table[:, 1]


def f1(rows):
    right, predicted, gold = (sum(row[place] for row in rows) for place in range(3))
    return 2 * right / (predicted + gold) if predicted + gold else 0.0


@given(paired_tables())
def test_few_documents_are_tested_by_every_swap(tables):
    first, second = tables
    found = paired_test(first, second)
    assert found.method == "exact"
    assert found.difference == pytest.approx(f1(second) - f1(first), abs=1e-12)
    as_large = 0
    for swaps in product((False, True), repeat=len(first)):
        one = [b if swap else a for a, b, swap in zip(first, second, swaps, strict=True)]
        two = [a if swap else b for a, b, swap in zip(first, second, swaps, strict=True)]
        as_large += abs(f1(two) - f1(one)) >= abs(found.difference) - 1e-12
    assert found.p == pytest.approx(as_large / 2 ** len(first), abs=1e-12)


@given(paired_tables(2, 20))
def test_turning_the_two_round_turns_only_the_sign(tables):
    one, other = paired_test(*tables), paired_test(*tables[::-1])
    assert one.difference == pytest.approx(-other.difference, abs=1e-12)
    if one.method == "exact":
        assert one.p == pytest.approx(other.p, abs=1e-12)
    assert 0 < one.p <= 1


def test_the_same_results_differ_in_nothing():
    table = np.array([[3, 4, 5]] * 20, dtype=float)
    found = paired_test(table, table)
    assert found.difference == 0
    assert found.p == 1
    assert found.interval is None


def test_what_is_not_defined_is_not_tested():
    """Nothing to find and nothing found has no F1, so there is no difference either."""
    nothing, something = np.zeros((20, 3)), np.array([[0.0, 2, 0]] * 20)
    assert paired_test(nothing, something) == UNTESTED == paired_test(something, nothing)
    assert paired_test(np.zeros((0, 3)), np.zeros((0, 3))) == UNTESTED


def test_documents_that_do_not_differ_leave_the_p_value_exact():
    draw = np.random.default_rng(8)
    first = np.column_stack((draw.integers(0, 5, 9), np.full(9, 5), np.full(9, 6))).astype(float)
    second = first + np.column_stack((draw.integers(0, 2, 9), np.zeros(9), np.zeros(9)))
    alike = np.array([[2.0, 3, 4]] * 200)
    many = paired_test(np.vstack((first, alike)), np.vstack((second, alike)))
    assert many.method == "exact"
    # Every swap by hand, the documents that are alike in it.
    as_large = 0
    for swaps in product((False, True), repeat=9):
        one = [*(b if swap else a for a, b, swap in zip(first, second, swaps, strict=True)), *alike]
        two = [*(a if swap else b for a, b, swap in zip(first, second, swaps, strict=True)), *alike]
        as_large += abs(f1(two) - f1(one)) >= abs(many.difference) - 1e-12
    assert many.p == pytest.approx(as_large / 2**9, abs=1e-12)


@pytest.mark.parametrize("documents", [1, 2, 6, 13])
def test_the_smallest_p_is_that_of_all_documents_being_better(documents):
    first = np.array([[3.0, 9, 9]] * documents)
    found = paired_test(first, first + np.array([2.0, 0, 0]))
    assert smallest_p(documents) == (1.0 if documents == 1 else found.p)


def as_complex(tables):
    """Counts of a document as one number, so that scipy swaps them together; the gold is the same on both sides."""
    first, second = tables
    return [table[:, 0] + 1j * table[:, 1] for table in (first, second)], first[:, 2].sum()


def test_p_values_are_those_of_scipy():
    draw = np.random.default_rng(21)
    for documents in (8, 40):
        gold = draw.integers(3, 9, size=documents)
        sides = [np.minimum(gold, draw.integers(low, 8, documents)) for low in (0, 1)]
        tables = [
            np.stack([right, gold + draw.integers(0, 3, documents), gold], axis=1).astype(float) for right in sides
        ]
        (one, two), total = as_complex(tables)

        def difference(a, b, axis=-1, total=total):
            return np.abs(np.subtract(*(2 * c.real / (c.imag + total) for c in (b.sum(axis), a.sum(axis)))))

        theirs = permutation_test(
            (one, two), difference, permutation_type="samples", n_resamples=20_000, alternative="greater",
            vectorized=True, rng=3,
        )  # fmt: skip
        found = paired_test(*tables)
        assert abs(found.difference) == pytest.approx(float(theirs.statistic.real), abs=1e-12)
        share = float(theirs.pvalue.real)
        if found.method == "exact":
            assert found.p == pytest.approx(share, abs=1e-12)
        else:
            # Both are estimated: four standard errors of their difference.
            assert found.p == pytest.approx(share, abs=4 * (share * (1 - share) * (1 / ROUNDS + 1 / 20_000)) ** 0.5)


def test_bootstrap_intervals_are_those_of_scipy():
    draw = np.random.default_rng(4)
    gold = draw.integers(4, 20, size=80).astype(float)
    first, second = (np.stack([np.floor(gold * draw.uniform(low, 1, 80)), gold, gold], axis=1) for low in (0.2, 0.4))

    def difference(*columns, axis=-1):
        r1, p1, g1, r2, p2, g2 = (column.sum(axis=axis) for column in columns)
        return 2 * r2 / (p2 + g2) - 2 * r1 / (p1 + g1)

    theirs = bootstrap(
        (*first.T, *second.T), difference, paired=True, vectorized=True, n_resamples=9999, method="percentile", rng=1
    ).confidence_interval
    found = paired_test(first, second)
    width = theirs.high - theirs.low
    assert found.interval == pytest.approx((theirs.low, theirs.high), abs=0.12 * width)


def test_many_documents_are_tested_by_rounds_that_agree_with_every_swap():
    draw = np.random.default_rng(5)
    gold = draw.integers(3, 9, size=EXACT_BELOW)
    first = np.stack([np.minimum(gold, draw.integers(0, 6, EXACT_BELOW)), gold, gold], axis=1).astype(float)
    second = np.stack([np.minimum(gold, draw.integers(2, 8, EXACT_BELOW)), gold + 1, gold], axis=1).astype(float)
    found = paired_test(first, second)
    assert found.method == "approximate"
    difference = abs(f1(second) - f1(first))
    swaps = np.array(list(product((0.0, 1.0), repeat=EXACT_BELOW)))
    moved = swaps @ (second - first)
    one, two = first.sum(axis=0) + moved, second.sum(axis=0) - moved
    exact = np.mean(np.abs(2 * two[:, 0] / two[:, 1:].sum(1) - 2 * one[:, 0] / one[:, 1:].sum(1)) >= difference - 1e-12)
    # Four standard errors of a share estimated from so many rounds.
    assert found.p == pytest.approx(exact, abs=4 * (exact * (1 - exact) / ROUNDS) ** 0.5 + 1 / ROUNDS)


def test_a_clear_difference_over_many_documents_is_significant():
    gold = np.full(60, 10.0)
    first = np.stack([np.full(60, 5.0) + np.arange(60) % 3, gold, gold], axis=1)
    second = first + np.array([2.0, 0.0, 0.0])
    found = paired_test(first, second)
    assert found.difference == pytest.approx(0.2)
    assert found.p == pytest.approx(1 / (ROUNDS + 1))


def test_intervals_are_by_jackknife_for_few_documents_and_by_bootstrap_for_many():
    draw = np.random.default_rng(2)

    def tables(documents):
        gold = draw.integers(4, 12, size=documents).astype(float)
        return [np.stack([np.floor(gold * draw.uniform(low, 1, documents)), gold, gold], axis=1) for low in (0.2, 0.4)]

    few, many = paired_test(*tables(20)), paired_test(*tables(80))
    assert (few.interval_method, many.interval_method) == ("jackknife", "bootstrap")
    for found in (few, many):
        assert found.interval[0] < found.difference < found.interval[1]


def test_one_document_can_be_tested_in_no_way():
    found = paired_test(np.array([[1.0, 2, 3]]), np.array([[2.0, 2, 3]]))
    assert found.difference == pytest.approx(0.8 - 0.4)
    assert (found.p, found.method, found.interval) == (None, None, None)


def test_holm_steps_down_and_never_falls():
    # Worked by hand: 3 x 0.01, 2 x 0.02, then 0.03 raised to what stands before it.
    assert holm([0.02, 0.01, 0.03]) == pytest.approx([0.04, 0.03, 0.04])
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), max_size=8))
def test_holm_keeps_the_order_and_begins_with_bonferroni(values):
    corrected = holm(values)
    assert all(value <= found <= 1 for value, found in zip(values, corrected, strict=True))
    assert not values or min(corrected) == pytest.approx(min(1.0, min(values) * len(values)))
    by_value = [found for _, found in sorted(zip(values, corrected, strict=True))]
    assert by_value == sorted(by_value)

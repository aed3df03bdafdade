"""The alignment of two sets of spans: what pairs with what, and that nothing is lost or counted twice."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.alignment import Alignment, align, extent_first, label_first

SPANS = st.builds(
    lambda start, size, label: (start, start + size, label),
    *(st.integers(0, 12), st.integers(1, 6), st.sampled_from(["PER", "ORG", "GPE"])),
)
SETS = st.frozensets(SPANS, max_size=8)
TURNS = st.sampled_from([label_first, extent_first])


def by_definition(first, second, turn):
    """The same by comparing each with each, over and over, and taking the best pair that is left."""
    left, right = set(first - second), set(second - first)
    found = []
    while pairs := [(a, b) for a in left for b in right if set(range(*a[:2])) & set(range(*b[:2]))]:

        def rank(pair):
            ours, theirs = (set(range(*span[:2])) for span in pair)
            return turn(*pair), -Fraction(len(ours & theirs), len(ours | theirs)), sorted(pair)

        best = min(pairs, key=rank)
        found.append(best)
        left.remove(best[0])
        right.remove(best[1])
    same, others = ([p for p in found if (p[0][2] == p[1][2]) is wanted] for wanted in (True, False))
    return Alignment(*(tuple(sorted(part)) for part in (first & second, same, others, left, right)))


@given(first=SETS, second=SETS, turn=TURNS)
def test_the_alignment_is_that_of_the_definition(first, second, turn):
    assert align(first, second, turn) == by_definition(first, second, turn)


@given(first=SETS, second=SETS, turn=TURNS)
def test_every_mention_stands_once_on_its_side(first, second, turn):
    found = align(first, second, turn)
    pairs = [*found.same_label, *found.other_label]
    assert sorted([*found.exact, *(one for one, _ in pairs), *found.only_first]) == sorted(first)
    assert sorted([*found.exact, *(other for _, other in pairs), *found.only_second]) == sorted(second)
    assert all(one[0] < other[1] and other[0] < one[1] for one, other in pairs)
    assert all(one[2] == other[2] for one, other in found.same_label)
    assert all(one[2] != other[2] for one, other in found.other_label)
    assert not any(a[0] < b[1] and b[0] < a[1] for a in found.only_first for b in found.only_second)


@given(first=SETS, second=SETS, turn=TURNS)
def test_swapping_the_annotators_swaps_the_pairs(first, second, turn):
    one, other = align(first, second, turn), align(second, first, turn)
    assert one.exact == other.exact
    assert set(one.same_label) == {pair[::-1] for pair in other.same_label}
    assert set(one.other_label) == {pair[::-1] for pair in other.other_label}
    assert (one.only_first, one.only_second) == (other.only_second, other.only_first)


@given(first=SETS, second=SETS, turn=TURNS)
def test_the_order_of_the_spans_changes_no_pair(first, second, turn):
    assert align(sorted(first), sorted(second)[::-1], turn) == align(sorted(first)[::-1], sorted(second), turn)


@given(spans=SETS)
def test_a_reading_agrees_with_itself(spans):
    found = align(spans, spans)
    assert found.exact == tuple(sorted(spans))
    assert not (found.same_label or found.other_label or found.only_first or found.only_second)


def test_the_closer_pair_goes_first_then_the_leftmost():
    first = frozenset({(0, 10, "ORG")})
    assert align(first, frozenset({(0, 4, "ORG"), (3, 10, "ORG")})).same_label == (((0, 10, "ORG"), (3, 10, "ORG")),)
    assert align(first, frozenset({(0, 4, "ORG"), (6, 10, "ORG")})).same_label == (((0, 10, "ORG"), (0, 4, "ORG")),)
    assert align(first, frozenset({(0, 10, "GPE"), (0, 1, "ORG")})).same_label == (((0, 10, "ORG"), (0, 1, "ORG")),)


@pytest.mark.parametrize(("turn", "partner"), [(label_first, (2, 8, "ORG")), (extent_first, (0, 8, "GPE"))])
def test_what_goes_first_is_for_the_caller_to_say(turn, partner):
    found = align({(0, 8, "ORG")}, {(0, 8, "GPE"), (2, 8, "ORG")}, turn)
    assert [*found.same_label, *found.other_label] == [((0, 8, "ORG"), partner)]

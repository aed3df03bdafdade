"""Partial credit against nervaluate, and by definition where nervaluate's greedy matching is no oracle."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nervaluate import Evaluator

from toolkit.evaluation.scoring.diagnosis import Kind, find_errors, tabulate
from toolkit.evaluation.scoring.matching import match
from toolkit.evaluation.scoring.partial_credit import Credit, partial_credit

LABELS = ["PER", "ORG", "GPE"]
SCHEMES = {"strict": "strict", "exact": "exact", "partial": "partial", "type": "ent_type"}
TEXT = "ن" * 100


def credit(documents):
    """The credit of documents, each its gold and its predicted spans."""
    found = [match(*sides) for sides in documents]
    errors = [error for each in found for error in find_errors(TEXT, each)]
    return partial_credit(tabulate(Counter(label for each in found for _, _, label in each.right), errors).counts)


@st.composite
def documents(draw):
    """Gold and predicted spans of which each overlaps one of the other side at most; they may touch."""
    gold, predicted, place = [], [], 0
    for _ in range(draw(st.integers(0, 8))):
        place += draw(st.integers(0, 2))
        start, size, label = place, draw(st.integers(1, 6)), draw(st.sampled_from(LABELS))
        place += size
        kind = draw(st.sampled_from(["equal", "inside", "longer", "gold", "predicted"]))
        other = draw(st.sampled_from(LABELS))
        if kind != "predicted":
            gold.append((start, start + size, label))
        if kind in ("equal", "predicted"):
            predicted.append((start, start + size, other))
        elif kind == "inside":
            cut = draw(st.integers(0, size - 1))
            predicted.append((start + cut, start + size, other))
        elif kind == "longer":
            place += draw(st.integers(1, 3))
            predicted.append((start, place, other))
    return gold, predicted


@given(cases=st.lists(documents(), min_size=1, max_size=4))
def test_the_four_schemes_are_those_of_nervaluate(cases):
    sides = [
        # Its ends are inclusive: with ours, a prediction that only touches a gold mention would answer it.
        [[{"label": label, "start": start, "end": end - 1} for start, end, label in case[side]] for case in cases]
        for side in (0, 1)
    ]
    theirs = Evaluator(*sides, tags=LABELS, loader="dict").evaluate()["overall"]
    for scheme, found in credit(cases).items():
        expected = theirs[SCHEMES[scheme]]
        for name in (*Credit._fields, "possible", "actual"):
            assert getattr(found, name) == getattr(expected, name), (scheme, name)
        for name in ("precision", "recall", "f1"):
            assert (getattr(found, name) or 0.0) == pytest.approx(getattr(expected, name), abs=1e-12)


SPANS = st.builds(
    lambda start, size, label: (start, start + size, label),
    *(st.integers(0, 20), st.integers(1, 8), st.sampled_from(LABELS)),
)
SIDES = st.lists(SPANS, max_size=8, unique=True)


@given(gold=SIDES, predicted=SIDES)
def test_every_mention_is_possible_or_actual_once_in_every_scheme(gold, predicted):
    found = credit([(gold, predicted)])
    assert {(each.possible, each.actual) for each in found.values()} == {(len(gold), len(predicted))}
    assert found["strict"].correct == len(set(gold) & set(predicted))
    same_place = [Counter(span[:2] for span in side) for side in (gold, predicted)]
    assert found["exact"].correct == found["partial"].correct == (same_place[0] & same_place[1]).total()
    assert found["strict"].correct <= min(found["exact"].correct, found["type"].correct)
    assert found["partial"].incorrect == 0
    assert {each.partial for name, each in found.items() if name != "partial"} == {0}


@given(gold=SIDES, predicted=SIDES)
def test_the_order_of_the_mentions_changes_nothing(gold, predicted):
    assert credit([(gold, predicted)]) == credit([(gold[::-1], predicted[::-1])])


def test_one_mention_answers_one_mention():
    """A long prediction over two gold mentions answers the closer one; the other is missed."""
    found = credit([([(0, 4, "PER"), (5, 11, "PER")], [(0, 11, "PER")])])
    assert found["strict"] == Credit(0, 1, 0, 1, 0)
    assert found["partial"] == Credit(0, 0, 1, 1, 0)
    assert found["type"] == Credit(1, 0, 0, 1, 0)
    assert (found["partial"].precision, found["partial"].recall) == (0.5, 0.25)
    assert found["partial"].f1 == pytest.approx(1 / 3)


def test_a_clitic_boundary_is_a_boundary():
    kinds = {Kind.CLITIC_BOUNDARY: 2, Kind.BOUNDARY: 1}
    assert partial_credit(kinds) == partial_credit({Kind.BOUNDARY: 3})


def test_no_mentions_make_no_score():
    assert credit([([], [])])["strict"].as_json() == {
        **dict.fromkeys(("correct", "incorrect", "partial", "missed", "spurious", "possible", "actual"), 0),
        **dict.fromkeys(("precision", "recall", "f1")),
    }
    alone = credit([([(0, 4, "PER")], [])])["type"]
    assert (alone.precision, alone.recall, alone.f1) == (None, 0.0, 0.0)

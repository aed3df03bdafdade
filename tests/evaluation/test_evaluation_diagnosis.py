"""Errors by kind: each kind once, every mention once, and the tables that are made of them."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.evaluation.scoring.diagnosis import Error, ErrorTable, Kind, find_errors, tabulate
from toolkit.evaluation.scoring.matching import match

PARTICLES = ("و", "ف", "ب", "ل", "ك", "س")
TEXT = "التقت سلمى رامي وريفاد القديمة"
SALMA, RAMI, RIFAD = (6, 10), (11, 15), (17, 22)
OLD_RIFAD, AND_RIFAD = (17, 30), (16, 22)

SPANS = st.builds(
    lambda start, size, label: (start, start + size, label),
    *(st.integers(0, 20), st.integers(1, 8), st.sampled_from(["PER", "ORG", "GPE"])),
)
SIDES = st.lists(SPANS, max_size=8, unique=True)


def errors(gold, predicted):
    return find_errors(TEXT, match(gold, predicted), PARTICLES)


def table(gold, predicted):
    found = match(gold, predicted)
    return tabulate(Counter(label for _, _, label in found.right), find_errors(TEXT, found, PARTICLES))


@pytest.mark.parametrize(
    ("gold", "predicted", "kind"),
    [
        ((*SALMA, "PER"), (*SALMA, "ORG"), Kind.LABEL),
        ((*RIFAD, "GPE"), (*OLD_RIFAD, "GPE"), Kind.BOUNDARY),
        ((*AND_RIFAD, "GPE"), (*RIFAD, "GPE"), Kind.CLITIC_BOUNDARY),
        ((*RIFAD, "GPE"), (*AND_RIFAD, "LOC"), Kind.BOUNDARY_AND_LABEL),
        ((*SALMA, "PER"), None, Kind.MISSED),
        (None, (*SALMA, "PER"), Kind.SPURIOUS),
    ],
)
def test_every_kind_of_error_is_told_from_the_others(gold, predicted, kind):
    sides = [[side] if side else [] for side in (gold, predicted)]
    assert errors(*sides) == (Error(kind, gold, predicted),)
    found = table(*sides)
    assert found.counts == {kind: 1}
    assert found.labels == {(gold or predicted)[2]: {kind: 1}}
    assert found.confusion == {(gold[2] if gold else "", predicted[2] if predicted else ""): 1}


def test_what_is_right_is_no_error():
    both = [(*SALMA, "PER"), (*RIFAD, "GPE")]
    assert errors(both, both) == ()
    assert table(both, both) == ErrorTable(
        {"PER": {Kind.CORRECT: 1}, "GPE": {Kind.CORRECT: 1}}, {("PER", "PER"): 1, ("GPE", "GPE"): 1}
    )


def test_spans_that_touch_do_not_answer_each_other():
    assert [error.kind for error in errors([(6, 10, "PER")], [(10, 15, "PER")])] == [Kind.MISSED, Kind.SPURIOUS]


def test_an_equal_extent_goes_before_an_equal_label_and_the_closest_before_the_leftmost():
    title = (0, 30, "TITLE")
    assert errors([title], [(0, 30, "ORG"), (0, 29, "TITLE")]) == (
        Error(Kind.SPURIOUS, None, (0, 29, "TITLE")),
        Error(Kind.LABEL, title, (0, 30, "ORG")),
    )
    assert errors([title], [(0, 9, "TITLE"), (9, 30, "TITLE")])[1].predicted == (9, 30, "TITLE")
    assert errors([title], [(0, 15, "TITLE"), (15, 30, "TITLE")])[0].predicted == (0, 15, "TITLE")


def test_nested_mentions_each_get_their_own_kind():
    title, country = (0, 22, "TITLE"), (17, 22, "NORP")
    assert errors([title, country], [title]) == (Error(Kind.MISSED, country, None),)
    assert errors([title, country], [(0, 22, "ORG"), country]) == (Error(Kind.LABEL, title, (0, 22, "ORG")),)
    assert errors([title, country], [(16, 22, "NORP")])[1] == Error(Kind.CLITIC_BOUNDARY, country, (16, 22, "NORP"))


def test_right_mentions_take_part_in_no_pair():
    gold = [(*RIFAD, "GPE"), (*OLD_RIFAD, "LOC")]
    assert errors(gold, [(*RIFAD, "GPE")]) == (Error(Kind.MISSED, gold[1], None),)
    assert errors(gold, [*gold, (*AND_RIFAD, "GPE")]) == (Error(Kind.SPURIOUS, None, (*AND_RIFAD, "GPE")),)


@given(gold=SIDES, predicted=SIDES)
def test_every_mention_is_counted_exactly_once(gold, predicted):
    found = errors(gold, predicted)
    right = [span for span in gold if span in predicted]
    assert sorted([*right, *(e.gold for e in found if e.gold)]) == sorted(gold)
    assert sorted([*right, *(e.predicted for e in found if e.predicted)]) == sorted(predicted)
    counted = table(gold, predicted)
    for label in ("PER", "ORG", "GPE"):
        kinds = counted.labels.get(label, {})
        of_gold = sum(number for kind, number in kinds.items() if kind is not Kind.SPURIOUS)
        assert of_gold == sum(span[2] == label for span in gold)
        assert of_gold == sum(number for (one, _), number in counted.confusion.items() if one == label)
        of_model = sum(number for (_, other), number in counted.confusion.items() if other == label)
        assert of_model == sum(span[2] == label for span in predicted)


@given(gold=SIDES, predicted=SIDES)
def test_a_kind_says_what_differs(gold, predicted):
    for kind, one, other in errors(gold, predicted):
        if one is None or other is None:
            assert kind is (Kind.MISSED if one else Kind.SPURIOUS)
            continue
        assert set(range(*one[:2])) & set(range(*other[:2]))
        told = {(True, False): {Kind.LABEL}, (False, False): {Kind.BOUNDARY_AND_LABEL}}
        told[False, True] = {Kind.BOUNDARY, Kind.CLITIC_BOUNDARY}
        assert kind in told[one[:2] == other[:2], one[2] == other[2]]


@given(gold=SIDES, predicted=SIDES)
def test_swapping_gold_and_prediction_swaps_the_errors(gold, predicted):
    swapped = {Kind.MISSED: Kind.SPURIOUS, Kind.SPURIOUS: Kind.MISSED}
    there = {(swapped.get(kind, kind), other, one) for kind, one, other in errors(gold, predicted)}
    assert there == set(errors(predicted, gold))


def test_tables_of_several_documents_add_up_and_show_every_kind():
    first = errors([(*SALMA, "PER"), (*RAMI, "PER")], [(*SALMA, "ORG")])
    second = errors([], [(*SALMA, "ORG")])
    found = tabulate({"PER": 3, "GPE": 0}, [*first, *second])
    nothing = dict.fromkeys((kind.value for kind in Kind), 0)
    assert found.errors_json() == {
        "counts": {**nothing, "correct": 3, "label": 1, "missed": 1, "spurious": 1},
        "labels": {
            "ORG": {**nothing, "spurious": 1},
            "PER": {**nothing, "correct": 3, "label": 1, "missed": 1},
        },
    }
    assert found.confusion_json() == {"": {"ORG": 1}, "PER": {"": 1, "ORG": 1, "PER": 3}}
    assert tabulate({}, []).errors_json() == {"counts": nothing, "labels": {}}


def test_errors_stand_in_the_order_of_the_text():
    found = errors([(*RAMI, "PER"), (*RIFAD, "GPE")], [(*SALMA, "PER"), (*OLD_RIFAD, "LOC")])
    assert [error.kind for error in found] == [Kind.SPURIOUS, Kind.MISSED, Kind.BOUNDARY_AND_LABEL]

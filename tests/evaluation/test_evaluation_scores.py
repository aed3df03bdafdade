"""seqeval itself, called directly on every word, against the scores that come out of the whole path."""

import math
import warnings
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import pytest
from fuzzed_documents import Fuzzed, fuzzed, random_spans, tagged
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics import classification_report
from seqeval.scheme import IOB2

from toolkit.errors import ToolkitError
from toolkit.evaluation.counts import Counts, count
from toolkit.evaluation.prediction import Prediction, Predictions
from toolkit.evaluation.result import DatasetName, evaluate
from toolkit.evaluation.scores import CALLS, collapse, count_rows, seqeval_report
from toolkit.evaluation.views import Row
from toolkit.flat import flatten
from toolkit.schema import Schema
from toolkit.tokens import TOKENIZER, covered, sentences, words

NAME = DatasetName("fuzz", "1.0.0", "0" * 64, "test", TOKENIZER)
TAGS = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-A-B", "I-A-B"]
ROWS = st.lists(
    st.lists(st.tuples(st.sampled_from(TAGS), st.sampled_from(TAGS)), min_size=1, max_size=15), min_size=1, max_size=4
)


@pytest.fixture(scope="module")
def cases() -> list[Fuzzed]:
    random = Random(20261122)
    return [fuzzed(random, number) for number in range(2500)]


def direct(gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]], mode: str) -> dict[str, Any]:
    how = {"mode": "strict", "scheme": IOB2} if mode == "strict" else {}
    lists = [[list(row) for row in side] for side in (gold, predicted)]
    report: dict[str, Any] = classification_report(*lists, output_dict=True, zero_division=0, **how)
    return report


def assert_equal(block: dict[str, Any], expected: dict[str, Any]) -> None:
    """A block of result.json's `seqeval` against seqeval's own report."""
    averages = {"micro avg": block["micro"], "macro avg": block["macro"]}
    assert set(block["labels"]) == set(expected) - {*averages, "weighted avg"}
    for name, numbers in {**block["labels"], **averages}.items():
        for ours, theirs in (("precision", "precision"), ("recall", "recall"), ("f1", "f1-score")):
            assert math.isclose(numbers[ours], expected[name][theirs], rel_tol=0, abs_tol=1e-12), (name, ours)
        assert numbers["support"] == expected[name]["support"]


@pytest.mark.parametrize("mode", ["strict", "default"])
def test_tags_score_as_seqeval_scores_them_in_full(cases: list[Fuzzed], schema: Schema, mode: str) -> None:
    documents = [case.document for case in cases]
    predictions = Predictions({case.document.id: tagged(case) for case in cases}, {"name": "fuzz"})
    result = evaluate(documents, predictions, schema, NAME)
    gold = [row for case in cases for row in case.gold]
    predicted = [row for case in cases for row in case.tags]
    expected = direct(gold, predicted, mode)
    assert_equal(result["seqeval"][mode], expected)
    assert result["unopened_spans"] > 100 and result["unknown_labels"]["word"]["MISC-X"] > 100
    assert sum(not case.gold for case in cases) > 100
    if mode == "strict":
        word = result["scores"]["word"]
        assert word["micro"]["f1"] == expected["micro avg"]["f1-score"]
        assert word["labels"]["PER"]["precision"] == expected["PER"]["precision"]


@pytest.mark.parametrize("mode", ["strict", "default"])
def test_spans_score_as_seqeval_scores_the_rows_of_ner(cases: list[Fuzzed], schema: Schema, mode: str) -> None:
    random = Random(5)
    documents = [case.document for case in cases]
    found = {d.id: Prediction(d.id, tuple(random_spans(random, d))) for d in documents}
    result = evaluate(documents, Predictions(found, {"name": "fuzz"}), schema, NAME)
    gold, predicted = [], []
    for case in cases:
        spans = words(case.document.text)
        wanted = sorted({(s.start, s.end, s.label) for s in found[case.document.id].spans})
        tags = flatten(wanted, spans, schema.flat_layer).tags(len(spans))
        # A span across a sentence end has no place in rows, so it is told to seqeval on the whole text.
        gold.append([tag for row in case.gold for tag in row])
        predicted.append(tags)
    assert_equal(result["seqeval"][mode], direct(*without_empty(gold, predicted), mode))
    assert result["joined_sentences"] > 50 and result["losses"]["prediction"]["dropped label"] > 50


def without_empty(*sides: list[list[str]]) -> Iterator[list[list[str]]]:
    return ([row for row in side if row] for side in sides)


def test_gold_rows_are_those_of_ner(cases: list[Fuzzed], schema: Schema) -> None:
    for case in cases[:300]:
        text = case.document.text
        spans = words(text)
        tags = flatten([(e.start, e.end, e.label) for e in case.document.entities], spans, schema.flat_layer)
        rows = [covered(spans, *extent) for extent in sentences(text)]
        assert [tags.tags(len(spans))[first:last] for first, last in rows] == case.gold


@given(ROWS)
def test_collapsed_rows_give_seqevals_numbers(pairs: list[list[tuple[str, str]]]) -> None:
    rows = [Row([gold for gold, _ in row], [predicted for _, predicted in row]) for row in pairs]
    short = collapse(rows)
    counts = count_rows(short)
    assert counts == count_rows(rows)
    for mode in CALLS:
        report = seqeval_report(short, mode, counts[mode])
        if report.micro is None:
            assert not counts[mode]
            continue
        block = {"micro": report.micro._asdict(), "macro": report.macro and report.macro._asdict()}
        block["labels"] = {label: numbers._asdict() for label, numbers in report.labels.items()}
        assert_equal(block, direct([row.gold for row in rows], [row.predicted for row in rows], mode))


def test_runs_of_o_become_one_and_the_seams_of_spans_stay() -> None:
    gold = ["O", "O", "O", "B-PER", "I-PER", "I-PER", "I-PER", "O", "O", "B-PER", "B-PER", "O", "O"]
    predicted = ["O", "O", "O", "B-PER", "I-PER", "I-PER", "O", "O", "O", "B-PER", "B-PER", "O", "O"]
    short_gold = ["O", "B-PER", "I-PER", "I-PER", "O", "B-PER", "B-PER", "O"]
    short_predicted = ["O", "B-PER", "I-PER", "O", "O", "B-PER", "B-PER", "O"]
    assert collapse([Row(gold, predicted), Row(["O"] * 5, ["O"] * 5), Row([], [])]) == [(short_gold, short_predicted)]


def test_strict_is_strict_and_default_is_conlleval() -> None:
    rows = [Row(["B-X", "I-X"], ["I-X", "I-X"])]
    counts = count_rows(rows)
    strict, default = (seqeval_report(rows, mode, counts[mode]) for mode in ("strict", "default"))
    assert strict.micro is not None and (strict.micro.f1, strict.micro.support) == (0.0, 1)
    assert default.micro is not None and default.micro.f1 == 1.0
    assert counts == {"strict": {"X": Counts(0, 0, 1)}, "default": {"X": Counts(1, 1, 1)}}


def test_a_known_figure_of_conlleval() -> None:
    """Two of three phrases right, one of two predicted PER: the arithmetic is done by hand."""
    rows = [Row(["B-PER", "I-PER", "O", "B-ORG", "O", "B-PER"], ["B-PER", "I-PER", "O", "B-PER", "O", "B-PER"])]
    report = seqeval_report(rows, "strict", count_rows(rows)["strict"])
    assert report.micro == (2 / 3, 2 / 3, 2 / 3, 3)
    assert report.labels["PER"] == (2 / 3, 1.0, 0.8, 2)
    assert report.labels["ORG"] == (0.0, 0.0, 0.0, 1)


@pytest.mark.parametrize("rows", [[], [Row(["O", "O"], ["O", "O"])]])
@pytest.mark.parametrize("mode", ["strict", "default"])
def test_nothing_to_score_is_undefined_without_a_warning(rows: list[Row], mode: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report = seqeval_report(collapse(rows), mode, count_rows(rows)[mode])
    assert (report.micro, report.macro, report.labels) == (None, None, {})


def test_spans_that_only_the_default_mode_sees_leave_strict_undefined() -> None:
    rows = [Row(["O", "O"], ["I-PER", "O"])]
    counts = count_rows(rows)
    assert seqeval_report(rows, "strict", counts["strict"]).micro is None
    default = seqeval_report(rows, "default", counts["default"])
    assert default.micro == (0.0, 0.0, 0.0, 0)


def test_counts_that_are_not_seqevals_are_an_error() -> None:
    rows = [Row(["B-PER", "O"], ["B-PER", "O"])]
    for wrong in ({"PER": Counts(1, 2, 1)}, {"ORG": Counts(1, 1, 1)}, {"PER": Counts(1, 1, 1), "X": Counts(0, 1, 0)}):
        with pytest.raises(ToolkitError, match="seqeval \\(strict\\) says"):
            seqeval_report(rows, "strict", wrong)


@given(
    st.sets(st.tuples(st.integers(0, 5), st.sampled_from("ABC"))),
    st.sets(st.tuples(st.integers(0, 5), st.sampled_from("ABC"))),
)
def test_counts_agree_with_counting_one_by_one(gold: set[tuple[int, str]], predicted: set[tuple[int, str]]) -> None:
    found = count(gold, predicted)
    for label in "ABC":
        tp = len([span for span in predicted if span[1] == label and span in gold])
        sizes = [len([span for span in side if span[1] == label]) for side in (predicted, gold)]
        assert found.get(label, Counts()) == (tp, *sizes)

"""seqeval itself, called directly on every word, against the scores that come out of the whole path."""

import math
import warnings
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any
from unittest.mock import ANY

import pytest
from fuzzed_documents import Fuzzed, fuzzed, random_spans, tagged
from hypothesis import given
from hypothesis import strategies as st
from marked_text import marked
from result_schema import checked
from seqeval.metrics import classification_report
from seqeval.scheme import IOB2

from toolkit.errors import DataError, ToolkitError
from toolkit.evaluation.predictions.prediction import Prediction, Predictions
from toolkit.evaluation.scoring.counts import Counts, count
from toolkit.evaluation.scoring.result import DatasetName, evaluate
from toolkit.evaluation.scoring.scores import CALLS, collapse, count_rows, seqeval_report
from toolkit.evaluation.scoring.views import InvalidTags, Row
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
    return [fuzzed(random, number) for number in range(1500)]


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


@pytest.fixture(scope="module")
def of_tags(cases: list[Fuzzed]) -> dict[str, dict[str, Any]]:
    """seqeval's reports of all tags as they are, by mode."""
    gold = [row for case in cases for row in case.gold]
    predicted = [row for case in cases for row in case.tags]
    return {mode: direct(gold, predicted, mode) for mode in CALLS}


@pytest.mark.parametrize(("policy", "mode"), [("discard", "strict"), ("conlleval", "default")])
def test_tags_score_as_seqeval_scores_them_in_full(
    cases: list[Fuzzed], of_tags: dict[str, dict[str, Any]], schema: Schema, policy: InvalidTags, mode: str
) -> None:
    documents = [case.document for case in cases]
    predictions = Predictions({case.document.id: tagged(case) for case in cases}, {"name": "fuzz"})
    result = checked(evaluate(documents, predictions, schema, NAME, invalid_tags=policy))
    for each in CALLS:
        assert_equal(result["seqeval"][each], of_tags[each])
    assert result["unopened_spans"] > 100 and result["unknown_labels"]["word"]["MISC-X"] > 100
    assert sum(not case.gold for case in cases) > 100
    expected = of_tags[mode]
    word, char = result["scores"]["word"], result["scores"]["char"]
    assert word["micro"]["f1"] == expected["micro avg"]["f1-score"]
    assert word["labels"]["PER"]["precision"] == expected["PER"]["precision"]
    # Gold has whole words, one label each: then the spans of the policy are the same in both views.
    assert char["micro"] == {**word["micro"], "f1": pytest.approx(word["micro"]["f1"]), "interval": ANY}
    assert result["policies"]["invalid_tags"] == policy and f"|tags:{policy}|" in result["signature"]


def test_invalid_tags_are_refused_with_their_place_where_asked_for(schema: Schema) -> None:
    document = marked("a", "قال {PER سامي}\nعاد {GPE تونس} جميلة")
    for tags in ([("O", "B-PER"), ("O", "B-GPE", "O")], [("O", "B-PER"), ("O", "B-GPE", "I-PER")]):
        predictions = Predictions({"a": Prediction("a", tags=tuple(tags))}, {"name": "x"})
        if tags[1][2] == "O":
            assert evaluate([document], predictions, schema, NAME, invalid_tags="raise")["unopened_spans"] == 0
            continue
        with pytest.raises(DataError, match="document a, sentence 2, word 3: I-PER continues no mention"):
            evaluate([document], predictions, schema, NAME, invalid_tags="raise")


def test_spans_score_as_seqeval_scores_the_rows_of_ner(cases: list[Fuzzed], schema: Schema) -> None:
    random = Random(5)
    documents = [case.document for case in cases]
    found = {d.id: Prediction(d.id, tuple(random_spans(random, d))) for d in documents}
    result = checked(evaluate(documents, Predictions(found, {"name": "fuzz"}), schema, NAME))
    gold, predicted = [], []
    for case in cases:
        spans = words(case.document.text)
        wanted = sorted({(s.start, s.end, s.label) for s in found[case.document.id].spans})
        layer = flatten(wanted, spans, schema.flat_layer)
        tags = layer.tags(len(spans))
        extents = [covered(spans, *extent) for extent in sentences(case.document.text)]
        starts = {first for first, _ in extents}
        if any(span.first < start < span.last for span in layer.spans for start in starts):
            # A span across a sentence end has no place in rows, so it is told to seqeval on the whole text.
            gold.append([tag for row in case.gold for tag in row])
            predicted.append(tags)
        else:
            gold += case.gold
            predicted += [tags[first:last] for first, last in extents]
    for mode in CALLS:
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


def test_only_words_stay_at_which_a_span_begins_or_ends() -> None:
    gold = ["O", "O", "O", "B-PER", "I-PER", "I-PER", "I-PER", "O", "O", "B-PER", "B-PER", "O", "O"]
    predicted = ["O", "O", "O", "B-PER", "I-PER", "I-PER", "O", "O", "O", "B-PER", "B-PER", "O", "O"]
    short_gold = ["B-PER", "I-PER", "B-PER", "B-PER"]
    short_predicted = ["B-PER", "O", "B-PER", "B-PER"]
    assert collapse([Row(gold, predicted), Row(["O"] * 5, ["O"] * 5), Row([], [])]) == [(short_gold, short_predicted)]
    # Without the O before it the I- would go on with the span before that.
    apart = Row(["B-PER", "O", "O", "O"], ["B-PER", "O", "O", "I-PER"])
    assert collapse([apart]) == [(["B-PER", "O", "O"], ["B-PER", "O", "I-PER"])]


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
        for mode in CALLS:
            with pytest.raises(ToolkitError, match=rf"seqeval \({mode}\) says"):
                seqeval_report(rows, mode, wrong)


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

"""result.json: views, counts, losses, coverage, signature."""

import json
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from fuzzed_documents import fuzzed, random_spans
from marked_text import marked
from result_schema import checked
from seqeval.metrics import f1_score
from seqeval.scheme import IOB2

from toolkit.document import Document
from toolkit.errors import DataError, UsageError
from toolkit.evaluation.predictions.prediction import Prediction, Predictions
from toolkit.evaluation.reports.account import account
from toolkit.evaluation.scoring.result import VIEWS, DatasetName, evaluate
from toolkit.evaluation.scoring.views import Row
from toolkit.files import to_json
from toolkit.findings import Finding, Severity
from toolkit.flat import flatten
from toolkit.models.predictor import Span
from toolkit.schema import Schema
from toolkit.tokens import TOKENIZER, words

NAME = DatasetName("composed", "1.2.0", "0123456789abcdef" * 4, "test", TOKENIZER)
DOCUMENTS = [
    marked("one", "زار {TITLE وزير {NORP التونسية}} {PER سامي} و{GPE حلب}.\nعاد.", collection="news"),
    marked("two", "قال {PER نورا الزين} ل{GPE تونس}.", collection="sport"),
    marked("void", "", collection="news"),
]


def perfect(documents: list[Document]) -> dict[str, Prediction]:
    return {d.id: Prediction(d.id, tuple(Span(e.start, e.end, e.label) for e in d.entities)) for d in documents}


def scored(documents: list[Document], found: dict[str, Prediction], schema: Schema, **more: Any) -> dict[str, Any]:
    findings = more.pop("findings", ())
    return checked(evaluate(documents, Predictions(found, {"name": "test"}, findings), schema, NAME, **more))


@pytest.fixture(scope="module")
def drawn() -> tuple[list[Document], dict[str, Prediction]]:
    random = Random(77)
    documents = [fuzzed(random, number).document for number in range(400)]
    return documents, {d.id: Prediction(d.id, tuple(random_spans(random, d))) for d in documents}


def test_a_perfect_prediction_scores_one_everywhere(schema: Schema) -> None:
    result = scored(DOCUMENTS, perfect(DOCUMENTS), schema)
    assert result["status"] == "complete" and result["coverage"]["characters"] == 1.0
    averages = [result["scores"][view][name] for view in VIEWS for name in ("micro", "macro")]
    averages += [result["seqeval"][mode][name] for mode in ("strict", "default") for name in ("micro", "macro")]
    labels = [score for view in VIEWS for score in result["scores"][view]["labels"].values() if score["gold"]]
    collections = [c[view] for c in result["collections"].values() for view in ("word", "char")]
    assert len(labels) == 3 + 4 + 4
    others = [*result["partial_credit"].values(), result["nesting"]["flat"], result["lengths"]["1"]]
    assert result["errors"]["counts"] == dict.fromkeys(result["errors"]["counts"], 0) | {"correct": 6}
    assert result["confusion"] == {
        label: {label: n} for label, n in {"GPE": 2, "NORP": 1, "PER": 2, "TITLE": 1}.items()
    }
    for score in (*averages, *labels, *collections, *others):
        assert (score["precision"], score["recall"], score["f1"]) == (1.0, 1.0, 1.0)


def test_undefined_is_null_and_never_zero(schema: Schema) -> None:
    result = scored(DOCUMENTS, perfect(DOCUMENTS), schema)
    word = result["scores"]["word"]
    assert word["labels"]["ORG"] == {
        "precision": None, "recall": None, "f1": None, "tp": 0, "pred": 0, "gold": 0, "support": 0, "interval": None
    }  # fmt: skip
    assert set(word["labels"]) == set(schema.flat_labels) and set(result["scores"]["char"]["labels"]) == set(
        schema.entities
    )
    assert word["macro"]["labels"] == 3 and result["scores"]["char"]["macro"]["labels"] == 4
    nothing = scored([marked("a", "لا شيء")], {"a": Prediction("a")}, schema)
    assert nothing["scores"]["word"]["micro"]["f1"] is None and nothing["seqeval"]["strict"]["micro"] is None
    assert nothing["scores"]["word"]["macro"] == {
        "labels": 0,
        "precision": None,
        "recall": None,
        "f1": None,
        "interval": None,
    }


def test_the_char_view_agrees_with_counting_by_hand(
    drawn: tuple[list[Document], dict[str, Prediction]], schema: Schema
) -> None:
    documents, found = drawn
    char = scored(documents, found, schema)["scores"]["char"]
    for label in (*schema.entities, None):
        tp = pred = gold = 0
        for document in documents:
            wanted = {(e.start, e.end, e.label) for e in document.entities if label in (None, e.label)}
            given = {(s.start, s.end, s.label) for s in found[document.id].spans if label in (None, s.label)}
            tp, pred, gold = tp + len(wanted & given), pred + len(given), gold + len(wanted)
        score = char["micro"] if label is None else char["labels"][label]
        assert (score["tp"], score["pred"], score["gold"]) == (tp, pred, gold)
        if pred and gold and tp:
            assert score["f1"] == pytest.approx(2 / (pred / tp + gold / tp), abs=1e-12)


def test_proclitics_make_the_difference_between_the_views(schema: Schema) -> None:
    found = {"two": Prediction("two", (Span(4, 14, "PER"), Span(15, 20, "GPE")))}
    assert DOCUMENTS[1].text[15:20] == "لتونس"
    result = scored([DOCUMENTS[1]], found, schema)
    assert result["scores"]["word"]["micro"]["f1"] == 1.0
    assert result["scores"]["char"]["micro"]["tp"] == 1


def test_the_order_of_documents_and_of_predictions_changes_nothing(
    drawn: tuple[list[Document], dict[str, Prediction]], schema: Schema
) -> None:
    documents, found = drawn
    turned = dict(reversed(found.items()))
    assert to_json(scored(documents, found, schema)) == to_json(scored(documents[::-1], turned, schema))


def test_counts_of_documents_add_up_to_the_scores(
    drawn: tuple[list[Document], dict[str, Prediction]], schema: Schema
) -> None:
    result = scored(*drawn, schema)
    for view in VIEWS:
        sums: dict[str, list[int]] = {}
        for document in result["documents"].values():
            for label, counts in document[view].items():
                sums[label] = [a + b for a, b in zip(sums.get(label, [0, 0, 0]), counts, strict=True)]
        for label, score in result["scores"][view]["labels"].items():
            assert sums.get(label, [0, 0, 0]) == [score["tp"], score["pred"], score["gold"]]
        total = [sum(column) for column in zip(*sums.values(), strict=True)]
        micro = result["scores"][view]["micro"]
        assert total == [micro["tp"], micro["pred"], micro["gold"]]


def test_a_collection_scores_as_seqeval_scores_it_alone(
    drawn: tuple[list[Document], dict[str, Prediction]], schema: Schema
) -> None:
    documents, found = drawn
    result = scored(documents, found, schema)
    assert set(result["collections"]) == {"a", "b"}
    for name, collection in result["collections"].items():
        rows = []
        for document in documents:
            if document.meta["collection"] == name:
                spans = words(document.text)
                gold = [(e.start, e.end, e.label) for e in document.entities]
                found_spans = sorted({(s.start, s.end, s.label) for s in found[document.id].spans})
                layers = [flatten(side, spans, schema.flat_layer) for side in (gold, found_spans)]
                rows += [Row(*(layer.tags(len(spans)) for layer in layers))] if spans else []
        alone = f1_score([r.gold for r in rows], [r.predicted for r in rows], mode="strict", scheme=IOB2)
        assert collection["word"]["f1"] == pytest.approx(alone, abs=1e-12)


def test_unknown_labels_are_listed_and_count_as_wrong(schema: Schema) -> None:
    found = perfect(DOCUMENTS)
    found["two"] = Prediction("two", (*found["two"].spans, Span(0, 3, "MISC")))
    result = scored(DOCUMENTS, found, schema)
    assert result["unknown_labels"] == {"word": {"MISC": 1}, "char": {"MISC": 1}}
    assert result["seqeval"]["strict"]["labels"]["MISC"]["support"] == 0
    for view, right in (("word", 5), ("char", 6)):
        micro = result["scores"][view]["micro"]
        assert (micro["tp"], micro["pred"], micro["gold"]) == (right, right + 1, right)
    assert result["scores"]["word"]["macro"]["f1"] == 1.0
    assert result["seqeval"]["strict"]["macro"]["f1"] == 0.75


def test_documents_that_are_missing_or_failed_count_as_missed(schema: Schema) -> None:
    found = perfect(DOCUMENTS)
    del found["one"]
    found["void"] = Prediction("void", error="timeout")
    result = scored(DOCUMENTS, found, schema)
    assert result["status"] == "incomplete"
    coverage = result["coverage"]
    assert (coverage["documents"], coverage["documents_predicted"]) == (3, 1)
    assert coverage["missing"] == ["one"] and coverage["failed"] == {"void": "timeout"}
    assert coverage["characters"] == pytest.approx(len(DOCUMENTS[1].text) / sum(len(d.text) for d in DOCUMENTS))
    assert result["scores"]["word"]["micro"]["recall"] == 2 / 5
    told = list(account(result))
    assert "no prediction: one" in told and "failed: void: timeout" in told


def test_an_error_in_the_file_makes_the_result_incomplete_and_a_warning_does_not(schema: Schema) -> None:
    for severity, status in ((Severity.ERROR, "incomplete"), (Severity.WARNING, "complete")):
        findings = (Finding("duplicate-document", severity, "p.jsonl:3", "stands twice"),)
        result = scored(DOCUMENTS, perfect(DOCUMENTS), schema, findings=findings)
        assert result["status"] == status and result["findings"][0]["path"] == "p.jsonl:3"


def test_all_losses_and_changes_are_counted(schema: Schema) -> None:
    found = perfect(DOCUMENTS)
    spans = (*found["two"].spans, Span(3, 14, "PER"), Span(4, 8, "PER"), Span(0, 8, "ORG"), Span(3, 4, "LOC"))
    found["two"] = Prediction("two", spans)
    result = scored(DOCUMENTS, found, schema)
    assert result["losses"]["gold"] == {"dropped label": 1}
    assert result["losses"]["prediction"] == {"dropped label": 1, "nested": 1, "crossing": 1, "no word": 1}
    assert result["cleaned"] == {"gold": {}, "prediction": {"trimmed": 1, "duplicates": 1}}
    given = sum(len(p.spans) for p in found.values()) - 1
    assert result["scores"]["word"]["micro"]["pred"] + sum(result["losses"]["prediction"].values()) == given


def test_the_signature_is_one_line_of_what_must_be_equal(schema: Schema) -> None:
    line = scored(DOCUMENTS, perfect(DOCUMENTS), schema)["signature"]
    assert line.startswith("tawsim|data:composed@1.2.0|digest:0123456789ab|split:test|view:word|flat:outermost,-TITLE|")
    assert "|map:none|tags:conlleval|entities:predicted|" in line
    assert f"|words:{TOKENIZER}|seqeval:1.2.2|v:" in line and "\n" not in line


def test_what_cannot_be_scored_is_refused(schema: Schema) -> None:
    with pytest.raises(DataError, match="split test has no documents"):
        scored([], {}, schema)
    with pytest.raises(DataError, match="labels that the schema does not have: ANIMAL"):
        scored([marked("a", "{ANIMAL قط}")], {}, schema)
    with pytest.raises(UsageError, match="Build the dataset again"):
        evaluate(DOCUMENTS, Predictions({}, {}), schema, replace(NAME, tokenizer="other-words/9"))


def test_no_word_of_a_text_is_in_the_result(
    drawn: tuple[list[Document], dict[str, Prediction]], schema: Schema
) -> None:
    text = to_json(scored(*drawn, schema))
    assert not [char for char in text if "\u0600" <= char <= "\u06ff"]
    assert json.loads(text)["schema_version"] == 1

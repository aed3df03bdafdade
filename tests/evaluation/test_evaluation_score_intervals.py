"""The intervals in a result: every score against its own computation, the method by number of documents, the note."""

from random import Random
from typing import Any

import numpy as np
import pytest
from marked_text import marked
from result_schema import checked

from toolkit.document import Document
from toolkit.evaluation.predictions.prediction import Prediction, Predictions
from toolkit.evaluation.scoring.counts import Counts
from toolkit.evaluation.scoring.result import DatasetName, evaluate
from toolkit.evaluation.scoring.score_intervals import ScoreSheet
from toolkit.intervals import jackknife_interval, resampled_sums
from toolkit.models.predictor import Span
from toolkit.schema import Schema
from toolkit.tokens import TOKENIZER

NAME = DatasetName("composed", "1.0.0", "0" * 64, "test", TOKENIZER)
Tables = list[dict[str, Counts]]


def tables(documents: int, labels: str = "AB") -> Tables:
    """Counts in which documents differ; the label R is in five of them only."""
    random = Random(documents)
    found: Tables = []
    for number in range(documents):
        table = {}
        for label in labels:
            if label != "R" or number < 5:
                gold, predicted = random.randint(1, 9), random.randint(1, 9)
                table[label] = Counts(random.randint(0, min(gold, predicted)), predicted, gold)
        found.append(table)
    return found


def f1(above: Any, below: Any) -> Any:
    return np.where(below > 0, above / np.maximum(below, 1), np.nan)


def sums_of(found: Tables, label: str) -> tuple[Any, Any]:
    rows = np.array([found_in.get(label, Counts()) for found_in in found], dtype=float)
    return 2 * rows[:, 0], rows[:, 1] + rows[:, 2]


def filled(found: Tables, labels: str) -> tuple[dict[str, Any], dict[str, Any]]:
    sheet = ScoreSheet()
    block = sheet.block(found, tuple(labels))
    return block, sheet.fill(block["micro"])


def test_with_100_documents_all_scores_have_the_percentiles_of_the_same_draws() -> None:
    found = tables(130)
    block, told = filled(found, "AB")
    columns = [*sums_of(found, "A"), *sums_of(found, "B")]
    drawn = resampled_sums(np.column_stack(columns))
    a, b = f1(drawn[:, 0], drawn[:, 1]), f1(drawn[:, 2], drawn[:, 3])
    micro = f1(drawn[:, 0] + drawn[:, 2], drawn[:, 1] + drawn[:, 3])
    for score, values in (
        (block["labels"]["A"], a),
        (block["labels"]["B"], b),
        (block["micro"], micro),
        (block["macro"], (a + b) / 2),
    ):
        assert score["interval"] == pytest.approx(np.quantile(values, [0.025, 0.975]).tolist(), abs=1e-12)
        assert score["interval"][0] < score["f1"] < score["interval"][1]
    assert told == {
        "level": 0.95, "method": "bootstrap", "documents": 130, "resamples": 1000, "seed": 13, "note": None
    }  # fmt: skip


def test_with_fewer_all_scores_have_the_jackknifes() -> None:
    found = tables(99)
    block, told = filled(found, "AB")
    above, below = (np.column_stack(side) for side in zip(*(sums_of(found, label) for label in "AB"), strict=True))
    whole = f1(above.sum(axis=0), below.sum(axis=0))
    without = f1(above.sum(axis=0) - above, below.sum(axis=0) - below)
    assert block["labels"]["B"]["interval"] == pytest.approx(jackknife_interval(whole[1], without[:, 1].tolist()))
    means = without.mean(axis=1).tolist()
    assert block["macro"]["interval"] == pytest.approx(jackknife_interval(whole.mean(), means))
    assert (told["method"], told["documents"], told["resamples"], told["note"]) == ("jackknife", 99, None, None)


def test_a_rare_label_has_a_jackknife_interval_of_its_own_documents() -> None:
    found = tables(130, "AR")
    block, told = filled(found, "AR")
    alone, _ = filled(found[:5], "AR")
    assert block["labels"]["R"]["interval"] == alone["labels"]["R"]["interval"] is not None
    assert told["method"] == "bootstrap" and told["note"].startswith("jackknife intervals where")


def test_documents_without_the_label_count_for_nothing() -> None:
    found = tables(40)
    assert filled([*found, *[{} for _ in range(90)]], "AB") == filled(found, "AB")


@pytest.mark.parametrize(
    ("found", "method", "documents", "note"),
    [
        ([], None, 0, "fewer than two documents count"),
        ([{}, {}], None, 0, "fewer than two documents count"),
        ([{"A": Counts(1, 2, 3)}], None, 1, "fewer than two documents count"),
        ([{"A": Counts(2, 2, 2)}, {"A": Counts(1, 1, 1)}], "jackknife", 2, "the headline score is 0 or 1"),
        ([{"A": Counts(0, 2, 2)}] * 120, "bootstrap", 120, "the headline score is 0 or 1"),
        ([{"A": Counts(1, 2, 2)}] * 120, "bootstrap", 120, "no document makes a difference"),
        (
            [{"A": Counts(1, 2, 3)}, {"A": Counts(1, 1, 1)}, {"A": Counts(1, 3, 3)}],
            "jackknife",
            3,
            "3 documents are few",
        ),
    ],
)
def test_where_documents_do_not_tell_it_is_said_in_words(
    found: Tables, method: str | None, documents: int, note: str
) -> None:
    block, told = filled(found, "A")
    assert (told["method"], told["documents"]) == (method, documents) and note in told["note"]
    assert (block["micro"]["interval"] is None) == (documents != 3)


def test_precision_without_a_prediction_is_null_and_zero_in_the_mean() -> None:
    block, _ = filled([{"A": Counts(0, 0, 3), "B": Counts(1, 1, 1)}], "ABC")
    shown = {label: (s["precision"], s["recall"], s["f1"]) for label, s in block["labels"].items()}
    assert shown == {"A": (None, 0.0, 0.0), "B": (1.0, 1.0, 1.0), "C": (None, None, None)}
    assert [block["macro"][name] for name in ("precision", "recall", "f1", "labels")] == [0.5, 0.5, 0.5, 2]


def test_every_score_of_a_result_has_its_interval(schema: Schema) -> None:
    random = Random(3)
    documents: list[Document] = []
    found: dict[str, Prediction] = {}
    for number in range(110):
        document = marked(f"d{number:03d}", "زار {PER سامي} {GPE حلب} و{ORG بنك {GPE تونس} الكبير}.", collection="c")
        spans = tuple(Span(e.start, e.end, e.label) for e in document.entities if random.random() < 0.8)
        documents.append(document)
        found[document.id] = Prediction(document.id, (*spans, *([Span(0, 3, "PER")] if number % 9 == 0 else [])))
    known = {"سامي": {"PER"}, "حلب": {"PER"}}
    result = checked(evaluate(documents, Predictions(found, {}), schema, NAME, train_mentions=known))
    scores = [block[name] for block in result["scores"].values() for name in ("micro", "macro")]
    scores += [result["scores"]["char"]["labels"][label] for label in ("PER", "GPE", "ORG")]
    scores += [result["nesting"]["flat"], result["nesting"]["nested"], result["lengths"]["1"], result["lengths"]["3"]]
    scores += [
        *result["seen_mentions"].values(),
        result["collections"]["c"]["word"],
        result["collections"]["c"]["char"],
    ]
    for score in scores:
        low, high = score["interval"]
        assert low < score.get("f1", score.get("recall")) < high
    assert result["seen_mentions"]["seen"]["gold"] == 110 and result["intervals"]["method"] == "bootstrap"

"""What a model really read, and what makes a result incomplete."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marked_text import marked
from result_schema import checked

from toolkit.document import Document
from toolkit.evaluation.predictions.prediction import Prediction, Predictions
from toolkit.evaluation.scoring.coverage import seen_characters
from toolkit.evaluation.scoring.result import DatasetName, evaluate
from toolkit.findings import Finding, Severity
from toolkit.schema import Schema
from toolkit.tokens import TOKENIZER

NAME = DatasetName("composed", "1.0.0", "0" * 64, "test", TOKENIZER)
DOCUMENTS = [marked("one", "وصل {PER سامي}.\nعاد أمس."), marked("two", "قال {PER نورا}.")]


def scored(schema: Schema, *found: Prediction, findings: tuple[Finding, ...] = (), **more: Any) -> dict[str, Any]:
    predictions = Predictions({prediction.id: prediction for prediction in found}, {}, findings)
    return checked(evaluate(DOCUMENTS, predictions, schema, NAME, **more))


@given(st.text("اب \n", max_size=20), st.data())
def test_what_is_in_no_part_was_not_read_but_for_blanks_beside_parts(text: str, data: st.DataObject) -> None:
    place = st.integers(0, len(text))
    parts = [(min(pair), max(pair)) for pair in data.draw(st.lists(st.tuples(place, place), max_size=4))]
    read = {offset for start, end in parts for offset in range(start, end)}
    unread = "".join("|" if offset in read else char for offset, char in enumerate(text)).split("|")
    assert seen_characters(Document("a", text), Prediction("a", seen=tuple(parts))) == len(text) - sum(
        len(part.strip()) for part in unread
    )


def test_a_text_is_read_as_a_whole_unless_told_and_not_at_all_without_a_prediction() -> None:
    document = DOCUMENTS[1]
    found = [None, Prediction("two", error="timeout"), Prediction("two")]
    assert [seen_characters(document, each) for each in found] == [0, 0, len(document.text)]


def test_a_text_that_was_not_read_to_its_end_makes_the_result_incomplete(schema: Schema) -> None:
    found = (Prediction("one", seen=((0, 9),)), Prediction("two", seen=((0, 3), (4, 9))))
    result = scored(schema, *found)
    assert result["status"] == "incomplete"
    assert result["reasons"] == ["the model did not read 1 of 2 documents to their end: one (10 of 18 characters)"]
    assert result["coverage"]["partly_seen"] == {"one": [10, 18]}
    assert result["coverage"]["characters"] == 19 / 27
    assert [result["documents"][name]["seen"] for name in ("one", "two")] == [10, 9]
    allowed = scored(schema, *found, allow_partial=True)
    assert (allowed["status"], allowed["reasons"]) == ("complete", [])
    assert allowed["coverage"] == result["coverage"]


def test_every_reason_is_told(schema: Schema) -> None:
    wrong = Finding("shape", Severity.ERROR, "p.jsonl:3", "is nothing")
    result = scored(schema, Prediction("two", error="timeout"), findings=(wrong,), allow_partial=True)
    assert result["reasons"] == [
        "1 of 2 documents have no prediction: one",
        "1 of 2 documents failed: two",
        "errors in the predictions, listed under findings: 1",
    ]
    assert [result["documents"][name]["predicted"] for name in ("one", "two")] == [False, False]


@pytest.mark.parametrize("counts", [{}, {"windows cut": 2, "pieces without offsets": 0}])
def test_what_the_adapter_left_out_is_added_up(schema: Schema, counts: dict[str, int]) -> None:
    result = scored(schema, Prediction("one", counts=counts), Prediction("two", counts=counts))
    assert result["counts"] == ({"windows cut": 4} if counts else {})

"""Shards divide a split without rest or overlap, and their files come together the same in any order."""

from random import Random

import pytest
from drawn_predictions import drawn_documents, predictions_of
from hypothesis import given
from hypothesis import strategies as st

from toolkit.document import Document
from toolkit.errors import IncompleteError, UsageError
from toolkit.evaluation.predictions.prediction import Prediction
from toolkit.evaluation.predictions.shards import Shard, merge
from toolkit.models.predictor import Span

DOCUMENTS = [Document(name, "نص قصير") for name in ("a", "b", "c")]


@given(st.lists(st.integers(0, 400), min_size=1, max_size=60), st.data())
def test_every_document_is_in_one_shard(lengths: list[int], data: st.DataObject) -> None:
    documents = [Document(f"d{number}", "س" * length) for number, length in enumerate(lengths)]
    of = data.draw(st.integers(1, len(documents)))
    parts = [Shard(number, of).pick(documents) for number in range(1, of + 1)]
    assert sorted(d.id for part in parts for d in part) == sorted(d.id for d in documents)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    sizes = [sum(len(d.text) for d in part) for part in parts]
    assert max(sizes) - min(sizes) <= max(lengths)
    for part in parts:
        assert part == [d for d in documents if d in part]
    shuffled = Random(1).sample(documents, len(documents))
    assert [{d.id for d in Shard(n, of).pick(shuffled)} for n in range(1, of + 1)] == [{d.id for d in p} for p in parts]


@pytest.mark.parametrize("text", ["", "1", "0/4", "5/4", "1/0", "-1/4", "1/4/2", "a/b", "1 / 4", "١/٢", "1/100000"])
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="Write i/n"):
        Shard.parse(text)


def test_a_shard_names_its_file_and_wants_a_document() -> None:
    assert Shard.parse("2/12").file_name == "predictions-00002-of-00012.jsonl"
    with pytest.raises(UsageError, match="3 documents cannot be divided in 4 shards"):
        Shard(1, 4).pick(DOCUMENTS)


def of(name: str, *spans: Span) -> dict[str, Prediction]:
    return {name: Prediction(name, spans)}


def test_an_error_gives_way_and_what_no_file_has_is_left_out() -> None:
    failed = {"a": Prediction("a", error="late"), "b": Prediction("b", error="z")}
    files = {"1": failed, "2": of("a", Span(0, 2, "PER")), "3": {"b": Prediction("b", error="y")}}
    assert merge(files, DOCUMENTS) == [Prediction("a", (Span(0, 2, "PER"),)), Prediction("b", error="y")]


def test_the_same_prediction_twice_is_one() -> None:
    assert merge({"1": of("a", Span(0, 2, "PER")), "2": of("a", Span(0, 2, "PER"))}, DOCUMENTS) == [
        Prediction("a", (Span(0, 2, "PER"),))
    ]


def test_two_different_predictions_of_a_document_are_refused() -> None:
    files = {"y": of("c", Span(0, 2, "PER")) | of("a"), "x": of("c", Span(0, 2, "GPE")), "z": of("a", Span(0, 1, "X"))}
    with pytest.raises(IncompleteError, match=r"two files: a \(y, z\); c \(x, y\); nothing was written"):
        merge(files, DOCUMENTS)


@given(st.data())
def test_the_order_of_the_files_changes_nothing(data: st.DataObject) -> None:
    documents = data.draw(drawn_documents())
    files: dict[str, dict[str, Prediction]] = {f"file{number}": {} for number in range(4)}
    for document in documents:
        said = data.draw(predictions_of(document))
        for name in data.draw(st.sets(st.sampled_from(sorted(files)))):
            again = data.draw(st.sampled_from([said, said, said, Prediction(document.id, error="e"), None]))
            files[name][document.id] = again or data.draw(predictions_of(document))
    names = data.draw(st.permutations(sorted(files)))
    assert outcome(files, documents) == outcome({name: files[name] for name in names}, documents)


def outcome(files: dict[str, dict[str, Prediction]], documents: list[Document]) -> list[Prediction] | str:
    try:
        return merge(files, documents)
    except IncompleteError as error:
        return str(error)

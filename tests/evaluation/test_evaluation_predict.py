"""Models that misbehave: their documents are recorded, the others come through."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from marked_text import marked

from toolkit.document import Document
from toolkit.errors import MissingDependencyError, ToolkitError, UsageError
from toolkit.evaluation.predictions.predict import BATCH, batches, predict
from toolkit.evaluation.predictions.prediction import Prediction
from toolkit.evaluation.predictions.records import LIMIT
from toolkit.models.predictor import Answer, Pair, Span

DOCUMENTS = [marked(f"d{number}", f"نص رقم {number} من النصوص") for number in range(BATCH + 5)]


class Model:
    """A predictor made from a function of one text; `whole` looks at the rows of a batch."""

    def __init__(self, of: Callable[[str], list[Span]], whole: Callable[[list[list[Span]]], list[list[Span]]]) -> None:
        self._of, self._whole = of, whole

    def predict(self, texts: Sequence[str]) -> list[list[Span]]:
        return self._whole([self._of(text) for text in texts])

    def describe(self) -> dict[str, str]:
        return {"name": "model"}


def run(
    of: Callable[[str], list[Span]], whole: Callable[[list[list[Span]]], list[list[Span]]] = list
) -> list[Prediction]:
    return predict(Model(of, whole), DOCUMENTS)


def test_documents_keep_their_order_and_progress_adds_up() -> None:
    done: list[int] = []
    found = predict(Model(lambda text: [Span(0, 2, "PER", 0.5)], list), DOCUMENTS, done.append)
    assert [p.id for p in found] == [d.id for d in DOCUMENTS]
    assert all(p.spans == (Span(0, 2, "PER", 0.5),) and p.error is None for p in found)
    assert sum(done) == len(DOCUMENTS) and len(done) == 2


def test_a_document_that_raises_is_recorded_and_its_neighbours_come_through() -> None:
    def of(text: str) -> list[Span]:
        if "رقم 3 " in text:
            raise ValueError("no\nroom")
        return [Span(0, 2, "PER")]

    found = run(of)
    assert [p.id for p in found if p.error] == ["d3"]
    assert found[3] == Prediction("d3", error="ValueError: no room")
    assert sum(len(p.spans) for p in found) == len(DOCUMENTS) - 1


@pytest.mark.parametrize(
    ("span", "error"),
    [
        (Span(0, 500, "PER"), "offsets 0-500, expected 0 <= start < end <="),
        (Span(5, 5, "PER"), "offsets 5-5"),
        (Span(-2, 5, "PER"), "offsets -2-5"),
        (Span("0", 5, "PER"), "TypeError"),  # type: ignore[arg-type]
        (Span(0, 5, ""), "is no label"),
        (Span(0, 5, "PER-"), "begins or ends with a dash"),
        (("PER", 0, 5), "AttributeError"),
        (Span(0, 5, "PER", float("nan")), "the model gave the score nan, which is no number"),
        (Span(0, 5, "PER", float("-inf")), "the score -inf"),
        (Span(0, 5, "\ud800"), "cannot be written as JSON"),
        (Span(0, 5, "x" * LIMIT), f"the most that a line may have are {LIMIT:,}"),
    ],
)
def test_a_span_that_is_none_fails_its_document(span: Span, error: str) -> None:
    found = run(lambda text: [Span(0, 2, "PER"), span] if "رقم 7 " in text else [])
    (failed,) = [p for p in found if p.error]
    assert failed.id == "d7" and error in str(failed.error) and failed.spans == ()


def test_rows_that_are_not_as_many_as_the_texts_fail() -> None:
    found = run(lambda text: [], lambda rows: rows[:-1])
    assert {p.error for p in found} == {"the model gave 0 rows for 1 texts"}


def test_numbers_of_numpy_become_plain_ones() -> None:
    found = run(lambda text: [Span(np.int64(0), np.int32(2), "PER", np.float32(0.5))])  # type: ignore[arg-type]
    span = found[0].spans[0]
    assert (type(span.start), type(span.end), type(span.score)) == (int, int, float)


def answered(answer: Answer) -> Prediction:
    """What becomes of an answer for a text of 20 letters."""
    document = Document("d", "ن" * 20)
    (found,) = predict(Model(lambda text: answer, list), [document])  # type: ignore[arg-type, return-value]
    return found


def test_relations_and_counts_come_through() -> None:
    spans, pairs = (Span(0, 2, "PER"), Span(4, 6, "ORG")), (Pair(np.int64(1), 0, "IN", np.float32(0.5)),)  # type: ignore[arg-type]
    found = answered(Answer(spans, pairs, counts={"b": np.int64(2), "a": 1}))  # type: ignore[dict-item]
    assert found == Prediction("d", spans, relations=(Pair(1, 0, "IN", 0.5),), counts={"a": 1, "b": 2})
    assert list(found.counts) == ["a", "b"] and {type(n) for n in found.counts.values()} == {int}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer([Span(0, 2, "PER")], [Pair(0, 1, "IN")]), "tail is 1, expected a position in the 1 entities"),
        (Answer([Span(0, 2, "PER")], [Pair(-1, 0, "IN")]), "head is -1"),
        (Answer([Span(0, 2, "PER")], [Pair(0, 0, "")]), "is no label"),
        (Answer([], seen=[(0, 21)]), "the model says that it read what is not there: offsets 0-21"),
        (Answer([], seen=[(5, 3)]), "offsets 5-3"),
        (Answer([], counts={"x": "many"}), "TypeError"),  # type: ignore[dict-item]
        (Answer([], counts={"x": 2**70}), "cannot be written as JSON"),
        (None, "TypeError"),
    ],
)
def test_an_answer_that_is_none_fails_its_document(answer: Answer, error: str) -> None:
    found = answered(answer)
    assert error in str(found.error) and found == Prediction("d", error=found.error)


@pytest.mark.parametrize(
    ("seen", "joined"),
    [
        (None, None),
        ([], ()),
        ([(5, 9), (0, 3)], ((0, 3), (5, 9))),
        ([(0, 5), (5, 9), (2, 4), (12, 12), (8, 11)], ((0, 11),)),
        ([(0, 20)], ((0, 20),)),
    ],
)
def test_what_was_seen_is_joined(seen: list[tuple[int, int]] | None, joined: tuple[tuple[int, int], ...]) -> None:
    assert answered(Answer([], seen=seen)).seen == joined


class Listening:
    """A predictor that keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def predict(self, texts: Sequence[str]) -> list[list[Span]]:
        self.asked.append(list(texts))
        return [[Span(0, 1, "PER")] for _ in texts]

    def describe(self) -> dict[str, str]:
        return {"name": "listening"}


def test_batches_are_of_one_length_and_do_not_depend_on_the_order() -> None:
    documents = [Document(f"d{number:02}", "ن" * (1 + number * 7 % 40)) for number in range(40)]
    model = Listening()
    found = predict(model, documents)
    assert [p.id for p in found] == [d.id for d in documents]
    lengths = [len(text) for batch in model.asked for text in batch]
    assert lengths == sorted(lengths, reverse=True) and [len(batch) for batch in model.asked] == [16, 16, 8]
    assert list(batches(documents[::-1])) == list(batches(documents))


def test_what_is_known_is_not_asked_and_every_batch_is_kept() -> None:
    model, kept, done = Listening(), [], []
    known = {"d3": Prediction("d3", (Span(1, 2, "ORG"),)), "elsewhere": Prediction("elsewhere")}
    found = predict(model, DOCUMENTS, done.append, known=known, keep=kept.append)
    assert found[3] is known["d3"] and len(found) == len(DOCUMENTS) == sum(done)
    assert DOCUMENTS[3].text not in {text for batch in model.asked for text in batch}
    assert [len(batch) for batch in kept] == [len(batch) for batch in model.asked] == [15, 5]
    assert sorted(p.id for batch in kept for p in batch) == sorted(d.id for d in DOCUMENTS if d.id != "d3")


def test_a_text_of_blanks_is_answered_without_the_model() -> None:
    model = Listening()
    documents = [Document("empty", ""), Document("blank", " \n\u00a0"), Document("full", "نص")]
    assert predict(model, documents)[:2] == [Prediction("empty"), Prediction("blank")]
    assert model.asked == [["نص"]]
    assert predict(model, documents[:1]) == [Prediction("empty")] and len(model.asked) == 1


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (MemoryError(), "the model needs more memory than there is"),
        (SystemExit(0), "the model ended its program with code 0"),
        (RecursionError("deep"), "RecursionError: deep"),
        (KeyError("x"), "KeyError: 'x'"),
        (ValueError(), "ValueError:"),
        (ValueError("\ud800" + "x\n" * 5000), "ValueError: ?x x x"),
        (ToolkitError("no answer", where="host"), "host: no answer"),
    ],
)
def test_what_a_model_raises_is_one_line(error: BaseException, told: str) -> None:
    def of(text: str) -> list[Span]:
        if "رقم 3 " in text:
            raise error
        return [Span(0, 2, "PER")]

    found = run(of)
    assert [p.id for p in found if p.error] == ["d3"]
    line = str(found[3].error)
    assert line.startswith(told) and len(line) <= 500 and "\n" not in line


def test_rows_may_come_one_by_one() -> None:
    found = run(lambda text: [Span(0, 2, "PER")], lambda rows: (row for row in rows))  # type: ignore[arg-type, return-value]
    assert all(p.spans and p.error is None for p in found)


@pytest.mark.parametrize("error", [UsageError("no key"), MissingDependencyError("no library")])
def test_wrong_settings_end_the_run(error: ToolkitError) -> None:
    def of(text: str) -> list[Span]:
        raise error

    with pytest.raises(ToolkitError, match=error.what):
        run(of)


def test_an_interrupt_is_not_swallowed() -> None:
    def of(text: str) -> list[Span]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(of)

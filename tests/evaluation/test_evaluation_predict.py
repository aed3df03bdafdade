"""Models that misbehave: their documents are recorded, the others come through."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from marked_text import marked

from toolkit.evaluation.predict import BATCH, predict
from toolkit.evaluation.prediction import Prediction
from toolkit.models.predictor import Span

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


def test_an_interrupt_is_not_swallowed() -> None:
    def of(text: str) -> list[Span]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(of)

"""Runs a predictor over documents. A document that it fails on is recorded, and the run goes on."""

from collections.abc import Callable, Sequence
from operator import index

from toolkit.document import Document
from toolkit.errors import DataError, ToolkitError
from toolkit.evaluation.prediction import Prediction, label_problem, span_problem
from toolkit.models.predictor import Predictor, Span

BATCH = 16


def predict(
    predictor: Predictor, documents: Sequence[Document], advance: Callable[[int], None] = lambda _: None
) -> list[Prediction]:
    """A prediction for each document, in their order; `advance` is told how many documents were done.

    Spans must lie in the text and have a label that can be scored: a document with one that does not fails as a whole.
    """
    found: list[Prediction] = []
    for start in range(0, len(documents), BATCH):
        batch = documents[start : start + BATCH]
        found += _batch(predictor, batch)
        advance(len(batch))
    return found


def _batch(predictor: Predictor, documents: Sequence[Document]) -> list[Prediction]:
    """A batch; where it fails, each of its documents by itself, so that only the guilty ones are lost."""
    try:
        rows = predictor.predict([document.text for document in documents])
        if len(rows) != len(documents):
            raise DataError(f"the model gave {len(rows)} rows for {len(documents)} texts")
    except Exception as error:
        if len(documents) > 1:
            return [prediction for document in documents for prediction in _batch(predictor, [document])]
        return [Prediction(documents[0].id, error=_in_words(error))]
    return [_checked(document, spans) for document, spans in zip(documents, rows, strict=True)]


def _checked(document: Document, spans: Sequence[Span]) -> Prediction:
    try:
        checked = tuple(_span(span, len(document.text)) for span in spans)
    except Exception as error:
        return Prediction(document.id, error=_in_words(error))
    return Prediction(document.id, checked)


def _span(span: Span, length: int) -> Span:
    """The span with plain numbers in it, whatever kind of integer or float the model's library counts in."""
    start, end = index(span.start), index(span.end)
    problem = span_problem(start, end, length) or label_problem(span.label)
    if problem:
        raise DataError(f"the model gave a span that is none: {problem}")
    return Span(start, end, span.label, None if span.score is None else float(span.score))


def _in_words(error: Exception) -> str:
    """One line that can be written to JSON."""
    name = "" if isinstance(error, ToolkitError) else f"{type(error).__name__}: "
    return " ".join(f"{name}{error}".encode("utf-8", "replace").decode("utf-8").split()) or type(error).__name__

"""Runs a predictor over documents. A document that it fails on is recorded, and the run goes on."""

from collections.abc import Callable, Sequence
from operator import index

from toolkit.document import Document
from toolkit.errors import DataError, ToolkitError
from toolkit.evaluation.prediction import Prediction, label_problem, span_problem
from toolkit.models.predictor import Answer, Pair, Predictor, Span

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


def _checked(document: Document, answer: Answer | Sequence[Span]) -> Prediction:
    try:
        answer = answer if isinstance(answer, Answer) else Answer(answer)
        spans = tuple(_span(span, len(document.text)) for span in answer.spans)
        relations = None
        if answer.relations is not None:
            relations = tuple(_pair(pair, len(spans)) for pair in answer.relations)
        seen = None if answer.seen is None else tuple(sorted((index(a), index(b)) for a, b in answer.seen))
        return Prediction(document.id, spans, relations=relations, seen=seen, counts=dict(answer.counts))
    except Exception as error:
        return Prediction(document.id, error=_in_words(error))


def _pair(pair: Pair, spans: int) -> Pair:
    head, tail = index(pair.head), index(pair.tail)
    if not (0 <= head < spans and 0 <= tail < spans) or label_problem(pair.label):
        raise DataError(f"the model gave a relation that is none: {pair}")
    return Pair(head, tail, pair.label, None if pair.score is None else float(pair.score))


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

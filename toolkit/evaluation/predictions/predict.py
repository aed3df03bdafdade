"""Runs a predictor over documents, batches by length. A document that it fails on is recorded, and the run goes on."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import isfinite
from operator import index

from toolkit.document import Document
from toolkit.errors import ConfigError, DataError, MissingDependencyError, ToolkitError, UsageError
from toolkit.evaluation.predictions.prediction import Prediction, label_problem, one_line, span_problem
from toolkit.evaluation.predictions.records import pair_problem, to_line
from toolkit.models.predictor import Answer, Pair, Predictor, Span
from toolkit.tokens import Span as Extent

BATCH = 16
# What is wrong with the settings is wrong for every document.
_FOR_ALL = (UsageError, ConfigError, MissingDependencyError)
_ANY_DIGEST = "0" * 64


def predict(
    predictor: Predictor,
    documents: Sequence[Document],
    advance: Callable[[int], None] = lambda _: None,
    *,
    known: Mapping[str, Prediction] | None = None,
    keep: Callable[[Sequence[Prediction]], None] = lambda _: None,
) -> list[Prediction]:
    """A prediction for each document, in their order; `advance` is told how many documents were done.

    Documents that are `known` by their id are not asked for; `keep` gets every batch when it is done. Spans must lie in
    the text and have a label that can be scored, relations must join them: a document with one that does not fails as a
    whole. Raises what `keep` raises, and an error of usage or configuration of the model.
    """
    found = {document.id: known[document.id] for document in documents if known and document.id in known}
    if found:
        advance(len(found))
    for batch in batches(documents):
        asked = [document for document in batch if document.id not in found]
        if asked:
            predictions = _batch(predictor, asked)
            keep(predictions)
            found |= {prediction.id: prediction for prediction in predictions}
            advance(len(asked))
    return [found[document.id] for document in documents]


def batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """Documents of about one length together, the longest first, so that what does not fit in memory shows at once."""
    ordered = sorted(documents, key=lambda document: (-len(document.text), document.id))
    for start in range(0, len(ordered), BATCH):
        yield ordered[start : start + BATCH]


def _batch(predictor: Predictor, documents: Sequence[Document]) -> list[Prediction]:
    """A batch; where it fails, each of its documents by itself, so that only the guilty ones are lost."""
    # A text of blanks holds no mention, and many a library fails on it.
    texts = [document.text for document in documents if document.text.strip()]
    answers: list[Answer | Sequence[Span]] = []
    failure = ""
    try:
        answers = list(predictor.predict(texts)) if texts else []
    except _FOR_ALL:
        raise
    except (Exception, SystemExit) as error:
        failure = _in_words(error)
    # Only here, where the error and all that it holds on to is gone, is there memory for another try.
    if not failure and len(answers) != len(texts):
        failure = f"the model gave {len(answers)} rows for {len(texts)} texts"
    if not failure:
        rest = iter(answers)
        return [_checked(document, next(rest) if document.text.strip() else ()) for document in documents]
    if len(documents) == 1:
        return [Prediction(documents[0].id, error=failure)]
    return [prediction for document in documents for prediction in _batch(predictor, [document])]


def _checked(document: Document, answer: Answer | Sequence[Span]) -> Prediction:
    """The answer in plain numbers; an error where it is none, or could not be written to a predictions file."""
    try:
        answer = answer if isinstance(answer, Answer) else Answer(answer)
        spans = tuple(_span(span, len(document.text)) for span in answer.spans)
        relations = seen = None
        if answer.relations is not None:
            relations = tuple(_pair(pair, len(spans)) for pair in answer.relations)
        if answer.seen is not None:
            seen = _joined(answer.seen, len(document.text))
        counts = {str(reason): index(number) for reason, number in sorted(answer.counts.items())}
        prediction = Prediction(document.id, spans, relations=relations, seen=seen, counts=counts)
        to_line(prediction, _ANY_DIGEST)
    except Exception as error:
        return Prediction(document.id, error=_in_words(error))
    return prediction


def _span(span: Span, length: int) -> Span:
    """The span with plain numbers in it, whatever kind of integer or float the model's library counts in."""
    start, end = index(span.start), index(span.end)
    problem = span_problem(start, end, length) or label_problem(span.label)
    if problem:
        raise DataError(f"the model gave a span that is none: {problem}")
    return Span(start, end, span.label, _score(span.score))


def _pair(pair: Pair, spans: int) -> Pair:
    head, tail = index(pair.head), index(pair.tail)
    problem = pair_problem(head, tail, spans) or label_problem(pair.label)
    if problem:
        raise DataError(f"the model gave a relation that is none: {problem}")
    return Pair(head, tail, pair.label, _score(pair.score))


def _score(score: float | None) -> float | None:
    if score is not None and not isfinite(score):
        raise DataError(f"the model gave the score {score}, which is no number")
    return None if score is None else float(score)


def _joined(seen: Sequence[Extent], length: int) -> tuple[Extent, ...]:
    """What the model read, in text order, parts that overlap or touch as one, empty ones left out."""
    joined: list[Extent] = []
    for start, end in sorted((index(start), index(end)) for start, end in seen):
        if start == end:
            continue
        if problem := span_problem(start, end, length):
            raise DataError(f"the model says that it read what is not there: {problem}")
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def _in_words(error: BaseException) -> str:
    """One line that can be written to JSON."""
    if isinstance(error, MemoryError):
        return "the model needs more memory than there is"
    if isinstance(error, SystemExit):
        return f"the model ended its program with code {error.code}"
    name = "" if isinstance(error, ToolkitError) else f"{type(error).__name__}: "
    return one_line(f"{name}{error}") or type(error).__name__

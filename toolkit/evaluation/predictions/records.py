"""One line of a predictions file: a Prediction as a JSON object, and back with everything that is wrong with it."""

from collections.abc import Callable, Iterator, Mapping
from math import isfinite
from typing import Any, BinaryIO, TypeVar

from toolkit.document import Document
from toolkit.errors import DataError
from toolkit.evaluation.predictions.prediction import (
    Prediction,
    brief,
    label_problem,
    one_line,
    span_problem,
    text_digest,
)
from toolkit.files import canonical_json
from toolkit.models.predictor import Pair, Span
from toolkit.native import kind_of
from toolkit.tokens import Span as Extent

# A document of a million characters, every tenth word a mention, takes a quarter of it.
LIMIT = 4 * 2**20
_BLOCK = 2**16
_MOST_COUNTED = 2**53  # what JSON's readers agree on
_RECORD_KEYS = {"id", "sha256", "entities", "relations", "seen", "counts", "error"}
_ENTITY_KEYS = {"start", "end", "label", "score"}
_PAIR_KEYS = {"head", "tail", "label", "score"}
Problem = tuple[str, str]
Value = TypeVar("Value")


class _WrongError(Exception):
    """A row that is none: a code and a sentence."""


def to_line(prediction: Prediction, digest: str, *, with_digest_of_errors: bool = False) -> bytes:
    """A prediction for a text of this sha256 as one line of JSON, its newline included.

    DataError where the line would be longer than those that are read.
    """
    record: dict[str, Any] = {"id": prediction.id}
    if prediction.error is not None:
        record |= {"error": prediction.error} | ({"sha256": digest} if with_digest_of_errors else {})
        return canonical_json(record) + b"\n"
    record |= {"sha256": digest, "entities": [_scored(s, start=s.start, end=s.end) for s in prediction.spans]}
    if prediction.relations is not None:
        record["relations"] = [_scored(pair, head=pair.head, tail=pair.tail) for pair in prediction.relations]
    if prediction.seen is not None:
        record["seen"] = prediction.seen
    if prediction.counts:
        record["counts"] = dict(prediction.counts)
    line = canonical_json(record) + b"\n"
    if len(line) > LIMIT:
        what = f"its prediction takes {len(line):,} bytes, the most that a line may have are {LIMIT:,}"
        raise DataError(what, where=f"document {prediction.id}")
    return line


def _scored(part: Span | Pair, **ends: int) -> dict[str, Any]:
    return {**ends, "label": part.label} | ({} if part.score is None else {"score": part.score})


def lines(file: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """The lines of a file that are not blank, with their number from 1; None for one of more than LIMIT bytes."""
    number = 0
    while line := file.readline(LIMIT + 1):
        number += 1
        if len(line) > LIMIT and not line.endswith(b"\n"):
            while (rest := file.readline(_BLOCK)) and not rest.endswith(b"\n"):
                pass
            yield number, None
        elif line.strip():
            yield number, line


def prediction_of(
    record: Mapping[str, Any], document: Document, unknown_keys: set[str]
) -> tuple[Prediction | None, list[Problem]]:
    """The prediction that a record makes of `document`; None where it has problems, each a code and a sentence.

    Keys that are not part of the format are added to `unknown_keys`.
    """
    unknown_keys |= record.keys() - _RECORD_KEYS
    if record.get("error") is not None:
        return Prediction(document.id, error=one_line(str(record["error"])) or "error"), []
    problems: list[Problem] = []
    if record.get("sha256") != (digest := text_digest(document)):
        expected = f"expected {digest}, the sha256 of its text in UTF-8"
        problems.append(("text-differs", f"sha256 is {brief(record.get('sha256'))}, {expected}"))
    length, entities = len(document.text), record.get("entities")
    spans = _list("entities", entities, lambda row: _span(row, length, unknown_keys), problems)
    size = len(entities) if isinstance(entities, list) else 0
    relations = seen = None
    if record.get("relations") is not None:
        rows = record["relations"]
        relations = _list("relations", rows, lambda row: _pair(row, size, unknown_keys), problems)
    if record.get("seen") is not None:
        seen = _list("seen", record["seen"], lambda row: _extent(row, length), problems)
    counts = record.get("counts") or {}
    if not isinstance(counts, dict) or not all(_is_count(number) for number in counts.values()):
        problems.append(("counts", "counts is no object of whole numbers from 0 up"))
    if problems:
        return None, problems
    return Prediction(document.id, spans, relations=relations, seen=seen, counts=counts), []


def _list(key: str, rows: object, read: Callable[[Any], Value], problems: list[Problem]) -> tuple[Value, ...]:
    """What `read` makes of each row; a row that it refuses is a problem."""
    if not isinstance(rows, list):
        problems.append(("shape", f"{key} is {kind_of(rows)}, expected a list"))
        return ()
    found = []
    for place, row in enumerate(rows):
        try:
            found.append(read(row))
        except _WrongError as error:
            code, what = error.args
            problems.append((code, f"{key}[{place}]: {what}"))
    return tuple(found)


def _span(row: Any, length: int, unknown_keys: set[str]) -> Span:
    if not isinstance(row, dict):
        raise _WrongError("entity", f"is {kind_of(row)}, expected an object with start, end and label")
    values: list[Any] = [row.get(key) for key in ("start", "end", "label", "score")]
    start, end, label, score = values
    if problem := span_problem(start, end, length) or label_problem(label) or _score_problem(score):
        raise _WrongError("entity", problem)
    unknown_keys |= row.keys() - _ENTITY_KEYS
    return Span(start, end, label, score)


def _pair(row: Any, size: int, unknown_keys: set[str]) -> Pair:
    if not isinstance(row, dict):
        raise _WrongError("relation", f"is {kind_of(row)}, expected an object with head, tail and label")
    values: list[Any] = [row.get(key) for key in ("head", "tail", "label", "score")]
    head, tail, label, score = values
    if problem := pair_problem(head, tail, size):
        raise _WrongError("relation-dangling", problem)
    if problem := label_problem(label) or _score_problem(score):
        raise _WrongError("relation", problem)
    unknown_keys |= row.keys() - _PAIR_KEYS
    return Pair(head, tail, label, score)


def _extent(row: Any, length: int) -> Extent:
    if not isinstance(row, list) or len(row) != 2:
        raise _WrongError("seen", f"is {brief(row)}, expected [start, end]")
    if problem := span_problem(row[0], row[1], length):
        raise _WrongError("seen", problem)
    return row[0], row[1]


def pair_problem(head: object, tail: object, size: int) -> str | None:
    """Why two positions are no relation among `size` entities; None where they are one."""
    for name, end in (("head", head), ("tail", tail)):
        if type(end) is not int or not 0 <= end < size:
            return f"{name} is {brief(end)}, expected a position in the {size} entities, from 0"
    return None


def _score_problem(score: object) -> str | None:
    if score is None or (isinstance(score, int | float) and not isinstance(score, bool) and isfinite(score)):
        return None
    return f"score is {brief(score)}, expected a number"


def _is_count(number: object) -> bool:
    return type(number) is int and 0 <= number < _MOST_COUNTED

"""The lines of JSON that a program or a service of yours is asked with and answers in: those of a predictions file."""

import json
from collections.abc import Callable, Mapping
from reprlib import Repr
from typing import Any, TypeVar

import orjson

from toolkit.errors import DataError
from toolkit.models.predictor import Answer, Pair, Span
from toolkit.tokens import Span as Extent

# The longest line that a predictions file may have, in bytes.
LONGEST = 4 * 2**20
_SHOWN = Repr()
_SHOWN.maxstring = _SHOWN.maxother = 200
_EXPECTED = dict.fromkeys(("entities", "spans"), '{"start", "end", "label"} with offsets in code points')
_EXPECTED |= {"relations": '{"head", "tail", "label"} with positions in the entities', "seen": "[start, end]"}
Value = TypeVar("Value")


def question(name: str, text: str) -> bytes:
    """The line `{"id", "text"}`. It is plain ASCII, so that no program can read it in a wrong encoding."""
    return json.dumps({"id": name, "text": text}).encode() + b"\n"


def record_of(line: bytes) -> Mapping[str, Any]:
    """A line as a JSON object with an id. DataError quotes the line where it is none."""
    if len(line) > LONGEST:
        raise DataError(f"a line of the answer has more than {LONGEST:,} bytes")
    try:
        line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"a line of the answer is not UTF-8 at byte {error.start}: {quoted(line)}") from None
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise DataError(f"a line of the answer is not JSON{_constant(line)}: {quoted(line)}") from None
    if not isinstance(record, dict) or not isinstance(record.get("id"), str):
        raise DataError(f'a line of the answer is no object with an "id": {quoted(line)}')
    return record


def answer_of(record: Mapping[str, Any]) -> Answer:
    """The answer in a record: `entities` (or `spans`), and `relations`, `seen` and `counts` where they are there.

    DataError with the message of `error`, where the record has one, or with what is wrong with its shape.
    """
    if record.get("error") is not None:
        raise DataError(f"the model says: {_shortened(record['error'])}")
    if ("entities" in record) == ("spans" in record):
        raise DataError(f'the answer needs "entities", and has {_shortened(sorted(record))}')
    key = "entities" if "entities" in record else "spans"
    spans = _rows(key, record[key], _span)
    relations = seen = None
    if record.get("relations") is not None:
        relations = _rows("relations", record["relations"], _pair)
    if record.get("seen") is not None:
        seen = _rows("seen", record["seen"], _extent)
    counts = record.get("counts") or {}
    if not isinstance(counts, dict) or not all(type(number) is int and number >= 0 for number in counts.values()):
        raise DataError("counts of the answer is no object of whole numbers from 0 up")
    return Answer(spans, relations, seen, counts)


def quoted(line: bytes) -> str:
    """The beginning of a line, as it can be shown."""
    return _SHOWN.repr(line[:400].decode("utf-8", "backslashreplace").rstrip("\r\n"))


def _rows(key: str, rows: Any, read: Callable[[Any], Value]) -> list[Value]:
    if not isinstance(rows, list):
        raise DataError(f"{key} of the answer is {_shortened(rows)}, expected a list")
    found = []
    for place, row in enumerate(rows):
        try:
            found.append(read(row))
        except (TypeError, KeyError, ValueError):
            raise DataError(f"{key}[{place}] of the answer is {_shortened(row)}, expected {_EXPECTED[key]}") from None
    return found


def _span(row: Any) -> Span:
    return Span(_whole(row["start"]), _whole(row["end"]), _text(row["label"]), _score(row.get("score")))


def _pair(row: Any) -> Pair:
    return Pair(_whole(row["head"]), _whole(row["tail"]), _text(row["label"]), _score(row.get("score")))


def _extent(row: Any) -> Extent:
    start, end = row
    return _whole(start), _whole(end)


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise TypeError
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _score(value: Any) -> float | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise TypeError
    return value


def _shortened(value: Any) -> str:
    return value[:400] if isinstance(value, str) else _SHOWN.repr(value)


def _constant(line: bytes) -> str:
    """What Python writes and JSON does not know, if that is what is wrong: NaN, Infinity or -Infinity."""
    found: list[str] = []
    try:
        json.loads(line, parse_constant=found.append)
    except (ValueError, RecursionError):
        return ""
    return f" ({found[0]} is no number in it)" if found else ""

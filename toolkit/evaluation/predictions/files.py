"""Predictions files. JSONL, one document a line, is the contract; CoNLL is read too."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import orjson

from toolkit.document import Document
from toolkit.errors import DataError
from toolkit.evaluation.predictions.conll import read_conll
from toolkit.evaluation.predictions.prediction import Prediction, Predictions, brief, text_digest
from toolkit.evaluation.predictions.records import LIMIT, lines, prediction_of, to_line
from toolkit.files import file_sha256, friendly, write_bytes
from toolkit.findings import Finding, Severity

_JSONL = (".jsonl", ".ndjson", ".json")
_BOM = b"\xef\xbb\xbf"
# What is told of one line, and of the keys that the format does not have.
_SHOWN = 20


def read_predictions(path: Path, documents: Sequence[Document]) -> Predictions:
    """A predictions file for `documents`; JSONL by its suffix or its first character, else CoNLL.

    FileError where it cannot be read; DataError where it holds no predictions, or CoNLL words that are not the
    documents'. Every other wrong line is a finding, and its document counts as not predicted.
    """
    with friendly(path), path.open("rb") as file:
        is_jsonl = path.suffix.lower() in _JSONL or file.read(200).removeprefix(_BOM).lstrip().startswith(b"{")
    model = {"name": path.name, "file_sha256": file_sha256(path)}
    if not is_jsonl:
        found, findings = read_conll(path, documents)
        return Predictions(found, {**model, "format": "CoNLL"}, tuple(findings))
    reader = _Reader(path, documents)
    with friendly(path), path.open("rb") as file:
        for number, line in lines(file):
            reader.read(number, line.removeprefix(_BOM) if line and number == 1 else line)
    if not reader.records:
        first = reader.findings[0].message if reader.findings else "the file is empty"
        raise DataError(
            f"no line of it is a prediction: {first}", where=str(path), fix="See the README for the format."
        )
    return Predictions(reader.found, {**model, "format": "JSONL"}, (*reader.findings, *reader.notes()))


def write_predictions(path: Path, predictions: Iterable[Prediction], documents: Iterable[Document]) -> None:
    """Predictions as JSONL, in their order; those with an error as `{"id", "error"}`. The file is written whole."""
    digests = {document.id: text_digest(document) for document in documents}
    write_bytes(path, b"".join(to_line(prediction, digests[prediction.id]) for prediction in predictions))


class _Reader:
    """Reads records line by line and collects what is wrong with each."""

    def __init__(self, path: Path, documents: Sequence[Document]) -> None:
        self._path = path
        self._documents = {document.id: document for document in documents}
        self._lines: dict[str, int] = {}
        self._unknown_keys: set[str] = set()
        self.found: dict[str, Prediction] = {}
        self.findings: list[Finding] = []
        self.records = 0

    def notes(self) -> list[Finding]:
        """What was left out without being wrong."""
        keys = sorted(self._unknown_keys)
        if not keys:
            return []
        more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
        shown = ", ".join(key if key.isprintable() else brief(key) for key in keys[:_SHOWN])
        message = f"keys that are not part of the format were left out: {shown}{more}"
        return [Finding("unknown-keys", Severity.NOTE, str(self._path), message)]

    def read(self, number: int, line: bytes | None) -> None:
        """One line of the file, into `found` or `findings`."""
        if line is None:
            return self._wrong(number, "too-long", f"the line has more than {LIMIT:,} bytes; it was left out")
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            return self._wrong(number, "not-json", f"not valid JSON: {_constant(line) or error.msg}")
        if not isinstance(record, dict) or not isinstance(record.get("id"), str):
            return self._wrong(number, "shape", 'expected an object with "id", "sha256" and "entities"')
        self.records += 1
        name = record["id"]
        document = self._documents.get(name)
        if document is None:
            shown = name if name.isprintable() and len(name) <= 80 else brief(name)
            message = f"document {shown} is not among the {len(self._documents)} scored; the line was left out"
            return self._wrong(number, "unknown-document", message, Severity.WARNING)
        earlier = self.found.get(name)
        if earlier is not None and earlier.error is None:
            message = f"document {name} stands a second time; line {self._lines[name]} is the one that is scored"
            return self._wrong(number, "duplicate-document", message)
        prediction, problems = prediction_of(record, document, self._unknown_keys)
        for code, problem in problems[:_SHOWN]:
            self._wrong(number, code, f"document {name}: {problem}")
        if len(problems) > _SHOWN:
            self._wrong(number, "more", f"document {name}: {len(problems) - _SHOWN} more of this kind")
        if prediction is not None:
            self.found[name], self._lines[name] = prediction, number
        return None

    def _wrong(self, number: int, code: str, message: str, severity: Severity = Severity.ERROR) -> None:
        self.findings.append(Finding(code, severity, f"{self._path}:{number}", message))


def _constant(line: bytes) -> str:
    """What Python writes and JSON does not know, if that is what is wrong: NaN, Infinity or -Infinity."""
    found: list[str] = []
    try:
        json.loads(line, parse_constant=found.append)
    except (ValueError, RecursionError):
        return ""
    return f"{found[0]} is no number in it" if found else ""

"""Predictions files. JSONL, one document a line, is the contract; CoNLL is read too."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from toolkit.document import Document
from toolkit.errors import DataError
from toolkit.evaluation.conll import read_conll
from toolkit.evaluation.prediction import Prediction, Predictions, label_problem, span_problem, text_digest
from toolkit.files import canonical_json, file_sha256, friendly, write_bytes
from toolkit.findings import Finding, Severity
from toolkit.models.predictor import Span
from toolkit.native import kind_of

_JSONL = (".jsonl", ".ndjson", ".json")
_RECORD_KEYS = {"id", "sha256", "entities", "relations", "error"}
_ENTITY_KEYS = {"start", "end", "label", "score"}
_Problem = tuple[str, str]
_BOM = b"\xef\xbb\xbf"


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
        for number, line in enumerate(file, 1):
            if line.strip():
                reader.read(number, line.removeprefix(_BOM) if number == 1 else line)
    if not reader.records:
        first = reader.findings[0].message if reader.findings else "the file is empty"
        raise DataError(
            f"no line of it is a prediction: {first}", where=str(path), fix="See the README for the format."
        )
    return Predictions(reader.found, {**model, "format": "JSONL"}, (*reader.findings, *reader.notes()))


def write_predictions(path: Path, predictions: Iterable[Prediction], documents: Iterable[Document]) -> None:
    """Predictions as JSONL, in their order; those with an error as `{"id", "error"}`. The file is written whole."""
    digests = {document.id: text_digest(document) for document in documents}
    lines = [canonical_json(_as_record(p, digests[p.id])) + b"\n" for p in predictions]
    write_bytes(path, b"".join(lines))


def _as_record(prediction: Prediction, digest: str) -> dict[str, Any]:
    if prediction.error is not None:
        return {"id": prediction.id, "error": prediction.error}
    entities = [
        {"start": s.start, "end": s.end, "label": s.label} | ({} if s.score is None else {"score": s.score})
        for s in prediction.spans
    ]
    return {"id": prediction.id, "sha256": digest, "entities": entities}


class _Reader:
    """Reads records line by line and collects what is wrong with each."""

    def __init__(self, path: Path, documents: Sequence[Document]) -> None:
        self._path = path
        self._documents = {document.id: document for document in documents}
        self._lines: dict[str, int] = {}
        self._unknown_keys: set[str] = set()
        self._with_relations = 0
        self.found: dict[str, Prediction] = {}
        self.findings: list[Finding] = []
        self.records = 0

    def notes(self) -> list[Finding]:
        """What was left out without being wrong."""
        notes = []
        if self._unknown_keys:
            message = f"keys that are not part of the format were left out: {', '.join(sorted(self._unknown_keys))}"
            notes.append(Finding("unknown-keys", Severity.NOTE, str(self._path), message))
        if self._with_relations:
            message = f"the relations of {self._with_relations} documents are not scored"
            notes.append(Finding("relations", Severity.NOTE, str(self._path), message))
        return notes

    def read(self, number: int, line: bytes) -> None:
        """One line of the file, into `found` or `findings`."""
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            return self._wrong(number, "not-json", f"not valid JSON: {error.msg}")
        if not isinstance(record, dict) or not isinstance(record.get("id"), str):
            return self._wrong(number, "shape", 'expected an object with "id", "sha256" and "entities"')
        self.records += 1
        name = record["id"]
        document = self._documents.get(name)
        if document is None:
            message = f"document {name} is not among the {len(self._documents)} scored; the line was left out"
            return self._wrong(number, "unknown-document", message, Severity.WARNING)
        earlier = self.found.get(name)
        if earlier is not None and earlier.error is None:
            message = f"document {name} stands a second time; line {self._lines[name]} is the one that is scored"
            return self._wrong(number, "duplicate-document", message)
        prediction, problems = self._prediction(record, document)
        for code, problem in problems:
            self._wrong(number, code, f"document {name}: {problem}")
        if prediction is not None and not problems:
            self.found[name], self._lines[name] = prediction, number
        return None

    def _prediction(self, record: Mapping[str, Any], document: Document) -> tuple[Prediction | None, list[_Problem]]:
        self._unknown_keys |= record.keys() - _RECORD_KEYS
        if "error" in record:
            return Prediction(document.id, error=str(record["error"]) or "error"), []
        digest, entities = record.get("sha256"), record.get("entities")
        problems: list[_Problem] = []
        if digest != text_digest(document):
            expected = f"expected {text_digest(document)}, the sha256 of its text in UTF-8"
            problems.append(("text-differs", f"sha256 is {digest!r}, {expected}"))
        if not isinstance(entities, list):
            problems.append(("shape", f"entities is {kind_of(entities)}, expected a list"))
            return None, problems
        spans = []
        for place, entity in enumerate(entities):
            span, problem = self._span(entity, len(document.text))
            if span is None:
                problems.append(("entity", f"entities[{place}]: {problem}"))
            else:
                spans.append(span)
        self._with_relations += bool(record.get("relations"))
        return Prediction(document.id, tuple(spans)), problems

    def _span(self, entity: object, length: int) -> tuple[Span | None, str]:
        if not isinstance(entity, dict):
            return None, f"is {kind_of(entity)}, expected an object with start, end and label"
        values: list[Any] = [entity.get(key) for key in ("start", "end", "label", "score")]
        start, end, label, score = values
        problem = span_problem(start, end, length) or label_problem(label)
        if problem is None and score is not None and (isinstance(score, bool) or not isinstance(score, int | float)):
            problem = f"score is {score!r}, expected a number"
        if problem is not None:
            return None, problem
        self._unknown_keys |= entity.keys() - _ENTITY_KEYS
        return Span(start, end, label, score), ""

    def _wrong(self, number: int, code: str, message: str, severity: Severity = Severity.ERROR) -> None:
        self.findings.append(Finding(code, severity, f"{self._path}:{number}", message))

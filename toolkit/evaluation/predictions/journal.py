"""What a model said so far, kept on disk batch by batch, so that a run that was killed goes on where it stopped.

A file has the lines of a predictions file and only grows. A line is found by the sha256 of the text that it is for; the
last one counts, and one with an error means that the text is to be asked again.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from toolkit.document import Document
from toolkit.evaluation.predictions.prediction import Prediction, text_digest
from toolkit.evaluation.predictions.records import lines, prediction_of, to_line
from toolkit.files import friendly

_BLOCK = 2**16


class Journal:
    """The journal of a model at `path`, for `documents`. Several processes may write to one at a time."""

    def __init__(self, path: Path, documents: Sequence[Document]) -> None:
        self.path = path
        self._documents = documents
        self._digests = {document.id: text_digest(document) for document in documents}

    def read(self) -> dict[str, Prediction]:
        """The predictions that are kept for these texts, by document id. Lines that cannot be read are not there."""
        if not self.path.is_file():
            return {}
        records: dict[str, Mapping[str, Any]] = {}
        wanted = set(self._digests.values())
        with friendly(self.path), self.path.open("rb") as file:
            for _, line in lines(file):
                record = _parsed(line)
                digest = record.get("sha256")
                if isinstance(digest, str) and digest in wanted:
                    records[digest] = record
        found: dict[str, Prediction] = {}
        for document in self._documents:
            record = records.get(self._digests[document.id], {})
            prediction, _ = prediction_of(record, document, set())
            if prediction is not None and prediction.error is None:
                found[document.id] = prediction
        return found

    def append(self, predictions: Sequence[Prediction]) -> None:
        """Adds predictions, all of them on the disk when this returns. IncompleteError where the disk is full."""
        self._write(b"".join(to_line(p, self._digests[p.id], with_digest_of_errors=True) for p in predictions))

    def forget(self) -> None:
        """Has these texts asked again, by this run and by one that goes on where this one was killed."""
        self.append([Prediction(document.id, error="to be asked again") for document in self._documents])

    def _write(self, data: bytes) -> None:
        with friendly(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with _locked(self.path) as file:
                begun = _without_torn_line(file)
                try:
                    rest = memoryview(data)
                    while rest:
                        rest = rest[os.write(file, rest) :]
                    os.fsync(file)
                except OSError:
                    os.ftruncate(file, begun)
                    raise


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """The file, opened for appending, while no other process has it so."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
    finally:
        os.close(file)


def _without_torn_line(file: int) -> int:
    """Cuts off what a killed process left after the last newline; the size that remains, in bytes."""
    end = size = os.fstat(file).st_size
    while end:
        start = max(0, end - _BLOCK)
        newline = os.pread(file, end - start, start).rfind(b"\n")
        if newline >= 0:
            end = start + newline + 1
            break
        end = start
    if end < size:
        os.ftruncate(file, end)
    return end


def _parsed(line: bytes | None) -> Mapping[str, Any]:
    """The record of a line; an empty one where the line is torn or no record."""
    try:
        record = orjson.loads(line) if line and line.endswith(b"\n") else {}
    except orjson.JSONDecodeError:
        return {}
    return record if isinstance(record, dict) else {}

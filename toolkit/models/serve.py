"""`python -m toolkit.models.serve MODEL`: a model of ours as a program for `command:`, in an environment of its own.

It reads `{"id", "text"}` a line and prints a line of a predictions file for each. Beside the library of the model it
needs no more than orjson, pydantic and PyYAML: for libraries that cannot stand beside the rest of this package.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from operator import index
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, NoReturn

from toolkit.errors import ConfigError, DataError, ToolkitError, UsageError
from toolkit.files import sha256
from toolkit.models.options import Options
from toolkit.models.predictor import Answer, Predictor, Span, Training
from toolkit.models.registry import load_model
from toolkit.project import CrfSettings, find_project
from toolkit.schema import Schema, read_schema

_BLOCK = 2**20
_BATCH = 16


class Question(NamedTuple):
    """A text and the id that its answer shall have."""

    id: str
    text: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Answers all that comes on stdin, and returns the exit code of the command line."""
    given = _parser().parse_args(arguments)
    answers = _keep_stdout()
    try:
        schema = _schema(given.labels)
        labels = {name: kind.en or kind.ar or name for name, kind in schema.entities.items()}
        training = Training(_no_documents, schema, CrfSettings(), Path(".tawsim"), "")
        predictor = load_model(given.model, training, labels, Options.parse(given.option))
        for questions in _batches(0):
            answers.write(b"".join(answer_lines(predictor, questions)))
            answers.flush()
    except ToolkitError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    return 0


def answer_lines(predictor: Predictor, questions: Sequence[Question]) -> list[bytes]:
    """A line for each question: the answer, or the error that the model raises for it alone."""
    try:
        answers = list(predictor.predict([question.text for question in questions]))
        if len(answers) != len(questions):
            raise DataError(f"the model gave {len(answers)} rows for {len(questions)} texts")
        return [_line(question, answer) for question, answer in zip(questions, answers, strict=True)]
    except Exception as error:
        if len(questions) > 1:
            return [line for question in questions for line in answer_lines(predictor, [question])]
        name = "" if isinstance(error, ToolkitError) else f"{type(error).__name__}: "
        what = " ".join(f"{name}{error}".split()) or type(error).__name__
        return [_json({"id": questions[0].id, "error": what})]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m toolkit.models.serve",
        description="Answer lines of JSON with the mentions that a model finds, for `tawsim score command:…`.",
    )
    parser.add_argument("model", metavar="MODEL", help="kind:target, as for `tawsim score`")
    parser.add_argument("--option", action="append", default=[], metavar="KEY=VALUE", help="a setting of the model")
    parser.add_argument("--labels", type=Path, metavar="FILE", help="labels.yaml; else that of the project around")
    return parser


def _keep_stdout() -> BinaryIO:
    """What stdout was, for answers alone; whatever a library prints goes to stderr from now on."""
    kept = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return kept


def _schema(path: Path | None) -> Schema:
    """The labels to ask a prompted model for; none where there is neither a file nor a project."""
    if path:
        return read_schema(path)
    try:
        project = find_project()
    except ConfigError:
        return Schema.model_construct(entities={})
    return project.schema


def _no_documents() -> NoReturn:
    raise UsageError("a model that is trained on the dataset cannot be served", fix="Name it to `tawsim score` itself.")


def _batches(file: int) -> Iterator[list[Question]]:
    """The questions that have come by now, a few at a time. DataError where a line is none."""
    rest, number = b"", 0
    while block := os.read(file, _BLOCK):
        *lines, rest = (rest + block).split(b"\n")
        for start in range(0, len(lines), _BATCH):
            batch = lines[start : start + _BATCH]
            yield [_question(line, number + start + place) for place, line in enumerate(batch, 1) if line.strip()]
        number += len(lines)
    if rest.strip():
        yield [_question(rest, number + 1)]


def _question(line: bytes, number: int) -> Question:
    try:
        record = json.loads(line)
        name, text = record["id"], record["text"]
    except (ValueError, TypeError, LookupError, RecursionError):
        name = text = None
    if not isinstance(name, str) or not isinstance(text, str):
        raise DataError('is no object with "id" and "text"', where=f"stdin, line {number}")
    return Question(name, text)


def _line(question: Question, answer: Answer | Sequence[Span]) -> bytes:
    """The answer in plain numbers. TypeError or ValueError where it has others, or none at all, as NaN."""
    answer = answer if isinstance(answer, Answer) else Answer(answer)
    record: dict[str, Any] = {"id": question.id, "sha256": sha256(question.text.encode("utf-8", "surrogatepass"))}
    record["entities"] = [
        {"start": index(span.start), "end": index(span.end), "label": span.label, **_score(span.score)}
        for span in answer.spans
    ]
    if answer.relations is not None:
        record["relations"] = [
            {"head": index(pair.head), "tail": index(pair.tail), "label": pair.label, **_score(pair.score)}
            for pair in answer.relations
        ]
    if answer.seen is not None:
        record["seen"] = [[index(start), index(end)] for start, end in answer.seen]
    if answer.counts:
        record["counts"] = {str(reason): index(number) for reason, number in answer.counts.items()}
    return _json(record)


def _score(score: float | None) -> dict[str, float]:
    return {} if score is None else {"score": float(score)}


def _json(record: Any) -> bytes:
    return json.dumps(record, allow_nan=False).encode() + b"\n"


if __name__ == "__main__":
    sys.exit(main())

"""The sample of this repository as a built dataset, and models scored against it with the command itself."""

import json
from contextlib import chdir
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from seqeval.metrics import classification_report
from seqeval.scheme import IOB2
from typer.testing import CliRunner

from toolkit.cli import app
from toolkit.evaluation.predictions.files import read_predictions
from toolkit.flat import flatten
from toolkit.models.iob import segments
from toolkit.release.tables.reading import read_dataset
from toolkit.tokens import words


@pytest.fixture(scope="session")
def sample_dataset(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    """The dataset folder."""
    out = tmp_path_factory.mktemp("sample-dataset") / "build"
    sample = repository / "annotations" / "sample"
    done = CliRunner().invoke(app, ["build", "--project", str(repository), "--from", str(sample), "--out", str(out)])
    assert done.exit_code == 0, done.output
    return out


def sentences_of(build: Path, split: str) -> list[dict[str, Any]]:
    """The sentences of a split as words, and mentions as `[first, last, label]` of words."""
    names = read_dataset(build).schema.tags
    return [
        {"words": row["tokens"], "mentions": [list(s[:3]) for s in segments([names[tag] for tag in row["ner_tags"]])]}
        for row in _rows(build, split)
    ]


def score(model: str, build: Path, out: Path, *options: str) -> dict[str, Any]:
    """result.json of a model on the test split, which must be complete and say of it what seqeval says."""
    given = [argument for option in options for argument in ("--option", option)]
    out.mkdir(parents=True, exist_ok=True)
    with chdir(out):  # outside of any project, so that nothing that was predicted before is taken again
        done = CliRunner().invoke(app, ["score", model, "--data", str(build), "--out", str(out), *given])
    assert done.exit_code == 0, done.output or done.exception
    result: dict[str, Any] = json.loads((out / "result.json").read_text("utf-8"))
    assert result["status"] == "complete" and result["coverage"]["characters"] == 1.0
    gold, predicted = _tags(build, out / "predictions.jsonl")
    for mode, how in (("strict", {"mode": "strict", "scheme": IOB2}), ("default", {})):
        report = classification_report(gold, predicted, output_dict=True, zero_division=0, **how)
        for ours, theirs in (("precision", "precision"), ("recall", "recall"), ("f1", "f1-score")):
            assert result["seqeval"][mode]["micro"][ours] == pytest.approx(report["micro avg"][theirs], abs=1e-12)
    return result


def spans_in(predictions: Path) -> dict[str, list[tuple[int, int, str]]]:
    """The mentions of each document of a predictions file."""
    records = [json.loads(line) for line in predictions.read_text("utf-8").splitlines()]
    return {r["id"]: [(e["start"], e["end"], e["label"]) for e in r["entities"]] for r in records}


def _rows(build: Path, split: str) -> list[dict[str, Any]]:
    return pq.read_table(next((build / "ner").glob(f"{split}-*.parquet"))).to_pylist()


def _tags(build: Path, predictions: Path) -> tuple[list[list[str]], list[list[str]]]:
    """The tags of each document of the test split, as the config `ner` has them, and those that were predicted.

    A document is one row, since a model may find mentions across the end of a sentence.
    """
    dataset = read_dataset(build)
    documents = {document.id: document for document in dataset.documents("test")}
    found = read_predictions(predictions, list(documents.values())).by_document
    gold: dict[str, list[str]] = {name: [] for name in documents}
    predicted: dict[str, list[str]] = {}
    for row in _rows(build, "test"):
        gold[row["document_id"]] += [dataset.schema.tags[tag] for tag in row["ner_tags"]]
    for name, document in documents.items():
        spans = words(document.text)
        mentions = [(s.start, s.end, s.label) for s in found[name].spans]
        predicted[name] = flatten(mentions, spans, dataset.schema.flat_layer).tags(len(spans))
    return list(gold.values()), list(predicted.values())

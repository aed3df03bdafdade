"""`tawsim score` and `tawsim models` on a small project, from annotation files to result.json."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from result_schema import checked
from seqeval.metrics import classification_report
from seqeval.scheme import IOB2
from typer.testing import CliRunner, Result

from toolkit.cli import app
from toolkit.document import Document
from toolkit.errors import ConfigError, DataError, FileError, MissingDependencyError, UsageError
from toolkit.evaluation.predictions.files import read_predictions
from toolkit.evaluation.predictions.sentences import Sentences
from toolkit.files import sha256
from toolkit.flat import flatten
from toolkit.models import registry
from toolkit.release.tables.reading import read_dataset
from toolkit.tokens import covered, words

REPORTS = ["badge.json", "benchmark.json", "comment.md", "junit.xml", "report.html", "report.md", "result.json"]
WRITTEN = sorted([*REPORTS, "predictions.jsonl"])


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.mark.parametrize("model", ["baseline:gazetteer", "baseline:crf"])
def test_result_json_holds_what_seqeval_says_of_the_ner_config(project: Path, tmp_path: Path, model: str) -> None:
    out = tmp_path / "here"
    done = run("score", model, "--project", project, "--out", out)
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in out.iterdir()) == WRITTEN
    assert str(out / "result.json") in done.output and "micro" in done.output
    result = json.loads((out / "result.json").read_text("utf-8"))
    gold, predicted = rows(project / "build", out / "predictions.jsonl")
    for mode, how in (("strict", {"mode": "strict", "scheme": IOB2}), ("default", {})):
        report = classification_report(gold, predicted, output_dict=True, zero_division=0, **how)
        for ours, theirs in (("precision", "precision"), ("recall", "recall"), ("f1", "f1-score")):
            assert result["seqeval"][mode]["micro"][ours] == pytest.approx(report["micro avg"][theirs], abs=1e-12)
    assert result["scores"]["word"]["micro"]["tp"] >= 2 and result["dataset"]["split"] == "test"


def rows(build: Path, predictions: Path) -> tuple[list[list[str]], list[list[str]]]:
    """The tags of the test split's ner rows, and those of the predictions on the same words."""
    dataset = read_dataset(build)
    documents = {document.id: document for document in dataset.documents("test")}
    found = read_predictions(predictions, list(documents.values())).by_document
    gold, predicted = [], []
    for row in pq.read_table(next((build / "ner").glob("test-*.parquet"))).to_pylist():
        document = documents[row["document_id"]]
        spans = words(document.text)
        layer = flatten([(s.start, s.end, s.label) for s in found[document.id].spans], spans, dataset.schema.flat_layer)
        first, last = covered(spans, row["token_start"][0], row["token_end"][-1])
        gold.append([dataset.schema.tags[tag] for tag in row["ner_tags"]])
        predicted.append(layer.tags(len(spans))[first:last])
    return gold, predicted


def test_the_predictions_file_of_a_model_scores_as_the_model(project: Path, tmp_path: Path) -> None:
    run("score", "baseline:gazetteer", "--project", project, "--out", tmp_path / "a")
    done = run(
        "score", tmp_path / "a" / "predictions.jsonl", "--project", project, "--out", tmp_path / "b", "--format", "json"
    )
    assert done.exit_code == 0
    printed: dict[str, Any] = json.loads(done.stdout)
    first, second = (json.loads((tmp_path / name / "result.json").read_text("utf-8")) for name in "ab")
    assert printed == second and first.pop("model") != second.pop("model")
    assert first == second


def test_scoring_twice_gives_the_same_bytes(project: Path, tmp_path: Path) -> None:
    for name in "ab":
        run("score", "baseline:crf", "--project", project, "--out", tmp_path / name)
    for file in WRITTEN:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_results_go_to_a_folder_of_the_model_unless_said(project: Path) -> None:
    assert run("score", "baseline:gazetteer", "--project", project).exit_code == 0
    assert (project / "results" / "baseline-gazetteer" / "result.json").is_file()


def test_a_document_without_prediction_ends_with_3(project: Path, tmp_path: Path) -> None:
    run("score", "baseline:gazetteer", "--project", project, "--out", tmp_path / "a")
    lines = (tmp_path / "a" / "predictions.jsonl").read_text("utf-8").splitlines(keepends=True)
    half = tmp_path / "half.jsonl"
    half.write_text(lines[0] + lines[1][:40], "utf-8")
    done = run("score", half, "--project", project, "--out", tmp_path / "b")
    assert done.exit_code == 3
    assert "no prediction: e2" in done.stderr and f"{half}:2: not valid JSON" in done.stderr
    assert json.loads((tmp_path / "b" / "result.json").read_text("utf-8"))["status"] == "incomplete"


def test_what_cannot_be_scored_is_one_clear_error(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def error(*arguments: object) -> BaseException | None:
        return run("score", *arguments, "--project", project, "--out", tmp_path / "out").exception

    empty = tmp_path / "empty"
    empty.mkdir()
    assert isinstance(error("baseline:gazetteer", "--data", empty), UsageError)
    assert "tawsim build" in str(error("baseline:gazetteer", "--data", empty))
    assert "There are: train, test" in str(error("baseline:gazetteer", "--split", "dev"))
    assert isinstance(error(tmp_path / "none.jsonl"), FileError)
    absent = registry.Adapter("", "no_such_library:load", libraries=("no_such_library",), install="pip install it")
    monkeypatch.setitem(registry.ADAPTERS, "absent:model", absent)
    assert isinstance(error("absent:model"), MissingDependencyError)
    assert not (tmp_path / "out").exists()


def test_the_models_are_listed_with_what_they_need() -> None:
    listed = run("models")
    assert listed.exit_code == 0 and "baseline:crf" in listed.output and "FILE.jsonl" in listed.output
    rows = json.loads(run("models", "--format", "json").stdout)
    assert {row["model"]: row["is_installed"] for row in rows}["baseline:gazetteer"] is True


def written(path: Path, project: Path, change: Any) -> Path:
    """Perfect predictions of the test split as JSONL, each record changed."""
    lines = []
    for document in read_dataset(project / "build").documents("test"):
        entities = [{"start": e.start, "end": e.end, "label": e.label} for e in document.entities]
        record = {"id": document.id, "sha256": sha256(document.text.encode()), "entities": entities}
        lines.append(json.dumps(change(record, document)))
    path.write_text("\n".join(lines), "utf-8")
    return path


def result_of(out: Path) -> dict[str, Any]:
    return checked(json.loads((out / "result.json").read_text("utf-8")))


def test_a_label_map_is_named_by_option_or_by_setting(project: Path, tmp_path: Path) -> None:
    renamed = {"PER": "PERS", "GPE": "LOC"}

    def change(record: dict[str, Any], _: Document) -> dict[str, Any]:
        return {**record, "entities": [{**e, "label": renamed[e["label"]]} for e in record["entities"]]}

    path = written(tmp_path / "p.jsonl", project, change)
    plain = run("score", path, "--project", project, "--out", tmp_path / "plain")
    assert plain.exit_code == 0 and result_of(tmp_path / "plain")["scores"]["word"]["micro"]["f1"] == 0.0
    done = run("score", path, "--project", project, "--out", tmp_path / "map", "--label-map", "anercorp")
    assert done.exit_code == 0, done.output
    found = result_of(tmp_path / "map")
    assert found["scores"]["word"]["micro"]["f1"] == 1.0 and found["label_map"]["name"] == "anercorp"
    # PER and GPE of training are seen under the labels that they are mapped to.
    assert {name: score["gold"] for name, score in found["seen_mentions"].items()} == {
        "seen": 4, "unseen": 1, "other_label": 0
    }  # fmt: skip
    settings = project / "configs" / "evaluation.yaml"
    before = settings.read_text("utf-8")
    settings.write_text(f"{before}\nlabel_map: anercorp\n", "utf-8")
    try:
        assert run("score", path, "--project", project, "--out", tmp_path / "set").exit_code == 0
    finally:
        settings.write_text(before, "utf-8")
    assert result_of(tmp_path / "set") == found
    wrong = run("score", path, "--project", project, "--out", tmp_path / "none", "--label-map", "none")
    assert isinstance(wrong.exception, ConfigError) and not (tmp_path / "none").exists()


def test_a_text_that_was_not_read_to_its_end_fails_unless_it_is_allowed(project: Path, tmp_path: Path) -> None:
    path = written(tmp_path / "p.jsonl", project, lambda record, document: {**record, "seen": [[0, 20]]})
    failed = run("score", path, "--project", project, "--out", tmp_path / "a")
    assert failed.exit_code == 3
    assert "incomplete: the model did not read 2 of 2 documents to their end: e1 (20 of " in failed.output
    assert result_of(tmp_path / "a")["status"] == "incomplete"
    allowed = run("score", path, "--project", project, "--out", tmp_path / "b", "--allow-partial")
    assert allowed.exit_code == 0 and result_of(tmp_path / "b")["coverage"]["characters"] < 1


def test_what_becomes_of_invalid_tags_is_chosen(project: Path, tmp_path: Path) -> None:
    documents = read_dataset(project / "build").documents("test")
    lines = []
    for document in documents:
        split = Sentences.of(document)
        for first, last in split.rows:
            cut = [document.text[a:b] for a, b in split.words[first:last]]
            lines += [f"{word}\t{'I-PER' if word == 'كريم' else 'O'}" for word in cut] + [""]
    path = tmp_path / "p.conll"
    path.write_text("\n".join(lines), "utf-8")
    predicted = {}
    for policy in ("conlleval", "discard"):
        out = tmp_path / policy
        assert run("score", path, "--project", project, "--out", out, "--invalid-tags", policy).exit_code == 0
        predicted[policy] = result_of(out)["scores"]["word"]["micro"]["pred"]
    assert predicted == {"conlleval": 1, "discard": 0}
    refused = run("score", path, "--project", project, "--out", tmp_path / "raise", "--invalid-tags", "raise")
    assert isinstance(refused.exception, DataError) and "I-PER continues no mention" in str(refused.exception)
    assert run("score", path, "--project", project, "--invalid-tags", "repair").exit_code == 2


def test_gold_mentions_that_were_not_given_are_refused(project: Path, tmp_path: Path) -> None:
    def change(record: dict[str, Any], _: Document) -> dict[str, Any]:
        return {**record, "entities": record["entities"][1:], "relations": []}

    path = written(tmp_path / "p.jsonl", project, change)
    refused = run("score", path, "--project", project, "--out", tmp_path / "out", "--gold-entities")
    assert isinstance(refused.exception, DataError) and "was not given the gold mentions" in str(refused.exception)
    path = written(tmp_path / "q.jsonl", project, lambda record, _: {**record, "relations": []})
    done = run("score", path, "--project", project, "--out", tmp_path / "out", "--gold-entities")
    assert done.exit_code == 0 and result_of(tmp_path / "out")["relations"]["given"]["micro"]["f1"] is None

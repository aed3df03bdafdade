"""A model or a file, told apart; names of result folders."""

from pathlib import Path

import pytest
from marked_text import marked

from toolkit.errors import FileError, UsageError
from toolkit.evaluation.predictions import write_predictions
from toolkit.evaluation.source import folder_name, is_file, obtain
from toolkit.models.predictor import Training
from toolkit.project import CrfSettings
from toolkit.schema import Schema

TRAIN = [marked("t", "زار {PER سامي} مدينة {GPE تونس}.")]
DOCUMENTS = [marked("one", "عاد {PER سامي} من {GPE تونس}."), marked("two", "لا شيء.")]


@pytest.fixture
def training(schema: Schema, tmp_path: Path) -> Training:
    return Training(lambda: TRAIN, schema, CrfSettings(), tmp_path, "d" * 64)


def test_a_model_is_run_and_its_predictions_file_gives_the_same(training: Training, tmp_path: Path) -> None:
    run = obtain("baseline:gazetteer", DOCUMENTS, training)
    assert run.model["name"] == "baseline:gazetteer" and run.model["trained_on"] == "d" * 64
    path = tmp_path / "predictions.jsonl"
    write_predictions(path, run.by_document.values(), DOCUMENTS)
    assert obtain(str(path), DOCUMENTS, training).by_document == run.by_document
    assert [s.label for s in run.by_document["one"].spans] == ["PER", "GPE"]


@pytest.mark.parametrize("name", ["p.jsonl", "runs/p.CONLL", "./p", "../p", "/tmp/none/p"])
def test_a_file_that_is_not_there_is_told_as_such(name: str, training: Training) -> None:
    with pytest.raises(FileError, match="no such predictions file"):
        obtain(name, DOCUMENTS, training)


@pytest.mark.parametrize("name", ["baseline:crff", "gazetteer", "transformers:org/model-v1.json"])
def test_what_is_no_file_is_taken_for_a_model(name: str, training: Training) -> None:
    with pytest.raises(UsageError, match="There are: baseline:gazetteer"):
        obtain(name, DOCUMENTS, training)


def test_folder_names_are_safe_and_tell_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "p.v2.jsonl").write_text("x", "utf-8")
    assert is_file("runs/p.v2.jsonl")
    assert folder_name("runs/p.v2.jsonl") == "runs-p.v2"
    assert folder_name("baseline:crf") == "baseline-crf"
    assert folder_name("transformers:org/model-v1.0") == "transformers-org-model-v1.0"
    assert folder_name(":::") == "model"

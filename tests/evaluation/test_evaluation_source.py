"""A model or a file, told apart; names of result folders."""

import importlib
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from marked_text import marked

from toolkit.errors import DataError, FileError, UsageError
from toolkit.evaluation.predictions.files import write_predictions
from toolkit.evaluation.predictions.source import folder_name, is_file, obtain, run
from toolkit.models import registry
from toolkit.models.options import Options
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


@pytest.mark.parametrize("name", ["baseline:crff", "gazetteer", "unheard-of:org/model-v1.json"])
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


def test_folder_names_are_short_and_hold_no_secret() -> None:
    names = {
        model: folder_name(model)
        for model in (
            "command:/opt/env/bin/python run.py --token hidden",
            "command:/opt/env/bin/python run.py --token other",
            "command:",
            "http:https://me:hidden@models.example.org:8080/ner?key=hidden#hidden",
            "http://models.example.org/ner",
            "http:http://models.example.org/ner",
            "transformers:" + "long/" * 40,
            "python:نموذج:factory",
            "python:a\x00b:\ud800",
        )
    }
    assert "hidden" not in str(list(names.values()))
    short = list(names.values())
    assert short[0].startswith("command-python-") and short[0] != short[1]
    assert short[2] == "command"
    assert short[3].startswith("http-models.example.org-8080-ner-")
    assert short[4:6] == ["models.example.org-ner", "http-models.example.org-ner"]
    assert all(0 < len(name) <= 60 and name.strip("-.") == name for name in short)


SPANS = "Span(0, 2, 'PER')"
MODULE = """
import os, sys
from toolkit.models.predictor import Span
class Odd:
    asked = []
    def predict(self, texts):
        self.asked.append(list(texts))
        return [[{spans}] for _ in texts]
    def describe(self):
        return {{"name": "odd"}}
def load(request):
    {on_load}
    Odd.asked.clear()
    Odd.threshold = request.options.text("threshold", "1")
    Odd.labels = dict(request.labels)
    return Odd()
"""


@pytest.fixture
def odd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., ModuleType]]:
    """Writes a model's module anew and makes it the model `test:odd`."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(registry.ADAPTERS, "test:odd", registry.Adapter("a test", "odd_module:load"))

    def write(spans: str = SPANS, on_load: str = "pass") -> ModuleType:
        sys.modules.pop("odd_module", None)
        path = tmp_path / "odd_module.py"
        path.write_text(MODULE.format(spans=spans, on_load=on_load))
        importlib.invalidate_caches()
        shutil.rmtree(tmp_path / "__pycache__", ignore_errors=True)
        return importlib.import_module("odd_module")

    yield write
    sys.modules.pop("odd_module", None)


def test_what_was_predicted_is_not_asked_again(odd: Callable[..., ModuleType], training: Training) -> None:
    module = odd()
    first = run("test:odd", DOCUMENTS, training)
    assert (first.resumed, len(module.Odd.asked)) == (0, 1)
    again = run("test:odd", DOCUMENTS, training)
    assert (again.resumed, again.predictions, module.Odd.asked) == (2, first.predictions, [])
    assert obtain("test:odd", DOCUMENTS, training).by_document == {p.id: p for p in first.predictions}
    fresh = run("test:odd", DOCUMENTS, training, fresh=True)
    assert (fresh.resumed, len(module.Odd.asked)) == (0, 1)
    more = run("test:odd", [*DOCUMENTS, marked("three", "نص جديد")], training)
    assert (more.resumed, module.Odd.asked) == (2, [["نص جديد"]])


def test_another_option_label_or_code_is_another_model(odd: Callable[..., ModuleType], training: Training) -> None:
    module = odd()
    run("test:odd", DOCUMENTS, training)
    for change in ({"options": Options({"threshold": "2"})}, {"labels": {"PER": "a person"}}):
        assert run("test:odd", DOCUMENTS, training, **change).resumed == 0
        assert run("test:odd", DOCUMENTS, training, **change).resumed == 2
    assert (module.Odd.threshold, module.Odd.labels) == ("1", {"PER": "a person"})
    assert run("test:odd", DOCUMENTS, training, options=Options({"threshold": "1"})).resumed == 2
    odd(spans="Span(0, 1, 'ORG')")
    changed = run("test:odd", DOCUMENTS, training)
    assert (changed.resumed, changed.predictions[0].spans[0].label) == (0, "ORG")
    assert len(list((training.cache / "predictions").iterdir())) == 4


def test_options_of_a_file_and_unknown_ones_are_refused(
    odd: Callable[..., ModuleType], training: Training, tmp_path: Path
) -> None:
    odd()
    (tmp_path / "p.jsonl").write_text('{"id": "one", "error": "x"}\n')
    for model in (str(tmp_path / "p.jsonl"), "test:odd"):
        with pytest.raises(UsageError, match="no option 'size'"):
            obtain(model, DOCUMENTS, training, options=Options({"size": "1"}))


def test_what_a_model_prints_does_not_reach_stdout(
    odd: Callable[..., ModuleType], training: Training, capfd: pytest.CaptureFixture[str]
) -> None:
    noise = "print('python'); os.write(1, b'bytes'); os.system('echo child')"
    c_code = "import ctypes; ctypes.CDLL(None).puts(b'of C')"
    odd(on_load=f"{noise}; {c_code}")
    run("test:odd", DOCUMENTS, training)
    print("ours")
    captured = capfd.readouterr()
    assert captured.out == "ours\n"
    assert all(word in captured.err for word in ("python", "bytes", "child", "of C"))


def test_a_model_that_ends_the_program_does_not_end_ours(odd: Callable[..., ModuleType], training: Training) -> None:
    odd(on_load="sys.exit(0)")
    with pytest.raises(DataError, match="ended its program with code 0 while it was loaded"):
        run("test:odd", DOCUMENTS, training)
    odd(spans="sys.exit(0)")
    assert set(run("test:odd", DOCUMENTS, training).failed) == {"one", "two"}

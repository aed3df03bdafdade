"""Models by name."""

import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from marked_text import marked

from toolkit.errors import MissingDependencyError, UsageError
from toolkit.models import registry
from toolkit.models.predictor import Request, Training
from toolkit.models.registry import Adapter, available, load_model
from toolkit.project import CrfSettings
from toolkit.schema import Schema


@pytest.fixture
def training(schema: Schema, tmp_path: Path) -> Training:
    return Training(lambda: [marked("a", "{GPE حلب}")], schema, CrfSettings(), tmp_path, "digest")


def test_a_model_is_loaded_by_its_name(training: Training) -> None:
    text = "من حلب"
    assert [text[s.start : s.end] for s in load_model("baseline:gazetteer", training).predict([text])[0]] == ["حلب"]


def test_an_unknown_model_lists_the_known_and_the_nearest(training: Training) -> None:
    with pytest.raises(UsageError, match="Did you mean baseline:gazetteer") as caught:
        load_model("baseline:gazeteer", training)
    assert "baseline:crf" in str(caught.value) and "FILE.jsonl" in str(caught.value)
    with pytest.raises(UsageError, match=r"no model 'xyz'.*There are: baseline:gazetteer"):
        load_model("xyz", training)


def test_a_missing_library_is_told_with_its_install_line(training: Training, monkeypatch: pytest.MonkeyPatch) -> None:
    line = "pip install 'tawsim[crf]'"
    absent = Adapter("needs what is not there", "no_such:load", libraries=("json", "no_such_library"), install=line)
    monkeypatch.setitem(registry.ADAPTERS, "absent", absent)
    with pytest.raises(MissingDependencyError, match=r"no_such_library is not installed. pip install 'tawsim\[crf\]'"):
        load_model("absent:model", training)
    row = next(row for row in available() if row.model == "absent")
    assert not row.is_installed and row.install == line


def test_a_folder_of_the_name_of_a_library_is_not_the_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, training: Training
) -> None:
    (tmp_path / "no_such_library").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    adapter = Adapter("needs more than a folder", "no_such:load", libraries=("no_such_library",), install="x")
    assert adapter.missing == ["no_such_library"]


def broken(request: Request) -> None:
    raise ImportError("cannot import name 'x' from 'json'", name="json")


def lacking(request: Request) -> None:
    importlib.import_module("no_such_library.part")


def raising(request: Request) -> None:
    raise KeyError("config\nmissing")


def silent(request: Request) -> object:
    return object()


@pytest.mark.parametrize(
    ("function", "kind", "message"),
    [
        ("broken", UsageError, "its library is installed but cannot be imported: cannot import name 'x' from 'json'"),
        ("lacking", MissingDependencyError, "needs no_such_library, which is not installed. Install it"),
        ("raising", UsageError, r"cannot be loaded: KeyError: 'config\\nmissing'"),
        ("silent", UsageError, "it gives a object, which has no method predict"),
    ],
)
def test_what_goes_wrong_in_an_adapter_is_one_line_that_says_which(
    function: str, kind: type[Exception], message: str, training: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter = Adapter("goes wrong", f"{__name__}:{function}", libraries=("json",), install="pip install it")
    monkeypatch.setitem(registry.ADAPTERS, "wrong", adapter)
    with pytest.raises(kind, match=f"wrong:x: {message}") as caught:
        load_model("wrong:x", training)
    assert type(caught.value) is kind and "\n" not in str(caught.value)


@pytest.mark.parametrize("name", [f"{kind}:" for kind, adapter in registry.ADAPTERS.items() if adapter.target])
def test_a_kind_without_its_target_says_what_is_expected(name: str, training: Training) -> None:
    with pytest.raises(UsageError, match=f"{name} names no model. Write {name}"):
        load_model(name, training)
    with pytest.raises(UsageError, match=f"Write {name}"):
        load_model(name.removesuffix(":"), training)


def test_every_install_line_names_an_extra_that_is_there_and_every_adapter_has_a_module(repository: Path) -> None:
    extras = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    for name, adapter in registry.ADAPTERS.items():
        module, function = adapter.load.split(":")
        assert module.startswith("toolkit.models.") and function == "load"
        assert bool(adapter.libraries) == bool(adapter.install), name
        for extra in re.findall(r"tawsim\[(\w+)\]", adapter.install):
            assert extra in extras


@pytest.mark.parametrize("kind", ["flair", "gliner"])
def test_a_library_that_cannot_stand_beside_ours_is_sent_to_the_command_adapter(kind: str) -> None:
    assert "command:" in registry.ADAPTERS[kind].install


def test_the_table_lists_models_and_files() -> None:
    models = [row.model for row in available()]
    assert models[:2] == ["baseline:gazetteer", "baseline:crf"] and models[-2:] == ["FILE.jsonl", "FILE.conll"]
    assert {model.partition(":")[0] for model in models[2:-2]} >= set(registry.ADAPTERS) - set(models)


def test_listing_and_loading_a_model_imports_no_other_library(repository: Path) -> None:
    """One library that costs seconds must not be paid for by who uses another."""
    code = """
import sys
from toolkit.models.registry import available
available()
heavy = {"torch", "transformers", "spacy", "stanza", "flair", "gliner", "camel_tools", "huggingface_hub", "pycrfsuite"}
print(*(heavy & set(sys.modules)), *(name for name in sys.modules if name.startswith("toolkit.models.hf")))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=repository, check=True)
    assert done.stdout.split() == []

"""Models by name."""

from pathlib import Path

import pytest
from marked_text import marked

from toolkit.errors import MissingDependencyError, UsageError
from toolkit.models import registry
from toolkit.models.predictor import Training
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
    absent = Adapter("needs what is not there", "no_such_library.adapter:load", "no_such_library", "crf")
    monkeypatch.setitem(registry.ADAPTERS, "absent:model", absent)
    with pytest.raises(MissingDependencyError, match=r"pip install 'tawsim\[crf\]'") as caught:
        load_model("absent:model", training)
    assert "no_such_library" in str(caught.value)
    row = next(row for row in available() if row.model == "absent:model")
    assert not row.is_installed and row.install == "pip install 'tawsim[crf]'"


def test_every_adapter_names_an_extra_of_the_distribution_and_a_function_that_is_there(repository: Path) -> None:
    import tomllib
    from importlib import import_module

    extras = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    for adapter in registry.ADAPTERS.values():
        module, function = adapter.load.split(":")
        assert callable(getattr(import_module(module), function))
        assert (adapter.library is None) == (adapter.extra is None)
        assert adapter.extra is None or adapter.extra in extras


def test_the_table_lists_models_and_files() -> None:
    assert [row.model for row in available()] == ["baseline:gazetteer", "baseline:crf", "FILE.jsonl", "FILE.conll"]

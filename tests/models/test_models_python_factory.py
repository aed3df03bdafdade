"""Functions of one's own as models."""

import sys
from pathlib import Path

import pytest

from toolkit.errors import MissingDependencyError, UsageError
from toolkit.models.options import Options
from toolkit.models.predictor import Span, Training
from toolkit.models.registry import load_model
from toolkit.project import CrfSettings

CODE = """
from toolkit.models.predictor import Span

class Model:
    def __init__(self, label="PER", labels=None):
        self.label, self.labels = label, labels
    def predict(self, texts):
        return [[Span(0, len(text), self.label)] for text in texts]
    def describe(self):
        return {"name": "own", "labels": str(self.labels)}

class Factories:
    make = Model

def strict(*, size):
    return Model(size)
def none():
    return None
def raising():
    raise ValueError("no\\nweights")
def lacking():
    import no_such_library
number = 1
"""


@pytest.fixture
def own(schema, tmp_path, monkeypatch):
    """A function that loads a name, with the options, from the working directory."""
    (tmp_path / "own_package").mkdir()
    (tmp_path / "own_package" / "own_model.py").write_text(CODE)
    (tmp_path / "own_broken.py").write_text("import no_such_library")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry and Path(entry) != tmp_path])
    training = Training(list, schema, CrfSettings(), tmp_path, "digest")

    def load_own(target, **options):
        return load_model(f"python:{target}", training, {"PER": "people"}, Options(options))

    yield load_own
    for module in ("own_package", "own_package.own_model", "own_broken"):
        sys.modules.pop(module, None)


def test_a_function_of_the_working_directory_gets_the_options_and_the_labels(own):
    model = own("own_package.own_model:Model", label="X")
    assert model.predict(["كريم"]) == [[Span(0, 4, "X")]]
    assert model.describe()["labels"] == "{'PER': 'people'}"
    assert own("own_package.own_model:Factories.make").predict(["ا"]) == [[Span(0, 1, "PER")]]
    assert own("own_package.own_model:strict", size="8").predict(["ا"]) == [[Span(0, 1, "8")]]


@pytest.mark.parametrize(
    ("target", "options", "message"),
    [
        ("own_package.own_model", {}, "names no function. Write python:package.module:function"),
        (":make", {}, "names no function"),
        ("own_package.absent:make", {}, "there is no module own_package.absent. It was looked for in "),
        ("absent.own_model:make", {}, "there is no module absent. It was looked for in "),
        ("own_package.own_model:absent", {}, "own_model.py: has no function absent"),
        ("own_package.own_model:number", {}, "has no function number"),
        ("own_package.own_model:none", {}, "it gives a NoneType, which has no method predict"),
        ("own_package.own_model:raising", {}, "cannot be loaded: ValueError: no weights"),
        ("own_package.own_model:strict", {}, "cannot be called: missing a required argument: 'size'. Its arguments: s"),
        ("own_package.own_model:none", {"size": "8"}, "got an unexpected keyword argument 'size'. Its arguments: none"),
    ],
)
def test_what_is_no_model_is_told_in_one_line(own, target, options, message):
    with pytest.raises(UsageError, match=message) as caught:
        own(target, **options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("target", ["own_broken:make", "own_package.own_model:lacking"])
def test_a_library_that_the_function_needs_is_not_taken_for_the_function(own, target):
    with pytest.raises(MissingDependencyError, match=f"python:{target}: needs no_such_library, which is not installed"):
        own(target)

"""Kinds of models that another distribution adds, with its real files on the path."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from toolkit.errors import UsageError
from toolkit.models.options import Options
from toolkit.models.predictor import Span, Training
from toolkit.models.registry import available, load_model
from toolkit.project import CrfSettings

ADAPTER = """
from toolkit.models.predictor import Span

class Model:
    def __init__(self, request):
        self.target, self.label = request.target, request.options.text("label", "PER")
    def predict(self, texts):
        return [[Span(0, len(text), self.label)] for text in texts]
    def describe(self):
        return {"name": "acme:" + self.target}

def load(request):
    return Model(request)
"""


@pytest.fixture
def training(schema, tmp_path):
    return Training(list, schema, CrfSettings(), tmp_path, "digest")


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A function that installs a distribution: its modules, and the metadata that pip would write."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))

    def install(name, points, **modules):
        for module, code in modules.items():
            (site / f"{module}.py").write_text(code, encoding="utf-8")
            monkeypatch.delitem(sys.modules, module, raising=False)
        info = site / f"{name}-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
        lines = "\n".join(f"{kind} = {value}" for kind, value in points.items())
        (info / "entry_points.txt").write_text(f"[tawsim.models]\n{lines}\n")
        return site

    yield install
    for module in ("acme_ner", "acme_broken"):
        sys.modules.pop(module, None)


def test_a_kind_of_another_distribution_is_listed_and_loaded(installed, training):
    installed("acme", {"acme": "acme_ner:load"}, acme_ner=ADAPTER)
    row = next(row for row in available() if row.model == "acme:…")
    assert (row.is_installed, row.package) == (True, "acme 1.2") and "acme_ner" not in sys.modules
    model = load_model("acme:big:one", training, options=Options({"label": "X"}))
    assert model.describe() == {"name": "acme:big:one"}
    assert model.predict(["كريم"]) == [[Span(0, 4, "X")]]
    with pytest.raises(UsageError, match=r"no option 'labl'\. Did you mean label"):
        load_model("acme:big", training, options=Options({"labl": "X"}))


def test_only_the_kind_that_is_named_is_imported(installed, training):
    installed("acme", {"acme": "acme_ner:load", "other": "acme_broken:load"}, acme_ner=ADAPTER, acme_broken="1 / 0")
    assert {row.model for row in available()} >= {"acme:…", "other:…"}
    load_model("acme:x", training)
    assert "acme_broken" not in sys.modules
    with pytest.raises(UsageError, match="acme_broken:load cannot be imported"):
        load_model("other:x", training)


@pytest.mark.parametrize(
    ("value", "code", "message"),
    [
        ("acme_broken:load", "1 / 0", "acme_broken:load cannot be imported: ZeroDivisionError"),
        ("acme_broken:load", "", "acme_broken:load cannot be imported: AttributeError"),
        ("acme_absent:load", "", "acme_absent:load cannot be imported: ModuleNotFoundError"),
        ("acme_broken:load", "load = 1", "acme_broken:load is no function"),
        ("acme_broken:load", "def load(request): 1 / 0", "cannot be loaded: ZeroDivisionError: division by zero"),
        ("acme_broken:load", "def load(request): pass", "it gives a NoneType, which has no method predict"),
        ("no value", "", "no value cannot be imported"),
    ],
)
def test_a_broken_entry_point_is_one_clear_line(installed, training, value, code, message):
    installed("acme", {"acme": value}, acme_broken=code)
    with pytest.raises(UsageError, match=message) as caught:
        load_model("acme:x", training)
    assert "\n" not in str(caught.value) and "acme" in str(caught.value)


def test_what_comes_with_this_package_goes_before(installed, training):
    installed("acme", {"python": "acme_ner:load"}, acme_ner=ADAPTER)
    assert [row.model for row in available() if row.model.startswith("python")] == ["python:MODULE:FUNCTION"]
    with pytest.raises(UsageError, match="names no function"):
        load_model("python:x", training)


def test_a_kind_that_two_distributions_declare_is_refused(installed, training):
    installed("acme", {"acme": "acme_ner:load"}, acme_ner=ADAPTER)
    installed("zenith", {"acme": "acme_broken:load"})
    with pytest.raises(UsageError, match=r"'acme' is declared by acme 1\.2 and zenith 1\.2"):
        load_model("acme:x", training)


def test_an_unknown_kind_lists_those_of_others_too(installed, training):
    installed("acme", {"acme": "acme_ner:load"})
    with pytest.raises(UsageError, match=r"Did you mean acme\? There are: .*acme:…"):
        load_model("acmee:x", training)


def tawsim(site, *arguments):
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(site), "COLUMNS": "200"}
    command = [sys.executable, "-m", "toolkit", *arguments]
    root = Path(__file__).resolve().parents[2]
    return subprocess.run(command, capture_output=True, text=True, cwd=root, env=environment, check=False)


def test_the_command_lists_every_kind_and_what_it_needs(installed):
    site = installed("acme", {"acme": "acme_broken:load"}, acme_broken="1 / 0")
    done = tawsim(site, "models", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    rows = {row["model"].partition(":")[0]: row for row in json.loads(done.stdout)}
    own = {"baseline", "transformers", "spacy", "stanza", "flair", "gliner", "camel"}
    assert own | {"hf-inference", "openai", "http", "command", "python", "acme"} <= rows.keys()
    assert rows["acme"]["package"] == "acme 1.2" and rows["command"]["is_installed"]
    assert all(row["is_installed"] != bool(row["install"]) for row in rows.values())
    shown = tawsim(site, "models").stdout
    for row in rows.values():
        assert row["model"] in shown
        assert row["install"].split("  ")[0] in shown, "the extra in brackets must survive the table"

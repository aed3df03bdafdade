"""The commands as a person types them: help, formats, and the way from annotations to a score."""

import json
from pathlib import Path

import pytest
from command_line import Tawsim

from toolkit import __version__
from toolkit.cli import COMMANDS


def test_help_lists_every_command_with_its_line(tawsim: Tawsim) -> None:
    ran = tawsim("--help")
    assert ran.code == 0
    for name, (_, short) in COMMANDS.items():
        assert f"{name} " in ran.out
        assert short in ran.out
    assert tawsim("--version").out == f"tawsim {__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_has_examples_that_name_it(name: str, tawsim: Tawsim) -> None:
    ran = tawsim(name, "--help")
    assert ran.code == 0
    assert "Examples:" in ran.out
    assert f"  tawsim {name}" in ran.out.split("Examples:")[1]


def test_a_misspelt_command_is_answered_with_the_nearest(tawsim: Tawsim) -> None:
    ran = tawsim("biuld")
    assert (ran.code, "Did you mean build?" in ran.err) == (2, True)


def test_from_annotations_to_a_score(project: Path, tawsim: Tawsim) -> None:
    assert tawsim("build", "--pin").code == 0
    assert json.loads((project / "annotations" / "splits.json").read_text())["002_6a8588874f53bb72"] == "test"
    ran = tawsim("score", "baseline:gazetteer", "--split", "train", "--format", "json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out) == json.loads((project / "results" / "baseline-gazetteer" / "result.json").read_text())
    assert json.loads(ran.out)["status"] == "complete"


def test_score_needs_no_project_where_the_dataset_is_named(project: Path, tawsim: Tawsim, tmp_path: Path) -> None:
    assert tawsim("build").code == 0
    ran = tawsim("score", "baseline:gazetteer", "--data", project / "build", "--split", "train", cwd=tmp_path)
    assert ran.code == 0, ran.err
    assert (tmp_path / "results" / "baseline-gazetteer" / "report.md").is_file()


def test_validate_formats(project: Path, tawsim: Tawsim) -> None:
    path = project / "annotations" / "sample" / "floods-01.json"
    native = json.loads(path.read_text(encoding="utf-8"))
    native["annotations"][0]["result"][0]["value"]["labels"] = ["PLANET"]
    path.write_text(json.dumps(native), encoding="utf-8")
    ran = tawsim("validate", "--format", "json")
    rows = json.loads(ran.out)
    assert ran.code == 1
    assert set(rows[0]) == {"code", "severity", "path", "annotation", "region", "start", "end", "message"}
    assert ("label-unknown", "annotations/sample/floods-01.json") in {(row["code"], row["path"]) for row in rows}
    github = tawsim("validate", path, "--format", "github")
    assert github.out.startswith("::error file=annotations/sample/floods-01.json,title=label-unknown::")


def test_datasheet_check_fails_when_the_annotations_have_moved_on(project: Path, tawsim: Tawsim) -> None:
    stale = tawsim("datasheet", "--check")
    assert (stale.code, "region-stale" in stale.out) == (1, True)
    assert tawsim("datasheet").code == 0
    assert tawsim("datasheet", "--check").code == 0


def test_build_from_an_export_equals_import_and_build(project: Path, tawsim: Tawsim) -> None:
    """The same articles by both ways are the same dataset; a task with an error is held back from both."""
    exported = []
    for number, name in enumerate(("floods-01", "floods-02"), 1):
        native = json.loads((project / "annotations" / "sample" / f"{name}.json").read_text(encoding="utf-8"))
        native["annotations"][0]["completed_by"] = 1
        exported.append({"id": number, **native})
    (project / "annotations" / "summits" / "002_6a8588874f53bb72.json").unlink()
    (project / "export.json").write_text(json.dumps(exported), encoding="utf-8")
    assert tawsim("build").code == 0
    assert tawsim("build", "--from", "export.json", "--out", "direct").code == 0
    digests = [json.loads((project / d / "manifest.json").read_text())["content_digest"] for d in ("build", "direct")]
    assert digests[0] == digests[1]

    exported[1]["annotations"][0]["result"][0]["value"]["labels"] = ["PLANET"]
    (project / "export.json").write_text(json.dumps(exported), encoding="utf-8")
    ran = tawsim("build", "--from", "export.json", "--out", "direct")
    assert (ran.code, "floods-02" in ran.text or "task=2" in ran.text) == (1, True)
    assert list(json.loads((project / "direct" / "manifest.json").read_text())["documents"]) == ["floods-01"]

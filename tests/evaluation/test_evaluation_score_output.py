"""What `tawsim score` writes beside the result: quotes where they may be, what GitHub shows, what the Hub takes."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from result_schema import checked
from typer.testing import CliRunner, Result

from toolkit.cli import app
from toolkit.errors import ConfigError
from toolkit.files import sha256, to_json
from toolkit.release.tables.reading import read_dataset


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def changed_manifest(project: Path, folder: Path, change: Any) -> Path:
    """A copy of the dataset with a changed manifest."""
    shutil.copytree(project / "build", folder)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    change(manifest)
    (folder / "manifest.json").write_text(to_json(manifest), "utf-8")
    return folder


def test_errors_are_quoted_in_the_page_alone_and_not_at_all_where_asked(project: Path, tmp_path: Path) -> None:
    lines = [
        {"id": document.id, "sha256": sha256(document.text.encode()), "entities": []}
        for document in read_dataset(project / "build").documents("test")
    ]
    path = tmp_path / "p.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    for option, quotes in (("--quotes", True), ("--no-quotes", False)):
        out = tmp_path / option
        assert run("score", path, "--project", project, "--out", out, option).exit_code == 0
        quoting = [file.name for file in out.iterdir() if "كريم العطار" in file.read_text("utf-8")]
        assert quoting == (["report.html"] if quotes else [])


def test_a_page_with_withheld_texts_says_that_it_stays_here(project: Path, tmp_path: Path) -> None:
    data = changed_manifest(project, tmp_path / "data", lambda found: found["documents"]["e2"].update(withheld=True))
    said = "report.html quotes 1 documents whose text may not be passed on"
    for option, told in (("--quotes", True), ("--no-quotes", False)):
        out = tmp_path / option
        done = run("score", "baseline:gazetteer", "--data", data, "--project", project, "--out", out, option)
        assert done.exit_code == 0 and (said in done.stderr) is told
        assert ("Keep this page to yourself." in (out / "report.html").read_text("utf-8")) is told


def test_a_run_of_github_gets_a_summary_and_annotations(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gates = tmp_path / "gates.yaml"
    gates.write_text("floors: {micro.f1: 1.0, PER.recall: 0.1}\n", "utf-8")
    arguments = ("score", "baseline:gazetteer", "--project", project, "--out", tmp_path / "out", "--gates", gates)
    plain = run(*arguments)
    assert plain.exit_code == 1 and "::error" not in plain.output
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    done = run(*arguments, "--format", "json")
    assert done.exit_code == 1 and json.loads(done.stdout)["status"] == "complete"
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("::")]
    assert line.startswith("::error title=gate floor micro.f1::micro.f1 is ")
    assert summary.read_text("utf-8") == (tmp_path / "out" / "report.md").read_text("utf-8")
    assert "| floor micro.f1 | at least 1 |" in summary.read_text("utf-8")
    for name in ("report.html", "comment.md", "junit.xml"):
        assert "floor PER.recall" in (tmp_path / "out" / name).read_text("utf-8")


def test_scores_for_the_hub_name_the_repository_of_the_dataset(project: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    refused = run("score", "baseline:gazetteer", "--project", project, "--out", out, "--hub-results")
    assert isinstance(refused.exception, ConfigError) and not out.exists()
    data = changed_manifest(project, tmp_path / "data", lambda found: found["settings"].update(repo="someone/composed"))
    arguments = ("score", "baseline:gazetteer", "--project", project, "--data", data, "--out", out, "--hub-results")
    assert run(*arguments).exit_code == 0
    entries = yaml.safe_load((out / "hub" / ".eval_results" / "someone--composed.yaml").read_text("utf-8"))
    assert entries[0]["dataset"] == {"id": "someone/composed", "task_id": "ner_word_micro_f1"}
    assert (
        entries[0]["value"]
        == checked(json.loads((out / "result.json").read_text("utf-8")))["scores"]["word"]["micro"]["f1"]
    )
    assert (out / "hub" / "model-index.md").read_text("utf-8").startswith("---\nmodel-index:\n")

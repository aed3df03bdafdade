"""`tawsim diff` and `tawsim build --previous` as a person types them."""

import json
import shutil
from pathlib import Path

import pytest
from command_line import Tawsim


@pytest.fixture
def built(project: Path, tawsim: Tawsim) -> Path:
    """The project pinned and built."""
    ran = tawsim("build", "--pin")
    assert ran.code == 0, ran.err
    return project / "build"


def declare(project: Path, version: str) -> None:
    path = project / "configs" / "dataset.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("version: 0.1.0", f"version: {version}"), encoding="utf-8")


def drop_first_mention(project: Path, name: str = "sample/floods-01") -> None:
    """Takes the first region that no relation joins out of an annotation file."""
    path = project / "annotations" / f"{name}.json"
    native = json.loads(path.read_text(encoding="utf-8"))
    results = native["annotations"][0]["result"]
    joined = {result[end] for result in results if result["type"] == "relation" for end in ("from_id", "to_id")}
    free = next(result for result in results if result["type"] == "labels" and result["id"] not in joined)
    results.remove(free)
    path.write_text(json.dumps(native, ensure_ascii=False), encoding="utf-8")


def test_nothing_changed_since_the_build(built: Path, tawsim: Tawsim) -> None:
    ran = tawsim("diff", "build")
    assert (ran.code, "Nothing changed that asks for another version than 0.1.0." in ran.out) == (0, True)
    assert tawsim("diff", "build", "--check").code == 0
    assert "Nothing changed" in tawsim("diff", "build", built).out


def test_changes_are_no_error_unless_the_version_is_checked(built: Path, project: Path, tawsim: Tawsim) -> None:
    drop_first_mention(project)
    ran = tawsim("diff", "build")
    assert ran.code == 0, ran.err
    assert "1 mention removed" in ran.out
    checked = tawsim("diff", "build", "--check")
    assert checked.code == 1
    assert checked.out == ran.out
    assert "version 0.1.0 exists already with other content: 1 mention removed" in checked.err


def test_formats_and_a_file(built: Path, project: Path, tawsim: Tawsim) -> None:
    drop_first_mention(project, "summits/002_6a8588874f53bb72")
    found = json.loads(tawsim("diff", "build", "--format", "json").out)
    assert found["counts"] == {"mention-removed": 1}
    assert found["changes"][0]["document"] == "002_6a8588874f53bb72"
    assert set(found["changes"][0]["old"]) == {"start", "end", "label"}
    assert (found["version"]["bump"], found["version"]["smallest"]) == ("MINOR", "0.2.0")
    assert found["scores"]["comparable"] is False
    ran = tawsim("diff", "build", "--format", "markdown", "--out", "notes/changes.md")
    assert (ran.code, ran.out) == (0, "notes/changes.md\n")
    assert "## 1 mention removed" in (project / "notes" / "changes.md").read_text(encoding="utf-8")


def test_a_project_folder_is_its_annotations_on_either_side(built: Path, project: Path, tawsim: Tawsim) -> None:
    other = project.parent / "other"
    shutil.copytree(project, other)
    drop_first_mention(other)
    forwards = json.loads(tawsim("diff", ".", other, "--format", "json").out)
    backwards = json.loads(tawsim("diff", other, ".", "--format", "json").out)
    assert forwards["counts"] == {"mention-removed": 1}
    assert backwards["counts"] == {"mention-added": 1}
    named = tawsim("diff", built, "--project", other, "--format", "json", cwd=project.parent)
    assert json.loads(named.out)["counts"] == {"mention-removed": 1}


def test_the_changelog_gets_a_section_once_the_version_will_do(built: Path, project: Path, tawsim: Tawsim) -> None:
    changelog = project / "annotations" / "CHANGELOG.md"
    assert tawsim("diff", "build", "--changelog").code == 0
    assert not changelog.exists()
    drop_first_mention(project)
    refused = tawsim("diff", "build", "--changelog")
    assert (refused.code, changelog.exists()) == (1, False)
    smallest = json.loads(tawsim("diff", "build", "--format", "json").out)["version"]["smallest"]
    declare(project, smallest)
    ran = tawsim("diff", "build", "--changelog")
    assert ran.code == 0, ran.err
    text = changelog.read_text(encoding="utf-8")
    assert f"## {smallest}\n" in text
    assert "- 1 mention removed" in text
    changelog.write_text(text.replace(f"## {smallest}\n", f"## {smallest}\n\nA word of ours.\n"), encoding="utf-8")
    again = tawsim("diff", "build", "--changelog")
    assert (again.code, "nothing to change" in again.err) == (0, True)
    assert "A word of ours." in changelog.read_text(encoding="utf-8")


def test_build_refuses_a_version_that_the_last_release_has_and_writes_nothing(
    built: Path, project: Path, tawsim: Tawsim
) -> None:
    release = project / "release"
    shutil.copytree(built, release)
    assert tawsim("build", "--previous", "release").code == 0
    drop_first_mention(project)
    before = (built / "manifest.json").read_bytes()
    refused = tawsim("build", "--previous", "release")
    assert refused.code == 1
    assert "version 0.1.0 exists already with other content: 1 mention removed" in refused.err
    assert (built / "manifest.json").read_bytes() == before
    assert not [path for path in project.iterdir() if path.name.startswith(".build")]
    declare(project, "9.0.0")
    assert tawsim("build", "--previous", "release").code == 0
    assert tawsim("diff", "release", "build", "--check").code == 0


def test_a_version_that_is_not_three_numbers_stops_a_build(project: Path, tawsim: Tawsim) -> None:
    declare(project, "v1.0")
    ran = tawsim("build")
    assert (ran.code, "'v1.0' is not X.Y.Z" in ran.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("nowhere",), 2, "nowhere: there is no dataset here"),
        (("build", "configs"), 2, "configs: there is no dataset here"),
        (("build", "build", "--changelog"), 2, "--changelog is about the annotations of a project"),
        (("build", "--format", "html"), 2, "'html'"),
        ((), 2, "OLD"),
    ],
)
def test_what_cannot_be_compared_is_told(
    arguments: tuple[str, ...], code: int, message: str, built: Path, tawsim: Tawsim
) -> None:
    ran = tawsim("diff", *arguments)
    assert (ran.code, message in ran.err) == (code, True), ran.err


def test_a_broken_dataset_is_told_in_one_line(built: Path, tawsim: Tawsim) -> None:
    next((built / "ner").glob("*.parquet")).write_bytes(b"PAR1")
    ran = tawsim("diff", "build")
    assert (ran.code, "not a Parquet file that can be read" in ran.err, len(ran.err.splitlines())) == (1, True, 1)


def test_annotations_with_errors_are_told(built: Path, project: Path, tawsim: Tawsim) -> None:
    (project / "annotations" / "sample" / "floods-01.json").write_text("{", encoding="utf-8")
    ran = tawsim("diff", "build")
    assert (ran.code, "the annotations have errors" in ran.err) == (1, True)


def test_outside_a_project_two_datasets_are_compared(built: Path, tawsim: Tawsim, tmp_path: Path) -> None:
    assert tawsim("diff", built, built, cwd=tmp_path).code == 0
    ran = tawsim("diff", built, cwd=tmp_path)
    assert (ran.code, "no project here" in ran.err) == (2, True)

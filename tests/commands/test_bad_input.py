"""Bad input: one clear line that says what, where and what to do, the right exit code, nothing half-written."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import Ran, Tawsim

TEXT = "وصلت هالة النجار إلى ريفاد صباحا."
Task = dict[str, Any]


def native_task(**changes: Any) -> Task:
    """A native export's task with two mentions and a relation, and some keys of it changed."""
    regions = [
        {"id": "a", "type": "labels", "from_name": "label", "to_name": "text"}
        | {"value": {"start": 5, "end": 16, "text": "هالة النجار", "labels": ["PER"]}},
        {"id": "b", "type": "labels", "from_name": "label", "to_name": "text"}
        | {"value": {"start": 21, "end": 26, "text": "ريفاد", "labels": ["GPE"]}},
        {"type": "relation", "from_id": "a", "to_id": "b", "direction": "right", "labels": ["VISITED"]},
    ]
    data = {"article_id": "arrival-01", "text": TEXT} | changes.pop("data", {})
    annotation = {"id": 3, "completed_by": 1, "unique_id": "u-1", "result": changes.pop("result", regions)}
    return {"id": 7, "data": data, "annotations": [annotation]} | changes


def regions_with(place: int, **value: Any) -> list[dict[str, Any]]:
    """The result of `native_task` with the value of one region changed."""
    result: list[dict[str, Any]] = native_task()["annotations"][0]["result"]
    result[place]["value"] |= value
    return result


def assert_told(ran: Ran, code: int, *words: str) -> None:
    """The exit code, every word in what was said, and no traceback."""
    assert ran.code == code, ran.text
    assert "Traceback" not in ran.text
    for word in words:
        assert word in ran.text, ran.text


BAD_TASKS: dict[str, tuple[Callable[[], Task], tuple[str, ...]]] = {
    "no text": (lambda: {"id": 7, "data": {"article_id": "arrival-01"}, "annotations": []}, ("text", "7")),
    "text: 5": (lambda: native_task(data={"text": 5}), ("a number", "string")),
    "offsets as strings": (lambda: native_task(result=regions_with(0, start="5")), ("'5'", "region a")),
    "end before start": (lambda: native_task(result=regions_with(0, start=16, end=5)), ("region a", "16", "5")),
    "label not in the schema": (
        lambda: native_task(result=regions_with(1, labels=["PLANET"])),
        ("PLANET", "region b", "--labels"),
    ),
    "dangling relation": (
        lambda: native_task(
            result=[*regions_with(0)[:2], {"type": "relation", "from_id": "a", "to_id": "zz", "labels": ["VISITED"]}]
        ),
        ("zz",),
    ),
    "id with a path": (lambda: native_task(data={"article_id": "../../evil"}), ("../../evil",)),
}


@pytest.mark.parametrize("name", BAD_TASKS)
def test_a_bad_task_is_held_back_and_the_others_go_through(name: str, project: Path, tawsim: Tawsim) -> None:
    make, words = BAD_TASKS[name]
    good = native_task(id=8, data={"article_id": "arrival-02"})
    (project / "export.json").write_text(json.dumps([make(), good], ensure_ascii=False), encoding="utf-8")
    before = {path for path in project.parent.rglob("*") if path.is_file()}
    ran = tawsim("import", "export.json", "--collection", "sample")
    assert_told(ran, 1, *words)
    written = {path for path in project.parent.rglob("*") if path.is_file()} - before
    assert written == {project / "annotations" / "sample" / "arrival-02.json"}


def test_an_export_with_other_labels_names_each_and_the_option(project: Path, tawsim: Tawsim) -> None:
    result = regions_with(0, labels=["Person"])
    result[1]["value"]["labels"] = ["Place"]
    (project / "export.json").write_text(json.dumps([native_task(result=result)]), encoding="utf-8")
    assert_told(tawsim("import", "export.json", "--collection", "sample"), 1, "Person", "Place", "--labels")
    config = (
        '<View><Labels name="label" toName="text"><Label value="Person"/><Label value="Place"/></Labels>'
        '<Text name="text" value="$text"/><Relations><Relation value="VISITED"/></Relations></View>'
    )
    (project / "labels.xml").write_text(config, encoding="utf-8")
    ran = tawsim("import", "export.json", "--out", "foreign", "--labels", "labels.xml")
    assert_told(ran, 0, "written: 1")
    assert "Person" in (project / "foreign" / "arrival-01.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "content", "code", "words"),
    [
        ("cut.json", json.dumps([native_task()])[:-40], 1, ("cut.json", "line 1")),
        ("min.json", json.dumps([{"id": 1, "text": TEXT, "label": [], "annotator": 1}]), 2, ("JSON_MIN", "JSON")),
        ("table.csv", "annotation_id,annotator,text,label\n1,1,x,[]\n", 2, ("CSV", "JSON")),
        ("tags.conll", "-DOCSTART- -X- O\nهالة -X- _ B-PER\n", 2, ("CoNLL", "JSON")),
    ],
)
def test_a_file_of_another_kind_is_refused_by_name(
    name: str, content: str, code: int, words: tuple[str, ...], project: Path, tawsim: Tawsim
) -> None:
    (project / name).write_text(content, encoding="utf-8")
    ran = tawsim("import", name, "--collection", "sample")
    assert ran.code == code, ran.text
    assert all(word.lower() in ran.text.lower() for word in words), ran.text
    assert "Traceback" not in ran.text


def test_a_changed_article_is_told_and_nothing_is_built(project: Path, tawsim: Tawsim, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "002_6a8588874f53bb72.txt").write_text("نص آخر لا يشبه المقال.", encoding="utf-8")
    ran = tawsim("build", articles=folder)
    assert_told(ran, 1, "article-changed", "002_6a8588874f53bb72", "hydrate")
    assert not (project / "build").exists()


def test_two_files_with_one_article_id(project: Path, tawsim: Tawsim) -> None:
    copy = project / "annotations" / "summits" / "floods-01.json"
    copy.write_bytes((project / "annotations" / "sample" / "floods-01.json").read_bytes())
    assert_told(tawsim("validate"), 1, "annotations/summits/floods-01.json", "annotations/sample/floods-01.json")
    assert_told(tawsim("build"), 1, "nothing was built")
    assert not (project / "build").exists()


def test_a_text_in_a_collection_that_withholds_it(project: Path, tawsim: Tawsim) -> None:
    (project / "annotations" / "sample" / "floods-01.json").rename(
        project / "annotations" / "summits" / "floods-01.json"
    )
    assert_told(tawsim("validate"), 1, "text-stored", "annotations/summits/floods-01.json")


def test_an_article_id_with_a_path_in_an_annotation_file(project: Path, tawsim: Tawsim) -> None:
    path = project / "annotations" / "sample" / "floods-01.json"
    native = json.loads(path.read_text(encoding="utf-8"))
    native["data"]["article_id"] = "../evil"
    path.write_text(json.dumps(native), encoding="utf-8")
    assert_told(tawsim("validate"), 1, "../evil", "annotations/sample/floods-01.json")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("entities: [PER", ("labels.yaml:", "not valid YAML")),
        ("entitties: {}", ("labels.yaml:2", "'entitties'", "known here")),
    ],
)
def test_a_broken_yaml_file_is_named_with_its_line_and_key(
    line: str, words: tuple[str, ...], project: Path, tawsim: Tawsim
) -> None:
    (project / "configs" / "labels.yaml").write_text(f"version: 1\n{line}\n", encoding="utf-8")
    assert_told(tawsim("validate"), 2, *words)


def test_folders_that_are_not_there(project: Path, tawsim: Tawsim) -> None:
    assert_told(tawsim("build", "--articles", "nowhere"), 2, "nowhere", "Check the path")
    assert_told(tawsim("import", "nowhere.json", "--collection", "sample"), 2, "nowhere.json")
    assert_told(tawsim("score", "baseline:gazetteer"), 2, "tawsim build")
    assert_told(tawsim("validate", "--project", "nowhere"), 2, "nowhere")
    assert_told(tawsim("validate", cwd=project.parent), 2, "--project")


def test_a_folder_that_cannot_be_read(project: Path, tawsim: Tawsim) -> None:
    (project / "annotations" / "summits").rename(project / "annotations" / "elsewhere")
    (project / "annotations" / "summits").write_text("not a folder", encoding="utf-8")
    assert_told(tawsim("validate"), 2, "annotations/summits", "not a directory")


def test_a_full_disk_leaves_nothing_behind(small_disk: Path, tawsim: Tawsim) -> None:
    ran = tawsim("build", "--out", small_disk / "build")
    assert_told(ran, 3, "no space left", str(small_disk))
    assert list(small_disk.iterdir()) == []


def test_a_folder_that_we_did_not_write_is_left_alone(project: Path, tawsim: Tawsim) -> None:
    (project / "mine").mkdir()
    (project / "mine" / "thesis.txt").write_text("years of work", encoding="utf-8")
    assert_told(tawsim("build", "--out", "mine"), 2, "mine", "--out")
    assert (project / "mine" / "thesis.txt").read_text(encoding="utf-8") == "years of work"

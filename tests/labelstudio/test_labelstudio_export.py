"""Files to raw tasks: every wrapper, every place, and what is refused by name."""

import json

import pytest
from composed_exports import annotation, task, write

from toolkit.errors import DataError, UsageError
from toolkit.labelstudio.reading.export import export_files, read_export

TASKS = [{**task(annotation()), "id": 17}, {**task(annotation()), "id": 18}]


def places(path):
    return [raw.place.removeprefix(str(path)) for raw in read_export(path)]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_list_pretty_or_compact_is_placed_by_the_ids_of_the_tasks(tmp_path, indent):
    path = tmp_path / "export.json"
    path.write_text(json.dumps(TASKS, indent=indent), encoding="utf-8-sig")
    assert [raw.native for raw in read_export(path)] == TASKS
    assert places(path) == ["#task=17", "#task=18"]


@pytest.mark.parametrize("ids", [(1, 1), (None, 2), (1.5, 2), (3, "3")])
def test_tasks_without_ids_of_their_own_are_placed_by_position(tmp_path, ids):
    content = [{**one, "id": id_} for one, id_ in zip(TASKS, ids, strict=True)]
    assert places(write(tmp_path, content)) == ["#position=1", "#position=2"]


def test_jsonl_is_placed_by_line_and_blank_lines_count(tmp_path):
    path = tmp_path / "export.jsonl"
    lines = [json.dumps(one, ensure_ascii=False) for one in TASKS]
    path.write_bytes(f"{lines[0]}\r\n\r\n{lines[1]}\n".encode())
    assert places(path) == ["#line=1", "#line=3"]


def test_one_task_alone_is_the_file(tmp_path):
    pretty = tmp_path / "one.json"
    pretty.write_text(json.dumps(TASKS[0], indent=2))
    assert places(pretty) == [""]
    assert [raw.native for raw in read_export(pretty)] == TASKS[:1]


@pytest.mark.parametrize(
    "wrapped",
    [
        {"tasks": TASKS},
        {"version": 1, "projects": [{"project": {"id": 3}, "tasks": TASKS[:1]}, {"project": {}, "tasks": TASKS[1:]}]},
        [{"project": {"id": 3}, "tasks": TASKS}],
    ],
)
def test_wrappers_around_the_list_are_opened(tmp_path, wrapped):
    path = write(tmp_path, wrapped)
    assert [raw.native for raw in read_export(path)] == TASKS
    assert places(path) == ["#task=17", "#task=18"]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ('[{"id": 1, "text": "مرحبا", "label": [], "annotator": 1}]', "JSON_MIN"),
        ('{"text": "مرحبا", "annotator": 1}', "JSON_MIN"),
        ("id,text,label,annotator,annotation_id\n1,مرحبا,[],1,1\n", "CSV"),
        ("id\ttext\tannotator\n1\tمرحبا\t1\n", "TSV"),
        ("-DOCSTART- -X- O\nمرحبا -X- _ O\n", "CoNLL2003"),
        ("مرحبا -X- _ B-GPE\n", "CoNLL2003"),
        ("<!DOCTYPE html><html></html>", "HTML"),
        ("[1, 2]", "neither a task"),
    ],
)
def test_other_exports_are_refused_by_name_with_the_one_to_use(tmp_path, content, name):
    path = tmp_path / "export.txt"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=name) as caught:
        list(read_export(path))
    assert str(path) in str(caught.value)
    assert "Export the project as JSON (not JSON_MIN)" in str(caught.value)
    assert caught.value.exit_code == 2


def test_csv_is_known_by_its_name_too(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(UsageError, match="CSV"):
        list(read_export(path))


def test_a_cut_off_file_names_the_place(tmp_path):
    path = tmp_path / "export.json"
    path.write_text(json.dumps(TASKS, indent=1)[:-40])
    with pytest.raises(DataError, match=r"not valid JSON at line \d+ column \d+") as caught:
        list(read_export(path))
    assert caught.value.exit_code == 1


def test_a_broken_line_of_jsonl_is_named(tmp_path):
    path = tmp_path / "export.jsonl"
    line = json.dumps(TASKS[0])
    path.write_text(f"{line}\n{line}\n{line[:50]}\n")
    with pytest.raises(DataError, match=r"export\.jsonl#line=3: not valid JSON at line 3 column"):
        list(read_export(path))


@pytest.mark.parametrize(
    ("content", "what"), [("", "empty"), (" \n", "empty"), ("[]", "no tasks"), ('{"tasks":[]}', "no tasks")]
)
def test_nothing_in_it_is_an_error_that_says_so(tmp_path, content, what):
    path = tmp_path / "export.json"
    path.write_text(content)
    with pytest.raises(DataError, match=what):
        list(read_export(path))


def test_a_folder_stands_for_its_exports(tmp_path):
    write(tmp_path, TASKS, "b.json")
    write(tmp_path, TASKS, "a.jsonl")
    (tmp_path / "notes.txt").write_text("x")
    assert [path.name for path in export_files([tmp_path])] == ["a.jsonl", "b.json"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=r"no \.json"):
        export_files([tmp_path / "empty"])

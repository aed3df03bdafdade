"""Tasks to annotation files: merged with what is there, never outside the folder, quotations out where withheld."""

import json
from dataclasses import replace

import pytest
from composed_exports import TEXT, annotation, at, only, read, region, task

from toolkit.corpus.standoff import strip
from toolkit.errors import IncompleteError
from toolkit.files import to_json
from toolkit.labelstudio.reading.storing import store
from toolkit.native import Reader, to_native

CAIRO = region("t", at(TEXT, "القاهرة"))


def stored(path):
    return Reader(str(path)).task(json.loads(path.read_text(encoding="utf-8")))


def test_a_file_an_article_and_equal_bytes_the_second_time(tmp_path):
    found = only(read(tmp_path, task(annotation(CAIRO))))
    out = tmp_path / "out"
    first, second = store([found], out, [], None), store([found], out, [], None)
    assert (first.written, first.unchanged) == (1, 0)
    assert (second.written, second.unchanged) == (0, 1)
    assert [path.name for path in out.iterdir()] == ["visit.json"]
    assert (out / "visit.json").read_text(encoding="utf-8") == to_json(to_native(found))


def test_annotations_that_are_there_are_kept_and_the_same_id_is_replaced(tmp_path):
    theirs = annotation(CAIRO, unique_id="theirs", completed_by=2)
    store([only(read(tmp_path, task(theirs, annotation(CAIRO), data={"event": "a", "old": 1})))], tmp_path, [], None)
    store([only(read(tmp_path, task(annotation(), data={"event": "b"})))], tmp_path, [], None)
    found = stored(tmp_path / "visit.json")
    assert {a.id: len(a.regions) for a in found.annotations} == {"theirs": 1, "annotation-1": 0}
    assert found.data == {"event": "b", "old": 1}


@pytest.mark.parametrize(
    ("content", "code"),
    [("{", "existing-file"), ("{}", "existing-file"), (None, "article-clash")],
)
def test_a_file_that_is_something_else_is_left_alone(tmp_path, content, code):
    found = only(read(tmp_path, task(annotation(CAIRO))))
    path = tmp_path / "visit.json"
    path.write_text(content or to_json(to_native(replace(found, sha256="0" * 64))), encoding="utf-8")
    before = path.read_bytes()
    outcome = store([found], tmp_path, [], None)
    assert (outcome.written, outcome.held_back) == (0, 1)
    assert [(f.code, f.path) for f in outcome.findings] == [(code, str(path))]
    assert path.read_bytes() == before


def test_an_article_of_another_collection_is_held_back(tmp_path):
    found = only(read(tmp_path, task(annotation(CAIRO))))
    store([found], tmp_path / "one", [], None)
    outcome = store([found, replace(found, article_id="other")], tmp_path / "two", [tmp_path / "one"], None)
    assert (outcome.written, outcome.held_back) == (1, 1)
    assert [f.code for f in outcome.findings] == ["article-elsewhere"]
    assert [path.name for path in (tmp_path / "two").iterdir()] == ["other.json"]


def test_withheld_texts_leave_no_trace_and_merge_with_files_that_have_none(tmp_path):
    note = {"id": "t", "from_name": "note", "to_name": "text", "type": "textarea", "value": {"text": ["القاهرة"]}}
    quoting = {"id": "d", "from_name": "q", "to_name": "text", "type": "choices", "value": {"choices": [TEXT]}}
    marked = {**CAIRO, "meta": {"text": ["القاهرة"]}, "score": 0.5}
    data = {"copy": f"({TEXT})", "event": "رحلة", "parts": {"lead": [TEXT[:40]]}}
    guess = {"model_version": "m", "result": [CAIRO, note]}
    raw = task(annotation(marked, note, quoting), data=data, predictions=[guess])
    outcome = store([only(read(tmp_path, raw))], tmp_path / "out", [], strip)
    written = (tmp_path / "out" / "visit.json").read_text(encoding="utf-8")
    assert not any(word in written for word in TEXT.split())
    assert {f.message.split(" quotes")[0] for f in outcome.findings} == {
        "data.copy",
        "data.parts",
        "a comment on region t",
        "textarea note t",
        "choices q d",
    }
    second = annotation(CAIRO, unique_id="second", completed_by=2)
    store([only(read(tmp_path, task(second)))], tmp_path / "out", [], strip)
    found = stored(tmp_path / "out" / "visit.json")
    assert found.text is None
    assert found.data == {"event": "رحلة"}
    assert [a.id for a in found.annotations] == ["second", "annotation-1"]
    assert len({r.digest for a in found.annotations for r in a.regions}) == 1
    assert all(r.text is None and r.digest for a in found.annotations for r in a.regions)


def test_a_full_disk_leaves_whole_files_only(tmp_path, small_disk):
    found = only(read(tmp_path, task(annotation(CAIRO), data={"pad": "ا" * 9000})))
    many = [replace(found, article_id=f"a{number}") for number in range(10)]
    with pytest.raises(IncompleteError, match="no space left"):
        store(many, small_disk, [], None)
    files = sorted(small_disk.iterdir())
    assert 0 < len(files) < 10
    assert all(stored(path) is not None for path in files)

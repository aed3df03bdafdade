"""push against a real Label Studio: planned, never twice, nothing overwritten."""

import json

import pytest
from sync_project import LABELS, OTHER, TEXT, Sync, article

from toolkit.annotation import Annotation
from toolkit.files import sha256

pytestmark = [pytest.mark.labelstudio, pytest.mark.xdist_group("labelstudio")]


def test_a_dry_run_sends_and_writes_nothing(sync: Sync):
    sync.write(article("visit-1", TEXT))
    done = sync.ok("push", "--dry-run")
    assert "create: 1 (visit-1)" in done.err
    assert sync.studio.json("GET", f"/api/projects/?title={sync.title}")["results"] == []
    assert not (sync.folder / ".tawsim").exists()


def test_pushing_twice_creates_nothing_even_without_the_state(sync: Sync):
    sync.write(article("visit-1", TEXT, event="زيارة"))
    sync.write(article("خبر-2", OTHER))
    assert "created 2, changed 0" in sync.ok("push").out
    assert "created 0, changed 0" in sync.ok("push").out
    sync.drop_state()
    assert "created 0, changed 0" in sync.ok("push").out
    tasks = sync.tasks()
    sent = TEXT.replace("\r\n", "\n")
    assert tasks["visit-1"]["data"] == {
        "article_id": "visit-1",
        "event": "زيارة",
        "text": sent,
        "sha256": sha256(sent.encode()),
        "length": len(sent),
    }


def test_new_texts_are_pushed_and_come_back_as_files_of_a_collection(sync: Sync, tmp_path):
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "neu-1.txt").write_bytes(TEXT.encode())
    assert "created 1" in sync.ok("push", folder).out
    sync.annotate("neu-1")
    done = sync.run("pull")
    assert (done.code, sync.files()) == (1, {})
    assert "error[article-new]" in done.out
    assert "new 1" in sync.ok("pull", "--collection", "closed", "--articles", folder).out
    written = json.loads(sync.files()["neu-1"])
    assert written["data"] == {"article_id": "neu-1", "sha256": sha256(TEXT.encode()), "length": len(TEXT)}
    assert sync.run("validate", sync.folder / "annotations", "--articles", folder).code == 0


def test_annotations_are_sent_once_and_pulled_back_byte_by_byte(sync: Sync, tmp_path):
    sync.write(article("visit-1", TEXT, sync.visit(1), sync.visit(2, who="omar"), source="وكالة"))
    sync.write(article("other-1", OTHER, Annotation(sync.uuid(3), "omar", cancelled=True)))
    before = sync.files()
    assert "annotations sent 3" in sync.ok("push", "--annotations").out
    assert "annotations sent 0" in sync.ok("push", "--annotations").out
    assert "unchanged 2" in sync.ok("pull").out
    sync.drop_state()
    assert "unchanged 2" in sync.ok("pull", "--full").out
    assert sync.files() == before


def test_spans_are_moved_where_crlf_becomes_lf(sync: Sync):
    sync.write(article("visit-1", TEXT, sync.visit(1)))
    sync.ok("push", "--annotations")
    task = sync.tasks()["visit-1"]
    regions = [item["value"] for item in task["annotations"][0]["result"] if item["type"] == "labels"]
    assert {task["data"]["text"][value["start"] : value["end"]] for value in regions} == {
        "سلمى الراوي",
        "كولانة",
        "طنجة",
    }


def test_an_annotator_without_an_account_stops_the_push_before_anything_is_sent(sync: Sync):
    sync.configure(accounts={sync.studio.lead: "sara", 9999: "omar"})
    sync.write(article("visit-1", TEXT, sync.visit(1, who="omar")))
    done = sync.run("push", "--annotations")
    assert done.code == 2
    assert "annotators without an account on this server: omar" in done.err
    assert sync.studio.json("GET", f"/api/projects/?title={sync.title}")["results"] == []


def test_an_invalid_annotation_stops_the_push(sync: Sync):
    broken = sync.visit(1)
    sync.write(article("visit-1", TEXT, Annotation(broken.id, "sara", broken.regions[:1], (), broken.links)))
    done = sync.run("push", "--annotations")
    assert done.code == 1
    assert "error[relation-dangling]" in done.out
    assert sync.studio.json("GET", f"/api/projects/?title={sync.title}")["results"] == []


def test_a_changed_text_is_sent_only_where_nobody_has_worked_on_it(sync: Sync):
    for name in ("free", "taken", "drafted"):
        sync.write(article(name, OTHER))
    sync.ok("push")
    sync.annotate("taken")
    drafted = sync.tasks()["drafted"]["id"]
    sync.studio.call("POST", f"/api/tasks/{drafted}/drafts?project={sync.number}", {"result": [], "lead_time": 1})
    for name in ("free", "taken", "drafted"):
        sync.write(article(name, f"ثم {OTHER}"))
    done = sync.run("push")
    assert done.code == 1
    assert done.out.count("error[text-changed]") == 2
    assert "which carries annotations: 1; nothing was sent" in done.out
    assert "created 0, changed 1" in done.out
    texts = {name: task["data"]["text"] for name, task in sync.tasks().items()}
    assert texts == {"free": f"ثم {OTHER}", "taken": OTHER, "drafted": OTHER}
    status = sync.run("status")
    assert (status.code, status.out.count("text differs")) == (1, 2)


def test_changed_data_are_sent_and_what_the_server_has_besides_stays(sync: Sync):
    sync.write(article("visit-1", OTHER))
    sync.ok("push")
    task = sync.tasks()["visit-1"]
    sync.studio.call("PATCH", f"/api/tasks/{task['id']}/", {"data": {**task["data"], "desk": "أخبار"}})
    sync.write(article("visit-1", OTHER, event="زيارة"))
    assert "changed 1" in sync.ok("push").out
    data = sync.tasks()["visit-1"]["data"]
    assert (data["desk"], data["event"], data["text"]) == ("أخبار", "زيارة", OTHER)
    assert "changed 0" in sync.ok("push").out


def test_a_label_in_use_cannot_be_removed(sync: Sync):
    sync.write(article("visit-1", TEXT, sync.visit(1)))
    sync.ok("push", "--annotations")
    sync.configure(
        LABELS.replace("GPE: {}, ORG: {}", "ORG: {}").replace("relations: {VISITED: {head: [PER], tail: [GPE]}}", "")
    )
    (sync.folder / "annotations" / "open" / "visit-1.json").unlink()
    sync.write(article("visit-2", OTHER))
    done = sync.run("push")
    assert done.code == 1
    assert "error[label-removed]" in done.out
    assert "label GPE (2), relation VISITED (1)" in done.out
    assert list(sync.tasks()) == ["visit-1"]
    config = sync.studio.json("GET", f"/api/projects/{sync.number}")["label_config"]
    assert "GPE" in config
    sync.configure(LABELS.replace(", ORG: {}", ", LOC: {}"))
    assert "created 1" in sync.ok("push").out
    config = sync.studio.json("GET", f"/api/projects/{sync.number}")["label_config"]
    assert ("LOC" in config, "ORG" in config) == (True, False)


def test_a_deleted_task_is_named_and_made_again_only_when_asked(sync: Sync):
    for name in ("a-1", "b-1"):
        sync.write(article(name, OTHER))
    sync.ok("push")
    sync.studio.call("DELETE", f"/api/tasks/{sync.tasks()['a-1']['id']}/")
    done = sync.ok("push")
    assert "warning[remote-gone] a-1" in done.out
    assert "created 0" in done.out
    assert "warning[remote-gone] a-1" in sync.ok("pull").out
    assert "deleted on the server" in sync.run("status").out
    assert "created 1" in sync.ok("push", "--recreate").out
    assert sorted(sync.tasks()) == ["a-1", "b-1"]
    assert "remote-gone" not in sync.ok("pull").out


def test_an_annotation_that_the_server_has_in_another_version_stays_there(sync: Sync):
    sync.write(article("visit-1", TEXT, sync.visit(1)))
    sync.ok("push", "--annotations")
    shorter = sync.visit(1)
    sync.write(article("visit-1", TEXT, Annotation(shorter.id, "sara", shorter.regions, (), ())))
    done = sync.ok("push", "--annotations")
    assert "warning[annotation-differs] visit-1" in done.out
    assert "annotations sent 0" in done.out
    assert len(sync.tasks()["visit-1"]["annotations"][0]["result"]) == 4


def test_predictions_are_sent_once_with_model_score_and_relations(sync: Sync, tmp_path):
    sync.write(article("visit-1", TEXT))
    start, town = TEXT.index("سلمى"), TEXT.index("طنجة")
    spans = [
        {"start": start, "end": start + 4, "label": "PER", "score": 0.5},
        {"start": town, "end": town + 4, "label": "GPE", "score": 1.0},
    ]
    line = {"id": "visit-1", "sha256": sha256(TEXT.encode()), "entities": spans}
    path = tmp_path / "p.jsonl"
    path.write_text(json.dumps({**line, "relations": [{"head": 0, "tail": 1, "label": "VISITED"}]}), encoding="utf-8")
    assert "predictions sent 1" in sync.ok("push", "--predictions", path, "--model", "crf-1").out
    assert "predictions sent 0" in sync.ok("push", "--predictions", path, "--model", "crf-1").out
    task = sync.studio.json("GET", f"/api/tasks/{sync.tasks()['visit-1']['id']}")
    (found,) = task["predictions"]
    assert (found["model_version"], found["score"]) == ("crf-1", 0.75)
    text = task["data"]["text"]
    mentions = [text[i["value"]["start"] : i["value"]["end"]] for i in found["result"] if i["type"] == "labels"]
    assert mentions == ["سلمى", "طنجة"]
    assert [i["labels"] for i in found["result"] if i["type"] == "relation"] == [["VISITED"]]
    path.write_text(json.dumps({**line, "relations": [{"head": 0, "tail": 7, "label": "VISITED"}]}), encoding="utf-8")
    done = sync.run("push", "--predictions", path)
    assert (done.code, "error[relation-dangling]" in done.out) == (1, True)


def test_two_projects_of_one_title_have_to_be_told_apart(sync: Sync):
    sync.write(article("visit-1", OTHER))
    config = (
        "<View><Labels name='label' toName='text'><Label value='PER'/></Labels><Text name='text' value='$text'/></View>"
    )
    first, second = sync.studio.project(sync.title, config), sync.studio.project(sync.title, config)
    done = sync.run("push")
    assert done.code == 2
    assert f"several projects have the title '{sync.title}': {first}, {second}" in done.err
    assert "created 1" in sync.ok("push", "--server-project", second).out
    assert "created 0" in sync.ok("push").out


def test_an_id_that_another_project_of_the_server_has_is_told(sync: Sync):
    sync.write(article("visit-1", TEXT, sync.visit(1)))
    sync.ok("push", "--annotations")
    first = sync.number
    sync.studio.call("PATCH", f"/api/projects/{first}/", {"title": "renamed"})
    config = sync.studio.json("GET", f"/api/projects/{first}")["label_config"]
    second = sync.studio.project(sync.title, config)
    done = sync.run("push", "--annotations", "--server-project", second)
    assert done.code == 1
    assert f"error[annotation-elsewhere] visit-1, annotation {sync.uuid(1)}" in done.out
    assert "created 1, changed 0, annotations sent 0" in done.out

"""pull and status against a real Label Studio: only what changed, conflicts kept on both sides, drafts named."""

import json

import pytest
from sync_project import OTHER, TEXT, Sync, article, region

from toolkit.annotation import Annotation

pytestmark = [pytest.mark.labelstudio, pytest.mark.xdist_group("labelstudio")]


def annotators(content: bytes) -> list[str]:
    return [annotation["completed_by"] for annotation in json.loads(content)["annotations"]]


def prepared(sync: Sync) -> None:
    """Two articles on the server, one with our annotation, pulled once."""
    sync.write(article("visit-1", TEXT, sync.visit(1)))
    sync.write(article("other-1", OTHER))
    sync.ok("push", "--annotations")
    sync.ok("pull")


def test_only_what_changed_is_fetched_and_a_second_pull_writes_nothing(sync: Sync):
    prepared(sync)
    sync.annotate("other-1")
    assert sync.ok("pull").out == "pulled: written 1\n"
    assert annotators(sync.files()["other-1"]) == ["sara"]
    before = {path: path.stat().st_mtime_ns for path in (sync.folder / "annotations").rglob("*.json")}
    assert sync.ok("pull").out == "pulled: nothing changed\n"
    assert sync.ok("pull", "--full").out == "pulled: unchanged 2\n"
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_a_dry_run_writes_neither_files_nor_state(sync: Sync):
    prepared(sync)
    sync.annotate("other-1")
    before = {path: path.read_bytes() for path in sync.folder.rglob("*.json")}
    done = sync.ok("pull", "--dry-run")
    assert "would pull: written 1" in done.out
    assert "other-1.json" in done.err
    assert {path: path.read_bytes() for path in sync.folder.rglob("*.json")} == before
    assert "written 1" in sync.ok("pull").out


def test_an_annotation_that_only_we_have_survives_a_pull(sync: Sync):
    sync.write(article("visit-1", TEXT, sync.visit(1)))
    sync.ok("push")
    sync.annotate("visit-1", completed_by=sync.studio.user("omar"))
    assert "written 1" in sync.ok("pull").out
    assert annotators(sync.files()["visit-1"]) == ["omar", "sara"]
    assert sync.ok("pull", "--full").out == "pulled: unchanged 1\n"


def test_what_changed_on_both_sides_is_a_conflict_that_keeps_both(sync: Sync):
    prepared(sync)
    number = sync.tasks()["visit-1"]["annotations"][0]["id"]
    result = sync.tasks()["visit-1"]["annotations"][0]["result"]
    sync.studio.call("PATCH", f"/api/annotations/{number}/", {"result": result[:2]})
    more = sync.visit(1, more=(region(TEXT, "x", "إلى", "ORG"),))
    path = sync.write(article("visit-1", TEXT, more))
    ours = path.read_bytes()
    done = sync.run("pull")
    assert (done.code, path.read_bytes()) == (1, ours)
    assert f"annotation {sync.uuid(1)} by sara differs" in done.out
    beside = sync.folder / ".tawsim" / "conflicts" / "visit-1.remote.json"
    theirs = beside.read_bytes()
    assert len(json.loads(theirs)["annotations"][0]["result"]) == 2
    again = sync.run("pull")
    assert (again.code, "a conflict is still open" in again.out) == (1, True)
    status = json.loads(sync.run("status", "--format", "json").out)
    assert [row["article"] for row in status["articles"] if row["conflict"]] == ["visit-1"]
    path.write_bytes(theirs)
    assert sync.ok("pull").out == "pulled: nothing changed\n"
    assert not beside.exists()
    assert sync.run("status").code == 0


def test_a_conflict_that_a_person_merged_is_over_when_its_file_is_gone(sync: Sync):
    prepared(sync)
    sync.annotate("visit-1")
    path = sync.write(article("visit-1", TEXT, sync.visit(1, more=(region(TEXT, "x", "إلى", "ORG"),))))
    assert sync.run("pull").code == 1
    (sync.folder / ".tawsim" / "conflicts" / "visit-1.remote.json").unlink()
    ours = path.read_bytes()
    assert sync.ok("pull").out == "pulled: nothing changed\n"
    assert path.read_bytes() == ours


def test_a_change_on_our_side_alone_stays(sync: Sync):
    prepared(sync)
    short = sync.visit(1)
    path = sync.write(article("visit-1", TEXT, Annotation(short.id, "sara", short.regions[:1])))
    ours = path.read_bytes()
    assert "changed here only 1" in sync.ok("pull", "--full").out
    assert path.read_bytes() == ours


def test_without_an_earlier_pull_a_differing_annotation_is_a_conflict(sync: Sync):
    prepared(sync)
    sync.drop_state()
    short = sync.visit(1)
    path = sync.write(article("visit-1", TEXT, Annotation(short.id, "sara", short.regions[:1])))
    ours = path.read_bytes()
    done = sync.run("pull")
    assert (done.code, path.read_bytes()) == (1, ours)
    assert "error[conflict]" in done.out


def test_an_annotation_deleted_on_the_server_goes_here_and_is_named(sync: Sync):
    prepared(sync)
    number = sync.annotate("visit-1")
    sync.ok("pull")
    assert len(annotators(sync.files()["visit-1"])) == 2
    sync.studio.call("DELETE", f"/api/annotations/{number}/")
    done = sync.ok("pull")
    assert "warning[annotation-deleted]" in done.out
    assert len(annotators(sync.files()["visit-1"])) == 1


def test_a_deleted_task_leaves_its_file(sync: Sync):
    prepared(sync)
    before = sync.files()
    sync.studio.call("DELETE", f"/api/tasks/{sync.tasks()['visit-1']['id']}/")
    assert "warning[remote-gone] visit-1" in sync.ok("pull").out
    assert sync.files() == before


def test_drafts_are_counted_and_named_and_not_pulled(sync: Sync):
    prepared(sync)
    task = sync.tasks()["other-1"]["id"]
    sync.studio.call("POST", f"/api/tasks/{task}/drafts?project={sync.number}", {"result": [], "lead_time": 1})
    before = sync.files()
    done = sync.ok("pull")
    assert "drafts that nobody submitted, not pulled: 1: other-1 (1)" in done.err
    assert sync.files() == before


def test_tasks_that_were_made_on_the_server_are_pulled_as_new(sync: Sync):
    prepared(sync)
    sync.studio.import_tasks(sync.number, [{"data": {"text": OTHER, "article_id": "made-there"}}])
    assert "new 1" in sync.ok("pull", "--collection", "open").out
    assert json.loads(sync.files()["made-there"])["data"]["text"] == OTHER
    assert sync.ok("pull").out == "pulled: nothing changed\n"


def test_a_withheld_article_comes_back_without_a_word_of_it(sync: Sync, tmp_path):
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "kept-1.txt").write_bytes(TEXT.encode())
    sync.ok("push", folder)
    sync.annotate("kept-1")
    sync.ok("pull", "--collection", "closed", "--articles", folder)
    before = sync.files()
    assert not any(word in before["kept-1"].decode() for word in TEXT.split())
    assert "note[text-withheld] kept-1" in sync.ok("push").out
    assert "changed 0" in sync.ok("push", "--articles", folder, "--annotations").out
    sync.drop_state()
    assert sync.ok("pull", "--articles", folder).out == "pulled: unchanged 1\n"
    assert sync.files() == before
    sync.drop_state()
    done = sync.run("pull")
    assert (done.code, sync.files()) == (1, before)
    assert "with the article at hand (--articles)" in done.out
    assert "unchanged 1" in sync.ok("pull", "--articles", folder).out


def test_hypertext_projects_are_refused_with_the_reason(sync: Sync):
    labels = "<Labels name='label' toName='text'><Label value='PER'/></Labels>"
    config = f"<View>{labels}<HyperText name='text' value='$text'/></View>"
    sync.studio.project(sync.title, config)
    for command in ("pull", "push"):
        sync.write(article("visit-1", OTHER))
        done = sync.run(command)
        assert done.code == 2
        assert "the labels are those of a HyperText tag, whose offsets do not lead back to the text" in done.err


def test_two_tasks_of_one_article_keep_the_annotations_of_both(sync: Sync):
    prepared(sync)
    data = sync.tasks()["other-1"]["data"]
    (second,) = sync.studio.import_tasks(sync.number, [{"data": data}])
    exported = json.loads(sync.studio.export(sync.number))
    first = next(task["id"] for task in exported if task["data"]["article_id"] == "other-1" and task["id"] != second)
    for task in (first, second):
        sync.studio.call("POST", f"/api/tasks/{task}/annotations/", {"result": [], "completed_by": sync.studio.lead})
    sync.ok("pull")
    assert annotators(sync.files()["other-1"]) == ["sara", "sara"]
    assert sync.ok("pull", "--full").code == 0
    assert annotators(sync.files()["other-1"]) == ["sara", "sara"]
    status = sync.run("status")
    assert (status.code, "several tasks" in status.out) == (1, True)
    assert "error[remote-duplicate]" in sync.run("push").out


def test_status_counts_what_is_there(sync: Sync):
    prepared(sync)
    sync.annotate("other-1", was_cancelled=True)
    found = json.loads(sync.ok("status", "--format", "json").out)
    rows = {row["article"]: row for row in found["articles"]}
    assert (rows["visit-1"]["annotators"], rows["visit-1"]["annotations"]) == (["sara"], 1)
    assert (rows["other-1"]["annotations"], rows["other-1"]["skipped"]) == (0, 1)
    assert found["totals"]["articles"] == found["totals"]["remote"] == 2
    assert rows["visit-1"]["changed"].endswith("Z")
    assert "visit-1" in sync.ok("status").out


def test_the_repository_s_annotations_come_back_byte_by_byte(sync: Sync, repository, articles):
    import shutil

    shutil.rmtree(sync.folder)
    for name in ("configs", "annotations"):
        shutil.copytree(repository / name, sync.folder / name)
    settings = sync.folder / "configs" / "labelstudio.yaml"
    settings.write_text(settings.read_text("utf-8").replace("title: Tawsim News", f"title: {sync.title}"), "utf-8")
    before = sync.files()
    count = len(before) - 1
    done = sync.ok("push", "--annotations", "--articles", articles)
    assert f"created {count}, changed 0, annotations sent {count}" in done.out
    assert sync.ok("pull", "--articles", articles).out == f"pulled: unchanged {count}\n"
    assert sync.files() == before

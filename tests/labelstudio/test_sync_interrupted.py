"""Killed commands and lost answers: the next run completes, with no duplicate, no lost annotation, no broken file."""

import json
import os
import random
import subprocess
import sys
import time

import pytest
from between import losing, passed_on, serving
from studio_server import TOKEN
from sync_project import OTHER, TEXT, Kills, Sync, article

from toolkit.annotation import Annotation
from toolkit.labelstudio.sync.state import state_file
from toolkit.project import Project

pytestmark = [pytest.mark.labelstudio, pytest.mark.xdist_group("labelstudio")]
MOMENTS = 20
# Runs a command, then tells the most memory that it took, in MiB.
# VmHWM, since getrusage counts what the parent had before the exec too.
PEAK = """
import re, sys
from pathlib import Path
from toolkit.cli import main
try:
    main()
except SystemExit:
    pass
print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024, file=sys.stderr)
"""


def test_answers_that_a_gateway_loses_make_no_duplicate(sync: Sync, monkeypatch, tmp_path):
    monkeypatch.setattr("toolkit.labelstudio.sync.push.PAUSES", (0.05, 0.1, 0.2))
    monkeypatch.setattr("toolkit.labelstudio.sync.sending.PAUSES", (0.05, 0.1, 0.2))
    monkeypatch.setattr("toolkit.labelstudio.sync.locating.PAUSES", (0.05, 0.1, 0.2))
    monkeypatch.setattr("toolkit.labelstudio.sync.push.BATCH", 2)
    for number in range(5):
        sync.write(article(f"visit-{number}", TEXT, sync.visit(number)))
    lines = [
        json.dumps({"id": name, "sha256": json.loads(content)["data"]["sha256"], "entities": []})
        for name, content in sync.files().items()
    ]
    predictions = tmp_path / "p.jsonl"
    predictions.write_text("\n".join(lines), encoding="utf-8")
    before = sync.files()
    handle, lost = losing(sync.studio.url)
    with serving(handle) as url:
        monkeypatch.setenv("LABEL_STUDIO_URL", url)
        done = sync.ok("push", "--annotations", "--predictions", predictions, "--model", "m")
        assert "created 5, changed 0, annotations sent 5, predictions sent 5" in done.out
        assert "unchanged 5" in sync.ok("pull").out
    assert {entry.rpartition("/")[2] or entry.split("/")[-2] for entry in lost} >= {"projects", "import", "annotations"}
    tasks = sync.tasks()
    assert len(tasks) == 5
    assert [len(task["annotations"]) for task in tasks.values()] == [1] * 5
    assert [len(task["predictions"]) for task in tasks.values()] == [1] * 5
    assert sync.files() == before


def test_a_push_killed_at_any_moment_is_completed_by_the_next(sync: Sync):
    dice = random.Random(20)
    count, kills = 0, Kills(sync, ("push", "--annotations"))
    sync.write(article("first", OTHER))
    assert not kills.attempt(60)
    while kills.done < MOMENTS:
        for _ in range(3):
            count += 1
            sync.write(article(f"visit-{count:03}", TEXT, sync.visit(count)))
        if kills.attempt(dice.uniform(0.5, 1)) and kills.done % 5 == 0:
            sync.ok("push", "--annotations")
            assert len(sync.tasks()) == count + 1
    before = sync.files()
    assert "created 0, changed 0, annotations sent 0" in sync.ok("push", "--annotations").out
    tasks = sync.tasks()
    del tasks["first"]
    assert [len(task["annotations"]) for task in tasks.values()] == [1] * count
    sync.ok("pull")
    assert sync.files() == before


def test_after_a_killed_push_the_next_waits_only_while_articles_may_still_turn_up(sync: Sync, monkeypatch):
    slept: list[float] = []
    monkeypatch.setattr("toolkit.labelstudio.sync.resuming.sleep", slept.append)
    sync.write(article("first", OTHER))
    sync.ok("push")
    path = state_file(Project(sync.folder), sync.studio.url)
    before = json.loads(path.read_bytes())

    def waits(name: str, ago: float) -> bool:
        """Whether a push waits after one that was killed some seconds ago while it sent this article."""
        slept.clear()
        path.write_text(json.dumps(before | {"sending": [name], "sent_at": time.time() - ago}), encoding="utf-8")
        told = "the last push was cut off" in sync.ok("push").err
        assert told is bool(slept)
        assert json.loads(path.read_bytes())["sending"] == []
        return told

    assert not waits("given-up-since", ago=1)
    sync.write(article("second", TEXT))
    assert waits("second", ago=1)
    assert not waits("second", ago=1), "it is there"
    sync.write(article("third", TEXT))
    assert not waits("third", ago=3600)
    assert sorted(sync.tasks()) == ["first", "second", "third"]


def test_a_pull_killed_at_any_moment_is_completed_by_the_next(sync: Sync):
    dice = random.Random(20)
    for number in range(40):
        sync.write(article(f"visit-{number:02}", TEXT))
    sync.ok("push")
    kills = Kills(sync, ("pull",))
    assert not kills.attempt(60)
    while kills.done < MOMENTS:
        for number, name in enumerate(sorted(sync.files())[:4]):
            sync.annotate(name, unique_id=sync.uuid(100 * kills.runs + number))
        kills.attempt(dice.uniform(0.5, 1))
        for content in sync.files().values():
            json.loads(content)
    sync.ok("pull")
    found = {name: len(json.loads(content)["annotations"]) for name, content in sync.files().items()}
    assert found == {name: kills.runs - 1 if place < 4 else 0 for place, name in enumerate(sorted(found))}
    assert not list(sync.folder.rglob(".*.json.*"))
    sync.drop_state()
    assert sync.ok("pull").out == "pulled: unchanged 40\n"


def test_five_thousand_tasks_need_little_memory_and_nothing_when_nothing_changed(sync: Sync, monkeypatch):
    words = "كلمة " * 300
    span = {"from_name": "label", "to_name": "text", "type": "labels"}
    values = [{"start": 5 * i, "end": 5 * i + 4, "labels": ["PER"]} for i in range(30)]
    result = [{**span, "id": f"s{i}", "value": value} for i, value in enumerate(values)]
    annotation = {"result": result, "completed_by": sync.studio.lead}
    sync.write(article("first", OTHER))
    sync.ok("push")
    for start in range(0, 5000, 1000):
        names = [f"t{number}" for number in range(start, start + 1000)]
        tasks = [{"data": {"text": words, "article_id": name}, "annotations": [annotation]} for name in names]
        sync.studio.import_tasks(sync.number, tasks)
    command = [sys.executable, "-c", PEAK, "pull", "--collection", "open", "--project", str(sync.folder)]
    first = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ), check=True)
    assert "new 5000, unchanged 1" in first.stdout
    assert len(list((sync.folder / "annotations" / "open").iterdir())) == 5001
    assert int(first.stderr.split()[-1]) < 256, first.stderr
    sync.ok("pull")
    sizes: list[int] = []

    def counted(*request):
        answer = passed_on(sync.studio.url, *request)
        sizes.append(len(answer[2]))
        return answer

    state = state_file(Project(sync.folder), sync.studio.url)
    with serving(counted) as url:
        monkeypatch.setenv("LABEL_STUDIO_URL", url)
        state.rename(state_file(Project(sync.folder), url))
        assert sync.ok("pull").out == "pulled: nothing changed\n"
    assert len(sizes) <= 6
    assert sum(sizes) < 20_000


def test_the_state_never_holds_the_key_or_an_address(sync: Sync):
    sync.write(article("visit-1", TEXT, Annotation(sync.uuid(1), "sara")))
    sync.ok("push", "--annotations")
    sync.ok("pull")
    for path in (sync.folder / ".tawsim").rglob("*"):
        if path.is_file():
            content = path.read_text(encoding="utf-8")
            assert not any(secret in content for secret in (TOKEN, "127.0.0.1", "@example.org"))

"""No two processes sync one project at once; a killed one leaves no lock behind."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from between import Answer, as_json, serving
from demo_project import DATASET
from sync_project import LABELS

from toolkit.errors import UsageError
from toolkit.labelstudio.client import connect
from toolkit.labelstudio.server.locking import only_sync
from toolkit.labelstudio.sync.push import push_project
from toolkit.project import Project

SETTINGS = {"title": "demo", "annotators": {}, "accounts": {}}
THERE_IS_NONE = "there is no project 'demo' on the server"


class Waits:
    """A server without projects that keeps the first to ask for them waiting until it may go on."""

    def __init__(self) -> None:
        self.asked, self.may_go_on = threading.Event(), threading.Event()

    def answer(self, method: str, path: str, *_: object) -> Answer:
        if path.startswith("/api/projects/") and not self.asked.is_set():
            self.asked.set()
            assert self.may_go_on.wait(60)
        return as_json(200, {"id": 1, "results": []})


@pytest.fixture
def project(tmp_path, monkeypatch) -> Project:
    folder = tmp_path / "configs"
    folder.mkdir()
    for name, text in (("labels", LABELS), ("dataset", DATASET), ("labelstudio", json.dumps(SETTINGS))):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "composed")
    return Project(tmp_path)


@pytest.fixture
def server(monkeypatch) -> Iterator[Waits]:
    waits = Waits()
    with serving(waits.answer) as url:
        monkeypatch.setenv("LABEL_STUDIO_URL", url)
        yield waits
        waits.may_go_on.set()


def started(project: Project, command: str) -> "subprocess.Popen[str]":
    line = [sys.executable, "-m", "toolkit", command, "--project", str(project.root)]
    return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ))


def ended(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """The exit code and what was said on stderr."""
    _, said = process.communicate(timeout=60)
    return process.returncode, said


@pytest.mark.parametrize(("first", "second"), [("pull", "push"), ("push", "pull")])
def test_a_second_sync_is_refused_until_the_first_has_ended(project, server, first, second):
    running = started(project, first)
    assert server.asked.wait(60)
    refused, looking = started(project, second), started(project, "status")
    code, said = ended(refused)
    assert code == 2
    assert said == (
        f"error: {project.root}: another tawsim push or pull of this project is running "
        f"(process {running.pid}). Run this again when that has ended.\n"
    )
    assert THERE_IS_NONE in ended(looking)[1]
    server.may_go_on.set()
    ended(running)
    with only_sync(project):
        pass


def test_the_lock_of_a_killed_sync_is_free(project, server):
    running = started(project, "pull")
    assert server.asked.wait(60)
    running.kill()
    ended(running)
    lock = project.cache / "state" / "lock"
    assert json.loads(lock.read_bytes()) == {"pid": running.pid}
    with only_sync(project):
        assert json.loads(lock.read_bytes()) == {"pid": os.getpid()}
    assert lock.exists()


def test_the_push_of_a_studio_waits_for_nobody_either(project, server):
    with only_sync(project), pytest.raises(UsageError, match=f"is running \\(process {os.getpid()}\\)"):
        push_project(connect(os.environ["LABEL_STUDIO_URL"], "composed"), project, [], print)
    assert not server.asked.is_set()

"""A project of its own for each test of push, pull and status, and the commands run on it in this process."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import pytest
from demo_project import DATASET
from studio_server import TOKEN, Studio

from toolkit.annotation import Annotation, Link, Region, Task
from toolkit.cli import main
from toolkit.files import sha256, to_json
from toolkit.native import to_native

LABELS = """
entities: {PER: {}, GPE: {}, ORG: {}}
relations: {VISITED: {head: [PER], tail: [GPE]}}
"""
TEXT = "زارت 😀 سلمى الراوي مدينة كولانة\r\nثم عادت سلمى   إلى طنجة مساءً."
OTHER = "وصل كريم إلى طنجة."


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


def region(text: str, id_: str, mention: str, label: str) -> Region:
    start = text.index(mention)
    return Region(id_, start, start + len(mention), (label,), mention)


def article(name: str, text: str, *annotations: Annotation, **data: object) -> Task:
    return Task(name, text, sha256(text.encode()), len(text), data, annotations)


@dataclass
class Sync:
    """A project folder that is synced with a server."""

    folder: Path
    studio: Studio
    title: str
    capture: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch

    def configure(self, labels: str = LABELS, accounts: dict[int, str] | None = None) -> None:
        """Writes the settings."""
        person = {"kind": "person", "description": "composed for a test"}
        names = dict.fromkeys(("sara", "omar"), person)
        mapped = accounts or {self.studio.lead: "sara", self.studio.user("omar"): "omar"}
        settings = {"title": self.title, "annotators": names, "accounts": mapped}
        for name, text in (("labels", labels), ("dataset", DATASET), ("labelstudio", json.dumps(settings))):
            path = self.folder / "configs" / f"{name}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def uuid(self, number: int) -> str:
        """An id of this project's own: the server keeps each id once, over all its projects."""
        return str(uuid5(NAMESPACE_URL, f"{self.title} {number}"))

    def visit(self, number: int, *, who: str = "sara", more: tuple[Region, ...] = ()) -> Annotation:
        """An annotation of TEXT whose spans lie before and behind its CRLF."""
        spans = (region(TEXT, "p", "سلمى الراوي", "PER"), region(TEXT, "g", "كولانة", "GPE"))
        late = region(TEXT, "t", "طنجة", "GPE")
        link = Link("p", "g", "right", ("VISITED",))
        return Annotation(self.uuid(number), who, (*spans, late, *more), (), (link,))

    def write(self, task: Task, collection: str = "open") -> Path:
        """An annotation file."""
        path = self.folder / "annotations" / collection / f"{task.article_id}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(to_json(to_native(task)).encode())
        return path

    def run(self, *arguments: object) -> Ran:
        """A command line of `tawsim`."""
        self.patch.setattr(sys, "argv", ["tawsim", *map(str, arguments), "--project", str(self.folder)])
        code = 0
        self.capture.readouterr()
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        done = self.capture.readouterr()
        assert TOKEN not in done.out + done.err
        return Ran(code, done.out, done.err)

    def ok(self, *arguments: object) -> Ran:
        """A command line that has to succeed."""
        done = self.run(*arguments)
        assert done.code == 0, done.out + done.err
        return done

    def files(self) -> dict[str, bytes]:
        """Every annotation file by its name."""
        return {path.stem: path.read_bytes() for path in (self.folder / "annotations").rglob("*.json")}

    def drop_state(self) -> None:
        """Forgets what was seen, as a fresh clone has."""
        for path in (self.folder / ".tawsim" / "state").glob("*.json"):
            path.unlink()

    @property
    def number(self) -> int:
        """The project's number on the server."""
        found = self.studio.json("GET", f"/api/projects/?title={self.title}")["results"]
        assert len(found) == 1
        return found[0]["id"]

    def tasks(self) -> dict[str, dict]:
        """The tasks on the server by article id, as exported; fails where an article has two."""
        exported = json.loads(self.studio.export(self.number))
        found = {task["data"]["article_id"]: task for task in exported}
        assert len(found) == len(exported), sorted(task["data"]["article_id"] for task in exported)
        return found

    def annotate(self, name: str, **more: object) -> int:
        """An annotation of the lead, made on the server; its number."""
        task = self.tasks()[name]
        word = task["data"]["text"].split()[0]
        value = {"start": 0, "end": len(word), "labels": ["PER"], "text": word}
        span = {"id": "s", "from_name": "label", "to_name": "text", "type": "labels", "value": value}
        body = {"result": [span], "completed_by": self.studio.lead, **more}
        return self.studio.json("POST", f"/api/tasks/{task['id']}/annotations/", body)["id"]


def synced(folder: Path, studio: Studio, title: str, capture, patch) -> Sync:
    """A project with settings, and the server in the environment."""
    made = Sync(folder, studio, title, capture, patch)
    made.configure()
    patch.setenv("LABEL_STUDIO_URL", studio.url)
    patch.setenv("LABEL_STUDIO_API_KEY", TOKEN)
    patch.delenv("TAWSIM_ARTICLES", raising=False)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        if name in os.environ:
            patch.delenv(name)
    return made


@dataclass
class Kills:
    """Runs of a command that are killed at a moment of what the last whole run took; `runs` counts whole ones too."""

    sync: Sync
    arguments: tuple[str, ...]
    runs: int = 0
    done: int = 0
    usual: float = 1

    def attempt(self, share: float) -> bool:
        """Starts a run and kills it after a share of the usual time; whether it was killed before it ended."""
        self.runs += 1
        assert self.done * 5 + 20 > self.runs, "hardly a run is caught before it ends"
        command = [sys.executable, "-m", "toolkit", *self.arguments, "--project", str(self.sync.folder)]
        began = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ))
        try:
            process.wait(self.usual * share)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            self.done += 1
            return True
        self.usual = time.monotonic() - began
        return False

"""How our files and the server stand to each other, an article a row; what needs a person is named."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from toolkit.annotation import Task
from toolkit.labelstudio.client import Client, Json
from toolkit.labelstudio.reading.people import Annotators
from toolkit.labelstudio.sync.locating import batches, repeated
from toolkit.labelstudio.sync.plan import text_differs
from toolkit.labelstudio.sync.push import EXPORTED
from toolkit.labelstudio.sync.state import SyncState
from toolkit.labelstudio.sync.wire import as_sent
from toolkit.project import LabelStudioSettings

_FIELDS = "id,data,updated_at,annotators,total_annotations,cancelled_annotations,draft_exists"


@dataclass(slots=True)
class Row:
    """An article: is it here and there, who annotated it there, how often, and what needs a person.

    `tasks` are its numbers on the server; `changed` is the time of the last change there, empty where it is not there.
    """

    article: str
    local: bool = False
    tasks: list[int] = field(default_factory=list)
    annotators: list[str] = field(default_factory=list)
    annotations: int = 0
    skipped: int = 0
    drafts: int = 0
    conflict: bool = False
    changed: str = ""
    attention: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Status:
    """All rows by article, and their totals."""

    project: int
    rows: tuple[Row, ...]

    @property
    def totals(self) -> dict[str, int]:
        """Sums over the rows, under the names of the columns."""
        return {
            "articles": len(self.rows),
            "local": sum(row.local for row in self.rows),
            "remote": sum(bool(row.tasks) for row in self.rows),
            "annotations": sum(row.annotations for row in self.rows),
            "skipped": sum(row.skipped for row in self.rows),
            "drafts": sum(row.drafts for row in self.rows),
            "conflicts": sum(row.conflict for row in self.rows),
            "attention": sum(bool(row.attention) for row in self.rows),
        }

    def as_json(self) -> dict[str, Any]:
        """What `--format json` prints."""
        return {"project": self.project, "articles": [asdict(row) for row in self.rows], "totals": self.totals}


def read_status(
    client: Client,
    remote: Json,
    state: SyncState,
    articles: Mapping[str, Task],
    conflicts: Collection[str],
    settings: LabelStudioSettings,
) -> Status:
    """The status of a project. `articles` are ours, with their text where it is at hand; `conflicts` are open ones.

    Needs a person: a conflict, a text that differs, a task that was deleted, two tasks of one article.
    """
    number, key = int(remote["id"]), settings.tags.data_key
    rows: defaultdict[str, Row] = defaultdict(lambda: Row(""))
    for name in articles:
        rows[name].local = True
    drafted: dict[int, str] = {}
    people = Annotators(settings)
    for task in client.tasks(number, _FIELDS, whole=True):
        data = task.get("data") or {}
        name = str(data.get("article_id") or f"task {task['id']}")
        _add(rows[name], task, people)
        ours = articles.get(name)
        if ours is not None and ours.text is not None and text_differs(as_sent(ours), data, key):
            rows[name].attention.append("text differs")
        if task.get("draft_exists"):
            drafted[int(task["id"])] = name
    for batch in batches(list(drafted), EXPORTED):
        for native in repeated(partial(client.export, number, batch)):
            rows[drafted[int(native["id"])]].drafts += len(native.get("drafts") or ())
    gone = Counter(known.article for known in state.tasks.values()) if state.project == number else Counter[str]()
    for name, row in rows.items():
        row.article, row.conflict = name, name in conflicts
        if row.conflict:
            row.attention.append("conflict")
        if len(row.tasks) > 1:
            row.attention.append("several tasks")
        if row.local and not row.tasks and gone[name]:
            row.attention.append("deleted on the server")
    return Status(number, tuple(rows[name] for name in sorted(rows)))


def _add(row: Row, task: Json, people: Annotators) -> None:
    row.tasks.append(int(task["id"]))
    row.annotations += int(task.get("total_annotations") or 0)
    row.skipped += int(task.get("cancelled_annotations") or 0)
    row.changed = max(row.changed, str(task["updated_at"]))
    row.annotators = sorted({*row.annotators, *map(people.name, task.get("annotators") or ())})

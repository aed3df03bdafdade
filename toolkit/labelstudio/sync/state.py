"""What was last seen on a server, kept in .tawsim/state: the project, each task's last change, each file's hash.

Losing it loses no annotation: the next pull reads everything again and compares by content.
"""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from toolkit.errors import DataError
from toolkit.files import friendly, read_json, sha256, to_json, write_text
from toolkit.labelstudio.addresses import same_for_same_server
from toolkit.project import Project

_VERSION = 1
_FIX = "Delete the file; the next pull then reads everything again."


@dataclass(slots=True)
class Known:
    """A task as last seen. `remote` is the digest of the annotations that were pulled, empty until one was."""

    article: str
    updated_at: str = ""
    remote: str = ""
    annotations: list[str] = field(default_factory=list)
    gone: bool = False


@dataclass(slots=True)
class SyncState:
    """What is known of one project of one server.

    `cursor` is the time from which on changes have not been seen; `tasks` are by their number; `files` hold the hash of
    each annotation file at the last pull, `pending` that of files whose writing began; `sending` are articles whose
    creation began, at `sent_at` in seconds since 1970; `retry` are tasks that were held back; `conflicts` are articles
    with an open conflict.
    """

    path: Path
    project: int | None = None
    cursor: str = ""
    tasks: dict[int, Known] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    pending: dict[str, str] = field(default_factory=dict)
    sending: list[str] = field(default_factory=list)
    sent_at: float = 0
    retry: list[int] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)

    def at(self, project: int) -> None:
        """Makes this the state of a project; what was known of another one is forgotten."""
        if self.project != project:
            self.cursor, self.project = "", project
            self.tasks, self.files, self.pending = {}, {}, {}
            self.sending, self.retry, self.conflicts = [], [], []

    def save(self) -> None:
        """Writes the state, whole or not at all."""
        content = {key: value for key, value in asdict(self).items() if key != "path"}
        content["tasks"] = {str(number): task for number, task in content["tasks"].items()}
        write_text(self.path, to_json({"version": _VERSION, **content}))


def state_file(project: Project, url: str, purpose: str = "") -> Path:
    """The file of a server's state; its name tells no address. It is one for all names that the server has here.

    A project on it with a `purpose` of its own, as the one for reviews, has a state of its own.
    """
    name = "-".join(filter(None, (sha256(same_for_same_server(url).encode())[:12], purpose)))
    return project.cache / "state" / f"{name}.json"


def read_state(path: Path) -> SyncState:
    """The state as it was saved, an empty one where there is no file. DataError where the file is none of ours."""
    with friendly(path):
        if not path.is_file():
            return SyncState(path)
    content: Any = read_json(path)
    if not isinstance(content, dict) or content.pop("version", None) != _VERSION:
        raise DataError("is no state file of this version", where=str(path), fix=_FIX)
    try:
        content["tasks"] = {int(number): Known(**task) for number, task in content["tasks"].items()}
        return SyncState(path, **content)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise DataError("is no state file", where=str(path), fix=_FIX) from error

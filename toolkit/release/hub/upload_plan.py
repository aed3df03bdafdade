"""What publishing will do to a repository, decided before anything is sent. Pure: from the files here and there."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from toolkit.files import file_sha256, friendly
from toolkit.release.building.writing import PAGES
from toolkit.release.hub.repository import Blob
from toolkit.release.tables.manifest import MANIFEST

_BLOCK = 2**20


class Change(StrEnum):
    """What becomes of a path."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    DELETED = "deleted"


class State(StrEnum):
    """How far the release is."""

    PLANNED = "to be committed"
    COMMITTED = "committed, to be tagged"
    RELEASED = "released"
    OPEN = "open as a pull request"


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file to publish: its size in bytes, its sha256 and its git id."""

    path: Path
    size: int
    sha256: str
    oid: str

    def is_same(self, there: Blob | None) -> bool:
        """Whether the repository has this content."""
        if there is None:
            return False
        return self.oid == there.oid if there.sha256 is None else self.sha256 == there.sha256


@dataclass(frozen=True, slots=True)
class Step:
    """A path of the repository, the size in bytes that it has afterwards (before, where it is deleted)."""

    path: str
    size: int
    change: Change


@dataclass(frozen=True, slots=True)
class Plan:
    """What publishing does. `parent` is None where the repository has to be made; `commit` where none is made yet."""

    repo: str
    version: str
    visibility: str
    state: State
    parent: str | None
    steps: tuple[Step, ...] = ()
    commit: str | None = None
    pull_request: int | None = None

    @property
    def tag(self) -> str:
        return f"v{self.version}"

    def of(self, *changes: Change) -> list[Step]:
        """The steps of these kinds."""
        return [step for step in self.steps if step.change in changes]

    def as_json(self) -> dict[str, Any]:
        """Everything about it, for programs."""
        return {
            "repo": self.repo,
            "version": self.version,
            "tag": self.tag,
            "visibility": self.visibility,
            "state": self.state,
            "parent": self.parent,
            "commit": self.commit,
            "pull_request": self.pull_request,
            "files": [{"path": s.path, "bytes": s.size, "change": s.change} for s in self.steps],
        }


def local_files(folder: Path, paths: Iterable[str]) -> dict[str, LocalFile]:
    """The files of a folder by their path in the repository."""
    found = {}
    for name in paths:
        path = folder / name
        with friendly(path):
            size = path.stat().st_size
            oid = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
            with path.open("rb") as file:
                while part := file.read(_BLOCK):
                    oid.update(part)
        found[name] = LocalFile(path, size, file_sha256(path), oid.hexdigest())
    return found


def plan_steps(
    files: Mapping[str, LocalFile], there: Mapping[str, Blob], before: Mapping[str, Any] | None
) -> tuple[Step, ...]:
    """What becomes of each path. Only files that the manifest of the release `before` lists are deleted."""

    def change(name: str, file: LocalFile) -> Change:
        if name not in there:
            return Change.NEW
        return Change.SAME if file.is_same(there[name]) else Change.CHANGED

    steps = [Step(name, file.size, change(name, file)) for name, file in files.items()]
    ours = {MANIFEST, *_listed(before)} if before else set()
    gone = sorted((ours & there.keys()) - files.keys())
    return tuple(sorted([*steps, *(Step(n, there[n].size, Change.DELETED) for n in gone)], key=lambda step: step.path))


def strangers(files: Mapping[str, LocalFile], steps: Iterable[Step], there: Mapping[str, Blob], repo: str) -> list[str]:
    """Files of somebody else that would stay, and that load_dataset would take for ours or obey."""
    folders = {name.partition("/")[0] for name in files if "/" in name}
    script = f"{repo.partition('/')[2]}.py"
    staying = there.keys() - files.keys() - {step.path for step in steps if step.change is Change.DELETED}
    return sorted(
        name
        for name in staying
        if name in (".huggingface.yaml", script) or (name.endswith(".parquet") and name.partition("/")[0] in folders)
    )


def is_whole(files: Mapping[str, LocalFile], there: Mapping[str, Blob]) -> bool:
    """Whether a tree holds every file."""
    return all(file.is_same(there.get(name)) for name, file in files.items())


def is_repacked(ours: Mapping[str, Any], theirs: Mapping[str, Any] | None) -> bool:
    """Whether two manifests are of one release that other versions of the tools wrote: same content, same pages."""
    if theirs is None or ours["tools"] == theirs.get("tools"):
        return False
    same = all(ours[key] == theirs.get(key) for key in ("version", "content_digest"))
    return same and all(_digest(ours, page) == _digest(theirs, page) for page in PAGES)


def _listed(manifest: Mapping[str, Any]) -> set[str]:
    files = manifest.get("files")
    return {str(name) for name in files} if isinstance(files, dict) else set()


def _digest(manifest: Mapping[str, Any], page: str) -> Any:
    entry = manifest["files"].get(page) if isinstance(manifest.get("files"), dict) else None
    return entry.get("sha256") if isinstance(entry, dict) else None

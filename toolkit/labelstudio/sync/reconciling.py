"""The server's version of an article, our file, and what the last pull left of both: what is to be done. Pure."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import orjson

from toolkit.annotation import Task
from toolkit.errors import DataError
from toolkit.files import sha256, to_json
from toolkit.findings import Finding, Severity
from toolkit.labelstudio.reading.merging import merged, with_origins
from toolkit.labelstudio.reading.storing import withheld
from toolkit.labelstudio.sync.state import Known
from toolkit.labelstudio.sync.wire import as_kept, content_of
from toolkit.native import Reader, to_native

Strip = Callable[[Task], Task]


class Verdict(StrEnum):
    """What became of an article that a pull looked at."""

    NEW = "new"
    WRITTEN = "written"
    UNCHANGED = "unchanged"
    OURS = "changed here only"
    CONFLICT = "conflict"
    HELD_BACK = "held back"


@dataclass(frozen=True, slots=True)
class Local:
    """Our file of an article: its bytes, how its collection strips it, and our copy of the text if it is at hand."""

    path: Path
    content: bytes
    strip: Strip | None
    text: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of an article: where it goes and with which bytes (in a conflict: the server's version).

    `remote` is the digest of the server's annotations, `annotations` are the ids that it has.
    """

    article: str
    verdict: Verdict
    path: Path
    content: bytes | None = None
    strip: Strip | None = None
    remote: str = ""
    annotations: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def reconcile(
    task: Task,
    local: Local | None,
    path: Path | None,
    strip: Strip | None,
    bases: Collection[str],
    known: Known,
    elsewhere: Collection[str] = (),
) -> Outcome:
    """Decides on an article that the server has as `task`.

    `bases` are the hashes that our file has when nobody but pull wrote it, `known` is what the last pull saw of the
    task, `elsewhere` are ids of annotations that other tasks of the article have.
    """
    name = task.article_id
    if path is None:
        what = "is on the server only; name the collection that it joins with --collection"
        return held_back(name, Path(), "article-new", what)
    if local is not None:
        task = as_kept(task, local.text)
    alone, told = as_stored(task, path, strip)
    ids = tuple(sorted(annotation.id for annotation in task.annotations))
    remote = sha256(b"\n".join(sorted(part.id.encode() + content_of(part) for part in alone.annotations)))
    outcome = Outcome(name, Verdict.NEW, path, as_bytes(alone), strip, remote, ids, tuple(told))
    if local is None:
        return outcome
    ours = our_side(task, local)
    if isinstance(ours, Outcome):
        return ours
    alone = with_origins(ours, alone)
    return _compared(replace(outcome, content=as_bytes(alone)), alone, ours, local, bases, known, elsewhere)


def our_side(task: Task, local: Local) -> Task | Outcome:
    """Our file of an article; an outcome that holds it back where it cannot be read, or is of another text."""
    ours = _ours(local)
    if isinstance(ours, str):
        return held_back(task.article_id, local.path, "existing-file", f"our file cannot be read: {ours}")
    if (ours.article_id, ours.sha256) != (task.article_id, task.sha256):
        hint = "; with the article at hand (--articles) its line ends are compared too" if local.text is None else ""
        what = f"the server has another text (sha256 {task.sha256[:12]}, ours {ours.sha256[:12]}){hint}"
        return held_back(task.article_id, local.path, "article-clash", what)
    return ours


def _compared(
    outcome: Outcome,
    alone: Task,
    ours: Task,
    local: Local,
    bases: Collection[str],
    known: Known,
    elsewhere: Collection[str],
) -> Outcome:
    """The outcome for an article of the same text on both sides; `outcome` has the server's version as its content."""
    removed = set(known.annotations) - set(outcome.annotations) - set(elsewhere)
    kept = replace(ours, annotations=tuple(part for part in ours.annotations if part.id not in removed))
    content = as_bytes(merged(kept, alone))
    if content == local.content:
        return replace(outcome, verdict=Verdict.UNCHANGED, content=content)
    if known.remote == outcome.remote and sha256(local.content) not in bases:
        return replace(outcome, verdict=Verdict.OURS, content=None)
    if _clash(ours, alone, local, bases):
        what = f"changed on the server and here since the last pull; both are kept: {_sides(ours, alone)}"
        finding = Finding("conflict", Severity.ERROR, str(outcome.path), what)
        return replace(outcome, verdict=Verdict.CONFLICT, findings=(*outcome.findings, finding))
    gone = sorted({part.id for part in ours.annotations} & removed)
    notes = [_deleted(outcome.path, id_) for id_ in gone]
    return replace(outcome, verdict=Verdict.WRITTEN, content=content, findings=(*outcome.findings, *notes))


def _clash(ours: Task, remote: Task, local: Local, bases: Collection[str]) -> bool:
    """Whether taking the server's version would lose something that only our file has.

    Without an earlier pull, nothing tells who changed an annotation that both have: then that is a conflict.
    """
    if bases:
        return sha256(local.content) not in bases
    there = {part.id: content_of(part) for part in remote.annotations}
    return any(there.get(part.id, content_of(part)) != content_of(part) for part in ours.annotations)


def _sides(ours: Task, remote: Task) -> str:
    first = {part.id: part for part in ours.annotations}
    second = {part.id: part for part in remote.annotations}
    differing = [
        id_ for id_ in sorted(first.keys() & second.keys()) if content_of(first[id_]) != content_of(second[id_])
    ]
    parts = [f"annotation {id_} by {first[id_].annotator} differs" for id_ in differing]
    parts += [f"annotation {id_} is here only" for id_ in sorted(first.keys() - second.keys())]
    parts += [f"annotation {id_} is on the server only" for id_ in sorted(second.keys() - first.keys())]
    return "; ".join(parts) or "data differ"


def _deleted(path: Path, id_: str) -> Finding:
    what = "was deleted on the server, and is now deleted here"
    return Finding("annotation-deleted", Severity.WARNING, str(path), what, id_)


def held_back(name: str, path: Path, code: str, what: str) -> Outcome:
    """The outcome for an article that stays as it is, with an error that says why."""
    finding = Finding(code, Severity.ERROR, name if path == Path() else str(path), what)
    return Outcome(name, Verdict.HELD_BACK, path, findings=(finding,))


def as_stored(task: Task, path: Path, strip: Strip | None) -> tuple[Task, list[Finding]]:
    """A task as its collection keeps it, with a warning for all that had to go because it quotes the text."""
    return (task, []) if strip is None else withheld(task, str(path), strip)


def _ours(local: Local) -> Task | str:
    """Our file as a task, or what is wrong with it."""
    reader = Reader(str(local.path))
    try:
        found = reader.task(orjson.loads(local.content))
    except (orjson.JSONDecodeError, DataError) as error:
        return str(error)
    return found if found is not None else reader.findings[0].message


def as_bytes(task: Task) -> bytes:
    """The bytes of an annotation file."""
    return to_json(to_native(task)).encode("utf-8")

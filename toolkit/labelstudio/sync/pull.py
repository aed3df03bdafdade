"""Annotations fetched from Label Studio into annotation files: only what changed, and nothing overwritten unseen.

Three versions of an article meet: the server's, our file's, and the one that the last pull left. What changed on one
side is taken; what changed on both is a conflict, and both versions are kept.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from toolkit.annotation import Task
from toolkit.files import read_bytes, sha256, write_bytes
from toolkit.findings import Finding, Severity
from toolkit.labelstudio.client import Client, Json
from toolkit.labelstudio.reading.export import RawTask
from toolkit.labelstudio.reading.importing import import_tasks
from toolkit.labelstudio.reading.template import schema_from_config
from toolkit.labelstudio.sync.locating import batches, repeated
from toolkit.labelstudio.sync.reconciling import Local, Outcome, Verdict, reconcile
from toolkit.labelstudio.sync.state import Known, SyncState
from toolkit.labelstudio.sync.wire import as_kept
from toolkit.project import LabelStudioSettings, Tags
from toolkit.schema import Schema

BATCH = 100
_SETTLED = (Verdict.NEW, Verdict.WRITTEN, Verdict.UNCHANGED)
# A change gets its time before it can be seen; so long after it, at the latest, it is there.
_DELAY = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Here:
    """Our side: how an article's file is found, where new ones go, how they are stripped there, where conflicts go.

    `target` is None where it is not said into which collection new articles go; `copy` finds our copy of a text.
    """

    find: Callable[[str], Local | None]
    copy: Callable[[str], str | None]
    target: Path | None
    strip: Callable[[Task], Task] | None
    conflicts: Path
    schema: Schema
    settings: LabelStudioSettings


@dataclass(slots=True)
class Pulled:
    """What a pull did. `outcomes` are those of the articles that were looked at; `drafts` are counted by article."""

    outcomes: list[Outcome] = field(default_factory=list)
    drafts: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    held_back: int = 0

    def count(self, verdict: Verdict) -> int:
        """How many articles ended so."""
        return sum(outcome.verdict is verdict for outcome in self.outcomes)


def pull(
    client: Client, remote: Json, state: SyncState, here: Here, *, full: bool = False, dry_run: bool = False
) -> Pulled:
    """Fetches what changed on the server since the last pull; everything with `full`.

    `remote` is the project as the server describes it. A killed pull is resumed by the next. With `dry_run` neither
    files nor state are written. ConfigError for a project that labels HyperText or no text at all.
    """
    number = int(remote["id"])
    _, tags = schema_from_config(str(remote.get("label_config") or ""), f"{client.url}/projects/{number}")
    pulled = Pulled()
    if not dry_run:
        _settle_conflicts(state, here)
    cursor = "" if full else state.cursor
    listed = {int(task["id"]): str(task["updated_at"]) for task in _changed(client, number, cursor)}
    settled = _settled(client.clock, listed.values(), state.cursor)
    _find_gone(client, number, remote, state, listed, pulled)
    wanted = [task for task, moment in listed.items() if full or moment != _seen(state, task)]
    wanted = sorted({*wanted, *state.retry})
    drafted = {int(task["id"]) for task in _with_drafts(client, number)}
    for batch in batches(wanted, BATCH):
        raw = repeated(partial(client.export, number, batch))
        state.retry = [task for task in state.retry if task not in batch]
        count_drafts(raw, pulled)
        _take(client, raw, tags, state, here, pulled, dry_run=dry_run)
    for batch in batches(sorted(drafted - set(wanted)), BATCH):
        count_drafts(repeated(partial(client.export, number, batch)), pulled)
    if not dry_run:
        state.cursor = settled
        state.save()
    _name_open_conflicts(state, here, pulled)
    return pulled


def _seen(state: SyncState, task: int) -> str:
    known = state.tasks.get(task)
    return known.updated_at if known else ""


def _changed(client: Client, number: int, cursor: str) -> list[Json]:
    conditions = []
    if cursor:
        column = {"filter": "filter:tasks:updated_at", "operator": "greater", "type": "Datetime", "value": cursor}
        conditions.append(column)
    return repeated(lambda: list(client.tasks(number, "id,updated_at", conditions)))


def _settled(clock: datetime | None, moments: Iterable[str], cursor: str) -> str:
    """From when on the next pull looks: the last change seen, unless earlier ones may still turn up before it."""
    seen = [datetime.fromisoformat(moment).astimezone(UTC) for moment in (cursor, *moments) if moment]
    if not seen:
        return ""
    last = max(seen)
    before = min(last, (clock or last).astimezone(UTC) - _DELAY)
    if cursor:
        before = max(before, datetime.fromisoformat(cursor).astimezone(UTC))
    return before.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _with_drafts(client: Client, number: int) -> list[Json]:
    column = {"filter": "filter:tasks:draft_exists", "operator": "equal", "type": "Boolean", "value": True}
    return repeated(lambda: list(client.tasks(number, "id", [column])))


def _find_gone(
    client: Client, number: int, remote: Json, state: SyncState, listed: Mapping[int, str], pulled: Pulled
) -> None:
    """Marks tasks that were deleted; all ids are compared where the number of tasks is not the expected one."""
    known = {task for task, found in state.tasks.items() if not found.gone}
    if int(remote.get("task_number") or 0) != len(known | listed.keys() | set(state.retry)):
        there = {int(task["id"]) for task in repeated(lambda: list(client.tasks(number, "id")))}
        for task in known - there:
            state.tasks[task].gone = True
    for task, found in sorted(state.tasks.items()):
        if found.gone:
            what = f"task {task} was deleted on the server; the annotation file stays as it is"
            pulled.findings.append(Finding("remote-gone", Severity.WARNING, found.article, what))


def _take(
    client: Client, raw: Sequence[Json], tags: Tags, state: SyncState, here: Here, pulled: Pulled, *, dry_run: bool
) -> None:
    """Brings a batch of exported tasks into the files: first the state says what will be written, then it is."""
    places = {f"{client.url}/projects/{state.project}/data?task={native['id']}": native for native in raw}
    placed = [RawTask(place, native) for place, native in places.items()]
    outcomes: list[tuple[Outcome, Json]] = []
    failed: set[int] = set()
    # One at a time, so that two tasks of one article stay apart: each has a history of its own.
    for one in placed:
        native = places[one.place]
        imported = import_tasks([one], one.place, here.schema, here.settings, tags)
        pulled.findings += [finding for finding in imported.findings if finding.code not in ("prediction-id", "drafts")]
        if not imported.tasks:
            failed.add(int(native["id"]))
        for task in imported.tasks:
            outcomes.append((_reconciled(task, int(native["id"]), state, here, outcomes), native))
    for outcome, native in outcomes:
        pulled.outcomes.append(outcome)
        pulled.findings += outcome.findings
        if outcome.verdict is Verdict.HELD_BACK:
            failed.add(int(native["id"]))
    pulled.held_back += len(failed)
    if not dry_run:
        _write([outcome for outcome, _ in outcomes], state, here)
        _remember(outcomes, failed, state)


def _reconciled(
    task: Task, number: int, state: SyncState, here: Here, earlier: Sequence[tuple[Outcome, Json]]
) -> Outcome:
    """What becomes of an article, given what is known of its task; after an earlier task of the same batch, if any."""
    local = here.find(task.article_id)
    for outcome, _ in earlier:
        if outcome.article == task.article_id and outcome.verdict in _SETTLED and outcome.content is not None:
            local = Local(outcome.path, outcome.content, outcome.strip, local.text if local else task.text)
    known = state.tasks.get(number, Known(task.article_id))
    others = {
        id_
        for other, found in state.tasks.items()
        if other != number and found.article == task.article_id
        for id_ in found.annotations
    }
    bases = {state.files.get(task.article_id, ""), state.pending.get(task.article_id, "")} - {""}
    if local is not None and any(outcome.content is local.content for outcome, _ in earlier):
        bases.add(sha256(local.content))
    if local is None:
        target = here.target / f"{task.article_id}.json" if here.target is not None else None
        task = as_kept(task, here.copy(task.article_id))
        return reconcile(task, None, target, here.strip, bases, known, others)
    return reconcile(task, local, local.path, local.strip, bases, known, others)


def _write(outcomes: Sequence[Outcome], state: SyncState, here: Here) -> None:
    for outcome in outcomes:
        if outcome.verdict in (Verdict.NEW, Verdict.WRITTEN) and outcome.content is not None:
            state.pending[outcome.article] = sha256(outcome.content)
        if outcome.verdict is Verdict.CONFLICT and outcome.article not in state.conflicts:
            state.conflicts.append(outcome.article)
    state.save()
    for outcome in outcomes:
        if outcome.content is None:
            continue
        if outcome.verdict is Verdict.CONFLICT:
            write_bytes(conflict_file(here.conflicts, outcome.article), outcome.content)
        else:
            write_bytes(outcome.path, outcome.content)
            if outcome.article in state.conflicts:
                conflict_file(here.conflicts, outcome.article).unlink(missing_ok=True)
                state.conflicts.remove(outcome.article)


def _remember(outcomes: Sequence[tuple[Outcome, Json]], failed: set[int], state: SyncState) -> None:
    for outcome, native in outcomes:
        if outcome.verdict in _SETTLED and outcome.content is not None:
            state.files[outcome.article] = sha256(outcome.content)
            state.pending.pop(outcome.article, None)
        if outcome.verdict is not Verdict.HELD_BACK:
            moment, ids = str(native["updated_at"]), list(outcome.annotations)
            state.tasks[int(native["id"])] = Known(outcome.article, moment, outcome.remote, ids)
    state.retry = sorted({*state.retry, *failed})
    state.save()


def conflict_file(folder: Path, article: str) -> Path:
    """Where the server's version of an article in conflict is kept."""
    return folder / f"{article}.remote.json"


def _settle_conflicts(state: SyncState, here: Here) -> None:
    """A conflict is over when its file is gone or is ours: our file is then what the next pull starts from."""
    for article in list(state.conflicts):
        beside, local = conflict_file(here.conflicts, article), here.find(article)
        is_same = local is not None and beside.is_file() and read_bytes(beside) == local.content
        if is_same:
            beside.unlink()
        if is_same or not beside.is_file():
            state.conflicts.remove(article)
            if local is not None:
                state.files[article] = sha256(local.content)


def _name_open_conflicts(state: SyncState, here: Here, pulled: Pulled) -> None:
    new = {outcome.article for outcome in pulled.outcomes if outcome.verdict is Verdict.CONFLICT}
    for article in state.conflicts:
        if article not in new:
            what = f"a conflict is still open; merge {conflict_file(here.conflicts, article)} and delete it"
            pulled.findings.append(Finding("conflict", Severity.ERROR, article, what))


def count_drafts(raw: Sequence[Json], pulled: Pulled) -> None:
    """Adds the drafts of exported tasks to what a pull has seen."""
    for native in raw:
        if count := len(native.get("drafts") or ()):
            name = str((native.get("data") or {}).get("article_id") or f"task {native['id']}")
            pulled.drafts[name] = pulled.drafts.get(name, 0) + count

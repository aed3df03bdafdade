"""Reviews brought back: what a reviewer submitted becomes the ground truth of the article's annotation file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from toolkit.annotation import Annotation, Task
from toolkit.files import sha256, write_bytes
from toolkit.findings import Finding, Severity
from toolkit.labelstudio.client import Client, Json
from toolkit.labelstudio.reading.export import RawTask
from toolkit.labelstudio.reading.importing import import_tasks
from toolkit.labelstudio.reading.template import schema_from_config
from toolkit.labelstudio.sync.locating import batches, repeated
from toolkit.labelstudio.sync.pull import BATCH, Here, Pulled, count_drafts
from toolkit.labelstudio.sync.reconciling import Local, Outcome, Verdict, as_bytes, as_stored, held_back, our_side
from toolkit.labelstudio.sync.review import changes, truth_id, weighed
from toolkit.labelstudio.sync.state import Known, SyncState
from toolkit.labelstudio.sync.wire import as_kept, content_of
from toolkit.project import Tags

_FIELDS = "id,total_annotations,cancelled_annotations,draft_exists"
# The versions that were weighed are here already, and drafts are counted.
_EXPECTED = ("prediction-id", "drafts")


def pull_reviews(client: Client, remote: Json, state: SyncState, here: Here, *, dry_run: bool = False) -> Pulled:
    """Takes the submitted reviews of a project into the annotation files, as ground truth beside what it was made from.

    `remote` is the review project as the server describes it. A killed run is made good by the next. With `dry_run`
    neither files nor state are written. ConfigError for a project that labels no plain text.
    """
    number = int(remote["id"])
    _, tags = schema_from_config(str(remote.get("label_config") or ""), f"{client.url}/projects/{number}")
    pulled = Pulled()
    tasks = repeated(lambda: list(client.tasks(number, _FIELDS, whole=True)))
    begun = [int(task["id"]) for task in tasks if any(task.get(key) for key in _FIELDS.split(",")[1:])]
    answered: set[int] = set()
    for batch in batches(begun, BATCH):
        raw = repeated(partial(client.export, number, batch))
        count_drafts(raw, pulled)
        for native in raw:
            if _take(f"{client.url}/projects/{number}/data", native, tags, state, here, pulled, dry_run=dry_run):
                answered.add(int(native["id"]))
        if not dry_run:
            state.save()
    for task, known in sorted(state.tasks.items()):
        if known.annotations and task not in answered:
            what = f"the review behind ground truth {known.annotations[0]} is gone from the server; the file stays"
            pulled.findings.append(Finding("review-gone", Severity.WARNING, known.article, what))
    return pulled


def _take(where: str, native: Json, tags: Tags, state: SyncState, here: Here, pulled: Pulled, *, dry_run: bool) -> bool:
    """Brings one exported task into its file. Whether it has a submitted review, or could not be read at all."""
    number, place = int(native["id"]), f"{where}?task={native['id']}"
    imported = import_tasks([RawTask(place, native)], place, here.schema, here.settings, tags)
    pulled.findings += [finding for finding in imported.findings if finding.code not in _EXPECTED]
    if not imported.tasks:
        pulled.held_back += 1
        return True
    (task,) = imported.tasks
    submitted = [annotation for annotation in task.annotations if not annotation.cancelled]
    for skipped in task.annotations:
        if skipped.cancelled:
            what = f"{skipped.annotator} skipped the review in task {number}, so it is no ground truth"
            pulled.findings.append(Finding("review-skipped", Severity.NOTE, task.article_id, what))
    if not submitted:
        return False
    local, known = here.find(task.article_id), state.tasks.get(number, Known(task.article_id))
    sent = weighed(native.get("data") or {})
    outcome = _outcome(Reviewed(task, number, submitted, sent), local, known)
    pulled.outcomes.append(outcome)
    pulled.findings += outcome.findings
    pulled.held_back += outcome.verdict is Verdict.HELD_BACK
    if not dry_run:
        if outcome.verdict is Verdict.WRITTEN and outcome.content is not None:
            write_bytes(outcome.path, outcome.content)
        if outcome.verdict in (Verdict.WRITTEN, Verdict.UNCHANGED):
            moment, ids = str(native["updated_at"]), list(outcome.annotations)
            state.tasks[number] = Known(outcome.article, moment, outcome.remote, ids)
    return True


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A task of the review project: its number, what was submitted on it, and what its data say was weighed."""

    task: Task
    number: int
    submitted: Sequence[Annotation]
    weighed: Mapping[str, str] | None


def _outcome(reviewed: Reviewed, local: Local | None, known: Known) -> Outcome:
    """What becomes of an article whose review was submitted; `known` is what the last pull took of it."""
    task = reviewed.task
    name = task.article_id
    if local is None:
        return held_back(name, Path(), "article-unknown", "has a review on the server, and no annotation file here")
    if reviewed.weighed is None:
        what = f"task {reviewed.number} does not say which annotations were weighed; `tawsim push --review` makes such"
        return held_back(name, local.path, "review-foreign", what)
    chosen = _chosen(reviewed.submitted)
    if chosen is None:
        named = ", ".join(f"{a.annotator} ({a.id})" for a in reviewed.submitted)
        what = (
            f"task {reviewed.number} has {len(reviewed.submitted)} reviews, by {named}; "
            "mark one as ground truth on the server, or delete the others"
        )
        return held_back(name, local.path, "review-several", what)
    task = as_kept(replace(task, annotations=(chosen,), predictions=(), data={}), local.text)
    ours = our_side(task, local)
    if isinstance(ours, Outcome):
        return ours
    alone, told = as_stored(task, local.path, local.strip)
    truth = replace(
        alone.annotations[0],
        id=truth_id(chosen.id),
        ground_truth=True,
        adjudicates=tuple(sorted(reviewed.weighed)),
    )
    if changed := changes(reviewed.weighed, ours, truth.id):
        what = f"the annotations changed since they were sent for review: {'; '.join(changed)}"
        told.append(Finding("review-outdated", Severity.WARNING, str(local.path), what, truth.id))
    return _merged(ours, truth, local, known, told)


def _chosen(submitted: Sequence[Annotation]) -> Annotation | None:
    """The one review, else the one marked as ground truth on the server."""
    if len(submitted) == 1:
        return submitted[0]
    marked = [annotation for annotation in submitted if annotation.ground_truth]
    return marked[0] if len(marked) == 1 else None


def _merged(ours: Task, truth: Annotation, local: Local, known: Known, told: Sequence[Finding]) -> Outcome:
    """Our file with the ground truth in it, unless something that only our file has would be lost."""
    before = next((annotation for annotation in ours.annotations if annotation.id == truth.id), None)
    others = tuple(annotation for annotation in ours.annotations if annotation.id != truth.id)
    if rivals := [a for a in others if a.ground_truth and not a.cancelled]:
        named = ", ".join(f"{a.id} by {a.annotator}" for a in rivals)
        what = f"another annotation is marked as ground truth already: {named}; unmark it, or delete the review"
        return held_back(ours.article_id, local.path, "ground-truth-several", what)
    content, remote = as_bytes(replace(ours, annotations=(*others, truth))), sha256(content_of(truth))
    outcome = Outcome(ours.article_id, Verdict.WRITTEN, local.path, content, None, remote, (truth.id,), tuple(told))
    if content == local.content:
        return replace(outcome, verdict=Verdict.UNCHANGED)
    if before is None or content_of(before) == content_of(truth) or known.remote == sha256(content_of(before)):
        return outcome
    if known.remote == remote:
        return replace(outcome, verdict=Verdict.OURS, content=None)
    what = (
        "the review changed on the server, and its ground truth here; to take the server's, delete ours from the file"
    )
    finding = Finding("conflict", Severity.ERROR, str(local.path), what, truth.id)
    return replace(outcome, verdict=Verdict.CONFLICT, content=None, findings=(*outcome.findings, finding))

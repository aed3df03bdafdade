"""Annotations and predictions on their way to tasks that are there; what the server has already is not sent again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from time import sleep
from typing import Any

from toolkit.annotation import Annotation, Prediction, Task
from toolkit.findings import Finding, Severity
from toolkit.labelstudio.client import Client, UnansweredError
from toolkit.labelstudio.reading.export import RawTask
from toolkit.labelstudio.reading.importing import import_tasks
from toolkit.labelstudio.sync.locating import PAUSES, batches, repeated
from toolkit.labelstudio.sync.plan import Action, PushPlan
from toolkit.labelstudio.sync.push import BATCH, EXPORTED, Say
from toolkit.labelstudio.sync.state import SyncState
from toolkit.labelstudio.sync.wire import (
    Suggestion,
    accounts_of,
    check_id,
    content_of,
    native_annotation,
    suggestion,
    suggestion_identity,
)
from toolkit.project import Project

READY = (Action.CREATE, Action.UNCHANGED, Action.DATA, Action.TEXT)


@dataclass(frozen=True, slots=True)
class AnnotationPlan:
    """The annotations to send, each with its article as sent, the user ids, and what is on the server otherwise."""

    waiting: tuple[tuple[Task, Annotation], ...]
    accounts: Mapping[str, int]
    findings: tuple[Finding, ...]


def plan_annotations(client: Client, project: Project, plan: PushPlan) -> AnnotationPlan:
    """The annotations of the planned articles that the server does not have, by `unique_id`.

    One that the server has in another version is a warning: it is never overwritten. ConfigError where an annotator
    has no account, DataError where an id is no UUID.
    """
    ready = [step for step in plan.steps if step.action in READY and step.article.annotations]
    for step in ready:
        for annotation in step.article.annotations:
            check_id(annotation, step.article.article_id)
    names = {annotation.annotator for step in ready for annotation in step.article.annotations}
    accounts = accounts_of(project.labelstudio, names, repeated(client.users)) if names else {}
    there: dict[str, Annotation] = {}
    numbers = [step.task for step in ready if step.task is not None]
    for batch in batches(numbers, EXPORTED) if plan.project is not None else ():
        there |= _annotations_of(client, project, plan.project or 0, batch)
    waiting: list[tuple[Task, Annotation]] = []
    findings: list[Finding] = []
    for step in ready:
        for annotation in step.article.annotations:
            found = there.get(annotation.id)
            if found is None:
                waiting.append((step.article, annotation))
            elif content_of(found) != content_of(annotation):
                what = "the server has another version of this annotation, which stays; `tawsim pull` brings it"
                name = step.article.article_id
                findings.append(Finding("annotation-differs", Severity.WARNING, name, what, annotation.id))
    return AnnotationPlan(tuple(waiting), accounts, tuple(findings))


def _annotations_of(client: Client, project: Project, number: int, tasks: Sequence[int]) -> dict[str, Annotation]:
    raw = repeated(lambda: client.export(number, tasks))
    placed = [RawTask(f"task {native.get('id')}", native) for native in raw]
    found = import_tasks(placed, f"project {number}", project.schema, project.labelstudio)
    return {annotation.id: annotation for task in found.tasks for annotation in task.annotations}


def send_annotations(
    client: Client, project: Project, number: int, plan: AnnotationPlan, state: SyncState, say: Say
) -> tuple[int, list[Finding]]:
    """Sends annotations one by one, as only that keeps their ids. How many were sent, and what the server refused.

    The server keeps an id once over all its projects. Where it has one already, it is looked whether our task has it:
    it may have come with an attempt that got no answer.
    """
    numbers = {known.article: task for task, known in state.tasks.items() if not known.gone}
    there: list[tuple[int, Task, Annotation]] = []
    sent = 0
    for place, (article, annotation) in enumerate(plan.waiting, 1):
        task = numbers.get(article.article_id)
        if task is None:
            continue
        native = native_annotation(article, annotation, plan.accounts)
        if repeated(partial(client.add_annotation, task, native)):
            sent += 1
        else:
            there.append((task, article, annotation))
        if place % BATCH == 0 or place == len(plan.waiting):
            say(f"sent {place} of {len(plan.waiting)} annotations")
    ours: set[str] = set()
    for batch in batches(sorted({task for task, _, _ in there}), EXPORTED):
        ours |= _annotations_of(client, project, number, batch).keys()
    what = "the server has an annotation of this id in another task or project, and keeps each id once; it was not sent"
    findings = [
        Finding("annotation-elsewhere", Severity.ERROR, article.article_id, what, annotation.id)
        for _, article, annotation in there
        if annotation.id not in ours
    ]
    return sent + len(there) - len(findings), findings


def plan_predictions(
    client: Client, plan: PushPlan, articles: Sequence[Task], predictions: Mapping[str, Prediction]
) -> list[Suggestion]:
    """The predictions, by article id, that the server does not have: the same model saying the same is there once.

    `articles` are as our files have them, since the offsets of the predictions are counted in their texts.
    """
    numbers = {step.article.article_id: step.task for step in plan.steps if step.action in READY}
    wanted = [
        suggestion(article, predictions[article.article_id])
        for article in articles
        if article.article_id in predictions and article.article_id in numbers
    ]
    there = _predictions_of(client, plan.project) if plan.project is not None and wanted else {}
    return [one for one in wanted if one.identity not in there.get(numbers[one.article_id] or 0, ())]


def _predictions_of(client: Client, project: int) -> dict[int, set[bytes]]:
    found: dict[int, set[bytes]] = {}
    for task in repeated(lambda: list(client.tasks(project, "id,predictions", whole=True))):
        found[int(task["id"])] = {suggestion_identity(one) for one in task.get("predictions") or ()}
    return found


def send_predictions(client: Client, project: int, waiting: Sequence[Suggestion], state: SyncState, say: Say) -> int:
    """Sends predictions in batches; where no answer came, the server is looked at before they are repeated."""
    numbers = {known.article: number for number, known in state.tasks.items() if not known.gone}
    placed = [(numbers[one.article_id], one) for one in waiting if one.article_id in numbers]
    for batch in batches(placed, BATCH):
        _send_batch(client, project, batch)
    say(f"sent {len(placed)} predictions")
    return len(placed)


def _send_batch(client: Client, project: int, batch: list[tuple[int, Suggestion]]) -> None:
    for pause in (*PAUSES, None):
        body: list[dict[str, Any]] = [{"task": number, **one.native} for number, one in batch]
        try:
            client.add_predictions(project, body)
            return
        except UnansweredError:
            if pause is None:
                raise
            sleep(pause)
            there = _predictions_of(client, project)
            batch = [(number, one) for number, one in batch if one.identity not in there.get(number, ())]
            if not batch:
                return

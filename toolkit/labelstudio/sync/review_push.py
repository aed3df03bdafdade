"""Open articles sent to the review project: tasks as in any push, and every annotator's version as a prediction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from toolkit.annotation import Task
from toolkit.findings import Finding, Severity
from toolkit.labelstudio.client import Client, Json
from toolkit.labelstudio.sync.locating import repeated
from toolkit.labelstudio.sync.plan import Action, PushPlan, Step
from toolkit.labelstudio.sync.push import Pushed, Say, apply_push, plan_push
from toolkit.labelstudio.sync.review import AGREED, Review, digests, review_title, weighed
from toolkit.labelstudio.sync.sending import READY, send_predictions
from toolkit.labelstudio.sync.state import SyncState
from toolkit.labelstudio.sync.wire import Suggestion, suggestion_identity
from toolkit.project import Project

_FIELDS = "id,data,predictions,total_annotations,cancelled_annotations,draft_exists"


@dataclass(frozen=True, slots=True)
class ReviewPlan:
    """What is to be done: to the tasks, the versions to send, and the numbers of predictions that are out of date."""

    push: PushPlan
    waiting: tuple[Suggestion, ...]
    stale: tuple[int, ...]
    findings: tuple[Finding, ...]


def plan_review(
    client: Client,
    project: Project,
    reviews: Sequence[Review],
    state: SyncState,
    *,
    number: int | None,
    recreate: bool,
    say: Say,
) -> ReviewPlan:
    """What a push of these articles for review would do. Versions that a reviewer has begun to weigh are not replaced.

    The errors are those of `plan_push`.
    """
    tasks = [review.task for review in reviews]
    title = review_title(project.labelstudio.title)
    push = plan_push(client, project, tasks, state, title=title, number=number, recreate=recreate, say=say)
    there = _there(client, push.project) if push.project is not None else {}
    owned = {*project.labelstudio.annotators, AGREED}
    by_name = {review.article.article_id: review for review in reviews}
    steps: list[Step] = []
    waiting: list[Suggestion] = []
    stale: list[int] = []
    findings = [*push.findings, *(_hidden(review.article) for review in reviews if _has_attributes(review.article))]
    for step in push.steps:
        review, found = by_name[step.article.article_id], there.get(step.task or 0, {})
        if step.action in READY and _is_begun(found) and weighed(found["data"]) != digests(review.article.annotations):
            findings.append(_outdated(step))
            steps.append(replace(step, action=Action.UNCHANGED))
            continue
        steps.append(step)
        if step.action in READY:
            missing, old = _compared(review.versions, found, owned)
            waiting += missing
            stale += old
    return ReviewPlan(replace(push, steps=tuple(steps)), tuple(waiting), tuple(stale), tuple(findings))


def _there(client: Client, project: int) -> dict[int, Json]:
    return {int(task["id"]): task for task in repeated(lambda: list(client.tasks(project, _FIELDS, whole=True)))}


def _is_begun(task: Json) -> bool:
    return any(task.get(key) for key in ("total_annotations", "cancelled_annotations", "draft_exists"))


def _compared(wanted: Sequence[Suggestion], task: Json, owned: set[str]) -> tuple[list[Suggestion], list[int]]:
    """The versions that the task lacks, and the numbers of those of ours that it has in another form or twice.

    Where a reviewer has begun, only what is not there at all is sent.
    """
    ours = [found for found in task.get("predictions") or () if found.get("model_version") in owned]
    if _is_begun(task):
        names = {found.get("model_version") for found in ours}
        return [one for one in wanted if one.native["model_version"] not in names], []
    lacking = {one.identity: one for one in wanted}
    stale = [int(found["id"]) for found in ours if lacking.pop(suggestion_identity(found), None) is None]
    return list(lacking.values()), stale


def _outdated(step: Step) -> Finding:
    what = (
        f"its annotations changed, and task {step.task} has a review of the earlier ones, which stays; "
        "to have it reviewed anew, delete that task and run `tawsim push --review --recreate`"
    )
    return Finding("review-outdated", Severity.WARNING, step.article.article_id, what)


def _has_attributes(article: Task) -> bool:
    return any(annotation.attributes for annotation in article.annotations)


def _hidden(article: Task) -> Finding:
    count = sum(len(annotation.attributes) for annotation in article.annotations)
    what = f"choices, comments and ratings are not shown for review, only mentions and relations: {count}"
    return Finding("review-attributes", Severity.NOTE, article.article_id, what)


def apply_review(client: Client, plan: ReviewPlan, state: SyncState, say: Say) -> tuple[Pushed, int]:
    """Does what the plan says; what was done, and how many versions were sent. What a killed run left is made good."""
    done = apply_push(client, plan.push, state, say)
    if plan.push.is_refused:
        return done, 0
    for number in plan.stale:
        repeated(partial(client.delete_prediction, number))
    sent = send_predictions(client, done.project, plan.waiting, state, say) if plan.waiting else 0
    project = repeated(lambda: client.project(done.project)) or {}
    has_versions = any(step.action in READY for step in plan.push.steps)  # else the server knows no such model
    if has_versions and project.get("model_version") != AGREED:
        repeated(lambda: client.prefer(done.project, AGREED))
    return done, sent

"""Articles sent to Label Studio: a plan first, then what it says. An interrupted push is resumed without duplicates."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from time import sleep, time

from toolkit.annotation import Task
from toolkit.findings import Finding, Severity
from toolkit.labelstudio.client import Client, Json, UnansweredError
from toolkit.labelstudio.reading.template import labelling_config
from toolkit.labelstudio.server.locking import only_sync
from toolkit.labelstudio.sync.locating import PAUSES, batches, locate, repeated
from toolkit.labelstudio.sync.plan import (
    Action,
    Config,
    Offer,
    PushPlan,
    RemoteTask,
    Step,
    plan_steps,
    removed_uses,
    same_config,
    text_differs,
    uses,
)
from toolkit.labelstudio.sync.resuming import articles_after, look, settle
from toolkit.labelstudio.sync.state import Known, SyncState, read_state, state_file
from toolkit.labelstudio.sync.wire import as_sent, task_data
from toolkit.project import Project

BATCH = 100
EXPORTED = 200
Say = Callable[[str], None]


def _silent(_: str) -> None:
    """For who does not want to be told."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """What was done: the project's number, how many tasks were made and changed, and what could not be done."""

    project: int
    created: int
    changed: int
    findings: tuple[Finding, ...]


def push_project(client: Client, project: Project, articles: Sequence[Task], say: Say) -> Pushed:
    """Pushes the articles whose text is at hand; the plan's findings come with the outcome.

    UsageError where another process pushes or pulls the project.
    """
    with only_sync(project):
        state = read_state(state_file(project, client.url))
        plan = plan_push(client, project, articles, state, say=say)
        done = apply_push(client, plan, state, say)
    return replace(done, findings=(*plan.findings, *done.findings))


def plan_push(
    client: Client,
    project: Project,
    articles: Sequence[Task],
    state: SyncState,
    *,
    title: str | None = None,
    number: int | None = None,
    recreate: bool = False,
    say: Say = _silent,
) -> PushPlan:
    """What a push of these articles would do. Those without their text are left out, with a note.

    They go to the project that our settings name, unless another `title` or a `number` is given. Where the last push
    was killed a moment ago, it takes some seconds longer, which `say` is told.

    UsageError where several projects have the title, ConfigError where the project labels no plain text.
    """
    settings = project.labelstudio
    title = title or settings.title
    key, xml = settings.tags.data_key, labelling_config(project.schema, settings.tags)
    sent = [as_sent(article) for article in articles if article.text is not None]
    findings = [_without_text(article) for article in articles if article.text is None]
    there = locate(client, title, state, number)
    if there is None:
        steps = tuple(Step(article, Action.CREATE) for article in sent)
        return PushPlan(title, None, Config.NEW, xml, steps, tuple(findings), key)
    found = int(there["id"])
    config, problems = _plan_config(client, found, str(there.get("label_config") or ""), xml)
    settle(client, found, state, {article.article_id for article in sent}, say)
    remote, highest = _remote_tasks(client, found, sent, key)
    numbers = {task.number for tasks in remote.values() for task in tasks}
    known = state.tasks.items() if state.project == found else ()
    gone = {task.article for number, task in known if number not in numbers}
    planned, told = plan_steps(sent, remote, gone, key, recreate=recreate)
    findings += [*problems, *told]
    return PushPlan(title, found, config, xml, tuple(planned), tuple(findings), key, highest)


def _without_text(article: Task) -> Finding:
    what = "its text is not at hand, so it was left out; name the folder with --articles or TAWSIM_ARTICLES"
    return Finding("text-withheld", Severity.NOTE, article.article_id, what)


def _plan_config(client: Client, project: int, there: str, ours: str) -> tuple[Config, list[Finding]]:
    if same_config(there, ours):
        return Config.UNCHANGED, []
    offer = Offer.of(ours)
    if not offer.lacks(Offer.of(there)):
        return Config.CHANGED, []
    used: Counter[tuple[str, str]] = Counter()
    numbers = [int(task["id"]) for task in _all_tasks(client, project, "id")]
    for batch in batches(numbers, EXPORTED):
        used += uses(repeated(partial(client.export, project, batch)))
    lost = removed_uses(offer, used)
    if not lost:
        return Config.CHANGED, []
    what = f"annotations on the server use what configs/labels.yaml no longer has: {', '.join(lost)}; nothing was sent"
    return Config.REFUSED, [Finding("label-removed", Severity.ERROR, f"project {project}", what)]


def _all_tasks(client: Client, project: int, include: str) -> list[Json]:
    return repeated(lambda: list(client.tasks(project, include)))


def _remote_tasks(
    client: Client, project: int, sent: Sequence[Task], key: str
) -> tuple[dict[str, list[RemoteTask]], int]:
    """The tasks by article id, and the highest number; of those whose text differs, what was done on them too."""
    ours = {article.article_id: article for article in sent}
    remote: defaultdict[str, list[RemoteTask]] = defaultdict(list)
    highest = 0
    for task in _all_tasks(client, project, "id,data"):
        number, data = int(task["id"]), task["data"]
        highest = max(highest, number)
        name = str(data.get("article_id"))
        work = ""
        if name in ours and text_differs(ours[name], data, key):
            work = work_on(repeated(partial(client.task, number)))
        remote[name].append(RemoteTask(number, data, work))
    return dict(remote), highest


def work_on(task: Json | None) -> str:
    """In words what people and models did on a task: annotations, drafts, predictions; empty where nothing."""
    kinds = ("annotations", "drafts", "predictions")
    counts = [(len((task or {}).get(kind) or ()), kind) for kind in kinds]
    return ", ".join(f"{kind}: {n}" for n, kind in counts if n)


def apply_push(client: Client, plan: PushPlan, state: SyncState, say: Say) -> Pushed:
    """Does what the plan says. A task that was annotated since the plan is not changed: that is an error finding.

    UnansweredError where the server stays away; running again goes on from there.
    """
    if plan.is_refused:
        return Pushed(plan.project or 0, 0, 0, ())
    project = plan.project if plan.project is not None else _create_project(client, plan)
    state.at(project)
    if plan.config is Config.CHANGED:
        repeated(lambda: client.set_config(project, plan.xml))
    made = {step.article.article_id for step in plan.steps if step.action is Action.CREATE}
    state.tasks = {number: known for number, known in state.tasks.items() if known.article not in made}
    for step in plan.steps:
        if step.task is not None:
            state.tasks.setdefault(step.task, Known(step.article.article_id))
    created = _create(client, project, plan, state, say)
    state.sending = []  # also what an earlier push began, and the plan has found there
    changed, findings = 0, []
    for step in plan.steps:
        if step.action in (Action.TEXT, Action.DATA) and step.task is not None:
            problem = _change(client, step, step.task, plan.data_key)
            changed += problem is None
            findings += [problem] if problem else []
    state.save()
    return Pushed(project, created, changed, tuple(findings))


def _create_project(client: Client, plan: PushPlan) -> int:
    """The new project's number; before it is asked for again, it is looked for."""
    for pause in PAUSES:
        try:
            return int(client.create_project(plan.title, plan.xml)["id"])
        except UnansweredError as error:
            sleep(pause)
            if found := repeated(lambda: client.projects(plan.title)):
                return int(found[0]["id"])
            last = error
    raise last


def _create(client: Client, project: int, plan: PushPlan, state: SyncState, say: Say) -> int:
    waiting = [step.article for step in plan.steps if step.action is Action.CREATE]
    done, highest = 0, plan.highest
    for batch in batches(waiting, BATCH):
        state.sending, state.sent_at = [article.article_id for article in batch], time()
        state.save()
        made = _create_batch(client, project, batch, plan.data_key, highest)
        for name, number in made.items():
            state.tasks[number] = Known(name)
        state.sending = []
        state.save()
        highest, done = max([highest, *made.values()]), done + len(batch)
        say(f"sent {done} of {len(waiting)} articles")
    return done


def _create_batch(client: Client, project: int, batch: Sequence[Task], key: str, highest: int) -> dict[str, int]:
    """The numbers of the tasks made of a batch. Where no answer came, the server is looked at before it is repeated."""
    waiting = list(batch)
    for pause in (*PAUSES, None):
        try:
            client.import_tasks(project, [{"data": task_data(article, key)} for article in waiting])
            break
        except UnansweredError:
            if pause is None:
                raise
            there = look(client, project, highest, pause)
            waiting = [article for article in batch if article.article_id not in there]
            if not waiting:
                break
    made = articles_after(client, project, highest)
    return {article.article_id: made[article.article_id] for article in batch if article.article_id in made}


def _change(client: Client, step: Step, number: int, key: str) -> Finding | None:
    """Replaces the data of a task, unless somebody worked on it, or changed its text, since the plan was made."""
    now = repeated(lambda: client.task(number))
    name = step.article.article_id
    if now is None:
        return Finding("remote-gone", Severity.WARNING, name, f"task {number} was deleted while this push ran")
    data = now.get("data") or {}
    if text_differs(step.article, data, key) and (work := work_on(now)):
        what = f"task {number} was worked on while this push ran ({work}); its text was not changed"
        return Finding("text-changed", Severity.ERROR, name, what)
    repeated(lambda: client.set_data(number, {**data, **task_data(step.article, key)}))
    return None

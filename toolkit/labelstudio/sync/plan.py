"""What a push will do, decided before anything is sent. Pure: from what is here and what the server has."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from xml.etree import ElementTree

from toolkit.annotation import Task
from toolkit.files import canonical_json
from toolkit.findings import Finding, Severity
from toolkit.labelstudio.reading.template import schema_from_config
from toolkit.labelstudio.sync.wire import task_data


class Action(StrEnum):
    """What becomes of an article."""

    CREATE = "create"
    UNCHANGED = "unchanged"
    DATA = "data changed"
    TEXT = "text changed"
    CONFLICT = "conflict"
    GONE = "remote gone"


class Config(StrEnum):
    """What becomes of the project and its labelling configuration."""

    NEW = "create the project"
    UNCHANGED = "unchanged"
    CHANGED = "configuration changed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RemoteTask:
    """A task on the server: its number, its data, and in words what people or models did on it, if that was asked."""

    number: int
    data: Mapping[str, Any]
    work: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """An article of ours and what the push does with it; `task` is its number on the server."""

    article: Task
    action: Action
    task: int | None = None


@dataclass(frozen=True, slots=True)
class PushPlan:
    """What a push does: to the project, to each article, and what it will not do, as findings."""

    title: str
    project: int | None
    config: Config
    xml: str
    steps: tuple[Step, ...]
    findings: tuple[Finding, ...]
    data_key: str
    highest: int = 0

    @property
    def is_refused(self) -> bool:
        """Whether nothing may be sent, because the configuration would take away what annotations use."""
        return self.config is Config.REFUSED


def text_differs(article: Task, remote: Mapping[str, Any], data_key: str) -> bool:
    """Whether the server's text is another than the one that would be sent."""
    return bool(remote.get(data_key) != article.text)


def plan_steps(
    articles: Sequence[Task],
    remote: Mapping[str, Sequence[RemoteTask]],
    gone: set[str],
    data_key: str,
    *,
    recreate: bool = False,
) -> tuple[list[Step], list[Finding]]:
    """The step of each article; `articles` are as they would be sent, `remote` is by article id.

    `gone` are articles whose task was on the server and is not any more; they are sent again with `recreate` only.
    """
    steps: list[Step] = []
    findings: list[Finding] = []
    for article in articles:
        there = remote.get(article.article_id, ())
        if not there:
            is_gone = article.article_id in gone and not recreate
            steps.append(Step(article, Action.GONE if is_gone else Action.CREATE))
            if is_gone:
                what = "the task was deleted on the server; `tawsim push --recreate` makes it again"
                findings.append(Finding("remote-gone", Severity.WARNING, article.article_id, what))
            continue
        if len(there) > 1:
            numbers = ", ".join(str(task.number) for task in there)
            what = f"the server has {len(there)} tasks of this article: {numbers}; delete all but one there"
            findings.append(Finding("remote-duplicate", Severity.ERROR, article.article_id, what))
        step, finding = _of_one(article, there[0], data_key)
        steps.append(step)
        findings += finding
    return steps, findings


def _of_one(article: Task, there: RemoteTask, data_key: str) -> tuple[Step, list[Finding]]:
    if text_differs(article, there.data, data_key):
        if there.work:
            what = f"the text differs from that of task {there.number}, which carries {there.work}; nothing was sent"
            finding = Finding("text-changed", Severity.ERROR, article.article_id, what)
            return Step(article, Action.CONFLICT, there.number), [finding]
        return Step(article, Action.TEXT, there.number), []
    wanted = {**there.data, **task_data(article, data_key)}
    same = canonical_json(wanted) == canonical_json(dict(there.data))
    return Step(article, Action.UNCHANGED if same else Action.DATA, there.number), []


def same_config(first: str, second: str) -> bool:
    """Whether two labelling configurations are the same but for blanks and the order of attributes."""
    first, second = " ".join(first.split()), " ".join(second.split())
    try:
        return ElementTree.canonicalize(first, strip_text=True) == ElementTree.canonicalize(second, strip_text=True)
    except ElementTree.ParseError:
        return first == second


@dataclass(frozen=True, slots=True)
class Offer:
    """What a labelling configuration lets people use: labels, relations, and the names of its tags."""

    labels: frozenset[str]
    relations: frozenset[str]
    tags: frozenset[str]

    @staticmethod
    def of(xml: str) -> "Offer":
        """The offer of a configuration; ConfigError where it labels no plain text."""
        schema, _ = schema_from_config(xml)
        tags = frozenset(name for tag in ElementTree.fromstring(xml).iter() if (name := tag.get("name")))
        return Offer(frozenset(schema.entities), frozenset(schema.relations), tags)

    def lacks(self, other: "Offer") -> bool:
        """Whether the other offers something that this one does not."""
        return not (other.labels <= self.labels and other.relations <= self.relations and other.tags <= self.tags)


def uses(natives: Sequence[Mapping[str, Any]]) -> Counter[tuple[str, str]]:
    """How often the annotations and drafts of raw tasks use each label, relation label and tag, as (kind, name)."""
    found: Counter[tuple[str, str]] = Counter()
    for task in natives:
        for part in (*(task.get("annotations") or ()), *(task.get("drafts") or ())):
            for item in part.get("result") or ():
                found.update(_used(item))
    return found


def _used(item: Mapping[str, Any]) -> list[tuple[str, str]]:
    if item.get("type") == "relation":
        return [("relation", str(label)) for label in item.get("labels") or ()]
    value = item.get("value") or {}
    labels = [("label", str(label)) for label in value.get("labels") or ()] if item.get("type") == "labels" else []
    return [*labels, ("tag", str(item.get("from_name") or ""))]


def removed_uses(offer: Offer, used: Counter[tuple[str, str]]) -> list[str]:
    """What annotations use and the new configuration does not offer, each with its count, in words."""
    known = {"label": offer.labels, "relation": offer.relations, "tag": offer.tags | {""}}
    return [f"{kind} {name} ({n})" for (kind, name), n in sorted(used.items()) if name not in known[kind]]

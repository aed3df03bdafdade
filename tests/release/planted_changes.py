"""Edits of one thing each, of the small corpus or of its settings, for the tests of what a difference tells."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml
from small_corpus import (
    CALM,
    HARBOUR,
    MARKET_AGAIN,
    MUSEUM,
    NEWS,
    SPLITS,
    TREATY,
    WIRE,
    WIRE_QUIET,
    WITHHELD,
    compose,
    reviewed,
    write_project,
)

from toolkit.annotation import Link, Region, Task
from toolkit.project import Project
from toolkit.release.changes.change_kinds import Kind

BASE = (reviewed(MUSEUM), *(task for task in NEWS if task is not MUSEUM))
K = Kind


@dataclass(frozen=True)
class Planted:
    """One edit: what is written otherwise, and what the difference must tell of it.

    `document`, `old` and `new` are of the first change of the kind; of the facts only those that are given must hold.
    """

    kind: Kind
    bump: str
    comparable: bool
    document: str = ""
    old: dict[str, Any] | None = None
    new: dict[str, Any] | None = None
    news: Sequence[Task] = BASE
    withheld: Sequence[Task] = WITHHELD
    splits: dict[str, str] = field(default_factory=lambda: dict(SPLITS))
    dataset: dict[str, Any] = field(default_factory=dict)
    labels: dict[str, Any] = field(default_factory=dict)
    labels_before: dict[str, Any] = field(default_factory=dict)
    datasheet: str | None = None

    def project(self, root: Path, repository: Path, version: str = "1.2.3") -> Project:
        """The small project with this one edit."""
        project = write_project(
            root,
            repository,
            news=self.news,
            withheld=self.withheld,
            splits=self.splits,
            dataset={"version": version, **self.dataset},
            labels=self.labels,
        )
        if self.datasheet is not None:
            project.datasheet.write_text(self.datasheet, encoding="utf-8")
        return project


def edited(task: Task, *, regions: Sequence[Region] | None = None, links: Sequence[Link] | None = None) -> Task:
    """The task with other regions or links in its first annotation."""
    first = task.annotations[0]
    regions = first.regions if regions is None else tuple(regions)
    first = replace(first, regions=regions, links=first.links if links is None else tuple(links))
    return replace(task, annotations=(first, *task.annotations[1:]))


def region_of(task: Task, name: str) -> Region:
    return next(region for region in task.annotations[0].regions if region.id == name)


def without(task: Task, name: str) -> Task:
    return edited(task, regions=[region for region in task.annotations[0].regions if region.id != name])


def with_region(task: Task, start: int, end: int, label: str) -> Task:
    text = task.text or ""
    return edited(task, regions=[*task.annotations[0].regions, Region("new", start, end, (label,), text[start:end])])


def moved(task: Task, name: str, start: int, end: int) -> Task:
    text = task.text or ""
    new = replace(region_of(task, name), start=start, end=end, text=text[start:end])
    return edited(task, regions=[new if region.id == name else region for region in task.annotations[0].regions])


def labelled(task: Task, name: str, label: str) -> Task:
    new = replace(region_of(task, name), labels=(label,))
    return edited(task, regions=[new if region.id == name else region for region in task.annotations[0].regions])


def linked(task: Task, place: int, **values: Any) -> Task:
    links = list(task.annotations[0].links)
    links[place] = replace(links[place], **values)
    return edited(task, links=links)


def swap(task: Task, instead: Task | None, tasks: Sequence[Task] = BASE) -> tuple[Task, ...]:
    """The tasks with another in the place of one, or without it."""
    found = [instead if each is task else each for each in tasks]
    return tuple(each for each in found if each is not None)


def place(task: Task, name: str, label: str | None = None) -> dict[str, Any]:
    """Start, end and label of a region, as a difference tells them."""
    region = region_of(task, name)
    return {"start": region.start, "end": region.end, "label": label or region.labels[0]}


def labels_of(repository: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((repository / "configs" / "labels.yaml").read_text("utf-8"))
    return found


def planted(repository: Path) -> dict[str, Planted]:
    """Every edit by name."""
    labels = labels_of(repository)
    p1, g2 = region_of(HARBOUR, "p1"), region_of(HARBOUR, "g2")
    cases = {
        "document added": Planted(
            K.DOCUMENT_ADDED,
            "MINOR",
            True,
            "dawn",
            new={"split": "train", "mentions": 1, "relations": 0},
            news=(*BASE, compose("dawn", "بزغ الفجر على {LOC سهل السمسم} بلا ريح.")),
            splits={**SPLITS, "dawn": "train"},
        ),
        "test document added": Planted(
            K.DOCUMENT_ADDED,
            "MINOR",
            False,
            "dawn",
            new={"split": "test"},
            news=(*BASE, compose("dawn", "بزغ الفجر على {LOC سهل السمسم} بلا ريح.")),
            splits={**SPLITS, "dawn": "test"},
        ),
        "document removed": Planted(
            K.DOCUMENT_REMOVED, "MAJOR", True, "calm", old={"split": "validation"}, news=swap(CALM, None)
        ),
        "text changed": Planted(
            K.DOCUMENT_TEXT_CHANGED,
            "MAJOR",
            True,
            "calm",
            old={"length": CALM.length},
            new={"length": CALM.length + 1},
            news=swap(CALM, compose("calm", f"{CALM.text}!")),
        ),
        "moved to another split": Planted(
            K.DOCUMENT_MOVED,
            "MAJOR",
            True,
            "calm",
            old={"split": "validation"},
            new={"split": "train"},
            splits={**SPLITS, "calm": "train"},
        ),
        "mention added": Planted(
            K.MENTION_ADDED,
            "PATCH",
            True,
            "calm",
            new={"start": 0, "end": 4, "label": "DATE", "text": "ليلة"},
            news=swap(CALM, with_region(CALM, 0, 4, "DATE")),
        ),
        "mention removed": Planted(
            K.MENTION_REMOVED,
            "PATCH",
            True,
            "harbour",
            old={**place(HARBOUR, "g2"), "text": g2.text},
            news=swap(HARBOUR, without(HARBOUR, "g2")),
        ),
        "mention re-bounded": Planted(
            K.MENTION_REBOUNDED,
            "PATCH",
            True,
            "harbour",
            old=place(HARBOUR, "p1"),
            new={**place(HARBOUR, "p1"), "end": p1.end - 2},
            news=swap(HARBOUR, moved(HARBOUR, "p1", p1.start, p1.end - 2)),
        ),
        "mention relabelled": Planted(
            K.MENTION_RELABELLED,
            "PATCH",
            True,
            "harbour",
            old=place(HARBOUR, "g2"),
            new=place(HARBOUR, "g2", "LOC"),
            news=swap(HARBOUR, labelled(HARBOUR, "g2", "LOC")),
        ),
        "test mention relabelled": Planted(
            K.MENTION_RELABELLED,
            "MINOR",
            False,
            "market-02",
            old=place(MARKET_AGAIN, "n"),
            new=place(MARKET_AGAIN, "n", "GPE"),
            news=swap(MARKET_AGAIN, labelled(MARKET_AGAIN, "n", "GPE")),
        ),
        "withheld mention removed": Planted(
            K.MENTION_REMOVED,
            "MINOR",
            False,
            "wire-02",
            old={"label": "LOC"},
            withheld=swap(WIRE_QUIET, edited(WIRE_QUIET, regions=()), WITHHELD),
        ),
        "relation added": Planted(
            K.RELATION_ADDED,
            "PATCH",
            True,
            "treaty",
            new={"label": "LOCATED_IN", "head": place(TREATY, "e"), "tail": place(TREATY, "c")},
            news=swap(
                TREATY, edited(TREATY, links=[*TREATY.annotations[0].links, Link("e", "c", "right", ("LOCATED_IN",))])
            ),
        ),
        "relation removed": Planted(
            K.RELATION_REMOVED,
            "PATCH",
            True,
            "harbour",
            old={"label": "VISITED", "head": place(HARBOUR, "p1"), "tail": place(HARBOUR, "f1")},
            news=swap(HARBOUR, edited(HARBOUR, links=HARBOUR.annotations[0].links[1:])),
        ),
        "relation retyped": Planted(
            K.RELATION_RETYPED,
            "MINOR",
            False,
            "wire-01",
            old={"label": "HEAD_OF", "head": place(WIRE, "q"), "tail": place(WIRE, "o")},
            new={"label": "WORKS_FOR", "head": place(WIRE, "q"), "tail": place(WIRE, "o")},
            withheld=swap(WIRE, linked(WIRE, 2, labels=("WORKS_FOR",)), WITHHELD),
        ),
        "relation reversed": Planted(
            K.RELATION_REVERSED,
            "PATCH",
            True,
            "harbour",
            old={"label": "LOCATED_IN", "head": place(HARBOUR, "f1"), "tail": place(HARBOUR, "g1")},
            new={"label": "LOCATED_IN", "head": place(HARBOUR, "g1"), "tail": place(HARBOUR, "f1")},
            news=swap(HARBOUR, linked(HARBOUR, 1, direction="right")),
        ),
        "relation re-headed": Planted(
            K.RELATION_REATTACHED,
            "PATCH",
            True,
            "harbour",
            old={"head": place(HARBOUR, "p1"), "tail": place(HARBOUR, "f1")},
            new={"head": place(HARBOUR, "p2"), "tail": place(HARBOUR, "f1")},
            news=swap(HARBOUR, linked(HARBOUR, 0, head="p2")),
        ),
        "setting changed": Planted(
            K.SETTING_CHANGED,
            "PATCH",
            True,
            old={"setting": "license", "value": "cc-by-4.0"},
            new={"setting": "license", "value": "cc0-1.0"},
            dataset={"license": "cc0-1.0"},
        ),
        "metadata changed": Planted(
            K.DOCUMENT_METADATA_CHANGED,
            "PATCH",
            True,
            "harbour",
            old={"event": "harbour-day"},
            new={"event": "harbour-night"},
            news=swap(HARBOUR, replace(HARBOUR, data={"event": "harbour-night"})),
        ),
        "page changed": Planted(
            K.PAGE_CHANGED, "PATCH", True, old={"page": "DATASHEET.md"}, datasheet="# Another datasheet\n"
        ),
    }
    return cases | _of_the_schema(labels)


def _of_the_schema(labels: dict[str, Any]) -> dict[str, Planted]:
    entities, relations = labels["entities"], labels["relations"]
    with_one_more = {"entities": {**entities, "LANGUAGE": {"en": "A language"}}}
    renamed = {("PLACE" if name == "LOC" else name): kind for name, kind in entities.items()}
    backwards = dict(reversed(entities.items()))
    undirected = {**relations, "TIES_WITH": {**relations["TIES_WITH"], "symmetric": not _symmetric(relations)}}
    news = tuple(_relabel(task, "LOC", "PLACE") for task in BASE)
    return {
        "label added": Planted(
            K.LABEL_ADDED,
            "MINOR",
            False,
            new={"part": "entities", "label": "LANGUAGE"},
            labels=with_one_more,
        ),
        "label added in front": Planted(
            K.TAGS_CHANGED, "MAJOR", False, labels={"entities": {"LANGUAGE": {"en": "A language"}, **entities}}
        ),
        "label removed": Planted(
            K.LABEL_REMOVED,
            "MAJOR",
            False,
            old={"part": "entities", "label": "LANGUAGE"},
            labels_before=with_one_more,
        ),
        "label renamed": Planted(
            K.LABEL_RENAMED,
            "MAJOR",
            False,
            old={"part": "entities", "label": "LOC"},
            new={"part": "entities", "label": "PLACE"},
            news=news,
            withheld=tuple(_relabel(task, "LOC", "PLACE") for task in WITHHELD),
            labels={"entities": renamed, "relations": _ends_renamed(relations, "LOC", "PLACE")},
        ),
        "labels reordered": Planted(
            K.LABELS_REORDERED,
            "MAJOR",
            True,
            old={"labels": list(entities)},
            new={"labels": list(backwards)},
            labels={"entities": backwards},
        ),
        "symmetric changed": Planted(
            K.LABEL_REDEFINED,
            "MINOR",
            False,
            old={"label": "TIES_WITH", "symmetric": _symmetric(relations)},
            new={"label": "TIES_WITH", "symmetric": not _symmetric(relations)},
            labels={"relations": undirected},
        ),
        "colour changed": Planted(
            K.LABEL_REDEFINED,
            "PATCH",
            True,
            old={"label": "PER"},
            new={"label": "PER", "color": "#000000"},
            labels={"entities": {**entities, "PER": {**entities["PER"], "color": "#000000"}}},
        ),
        "flat layer changed": Planted(
            K.LABELLING_CHANGED,
            "MINOR",
            False,
            new={"setting": "flat_layer"},
            labels={"flat_layer": {**labels["flat_layer"], "keep": "innermost"}},
        ),
    }


def _symmetric(relations: dict[str, Any]) -> bool:
    return bool(relations["TIES_WITH"].get("symmetric", False))


def _relabel(task: Task, old: str, new: str) -> Task:
    regions = [
        replace(region, labels=tuple(new if label == old else label for label in region.labels))
        for region in task.annotations[0].regions
    ]
    return edited(task, regions=regions)


def _ends_renamed(relations: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    def ends(kind: dict[str, Any]) -> dict[str, Any]:
        return {key: [new if end == old else end for end in kind[key]] for key in ("head", "tail") if key in kind}

    return {name: {**kind, **ends(kind)} for name, kind in relations.items()}

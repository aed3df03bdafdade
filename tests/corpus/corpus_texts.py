"""Annotated texts and small projects for the tests of the corpus room, all composed."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from toolkit.annotation import Annotation, Link, Region, Task
from toolkit.corpus.store import Stored
from toolkit.files import sha256, to_json
from toolkit.native import to_native
from toolkit.project import Project

ANNOTATORS = ("draft-1", "reader-2")
_MARK = re.compile(r"\{(?P<label>[A-Z]+)(?:#(?P<id>\w+))? |\}")

Drawn = str | Link


def annotated(markup: str, *links: Drawn, article: str = "visit-01", **data: object) -> Task:
    """A task with one annotation, from a text with its mentions in braces: `زارت {PER#p سلمى} {GPE#g ريفاد}`.

    A link is `head LABEL tail [direction]`, by the ids after #, or a Link.
    """
    text, regions, opened, last = "", [], [], 0
    for match in _MARK.finditer(markup):
        text += markup[last : match.start()]
        last = match.end()
        if match["label"]:
            opened.append((len(text), match["label"], match["id"]))
        else:
            start, label, name = opened.pop()
            regions.append(Region(name or f"m{len(regions)}", start, len(text), (label,), text[start:]))
    text += markup[last:]
    assert not opened, markup
    annotation = Annotation(f"{article}-1", ANNOTATORS[0], tuple(regions), links=tuple(map(_link, links)))
    return Task(article, text, sha256(text.encode()), len(text), data, (annotation,))


def _link(drawn: Drawn) -> Link:
    if isinstance(drawn, Link):
        return drawn
    head, label, tail, *direction = drawn.split()
    return Link(head, tail, direction[0] if direction else "right", (label,))


def region(task: Task, words: str, *labels: str, id: str = "x", nth: int = 0, **changes: Any) -> Region:
    """A region over the `nth` occurrence of some words of the task's text."""
    text = task.text or ""
    start = [match.start() for match in re.finditer(re.escape(words), text)][nth]
    return replace(Region(id, start, start + len(words), labels, words), **changes)


def adding(task: Task, *parts: Region | Link) -> Task:
    """The task with more regions and links in its first annotation."""
    first = task.annotations[0]
    regions = (*first.regions, *(part for part in parts if isinstance(part, Region)))
    links = (*first.links, *(part for part in parts if isinstance(part, Link)))
    return replace(task, annotations=(replace(first, regions=regions, links=links), *task.annotations[1:]))


def twice(task: Task, first: Mapping[str, Any] | None = None, second: Mapping[str, Any] | None = None) -> Task:
    """The task with its annotation a second time, by another annotator; both with changes."""
    one = task.annotations[0]
    other = replace(one, id=f"{task.article_id}-2", annotator=ANNOTATORS[1])
    return replace(task, annotations=(replace(one, **(first or {})), replace(other, **(second or {}))))


def stored(task: Task, collection: str = "news") -> Stored:
    """The task as if read from its file."""
    return Stored(f"annotations/{collection}/{task.article_id}.json", collection, task)


def write_task(folder: Path, task: Task) -> Path:
    """The task as an annotation file of a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{task.article_id}.json"
    path.write_text(to_json(to_native(task)), encoding="utf-8", newline="")
    return path


def write_copy(folder: Path, task: Task) -> Path:
    """The text of a task as a reader's own copy."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{task.article_id}.txt"
    path.write_bytes((task.text or "").encode())
    return path


def write_project(
    root: Path,
    repository: Path,
    news: Iterable[Task] = (),
    wire: Iterable[Task] = (),
    splits: Mapping[str, str] | None = None,
    **dataset: Any,
) -> Project:
    """A project with this repository's configuration, edited; `wire` is withheld and all of it test."""
    folder = {"description": "Composed for tests.", "source": "composed", "license": "CC-BY-4.0"}
    configs = {
        name: yaml.safe_load((repository / "configs" / f"{name}.yaml").read_text(encoding="utf-8"))
        for name in ("dataset", "labels", "labelstudio", "evaluation")
    }
    configs["dataset"]["collections"] = {"news": folder, "wire": {**folder, "text": "withheld", "split": "test"}}
    configs["dataset"] |= dataset
    configs["labelstudio"]["annotators"] = {name: {"kind": "person", "description": "Reads."} for name in ANNOTATORS}
    configs["labelstudio"]["accounts"] = {}
    (root / "configs").mkdir(parents=True)
    for name, content in configs.items():
        text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
        (root / "configs" / f"{name}.yaml").write_text(text, encoding="utf-8")
    for name, tasks in (("news", news), ("wire", wire)):
        (root / "annotations" / name).mkdir(parents=True)
        for task in tasks:
            write_task(root / "annotations" / name, task)
    if splits is not None:
        (root / "annotations" / "splits.json").write_text(to_json(dict(splits)), encoding="utf-8")
    return Project(root)

"""Imported tasks written as annotation files, one an article, merged with what is there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from toolkit.annotation import Annotation, Attribute, Prediction, Region, Task
from toolkit.errors import DataError
from toolkit.files import read_json, to_json, write_text
from toolkit.findings import Finding, Severity
from toolkit.labelstudio.reading.merging import merged
from toolkit.native import Reader, to_native
from toolkit.tokens import words

# So many words in a row, also found in a withheld text, are a quotation of it.
_QUOTATION = 5


@dataclass(frozen=True, slots=True)
class Stored:
    """How many files were written and how many held these bytes already; how many articles were held back and why."""

    written: int
    unchanged: int
    held_back: int
    findings: tuple[Finding, ...]


def store(
    tasks: Sequence[Task], folder: Path, elsewhere: Sequence[Path], strip: Callable[[Task], Task] | None
) -> Stored:
    """Writes each task to `<article_id>.json` in `folder`, merged with the file of that name, never anywhere else.

    An article that has a file in one of the folders `elsewhere`, and one whose file here is of another text, are held
    back with an error. `strip` takes text and mentions out, for a collection whose texts are withheld.
    """
    findings: list[Finding] = []
    outcomes: list[bool] = []
    for task in tasks:
        path = folder / f"{task.article_id}.json"
        whole = _with_existing(task, path, elsewhere, findings)
        if whole is None:
            continue
        if strip is not None:
            whole, told = withheld(whole, str(path), strip)
            findings += told
        outcomes.append(write_text(path, to_json(to_native(whole))))
    return Stored(sum(outcomes), len(outcomes) - sum(outcomes), len(tasks) - len(outcomes), tuple(findings))


def withheld(task: Task, path: str, strip: Callable[[Task], Task]) -> tuple[Task, list[Finding]]:
    """A task as a collection that withholds its texts keeps it, with a warning for all that quoted the text."""
    task, dropped = _without_quotations(task)
    what = "quotes the text, which is withheld; it was left out"
    return strip(task), [Finding("quotation", Severity.WARNING, path, f"{one} {what}") for one in dropped]


def _with_existing(task: Task, path: Path, elsewhere: Sequence[Path], findings: list[Finding]) -> Task | None:
    """The task merged with its file; None, with an error, where the two do not belong together."""

    def error(code: str, message: str) -> None:
        findings.append(Finding(code, Severity.ERROR, str(path), message))

    for folder in elsewhere:
        if (folder / path.name).is_file():
            error("article-elsewhere", f"the article is in another collection already: {folder / path.name}")
            return None
    if not path.exists():
        return task
    reader = Reader(str(path))
    try:
        existing = reader.task(read_json(path))
    except DataError as problem:
        error("existing-file", f"the file that is there cannot be read: {problem.what}")
        return None
    if existing is None:
        error("existing-file", f"the file that is there is no annotation file: {reader.findings[0].message}")
        return None
    if (existing.article_id, existing.sha256) != (task.article_id, task.sha256):
        what = f"its sha256 is {existing.sha256[:12]}, the export's {task.sha256[:12]}"
        error("article-clash", f"the file that is there annotates another text under this article id: {what}")
        return None
    return merged(existing, task)


def _without_quotations(task: Task) -> tuple[Task, list[str]]:
    """The task without what quotes its text outside the regions: data, comments on regions, free text of models."""
    runs = _runs(task.text or "")
    dropped = [f"data.{key}" for key, value in task.data.items() if _quotes(value, runs)]
    data = {key: value for key, value in task.data.items() if f"data.{key}" not in dropped}

    def keeps(attribute: Attribute) -> bool:
        if attribute.kind != "textarea" and not _quotes(attribute.value, runs):
            return True
        dropped.append(f"{attribute.kind} {attribute.tag} {attribute.id}")
        return False

    def bare(region: Region) -> Region:
        extra = {key: value for key, value in region.extra.items() if key != "meta" and not _quotes(value, runs)}
        if len(extra) < len(region.extra):
            dropped.append(f"a comment on region {region.id}")
        return replace(region, extra=extra)

    def cut(part: Annotation) -> Annotation:
        return replace(part, regions=tuple(map(bare, part.regions)), attributes=tuple(filter(keeps, part.attributes)))

    def cut_prediction(part: Prediction) -> Prediction:
        return replace(part, regions=tuple(map(bare, part.regions)), attributes=tuple(filter(keeps, part.attributes)))

    annotations, predictions = map(cut, task.annotations), map(cut_prediction, task.predictions)
    return replace(task, data=data, annotations=tuple(annotations), predictions=tuple(predictions)), dropped


def _runs(text: str) -> set[tuple[str, ...]]:
    found = [text[start:end] for start, end in words(text)]
    return {tuple(found[i : i + _QUOTATION]) for i in range(len(found) - _QUOTATION + 1)}


def _quotes(value: Any, runs: set[tuple[str, ...]]) -> bool:
    if isinstance(value, str):
        return not runs.isdisjoint(_runs(value))
    if isinstance(value, dict):
        return any(_quotes(item, runs) for item in value.values())
    return isinstance(value, list) and any(_quotes(item, runs) for item in value)

"""Label Studio exports as tasks. What cannot be trusted is held back, and every change to the data is told."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from toolkit.annotation import Task
from toolkit.findings import Finding, Severity
from toolkit.labelstudio.reading.annotations import Rules
from toolkit.labelstudio.reading.corpora import read_corpora
from toolkit.labelstudio.reading.export import RawTask
from toolkit.labelstudio.reading.journal import Journal, quoted
from toolkit.labelstudio.reading.merging import united
from toolkit.labelstudio.reading.people import Annotators
from toolkit.labelstudio.reading.tasks import ReadTask, read_task
from toolkit.project import LabelStudioSettings, Tags
from toolkit.schema import Schema


@dataclass(frozen=True, slots=True)
class Imported:
    """The tasks that may be used, one an article in the order of the exports, and everything that was found.

    `read` and `held_back` count tasks as they stand in the exports.
    """

    tasks: tuple[Task, ...]
    findings: tuple[Finding, ...]
    read: int
    held_back: int

    @property
    def repaired(self) -> int:
        """How many regions were moved."""
        return sum(finding.code == "offset-repaired" for finding in self.findings)


def import_exports(
    paths: Sequence[Path],
    schema: Schema,
    settings: LabelStudioSettings,
    tags: Tags | None = None,
    annotator: str | None = None,
) -> Imported:
    """Reads native exports, brat documents and CoNLL files, or folders of them.

    `tags` replaces the settings' for a foreign project; `annotator` made the annotations that name nobody, as those of
    brat and CoNLL. A task with an error is held back whole. UsageError where a file is of no such kind, DataError
    where it is cut off or empty.
    """
    raw = read_corpora(paths, annotator)
    return import_tasks(raw, ", ".join(map(str, paths)), schema, settings, tags, annotator)


def import_tasks(
    raw_tasks: Iterable[RawTask],
    where: str,
    schema: Schema,
    settings: LabelStudioSettings,
    tags: Tags | None = None,
    annotator: str | None = None,
) -> Imported:
    """`import_exports` of raw tasks at hand; `where` stands for the whole of them in messages."""
    rules = Rules(schema, tags or settings.tags, Annotators(settings, annotator))
    findings: list[Finding] = []
    unknown: Counter[str] = Counter()
    by_article: dict[str, list[ReadTask]] = {}
    read = held_back = 0
    for raw in raw_tasks:
        journal = Journal(raw.place, findings=list(raw.findings))
        task = None if journal.failed else read_task(raw.native, rules, journal)
        findings += map(raw.located, journal.findings)
        unknown += journal.unknown
        read += 1
        if task is None:
            held_back += 1
        else:
            by_article.setdefault(task.article.id, []).append(task)
    tasks = []
    for parts in by_article.values():
        journal = Journal(parts[0].place)
        if one := united(parts, journal):
            tasks.append(one)
        else:
            held_back += len(parts)
        findings += journal.findings
    findings += [*_about_labels(unknown, where), *_about_annotators(rules.annotators.unknown, where)]
    return Imported(tuple(tasks), tuple(findings), read, held_back)


def _about_labels(unknown: Counter[str], where: str) -> list[Finding]:
    if not unknown:
        return []
    names = ", ".join(f"{quoted(label)} ({n})" for label, n in sorted(unknown.items()))
    what = f"labels that the schema does not have: {names}; `--labels FILE` takes those of a labelling configuration"
    return [Finding("labels-unknown", Severity.ERROR, where, what)]


def _about_annotators(unknown: Sequence[str], where: str) -> list[Finding]:
    if not unknown:
        return []
    what = f"annotators that configs/labelstudio.yaml does not declare: {', '.join(unknown)}"
    fix = "declare them there under annotators, and their account numbers under accounts"
    return [Finding("annotator-unknown", Severity.WARNING, where, f"{what}; {fix}")]

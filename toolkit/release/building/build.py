"""A project's articles, or those of exports, as a dataset folder."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from toolkit.corpus.assemble import Assembled, assemble_stored
from toolkit.corpus.store import Stored
from toolkit.corpus.validate import validate
from toolkit.errors import UsageError
from toolkit.files import read_text
from toolkit.findings import Severity
from toolkit.labelstudio.reading.importing import import_exports
from toolkit.project import Project
from toolkit.release.building.writing import PAGES, Release, write_dataset


def build(
    project: Project, made: Assembled, out: Path, *, accept: Callable[[Path], None] | None = None
) -> dict[str, Any]:
    """Writes the dataset folder of assembled articles and returns its manifest; `accept` as in `write_dataset`."""
    sources = {"DATASHEET.md": project.datasheet, "CHANGELOG.md": project.dataset_changelog}
    release = Release(
        project.dataset,
        project.schema,
        project.labelstudio.annotators,
        {name: read_text(sources[name]) for name in PAGES if sources[name].is_file()},
    )
    return write_dataset(made.articles, release, out, held_back=made.assignment.held_back, accept=accept)


def assemble_exports(project: Project, exports: Sequence[Path], collection: str | None) -> Assembled:
    """Articles straight from Label Studio exports. One with an error is held back, and its findings tell why.

    Annotators that the configuration does not know are taken as the import numbers them. UsageError where it is not
    said which of several collections the exports belong to, or that collection's text is withheld.
    """
    included = [name for name, found in project.dataset.collections.items() if found.text == "included"]
    if collection is None and len(included) == 1:
        collection = included[0]
    if collection not in included:
        what = f"{collection!r} is no collection with its text" if collection else "which collection is not said"
        raise UsageError(f"exports are built into a collection; {what}", fix=f"Name one: {', '.join(included)}.")
    imported = import_exports(exports, project.schema, project.labelstudio)
    stored = [Stored(f"{collection}/{task.article_id}", collection, task) for task in imported.tasks]
    annotators = {*project.labelstudio.annotators, *(a.annotator for t in imported.tasks for a in t.annotations)}
    findings = validate(stored, project.schema, annotators, project.gold_rules)
    broken = {finding.path for finding in findings if finding.severity is Severity.ERROR}
    sound = [item for item in stored if item.path not in broken]
    return assemble_stored(project, sound, (*imported.findings, *findings))

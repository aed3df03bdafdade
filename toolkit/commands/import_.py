"""`tawsim import`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.commands.options import ProjectOption
from toolkit.commands.printing import Format

if TYPE_CHECKING:
    from toolkit.findings import Finding
    from toolkit.project import Project

_SHOWN = 20


def command(
    exports: Annotated[list[Path], typer.Argument(help="Label Studio exports, brat folders, CoNLL files.")],
    collection: Annotated[
        str | None,
        typer.Option(
            "--collection", metavar="NAME", help="The collection of configs/dataset.yaml that the articles join."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder to write to. Default: annotations/COLLECTION.")
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(
            "--labels", metavar="FILE", help="The labelling configuration (XML) of a project with other labels."
        ),
    ] = None,
    annotator: Annotated[
        str | None,
        typer.Option("--annotator", metavar="NAME", help="Who made annotations that name nobody (brat, CoNLL)."),
    ] = None,
    how: Annotated[Format, typer.Option("--format", help="How findings are printed: text or json.")] = Format.TEXT,
    project: ProjectOption = None,
) -> None:
    """Read native Label Studio exports (JSON, snapshot, JSONL), brat and CoNLL into annotation files, one an article.

    A file that is there is merged with: no annotation is lost, one with the same id is replaced. A task with an error
    is held back whole, the others go through, and the exit code is 1.

    A brat folder (.txt and .ann) keeps nested mentions and relations; notes and attributes of mentions become comments.
    CoNLL is a word and a tag (IOB1, IOB2, BIOES) a line. What cannot be carried is told with file and line.

    \b
    Examples:
      tawsim import project-1.json --collection sample
      tawsim import export.jsonl --out /tmp/annotations --labels config.xml
      tawsim import brat/ train.conll --collection sample --annotator draft-1
    """
    from toolkit.project import find_project

    code = run(find_project(project), exports, out, labels, collection, how, annotator)
    if code:
        raise typer.Exit(code)


def run(
    project: "Project",
    exports: Sequence[Path],
    out: Path | None = None,
    labels: Path | None = None,
    collection: str | None = None,
    how: Format = Format.TEXT,
    annotator: str | None = None,
) -> int:
    """Imports the exports into `out`, else the collection's folder, and prints what was found; 1 if any is held back.

    UsageError for an unknown collection or annotator and an export of another format; ConfigError for a bad labelling
    configuration.
    """
    from toolkit.commands.printing import print_findings, say
    from toolkit.corpus.standoff import strip
    from toolkit.files import read_text
    from toolkit.labelstudio.reading.importing import import_exports
    from toolkit.labelstudio.reading.storing import store
    from toolkit.labelstudio.reading.template import schema_from_config

    folder, name = _target(project, out, collection)
    _check_annotator(project, annotator)
    schema, tags = project.schema, None
    if labels is not None:
        schema, tags = schema_from_config(read_text(labels), str(labels))
    imported = import_exports(exports, schema, project.labelstudio, tags, annotator)
    collections = project.dataset.collections
    elsewhere = [project.annotations / other for other in collections if other != name] if name else []
    withheld = name is not None and collections[name].text == "withheld"
    stored = store(imported.tasks, folder, elsewhere, strip if withheld else None)
    findings = [*imported.findings, *stored.findings]
    if how is Format.JSON:
        print_findings(findings, how)
    else:
        _print_grouped(findings)
    held_back = imported.held_back + stored.held_back
    say(
        f"tasks read: {imported.read}, held back: {held_back}; regions moved to their place: {imported.repaired}; "
        f"annotation files written: {stored.written}, unchanged: {stored.unchanged}"
    )
    return 1 if held_back else 0


def _target(project: "Project", out: Path | None, collection: str | None) -> tuple[Path, str | None]:
    """The folder to write to, and the collection that it is, if any: a folder of one is known by its path too."""
    from toolkit.errors import UsageError

    collections = project.dataset.collections
    known = ", ".join(collections)
    if collection is not None and collection not in collections:
        raise UsageError(f"there is no collection {collection!r} in configs/dataset.yaml", fix=f"There are: {known}.")
    if out is None:
        if collection is None and len(collections) > 1:
            raise UsageError(
                "it is not said where the articles go", fix=f"Add --collection NAME ({known}), or --out DIR."
            )
        collection = collection or next(iter(collections))
        return project.annotations / collection, collection
    if collection is None:
        place = out.resolve()
        collection = next((name for name in collections if (project.annotations / name).resolve() == place), None)
    return out, collection


def _check_annotator(project: "Project", annotator: str | None) -> None:
    from toolkit.errors import UsageError

    known = project.labelstudio.annotators
    if annotator is not None and annotator not in known:
        what = f"annotator {annotator!r} is not in configs/labelstudio.yaml"
        raise UsageError(what, fix=f"Declare the name there, or use one of: {', '.join(known)}.")


def _print_grouped(findings: Sequence["Finding"]) -> None:
    """Errors, then warnings, then notes; of each kind the first ones, and how many more there are."""
    from toolkit.commands.printing import print_findings
    from toolkit.findings import Severity

    for severity in Severity:
        of_severity = [finding for finding in findings if finding.severity is severity]
        for code in dict.fromkeys(finding.code for finding in of_severity):
            group = [finding for finding in of_severity if finding.code == code]
            print_findings(group[:_SHOWN])
            if len(group) > _SHOWN:
                print(f"{severity}[{code}] and {len(group) - _SHOWN} more like these; --format json lists all")

"""`tawsim status`."""

from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.commands.options import ArticlesOption, ProjectOption
from toolkit.commands.printing import Format
from toolkit.commands.server import ServerProjectOption, TimeoutOption

if TYPE_CHECKING:
    from toolkit.labelstudio.sync.status import Status

_COLUMNS = ("article", "local", "remote", "annotators", "annotations", "skipped", "drafts", "last change", "attention")


def command(
    articles: ArticlesOption = None,
    number: ServerProjectOption = None,
    timeout: TimeoutOption = 60,
    how: Annotated[Format, typer.Option("--format", help="text or json.")] = Format.TEXT,
    project: ProjectOption = None,
) -> None:
    """Show how annotation files and the Label Studio server stand to each other, an article a row.

    Exits with 1 where something needs a person: a conflict, a text that differs, a task that was deleted, two tasks of
    one article, an annotation file that cannot be read.

    \b
    Examples:
      tawsim status
      tawsim status --format json
    """
    from toolkit.commands.printing import print_findings
    from toolkit.commands.server import collections_there, conflicts_folder, open_server
    from toolkit.corpus.store import annotation_files, read_stored
    from toolkit.findings import Severity
    from toolkit.labelstudio.sync.locating import existing
    from toolkit.labelstudio.sync.status import read_status
    from toolkit.project import article_folders, find_project

    here = find_project(project)
    folders = article_folders(articles or [])
    with open_server(here, timeout, only_look=True) as (client, state):
        remote = existing(client, here.labelstudio.title, state, number)
        files = annotation_files(here.annotations, collections_there(here))
        stored, findings = read_stored(files, folders, here.root)
        conflicts = conflicts_folder(here)
        open_conflicts = {name for name in state.conflicts if (conflicts / f"{name}.remote.json").is_file()}
        ours = {item.task.article_id: item.task for item in stored}
        status = read_status(client, remote, state, ours, open_conflicts, here.labelstudio)
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    _show(status, how)
    if how is Format.TEXT:
        print_findings(errors)
    if errors or status.totals["attention"]:
        raise typer.Exit(1)


def _show(status: "Status", how: Format) -> None:
    from toolkit.commands.printing import print_table, say
    from toolkit.files import to_json

    if how is Format.JSON:
        print(to_json(status.as_json()), end="")
        return
    from rich.table import Table

    table = Table(*_COLUMNS)
    for row in status.rows:
        numbers = " ".join(map(str, row.tasks)) or "-"
        people, counts = ", ".join(row.annotators), (row.annotations, row.skipped, row.drafts)
        told = ", ".join(row.attention)
        table.add_row(row.article, "yes" if row.local else "-", numbers, people, *map(str, counts), row.changed, told)
    print_table(table)
    say(", ".join(f"{name} {n}" for name, n in status.totals.items()))

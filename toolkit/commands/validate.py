"""`tawsim validate`."""

from pathlib import Path
from typing import Annotated

import typer

from toolkit.commands.options import ArticlesOption, ProjectOption
from toolkit.commands.printing import FindingsFormat


def command(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Annotation files or folders. Without one: all of the project.")
    ] = None,
    articles: ArticlesOption = None,
    how: Annotated[FindingsFormat, typer.Option("--format", help="text, json, or github annotations.")] = (
        FindingsFormat.TEXT
    ),
    project: ProjectOption = None,
) -> None:
    """Check annotation files and tell every finding at once: file, annotation, region, offset, what is wrong.

    \b
    Examples:
      tawsim validate
      tawsim validate annotations/sample/floods-01.json
      tawsim validate --format github
    """
    from toolkit.commands.printing import print_findings, say, summary
    from toolkit.corpus.assemble import check
    from toolkit.corpus.store import annotation_files, files_of
    from toolkit.findings import has_errors
    from toolkit.project import article_folders, find_project

    here = find_project(project)
    collections = list(here.dataset.collections)
    files = files_of(paths) if paths else annotation_files(here.annotations, collections)
    stored, findings = check(here, files, article_folders(articles or []))
    print_findings(findings, how)
    unread = sum(item.task.text is None for item in stored)
    note = f"; {unread} without their text, so mentions were not looked at" if unread else ""
    say(f"{len(files)} files: {summary(findings)}{note}")
    if has_errors(findings):
        raise typer.Exit(1)

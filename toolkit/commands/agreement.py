"""`tawsim agreement`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toolkit.commands.options import ArticlesOption, ProjectOption
from toolkit.commands.printing import Format

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.corpus.readings import Compared
    from toolkit.corpus.store import Stored
    from toolkit.project import Project


def command(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Annotation files or folders. Without one: all of the project.")
    ] = None,
    annotators: Annotated[
        str | None, typer.Option("--annotators", metavar="A,B", help="Compare these annotators only.")
    ] = None,
    articles: ArticlesOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write agreement.json, .md and .html there.")
    ] = None,
    how: Annotated[Format, typer.Option("--format", help="text or json.")] = Format.TEXT,
    project: ProjectOption = None,
) -> None:
    """Agreement between annotators: F1 of mentions and relations, kappa and alpha, and every disagreement.

    All articles with submitted annotations by two or more annotators are compared, also before anything is adjudicated.
    An article with an error among its findings is left out. Exits with 1 where there is nothing to compare.

    \b
    Examples:
      tawsim agreement
      tawsim agreement annotations/sample --annotators lina,omar
      tawsim agreement --out results/agreement
    """
    from toolkit.commands.printing import say
    from toolkit.corpus.agreement import agreement
    from toolkit.corpus.assemble import check
    from toolkit.corpus.readings import compared_articles
    from toolkit.corpus.store import annotation_files, files_of
    from toolkit.findings import Severity
    from toolkit.project import article_folders, find_project

    here = find_project(project)
    files = files_of(paths) if paths else annotation_files(here.annotations, list(here.dataset.collections))
    stored, findings = check(here, files, article_folders(articles or []))
    # Before adjudication there is no gold yet, and that is when agreement is asked for.
    errors = [f for f in findings if f.severity is Severity.ERROR and f.code != "gold-undecided"]
    broken = {finding.path for finding in errors}
    sound = [item for item in stored if item.path not in broken]
    compared, told = compared_articles(sound, here.schema, _chosen(annotators, sound))
    for finding in [*errors, *told]:
        say(str(finding))
    if not compared:
        say(f"no article of {len(files)} has submitted annotations by two annotators, so there is no agreement to tell")
        raise typer.Exit(1)
    found = agreement(compared, here.schema) | {"findings": [finding.as_json() for finding in [*errors, *told]]}
    if out is not None:
        _write(out, found, here, compared)
    _print(found, how)
    if errors:
        say(f"{len(broken)} files have errors and were left out")
        raise typer.Exit(1)


def _chosen(given: str | None, stored: "Sequence[Stored]") -> set[str]:
    """The annotators to compare; empty for all. UsageError for fewer than two, or a name that no file has."""
    from toolkit.errors import UsageError

    if given is None:
        return set()
    names = {name.strip() for name in given.split(",")} - {""}
    known = sorted({annotation.annotator for item in stored for annotation in item.task.annotations})
    if unknown := sorted(names - set(known)):
        raise UsageError(f"no annotation here is by {', '.join(unknown)}", fix=f"There are: {', '.join(known)}.")
    if len(names) < 2:
        raise UsageError("--annotators needs two names or more", fix=f"There are: {', '.join(known)}.")
    return names


def _write(folder: Path, found: dict[str, Any], project: "Project", compared: "Sequence[Compared]") -> None:
    from toolkit.commands.printing import say
    from toolkit.corpus.agreement_pages import html, markdown
    from toolkit.files import to_json, write_text

    title, settings = project.dataset.title, project.dataset.collections
    texts = {article.id: article.text for article in compared if article.text is not None}
    write_text(folder / "agreement.json", to_json(found))
    write_text(folder / "agreement.md", markdown(found, title))
    write_text(folder / "agreement.html", html(found, title, texts, project.schema))
    here = [article.collection for article in compared if article.text is not None]
    private = sum(name in settings and settings[name].text == "withheld" for name in here)
    if private:
        say(f"{folder} quotes {private} articles whose text may not be passed on; keep it to yourself")


def _print(found: dict[str, Any], how: Format) -> None:
    from toolkit.commands.printing import print_table, say
    from toolkit.corpus.agreement_pages import lines, notes, tables
    from toolkit.files import to_json

    for note in notes(found):
        say(note)
    if how is Format.JSON:
        print(to_json(found), end="")
        return
    for table in tables(found):
        print_table(table)
    for line in lines(found):
        print(line)

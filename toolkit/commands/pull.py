"""`tawsim pull`."""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.commands.options import ArticlesOption, ProjectOption
from toolkit.commands.server import ServerProjectOption, TimeoutOption

if TYPE_CHECKING:
    from toolkit.labelstudio.pull import Here, Pulled
    from toolkit.labelstudio.reconciling import Local
    from toolkit.project import Project


def command(
    collection: Annotated[
        str | None,
        typer.Option("--collection", metavar="NAME", help="The collection that articles join which have no file yet."),
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Fetch everything, not only what changed.")] = False,
    review: Annotated[
        bool, typer.Option("--review", help="Fetch what reviewers submitted, as ground truth. See push --review.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be written, and write nothing.")] = False,
    articles: ArticlesOption = None,
    number: ServerProjectOption = None,
    timeout: TimeoutOption = 60,
    project: ProjectOption = None,
) -> None:
    """Fetch what changed on the Label Studio server into annotation files, one an article.

    An article that changed there and here since the last pull is a conflict: our file stays, the server's version goes
    to .tawsim/conflicts/ID.remote.json, and the exit code is 1. Merge it by hand and delete that file. Drafts that
    nobody submitted are counted, not pulled.

    With --review, what was submitted in the review project becomes the ground truth of its article, under the name of
    the reviewer and with the ids of the annotations that were weighed; those stay beside it.

    \b
    Examples:
      tawsim pull
      tawsim pull --collection sample --full
      tawsim pull --review
      tawsim pull --dry-run
    """
    from toolkit.commands.printing import print_findings
    from toolkit.commands.review import exclude, pull_review
    from toolkit.commands.server import open_server
    from toolkit.findings import has_errors
    from toolkit.labelstudio.locating import existing
    from toolkit.labelstudio.pull import pull
    from toolkit.project import article_folders, find_project

    if review:
        exclude("--review", {"--collection": collection, "--full": full})
    here = find_project(project)
    sides = _our_side(here, collection, article_folders(articles or []))
    if review:
        pulled = pull_review(here, sides, number, timeout, dry_run=dry_run)
    else:
        with open_server(here, timeout, only_look=dry_run) as (client, state):
            remote = existing(client, here.labelstudio.title, state, number)
            pulled = pull(client, remote, state, sides, full=full, dry_run=dry_run)
    print_findings(pulled.findings)
    _print_summary(pulled, dry_run=dry_run)
    if pulled.held_back or has_errors(pulled.findings):
        raise typer.Exit(1)


def _our_side(project: "Project", collection: str | None, folders: Sequence[Path]) -> "Here":
    from toolkit.commands.server import conflicts_folder
    from toolkit.corpus.standoff import find_article, read_article, strip
    from toolkit.errors import UsageError
    from toolkit.labelstudio.pull import Here

    collections = project.dataset.collections
    if collection is not None and collection not in collections:
        known = ", ".join(collections)
        raise UsageError(f"there is no collection {collection!r} in configs/dataset.yaml", fix=f"There are: {known}.")
    if collection is None and len(collections) == 1:
        collection = next(iter(collections))

    def copy(article: str) -> str | None:
        path = find_article(article, folders)
        return read_article(path)[0] if path is not None else None

    target = project.annotations / collection if collection is not None else None
    bare = strip if collection is not None and collections[collection].text == "withheld" else None
    find = _finder(project, copy)
    return Here(find, copy, target, bare, conflicts_folder(project), project.schema, project.labelstudio)


def _finder(project: "Project", copy: Callable[[str], str | None]) -> "Callable[[str], Local | None]":
    """Finds the annotation file of an article. Nothing is read before it is asked for."""
    from toolkit.commands.server import collections_there
    from toolkit.corpus.standoff import strip
    from toolkit.corpus.store import annotation_files
    from toolkit.files import parse_json, read_bytes
    from toolkit.labelstudio.reconciling import Local

    collections = project.dataset.collections

    @cache
    def places() -> dict[str, tuple[str, Path]]:
        files = annotation_files(project.annotations, collections_there(project))
        return {path.stem: (name, path) for name, path in files}

    def find(article: str) -> Local | None:
        if article not in places():
            return None
        name, path = places()[article]
        content = read_bytes(path)
        native = parse_json(content, str(path))
        text = native["data"].get("text") if isinstance(native, dict) and isinstance(native.get("data"), dict) else None
        withheld = collections[name].text == "withheld"
        return Local(path, content, strip if withheld else None, text if isinstance(text, str) else copy(article))

    return find


def _print_summary(pulled: "Pulled", *, dry_run: bool) -> None:
    from toolkit.commands.printing import say
    from toolkit.labelstudio.reconciling import Verdict

    if pulled.drafts:
        named = ", ".join(f"{name} ({n})" for name, n in sorted(pulled.drafts.items()))
        say(f"drafts that nobody submitted, not pulled: {sum(pulled.drafts.values())}: {named}")
    if dry_run:
        for outcome in pulled.outcomes:
            if outcome.verdict in (Verdict.NEW, Verdict.WRITTEN, Verdict.CONFLICT):
                say(f"  {outcome.verdict}: {outcome.path}")
    counts = ", ".join(f"{verdict} {n}" for verdict in Verdict if (n := pulled.count(verdict)))
    print(f"{'would pull' if dry_run else 'pulled'}: {counts or 'nothing changed'}")

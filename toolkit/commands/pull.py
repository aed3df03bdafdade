"""`tawsim pull`."""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.commands.options import ArticlesOption, ProjectOption
from toolkit.commands.server import ServerProjectOption, TimeoutOption, drafts_line

if TYPE_CHECKING:
    from toolkit.labelstudio.sync.pull import Here, Pulled
    from toolkit.labelstudio.sync.reconciling import Local
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
    watch: Annotated[
        bool, typer.Option("--watch", help="Stay, and pull whenever something changes, until Ctrl-C.")
    ] = False,
    port: Annotated[
        int | None,
        typer.Option(
            "--port", min=1, max=65535, help="Of --watch: where webhooks are listened for. Default: a free one."
        ),
    ] = None,
    every: Annotated[
        int | None,
        typer.Option(
            "--every",
            metavar="SECONDS",
            min=1,
            max=86400,
            help="Of --watch: pull so long after the last too. Default: 60.",
        ),
    ] = None,
    listen: Annotated[
        str | None,
        typer.Option("--listen", metavar="ADDRESS", help="Of --watch: address to listen on. Default: 127.0.0.1."),
    ] = None,
    public_url: Annotated[
        str | None,
        typer.Option("--public-url", metavar="URL", help="Of --watch: where the server reaches that address."),
    ] = None,
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

    With --watch, a webhook of its own tells it when to pull; it is removed at the end. TAWSIM_WEBHOOK_SECRET, else a
    random secret under .tawsim, keeps others from sending to it. Where no webhook arrives, it pulls every 60 seconds
    all the same, and it stays while the server is away. Ctrl-C ends it with the exit code of its last pull: 1 where a
    conflict or an article that was held back needs a person.

    \b
    Examples:
      tawsim pull
      tawsim pull --collection sample --full
      tawsim pull --review
      tawsim pull --dry-run
      tawsim pull --watch
      tawsim pull --watch --listen 0.0.0.0 --port 9100 --public-url https://hooks.example.org
    """
    from toolkit.commands.printing import print_findings
    from toolkit.commands.review import exclude, pull_review
    from toolkit.commands.watching import Place, watch_server
    from toolkit.findings import has_errors
    from toolkit.project import Project, article_folders, find_project

    if review:
        exclude("--review", {"--collection": collection, "--full": full})
    place = Place.of(watch, {"--port": port, "--every": every, "--listen": listen, "--public-url": public_url})
    here, folders = find_project(project), article_folders(articles or [])
    if place is not None:
        exclude("--watch", {"--review": review, "--dry-run": dry_run})

        def again(is_first: bool) -> "tuple[int, Pulled]":
            # Settings and files are read anew each time: a person may mend them meanwhile.
            there = Project(here.root)
            sides = _our_side(there, collection, folders)
            return _pull(there, sides, number, timeout, full=full and is_first, watching=True)

        raise typer.Exit(watch_server(here, place, again, number, timeout))
    sides = _our_side(here, collection, folders)
    if review:
        pulled = pull_review(here, sides, number, timeout, dry_run=dry_run)
    else:
        _, pulled = _pull(here, sides, number, timeout, full=full, dry_run=dry_run)
    print_findings(pulled.findings)
    _print_summary(pulled, dry_run=dry_run)
    if pulled.held_back or has_errors(pulled.findings):
        raise typer.Exit(1)


def _pull(
    project: "Project",
    sides: "Here",
    number: int | None,
    timeout: float,
    *,
    full: bool,
    dry_run: bool = False,
    watching: bool = False,
) -> "tuple[int, Pulled]":
    """The number of the project on the server, and what was pulled from it."""
    from toolkit.commands.server import open_server
    from toolkit.labelstudio.sync.locating import existing
    from toolkit.labelstudio.sync.pull import pull

    with open_server(project, timeout, only_look=dry_run, watching=watching) as (client, state):
        remote = existing(client, project.labelstudio.title, state, number)
        return int(remote["id"]), pull(client, remote, state, sides, full=full, dry_run=dry_run)


def _our_side(project: "Project", collection: str | None, folders: Sequence[Path]) -> "Here":
    from toolkit.commands.server import conflicts_folder
    from toolkit.corpus.standoff import find_article, read_article, strip
    from toolkit.errors import UsageError
    from toolkit.labelstudio.sync.pull import Here

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
    from toolkit.labelstudio.sync.reconciling import Local

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
    from toolkit.labelstudio.sync.reconciling import Verdict

    if pulled.drafts:
        say(drafts_line(pulled))
    if dry_run:
        for outcome in pulled.outcomes:
            if outcome.verdict in (Verdict.NEW, Verdict.WRITTEN, Verdict.CONFLICT):
                say(f"  {outcome.verdict}: {outcome.path}")
    counts = ", ".join(f"{verdict} {n}" for verdict in Verdict if (n := pulled.count(verdict)))
    print(f"{'would pull' if dry_run else 'pulled'}: {counts or 'nothing changed'}")

"""`tawsim studio`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.commands.options import ArticlesOption, ProjectOption

if TYPE_CHECKING:
    from toolkit.annotation import Task
    from toolkit.labelstudio.server.studio import Studio
    from toolkit.project import Project


def command(
    port: Annotated[
        int | None,
        typer.Option(
            "--port", min=1, max=65535, help="Port. Default: that of the last run, else 8080, else a free one."
        ),
    ] = None,
    no_push: Annotated[bool, typer.Option("--no-push", help="Start it without sending it anything.")] = False,
    articles: ArticlesOption = None,
    project: ProjectOption = None,
) -> None:
    """Run a Label Studio with this project in it, ready to label, on this machine only. Ctrl-C stops it.

    The first run installs Label Studio into .tawsim/studio, which is about 1 GB and takes some minutes, and makes an
    account with a random password. Each run sends the articles that are not there yet, as `tawsim push` does. The
    environment variable LABEL_STUDIO names the command of a Label Studio that is installed already.

    \b
    Examples:
      tawsim studio
      tawsim studio --port 8090
    """
    import os

    from toolkit.errors import UsageError
    from toolkit.project import article_folders, find_project

    here = find_project(project)
    if os.name != "posix":
        raise UsageError("`tawsim studio` runs on Linux and macOS", fix="Start Label Studio yourself, then push.")
    run(here, port, None if no_push else article_folders(articles or []))


def run(project: "Project", port: int | None, folders: Sequence[Path] | None) -> None:
    """Starts the server, pushes unless `folders` of the withheld texts is None, and stays until Ctrl-C."""
    from toolkit.commands.printing import say
    from toolkit.labelstudio.server.server import interruptible
    from toolkit.labelstudio.server.studio import opened

    tasks = [] if folders is None else _articles(project, folders)
    with interruptible():
        with opened(project, port, say) as studio:
            if folders is not None:
                _push(project, studio, tasks)
            try:
                _show(studio)
                studio.wait()
            except KeyboardInterrupt:
                say("stopping Label Studio")
        say("stopped; everything annotated is kept for the next start")


def _articles(project: "Project", folders: Sequence[Path]) -> "list[Task]":
    """The articles to push. What keeps a push from working is told before anything is installed or started."""
    from toolkit.commands.printing import say
    from toolkit.commands.server import collections_there
    from toolkit.corpus.store import annotation_files, read_stored
    from toolkit.labelstudio.client import connect
    from toolkit.labelstudio.server.server import PORT, address

    connect(address(PORT), "no-key-yet")
    withheld = {name for name, found in project.dataset.collections.items() if found.text == "withheld"}
    files = annotation_files(project.annotations, collections_there(project))
    stored, findings = read_stored(files, folders, project.root, withheld)
    for finding in findings:
        say(str(finding))
    return [item.task for item in stored]


def _push(project: "Project", studio: "Studio", tasks: "list[Task]") -> None:
    from toolkit.commands.printing import say
    from toolkit.labelstudio.client import connect
    from toolkit.labelstudio.sync.push import push_project

    client = connect(studio.server.url, studio.server.account.key)
    _warn_of_account(project, client.me())
    pushed = push_project(client, project, tasks, say)
    for finding in pushed.findings:
        say(str(finding))
    say(f"articles sent: {pushed.created}, changed: {pushed.changed}")


def _warn_of_account(project: "Project", account: int) -> None:
    """Tells where what a person annotates in this studio would be stored as a model's or a program's."""
    from toolkit.commands.printing import say

    name = project.labelstudio.accounts.get(account)
    annotator = project.labelstudio.annotators.get(name or "")
    if annotator is not None and annotator.kind != "person":
        say(
            f"what you annotate here would be stored as by {name}, a {annotator.kind}: configs/labelstudio.yaml maps "
            f"account {account} to it; map it to an annotator who is a person first"
        )


def _show(studio: "Studio") -> None:
    """Where the server is and how to log in, on stdout at once, for a program that waits for it too."""
    print(f"Label Studio: {studio.server.url}")
    print(f"user name: {studio.server.account.username}")
    print(f"password and API key: in {studio.credentials}", flush=True)

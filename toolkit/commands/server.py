"""What push, pull and status share: options, the server, our files as they are, and how plans and drafts are told."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from toolkit.labelstudio.client import Client
    from toolkit.labelstudio.sync.plan import PushPlan
    from toolkit.labelstudio.sync.pull import Pulled
    from toolkit.labelstudio.sync.state import SyncState
    from toolkit.project import Project

ServerProjectOption = Annotated[
    int | None,
    typer.Option(
        "--server-project", metavar="NUMBER", help="The project's number on the server. Default: found by its title."
    ),
]
TimeoutOption = Annotated[
    float, typer.Option("--timeout", metavar="SECONDS", min=0.001, help="How long one answer of the server may take.")
]


@contextmanager
def open_server(
    project: "Project", timeout: float, *, purpose: str = "", only_look: bool = False, watching: bool = False
) -> "Iterator[tuple[Client, SyncState]]":
    """The server of the project, and what was last seen on it. Fails at once where it is down or refuses the key.

    Nobody else syncs the project meanwhile: UsageError where somebody does. `only_look` is for what saves no state,
    `purpose` for a project on the server with a state of its own; for one that is `watching`, others wait.
    """
    from toolkit.labelstudio.client import connect
    from toolkit.labelstudio.server.credentials import read_key
    from toolkit.labelstudio.server.locking import only_sync
    from toolkit.labelstudio.sync.state import read_state, state_file

    url, key = read_key(project)
    client = connect(url, key, timeout)
    client.me()
    with nullcontext() if only_look else only_sync(project, watching=watching):
        yield client, read_state(state_file(project, url, purpose))


def conflicts_folder(project: "Project") -> Path:
    """Where the server's versions of articles in conflict are kept until a person has merged them."""
    return project.cache / "conflicts"


def collections_there(project: "Project") -> list[str]:
    """The collections of the project that have a folder by now."""
    return [name for name in project.dataset.collections if (project.annotations / name).is_dir()]


def print_plan(plan: "PushPlan", annotations: int, predictions: int) -> None:
    """What becomes of the project and of each article, for people."""
    from toolkit.commands.printing import say
    from toolkit.labelstudio.sync.plan import Action

    where = f"project {plan.project}" if plan.project is not None else "a new project"
    say(f"{where}, {plan.title!r}: configuration: {plan.config}")
    for action in Action:
        names = [step.article.article_id for step in plan.steps if step.action is action]
        if names and action is not Action.UNCHANGED:
            shown = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
            say(f"  {action}: {len(names)} ({shown})")
        else:
            say(f"  {action}: {len(names)}")
    if annotations:
        say(f"  annotations to send: {annotations}")
    if predictions:
        say(f"  predictions to send: {predictions}")


def drafts_line(pulled: "Pulled") -> str:
    """How many drafts there are, and on which articles."""
    named = ", ".join(f"{name} ({n})" for name, n in sorted(pulled.drafts.items()))
    return f"drafts that nobody submitted, not pulled: {sum(pulled.drafts.values())}: {named}"

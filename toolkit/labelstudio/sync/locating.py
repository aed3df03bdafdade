"""The project on the server that belongs to ours: by the number that was stored, else by its title."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from time import sleep
from typing import TypeVar

from toolkit.errors import UsageError
from toolkit.labelstudio.client import Client, Json, UnansweredError
from toolkit.labelstudio.sync.state import SyncState

Item = TypeVar("Item")
Result = TypeVar("Result")
# Seconds to wait before each further try.
PAUSES = (0.5, 2.0, 5.0)


def locate(client: Client, title: str, state: SyncState, number: int | None = None) -> Json | None:
    """The project, None where there is none yet. UsageError where several have the title and none is stored."""
    if number is not None:
        found = repeated(lambda: client.project(number))
        if found is None:
            raise UsageError(f"there is no project {number}", where=client.url, fix="Check --server-project.")
        return found
    last = state.project
    stored = repeated(lambda: client.project(last)) if last is not None else None
    if stored is not None and stored.get("title") == title:
        return stored
    titled = repeated(lambda: client.projects(title))
    if len(titled) > 1:
        numbers = ", ".join(str(project["id"]) for project in titled)
        what = f"several projects have the title {title!r}: {numbers}"
        raise UsageError(what, where=client.url, fix="Name one with --server-project NUMBER, or rename the others.")
    return repeated(lambda: client.project(int(titled[0]["id"]))) if titled else stored


def existing(client: Client, title: str, state: SyncState, number: int | None = None) -> Json:
    """The project. UsageError where there is none; the state is made that of the project."""
    found = locate(client, title, state, number)
    if found is None:
        raise UsageError(f"there is no project {title!r} on the server", where=client.url, fix="Run `tawsim push`.")
    state.at(int(found["id"]))
    return found


def repeated(ask: Callable[[], Result]) -> Result:
    """The answer to a request that may be repeated without harm, asked again where none came."""
    for pause in PAUSES:
        try:
            return ask()
        except UnansweredError:
            sleep(pause)
    return ask()


def batches(items: Sequence[Item], size: int) -> Iterator[list[Item]]:
    """The items in lists of at most `size`."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch

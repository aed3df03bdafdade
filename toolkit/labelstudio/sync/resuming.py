"""What an attempt to create tasks that got no answer, or was killed, has left on the server."""

from collections.abc import Callable, Collection
from time import sleep, time

from toolkit.labelstudio.client import Client
from toolkit.labelstudio.sync.locating import repeated
from toolkit.labelstudio.sync.state import SyncState

# How often, a second apart, tasks are looked for whose creation a killed push began.
_LOOKS = 4
# So many seconds after a batch was begun, all attempts counted, the server is done with it.
_DONE = 600


def articles_after(client: Client, project: int, highest: int) -> dict[str, int]:
    """The articles whose task has a higher number than `highest`, and the number."""
    column = {"filter": "filter:tasks:id", "operator": "greater", "type": "Number", "value": highest}
    found = repeated(lambda: list(client.tasks(project, "id,data", [column])))
    return {str(task["data"].get("article_id")): int(task["id"]) for task in found}


def settle(client: Client, project: int, state: SyncState, wanted: Collection[str], say: Callable[[str], None]) -> None:
    """Waits until tasks show up that a killed push had sent, as far as the server got them at all.

    It waits for articles that are `wanted` again only, and not where that push was long ago.
    """
    waiting = set(state.sending) & set(wanted)
    if state.project != project or not waiting or not 0 <= time() - state.sent_at < _DONE:
        return
    highest = max(state.tasks, default=0)
    for number in range(_LOOKS):
        if articles_after(client, project, highest).keys() >= waiting:
            return
        if number == 0:
            say(f"the last push was cut off; looking for {_LOOKS} seconds whether the server still saves its articles")
        sleep(1)


def look(client: Client, project: int, highest: int, pause: float) -> dict[str, int]:
    """The articles that the server has by now, once two looks in a row agree: it may still be at work."""
    sleep(pause)
    before = articles_after(client, project, highest)
    while True:
        sleep(pause)
        after = articles_after(client, project, highest)
        if len(after) == len(before):
            return after
        before = after

"""Our webhook on the server: one a project and watching folder, found again by its address, with a secret header.

It sends no payload. The server would put whole tasks and the project's token into one; for a pull, that something
happened is enough.
"""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from toolkit.labelstudio.client import Client, RefusedError
from toolkit.labelstudio.server.credentials import WebhookKeys
from toolkit.labelstudio.sync.locating import repeated

HEADER = "X-Tawsim-Secret"
# After each of these there can be something to pull.
ACTIONS = (
    "ANNOTATIONS_CREATED",
    "ANNOTATIONS_DELETED",
    "ANNOTATION_CREATED",
    "ANNOTATION_UPDATED",
    "TASKS_CREATED",
    "TASKS_DELETED",
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where notifications are to be sent, how that ends, and what each has to bring."""

    url: str
    path: str
    secret: str = field(repr=False)

    @property
    def paths(self) -> frozenset[str]:
        """What is asked of us: the whole path of the address, or what a proxy leaves of it."""
        return frozenset({self.path, urlsplit(self.url).path})


def endpoint(base: str, keys: WebhookKeys) -> Endpoint:
    """The endpoint below an address at which the server reaches us, `base`."""
    path = f"/tawsim/{keys.name}"
    return Endpoint(base + path, path, keys.secret)


def register(client: Client, project: int, ours: Endpoint) -> int:
    """Makes our webhook, or brings the one that is there up to date and deletes copies of it; its number.

    RefusedError where the server will not have it, with a reason that quotes nothing of the server's.
    """
    wanted = {
        "url": ours.url,
        "send_payload": False,
        "send_for_all_actions": False,
        "actions": list(ACTIONS),
        "headers": {HEADER: ours.secret},
        "is_active": True,
    }
    there = [hook for hook in repeated(lambda: client.webhooks(project)) if _path(hook.get("url")).endswith(ours.path)]
    for copy in there[1:]:
        client.delete_webhook(int(copy["id"]))
    try:
        if not there:
            return client.create_webhook({"project": project, **wanted})
        number = int(there[0]["id"])
        known = {**there[0], "actions": sorted(there[0].get("actions") or ())}
        if any(known.get(key) != value for key, value in wanted.items()):
            client.set_webhook(number, wanted)
    except RefusedError as error:
        # The server's own words quote the headers, and so the secret.
        raise RefusedError(error.status, _reason(error.status, ours), client.url) from None
    return number


def _path(url: object) -> str:
    try:
        return urlsplit(str(url)).path
    except ValueError:
        return ""


def _reason(status: int, ours: Endpoint) -> str:
    what = f"the server refuses a webhook to {ours.url} (HTTP {status})"
    if status == 403:
        return f"{what}; SSRF_PROTECTION_ENABLED=false in its environment allows those to its own machine and network"
    return f"{what}; it may not take this for a full address, or the account may not set webhooks"

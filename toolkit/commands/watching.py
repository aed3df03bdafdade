"""What `--watch` of pull does: listens for the server's webhooks, registers one, and tells each pull in a line."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from toolkit.findings import Finding
    from toolkit.labelstudio.server.credentials import WebhookKeys
    from toolkit.labelstudio.sync.listening import Listener, Notices
    from toolkit.labelstudio.sync.pull import Pulled
    from toolkit.labelstudio.sync.watching import Cause
    from toolkit.labelstudio.sync.webhooks import Endpoint
    from toolkit.project import Project

_NAMED = 5
_HOST, _EVERY = "127.0.0.1", 60
PullOnce = Callable[[bool], "tuple[int, Pulled]"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where webhooks are listened for, how a server elsewhere reaches that, and how often is pulled without any."""

    host: str
    port: int
    public_url: str | None
    every: int

    @staticmethod
    def of(watch: bool, options: Mapping[str, Any]) -> "Place | None":
        """As the options say; None without --watch. UsageError for options that say nothing, or too little."""
        from ipaddress import ip_address

        from toolkit.errors import UsageError
        from toolkit.labelstudio.addresses import usable_address

        given = {name: value for name, value in options.items() if value is not None}
        if not watch:
            if given:
                raise UsageError(f"{' and '.join(given)}: only with --watch", fix="Add --watch, or drop it.")
            return None
        url, host = given.get("--public-url"), given.get("--listen", _HOST)
        try:
            is_every = ip_address(host).is_unspecified
        except ValueError:
            is_every = False
        if url is None and is_every:
            fix = "Add --public-url with the address at which the server reaches this machine."
            raise UsageError(f"--listen {host} names no address to register", fix=fix)
        if url is not None and "--port" not in given:
            raise UsageError("--public-url leads to a port that is not said", fix="Add --port.")
        url = usable_address(url, "--public-url") if url is not None else None
        return Place(host, given.get("--port", 0), url, given.get("--every", _EVERY))


def watch_server(project: "Project", place: Place, pull: PullOnce, number: int | None, timeout: float) -> int:
    """Watches until Ctrl-C; the exit code of the last pull. `pull` pulls once, and is told whether it is the first."""
    from toolkit.commands.printing import say
    from toolkit.labelstudio.server.credentials import webhook_keys
    from toolkit.labelstudio.server.server import interruptible
    from toolkit.labelstudio.sync.watching import only_watch, watch

    with interruptible(), only_watch(project):
        keys = webhook_keys(project)
        with _watching(project, place, keys, pull, number, timeout) as watching:
            code = watch(watching.attempt, watching.notices, place.every, say)
            say("stopping")
        return code


@contextmanager
def _watching(
    project: "Project", place: Place, keys: "WebhookKeys", pull: PullOnce, number: int | None, timeout: float
) -> "Iterator[_Watching]":
    """A watch whose listener runs; afterwards that is closed, and the webhook is gone from the server."""
    import threading

    from toolkit.commands.printing import say
    from toolkit.labelstudio.sync.listening import Expected, Listener, Notices
    from toolkit.labelstudio.sync.webhooks import endpoint

    host = f"[{place.host}]" if ":" in place.host else place.host
    notices = Notices()
    with Listener(place.host, place.port, Expected(frozenset(), keys.secret, 0), notices, say) as listener:
        ours = endpoint(place.public_url or f"http://{host}:{listener.port}", keys)
        listener.expected.paths = ours.paths
        say(f"listening on http://{host}:{listener.port}")
        watching = _Watching(project, place, ours, listener, notices, pull, number, timeout)
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        try:
            yield watching
        finally:
            listener.shutdown()
            watching.unregister()


@dataclass
class _Watching:
    """A running watch: what it needs for a pull, and what it has told already."""

    project: "Project"
    place: Place
    endpoint: "Endpoint"
    listener: "Listener"
    notices: "Notices"
    pull: PullOnce
    number: int | None
    timeout: float
    _webhook: int | None = None
    _findings: "set[Finding]" = field(default_factory=set)
    _drafts: dict[str, int] = field(default_factory=dict)
    _said: str = ""

    def attempt(self, cause: "Cause") -> int:
        """Pulls once and tells what came of it; the exit code that the pull alone would have. ToolkitError as there."""
        from toolkit.findings import has_errors
        from toolkit.labelstudio.sync.watching import Cause

        if cause in (Cause.START, Cause.AGAIN):
            self._register()
        number, pulled = self.pull(cause is Cause.START)
        if number != self.listener.expected.project:  # made anew under the same title
            self._register()
        self._tell(pulled, cause)
        return 1 if pulled.held_back or has_errors(pulled.findings) else 0

    def _register(self) -> None:
        """Sees to our webhook, and says where it leads or why there is none."""
        from toolkit.commands.server import open_server
        from toolkit.labelstudio.addresses import is_loopback
        from toolkit.labelstudio.client import RefusedError
        from toolkit.labelstudio.sync.locating import existing
        from toolkit.labelstudio.sync.webhooks import register
        from toolkit.project import Project

        project = Project(self.project.root)  # with its settings as they are now
        polling = f"Pulling every {self.place.every} seconds"
        with open_server(project, self.timeout, only_look=True) as (client, state):
            number = int(existing(client, project.labelstudio.title, state, self.number)["id"])
            self.listener.expected.project, self._webhook = number, None
            if self.place.public_url is None and is_loopback(self.endpoint.url) and not is_loopback(client.url):
                how = "--listen, --port and --public-url name an address that it reaches"
                self._say_once(f"{client.url} cannot reach this machine's {self.place.host}; {how}. {polling}.")
                return
            try:
                self._webhook = register(client, number, self.endpoint)
            except RefusedError as error:
                self._say_once(f"{error.what}. {polling}.")
                return
        where = f"webhook {self._webhook} of project {number}, to {self.endpoint.url}"
        self._say_once(f"registered {where}. {polling} too. Ctrl-C ends it.")

    def unregister(self) -> None:
        """Deletes our webhook, or says that it stays: a server that is away does not keep a watch from its end."""
        from toolkit.commands.printing import say
        from toolkit.commands.server import open_server
        from toolkit.errors import ToolkitError

        if self._webhook is None:
            return
        try:
            with open_server(self.project, self.timeout, only_look=True) as (client, _):
                client.delete_webhook(self._webhook)
        except ToolkitError as error:
            say(f"webhook {self._webhook} stays on the server until the next watch: {error.what}")
        else:
            say(f"removed webhook {self._webhook}")

    def _say_once(self, line: str) -> None:
        from toolkit.commands.printing import say

        if line != self._said:
            say(line)
        self._said = line

    def _tell(self, pulled: "Pulled", cause: "Cause") -> None:
        """The findings and drafts that are news, and a line on what changed, left out where a timer found nothing."""
        from toolkit.commands.printing import print_findings, say
        from toolkit.commands.server import drafts_line
        from toolkit.labelstudio.sync.reconciling import Verdict
        from toolkit.labelstudio.sync.watching import Cause

        news = [finding for finding in pulled.findings if finding not in self._findings]
        self._findings = set(pulled.findings)
        print_findings(news)
        if pulled.drafts and pulled.drafts != self._drafts:
            say(drafts_line(pulled))
        self._drafts = pulled.drafts
        is_change = any(map(pulled.count, (Verdict.NEW, Verdict.WRITTEN, Verdict.CONFLICT)))
        if news or is_change or cause is not Cause.TIMER:
            print(f"{time.strftime('%H:%M:%S')} pulled: {changes(pulled)}", flush=True)
        if is_change and cause is Cause.TIMER and self._webhook is not None and not self.notices.total:
            self._say_once(f"no webhook told of that: the server may not reach {self.endpoint.url}")


def changes(pulled: "Pulled") -> str:
    """What became of the articles, in a line; those that changed or need a person are named, as far as they are few."""
    from toolkit.labelstudio.sync.reconciling import Verdict

    told = []
    for verdict in Verdict:
        names = sorted({outcome.article for outcome in pulled.outcomes if outcome.verdict is verdict})
        if names and verdict in (Verdict.UNCHANGED, Verdict.OURS):
            told.append(f"{verdict} {len(names)}")
        elif names:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            told.append(f"{verdict} {len(names)} ({', '.join(names[:_NAMED])}{more})")
    return ", ".join(told) or "nothing changed"

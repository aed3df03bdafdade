"""A local Label Studio of a project's own: its folder, one account made once, one server at a time."""

import secrets
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from toolkit.errors import IncompleteError, UsageError
from toolkit.files import friendly, read_json, to_json, write_text
from toolkit.labelstudio.server.credentials import credentials_file
from toolkit.labelstudio.server.installation import label_studio_command
from toolkit.labelstudio.server.locking import holder, is_alive, lock_file, note, take
from toolkit.labelstudio.server.server import (
    Account,
    Say,
    Server,
    address,
    choose_port,
    started,
    stop_group,
    wait_until_it_answers,
)
from toolkit.project import Project

_USERNAME = "lead@localhost"
_SECONDS_TO_END = 15


@dataclass(frozen=True, slots=True)
class Studio:
    """A running Label Studio, and the file that holds its address, user name, password and key."""

    server: Server
    process: "subprocess.Popen[bytes]"
    credentials: Path

    def wait(self) -> None:
        """Waits for Ctrl-C, which is a KeyboardInterrupt. IncompleteError where the server ends by itself."""
        code = self.process.wait()
        what = f"Label Studio ended by itself with exit code {code}: {self.server.quote()}"
        raise IncompleteError(what, where=str(self.server.log), fix="`tawsim studio` starts it again.")


@contextmanager
def opened(project: Project, port: int | None, say: Say) -> Iterator[Studio]:
    """A Label Studio that answers, with all that is its own in the project's `.tawsim/studio`; stopped afterwards.

    `say` takes lines of progress. UsageError where one runs already or the port is taken; IncompleteError where
    Label Studio cannot be installed or does not start.
    """
    credentials = credentials_file(project)
    folder, data = credentials.parent, credentials.parent / "data"
    with friendly(folder):
        data.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)  # the database holds keys and texts
    write_text(folder / ".gitignore", "*\n")
    with _locked(folder / "lock", say) as lock:
        is_first = not (data / "label_studio.sqlite3").exists()
        account, last_port = _read_account(credentials) or (_new_account(is_first), None)
        chosen = choose_port(port, last_port)
        note(lock, url=address(chosen), group=None)
        command = label_studio_command(folder, say, (lock,))
        _keep_account(credentials, account, address(chosen))
        server = Server(command, chosen, data, folder / "server.log", account)
        say("starting Label Studio; it makes its database first, once" if is_first else "starting Label Studio")
        with started(server, (lock,)) as process:
            note(lock, url=server.url, group=process.pid)
            wait_until_it_answers(server, process, say)
            yield Studio(server, process, credentials)


def _read_account(credentials: Path) -> tuple[Account, int | None] | None:
    """The account that was made before, and the port of the last run; None before the first."""
    if not credentials.exists():
        return None
    stored: Any = read_json(credentials)
    try:
        return Account(stored["username"], stored["password"], stored["key"]), urlsplit(stored["url"]).port
    except (KeyError, TypeError, ValueError, AttributeError):
        what = "is no account of a local Label Studio: url, username, password and key"
        raise UsageError(what, where=str(credentials), fix="Move the file away; a new one is made.") from None


def _new_account(is_first: bool) -> Account:
    # Data whose account was lost keeps its users: a new name joins them, where the old one keeps its password.
    name = _USERNAME if is_first else _USERNAME.replace("@", f"-{secrets.token_hex(2)}@")
    return Account(name, secrets.token_urlsafe(18), secrets.token_hex(20))


def _keep_account(credentials: Path, account: Account, url: str) -> None:
    kept = {"url": url, "username": account.username, "password": account.password, "key": account.key}
    write_text(credentials, to_json(kept), secret=True)


@contextmanager
def _locked(path: Path, say: Say) -> Iterator[int]:
    """The file descriptor of the lock. The server inherits it, so that the lock is free only when both are gone.

    UsageError where another `tawsim studio` holds it. A server whose `tawsim studio` was killed is stopped.
    """
    deadline = time.monotonic() + _SECONDS_TO_END
    with lock_file(path) as lock:
        while not take(lock, path):
            _stop_orphan(path, say, deadline)
        yield lock


def _stop_orphan(path: Path, say: Say, deadline: float) -> None:
    """Stops the server that holds the lock alone, and returns for another try. UsageError where it is not alone."""
    noted = holder(path)
    pid, url, group = noted.get("pid"), noted.get("url", str(path.parent)), noted.get("group")
    if pid is not None and group is not None and not is_alive(pid):
        say(f"stopping the Label Studio at {url}, which was left behind when its `tawsim studio` was killed")
        stop_group(group)
    elif (pid is not None and is_alive(pid)) or time.monotonic() > deadline:
        state = "is being installed or started" if group is None else "runs already"
        what = f"this project's Label Studio {state} (process {pid or 'not known'})"
        raise UsageError(what, where=url, fix="Use that one, or stop it with Ctrl-C first.")
    time.sleep(0.1)

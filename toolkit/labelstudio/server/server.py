"""The process of a local Label Studio: its port, its environment, its start and its end."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from toolkit.errors import IncompleteError, UsageError
from toolkit.files import friendly

HOST = "127.0.0.1"
PORT = 8080
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SECONDS_TO_START = 900
_SECONDS_TO_STOP = 10
_SECONDS_BETWEEN_LINES = 5
_QUOTED = 3
# Everything else of the user's environment could be a setting of Label Studio's: DEBUG, CI, HOST, DATABASE_NAME.
_KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_DIRECT = build_opener(ProxyHandler({}))

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Account:
    """Who the server's first user is: its e-mail address, its password, and its key for the API."""

    username: str
    password: str = field(repr=False)
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Server:
    """What to start: the command, the port on loopback, the folder of the data, the file of the log, the first user."""

    command: str
    port: int
    data: Path
    log: Path
    account: Account

    @property
    def url(self) -> str:
        return address(self.port)

    def quote(self) -> str:
        """The last lines of the log in one line, without what is secret; a pointer to the log where it is empty."""
        return quote_log(self.log, (self.account.password, self.account.key))


def address(port: int) -> str:
    """The address of a server on a port of this machine."""
    return f"http://{HOST}:{port}"


def choose_port(wanted: int | None, last: int | None = None) -> int:
    """The port asked for; else that of the last run, else 8080, else a free one, in this order the first not taken.

    UsageError where the port asked for is taken.
    """
    if wanted is None:
        usable = (port for port in (last, PORT) if port is not None and not _problem(port))
        return next(usable, None) or _free_port()
    if problem := _problem(wanted):
        fix = "Choose another --port, or leave it out and a free one is taken."
        raise UsageError(f"port {wanted} cannot be used: {problem}", fix=fix)
    return wanted


def _problem(port: int) -> str:
    """Why a port of this machine cannot be listened on; empty where it can."""
    with socket.socket() as caller:
        caller.settimeout(1)
        if caller.connect_ex((HOST, port)) == 0:
            return "another program listens there"
    with socket.socket() as listener:
        # Connections that our last server closed a moment ago do not occupy the port.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            return (error.strerror or str(error)).lower()
    return ""


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])


def environment(server: Server) -> dict[str, str]:
    """The variables that the server sees: no telemetry, no call to the network, and nothing of the user's settings."""
    settings = {
        "BASE_DATA_DIR": str(server.data),
        "DJANGO_DB": "sqlite",
        "USERNAME": server.account.username,
        "PASSWORD": server.account.password,
        "USER_TOKEN": server.account.key,
        "ENABLE_LEGACY_API_TOKEN": "true",
        "DISABLE_SIGNUP_WITHOUT_LINK": "true",
        "COLLECT_ANALYTICS": "false",
        "LATEST_VERSION_CHECK": "false",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
        "SENTRY_RATE": "0",
        "FRONTEND_SENTRY_RATE": "0",
        "SSRF_PROTECTION_ENABLED": "false",  # webhooks go to this machine, where `tawsim pull --watch` listens
    }
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    # Unbuffered, so that the log tells the address as soon as the server listens.
    return kept | {"PYTHONUNBUFFERED": "1"} | {f"LABEL_STUDIO_{name}": value for name, value in settings.items()}


@contextmanager
def started(server: Server, held: Sequence[int] = ()) -> Iterator["subprocess.Popen[bytes]"]:
    """The server's process, which inherits the file descriptors `held`; its whole group is gone afterwards."""
    command = [server.command, "start", "--no-browser", "--internal-host", HOST, "--port", str(server.port)]
    with process_group(command, environment(server), server.log, held) as process:
        yield process


@contextmanager
def process_group(
    command: Sequence[str], variables: dict[str, str], log: Path, held: Sequence[int] = ()
) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that leads a group of its own, out of reach of the terminal's Ctrl-C; its group is gone afterwards.

    What it prints makes a new log, readable for its owner only. FileError where the command or the log cannot be
    opened.
    """
    process = None
    try:
        process = _start_group(command, variables, log, held)
        yield process
    finally:
        if process is not None:
            with _undisturbed():
                stop_group(process.pid, process)


def _start_group(
    command: Sequence[str], variables: dict[str, str], log: Path, held: Sequence[int]
) -> "subprocess.Popen[bytes]":
    with friendly(log):
        log.unlink(missing_ok=True)
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with friendly(Path(command[0])):
            return subprocess.Popen(
                command,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                pass_fds=held,
            )
    finally:
        os.close(out)


def stop_group(group: int, leader: "subprocess.Popen[bytes] | None" = None) -> None:
    """Ends a process group: asks first, kills what is left after ten seconds. One that is gone already is no error."""
    deadline = time.monotonic() + _SECONDS_TO_STOP
    is_there = _signal(group, signal.SIGTERM)
    while is_there and time.monotonic() < deadline:
        if leader is not None:
            leader.poll()  # a dead leader that nobody asked about would count as there
        time.sleep(0.05)
        is_there = _signal(group, 0)
    if is_there:
        _signal(group, signal.SIGKILL)
    if leader is not None:
        leader.wait()


def _signal(group: int, number: int) -> bool:
    """Whether the process group is there and got the signal."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):  # PermissionError: macOS, when only dead members are left
        return False
    return True


@contextmanager
def interruptible() -> Iterator[None]:
    """Ctrl-C, SIGTERM and a closed terminal raise KeyboardInterrupt, also where a shell had them ignored."""
    before = {number: signal.signal(number, signal.default_int_handler) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """A second Ctrl-C does not keep the first from its end."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def wait_with_progress(process: "subprocess.Popen[bytes]", what: str, say: Say, is_done: Callable[[], bool]) -> bool:
    """Waits until `is_done`, with a line every few seconds; False where the process ended before."""
    began = told = time.monotonic()
    while not is_done():
        if process.poll() is not None:
            return False
        now = time.monotonic()
        if now - told >= _SECONDS_BETWEEN_LINES:
            told = now
            say(f"{what}: {now - began:.0f} s")
        time.sleep(0.1)
    return True


def wait_until_it_answers(server: Server, process: "subprocess.Popen[bytes]", say: Say) -> None:
    """Returns when the server answers at its address.

    IncompleteError quotes the log of one that dies or takes too long; UsageError where another program took the port.
    """
    deadline = time.monotonic() + _SECONDS_TO_START

    def answers() -> bool:
        if time.monotonic() > deadline:
            what = f"Label Studio does not answer after {_SECONDS_TO_START // 60} minutes: {server.quote()}"
            raise IncompleteError(what, where=str(server.log))
        said = server.log.read_text("utf-8", "replace")
        if "* Trying to start at" in said:  # it would go on to the next port without us
            raise UsageError(f"port {server.port} was taken while Label Studio started", fix="Start it again.")
        return f"server at {server.url}/" in said and _is_healthy(server.url)

    if not wait_with_progress(process, "starting Label Studio", say, answers):
        raise IncompleteError(
            f"Label Studio stopped with exit code {process.returncode} before it answered: {server.quote()}",
            where=str(server.log),
        )


def _is_healthy(url: str) -> bool:
    try:
        with _DIRECT.open(f"{url}/health", timeout=10) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def quote_log(log: Path, secrets: Sequence[str] = ()) -> str:
    """The last lines of a log in one line, each secret taken out."""
    with friendly(log):
        text = log.read_text("utf-8", "replace")
    for secret in secrets:
        text = text.replace(secret, "[secret]")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    shown = " / ".join(line[:300] for line in lines[-_QUOTED:]) or "it printed nothing"
    return "".join(character if character.isprintable() else " " for character in shown)

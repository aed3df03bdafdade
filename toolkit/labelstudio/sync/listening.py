"""Where webhooks arrive: a small HTTP server that checks the secret, takes notice, and keeps nothing.

Of a notification only the action and the project's number are looked at. All else in it, texts and the token that the
server puts into its projects, is dropped. Without the secret, whatever is asked, the answer is 401.
"""

import hmac
import io
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any

import orjson

from toolkit.errors import UsageError
from toolkit.labelstudio.sync.webhooks import ACTIONS, HEADER

# Bytes of a body; our own webhook sends some 30, one that a person made sends whole tasks.
LIMIT = 4 * 2**20
# Seconds that a client has for its whole request.
PATIENCE = 10.0
# Seconds more for what it still sends after a refusal.
_LINGER = 1.0
# Connections at one time.
MOST = 32
# A burst is over after so many seconds without a notification, and at the latest so many after its first.
QUIET, LATEST = 1.0, 5.0
_PIECE = 2**16
_BUSY = b"HTTP/1.0 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"


class Notices:
    """Notifications that no pull has answered yet. Threads share it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting = 0
        self.total = 0

    def add(self) -> None:
        """One more."""
        with self._changed:
            self._waiting += 1
            self.total += 1
            self._changed.notify_all()

    def wait(self, seconds: float) -> bool:
        """Whether one comes within `seconds`. Then a burst is waited for, and all of it counts as answered."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting, seconds)
            latest, seen = time.monotonic() + LATEST, 0
            while self._waiting > seen and (left := latest - time.monotonic()) > 0:
                seen = self._waiting
                self._changed.wait_for(lambda: self._waiting > seen, min(QUIET, left))  # noqa: B023
            came, self._waiting = self._waiting > 0, 0
        return came


@dataclass(slots=True)
class Expected:
    """What a request has to be: to one of these paths, with this secret, of this project if it names one."""

    paths: frozenset[str]
    secret: str = field(repr=False)
    project: int


class Listener(ThreadingTCPServer):
    """Listens on an address of this machine until it is closed. `told` takes a line on the first of each refusal.

    UsageError where the port is taken or the address is none of this machine's. Port 0 is any free one.
    """

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 2 * MOST

    def __init__(self, host: str, port: int, expected: Expected, notices: Notices, told: Callable[[str], None]) -> None:
        self.expected, self.notices = expected, notices
        self._told, self._known_refusals = told, set[int]()
        self._slots = threading.Semaphore(MOST)
        try:
            place: Any
            self.address_family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            super().__init__(place, Handler)
        except OSError as error:
            fix = "Choose another --port, or leave it out and a free one is taken. Check --listen."
            reason = (error.strerror or str(error)).lower()
            raise UsageError(f"cannot listen on {host} port {port}: {reason}", fix=fix) from None

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def refused(self, status: HTTPStatus) -> None:
        """Tells of a refusal, the first time that there is one of its kind."""
        if status not in self._known_refusals:
            self._known_refusals.add(status)
            self._told(f"refused a request to the webhook address: {status.phrase} (HTTP {status.value})")

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._slots.acquire(blocking=False):
            request.send(_BUSY, socket.MSG_DONTWAIT)
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except BaseException:  # no thread was to be had
            self._slots.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._slots.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away in the middle of its answer is nothing to tell."""


class _Timed(io.RawIOBase):
    """What a connection sends until a moment on the monotonic clock, however slowly it drips; then TimeoutError."""

    def __init__(self, connection: socket.socket, end: float) -> None:
        self._connection, self.end = connection, end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self.end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)


class Handler(BaseHTTPRequestHandler):
    """Answers one request with a status and no body."""

    server: Listener
    server_version, sys_version = "tawsim", ""

    def setup(self) -> None:
        super().setup()
        self._timed = _Timed(self.connection, time.monotonic() + PATIENCE)
        self.rfile = io.BufferedReader(self._timed)
        self._rest = 0

    def answer(self) -> None:
        status = self._judged()
        if status >= HTTPStatus.BAD_REQUEST:
            self.server.refused(status)
        self.send_response(status)
        if status is HTTPStatus.UNAUTHORIZED:
            self.send_header("WWW-Authenticate", HEADER)
        if status is HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", "POST")
        if status is not HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.flush()
        self._drop_rest()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = do_CONNECT = answer  # noqa: N815

    def _judged(self) -> HTTPStatus:
        expected, length = self.server.expected, self.headers.get("Content-Length", "")
        is_number = length.isascii() and length.isdigit() and len(length) < 16
        self._rest = int(length) if is_number else LIMIT if length or "Transfer-Encoding" in self.headers else 0
        if not _equal(self.headers.get(HEADER, ""), expected.secret):
            return HTTPStatus.UNAUTHORIZED
        if self.path.partition("?")[0] not in expected.paths:
            return HTTPStatus.NOT_FOUND
        if self.command != "POST":
            return HTTPStatus.METHOD_NOT_ALLOWED
        if not is_number:
            return HTTPStatus.BAD_REQUEST if length else HTTPStatus.LENGTH_REQUIRED
        if self._rest > LIMIT:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        try:
            body = self.rfile.read(self._rest)
        except TimeoutError:
            return HTTPStatus.REQUEST_TIMEOUT
        is_whole, self._rest = len(body) == self._rest, 0
        named = read_notification(body) if is_whole else None
        if named is None:
            return HTTPStatus.BAD_REQUEST
        action, project = named
        if action not in ACTIONS or project not in (None, expected.project):
            return HTTPStatus.NO_CONTENT
        self.server.notices.add()
        return HTTPStatus.ACCEPTED

    def _drop_rest(self) -> None:
        """Reads on without keeping anything: a connection that is closed with something unread loses the answer."""
        if not self._rest:
            return
        self._timed.end = max(self._timed.end, time.monotonic() + _LINGER)
        try:
            self.connection.shutdown(socket.SHUT_WR)
            while self._rest > 0 and (piece := self.rfile.read1(_PIECE)):
                self._rest -= len(piece)
        except OSError:  # it takes too long, or is gone
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Requests are nobody's business; what they brought may be secret."""


def read_notification(body: bytes) -> tuple[str, int | None] | None:
    """The action and, if it is named, the project's number; None for what is no notification of Label Studio's."""
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(content, dict) or not isinstance(content.get("action"), str):
        return None
    project = content.get("project")
    number = project.get("id") if isinstance(project, dict) else project
    return content["action"], number if isinstance(number, int) else None


def _equal(given: str, secret: str) -> bool:
    """Whether the secret was given, in a time that does not tell how much of it."""
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), secret.encode())

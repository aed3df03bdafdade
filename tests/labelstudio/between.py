"""Servers between Tawsim and Label Studio, or in its place: a gateway that loses answers, a login page, a slow one."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError
from urllib.request import Request

from studio_server import DIRECT

Answer = tuple[int, dict[str, str], bytes]
Handle = Callable[[str, str, dict[str, str], bytes], Answer]
PASSED_ON = ("authorization", "content-type")


@contextmanager
def serving(handle: Handle) -> Iterator[str]:
    """A server on a free loopback port that answers as `handle(method, path, headers, body)` says; its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, more, content = handle(self.command, self.path, headers, body)
            self.send_response(status)
            for name, value in {**more, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A client that went away is what these tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def passed_on(url: str, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
    """The answer of the server at `url` to a request."""
    kept = {name: value for name, value in headers.items() if name in PASSED_ON}
    try:
        with DIRECT.open(Request(url + path, body or None, kept, method=method), timeout=60) as answer:
            return answer.status, {"Content-Type": "application/json"}, answer.read()
    except HTTPError as error:
        with error:
            return error.code, {"Content-Type": "application/json"}, error.read()


def losing(url: str) -> tuple[Handle, list[str]]:
    """A gateway to `url` that loses the answer to the first write of each kind, and to every fifth after it.

    The request is passed on each time. Also gives the list of the lost ones.
    """
    counts: dict[str, int] = {}
    lost: list[str] = []

    def handle(method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        answer = passed_on(url, method, path, headers, body)
        if method == "GET":
            return answer
        kind = "/".join(part for part in path.partition("?")[0].split("/") if not part.isdecimal())
        counts[kind] = counts.get(kind, 0) + 1
        if counts[kind] % 5 == 1:
            lost.append(f"{method} {kind}")
            return 502, {"Content-Type": "text/html", "Set-Cookie": "sessionid=secret"}, b"<html>Bad Gateway</html>"
        return answer

    return handle, lost


def page(status: int = 200, **headers: str) -> Handle:
    """A server that answers everything with one web page."""
    return lambda *_: (status, {"Content-Type": "text/html", **headers}, b"<html>Please log in</html>")


def as_json(status: int, content: object) -> Answer:
    """A JSON answer."""
    return status, {"Content-Type": "application/json", "Set-Cookie": "sessionid=secret"}, json.dumps(content).encode()

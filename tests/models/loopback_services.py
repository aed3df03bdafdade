"""Services on this machine that do as they are told, and remember what they were asked."""

import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Asked:
    """One request that came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Reply:
    """What a service answers; `fault` is `cut`, `short`, `silent` or `dripping` where it misbehaves."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    fault: str = ""


@dataclass
class LoopbackService:
    """`answer` makes a reply of a request; the replies of `first` are given before, in turn."""

    answer: Callable[[Asked], Reply]
    first: deque[Reply] = field(default_factory=deque)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""
    is_over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving(answer: Callable[[Asked], Reply], *first: Reply) -> Iterator[LoopbackService]:
    """A service at `url` while the block lasts."""
    service = LoopbackService(answer, deque(first))
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked = Asked(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            with lock:
                service.asked.append(asked)
                reply = service.first.popleft() if service.first else service.answer(asked)
            if reply.fault == "cut":
                # A reset, not a polite goodbye.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                return
            if reply.fault == "silent":
                service.is_over.wait(30)
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header(
                "Content-Length", str(len(reply.body) + {"short": 10, "dripping": 10**6}.get(reply.fault, 0))
            )
            self.end_headers()
            if reply.fault == "dripping":
                while not service.is_over.wait(0.05):
                    self.wfile.write(b" ")
                return
            self.wfile.write(reply.body)

        def do_GET(self) -> None:
            raise AssertionError("nothing here is fetched by GET")

        def log_message(self, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *args: Any) -> None:
            pass  # a client that gave up is what is being tried

    server = Server(("127.0.0.1", 0), Handler)
    service.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield service
    finally:
        service.is_over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def json_lines(rows: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)

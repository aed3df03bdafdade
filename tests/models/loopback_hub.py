"""A Hub of models on this machine, as far as a client reads it: files of a repository at a revision."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

COMMIT = "a" * 39 + "1"


@dataclass
class ModelHub:
    """`folders` are the repositories by id; each has one commit, which `main` and the tag v1 name."""

    folders: dict[str, Path]
    gated: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Status, error code and body of what is asked for."""
        if path.startswith("/api/models/") and "/tree/" in path:  # of folders, and there are none
            return 404, "EntryNotFound", b""
        owner, name, kind, revision, *rest = [*path.lstrip("/").split("/"), "", "", ""]
        folder = self.folders.get(f"{owner}/{name}")
        if kind != "resolve" or folder is None:
            return 404, "RepoNotFound", b""
        if revision not in ("main", "v1", COMMIT):
            return 404, "RevisionNotFound", b""
        if f"{owner}/{name}" in self.gated:
            return 403, "GatedRepo", b""
        file = folder / "/".join(part for part in rest if part)
        return (200, "", file.read_bytes()) if file.is_file() else (404, "EntryNotFound", b"")


@contextmanager
def hub_of_models(folders: dict[str, Path]) -> Iterator[ModelHub]:
    """A Hub at `url` while the block lasts."""
    hub = ModelHub(folders)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            hub.asked.append(f"{self.command} {self.path}")
            status, code, body = hub.answer(self.path.partition("?")[0])
            self.send_response(status)
            headers = {"X-Repo-Commit": COMMIT, "ETag": f'"{sha256(body).hexdigest()}"'} if status == 200 else {}
            for header, value in {**headers, "X-Error-Code": code, "Content-Length": str(len(body))}.items():
                if value:
                    self.send_header(header, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815  the names are those of the standard library

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

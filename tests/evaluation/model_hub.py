"""Model repositories of the Hub on loopback, over its own protocol: as much of it as a proposal of scores needs."""

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

HEAD = hashlib.sha1(b"head").hexdigest()
REPO = "someone/model"
TOKEN = "hf_ofthetest"


@dataclass
class ModelHub:
    """One repository: the files of its main branch, and the pull requests as header and files."""

    files: dict[str, bytes] = field(default_factory=dict)
    proposals: list[tuple[dict[str, Any], dict[str, bytes]]] = field(default_factory=list)
    refuse: int | None = None
    url: str = ""


@contextmanager
def running(hub: ModelHub) -> Iterator[ModelHub]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(hub: ModelHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            if path == f"/api/models/{REPO}":
                self.answer({"id": REPO, "modelId": REPO, "sha": HEAD, "tags": [], "siblings": []})
            elif path.startswith(f"/{REPO}/resolve/{HEAD}/"):
                self.file(path.removeprefix(f"/{REPO}/resolve/{HEAD}/"))
            else:
                self.answer({"error": "Repository not found"}, 404, {"X-Error-Code": "RepoNotFound"})

        do_HEAD = do_GET  # noqa: N815

        def file(self, name: str) -> None:
            data = hub.files.get(name)
            if data is None:
                self.answer({"error": "Entry not found"}, 404, {"X-Error-Code": "EntryNotFound"})
                return
            etag = {"ETag": f'"{hashlib.sha1(data).hexdigest()}"', "X-Repo-Commit": HEAD}
            self.send(200, data, {**etag, "Content-Type": "text/plain"})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            at = urlsplit(self.path)
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                self.answer({"error": "Invalid credentials"}, 401)
            elif hub.refuse:
                self.answer({"error": "You may not write here"}, hub.refuse)
            elif at.path.endswith("/validate-yaml"):
                self.answer({"errors": [], "warnings": []})
            elif "/preupload/" in at.path:
                asked = json.loads(body)["files"]
                self.answer(
                    {"files": [{"path": f["path"], "uploadMode": "regular", "shouldIgnore": False} for f in asked]}
                )
            elif at.path == f"/api/models/{REPO}/commit/main" and parse_qs(at.query).get("create_pr") == ["1"]:
                header, *operations = [json.loads(line) for line in body.splitlines()]
                assert header["key"] == "header" and {each["key"] for each in operations} == {"file"}
                files = {each["value"]["path"]: base64.b64decode(each["value"]["content"]) for each in operations}
                hub.proposals.append((header["value"], files))
                number = len(hub.proposals)
                url = f"{hub.url}/{REPO}"
                self.answer(
                    {
                        "commitOid": hashlib.sha1(body).hexdigest(),
                        "commitUrl": f"{url}/commit/refs%2Fpr%2F{number}",
                        "pullRequestUrl": f"{url}/discussions/{number}",
                    }
                )
            else:
                self.answer({"error": f"no {self.path}"}, 404)

        def answer(self, value: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
            self.send(status, json.dumps(value).encode(), {"Content-Type": "application/json", **(headers or {})})

        def send(self, status: int, data: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

    return Handler

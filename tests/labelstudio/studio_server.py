"""A real Label Studio server of the tests' own, and its HTTP API as far as the tests use it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

EMAIL = "lead@example.org"
PASSWORD = "composed-for-a-test"
TOKEN = "0123456789abcdef0123456789abcdef01234567"
SECONDS_TO_START = 180
MEMORY = Path("/dev/shm")
DIRECT = build_opener(ProxyHandler({}))


class RefusedError(Exception):
    """The server answered with an error."""

    def __init__(self, status: int, body: str) -> None:
        self.status, self.body = status, body
        super().__init__(f"HTTP {status}: {body[:500]}")


@dataclass
class Studio:
    """A running server at `url`, with the account of an annotation lead."""

    url: str
    _others: dict[str, int] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None) -> bytes:
        """The body of the answer to a request of the lead. RefusedError where the status is an error."""
        headers = {"Authorization": f"Token {TOKEN}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        try:
            with DIRECT.open(Request(self.url + path, data, headers, method=method), timeout=60) as answer:
                return answer.read()
        except HTTPError as error:
            with error:
                raise RefusedError(error.code, error.read().decode("utf-8", "replace")) from None

    def json(self, method: str, path: str, body: Any = None) -> Any:
        return json.loads(self.call(method, path, body))

    @cached_property
    def lead(self) -> int:
        """The user id of the lead."""
        return self.json("GET", "/api/current-user/whoami")["id"]

    def user(self, name: str) -> int:
        """The user id of another account, made on first use."""
        if name not in self._others:
            account = {"email": f"{name}@example.org", "username": name, "first_name": "", "last_name": ""}
            self._others[name] = self.json("POST", "/api/users/", account)["id"]
        return self._others[name]

    def project(self, title: str, config: str) -> int:
        """A new project with a labelling configuration."""
        return self.json("POST", "/api/projects", {"title": title, "label_config": config})["id"]

    def import_tasks(self, project: int, tasks: list[dict[str, Any]]) -> list[int]:
        """Imports native tasks; their ids on the server."""
        return self.json("POST", f"/api/projects/{project}/import?return_task_ids=true", tasks)["task_ids"]

    def export(self, project: int, kind: str = "JSON") -> bytes:
        """The export that the project's Export button gives."""
        return self.call("GET", f"/api/projects/{project}/export?exportType={kind}&download_all_tasks=true")

    def snapshot(self, project: int) -> bytes:
        """A snapshot with predictions in full, and with the name and address of who annotated."""
        options = {key: {"only_id": False} for key in ("drafts", "predictions", "annotations__completed_by")}
        folder = f"/api/projects/{project}/exports/"
        made = self.json("POST", folder, {"title": "snapshot", "serialization_options": options})
        deadline = time.monotonic() + 30
        while made["status"] != "completed":
            assert made["status"] != "failed", made
            assert time.monotonic() < deadline, made
            time.sleep(0.1)
            made = self.json("GET", f"{folder}{made['id']}")
        return self.call("GET", f"{folder}{made['id']}/download?exportType=JSON")


@contextmanager
def running(command: str) -> Iterator[Studio]:
    """A server on a free loopback port with empty data of its own, which goes with it."""
    # Label Studio's migrations are thousands of small commits, which memory takes in half the time.
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 256 * 2**20
    with tempfile.TemporaryDirectory(prefix="tawsim-studio-", dir=MEMORY if roomy else None) as folder:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        start = [command, "start", "--no-browser", "--internal-host", "127.0.0.1", "--port", str(port)]
        log = Path(folder) / "server.log"
        with log.open("wb") as out:
            # A session of its own, so that stopping reaches whatever the server started.
            server = subprocess.Popen(start, env=_environment(folder), stdout=out, stderr=out, start_new_session=True)
        try:
            studio = Studio(f"http://127.0.0.1:{port}")
            _wait(studio, server, log)
            yield studio
        finally:
            _stop(server)


def _environment(folder: str) -> dict[str, str]:
    return {
        **os.environ,
        "LABEL_STUDIO_BASE_DATA_DIR": folder,
        "LABEL_STUDIO_USERNAME": EMAIL,
        "LABEL_STUDIO_PASSWORD": PASSWORD,
        "LABEL_STUDIO_USER_TOKEN": TOKEN,
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "COLLECT_ANALYTICS": "false",
        "LATEST_VERSION_CHECK": "false",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
        "SENTRY_RATE": "0",
        "FRONTEND_SENTRY_RATE": "0",
        "SSRF_PROTECTION_ENABLED": "false",  # webhooks go to this machine
    }


def _wait(studio: Studio, server: subprocess.Popen[bytes], log: Path) -> None:
    """Returns when the server answers; fails with the end of its log where it stops or takes too long."""
    deadline = time.monotonic() + SECONDS_TO_START
    while server.poll() is None and time.monotonic() < deadline:
        try:
            studio.call("GET", "/health")
            return
        except (RefusedError, URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"Label Studio did not start:\n{log.read_text('utf-8', 'replace')[-3000:]}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(server.pid, number)
            server.wait(10)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue

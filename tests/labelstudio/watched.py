"""A `tawsim pull --watch` in the background, and what it says."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from urllib.error import HTTPError
from urllib.request import Request

from studio_server import DIRECT, TOKEN
from sync_project import Sync

from toolkit.labelstudio.sync.webhooks import HEADER

SECONDS = 60


@dataclass
class Watched:
    """A running watch; `out` and `err` are the lines that it printed so far."""

    process: "subprocess.Popen[str]"
    folder: Path
    out: list[str] = field(default_factory=list)
    err: list[str] = field(default_factory=list)
    _readers: list[Thread] = field(default_factory=list)

    @property
    def keys(self) -> dict[str, str]:
        return json.loads((self.folder / ".tawsim" / "watch" / "webhook.json").read_bytes())

    def read(self) -> "Watched":
        """Starts to read what it prints."""

        def each(stream, lines: list[str]) -> None:
            for line in iter(stream.readline, ""):
                lines += [line.rstrip("\n")]

        pairs = ((self.process.stdout, self.out), (self.process.stderr, self.err))
        self._readers = [Thread(target=each, args=pair, daemon=True) for pair in pairs]
        for reader in self._readers:
            reader.start()
        return self

    def until(self, is_so: Callable[[], bool]) -> None:
        """Waits until something is so; fails where the watch ends before, or after a minute."""
        deadline = time.monotonic() + SECONDS
        while not is_so():
            is_over = self.process.poll() is not None and not any(reader.is_alive() for reader in self._readers)
            assert time.monotonic() < deadline, self.out + self.err
            assert not is_over or is_so(), self.out + self.err
            time.sleep(0.02)

    def says(self, part: str) -> str:
        """The first line with this in it."""

        def found() -> list[str]:
            return [line for line in (*self.out, *self.err) if part in line]

        self.until(lambda: bool(found()))
        return found()[0]

    def waits_for(self, pulls: int) -> None:
        """Waits until so many pulls have been told."""
        self.until(lambda: len(self.pulls) >= pulls)

    @property
    def pulls(self) -> list[str]:
        """What each pull told, without its time."""
        return [line.partition(" pulled: ")[2] for line in self.out if re.match(r"\d\d:\d\d:\d\d pulled: ", line)]

    def ends(self, number: int = signal.SIGINT) -> int:
        """Its exit code after a signal. Nothing secret was said."""
        self.process.send_signal(number)
        code = self.process.wait(SECONDS)
        for reader in self._readers:
            reader.join(SECONDS)
        said = "\n".join(self.out + self.err)
        for secret in (TOKEN, self.keys["secret"], "Traceback", "sessionid"):
            assert secret not in said, said
        return code

    def notify(self, body: object, secret: str | None = None) -> int:
        """The status of the answer to a notification."""
        url = self.says("registered webhook").partition(", to ")[2].partition(". Pulling")[0]
        headers = {HEADER: self.keys["secret"] if secret is None else secret, "Content-Type": "application/json"}
        try:
            with DIRECT.open(Request(url, json.dumps(body).encode(), headers), timeout=20) as answer:
                return answer.status
        except HTTPError as error:
            with error:
                return error.code


@contextmanager
def watching(sync: Sync, *options: object) -> Iterator[Watched]:
    """A watch of a test's project that has pulled once; it is killed at the end where the test left it running."""
    line = [sys.executable, "-m", "toolkit", "pull", "--watch", *map(str, options), "--project", str(sync.folder)]
    process = subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ), start_new_session=True
    )
    watched = Watched(process, sync.folder).read()
    try:
        watched.says(" pulled: ")
        yield watched
    finally:
        process.kill()
        process.wait()

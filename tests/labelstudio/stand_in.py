"""A stand-in for the `label-studio` command where only its process matters: it answers /health and has a child."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from toolkit.labelstudio.server.credentials import KEY_VARIABLE, URL_VARIABLE
from toolkit.project import ARTICLES_VARIABLE

ANSWERS = """#!{python}
import http.server, os, pathlib, subprocess, sys

port = int(sys.argv[sys.argv.index("--port") + 1])
child = subprocess.Popen(["sleep", "600"])
data = pathlib.Path(os.environ["LABEL_STUDIO_BASE_DATA_DIR"])
(data / "pids").write_text(f"{{os.getpid()}} {{child.pid}}")
(data / "label_studio.sqlite3").touch()


class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()


server = http.server.HTTPServer(("127.0.0.1", port), Health)
print(f"Starting development server at http://127.0.0.1:{{port}}/")
server.serve_forever()
"""
DIES = """#!{python}
import os, sys

print("django.db.utils.OperationalError: disk is on fire", os.environ["LABEL_STUDIO_PASSWORD"])
sys.exit(1)
"""


def command(folder: Path, source: str) -> Path:
    """A command of this source, as LABEL_STUDIO names one."""
    path = folder / "stand-in"
    path.write_text(source.format(python=sys.executable), encoding="utf-8")
    path.chmod(0o755)
    return path


@dataclass
class Run:
    """A `tawsim studio` in the background; what it prints on stdout and stderr."""

    process: "subprocess.Popen[str]"
    out: str = ""
    err: str = ""
    seconds: float = 0
    _began: float = field(default_factory=time.monotonic)

    def until_ready(self) -> "Run":
        """Reads its three lines on stdout; fails with all it said where it ends before."""
        assert self.process.stdout is not None
        while (line := self.process.stdout.readline()) and not line.startswith("password"):
            self.out += line
        self.out += line
        self.seconds = time.monotonic() - self._began
        if not line:
            self.end()
            raise AssertionError(self.out + self.err)
        return self

    def end(self, number: int | None = None) -> int:
        """Its exit code, after the signal `number` where one is given."""
        if number is not None:
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=120)
        self.out, self.err = self.out + out, self.err + err
        return self.process.returncode

    @property
    def said(self) -> str:
        return self.out + self.err


def studio(project: Path, label_studio: Path | str, *options: str) -> Run:
    """Starts `tawsim studio` in a project, with the command that LABEL_STUDIO names."""
    gone = (ARTICLES_VARIABLE, URL_VARIABLE, KEY_VARIABLE)
    environment = {name: value for name, value in os.environ.items() if name not in gone}
    return Run(
        subprocess.Popen(
            [sys.executable, "-m", "toolkit", "studio", *options],
            cwd=project,
            env=environment | {"LABEL_STUDIO": str(label_studio), "COLUMNS": "200", "NO_COLOR": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    )


def is_alive(pid: int) -> bool:
    """Whether a process is there and not only waiting to be asked for its exit code."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def end_all(runs: list[Run]) -> None:
    """Ends what a test left running."""
    for run in runs:
        if run.process.poll() is None:
            run.end(signal.SIGTERM)

"""The command as a process of its own, as a CI runs it."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path


def tawsim(*arguments: object, cwd: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Runs `tawsim` in a folder; the answer has its exit code, stdout and stderr."""
    given: Mapping[str, str] = {"COLUMNS": "80", "NO_COLOR": "1", **environment}
    return subprocess.run(
        [sys.executable, "-m", "toolkit", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        check=False,
    )

"""A Hub on loopback, and the real clients against it: `tawsim` as a process of its own with a fresh HF_HOME."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import hub_server
import pytest

from toolkit.project import ARTICLES_VARIABLE

Clean = Callable[..., dict[str, str]]


@pytest.fixture(scope="session")
def running_hub() -> Iterator[hub_server.Hub]:
    """One server for all tests; each has repositories of its own."""
    with hub_server.running() as hub:
        yield hub


@pytest.fixture
def hub(running_hub: hub_server.Hub) -> hub_server.Hub:
    """The Hub, in order, with nothing on it."""
    running_hub.faults.clear()
    running_hub.requests.clear()
    running_hub.repos.clear()
    running_hub.delay = 0.0
    return running_hub


@pytest.fixture
def environment(hub: hub_server.Hub, tmp_path: Path) -> Clean:
    """The environment of a client of that Hub: no cache, no token but the one given, no articles but those given."""

    def made(token: str | None = "hf_ada_write", home: str = "home", **more: str) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "HUGGING")) and k != ARTICLES_VARIABLE}
        kept |= {"HF_ENDPOINT": hub.url, "HF_HUB_DISABLE_XET": "1", "HF_HOME": str(tmp_path / home)}
        kept |= {"HF_HUB_DISABLE_TELEMETRY": "1", "NO_COLOR": "1", "COLUMNS": "200"}
        return kept | ({"HF_TOKEN": token} if token else {}) | more

    return made


@pytest.fixture
def python(environment: Clean) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs Python code as a client of the Hub."""

    def run(code: str, *arguments: object, **options: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", code, *map(str, arguments)]
        return subprocess.run(command, env=environment(**options), capture_output=True, text=True, check=False)

    return run

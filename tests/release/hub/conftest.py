"""A Hub on loopback, and the real clients against it: `tawsim` as a process of its own with a fresh HF_HOME."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import hub_server
import pytest
from small_corpus import Built, build_project
from tiny_corpus import write_tiny
from warm_tawsim import Command, WarmTawsim

from toolkit.project import ARTICLES_VARIABLE, Project

Clean = Callable[..., dict[str, str]]


@dataclass(frozen=True)
class Ran:
    """Exit code, stdout and stderr of a command."""

    code: int
    out: str
    err: str


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
    running_hub.interrupt = None
    return running_hub


@pytest.fixture
def environment(hub: hub_server.Hub, tmp_path: Path) -> Clean:
    """The environment of a client of that Hub: no cache, no token but the one given, no articles but those given."""

    def made(token: str | None = "hf_ada_write", home: str = "home", **more: str) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "HUGGING")) and k != ARTICLES_VARIABLE}
        kept |= {"HF_ENDPOINT": hub.url, "HF_HUB_DISABLE_XET": "1", "HF_HOME": str(tmp_path / home)}
        kept |= {"HF_HUB_DISABLE_TELEMETRY": "1", "NO_COLOR": "1", "COLUMNS": "200", "TMPDIR": str(tmp_path)}
        return kept | ({"HF_TOKEN": token} if token else {}) | more

    return made


@pytest.fixture
def python(environment: Clean) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs Python code as a client of the Hub."""

    def run(code: str, *arguments: object, **options: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", code, *map(str, arguments)]
        return subprocess.run(command, env=environment(**options), capture_output=True, text=True, check=False)

    return run


@pytest.fixture(scope="session")
def warm(running_hub: hub_server.Hub) -> Iterator[WarmTawsim]:
    """A process that has imported everything, from which commands are forked."""
    parent = WarmTawsim(os.environ | {"HF_ENDPOINT": running_hub.url, "HF_HUB_DISABLE_XET": "1", "HF_HOME": "/nowhere"})
    yield parent
    parent.stop()


@dataclass
class Publisher:
    """Runs `tawsim` on this Hub; each run has a home of its own unless it is named."""

    warm: WarmTawsim
    environment: Clean
    folder: Path
    python: Callable[..., subprocess.CompletedProcess[str]]
    runs: int = 0

    def start(self, *arguments: object, home: str | None = None, **options: str | None) -> Command:
        self.runs += 1
        environment = self.environment(home=home or f"home-{self.runs}", **options)
        return self.warm.start(*arguments, environment=environment, folder=self.folder)

    def run(self, *arguments: object, **options: str | None) -> Ran:
        done = self.start(*arguments, **options).wait()
        return Ran(done["code"], done["out"], done["err"])

    def publish(self, folder: Path, *more: object, repo: str = "lab/news", **options: str | None) -> Ran:
        return self.run("publish", "--data", folder, "--repo", repo, *more, **options)


@pytest.fixture
def publisher(
    warm: WarmTawsim, environment: Clean, tmp_path: Path, python: Callable[..., subprocess.CompletedProcess[str]]
) -> Publisher:
    """The command line, as processes that start at once."""
    return Publisher(warm, environment, tmp_path, python)


@pytest.fixture(scope="session")
def tiny_project(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Project:
    """A project with every config, and little in them."""
    return write_tiny(tmp_path_factory.mktemp("tiny"), repository)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory, tiny_project: Project) -> Built:
    """The dataset of the tiny project, withheld texts not at hand."""
    return build_project(tiny_project, tmp_path_factory.mktemp("tiny-built") / "dataset")

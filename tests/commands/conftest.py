"""A copy of this repository's project to run commands in, and the command itself as a process of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import Ran, Tawsim

from toolkit.project import ARTICLES_VARIABLE


@pytest.fixture
def project(repository: Path, tmp_path: Path) -> Path:
    """The configs and three articles of this repository: one stand-off, two with their text."""
    root = tmp_path / "project"
    shutil.copytree(repository / "configs", root / "configs")
    shutil.copy(repository / "DATASHEET.md", root / "DATASHEET.md")
    for name in ("sample/floods-01", "sample/floods-02", "summits/002_6a8588874f53bb72"):
        target = root / "annotations" / f"{name}.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(repository / "annotations" / f"{name}.json", target)
    shutil.copy(repository / "annotations" / "GUIDELINES.md", root / "annotations" / "GUIDELINES.md")
    return root


@pytest.fixture
def tawsim(project: Path) -> Tawsim:
    """Runs `tawsim` with arguments in the project, without the articles unless `articles` names their folder."""

    def run(*arguments: str | Path, articles: Path | None = None, cwd: Path | None = None) -> Ran:
        environment = {key: value for key, value in os.environ.items() if key != ARTICLES_VARIABLE}
        environment |= {"COLUMNS": "200", "NO_COLOR": "1"}
        if articles is not None:
            environment[ARTICLES_VARIABLE] = str(articles)
        done = subprocess.run(
            [sys.executable, "-m", "toolkit", *map(str, arguments)],
            cwd=cwd or project,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run

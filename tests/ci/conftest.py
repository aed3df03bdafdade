"""One machine for all workflow tests: the checkout is installed once, by the workflow itself."""

import os
import shutil
import subprocess
import sysconfig
import venv
from dataclasses import replace
from pathlib import Path

import pytest
from github_machine import Machine

from toolkit.project import ARTICLES_VARIABLE


@pytest.fixture(scope="session")
def made(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """A machine on which the checkout is installed and built, and a first model was scored."""
    root = tmp_path_factory.mktemp("runner")
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    tracked = subprocess.run(listing, cwd=repository, capture_output=True, text=True, check=True)
    for name in filter(None, tracked.stdout.split("\0")):
        if (repository / name).is_file():
            target = root / "checkout" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(repository / name, target)
    venv.create(root / "python", with_pip=True, symlinks=True)
    own = Path(sysconfig.get_path("purelib", vars={"base": str(root / "python"), "platbase": str(root / "python")}))
    # What pip would download again is there already; it installs the checkout itself.
    (own / "libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    programs = root / "python" / "bin"
    environment = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", ARTICLES_VARIABLE: ""}
    machine = Machine(root / "checkout", programs, root, environment)
    job = machine.run("score")
    assert job.codes == [], job.printed
    return machine


@pytest.fixture
def machine(made: Machine, tmp_path: Path) -> Machine:
    """That machine, with a folder of the test's own for what a run leaves."""
    return replace(made, temporary=tmp_path)

"""Shared by all tests: the repository and its schema, the articles, small and closed places, how hypothesis runs."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from toolkit.project import ARTICLES_VARIABLE
from toolkit.schema import Schema, read_schema

settings.register_profile("tawsim", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tawsim")

ROOT = Path(__file__).resolve().parent.parent
NOBODY = 65534


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder of this repository, which is a project itself."""
    return ROOT


@pytest.fixture(scope="session")
def schema() -> Schema:
    """The labels of configs/labels.yaml."""
    return read_schema(ROOT / "configs" / "labels.yaml")


@pytest.fixture(scope="session")
def articles() -> Path:
    """The folder of the copyrighted articles: TAWSIM_ARTICLES, else shared/articles beside the repository."""
    named = os.environ.get(ARTICLES_VARIABLE)
    folder = Path(named) if named else ROOT.parent / "shared" / "articles"
    if not named and not folder.is_dir():
        pytest.skip(f"needs the articles, which are not in the repository: set {ARTICLES_VARIABLE} to their folder")
    assert list(folder.glob("*.txt")), f"{folder} holds no .txt file"
    return folder


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KiB of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = shutil.which("mount")
    options = ["-t", "tmpfs", "-o", "size=64k,mode=777", "tmpfs", str(folder)]
    if command is None or subprocess.run([command, *options], capture_output=True, check=False).returncode != 0:
        pytest.skip("a full disk needs the right to mount a tmpfs, which only root has")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def as_nobody() -> Iterator[Path]:
    """A folder, and the rights of an ordinary user in it; root passes every closed door."""
    folder = Path(tempfile.mkdtemp(prefix="tawsim-test-"))
    if os.geteuid() != 0:
        yield folder
    else:
        os.chown(folder, NOBODY, NOBODY)
        os.seteuid(NOBODY)
        try:
            yield folder
        finally:
            os.seteuid(0)
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)
    shutil.rmtree(folder)

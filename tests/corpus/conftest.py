"""Fixtures of the corpus room's tests."""

from collections.abc import Callable
from pathlib import Path

import pytest
from corpus_texts import write_project

from toolkit.project import Project


@pytest.fixture
def make_project(tmp_path: Path, repository: Path) -> Callable[..., Project]:
    """Writes a project into the test's own folder; see `corpus_texts.write_project`."""
    return lambda *args, **kwargs: write_project(tmp_path / "project", repository, *args, **kwargs)

"""The real Label Studio of these tests."""

import os
import shutil
from collections.abc import Iterator

import pytest
from studio_server import Studio, running


@pytest.fixture(scope="session")
def studio() -> Iterator[Studio]:
    """A Label Studio server for the whole session; LABEL_STUDIO names its command."""
    command = os.environ.get("LABEL_STUDIO")
    if not command:
        pytest.skip("needs a real Label Studio: set LABEL_STUDIO to its command")
    assert shutil.which(command), f"LABEL_STUDIO names {command}, which is no command"
    with running(command) as server:
        yield server

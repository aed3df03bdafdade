"""The real Label Studio of these tests."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import chromium
from labelling_page import logged_in, new_page
from playwright.sync_api import Browser, Page, StorageState
from studio_server import Studio, running
from sync_project import Sync, synced

from toolkit.files import sha256


@pytest.fixture(scope="session")
def studio() -> Iterator[Studio]:
    """A Label Studio server for the whole session; LABEL_STUDIO names its command."""
    command = os.environ.get("LABEL_STUDIO")
    if not command:
        pytest.skip("needs a real Label Studio: set LABEL_STUDIO to its command")
    assert shutil.which(command), f"LABEL_STUDIO names {command}, which is no command"
    with running(command) as server:
        yield server


@pytest.fixture
def sync(studio: Studio, tmp_path: Path, capsys, monkeypatch, request) -> Sync:
    """A project of this test's own, to be synced with the server."""
    return synced(tmp_path / "project", studio, sha256(request.node.nodeid.encode())[:16], capsys, monkeypatch)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def cookies(studio: Studio, browser: Browser) -> StorageState:
    """What keeps the annotation lead logged in."""
    return logged_in(browser, studio)


@pytest.fixture
def page(studio: Studio, browser: Browser, cookies: StorageState) -> Iterator[Page]:
    """A page of the annotation lead's."""
    with new_page(browser, studio, cookies) as opened:
        yield opened

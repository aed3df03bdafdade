"""Locks that one process holds at a time, and who holds them: the operating system frees them, also of a killed one.

A lock file is never deleted: whoever opened it before would hold a lock that nobody else sees.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from toolkit.errors import UsageError
from toolkit.files import friendly
from toolkit.project import Project

# How long a holder may take to write down who it is.
_SECONDS_TO_NOTE = 1
# How long another sync waits for a pull of `tawsim pull --watch`, which nobody called for at that moment.
_SECONDS_FOR_WATCH = 60


class SyncRunningError(UsageError):
    """Another process pushes or pulls the project."""


@contextmanager
def lock_file(path: Path) -> Iterator[int]:
    """The file descriptor of a lock file, not yet locked; its lock ends with the block, unless a child inherited it."""
    with friendly(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield lock
    finally:
        os.close(lock)


def take(lock: int, path: Path) -> bool:
    """Locks the file, False where somebody else has. What a killed holder noted is taken out of it."""
    with friendly(path):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        os.ftruncate(lock, 0)  # it may be the number of another process by now
    return True


def note(lock: int, **more: object) -> None:
    """Writes into the file that our process holds it, and what else others are to know."""
    content = json.dumps({"pid": os.getpid(), **more}).encode()
    os.ftruncate(lock, 0)
    os.pwrite(lock, content, 0)


def holder(path: Path) -> dict[str, Any]:
    """What the holder noted; empty where it has only just taken or left the lock."""
    try:
        found: Any = json.loads(path.read_bytes())
    except (ValueError, OSError):
        return {}
    return found if isinstance(found, dict) and isinstance(found.get("pid"), int) else {}


def is_alive(pid: int) -> bool:
    """Whether there is a process of this number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def only_sync(project: Project, *, watching: bool = False) -> Iterator[None]:
    """Holds the lock of the project's push and pull. SyncRunningError, at once, where another process holds it.

    A pull of a watch (`watching`) is short and comes at any moment, so others wait for its end instead.
    """
    path = project.cache / "state" / "lock"
    began = time.monotonic()
    with lock_file(path) as lock:
        while not take(lock, path):
            noted = holder(path)
            if time.monotonic() - began > _patience(noted):
                what = (
                    "another tawsim push or pull of this project is running "
                    f"(process {noted.get('pid') or 'not known'})"
                )
                raise SyncRunningError(what, where=str(project.root), fix="Run this again when that has ended.")
            time.sleep(0.02)
        note(lock, **({"watching": True} if watching else {}))
        yield


def _patience(noted: dict[str, Any]) -> float:
    """How many seconds the holder of the lock is waited for."""
    if noted.get("watching"):
        return _SECONDS_FOR_WATCH
    return 0 if noted else _SECONDS_TO_NOTE

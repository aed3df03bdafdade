"""When a watch pulls: at once, after notifications, else every so many seconds; it outlives a server that is away."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum, auto

from toolkit.errors import IncompleteError, ToolkitError, UsageError
from toolkit.labelstudio.client import UnansweredError
from toolkit.labelstudio.server.credentials import watch_folder
from toolkit.labelstudio.server.locking import SyncRunningError, holder, lock_file, note, take
from toolkit.labelstudio.server.server import Say
from toolkit.labelstudio.sync.listening import Notices
from toolkit.project import Project

# Seconds until the next try: while another process syncs; after a first failure, doubled by each more; at most.
BUSY, FIRST, MOST = 2.0, 5.0, 300.0


class Cause(Enum):
    """Why a pull happens; AGAIN is after one that did not work."""

    START = auto()
    NOTIFIED = auto()
    TIMER = auto()
    AGAIN = auto()


@contextmanager
def only_watch(project: Project) -> Iterator[None]:
    """One watch of a project's folder at a time: UsageError where another process has one."""
    path = watch_folder(project) / "lock"
    with lock_file(path) as lock:
        if not take(lock, path):
            what = f"a tawsim pull --watch of this project is running (process {holder(path).get('pid', 'not known')})"
            raise UsageError(what, where=str(project.root), fix="Use that one, or stop it with Ctrl-C first.")
        note(lock)
        yield


def watch(attempt: Callable[[Cause], int], notices: Notices, every: float, say: Say) -> int:
    """Pulls by calling `attempt`, which gives a pull's exit code, until KeyboardInterrupt; the last exit code.

    What keeps a later pull from working is said once and tried again; what keeps the first from it is raised.
    """
    code, cause, failures, told = IncompleteError.exit_code, Cause.START, 0, ""
    try:
        while True:
            pause, problem = every, ""
            try:
                code, failures = attempt(cause), 0
            except SyncRunningError as error:
                pause, problem = BUSY, f"waiting: {error.what}"
            except ToolkitError as error:
                if cause is Cause.START:
                    raise
                failures += 1
                code, pause = error.exit_code, delay(failures, every)
                problem = f"cannot pull, trying again: {_line(error)}"
            if problem and problem != told:
                say(problem)
            told = problem
            came = notices.wait(pause)
            if not problem:
                cause = Cause.NOTIFIED if came else Cause.TIMER
            elif cause is not Cause.START:
                cause = Cause.AGAIN
    except KeyboardInterrupt:
        return code


def delay(failures: int, every: float) -> float:
    """Seconds until the next try after so many failures in a row; a server that only restarts is back within a few."""
    return min(FIRST * 2.0 ** min(failures - 1, 16), max(every, MOST))


def _line(error: ToolkitError) -> str:
    # Its fix would be to run the command again.
    return f"{error.where}: {error.what}" if isinstance(error, UnansweredError) else str(error)

"""What a library raises over a model that it cannot load, in one line that says which model it was."""

from collections.abc import Iterator
from contextlib import contextmanager

from toolkit.errors import ToolkitError, UsageError

_LONGEST = 240


@contextmanager
def loading(where: str, what: str, fix: str = "") -> Iterator[None]:
    """UsageError for `where`, `what` being wrong, with the beginning of what the library says, whatever it raises.

    Errors of ours, a library that lacks and memory that lacks are told elsewhere: they pass.
    """
    try:
        yield
    except (ToolkitError, ImportError, MemoryError):
        raise
    except Exception as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())
        shortened = said if len(said) <= _LONGEST else f"{said[: _LONGEST - 1]}…"
        raise UsageError(f"{what}: {shortened}", where=where, fix=fix) from error

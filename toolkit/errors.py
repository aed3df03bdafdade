"""Errors that a person can act on: what is wrong, where, and what to do. Only `cli.py` turns them into exit codes.

Exit codes everywhere: 0 done; 1 findings, or a gate failed; 2 usage or configuration; 3 incomplete or not comparable.
"""


class ToolkitError(Exception):
    """Root of every error this package raises on purpose.

    `what` is one sentence; `where` names the file, line or key; `fix` is the next step. `str()` is one clear line.
    """

    exit_code = 2

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        self.what, self.where, self.fix = what, where, fix
        super().__init__(what)

    def __str__(self) -> str:
        line = f"{self.where}: {self.what}" if self.where else self.what
        return f"{line.rstrip('.')}. {self.fix}" if self.fix else line


class UsageError(ToolkitError):
    """The command line asks for something that cannot be done as asked."""


class ConfigError(ToolkitError):
    """A file under configs/, or a choice in it, is wrong."""


class DataError(ToolkitError):
    """The data handed in is not what it must be."""

    exit_code = 1


class FileError(ToolkitError):
    """The file system refused: unreadable, not there, no permission."""


class IncompleteError(ToolkitError):
    """The work could not be brought to its end: a full disk, a cut connection, documents without predictions."""

    exit_code = 3


class MissingDependencyError(ToolkitError):
    """An optional library is not installed; `fix` is the exact install line."""

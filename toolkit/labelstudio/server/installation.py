"""Label Studio itself: the command that a variable names, else an environment of its own, made on first use."""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from toolkit.errors import IncompleteError, UsageError
from toolkit.files import friendly, read_text, write_text
from toolkit.labelstudio.server.server import Say, process_group, quote_log, wait_with_progress

# The release whose behaviour Tawsim is tested against; it comes with the SDK that pyproject.toml asks for.
LABEL_STUDIO_VERSION = "1.23.2"
COMMAND_VARIABLE = "LABEL_STUDIO"


def label_studio_command(folder: Path, say: Say, held: Sequence[int] = ()) -> str:
    """The command that LABEL_STUDIO names, else that of the environment `folder`/venv, which is made where needed.

    An installation inherits the file descriptors `held`. UsageError where the variable names no command;
    IncompleteError quotes the log of an installation that failed.
    """
    named = os.environ.get(COMMAND_VARIABLE)
    if named:
        found = shutil.which(named)
        if found is None:
            fix = "Name one, or unset the variable and Tawsim installs its own."
            raise UsageError(f"{COMMAND_VARIABLE} names {named}, which is no command", fix=fix)
        return str(Path(found).absolute())
    return str(_installed(folder / "venv", folder / "install.log", say, held))


def _installed(venv: Path, log: Path, say: Say, held: Sequence[int]) -> Path:
    venv = venv.absolute()
    python, command, done = venv / "bin" / "python", venv / "bin" / "label-studio", venv / "installed"
    # An environment holds its own path, and a Python that may be gone: both make it useless without a word.
    wanted = f"label-studio {LABEL_STUDIO_VERSION}\n{venv}\n"
    with friendly(venv):
        if done.is_file() and python.exists() and command.exists() and read_text(done) == wanted:
            return command
    say(f"installing Label Studio {LABEL_STUDIO_VERSION} into {venv}: once, some minutes, about 1 GB")
    _run([sys.executable, "-m", "venv", "--clear", str(venv)], "making its environment", log, say, held)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--no-input"]
    _run([*pip, f"label-studio=={LABEL_STUDIO_VERSION}"], "installing Label Studio", log, say, held)
    write_text(done, wanted)
    return command


def _run(command: Sequence[str], what: str, log: Path, say: Say, held: Sequence[int]) -> None:
    """Runs a command to its end. IncompleteError quotes its log where it fails."""
    with process_group(command, dict(os.environ), log, held) as process:
        wait_with_progress(process, what, say, lambda: False)
        if process.returncode:
            fix = "Run `tawsim studio` again when the cause is gone; the network is needed this once."
            raise IncompleteError(f"{what} failed: {quote_log(log)}", where=str(log), fix=fix)

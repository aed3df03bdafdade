"""How far a long command is: a bar on a terminal, a plain line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from toolkit.commands.printing import say

_SECONDS_BETWEEN = 10.0


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A function that is told how many of `total` were done since its last call. Everything goes to stderr."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(what, total=total)
            yield lambda number: bar.advance(task, number)
        return
    done, told = 0, time.monotonic()

    def advance(number: int) -> None:
        nonlocal done, told
        done += number
        if time.monotonic() - told >= _SECONDS_BETWEEN:
            told = time.monotonic()
            say(f"{what}: {done} of {total}")

    yield advance

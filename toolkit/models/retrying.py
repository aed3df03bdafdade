"""Asking a service again that is busy or not there for a moment, and no longer asking one that is gone."""

import random
import time
from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from toolkit.errors import DataError

Value = TypeVar("Value")
TRIES = 5
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 120.0
# So many texts in a row without an answer are enough: the service is gone.
_PATIENCE = 4


class BusyError(Exception):
    """The service did not answer and may do so later; `wait` is how many seconds it asks for."""

    def __init__(self, what: str, wait: float | None = None) -> None:
        self.what, self.wait = what, wait
        super().__init__(what)


class SilentError(BusyError):
    """The service let the time for an answer pass: trying again would take as long again."""


class Persistence:
    """Tries a call up to `tries` times, with waits that double from half a second, or as long as the service asks for.

    After four calls in a row that came to nothing every further one fails at once. Threads may share it.
    """

    def __init__(self, tries: int = TRIES, sleep: Callable[[float], None] = time.sleep) -> None:
        self._tries, self._sleep = tries, sleep
        self._lost, self._last = 0, ""
        self._lock = Lock()

    def call(self, attempt: Callable[[], Value]) -> Value:
        """What the attempt returns. DataError where each raised BusyError; what else it raises comes through."""
        if self._lost >= _PATIENCE:
            raise DataError(f"not asked: the service failed {self._lost} times in a row, at last so: {self._last}")
        for number in range(1, self._tries + 1):
            try:
                value = attempt()
            except BusyError as error:
                wait = _FIRST_WAIT * 2 ** (number - 1) * random.uniform(0.75, 1.25)
                wait = wait if error.wait is None else error.wait
                is_last = number == self._tries or wait > _LONGEST_WAIT or isinstance(error, SilentError)
                if not is_last:
                    self._sleep(wait)
                    continue
                asked = f"; it asks to wait {wait:.0f} seconds" if wait > _LONGEST_WAIT else ""
                tried = f" (tried {number} times)" if number > 1 else ""
                with self._lock:
                    self._lost, self._last = self._lost + 1, error.what
                raise DataError(f"{error.what}{asked}{tried}") from error
            except Exception:
                self._lost = 0  # it answered, if only to refuse
                raise
            self._lost = 0
            return value
        raise AssertionError("unreachable: tries is at least 1")

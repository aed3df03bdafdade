"""A program that answers lines on stdin with lines on stdout, watched so that it can neither hang nor block us."""

import codecs
import os
import selectors
import signal
import subprocess
import sys
import time
import weakref
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

from toolkit.errors import DataError, UsageError
from toolkit.models.exchange import LONGEST, quoted

_BLOCK = 2**16
_LAST_WORDS = 300
# Seconds that a program has to end by itself when its stdin is closed.
_GRACE = 3.0


class EndedError(DataError):
    """The program is no longer there: it crashed, or was killed because it did not answer."""


class Child:
    """The program of `arguments`, started without a shell in a process group of its own.

    What it writes to stderr comes out on ours. It is killed with all that it started when it is closed, forgotten or
    this process ends. UsageError where it cannot be started.
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        # A Python that keeps its answers in a buffer would be waited for in vain; one in a C locale breaks Arabic.
        extra = {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
        environment, pipe = extra | os.environ, subprocess.PIPE
        try:
            self._process = subprocess.Popen(
                arguments, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, env=environment, start_new_session=True
            )
        except (OSError, ValueError) as error:
            what = f"cannot be started: {(getattr(error, 'strerror', None) or str(error)).lower()}"
            raise UsageError(what, where=f"command:{arguments[0]}", fix="Give the whole path of the program.") from None
        self._end = weakref.finalize(self, _kill, self._process)
        streams = (self._process.stdin, self._process.stdout, self._process.stderr)
        self._stdin, self._stdout, self._stderr = (stream.fileno() for stream in streams if stream is not None)
        for file in (self._stdin, self._stdout, self._stderr):
            os.set_blocking(file, False)
        self._partial, self._is_skipping = bytearray(), False
        self._lines: deque[bytes | None] = deque()
        self._words = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def send(self, data: bytes, timeout: float) -> None:
        """Writes all of `data`, reading what the program writes meanwhile. EndedError as in `line`."""
        rest, deadline = memoryview(data), time.monotonic() + timeout
        while rest:
            if not self._wait(deadline, writing=True):
                raise self._hung(timeout)
            try:
                rest = rest[os.write(self._stdin, rest[:_BLOCK]) :]
            except BlockingIOError:
                continue
            except OSError:
                raise self._ended() from None

    def line(self, timeout: float) -> bytes:
        """The next line that the program prints, not longer than a predictions file may have it.

        EndedError where it ends, or prints none within `timeout` seconds and is killed; DataError where it is too long.
        """
        deadline = time.monotonic() + timeout
        while not self._lines:
            if not self._wait(deadline, writing=False):
                raise self._hung(timeout)
        line = self._lines.popleft()
        if line is None:
            raise DataError(f"the program printed a line of more than {LONGEST:,} bytes")
        return line

    def close(self) -> None:
        """Lets the program end, and kills what is left of it."""
        self._end()

    def _wait(self, deadline: float, *, writing: bool) -> bool:
        """Reads until there is a line, or stdin takes more; False where the deadline passed before."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._stdout, selectors.EVENT_READ)
            if self._stderr >= 0:
                selector.register(self._stderr, selectors.EVENT_READ)
            if writing:
                selector.register(self._stdin, selectors.EVENT_WRITE)
            while True:
                left = deadline - time.monotonic()
                events = selector.select(left) if left > 0 else []
                if not events:
                    return False
                ready = {key.fd for key, _ in events}
                if self._stderr in ready and not self._listen():
                    selector.unregister(self._stderr)
                    self._stderr = -1
                if self._stdout in ready:
                    self._read()
                if self._lines if not writing else self._stdin in ready:
                    return True

    def _read(self) -> None:
        """Cuts what the program printed into lines; None stands for one that was too long."""
        try:
            data = os.read(self._stdout, _BLOCK)
        except BlockingIOError:
            return
        if not data:
            raise self._ended()
        *whole, rest = data.split(b"\n")
        for piece in whole:
            self._add(piece)
            if self._is_skipping or self._partial.strip():
                self._lines.append(None if self._is_skipping else bytes(self._partial))
            self._partial.clear()
            self._is_skipping = False
        self._add(rest)

    def _add(self, piece: bytes) -> None:
        if len(self._partial) + len(piece) > LONGEST:
            self._partial.clear()
            self._is_skipping = True
        elif not self._is_skipping:
            self._partial += piece

    def _listen(self) -> bool:
        """Passes on what the program writes to stderr; False where there is nothing more."""
        try:
            data = os.read(self._stderr, _BLOCK)
        except BlockingIOError:
            return False
        if data:
            sys.stderr.write(words := self._decoder.decode(data))
            self._words = (self._words + words)[-2 * _LAST_WORDS :]
        return bool(data)

    def _ended(self) -> EndedError:
        """How the program ended, with its last words."""
        try:
            _wait_unreaped(self._process, _GRACE)
            how = ""
        except subprocess.TimeoutExpired:
            how = "closed its output"
        while self._stderr >= 0 and self._listen():
            pass
        self.close()
        if not how:
            code = self._process.returncode
            how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
            how += " (SIGKILL, perhaps for want of memory)" if code == -signal.SIGKILL else ""
        return EndedError(f"the program {how} before it answered{self._last_words()}")

    def _hung(self, timeout: float) -> EndedError:
        begun = f"; it had begun to print {quoted(bytes(self._partial[:400]))}" if self._partial else ""
        self._end.detach()
        _kill(self._process, grace=0.0)
        return EndedError(f"the program did not answer within {timeout:g} seconds and was killed{begun}")

    def _last_words(self) -> str:
        words = " ".join(self._words.split())
        return f": …{words[-_LAST_WORDS:]}" if len(words) > _LAST_WORDS else f": {words}" if words else ""


def _wait_unreaped(process: "subprocess.Popen[bytes]", seconds: float) -> None:
    """Waits for the end of a program, whose number then still belongs to it and its group. TimeoutExpired if none."""
    deadline = time.monotonic() + seconds
    while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        if time.monotonic() >= deadline:
            raise subprocess.TimeoutExpired(process.args, seconds)
        time.sleep(0.005)


def _kill(process: "subprocess.Popen[bytes]", grace: float = _GRACE) -> None:
    """Ends a program, by closing its stdin if that is enough within `grace` seconds, and all of its group."""
    if process.returncode is not None:
        return
    if process.stdin is not None:
        with suppress(OSError):
            process.stdin.close()
    try:
        with suppress(subprocess.TimeoutExpired, ChildProcessError):
            _wait_unreaped(process, grace)
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()

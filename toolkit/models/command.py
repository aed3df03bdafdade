"""`command:PROGRAM …`: a program of yours that reads and prints JSON lines, in whatever environment it needs.

It is started once, gets `{"id", "text"}` a line, and prints for each one line of the shape of a predictions file, with
the same id: `{"id", "entities": [{"start", "end", "label"}]}`, or `{"id", "error"}`. Offsets are code points.
"""

import shlex
from collections.abc import Container, Sequence
from pathlib import Path

from toolkit.errors import DataError, FileError, UsageError
from toolkit.files import file_sha256, sha256
from toolkit.models.child import Child, EndedError
from toolkit.models.exchange import answer_of, question, quoted, record_of
from toolkit.models.fingerprint import fingerprint
from toolkit.models.outcomes import Outcome, Outcomes
from toolkit.models.predictor import Answer, Request

# It is started anew behind a text that it crashes on, but not for ever.
_MOST_CRASHES = 5


class Command:
    """A program, asked for `batch` texts at a time; where one of them brings it down, for each by itself."""

    def __init__(self, arguments: Sequence[str], timeout: float, batch: int, revision: str) -> None:
        self._arguments, self._timeout, self._batch = arguments, timeout, batch
        self._revision = revision
        self._outcomes = Outcomes(self._ask)
        self._asked = self._crashes = 0
        self._unheard: set[str] = set()
        self._last = ""
        self._child: Child | None = Child(arguments)

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """The answers of the program; what it says of the other texts is kept where one of them fails."""
        return self._outcomes.predict(texts)

    def describe(self) -> dict[str, str]:
        """The program, the digest of its arguments and of the files that they name, the settings in effect."""
        return {
            "name": f"command:{Path(self._arguments[0]).name}",
            "digest": _digest(self._arguments),
            "revision": self._revision,
            "timeout": f"{self._timeout:g}",
            "batch": str(self._batch),
        }

    def close(self) -> None:
        """Ends the program. It ends with this process too."""
        if self._child is not None:
            self._child.close()
            self._child = None

    def _ask(self, texts: Sequence[str]) -> list[Outcome]:
        found: list[Outcome] = []
        for start in range(0, len(texts), self._batch):
            found += self._ask_together(texts[start : start + self._batch])
        return found

    def _ask_together(self, texts: Sequence[str]) -> list[Outcome]:
        names = [str(self._asked + place) for place in range(len(texts))]
        self._asked += len(texts)
        found: dict[str, Outcome] = {}
        try:
            self._collect(names, texts, found)
        except EndedError as error:
            if len(texts) > 1:  # nobody knows which of them it was
                rest = [text for name, text in zip(names, texts, strict=True) if name not in found]
                again = iter([outcome for text in rest for outcome in self._ask_together([text])])
                return [found[name] if name in found else next(again) for name in names]
            self._child, self._last = None, str(error)
            self._crashes += 1
            found[names[0]] = error
        return [found[name] for name in names]

    def _collect(self, names: Sequence[str], texts: Sequence[str], found: dict[str, Outcome]) -> None:
        """Fills `found` with an answer or a fault for each name. EndedError where the program does not last so long."""
        if self._crashes >= _MOST_CRASHES:
            what = f"not asked: the program failed {self._crashes} times in a row, at last so: {self._last}"
            found |= {name: DataError(what) for name in names}
            return
        child = self._child = self._child or Child(self._arguments)
        try:
            lines = b"".join(question(name, text) for name, text in zip(names, texts, strict=True))
            child.send(lines, self._timeout * len(names))
            while len(found) < len(names):
                first = next(name for name in names if name not in found)
                try:
                    line = child.line(self._timeout * (len(names) - len(found)))
                    name, outcome = self._outcome(line, names, found)
                except EndedError:
                    raise
                except DataError as error:
                    name, outcome = first, error
                    self._unheard.add(first)
                if name in self._unheard and name != first:
                    self._unheard.discard(name)  # the answer for a text that garbage was printed for
                    continue
                found[name] = outcome
                self._crashes = 0
        except EndedError:
            self._child = None
            raise

    def _outcome(self, line: bytes, names: Sequence[str], found: Container[str]) -> tuple[str, Outcome]:
        """Which name a line is for and what it says. DataError where it is for none that has to be answered."""
        record = record_of(line)
        name = record["id"]
        if name not in self._unheard and (name not in names or name in found):
            asked = ", ".join(name for name in names if name not in found)
            raise DataError(f"the program answers for the id {quoted(name.encode())}, asked was {asked}")
        try:
            return name, answer_of(record)
        except DataError as error:
            return name, error


def load(request: Request) -> Command:
    """The program, started. UsageError where the command line cannot be read, or the program is not there."""
    options = request.options
    timeout = options.number("timeout", 600.0, least=0.01)
    batch = options.integer("batch", 1)
    revision = options.text("revision")
    options.done()
    try:
        arguments = shlex.split(request.target)
    except ValueError as error:
        raise UsageError(f"the command cannot be read: {error}", where=f"command:{request.target[:80]}") from None
    if not arguments:
        raise UsageError("command: names no program", fix="Write 'command:PROGRAM ARGUMENTS…'.")
    return Command(arguments, timeout, batch, revision)


def _digest(arguments: Sequence[str]) -> str:
    """Tells two commands apart, and two versions of a script or model; no secret among the arguments shows in it."""
    parts = [f"{argument}\0{_content(argument)}" for argument in arguments]
    return sha256("\n".join(parts).encode("utf-8", "surrogateescape"))[:16]


def _content(argument: str) -> str:
    """A hash of the file that an argument names, or of the model at PATH in `kind:PATH`; empty where it names none."""
    model = argument.partition(":")[2]
    try:
        if Path(argument).is_file():
            return file_sha256(Path(argument))
        return fingerprint(Path(model)) if model and Path(model).exists() else ""
    except (OSError, ValueError, FileError):  # nothing that a file could be called, or a folder without a file
        return ""

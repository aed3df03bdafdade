"""What is found while one task of an export is read: findings that share the task's place."""

from collections import Counter
from dataclasses import dataclass, field

from toolkit.findings import Finding, Severity, has_errors
from toolkit.offsets import EDGE

_SHOWN = 60


@dataclass(slots=True)
class Journal:
    """Collects findings. `path` is the task's place, `annotation` the annotation that is being read, if one is.

    `unknown` counts the uses of labels that the schema does not have.
    """

    path: str
    annotation: str | None = None
    findings: list[Finding] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)

    def within(self, annotation: str) -> "Journal":
        """The same journal for the findings of one annotation."""
        return Journal(self.path, annotation, self.findings, self.unknown)

    def at(self, place: str) -> "Journal":
        """The same journal for the findings of a task at another place."""
        return Journal(place, None, self.findings, self.unknown)

    def error(self, code: str, message: str, region: str | None = None, span: tuple[int, int] | None = None) -> None:
        """Adds an error: the task will be held back."""
        self._add(code, Severity.ERROR, message, region, span)

    def warning(self, code: str, message: str, region: str | None = None, span: tuple[int, int] | None = None) -> None:
        """Adds a warning: the data was changed, or wants a look."""
        self._add(code, Severity.WARNING, message, region, span)

    def note(self, code: str, message: str, region: str | None = None) -> None:
        """Adds a note: what was done, with nothing lost."""
        self._add(code, Severity.NOTE, message, region, None)

    def _add(
        self, code: str, severity: Severity, message: str, region: str | None, span: tuple[int, int] | None
    ) -> None:
        start, end = span or (None, None)
        self.findings.append(Finding(code, severity, self.path, message, self.annotation, region, start, end))

    @property
    def failed(self) -> bool:
        """Whether an error is among the findings."""
        return has_errors(self.findings)


def quoted(text: str) -> str:
    """A piece of text for a message: in quotes, on one line, marks that do not show escaped, cut where it is long."""
    cut = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    return "'" + "".join(_visible(char) for char in cut) + "'"


def _visible(char: str) -> str:
    if char == " " or (char.isprintable() and char not in EDGE):
        return char
    return char.encode("unicode_escape").decode("ascii")

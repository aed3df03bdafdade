"""A finding: one thing that is wrong or remarkable in the data, with its place. Checks return lists of them."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """An error holds its document back; a warning wants a look; a note says what was done to the data."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """`path` is a file, with `#task` where a file holds many; `start` and `end` are code points, end exclusive."""

    code: str
    severity: Severity
    path: str
    message: str
    annotation: str | None = None
    region: str | None = None
    start: int | None = None
    end: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The row of `--format json`: code, severity, path, annotation, region, start, end, message."""
        row = asdict(self)
        return {key: row[key] for key in JSON_KEYS}

    def __str__(self) -> str:
        place = [self.path]
        if self.annotation is not None:
            place.append(f"annotation {self.annotation}")
        if self.region is not None:
            place.append(f"region {self.region}")
        if self.start is not None and self.end is not None:
            place.append(f"{self.start}-{self.end}")
        return f"{self.severity}[{self.code}] {', '.join(place)}: {self.message}"


JSON_KEYS = ("code", "severity", "path", "annotation", "region", "start", "end", "message")


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether any finding is an error."""
    return any(finding.severity is Severity.ERROR for finding in findings)

"""How commands print: findings as text, JSON or GitHub annotations, and tables that stay plain when piped."""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from toolkit.findings import Finding, Severity

if TYPE_CHECKING:
    from rich.table import Table

_GITHUB_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


class Format(StrEnum):
    """What `--format` takes where there are findings or tables."""

    TEXT = "text"
    JSON = "json"


class FindingsFormat(StrEnum):
    """What `--format` of validate takes: text, a JSON list, or the lines that GitHub shows in a pull request."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


def print_findings(findings: Sequence[Finding], how: FindingsFormat | Format = Format.TEXT) -> None:
    """Prints findings: JSON to stdout; text and GitHub lines to stdout too, each finding one line."""
    match how.value:
        case "json":
            print(json.dumps([finding.as_json() for finding in findings], ensure_ascii=False, indent=2))
        case "github":
            for finding in findings:
                path = finding.path.partition("#")[0]
                message = str(finding).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
                print(f"::{_GITHUB_LEVELS[finding.severity]} file={path},title={finding.code}::{message}")
        case _:
            for finding in findings:
                print(finding)


def summary(findings: Sequence[Finding]) -> str:
    """The counts of findings by severity, in words: `2 errors, 1 warning`."""
    counts = Counter(finding.severity for finding in findings)
    parts = [f"{n} {severity}{'s' if n != 1 else ''}" for severity in Severity if (n := counts[severity])]
    return ", ".join(parts) or "no findings"


def say(line: str) -> None:
    """A line for people, on stderr, so that stdout stays what a program reads."""
    print(line, file=sys.stderr)


def print_table(table: "Table") -> None:
    """A table, as wide as it needs when piped."""
    from rich.console import Console

    console = Console()
    if not console.is_terminal:
        console.width = 200
    console.print(table)

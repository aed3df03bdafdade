"""Findings and errors as people and programs read them."""

import json

import pytest

from toolkit.errors import (
    ConfigError,
    DataError,
    FileError,
    IncompleteError,
    MissingDependencyError,
    ToolkitError,
    UsageError,
)
from toolkit.findings import Finding, Severity, has_errors

WHOLE = Finding("offsets", Severity.ERROR, "a.json#3", "end 9 lies before start 12", "u1", "r1", 12, 9)
BARE = Finding("text-hash", Severity.WARNING, "a.json", "the text changed")


def test_the_json_row_has_the_promised_keys_in_their_order():
    assert json.dumps(WHOLE.as_json()) == json.dumps(
        {
            "code": "offsets",
            "severity": "error",
            "path": "a.json#3",
            "annotation": "u1",
            "region": "r1",
            "start": 12,
            "end": 9,
            "message": "end 9 lies before start 12",
        }
    )
    assert [BARE.as_json()[key] for key in ("annotation", "region", "start", "end")] == [None] * 4


@pytest.mark.parametrize(
    ("finding", "line"),
    [
        (WHOLE, "error[offsets] a.json#3, annotation u1, region r1, 12-9: end 9 lies before start 12"),
        (BARE, "warning[text-hash] a.json: the text changed"),
        (Finding("x", Severity.NOTE, "p", "m", start=0, end=4), "note[x] p, 0-4: m"),
        (Finding("x", Severity.NOTE, "p", "m", start=0), "note[x] p: m"),
    ],
)
def test_a_finding_is_one_line_with_its_place(finding, line):
    assert str(finding) == line


@pytest.mark.parametrize(
    ("findings", "expected"),
    [([], False), ([BARE], False), ([BARE, WHOLE], True), ([Finding("x", Severity.NOTE, "p", "m")], False)],
)
def test_only_an_error_is_an_error(findings, expected):
    assert has_errors(iter(findings)) is expected


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (DataError("the text is gone"), "the text is gone"),
        (DataError("the text is gone", where="a.json"), "a.json: the text is gone"),
        (DataError("the text is gone.", where="a.json", fix="Get it."), "a.json: the text is gone. Get it."),
        (DataError("the text is gone", fix="Get it."), "the text is gone. Get it."),
    ],
)
def test_an_error_says_where_what_and_what_to_do(error, line):
    assert str(error) == line


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (UsageError, 2),
        (ConfigError, 2),
        (FileError, 2),
        (MissingDependencyError, 2),
        (DataError, 1),
        (IncompleteError, 3),
    ],
)
def test_an_error_has_the_exit_code_of_its_kind(kind, code):
    assert issubclass(kind, ToolkitError)
    assert kind("what").exit_code == code

"""The files that CI reads, each by the rules of its format; the step summary of GitHub; what an earlier run left."""

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from reported import result_of, texts_of

from toolkit.evaluation.comparing.gates import Gate, Judgement, Verdict
from toolkit.evaluation.predictions.prediction import Prediction
from toolkit.evaluation.reports.annotations import annotations
from toolkit.evaluation.reports.badge import badge
from toolkit.evaluation.reports.benchmark import benchmark
from toolkit.evaluation.reports.files import write_reports
from toolkit.evaluation.reports.fitting import SUMMARY_BYTES
from toolkit.evaluation.reports.junit import junit
from toolkit.schema import Schema

# The attributes that the JUnit schema of Jenkins (junit-10.xsd) knows, and those that it wants.
KNOWN = {
    "testsuites": ({"name", "time", "tests", "failures", "disabled", "errors", "skipped"}, set()),
    "testsuite": (
        {"name", "tests", "failures", "errors", "group", "time", "skipped", "timestamp", "hostname", "id"},
        {"name", "tests", "failures", "errors"},
    ),
    "properties": (set(), set()),
    "property": ({"name", "value"}, {"name", "value"}),
    "testcase": ({"name", "time", "classname", "group"}, {"name"}),
    "failure": ({"type", "message"}, set()),
    "error": ({"type", "message"}, set()),
    "skipped": ({"type", "message"}, set()),
    "system-out": (set(), set()),
}


@pytest.fixture(scope="module")
def result(schema: Schema) -> dict[str, Any]:
    return result_of(schema)


def gate(name: str, verdict: Verdict, message: str = "why", *, informational: bool = False) -> Gate:
    return Gate(name, "at least 0.5", 0.4, verdict, message, informational)


JUDGED = Judgement(
    (
        gate("complete", Verdict.PASSED),
        gate("floor micro.f1", Verdict.FAILED, 'it is "<0.5" & \x00\x1b bad'),
        gate("floor X.f1", Verdict.UNDECIDED),
        gate("floor PER.f1", Verdict.FAILED, informational=True),
        gate("floor GPE.f1", Verdict.PASSED, informational=True),
    )
)


def parsed(text: str) -> ElementTree.Element:
    root = ElementTree.fromstring(text.encode())
    for element in root.iter():
        known, wanted = KNOWN[element.tag]
        assert wanted <= element.attrib.keys() <= known, element.attrib
    return root


def test_junit_has_a_case_for_each_gate_with_its_outcome(result: dict[str, Any]) -> None:
    root = parsed(junit(result, JUDGED))
    (suite,) = root
    cases = suite.findall("testcase")
    assert [case.get("name") for case in cases] == [gate.name for gate in JUDGED.gates]
    assert [case[0].tag for case in cases] == ["system-out", "failure", "error", "skipped", "system-out"]
    assert cases[1][0].get("message") == 'failed: it is "<0.5" & \ufffd\ufffd bad'
    assert cases[3][0].get("message") == "informational, failed: why"
    for counted in (root, suite):
        numbers = {name: counted.get(name) for name in ("tests", "failures", "errors", "skipped")}
        assert numbers == {"tests": "5", "failures": "1", "errors": "1", "skipped": "1"}


def test_junit_without_gates_tells_whether_the_result_is_complete(schema: Schema, result: dict[str, Any]) -> None:
    (case,) = parsed(junit(result, None)).iter("testcase")
    assert (case.get("name"), case[0].tag) == ("complete", "system-out")
    (case,) = parsed(junit(result_of(schema, predictions={}), None)).iter("testcase")
    assert case[0].tag == "error" and "4 of 4 documents have no prediction" in case[0].get("message", "")


def test_figures_for_charts_are_bigger_is_better_and_keep_their_names(result: dict[str, Any]) -> None:
    rows = benchmark(result)
    assert all(
        {"name", "unit", "value", "extra"} <= row.keys() <= {"name", "unit", "value", "range", "extra"} for row in rows
    )
    assert all(isinstance(row["value"], int | float) and 0 <= row["value"] <= 1 for row in rows)
    assert all(isinstance(row[key], str) for row in rows for key in row if key != "value")
    named = {row["name"]: row for row in rows}
    assert len(named) == len(rows) and not any("1.2.0" in name for name in named)
    char = named["test, composed test: char micro F1"]
    assert char["value"] == result["scores"]["char"]["micro"]["f1"] and char["range"] == "0.1390 to 0.7662"
    assert "10 gold" in char["extra"] and "composed 1.2.0" in char["extra"]
    assert "test, composed test: word ORG F1" in named and "test, composed test: word DATE F1" not in named


@pytest.mark.parametrize(
    ("verdict", "color"), [("passed", "brightgreen"), ("failed", "red"), ("undecided", "yellow"), (None, "blue")]
)
def test_the_badge_is_as_shields_reads_it(result: dict[str, Any], verdict: str | None, color: str) -> None:
    found = badge(result, Judgement((gate("x", Verdict(verdict)),)) if verdict else None)
    assert found == {"schemaVersion": 1, "label": "F1 composed test", "message": "0.471", "color": color}


def test_the_badge_of_an_incomplete_result_shows_no_score(schema: Schema) -> None:
    found = badge(result_of(schema, predictions={}), None)
    assert (found["message"], found["color"]) == ("incomplete", "lightgrey")


def test_ten_annotations_at_most_and_only_for_gates_that_failed() -> None:
    assert annotations(Judgement((gate("a", Verdict.PASSED), gate("b", Verdict.UNDECIDED)))) == []
    (line,) = annotations(Judgement((gate("floor a:b,c", Verdict.FAILED, "50 %\nless"),)))
    assert line == "::error title=gate floor a%3Ab%2Cc::50 %25%0Aless"
    many = annotations(Judgement(tuple(gate(f"g{n}", Verdict.FAILED) for n in range(25))))
    assert len(many) == 10 and many[8].startswith("::error title=gate g8::") and "16 more gates failed" in many[9]


def test_all_files_are_written_and_the_json_is_first(schema: Schema, result: dict[str, Any], tmp_path: Path) -> None:
    paths = write_reports(tmp_path, result, judgement=JUDGED, texts=texts_of(schema))
    assert paths[0] == tmp_path / "result.json" and sorted(paths) == sorted(tmp_path.iterdir())
    assert json.loads(paths[0].read_text("utf-8")) == result
    assert json.loads((tmp_path / "gates.json").read_text("utf-8"))["verdict"] == "failed"
    quoting = [path.name for path in paths if re.search("[\u0600-\u06ff]", path.read_text("utf-8"))]
    assert quoting == ["report.html"]
    again = write_reports(tmp_path, result)
    assert tmp_path / "gates.json" not in again and not (tmp_path / "gates.json").exists()
    assert not re.search("[\u0600-\u06ff]", (tmp_path / "report.html").read_text("utf-8"))


def test_the_step_summary_is_appended_and_stays_under_its_cap(result: dict[str, Any], tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("of an earlier step\n", "utf-8")
    write_reports(tmp_path / "a", result, summary=summary)
    report = (tmp_path / "a" / "report.md").read_text("utf-8")
    assert summary.read_text("utf-8") == f"of an earlier step\n{report}"
    summary.write_text("x" * (SUMMARY_BYTES - 3000), "utf-8")
    write_reports(tmp_path / "a", result, summary=summary)
    assert SUMMARY_BYTES - 2500 < summary.stat().st_size <= SUMMARY_BYTES
    assert summary.read_text("utf-8").endswith("result.json has all of it.\n")
    summary.write_text("x" * SUMMARY_BYTES, "utf-8")
    write_reports(tmp_path / "a", result, summary=summary)
    assert summary.stat().st_size == SUMMARY_BYTES


def test_reports_of_nothing_but_failures_are_written(schema: Schema, tmp_path: Path) -> None:
    failed = {name: Prediction(name, error="broke") for name in ("nested", "clitic", "odd", "long")}
    result = result_of(schema, predictions=failed)
    paths = write_reports(tmp_path, result, texts=texts_of(schema))
    assert "failed: odd: broke" in (tmp_path / "report.md").read_text("utf-8")
    assert len(paths) == 7

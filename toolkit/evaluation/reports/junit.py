"""junit.xml: the gates as test cases, which GitLab and others show beside a change."""

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from toolkit.evaluation.comparing.gates import Gate, Judgement, Verdict
from toolkit.evaluation.comparing.stored import model_label

Json = Mapping[str, Any]
_TOTALS = {"failures": "failure", "errors": "error", "skipped": "skipped"}
# What XML 1.0 has no form for.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(result: Json, judgement: Judgement | None) -> str:
    """junit.xml: a case for each gate. Without gates the one case is whether the result is complete.

    Undecided is an error; an informational gate that did not pass is skipped, with what it found.
    """
    gates = judgement.gates if judgement and judgement.gates else (_whole(result),)
    suites = ElementTree.Element("testsuites", {"name": "tawsim score"})
    suite = ElementTree.SubElement(suites, "testsuite", {"name": _xml(model_label(result))})
    properties = ElementTree.SubElement(suite, "properties")
    for name in ("signature", "status"):
        ElementTree.SubElement(properties, "property", {"name": name, "value": _xml(result[name])})
    outcomes = [_case(suite, gate) for gate in gates]
    totals = {name: str(outcomes.count(kind)) for name, kind in _TOTALS.items()}
    for element in (suites, suite):
        element.attrib |= {"tests": str(len(gates)), **totals, "time": "0"}
    ElementTree.indent(suites)
    text = ElementTree.tostring(suites, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _whole(result: Json) -> Gate:
    is_complete = result["status"] == "complete"
    verdict = Verdict.PASSED if is_complete else Verdict.UNDECIDED
    return Gate("complete", "", None, verdict, "; ".join(result["reasons"]) or "complete")


def _case(suite: ElementTree.Element, gate: Gate) -> str:
    """Adds the case of a gate; the answer is the element that tells what became of it, empty for passed."""
    given = {"classname": "tawsim.score", "name": _xml(gate.name), "time": "0"}
    case = ElementTree.SubElement(suite, "testcase", given)
    kind = {"passed": "", "failed": "failure", "undecided": "error"}[gate.verdict]
    if kind and gate.informational:
        kind = "skipped"
    message = _xml(f"{'informational, ' if gate.informational else ''}{gate.verdict}: {gate.message}")
    if kind:
        told = {"message": message} if kind == "skipped" else {"message": message, "type": str(gate.verdict)}
        ElementTree.SubElement(case, kind, told)
    else:
        ElementTree.SubElement(case, "system-out").text = message
    return kind


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)

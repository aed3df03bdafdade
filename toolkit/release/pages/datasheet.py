"""DATASHEET.md: regions between markers are computed, everything else is written by hand and kept byte for byte."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import yaml

from toolkit.findings import Finding, Severity

# A region holds no other marker: where an end is lost, what follows up to the next end was written by hand.
_REGION = re.compile(
    r"(?P<open><!-- computed: (?P<name>[a-z-]+) -->\n)"
    r"(?P<body>(?:(?!<!-- (?:computed: |end computed -->)).)*)"
    r"(?P<close><!-- end computed -->)",
    re.DOTALL,
)
_MARKER = re.compile(r"<!-- (?:computed: .*?|end computed) -->")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_HEADING = re.compile(r"^### (?P<id>\d+\.\d+) (?P<ask>.*)$", re.MULTILINE)
_ANY_HEADING = re.compile(r"^#{1,3} ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Question:
    """A question of Datasheets for Datasets (Gebru et al., arXiv:1803.09010v7), in our words."""

    id: str
    ask: str


def questions() -> list[Question]:
    """All 59 questions in their order."""
    return [Question(q["id"], q["ask"]) for section in _content()["sections"] for q in section["questions"]]


def responsible_ai(text: str) -> dict[str, str]:
    """The answers of a datasheet that Croissant's responsible-AI vocabulary has a term for, by the term."""
    answers = _answers(text)
    return {term: answers[id_] for term, id_ in _content()["responsible_ai"].items() if answers.get(id_)}


def _content() -> Mapping[str, Any]:
    text = files("toolkit.release.pages").joinpath("datasheet_questions.yaml").read_text("utf-8")
    content: Mapping[str, Any] = yaml.safe_load(text)
    return content


def rendered(text: str, compute: Mapping[str, Callable[[], str]]) -> str:
    """The datasheet with every computed region written anew. Regions that nobody computes stay as they are."""

    def region(match: re.Match[str]) -> str:
        renderer = compute.get(match["name"])
        body = f"{renderer().strip()}\n" if renderer else match["body"]
        return f"{match['open']}{body}{match['close']}"

    return _REGION.sub(region, text)


def check_datasheet(text: str, compute: Mapping[str, Callable[[], str]], path: str) -> list[Finding]:
    """What is wrong with a datasheet: stale, unknown, missing or broken regions, and questions without an answer."""
    findings: list[Finding] = []

    def add(code: str, message: str) -> None:
        findings.append(Finding(code, Severity.ERROR, path, message))

    regions = list(_REGION.finditer(text))
    if len(_MARKER.findall(text)) != 2 * len(regions):
        add("region-markers", "the markers of a computed region do not pair up; restore the begin or end line")
    names = [match["name"] for match in regions]
    for match in regions:
        line = text.count("\n", 0, match.start()) + 1
        if match["name"] not in compute:
            add("region-unknown", f"line {line}: nothing computes the region {match['name']}")
        elif names.count(match["name"]) > 1:
            add("region-double", f"line {line}: the region {match['name']} is there more than once")
        elif match["body"] != f"{compute[match['name']]().strip()}\n":
            add("region-stale", f"line {line}: the region {match['name']} is stale; run `tawsim datasheet`")
    for name in compute:
        if name not in names:
            add("region-missing", f"the computed region {name} is nowhere")
    answers = _answers(text)
    for question in questions():
        if question.id not in answers:
            add("question-missing", f"question {question.id} has no heading: {question.ask}")
        elif not answers[question.id]:
            add("answer-missing", f"question {question.id} has no answer: {question.ask}")
    return findings


def _answers(text: str) -> dict[str, str]:
    """Question id: everything under its heading that a reader sees, so no markers, other comments and blanks."""
    found = {}
    for match in _HEADING.finditer(text):
        end = _ANY_HEADING.search(text, match.end())
        body = text[match.end() : end.start() if end else len(text)]
        found[match["id"]] = _COMMENT.sub("", body).strip()
    return found

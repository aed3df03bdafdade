"""report.md, the comment and the terminal table, against result.json; caps with results that are far too large."""

import copy
import io
import re
from typing import Any

import pytest
from reported import RLO, documents, result_of
from rich.console import Console

from toolkit.evaluation.comparing.gates import judge_gates
from toolkit.evaluation.predictions.prediction import Prediction
from toolkit.evaluation.reports.fitting import COMMENT_CHARACTERS, SUMMARY_BYTES
from toolkit.evaluation.reports.score_report import comment, markdown, marker
from toolkit.evaluation.reports.score_terminal import tables
from toolkit.evaluation.reports.sections import NO_MENTION, confusion, sections
from toolkit.evaluation.reports.verdicts import baseline_sections, gates_section
from toolkit.gate_rules import GateRules
from toolkit.models.predictor import Pair, Span
from toolkit.schema import Schema


@pytest.fixture(scope="module")
def result(schema: Schema) -> dict[str, Any]:
    return result_of(schema, train_mentions={"تونس": {"GPE"}, "سامي الحداد": {"ORG"}})


def table_under(page: str, title: str) -> list[list[str]]:
    """The cells of the first table under a heading, head first, the rule left out."""
    part = page.split(f"## {title}\n")[1].split("\n## ")[0]
    rows = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for n, row in enumerate(rows) if n != 1]


def test_every_table_has_the_numbers_of_the_result(result: dict[str, Any]) -> None:
    page = markdown(result)
    word = result["scores"]["word"]["micro"]
    assert page.startswith(f"# test on composed 1.2.0, split test\n\n**F1 {word['f1']:.4f}** (")
    low, high = result["scores"]["char"]["micro"]["interval"]
    head, *rows = table_under(page, "Scores")
    assert ["char micro", f"{low:.4f}–{high:.4f}"] == next(row for row in rows if row[0] == "char micro")[::4][:2]
    assert head[4] == "95 % interval" and len(rows) == 2 * 3 + 2 * 2
    kinds = dict(zip(*(table_under(page, "Kinds of error")[n][1:] for n in (0, -1)), strict=True))
    assert kinds == {
        "correct": "4", "label": "1", "boundary": "1", "clitic boundary": "1", "boundary and label": "1",
        "missed": "2", "spurious": "1",
    }  # fmt: skip
    assert (
        table_under(page, "By length")[1][0] == "1" and table_under(page, "Nested and flat mentions")[2][0] == "nested"
    )
    seen = {row[0]: row[3:] for row in table_under(page, "Mentions of training")[1:]}
    assert seen == {"seen in training": ["1", "2"], "not seen": ["3", "7"], "seen with other labels only": ["0", "1"]}
    credit = {row[0]: row[4:] for row in table_under(page, "Partial credit")[1:]}
    assert list(credit) == ["strict", "exact", "partial", "type"] and credit["partial"][2] == "3"
    assert [row[0] for row in table_under(page, "By collection")[1:]] == ["news"]
    assert result["signature"] in page and 'mode="strict", scheme=IOB2' in page
    assert "intervals: logit jackknife over documents, 4 documents in the headline; 4 documents are few" in page


def test_the_confusion_adds_up_to_the_mentions(result: dict[str, Any]) -> None:
    found = confusion(result)
    assert found.gold[-1] == found.predicted[-1] == NO_MENTION
    char = result["scores"]["char"]["micro"]
    by_gold = dict(zip(found.gold, found.numbers, strict=True))
    assert sum(map(sum, found.numbers)) - sum(by_gold[NO_MENTION]) == char["gold"]
    assert sum(map(sum, found.numbers)) - sum(row[-1] for row in found.numbers) == char["pred"]
    assert by_gold["GPE"][found.predicted.index("ORG")] == 1


def test_the_labels_of_a_confusion_are_the_most_frequent_and_the_rest_is_told(result: dict[str, Any]) -> None:
    many = copy.deepcopy(result)
    many["confusion"]["PER"] |= {f"made-{number:03}": 1 + number for number in range(300)}
    found = confusion(many)
    assert len(found.predicted) <= 27 and "other labels" in found.predicted and "made-299" in found.predicted
    assert sum(map(sum, found.numbers)) == sum(n for row in many["confusion"].values() for n in row.values())


def test_a_small_set_says_why_it_carries_no_interval(schema: Schema) -> None:
    one = documents()[0]
    empty = {d.id: Prediction(d.id) for d in documents() if d.id != one.id}
    page = markdown(result_of(schema, predictions=empty))
    assert "**F1 0.0000** (no interval: the headline score is 0 or 1" in page
    assert page.splitlines()[2].startswith("**Incomplete: 1 of 4 documents have no prediction: nested.**")


def test_relations_have_a_table_for_each_criterion(schema: Schema) -> None:
    given = {
        d.id: Prediction(
            d.id, tuple(Span(e.start, e.end, e.label) for e in d.entities), relations=(Pair(0, 1, "HEAD_OF"),)
        )
        for d in documents()
    }
    plain = [section.title for section in sections(result_of(schema, predictions=given))]
    assert plain[-2:] == ["Relations, strict", "Relations, boundaries"]
    alone = result_of(schema, predictions=given, gold_entities=True)
    assert [section.title for section in sections(alone)] == ["Relations, given"]
    assert "relations between given mentions" in markdown(alone).splitlines()[2]
    assert [table.title.plain for table in tables(alone)] == ["Relations, given"]


def test_gates_and_baseline_stand_before_the_scores(schema: Schema, result: dict[str, Any]) -> None:
    worse = result_of(schema, "older", predictions={d.id: Prediction(d.id) for d in documents()})
    judgement = judge_gates(result, GateRules(floors={"micro.f1": 0.99}, informational=("micro.f1",)), worse)
    page = markdown(result, [gates_section(judgement), *baseline_sections(result, worse)])
    assert page.index("## Gates") < page.index("## Against older") < page.index("## Scores")
    assert "| failed, informational |" in page
    change = result["scores"]["word"]["micro"]["f1"] - worse["scores"]["word"]["micro"]["f1"]
    assert f"| scores.word.micro.f1 | {change:+.4f} |" in page
    other = copy.deepcopy(worse)
    other["signature"] = other["signature"].replace("split:test", "split:validation")
    refused = markdown(result, list(baseline_sections(result, other)))
    assert "| split: validation and test |" in refused and "were not set side by side" in refused


def huge(result: dict[str, Any]) -> dict[str, Any]:
    """The result with 3,000 labels of 400 characters, 20,000 documents and 5,000 findings of 2,000 characters."""
    found = copy.deepcopy(result)
    for view in found["scores"].values():
        score = view["labels"]["PER"]
        view["labels"] = {f"{number}{'ل' * 400}": score for number in range(3000)}
    document = found["documents"]["odd"]
    found["documents"] = {f"document-{number}": document for number in range(20_000)}
    finding = {"severity": "warning", "path": "p.jsonl:3", "message": "كلمة " * 400}
    found["findings"] = [finding] * 5000
    found["coverage"]["failed"] = {f"document-{number}": "x" * 5000 for number in range(3000)}
    return found


def test_a_huge_result_stays_under_the_caps_and_says_what_was_cut(result: dict[str, Any]) -> None:
    large = huge(result)
    page = markdown(large)
    assert 50_000 < len(page.encode()) <= SUMMARY_BYTES
    assert re.search(r"and \d+ rows more, all in result.json", page) and "more, all in result.json" in page
    small = markdown(large, limit=3000)
    assert len(small.encode()) <= 3000 and small.endswith("result.json has all of it.\n")
    assert small.startswith("# test on composed")
    assert markdown(large, limit=10) == ""
    told = comment(large)
    assert len(told) < COMMENT_CHARACTERS and told.splitlines()[0] == marker(large)
    assert "</details>" in told


def test_names_end_no_comment_and_open_no_tag(schema: Schema) -> None:
    result = result_of(schema, f"--> <img src=x> [x](http://y) {RLO}evil `\n\n# head")
    told = comment(result)
    first = told.splitlines()[0]
    assert re.fullmatch(r"<!-- tawsim score: [\w.-]+ -->", first) and first.count("-->") == 1
    assert "<img" not in told and not re.search(r"(?<!\\)[\[`]", told.replace("```", ""))
    assert RLO not in told and "\n# head" not in told
    assert marker(result_of(schema, "a")) != marker(result_of(schema, "b"))
    assert "<script" not in markdown(result)


def test_no_word_of_a_text_is_in_the_texts_that_quote_none(result: dict[str, Any]) -> None:
    for page in (markdown(result), comment(result)):
        assert not re.search("[\u0600-\u06ff]", page)


def test_the_terminal_table_fits_80_columns(result: dict[str, Any]) -> None:
    console = Console(width=80, record=True, file=io.StringIO())
    for table in tables(result):
        console.print(table)
    shown = console.export_text()
    low, high = result["scores"]["word"]["micro"]["interval"]
    (micro,) = [line for line in shown.splitlines() if line.startswith("│ micro")]
    assert f"{low:.4f}–{high:.4f}" in micro and "…" not in shown

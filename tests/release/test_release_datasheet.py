"""DATASHEET.md: what is written by hand survives byte for byte, and every fault of a datasheet is found."""

import re
from collections import Counter

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from toolkit.findings import Severity
from toolkit.release.pages.datasheet import check_datasheet, questions, rendered

CLOSE = "<!-- end computed -->"
COMPUTE = {"overview": lambda: "| n |\n|---|\n| 3 |\n", "flat-losses": lambda: "  None was lost.  "}
NEW = {"overview": "| n |\n|---|\n| 3 |\n", "flat-losses": "None was lost.\n"}


def opening(name):
    return f"<!-- computed: {name} -->\n"


def region(name, body):
    return f"{opening(name)}{body}{CLOSE}"


def sheet(answers=None, regions=("overview", "flat-losses")):
    """A datasheet without a fault; `answers` replaces single ones."""
    parts = ["# Datasheet\n"]
    for question in questions():
        answer = (answers or {}).get(question.id, f"Answer to {question.id}.")
        parts.append(f"### {question.id} {question.ask}\n\n{answer}\n" if answer is not None else "")
    return "\n".join(parts) + "".join(f"\n{region(name, NEW[name])}\n" for name in regions)


def codes(text, compute=COMPUTE):
    findings = check_datasheet(text, compute, "DATASHEET.md")
    assert all(finding.severity is Severity.ERROR and finding.path == "DATASHEET.md" for finding in findings)
    return Counter(finding.code for finding in findings)


HAND = st.text().filter(lambda text: "<!--" not in text) | st.sampled_from(
    ["\r\n", "### 1.1 x\n", "ـ\u200f😀", "<!-- mine -->", ""]
)
BODY = st.text(max_size=30).filter(lambda text: "<!--" not in text)


@given(pieces=st.lists(st.tuples(HAND, st.sampled_from(["overview", "flat-losses", "of-nobody"]), BODY)), last=HAND)
@example(pieces=[("", "overview", "\\1 \\g<0>")], last="\n")
def test_bytes_outside_the_regions_are_kept_and_those_inside_are_computed(pieces, last):
    before = "".join(hand + region(name, body) for hand, name, body in pieces) + last
    after = "".join(hand + region(name, NEW.get(name, body)) for hand, name, body in pieces) + last
    assert rendered(before, COMPUTE).encode("utf-8", "surrogatepass") == after.encode("utf-8", "surrogatepass")
    assert rendered(after, COMPUTE) == after


@given(
    st.lists(st.sampled_from([opening("overview"), opening("flat-losses"), CLOSE, "يد ", "hand\n", "<!-- mine -->"]))
)
def test_handwriting_survives_broken_markers(tokens):
    """A region is an opening line, handwriting or nothing, and an end; whatever else there is stays as it is."""
    expected, place = [], 0
    names = {opening(name): name for name in NEW}
    while place < len(tokens):
        token = tokens[place]
        end = place + 1
        while end < len(tokens) and tokens[end] not in names and tokens[end] != CLOSE:
            end += 1
        if token in names and end < len(tokens) and tokens[end] == CLOSE:
            expected += [token, NEW[names[token]], CLOSE]
            place = end + 1
        else:
            expected.append(token)
            place += 1
    assert rendered("".join(tokens), COMPUTE) == "".join(expected)


def test_a_lost_end_marker_costs_no_handwriting():
    text = f"{opening('overview')}old\n\nA paragraph by hand.\n\n{region('flat-losses', 'old')}\n"
    assert rendered(text, COMPUTE) == text.replace("old<!--", "None was lost.\n<!--")
    assert codes(sheet(regions=()) + text) == {"region-markers": 1, "region-missing": 1, "region-stale": 1}


def test_replacement_text_is_taken_literally():
    assert rendered(region("overview", "x"), {"overview": lambda: r"\1 \g<name> \n"}) == region(
        "overview", "\\1 \\g<name> \\n\n"
    )


def test_only_regions_that_are_there_are_computed():
    def refuses():
        raise AssertionError("computed for nothing")

    text = region("overview", "")
    assert rendered(text, {**COMPUTE, "copies": refuses}) == region("overview", NEW["overview"])


def test_a_datasheet_without_a_fault_has_no_finding():
    assert codes(sheet()) == {}
    assert codes(rendered(sheet(), COMPUTE)) == {}


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        (sheet().replace("| 3 |", "| 4 |"), "region-stale", "the region overview is stale; run `tawsim datasheet`"),
        (sheet() + region("of-nobody", "x"), "region-unknown", "nothing computes the region of-nobody"),
        (sheet(regions=["overview"]), "region-missing", "the computed region flat-losses is nowhere"),
        (sheet() + "\n" + CLOSE, "region-markers", "do not pair up"),
        (sheet() + "\n" + opening("overview"), "region-markers", "do not pair up"),
        (sheet() + "\n<!-- computed: Over View -->\n", "region-markers", "do not pair up"),
        (sheet({"3.4": None}), "question-missing", "question 3.4 has no heading: "),
        (sheet({"3.4": ""}), "answer-missing", "question 3.4 has no answer: "),
        (sheet({"3.4": " \n\t\n\u00a0"}), "answer-missing", "question 3.4 has no answer: "),
        (sheet({"3.4": "<!-- who,\nwhen? -->"}), "answer-missing", "question 3.4 has no answer: "),
        (sheet({"3.13": "## Next\n\nNo answer."}), "answer-missing", "question 3.13 has no answer: "),
    ],
)
def test_each_fault_is_found_and_told(text, code, message):
    assert codes(text) == {code: 1}
    (finding,) = check_datasheet(text, COMPUTE, "DATASHEET.md")
    assert message in finding.message


def test_a_double_region_is_found_at_both_places():
    text = f"{sheet(regions=['flat-losses'])}\n{region('overview', 'one')}\n\n{region('overview', 'two')}\n"
    found = check_datasheet(text, COMPUTE, "DATASHEET.md")
    assert [finding.code for finding in found] == ["region-double"] * 2
    lines = [number for number, line in enumerate(text.split("\n"), 1) if line == opening("overview").rstrip()]
    assert [finding.message.split(":")[0] for finding in found] == [f"line {number}" for number in lines]


def test_a_computed_answer_is_an_answer():
    assert codes(sheet({"2.2": region("overview", NEW["overview"])}, regions=["flat-losses"])) == {}
    assert codes(sheet({"2.2": region("overview", "")}, regions=["flat-losses"])) == {
        "region-stale": 1,
        "answer-missing": 1,
    }


def test_all_faults_are_told_at_once():
    text = sheet({"1.1": None, "1.2": "", "1.3": ""}, regions=()) + region("of-nobody", "") + CLOSE
    assert codes(text) == {
        "region-markers": 1,
        "region-unknown": 1,
        "region-missing": 2,
        "question-missing": 1,
        "answer-missing": 2,
    }


def test_there_are_the_59_questions_of_the_paper_in_its_sections():
    found = questions()
    assert len({question.id for question in found}) == len(found) == 59
    assert len({question.ask for question in found}) >= 53  # seven ask for any other comments
    sections = Counter(question.id.split(".")[0] for question in found)
    assert list(sections.items()) == list(zip("1234567", (4, 17, 13, 4, 6, 7, 8), strict=True))
    for section, number in sections.items():
        assert [q.id for q in found if q.id.startswith(section)] == [f"{section}.{n}" for n in range(1, number + 1)]
    assert all(question.ask == question.ask.strip() != "" for question in found)


def test_the_source_of_the_questions_is_cited(repository):
    content = yaml.safe_load(
        (repository / "toolkit" / "release" / "pages" / "datasheet_questions.yaml").read_text("utf-8")
    )
    assert "1803.09010v7" in content["source"]


def test_the_datasheet_of_the_repository_asks_every_question(repository):
    page = repository / "DATASHEET.md"
    if not page.is_file():
        pytest.skip("the repository has no DATASHEET.md yet")
    headings = re.findall(r"^### (\d+\.\d+) ", page.read_text("utf-8"), re.MULTILINE)
    assert headings == [question.id for question in questions()]

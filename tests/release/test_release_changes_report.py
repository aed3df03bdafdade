"""A difference for readers: golden Markdown, JSON that counts, 80 columns, and no withheld word anywhere."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from drawn_editions import TEXTS, article, edition, pairs
from hypothesis import given, settings
from planted_changes import edited, planted, swap
from small_corpus import MARKET, WIRE, WITHHELD, write_copies, write_project

from toolkit.corpus.assemble import assemble
from toolkit.release.building.build import build
from toolkit.release.changes.changes import changes_between
from toolkit.release.changes.changes_report import as_json, markdown, text
from toolkit.release.changes.editions import read_edition, working_edition

OLD = edition(
    [
        article(
            "news-1", TEXTS[0], [(5, 8, "PER"), (13, 21, "GPE"), (28, 31, "PER")], [(0, 1, "VISITED")], split="test"
        ),
        article("news-2", TEXTS[0], [(5, 8, "PER")], []),
        article("wire-1", TEXTS[1], [(5, 8, "PER"), (12, 20, "GPE")], [(0, 1, "VISITED")], withheld=True),
    ],
    ["PER", "GPE"],
    ["VISITED"],
    settings={"title": "Drawn News", "license": "cc-by-4.0"},
    digest="0123456789abcdef",
)
NEW = edition(
    [
        article("news-1", TEXTS[0], [(5, 8, "ORG"), (13, 21, "GPE")], [(1, 0, "VISITED")], split="test"),
        article("news-3", TEXTS[0], [(5, 8, "PER")], []),
        article("wire-1", TEXTS[1], [(5, 10, "PER"), (12, 20, "GPE")], [], withheld=True),
    ],
    ["PER", "GPE", "ORG"],
    ["VISITED"],
    settings={"title": "Drawn News", "license": "cc0-1.0"},
    columns={"ner": {"id": "string", "note": "string"}},
    version="1.0.1",
    digest="fedcba9876543210",
)
CHANGES = changes_between(OLD, NEW)
GOLDEN = Path(__file__).parent / "golden" / "changes.md"


def test_markdown_is_the_golden_page():
    assert markdown(OLD, NEW, CHANGES) == GOLDEN.read_text(encoding="utf-8")


def test_json_has_both_sides_counts_places_version_and_comparability():
    found = json.loads(json.dumps(as_json(OLD, NEW, CHANGES)))
    assert found["old"] == {
        "name": "drawn",
        "version": "1.0.0",
        "content_digest": "0123456789abcdef",
        "documents": 3,
        "mentions": 6,
        "relations": 2,
    }
    assert found["counts"]["mention-relabelled"] == 1
    assert found["by_label"]["mention-relabelled"] == {"PER → ORG": 1}
    assert sum(found["counts"].values()) == len(found["changes"]) == len(CHANGES)
    assert found["version"]["bump"] == "MAJOR"
    assert (found["version"]["smallest"], found["version"]["declared"]) == ("2.0.0", "1.0.1")
    assert found["version"]["reasons"]["MAJOR"] == ["1 document removed"]
    assert found["scores"]["comparable"] is False
    relabelled = next(change for change in found["changes"] if change["kind"] == "mention-relabelled")
    assert relabelled == {
        "kind": "mention-relabelled",
        "document": "news-1",
        "splits": ["test"],
        "old": {"start": 5, "end": 8, "label": "PER", "text": "نوح"},
        "new": {"start": 5, "end": 8, "label": "ORG", "text": "نوح"},
    }


def test_text_ends_on_the_version_and_on_comparability():
    lines = text(OLD, NEW, CHANGES).splitlines()
    assert lines[0] == "drawn (1.0.0, 0123456789ab) → drawn (1.0.1, fedcba987654)"
    assert "  news-1 (test): 5-8 PER «نوح» → 5-8 ORG «نوح»" in lines
    assert "The changes ask for 2.0.0 (MAJOR) or larger; the declared 1.0.1 is too small:" in lines
    assert lines[-3].startswith("Scores are not comparable with those of before: 1 mention removed")


def test_nothing_changed_is_told_too():
    told = text(OLD, OLD, ())
    assert told.endswith(
        "Nothing changed that asks for another version than 1.0.0.\nScores on the test split stay comparable.\n"
    )
    assert as_json(OLD, OLD, ())["version"] == {"bump": None, "smallest": "1.0.0", "declared": "1.0.0", "reasons": {}}
    assert "##" not in markdown(OLD, OLD, ())


@settings(max_examples=100, deadline=None)
@given(pairs())
def test_text_keeps_to_80_columns(pair):
    old, new = pair
    assert max(map(len, text(old, new, changes_between(old, new)).splitlines())) <= 80


def test_only_the_first_places_are_shown_and_the_rest_is_counted():
    spans = [(start, start + 2, "PER") for start in range(25)]
    more = edition([article("a", TEXTS[0], spans, [])], ["PER"], [])
    none = edition([article("a", TEXTS[0], [], [])], ["PER"], [])
    changes = changes_between(none, more)
    told = text(none, more, changes)
    assert told.count("a (train): ") == 20
    assert "25 mentions added (PER 25)" in told
    assert "and 5 more; --format json has them all" in told
    assert "And 5 more; `tawsim diff --format json` has them all." in markdown(none, more, changes)
    assert len(as_json(none, more, changes)["changes"]) == 25


def test_a_mention_with_line_ends_and_bars_stays_in_its_cell():
    whole = "سطر|أول\r\nثان " * 6
    one = replace(article("a", TEXTS[0], [], []), text=whole, length=len(whole))
    other = replace(article("a", TEXTS[0], [(0, 50, "PER")], []), text=whole, length=len(whole))
    sides = edition([one], ["PER"], []), edition([other], ["PER"], [])
    page = markdown(*sides, changes_between(*sides))
    row = next(line for line in page.splitlines() if line.startswith("| a (train)"))
    assert row.endswith("…» |")
    assert row.count("|") - row.count(r"\|") == 4


@pytest.fixture(scope="module")
def with_withheld_texts(repository, tmp_path_factory):
    """Two full builds, withheld texts at hand, between which mentions of withheld articles changed in every way."""
    root = tmp_path_factory.mktemp("withheld")
    copies = write_copies(root / "wire")
    wire = edited(WIRE, regions=WIRE.annotations[0].regions[1:], links=WIRE.annotations[0].links[1:3])
    editions = []
    for name, tasks in (("old", WITHHELD), ("new", swap(WIRE, wire, WITHHELD))):
        project = write_project(root / name, repository, withheld=tasks)
        build(project, assemble(project, [copies]), root / f"{name}-dataset")
        editions.append(read_edition(root / f"{name}-dataset"))
    return editions


@pytest.mark.parametrize("report", [text, markdown, lambda *sides: json.dumps(as_json(*sides), ensure_ascii=False)])
def test_no_word_of_a_withheld_text_is_told_though_it_is_at_hand(report, with_withheld_texts):
    old, new = with_withheld_texts
    assert all(article.text is not None for edition in with_withheld_texts for article in edition.articles)
    changes = changes_between(old, new)
    assert {change.document for change in changes} == {"wire-01"}
    told = report(old, new, changes)
    assert "wire-01" in told
    for region in WIRE.annotations[0].regions:
        assert (region.text or "?") not in told


def test_words_that_may_be_passed_on_are_quoted(small, repository, tmp_path):
    case = planted(repository)["test mention relabelled"]
    old, new = read_edition(small.folder), working_edition(case.project(tmp_path, repository))
    assert "«الوادينية»" in text(old, new, changes_between(old, new))
    assert MARKET.text not in text(old, new, changes_between(old, new))

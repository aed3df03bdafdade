"""Splits: what is pinned never moves, what is new follows its group, and what would tie two splits is held back."""

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.corpus.splits import assign, draw, read_pinned, write_pinned
from toolkit.errors import DataError, FileError
from toolkit.findings import Severity
from toolkit.project import SPLITS, Ratios, SplitRule

RULE = SplitRule(ratios=Ratios(train=60, validation=15, test=25), salt="a-salt")
PATH = "annotations/splits.json"


def assigned(groups, pinned=None, fixed=None, rule=RULE):
    return assign(groups, pinned or {}, fixed or {}, rule, PATH)


def told(assignment):
    return [(finding.code, finding.severity) for finding in assignment.findings]


def test_a_new_document_takes_the_split_of_its_group():
    made = assigned({"a": "event:x", "b": "event:x", "c": "event:x"}, {"b": "validation"})
    assert made.splits == {"a": "validation", "b": "validation", "c": "validation"}
    assert (made.new, made.held_back, made.findings) == (("a", "c"), (), ())


def test_a_group_without_pins_is_drawn_as_one():
    made = assigned({"a": "document:a", "b": "document:a"})
    assert made.splits == dict.fromkeys("ab", draw("document:a", RULE))
    assert made.new == ("a", "b")


def test_a_collection_fixes_the_split_of_its_new_documents_and_of_their_group():
    made = assigned({"a": "event:x", "b": "event:x"}, {}, {"a": "test"})
    assert made.splits == {"a": "test", "b": "test"}
    assert made.findings == ()


def test_a_pin_is_stronger_than_the_collection():
    made = assigned({"a": "event:x"}, {"a": "train"}, {"a": "test"})
    assert made.splits == {"a": "train"}
    assert (made.new, made.findings) == ((), ())


@pytest.mark.parametrize(
    ("pinned", "fixed", "held_back", "names"),
    [
        ({"a": "train", "b": "test"}, {}, ("c",), "test and train"),
        ({"a": "train"}, {"c": "test"}, ("b", "c"), "test and train"),
        ({}, {"a": "validation", "b": "test"}, ("a", "b", "c"), "test and validation"),
    ],
)
def test_what_would_tie_two_splits_together_is_held_back_and_told(pinned, fixed, held_back, names):
    made = assigned(dict.fromkeys("abc", "event:x"), pinned, fixed)
    assert made.held_back == held_back
    assert made.splits == pinned
    assert made.new == ()
    ties = [finding for finding in made.findings if finding.code == "split-tie"]
    assert [(f.severity, f.path, f.message.split()[0]) for f in ties] == [
        (Severity.ERROR, PATH, document) for document in held_back
    ]
    assert all(names in finding.message and "event:x" in finding.message for finding in ties)


def test_a_group_pinned_to_two_splits_is_warned_of():
    made = assigned({"a": "event:x", "b": "event:x"}, {"a": "train", "b": "test"})
    assert made.splits == {"a": "train", "b": "test"}
    assert told(made) == [("split-leak", Severity.WARNING)]
    assert "a (train), b (test)" in made.findings[0].message


def test_a_pin_outlives_its_document():
    made = assigned({"b": "document:b"}, {"a": "validation", "b": "test"})
    assert made.splits == {"a": "validation", "b": "test"}
    assert made.new == ()


def test_draw_is_the_same_everywhere_and_follows_the_salt():
    assert [draw(f"document:{n}", RULE) for n in range(12)] == [draw(f"document:{n}", RULE) for n in range(12)]
    other = SplitRule(ratios=RULE.ratios, salt="another")
    assert any(draw(f"document:{n}", RULE) != draw(f"document:{n}", other) for n in range(40))
    # Written down once: a change of the hash would move every document that is not pinned yet.
    drawn = [draw(f"event:{n}", RULE) for n in range(10)]
    assert drawn == ["validation", *["train"] * 8, "test"]


@pytest.mark.parametrize("ratios", [(60, 15, 25), (80, 10, 10), (0, 50, 50), (100, 0, 0), (0, 0, 100)])
def test_the_shares_of_3000_groups_are_close_to_the_ratios(ratios):
    rule = SplitRule(ratios=Ratios(**dict(zip(SPLITS, ratios, strict=True))), salt="shares")
    counts = Counter(draw(f"document:news-{n}", rule) for n in range(3000))
    for split, share in zip(SPLITS, ratios, strict=True):
        assert abs(counts[split] / 30 - share) < 2.5
        assert counts[split] or not share
        assert share or not counts[split]


DOCUMENTS = st.text(st.sampled_from("abcdef"), min_size=1, max_size=2)
GROUPS = st.dictionaries(DOCUMENTS, st.sampled_from(["event:1", "event:2", "event:3", "document:z"]), max_size=12)
PINS = st.dictionaries(DOCUMENTS, st.sampled_from(SPLITS), max_size=6)


@given(groups=GROUPS, pinned=PINS, fixed=PINS)
def test_every_document_is_pinned_drawn_or_held_back(groups, pinned, fixed):
    made = assigned(groups, pinned, fixed)
    assert set(made.splits) == set(pinned) | set(made.new)
    assert set(made.new).isdisjoint(pinned)
    assert set(made.held_back) == set(groups) - set(pinned) - set(made.new)
    assert set(made.new) | set(made.held_back) <= set(groups)
    assert {document: made.splits[document] for document in pinned} == pinned
    ties = [finding for finding in made.findings if finding.code == "split-tie"]
    assert len(ties) == len(made.held_back)


@given(groups=GROUPS, pinned=PINS, fixed=PINS)
def test_no_group_is_in_two_splits_unless_it_was_pinned_so(groups, pinned, fixed):
    made = assigned(groups, pinned, fixed)
    for group in set(groups.values()):
        members = [document for document in groups if groups[document] == group]
        splits = {made.splits[document] for document in members if document in made.splits}
        pins = {pinned[document] for document in members if document in pinned}
        assert len(splits) <= 1 or splits == pins
        assert (len(pins) > 1) == any(
            f.code == "split-leak" and f.message.startswith(f"{group} ") for f in made.findings
        )


@given(groups=GROUPS, more=GROUPS, pinned=PINS, fixed=PINS)
def test_adding_documents_never_moves_a_pinned_one(groups, more, pinned, fixed):
    first = assigned(groups, pinned, fixed)
    again = assigned({**more, **groups}, first.splits, fixed)
    assert {document: again.splits[document] for document in first.splits} == dict(first.splits)
    once_more = assigned({**groups, **more}, again.splits, {})
    assert {document: once_more.splits[document] for document in again.splits} == dict(again.splits)


@given(pinned=PINS)
def test_pins_come_back_from_their_file(pinned, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "pins" / "splits.json"
    write_pinned(path, pinned)
    assert read_pinned(path) == pinned
    assert write_pinned(path, dict(reversed(pinned.items()))) is False
    assert list(json.loads(path.read_text(encoding="utf-8"))) == sorted(pinned)


def test_no_file_means_no_pins(tmp_path):
    assert read_pinned(tmp_path / "splits.json") == {}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[]", "object of document id: split"),
        ("null", "object of document id: split"),
        ('{"a": "dev"}', "a is in 'dev'; splits are train, validation, test"),
        ('{"a": null}', "a is in None"),
        ('{"a": ["train"]}', "a is in "),
        ('{"a": "train"', "not valid JSON at line 1"),
        ("", "not valid JSON"),
    ],
)
def test_a_file_of_other_content(content, words, tmp_path):
    path = tmp_path / "splits.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=words) as told_:
        read_pinned(path)
    assert told_.value.where == str(path)


def test_a_file_that_cannot_be_read(tmp_path, as_nobody):
    (as_nobody / "splits.json").mkdir()
    with pytest.raises(FileError, match="is a directory"):
        read_pinned(as_nobody / "splits.json")
    closed = as_nobody / "closed"
    closed.mkdir()
    write_pinned(closed / "splits.json", {"a": "test"})
    closed.chmod(0)
    with pytest.raises(FileError, match="permission denied"):
        read_pinned(closed / "splits.json")

"""Whatever two datasets hold: their difference mirrors, adds up, leads from one to the other, and misses nothing."""

import json
from collections import Counter
from dataclasses import replace

import pytest
from drawn_editions import TEXTS, article, edition, pairs
from hypothesis import given, settings

from toolkit.release.changes.change_kinds import Kind
from toolkit.release.changes.changes import changes_between
from toolkit.release.changes.versions import asked_by
from toolkit.release.tables.manifest import content_digest
from toolkit.schema import EntityType, Schema

MANY = settings(max_examples=300, deadline=None)
ADDED = {Kind.MENTION_ADDED: "mentions", Kind.RELATION_ADDED: "relations"}
REMOVED = {Kind.MENTION_REMOVED: "mentions", Kind.RELATION_REMOVED: "relations"}


def told(changes):
    return Counter(json.dumps(change.as_json(), sort_keys=True) for change in changes)


@MANY
@given(pairs())
def test_the_difference_back_is_the_mirrored_one(pair):
    old, new = pair
    assert told(change.mirrored() for change in changes_between(old, new)) == told(changes_between(new, old))


@MANY
@given(pairs())
def test_an_edition_does_not_differ_from_itself(pair):
    assert changes_between(pair[0], pair[0]) == ()
    assert asked_by(()).bump is None


@MANY
@given(pairs())
def test_old_minus_removed_plus_added_is_new(pair):
    old, new = pair
    totals = Counter({key: old.as_json()[key] for key in ("documents", "mentions", "relations")})
    for change in changes_between(old, new):
        if change.kind in ADDED:
            totals[ADDED[change.kind]] += 1
        elif change.kind in REMOVED:
            totals[REMOVED[change.kind]] -= 1
        elif change.kind in (Kind.DOCUMENT_ADDED, Kind.DOCUMENT_REMOVED):
            sign = 1 if change.new else -1
            facts = change.new or change.old
            totals.update(
                {"documents": sign, "mentions": sign * facts["mentions"], "relations": sign * facts["relations"]}
            )
    assert totals == {key: new.as_json()[key] for key in totals}


def spans_of(edition, name):
    found = next(article for article in edition.articles if article.id == name)
    return Counter((entity.start, entity.end, entity.label) for entity in found.entities)


@MANY
@given(pairs(texts=TEXTS[:1]))
def test_the_changes_of_a_document_lead_from_its_old_mentions_to_its_new_ones(pair):
    old, new = pair
    renamed = {change.old["label"]: change.new["label"] for change in changes_between(old, new) if renames(change)}
    for name in {a.id for a in old.articles} & {a.id for a in new.articles}:
        spans = Counter()
        for (start, end, label), n in spans_of(old, name).items():
            spans[start, end, label] += n
        for change in changes_between(old, new):
            if change.document == name and change.kind.startswith("mention-"):
                for facts, sign in ((change.old, -1), (change.new, 1)):
                    if facts:
                        spans[facts["start"], facts["end"], facts["label"]] += sign
        under_new_names = Counter()
        for (start, end, label), n in spans.items():
            under_new_names[start, end, renamed.get(label, label)] += n
        assert +under_new_names == spans_of(new, name)


def renames(change):
    return change.kind is Kind.LABEL_RENAMED and change.old["part"] == "entities"


@MANY
@given(pairs())
def test_there_is_a_change_of_content_where_the_content_digests_differ(pair):
    old, new = pair
    same = content_digest(old.articles, old.schema) == content_digest(new.articles, new.schema)
    changes = changes_between(old, new)
    # `withheld` is no part of the content; nothing else that is drawn is outside of it.
    outside = [c for c in changes if c.kind is Kind.DOCUMENT_METADATA_CHANGED and set(c.new) == {"withheld"}]
    assert (len(changes) == len(outside)) == same


@MANY
@given(pairs())
def test_no_word_of_a_text_that_either_side_withholds_is_told(pair):
    old, new = pair
    for change in changes_between(old, new):
        sides = [a for e in pair for a in e.articles if a.id == change.document]
        if any(a.meta.withheld for a in sides):
            assert '"text": "' not in json.dumps(change.as_json())


def named(labels):
    """An edition with one mention of PER, and these labels with what they mean."""
    schema = Schema(entities={name: EntityType(en=meaning) for name, meaning in labels.items()})
    return replace(edition([article("a", TEXTS[0], [(0, 4, "PER")], [])], ["PER"], []), schema=schema)


def test_a_label_that_nothing_has_was_renamed_where_it_means_the_same():
    old = named({"PER": "person", "SITE": "place"})
    kinds = [change.kind for change in changes_between(old, named({"PER": "person", "SPOT": "place"}))]
    assert kinds == [Kind.LABEL_RENAMED]


@pytest.mark.parametrize(
    "labels", [{"PER": "person", "WORK": "book"}, {"PER": "person", "SPOT": "place", "STEAD": "place"}]
)
def test_a_label_that_nothing_has_is_another_one_where_it_means_something_else_or_two_mean_the_same(labels):
    changes = changes_between(named({"PER": "person", "SITE": "place"}), named(labels))
    assert {change.kind for change in changes} == {Kind.LABEL_ADDED, Kind.LABEL_REMOVED, Kind.TAGS_CHANGED}
    assert asked_by(changes).bump == "MAJOR"


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (["TIES_WITH"], ["TIES_WITH"], Kind.DOCUMENT_REWRITTEN),
        ([], [], Kind.RELATION_REVERSED),
        (["TIES_WITH"], [], Kind.RELATION_REVERSED),
    ],
)
def test_a_turned_relation_is_another_one_unless_it_has_no_direction_on_either_side(before, after, kind):
    spans = [(0, 4, "PER"), (5, 8, "PER")]
    sides = [
        edition([article("a", TEXTS[0], spans, [(*ends, "TIES_WITH")])], ["PER"], ["TIES_WITH"], symmetric=symmetric)
        for ends, symmetric in (((0, 1), before), ((1, 0), after))
    ]
    kinds = [change.kind for change in changes_between(*sides) if change.kind is not Kind.LABEL_REDEFINED]
    assert kinds == [kind]

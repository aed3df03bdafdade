"""Articles from annotation files: gold, provenance, and the proof of each mention."""

from dataclasses import replace

import pytest
from corpus_texts import adding, annotated, region, stored, twice

from toolkit.annotation import Link
from toolkit.corpus.article import articles_of
from toolkit.corpus.standoff import strip
from toolkit.errors import DataError
from toolkit.findings import Severity
from toolkit.gold_rules import gold_rules
from toolkit.native import mention_digest
from toolkit.project import Collection

VISIT = annotated("زارت {PER#p سلمى} {FAC#f ميناء {GPE#g ريفاد}}.", "p VISITED f", "f LOCATED_IN g")
COLLECTIONS = {
    "news": Collection(description="", source="composed", license="CC-BY-4.0", language="ar"),
    "wire": Collection(text="withheld", description="", source="the web", license="none"),
}


def article_of(task, schema, collection="news", rule="ground_truth"):
    articles, findings = articles_of([stored(task, collection)], COLLECTIONS, schema, gold_rules(rule))
    assert findings == []
    return articles[0]


def test_an_article_has_the_gold_and_its_text(schema):
    article = article_of(VISIT, schema)
    assert (article.id, article.text, article.sha256, article.length) == (
        "visit-01",
        VISIT.text,
        VISIT.sha256,
        VISIT.length,
    )
    assert [(e.id, e.label) for e in article.entities] == [("e1", "PER"), ("e2", "FAC"), ("e3", "GPE")]
    assert [(r.label, r.head, r.tail) for r in article.relations] == [
        ("VISITED", "e1", "e2"),
        ("LOCATED_IN", "e2", "e3"),
    ]
    assert article.digests == tuple(map(mention_digest, ["سلمى", "ميناء ريفاد", "ريفاد"]))
    assert article.split == ""


def test_without_its_text_an_article_has_the_same_gold_and_digests(schema):
    article = article_of(strip(VISIT), schema, "wire")
    whole = article_of(VISIT, schema, "wire")
    assert article == replace(whole, text=None)
    assert article.with_text(VISIT.text, VISIT.sha256) == whole
    assert article.meta.withheld
    assert not article_of(VISIT, schema).meta.withheld


def test_digests_of_regions_on_one_span(schema):
    task = strip(adding(VISIT, region(VISIT, "ريفاد", "LOC"), region(VISIT, "سلمى")))
    articles, findings = articles_of([stored(task, "wire")], COLLECTIONS, schema, gold_rules("ground_truth"))
    assert articles[0].digests == tuple(map(mention_digest, ["سلمى", "ميناء ريفاد", "ريفاد", "ريفاد"]))
    assert [(finding.code, finding.severity) for finding in findings] == [("unlabelled", Severity.NOTE)]


def test_the_task_knows_better_than_its_collection_where_it_comes_from(schema):
    task = replace(VISIT, data={"event": "visit", "source": "نشرة الميناء", "language": "ar-SY"})
    assert article_of(VISIT, schema).meta.event is None
    meta = article_of(task, schema).meta
    assert (meta.event, meta.source, meta.language) == ("visit", "نشرة الميناء", "ar-SY")
    meta = article_of(replace(VISIT, data={"event": "", "source": None}), schema, "wire").meta
    assert (meta.event, meta.source, meta.language, meta.collection) == (None, "the web", "ar", "wire")
    assert article_of(replace(VISIT, data={"event": 7}), schema).meta.event == "7"


def test_all_annotators_are_named_and_the_rule_that_chose(schema):
    meta = article_of(twice(VISIT, {"cancelled": True}), schema).meta
    assert (meta.annotators, meta.gold_rule) == (("draft-1", "reader-2"), "single")
    meta = article_of(twice(VISIT, {}, {"ground_truth": True}), schema).meta
    assert meta.gold_rule == "ground_truth"
    assert article_of(twice(VISIT), schema, rule="first").meta.gold_rule == "first of 2"


def test_the_gold_is_that_of_the_chosen_annotation(schema):
    second = adding(VISIT, region(VISIT, "زارت", "EVENT")).annotations[0].regions
    task = twice(VISIT, {}, {"ground_truth": True, "regions": second})
    assert [entity.label for entity in article_of(task, schema).entities] == ["EVENT", "PER", "FAC", "GPE"]


def test_what_is_not_in_the_dataset_is_noted(schema):
    bare = adding(VISIT, region(VISIT, "زارت"), Link("p", "g", "right", ()), Link("g", "p", "right", ()))
    skipped = replace(twice(VISIT, {"cancelled": True}, {"cancelled": True}), article_id="skipped")
    empty = replace(VISIT, article_id="empty", annotations=())
    articles, findings = articles_of(
        [stored(t) for t in (bare, skipped, empty)], COLLECTIONS, schema, gold_rules("ground_truth")
    )
    assert [article.id for article in articles] == ["visit-01"]
    assert [(f.code, f.path.rpartition("/")[2], f.message[:11]) for f in findings] == [
        ("unlabelled", "visit-01.json", "1 regions w"),
        ("unlabelled", "visit-01.json", "2 relations"),
        ("gold-none", "skipped.json", "has no gold"),
        ("gold-none", "empty.json", "has no gold"),
    ]
    assert {finding.severity for finding in findings} == {Severity.NOTE}


def test_an_article_without_its_text_is_no_document(schema):
    with pytest.raises(DataError, match=r"visit-01: the text is not at hand.*--articles DIR"):
        article_of(strip(VISIT), schema, "wire").document()


def test_an_article_with_its_text_is_a_document(schema):
    article = article_of(replace(VISIT, data={"event": "visit"}), schema)
    document = article.document()
    assert [document.mention(entity) for entity in document.entities] == ["سلمى", "ميناء ريفاد", "ريفاد"]
    assert document.relations == article.relations
    assert document.meta == {"collection": "news", "event": "visit", "sha256": VISIT.sha256}


def test_a_text_that_disproves_a_mention_is_refused(schema):
    article = article_of(strip(VISIT), schema, "wire")
    with pytest.raises(DataError, match="visit-01: mention e2 at 10-21 is not the annotated one"):
        article.with_text(VISIT.text[:-2] + "ة.", "0" * 64)


def test_the_majority_of_a_withheld_article_keeps_its_digests(schema):
    one = strip(twice(VISIT))
    other = replace(one.annotations[1], regions=one.annotations[1].regions[:2])
    task = replace(one, annotations=(one.annotations[0], other))
    found = article_of(task, schema, "wire", rule="majority")
    assert found.meta.gold_rule == "majority of 2"
    assert found.digests == tuple(mention_digest(VISIT.text[e.start : e.end]) for e in found.entities)
    assert {(e.start, e.end) for e in found.entities} == {(r.start, r.end) for r in other.regions}

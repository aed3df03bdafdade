"""Counts of a corpus, against counting one by one."""

import pytest
from corpus_texts import annotated, stored
from hypothesis import given
from hypothesis import strategies as st

from toolkit.corpus.article import Article, Meta, articles_of
from toolkit.corpus.statistics import count, nested
from toolkit.document import Entity, Relation
from toolkit.gold_rules import gold_rules
from toolkit.project import Collection
from toolkit.tokens import sentences, words


def meta(event=None):
    return Meta("news", event, "composed", "ar", ("draft-1",), "single", False)


@st.composite
def corpora(draw):
    """Articles with or without text, mentions anywhere in it, some with labels that the schema does not have."""
    articles = []
    for number in range(draw(st.integers(0, 4))):
        text = draw(
            st.lists(st.sampled_from(["زارت", "وريفاد", "😀", "سلمى.", "\n", "،"]), min_size=1, max_size=8).map(
                " ".join
            )
        )
        offsets = st.integers(0, len(text) - 1)
        spans = draw(st.lists(st.tuples(offsets, st.integers(1, 6)), max_size=6))
        labels = st.sampled_from(["PER", "GPE", "PLANET"])
        entities = tuple(
            Entity(start, min(start + size, len(text)), draw(labels), f"e{n}") for n, (start, size) in enumerate(spans)
        )
        ids = [entity.id for entity in entities]
        pairs = draw(st.lists(st.tuples(st.sampled_from(ids), st.sampled_from(ids)), max_size=3)) if ids else []
        kinds = st.sampled_from(["VISITED", "LOVES"])
        relations = tuple(Relation(f"r{n}", draw(kinds), *pair) for n, pair in enumerate(pairs))
        here = text if draw(st.booleans()) else None
        event = draw(st.sampled_from([None, "e-1", "e-2", "a-0", ""]))
        digests = ("",) * len(entities)
        articles.append(Article(f"a-{number}", here, "", len(text), "train", meta(event), entities, relations, digests))
    return articles


@given(articles=corpora())
def test_counts_agree_with_counting_one_by_one(articles, schema):
    found = count(iter(articles), schema)
    with_text = [article for article in articles if article.text is not None]
    entities = [(article, entity) for article in articles for entity in article.entities]
    assert (found.articles, found.with_text) == (len(articles), len(with_text))
    assert found.code_points == sum(article.length for article in articles)
    assert found.words == sum(len(words(article.text)) for article in with_text)
    assert found.sentences == sum(
        len(sentences(article.text, [(e.start, e.end) for e in article.entities])) for article in with_text
    )
    events = {article.meta.event for article in articles if article.meta.event}
    assert found.events == len(events) + sum(not article.meta.event for article in articles)
    assert (found.mentions, found.relations) == (len(entities), sum(len(article.relations) for article in articles))
    for label in (*schema.entities, "PLANET"):
        assert found.by_label.get(label, 0) == sum(entity.label == label for _, entity in entities)
    for label in (*schema.relations, "LOVES"):
        assert found.by_relation.get(label, 0) == sum(r.label == label for a in articles for r in a.relations)
    assert list(found.by_label)[: len(schema.entities)] == list(schema.entities)
    assert list(found.by_relation)[: len(schema.relations)] == list(schema.relations)
    assert sum(found.by_label.values()) == found.mentions
    cut = 0
    for article, entity in entities:
        spans = words(article.text or "")
        cut += any(start < place < end for start, end in spans for place in (entity.start, entity.end))
    assert found.sub_word == cut


@given(articles=corpora())
def test_nested_mentions_agree_with_comparing_every_pair(articles):
    for article in articles:
        spans = [(entity.start, entity.end) for entity in article.entities]
        lying_inside = sum(
            any(
                start <= s and e <= end and ((start, end) != (s, e) or other < number)
                for other, (start, end) in enumerate(spans)
            )
            for number, (s, e) in enumerate(spans)
        )
        assert nested(article) == lying_inside


def test_a_composed_article(schema):
    task = annotated(
        "زارت {PER#p سلمى} {FAC#f ميناء {GPE#g ريفاد}}.\nو{GPE#h بورينا} لم تعلق! ل{GPE لمارة} رأي",
        "p VISITED f",
        "f LOCATED_IN g",
        event="visit",
    )
    collection = Collection(description="", source="", license="")
    articles, _ = articles_of([stored(task)], {"news": collection}, schema, gold_rules("single"))
    found = count(articles, schema)
    assert (found.articles, found.with_text, found.events, found.sentences, found.words) == (1, 1, 1, 3, 11)
    assert (found.mentions, found.nested, found.sub_word, found.relations) == (5, 1, 2, 2)
    assert {label: n for label, n in found.by_label.items() if n} == {"PER": 1, "FAC": 1, "GPE": 3}
    assert {label: n for label, n in found.by_relation.items() if n} == {"VISITED": 1, "LOCATED_IN": 1}


@pytest.mark.parametrize("none", [[], ()])
def test_no_articles(none, schema):
    found = count(none, schema)
    assert (found.articles, found.events, found.mentions) == (0, 0, 0)
    assert set(found.by_label.values()) == {0}

"""Which articles are open, and what their annotators agree on."""

from dataclasses import replace

import pytest
from corpus_texts import annotated
from hypothesis import given
from hypothesis import strategies as st

from toolkit.annotation import Annotation, Link, Region
from toolkit.corpus.readings import compared_articles
from toolkit.corpus.review import check_rules, open_articles
from toolkit.corpus.store import Stored
from toolkit.errors import ConfigError
from toolkit.gold_rules import gold_rules

PLAIN = gold_rules("ground_truth")
TEXT = "زار {PER#p رامي عوسج} {GPE#g كالدونا} مع {PER#q منى عقيق}، و{GPE#h بورينا} حليفة."


def by(name, id_="", **flags):
    return Annotation(id_ or name, name, **flags)


TRUE = {"ground_truth": True}
CASES = [
    # rules, annotations, whether the article is open
    (PLAIN, [by("lina")], False),
    (PLAIN, [by("lina"), by("omar")], True),
    (PLAIN, [by("lina"), by("omar", cancelled=True)], False),
    (PLAIN, [by("lina"), by("lina", "again")], False),
    (PLAIN, [by("lina", **TRUE), by("omar")], False),
    (PLAIN, [by("lina"), by("omar"), by("sara", adjudicates=("lina", "omar"), **TRUE)], False),
    (PLAIN, [by("lina"), by("omar"), by("sara", adjudicates=("lina", "omar"))], True),
    (PLAIN, [by("lina"), by("lina", "again", adjudicates=("lina", "gone"))], False),
    (gold_rules("majority"), [by("lina"), by("omar"), by("sara")], True),
    (gold_rules("first"), [by("lina"), by("omar")], True),
    (gold_rules(["ground_truth", {"adjudicator": "sara"}]), [by("lina"), by("omar"), by("sara")], False),
    (gold_rules(["ground_truth", {"adjudicator": "sara"}]), [by("lina"), by("omar")], True),
    (gold_rules(["ground_truth", "single"]), [by("lina")], False),
]


@pytest.mark.parametrize("case", CASES)
def test_an_article_is_open_until_a_closing_rule_decides(case, schema):
    rules, annotations, is_open = case
    task = replace(annotated(TEXT), annotations=tuple(annotations))
    opened, findings = open_articles([task], rules, schema)
    assert ([item.task.article_id for item in opened], findings) == (["visit-01"] if is_open else [], [])


def test_each_annotator_is_weighed_once_and_reviews_are_not(schema):
    work = [
        by("lina", "b"),
        by("lina", "a"),
        by("omar"),
        by("omar", "r", adjudicates=("a",)),
        by("ali", cancelled=True),
    ]
    (found,), _ = open_articles([replace(annotated(TEXT), annotations=tuple(work))], PLAIN, schema)
    assert [annotation.id for annotation in found.task.annotations] == ["b", "omar"]


def test_several_ground_truths_are_an_error_that_names_them(schema):
    task = replace(annotated(TEXT), annotations=(by("lina", **TRUE), by("omar", **TRUE)))
    opened, (finding,) = open_articles([task], PLAIN, schema)
    assert opened == []
    assert (finding.code, finding.severity) == ("ground-truth-several", "error")
    assert "lina by lina, omar by omar" in finding.message


def test_a_review_is_no_reading_that_agreement_counts(schema):
    work = (by("lina"), by("omar"), by("omar", "r", adjudicates=("lina", "omar"), **TRUE))
    task = replace(annotated(TEXT), annotations=work)
    (compared,), findings = compared_articles([Stored("visit-01.json", "open", task)], schema)
    assert ([reading.annotator for reading in compared.readings], findings) == (["lina", "omar"], [])
    one = replace(task, annotations=(work[0], replace(work[2], adjudicates=("lina",))))
    assert compared_articles([Stored("visit-01.json", "open", one)], schema) == ([], [])


@pytest.mark.parametrize("rules", [["single"], ["majority"], ["majority", "ground_truth"], ["first", "ground_truth"]])
def test_rules_that_would_never_take_a_review_are_refused(rules):
    with pytest.raises(ConfigError, match="Put ground_truth before majority and first") as caught:
        check_rules(gold_rules(rules), "dataset.yaml")
    assert caught.value.where == "dataset.yaml"


@pytest.mark.parametrize("rules", ["ground_truth", "majority", "first", ["single", "ground_truth", "first"]])
def test_rules_that_take_a_review_pass(rules):
    check_rules(gold_rules(rules), "dataset.yaml")


def test_symmetric_relations_agree_in_either_direction_and_others_do_not(schema):
    symmetric = next(name for name, kind in schema.relations.items() if kind.symmetric)
    other = next(name for name, kind in schema.relations.items() if not kind.symmetric)
    task = annotated(TEXT)
    (first,) = task.annotations
    one = replace(
        first, annotator="lina", links=(Link("g", "h", "right", (symmetric,)), Link("p", "q", "right", (other,)))
    )
    two = replace(first, id="b", links=(Link("h", "g", "right", (symmetric,)), Link("q", "p", "right", (other,))))
    (found,), _ = open_articles([replace(task, annotations=(one, two))], PLAIN, schema)
    ids = {region.id: region.text for region in found.agreed.regions}
    assert [(ids[k.head], k.labels, ids[k.tail]) for k in found.agreed.links] == [("كالدونا", (symmetric,), "بورينا")]


LENGTH = len(annotated(TEXT).text)
SPANS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(1, 4), st.sampled_from(["PER", "GPE"])), max_size=6, unique=True
)


@st.composite
def annotations(draw, name):
    regions = tuple(
        Region(f"{name}{n}", start, start + size, (label,)) for n, (start, size, label) in enumerate(draw(SPANS))
    )
    ends = st.sampled_from([region.id for region in regions] or [""])
    drawn = draw(st.lists(st.tuples(ends, ends, st.sampled_from(["VISITED", "MET_WITH"])), max_size=4, unique=True))
    links = tuple(Link(head, tail, "right", (label,)) for head, tail, label in drawn if head != tail)
    return Annotation(name, name, regions, links=links)


@given(
    st.lists(st.sampled_from(["ali", "lina", "omar"]), min_size=2, unique=True).flatmap(
        lambda names: st.tuples(*map(annotations, names))
    )
)
def test_agreed_is_what_every_annotator_has(schema, work):
    def said(annotation):
        places = {region.id: (region.start, region.end, *region.labels) for region in annotation.regions}
        joined = set()
        for link in annotation.links:
            ends = (places[link.head], places[link.tail])
            joined.add((link.labels, frozenset(ends) if schema.relations[link.labels[0]].symmetric else ends))
        return set(places.values()), joined

    (found,), _ = open_articles([replace(annotated(TEXT), annotations=work)], PLAIN, schema)
    everybody = [said(annotation) for annotation in work]
    assert said(found.agreed) == tuple(set.intersection(*kind) for kind in zip(*everybody, strict=True))
    assert len(found.agreed.links) == len(said(found.agreed)[1])

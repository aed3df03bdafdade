"""Gold: which annotation it is by each rule, and what entities and relations it gives."""

from dataclasses import replace

import pytest
from corpus_texts import adding, annotated, region
from hypothesis import given
from hypothesis import strategies as st

from toolkit.annotation import Annotation, Link, Region, Task
from toolkit.corpus.adjudicate import Choice, choose, gold_of, merged
from toolkit.document import Document
from toolkit.gold_rules import gold_rules

TEXT = "زار {TITLE#t رئيس {GPE#w وادينا}} {PER#p رامي عوسج} {GPE#g كالدونا} مع {PER#q منى عقيق}، و{GPE#h بورينا} حليفة."


def gold(task, schema):
    return gold_of(task.annotations[0], "single", schema)


def triples(task, schema):
    """Head, label and tail of the gold relations, as the words they join."""
    found = gold(task, schema)
    words = {entity.id: task.text[entity.start : entity.end] for entity in found.entities}
    return [(words[r.head], r.label, words[r.tail]) for r in found.relations]


def by(name, id_="a", **flags):
    return Annotation(id_, name, **flags)


TRUE, SKIPPED = {"ground_truth": True}, {"cancelled": True}
CHOICES = [
    # rule, annotations, position of the chosen one and the name of its rule
    ("ground_truth", [], None),
    ("ground_truth", [by("x")], (0, "single")),
    ("ground_truth", [by("x", **TRUE)], (0, "ground_truth")),
    ("ground_truth", [by("x"), by("y", **TRUE)], (1, "ground_truth")),
    ("ground_truth", [by("x"), by("y")], None),
    ("ground_truth", [by("x", **TRUE), by("y", **TRUE)], None),
    ("ground_truth", [by("x", **SKIPPED), by("y")], (1, "single")),
    ("ground_truth", [by("x", **SKIPPED)], None),
    ("ground_truth", [by("x", **SKIPPED, **TRUE), by("y"), by("z")], None),
    ("ground_truth", [by("x", **SKIPPED, **TRUE), by("y", **TRUE), by("z")], (1, "ground_truth")),
    ("single", [by("x")], (0, "single")),
    ("single", [by("x"), by("y", **TRUE)], None),
    ("single", [by("x", **SKIPPED), by("y")], (1, "single")),
    ("single", [], None),
    ("first", [], None),
    ("first", [by("x", **SKIPPED)], None),
    ("first", [by("y"), by("x")], (1, "first of 2")),
    ("first", [by("y", "b"), by("y", "a"), by("z", "0")], (1, "first of 3")),
    ("first", [by("x"), by("y", **TRUE)], (1, "ground_truth")),
    ("first", [by("x"), by("z", **TRUE), by("y", **TRUE)], (2, "first of 3")),
    ("first", [by("x", **SKIPPED), by("y")], (1, "single")),
    # A list says what it says: nothing stands behind the names in it.
    (["ground_truth"], [by("x")], None),
    (["first"], [by("y"), by("x")], (1, "first of 2")),
    (["single", "ground_truth"], [by("x"), by("y", **TRUE)], (1, "ground_truth")),
    ([{"adjudicator": "y"}], [by("x"), by("y"), by("z")], (1, "adjudicator: y")),
    ([{"adjudicator": "y"}], [by("x"), by("y", **SKIPPED)], None),
    ([{"adjudicator": "y"}, "single"], [by("x"), by("y", **SKIPPED)], (0, "single")),
    ([{"adjudicator": "w"}, {"adjudicator": "y"}], [by("x", **TRUE), by("y")], (1, "adjudicator: y")),
    ([{"adjudicator": "y"}], [by("y", "1"), by("y", "3"), by("y", "2"), by("x")], (1, "adjudicator: y")),
    ([{"adjudicator": "y"}], [by("y", "1", **TRUE), by("y", "2")], (0, "adjudicator: y")),
    (["ground_truth", {"adjudicator": "y"}], [by("x", **TRUE), by("y")], (0, "ground_truth")),
    (["majority"], [by("x", **SKIPPED)], None),
]


@pytest.mark.parametrize(("rule", "annotations", "expected"), CHOICES)
def test_each_rule_chooses(rule, annotations, expected):
    chosen = choose(Task("a", "", "", 0, annotations=tuple(annotations)), gold_rules(rule))
    assert chosen == (expected and Choice((annotations[expected[0]],), expected[1]))


@given(order=st.permutations([by("x", "2"), by("x", "1"), by("w", "9", **SKIPPED), by("y", "0")]))
def test_the_order_in_the_file_decides_nothing(order):
    task = Task("a", "", "", 0, annotations=tuple(order))
    assert choose(task, gold_rules("first")) == Choice((by("x", "1"),), "first of 3")
    assert choose(task, gold_rules(["majority"])) == Choice((by("x", "2"), by("y", "0")), "majority of 2", by_vote=True)


def test_entities_have_ids_in_text_order_the_outer_first(schema):
    task = annotated(TEXT)
    shuffled = replace(task, annotations=(replace(task.annotations[0], regions=task.annotations[0].regions[::-1]),))
    for one in (task, shuffled):
        assert [(e.id, e.label, task.text[e.start : e.end]) for e in gold(one, schema).entities] == [
            ("e1", "TITLE", "رئيس وادينا"),
            ("e2", "GPE", "وادينا"),
            ("e3", "PER", "رامي عوسج"),
            ("e4", "GPE", "كالدونا"),
            ("e5", "PER", "منى عقيق"),
            ("e6", "GPE", "بورينا"),
        ]


def test_relations_have_ids_in_the_order_of_their_mentions(schema):
    links = ["q VISITED g", "p VISITED g", "p MET_WITH q", "p HOLDS_ROLE t"]
    for order in (links, links[::-1]):
        found = gold(annotated(TEXT, *order), schema)
        assert [(r.id, r.head, r.label, r.tail) for r in found.relations] == [
            ("r1", "e3", "HOLDS_ROLE", "e1"),
            ("r2", "e3", "VISITED", "e4"),
            ("r3", "e3", "MET_WITH", "e5"),
            ("r4", "e5", "VISITED", "e4"),
        ]


VISITED = ("رامي عوسج", "VISITED", "كالدونا")
TIES = ("كالدونا", "TIES_WITH", "بورينا")
CONFLICT = [("كالدونا", "CONFLICT_WITH", "بورينا"), ("بورينا", "CONFLICT_WITH", "كالدونا")]


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        (["p VISITED g"], [VISITED]),
        (["g VISITED p left"], [VISITED]),
        (["g CONFLICT_WITH h"], CONFLICT[:1]),
        (["g CONFLICT_WITH h left"], CONFLICT[1:]),
        (["g CONFLICT_WITH h bi"], CONFLICT),
        (["h CONFLICT_WITH g bi"], CONFLICT),
        (["g TIES_WITH h"], [TIES]),
        (["h TIES_WITH g"], [TIES]),
        (["g TIES_WITH h left"], [TIES]),
        (["g TIES_WITH h bi"], [TIES]),
        (["h TIES_WITH g bi", "g TIES_WITH h"], [TIES]),
        ([Link("g", "h", "right", ("TIES_WITH", "CONFLICT_WITH"))], [CONFLICT[0], TIES]),
        ([Link("g", "h", "right", ())], []),
        ([], []),
    ],
)
def test_directions_and_symmetric_relations(links, expected, schema):
    assert triples(annotated(TEXT, *links), schema) == expected


def test_a_region_with_several_labels_gives_an_entity_for_each(schema):
    task = annotated("وصل {PER#p رامي عوسج} إلى ميناء ريفاد")
    task = adding(task, region(task, "ميناء ريفاد", "LOC", "GPE", "FAC", id="x"))
    found = gold(task, schema)
    assert [(e.id, e.label) for e in found.entities] == [("e1", "PER"), ("e2", "FAC"), ("e3", "GPE"), ("e4", "LOC")]
    assert len({(e.start, e.end) for e in found.entities[1:]}) == 1


def test_a_relation_of_a_region_with_several_labels_joins_those_that_it_may(schema):
    task = annotated("وصل {PER#p رامي عوسج} إلى ميناء ريفاد")
    task = adding(task, region(task, "ميناء ريفاد", "ORG", "FAC", id="x"))

    def labels(*links):
        found = gold(adding(task, *links), schema)
        label = {entity.id: entity.label for entity in found.entities}
        return [(label[r.head], r.label, label[r.tail]) for r in found.relations]

    assert labels(Link("p", "x", "right", ("VISITED",))) == [("PER", "VISITED", "FAC")]
    assert labels(Link("x", "p", "left", ("WORKS_FOR",))) == [("PER", "WORKS_FOR", "ORG")]
    both = adding(task, region(task, "رامي", "ORG", "GPE", id="y"))
    found = gold(adding(both, Link("y", "x", "right", ("LOCATED_IN",))), schema)
    assert {(r.label, r.tail) for r in found.relations} == {("LOCATED_IN", found.entities[3].id)}
    assert len(found.relations) == 2


def test_of_two_labels_on_one_span_the_symmetric_head_is_the_first_by_name(schema):
    task = annotated("علاقات {NORP#a كالدونية} {NORP#b بورينية}")
    task = adding(task, region(task, "كالدونية", "GPE", id="c"))
    expected = [("e1", "TIES_WITH", "e2")]
    for link in ("a TIES_WITH c", "c TIES_WITH a", "a TIES_WITH c bi"):
        head, label, tail, *way = link.split()
        found = gold(adding(task, Link(head, tail, way[0] if way else "right", (label,))), schema)
        assert [(r.head, r.label, r.tail) for r in found.relations] == expected
        assert [entity.label for entity in found.entities[:2]] == ["GPE", "NORP"]


def test_what_has_no_label_is_counted(schema):
    task = annotated(TEXT, "p VISITED g", Link("p", "q", "right", ()), Link("p", "h", "bi", ()))
    task = adding(task, region(task, "حليفة"), Region("y", 0, 3, ()))
    found = gold(task, schema)
    assert (found.unlabelled_regions, found.unlabelled_links) == (2, 2)
    assert (len(found.entities), len(found.relations)) == (6, 1)
    assert (found.annotator, found.rule) == ("draft-1", "single")


NAMES = "abcdef"


@given(data=st.data())
def test_gold_is_a_document_and_its_order_does_not_depend_on_the_file(data, schema):
    spans = data.draw(st.lists(st.tuples(st.integers(0, 8), st.integers(1, 4)), min_size=1, max_size=6, unique=True))
    labels = st.lists(st.sampled_from(["PER", "GPE", "NORP"]), min_size=1, max_size=2, unique=True).map(tuple)
    regions = [Region(NAMES[n], start, start + size, data.draw(labels)) for n, (start, size) in enumerate(spans)]
    ends = st.sampled_from(NAMES[: len(regions)])
    kinds = st.lists(st.sampled_from(["MET_WITH", "TIES_WITH", "HEAD_OF"]), max_size=2).map(tuple)
    links = data.draw(
        st.lists(st.builds(Link, ends, ends, st.sampled_from(["right", "left", "bi"]), kinds), max_size=5)
    )
    first = gold_of(Annotation("1", "x", tuple(regions), links=tuple(links)), "single", schema)
    shuffled = Annotation(
        "1", "x", tuple(data.draw(st.permutations(regions))), links=tuple(data.draw(st.permutations(links)))
    )
    assert gold_of(shuffled, "single", schema) == first
    document = Document("d", "x" * 12, first.entities, first.relations)
    assert [e.id for e in document.entities] == [f"e{n}" for n in range(1, len(document.entities) + 1)]
    assert list(document.entities) == sorted(document.entities, key=lambda e: (e.start, -e.end, e.label))
    place = {entity.id: number for number, entity in enumerate(document.entities)}
    keys = [(place[r.head], place[r.tail], r.label) for r in document.relations]
    assert keys == sorted(set(keys))
    symmetric = [pair for *pair, label in keys if schema.relations[label].symmetric]
    assert all(head <= tail for head, tail in symmetric)


def test_gold_needs_no_text(schema):
    task = replace(annotated(TEXT, "p VISITED g"), text=None)
    assert len(gold(task, schema).entities) == 6


NAMED = ("lina", "omar", "zayd", "hana")


def voted(schema, *readings, rules=("majority",)):
    """The gold of annotators who read one text, each as markup and links; what is kept, in words."""
    tasks = [annotated(markup, *links) for markup, *links in readings]
    assert len({task.text for task in tasks}) == 1
    annotations = [
        replace(task.annotations[0], id=str(n), annotator=name)
        for n, (task, name) in enumerate(zip(tasks, NAMED, strict=False))
    ]
    task = replace(tasks[0], annotations=tuple(annotations))
    choice = choose(task, gold_rules(rules))
    found = gold_of(merged(choice, schema), choice.rule, schema)
    words = {entity.id: task.text[entity.start : entity.end] for entity in found.entities}
    kept = [(entity.label, words[entity.id]) for entity in found.entities]
    return found.rule, kept, [(words[r.head], r.label, words[r.tail]) for r in found.relations]


def test_the_majority_keeps_what_more_than_half_have(schema):
    rule, spans, relations = voted(
        schema,
        ("زارت {PER#p سلمى الراوي} {GPE#g ريفاد} و{GPE#h لمارة}", "p VISITED g", "g TIES_WITH h"),
        ("زارت {PER#p سلمى} الراوي {GPE#g ريفاد} و{GPE#h لمارة}", "p VISITED g", "h TIES_WITH g"),
        ("زارت {PER#p سلمى الراوي} {LOC#g ريفاد} {GPE#h ولمارة}", "p VISITED g", "p VISITED h"),
    )
    assert rule == "majority of 3"
    assert spans == [("PER", "سلمى الراوي"), ("GPE", "ريفاد"), ("GPE", "لمارة")]
    assert relations == [("ريفاد", "TIES_WITH", "لمارة")]


def test_half_is_no_majority(schema):
    whole = ("زارت {PER#p سلمى} {GPE#g ريفاد}", "p VISITED g")
    spans = [("PER", "سلمى"), ("GPE", "ريفاد")]
    assert voted(schema, whole) == ("majority of 1", spans, [("سلمى", "VISITED", "ريفاد")])
    assert voted(schema, whole, ("زارت {PER#p سلمى} ريفاد",)) == ("majority of 2", spans[:1], [])
    four = voted(schema, whole, whole, ("زارت {PER#p سلمى} ريفاد",), ("زارت سلمى {GPE#g ريفاد}",))
    assert four == ("majority of 4", spans, [])


def test_an_annotator_has_one_vote(schema):
    task = annotated("زارت {PER سلمى} ريفاد")
    one, other = task.annotations[0], annotated("زارت سلمى {GPE ريفاد}").annotations[0]
    annotations = (replace(one, id="1"), replace(one, id="2"), replace(other, annotator="omar"))
    choice = choose(replace(task, annotations=annotations), gold_rules("majority"))
    assert choice.rule == "majority of 2"
    assert merged(choice, schema).regions == ()


def test_a_region_with_several_labels_is_voted_on_label_by_label(schema):
    task = annotated("ميناء ريفاد القديم")
    first = adding(task, region(task, "ميناء ريفاد", "FAC", "LOC", id="x")).annotations[0]
    second = adding(task, region(task, "ميناء ريفاد", "GPE", "FAC", id="y")).annotations[0]
    task = replace(task, annotations=(first, replace(second, annotator="omar", id="2")))
    (kept,) = merged(choose(task, gold_rules(["majority"])), schema).regions
    assert (kept.labels, kept.text) == (("FAC",), "ميناء ريفاد")


@given(order=st.permutations(range(3)))
def test_the_majority_does_not_depend_on_the_order_of_annotations(order, schema):
    markup = ["{PER#p سلمى} في {GPE#g ريفاد}", "{PER#p سلمى} في {LOC#g ريفاد}", "{ORG#p سلمى} في {GPE#g ريفاد}"]
    annotations = [
        replace(annotated(text, "p VISITED g").annotations[0], annotator=name)
        for text, name in zip(markup, NAMED, strict=False)
    ]
    shuffled = Task("a", "", "", 0, annotations=tuple(annotations[n] for n in order))
    expected = merged(choose(Task("a", "", "", 0, annotations=tuple(annotations)), gold_rules("majority")), schema)
    assert merged(choose(shuffled, gold_rules("majority")), schema) == expected
    assert [r.labels for r in expected.regions] == [("PER",), ("GPE",)]

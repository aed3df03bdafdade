"""Relations against a count of its own: sets of tuples, one by one."""

from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from marked_text import marked
from result_schema import checked

from toolkit.document import Document, Entity, Relation
from toolkit.errors import DataError
from toolkit.evaluation.predictions.prediction import Prediction, Predictions
from toolkit.evaluation.scoring.counts import Counts
from toolkit.evaluation.scoring.relations import Linked, count_relations
from toolkit.evaluation.scoring.result import DatasetName, evaluate
from toolkit.models.predictor import Pair, Span
from toolkit.schema import Schema
from toolkit.tokens import TOKENIZER

NAME = DatasetName("composed", "1.0.0", "0" * 64, "test", TOKENIZER)
KINDS = ["MET_WITH", "HEAD_OF", "TIES_WITH", "VISITED", "NOT_DECLARED"]


def scored(documents: list[Document], found: list[Prediction], schema: Schema, **more: Any) -> dict[str, Any]:
    return checked(evaluate(documents, Predictions({p.id: p for p in found}, {"name": "x"}), schema, NAME, **more))


def drawn(random: Random, number: int) -> tuple[Document, Prediction]:
    """Spans among few places, so that they often are equal but for a label, and relations between them."""

    def spans() -> list[tuple[int, int, str]]:
        return sorted({(a := random.randint(0, 2) * 3, a + 2, random.choice(["PER", "GPE"])) for _ in range(4)})

    def pairs(size: int) -> list[tuple[str, int, int]]:
        return [(random.choice(KINDS), random.randrange(size), random.randrange(size)) for _ in range(8)]

    gold, predicted = spans(), spans()
    entities = tuple(Entity(*span, f"e{place}") for place, span in enumerate(gold))
    kinds = [link for link in pairs(len(gold)) if link[0] != "NOT_DECLARED"]
    relations = tuple(Relation(f"r{n}", label, f"e{h}", f"e{t}") for n, (label, h, t) in enumerate(kinds))
    links = tuple(Pair(head, tail, label) for label, head, tail in pairs(len(predicted)))
    name = f"d{number:03d}"
    return (
        Document(name, "اب جد هو زح", entities, relations),
        Prediction(name, tuple(Span(*span) for span in predicted), relations=links),
    )


def by_hand(cases: list[tuple[Document, Prediction]], criterion: str) -> Counter[tuple[str, str]]:
    """Right, predicted and gold relations by label, told apart by nothing but comparing written-out relations."""
    found: Counter[tuple[str, str]] = Counter()

    def written(kind: str, head: tuple[int, int, str], tail: tuple[int, int, str]) -> str:
        ends = [f"{s}-{e}{f':{name}' if criterion == 'strict' else ''}" for s, e, name in (head, tail)]
        if kind in ("MET_WITH", "TIES_WITH"):
            ends.sort()
        return f"{kind} {ends[0]} {ends[1]}"

    for document, prediction in cases:
        places = {e.id: (e.start, e.end, e.label) for e in document.entities}
        wanted = {written(r.label, places[r.head], places[r.tail]) for r in document.relations}
        spans = [(s.start, s.end, s.label) for s in prediction.spans]
        given = {written(p.label, spans[p.head], spans[p.tail]) for p in prediction.relations or ()}
        for name, side in (("gold", wanted), ("pred", given), ("tp", wanted & given)):
            found.update((one.split()[0], name) for one in side)
    return found


def test_relations_agree_with_counting_by_hand(schema: Schema) -> None:
    random = Random(41)
    cases = [drawn(random, number) for number in range(200)]
    result = scored([document for document, _ in cases], [prediction for _, prediction in cases], schema)
    for criterion in ("strict", "boundaries"):
        block = result["relations"][criterion]
        assert set(block["labels"]) == set(schema.relations)
        expected = by_hand(cases, criterion)
        for name in ("tp", "pred", "gold"):
            assert block["micro"][name] == sum(number for (_, each), number in expected.items() if each == name)
            assert all(score[name] == expected[label, name] for label, score in block["labels"].items())
        tables = [document["relations"][criterion] for document in result["documents"].values()]
        sums = [sum(counts[place] for table in tables for counts in table.values()) for place in range(3)]
        assert sums == [block["micro"][key] for key in ("tp", "pred", "gold")]
        assert block["micro"]["tp"] > 20 and block["micro"]["interval"] is not None
    strict, boundaries = (result["relations"][criterion]["micro"]["tp"] for criterion in ("strict", "boundaries"))
    assert strict < boundaries
    assert result["unknown_labels"]["relations"]["NOT_DECLARED"] > 20
    assert result["cleaned"]["prediction"]["duplicate_relations"] > 0 and result["relations"]["given"] is None


A, B, C = (0, 2, "PER"), (3, 5, "PER"), (3, 5, "GPE")


def test_symmetric_relations_are_equal_either_way_round_and_others_are_not() -> None:
    turned = [Linked("MET", A, B)], [Linked("MET", B, A)]
    assert count_relations(*turned, {"MET"}).strict == {"MET": Counts(1, 1, 1)}
    assert count_relations(*turned, ()).strict == {"MET": Counts(0, 1, 1)}
    doubled = count_relations([Linked("MET", A, B), Linked("MET", B, A)], [], {"MET"})
    assert (doubled.strict, doubled.gold_duplicates) == ({"MET": Counts(0, 0, 1)}, 1)


def test_boundaries_forgives_the_labels_of_the_arguments_alone() -> None:
    found = count_relations([Linked("IN", A, B)], [Linked("IN", A, C), Linked("AT", A, B)], ())
    assert found.strict == {"AT": Counts(0, 1, 0), "IN": Counts(0, 1, 1)}
    assert found.boundaries == {"AT": Counts(0, 1, 0), "IN": Counts(1, 1, 1)}


def with_relations(document: Document, *links: tuple[str, int, int]) -> Document:
    ids = [entity.id for entity in document.entities]
    relations = tuple(Relation(f"r{n}", label, ids[h], ids[t]) for n, (label, h, t) in enumerate(links))
    return replace(document, relations=relations)


DOCUMENT = with_relations(marked("a", "زار {PER سامي} {GPE حلب} مع {PER نورا}."), ("VISITED", 0, 1), ("MET_WITH", 0, 2))


def spans_of(document: Document) -> tuple[Span, ...]:
    return tuple(Span(e.start, e.end, e.label) for e in document.entities)


def test_arguments_are_cleaned_as_mentions_are(schema: Schema) -> None:
    wide = tuple(Span(s.start - 1, s.end + 1, s.label) for s in spans_of(DOCUMENT)[:2])
    result = scored([DOCUMENT], [Prediction("a", wide, relations=(Pair(0, 1, "VISITED"),))], schema)
    assert result["relations"]["strict"]["labels"]["VISITED"]["f1"] == 1.0
    assert result["cleaned"]["prediction"] == {"trimmed": 2}


def test_a_model_without_relations_is_not_scored_on_them(schema: Schema) -> None:
    assert scored([DOCUMENT], [Prediction("a", spans_of(DOCUMENT))], schema)["relations"] is None
    none_found = scored([DOCUMENT], [Prediction("a", (), relations=())], schema)["relations"]
    assert (none_found["strict"]["micro"]["f1"], none_found["strict"]["micro"]["gold"]) == (0.0, 2)


def test_given_mentions_leave_numbers_for_relations_alone(schema: Schema) -> None:
    pairs = (Pair(0, 1, "VISITED"), Pair(2, 0, "MET_WITH"), Pair(1, 2, "VISITED"))
    prediction = Prediction("a", spans_of(DOCUMENT), relations=pairs)
    result = scored([DOCUMENT], [prediction], schema, gold_entities=True)
    relations = result["relations"]
    assert relations["strict"] is None and relations["boundaries"] is None
    assert [relations["given"]["micro"][key] for key in ("precision", "recall", "tp")] == [2 / 3, 1.0, 2]
    assert "|entities:gold|" in result["signature"]
    for view in ("word", "char", "clitic"):
        micro = result["scores"][view]["micro"]
        assert (micro["f1"], micro["interval"], micro["tp"], micro["gold"]) == (None, None, 3, 3)
    assert result["seqeval"]["strict"]["micro"] is None and result["partial_credit"]["type"]["f1"] is None
    assert result["collections"][""]["char"]["recall"] is None and result["lengths"]["1"]["f1"] is None


def test_given_mentions_must_be_the_gold_ones(schema: Schema) -> None:
    less = Prediction("a", spans_of(DOCUMENT)[:2], relations=(Pair(0, 1, "VISITED"),))
    with pytest.raises(DataError, match="not given the gold mentions of document a: 1 of them are not predicted"):
        scored([DOCUMENT], [less], schema, gold_entities=True)
    with pytest.raises(DataError, match="the predictions have no relations"):
        scored([DOCUMENT], [Prediction("a", spans_of(DOCUMENT))], schema, gold_entities=True)

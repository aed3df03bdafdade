"""What each annotator read in an article, ready to be compared: mentions and relations as plain values."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from toolkit.annotation import Annotation
from toolkit.corpus.adjudicate import LabelledSpan, gold_of, one_each, own_work
from toolkit.corpus.store import Stored
from toolkit.findings import Finding, Severity
from toolkit.schema import Schema
from toolkit.tokens import Span


class Joined(NamedTuple):
    """A relation by the spans that it joins; of a symmetric one the earlier span is the head."""

    label: str
    head: Span
    tail: Span


@dataclass(frozen=True, slots=True)
class Reading:
    """One annotator's mentions and relations in one article."""

    annotator: str
    spans: frozenset[LabelledSpan]
    relations: frozenset[Joined]


@dataclass(frozen=True, slots=True)
class Compared:
    """An article that two or more annotators read, with their readings by name; `text` is None where not at hand."""

    id: str
    path: str
    collection: str
    text: str | None
    readings: tuple[Reading, ...]


def compared_articles(
    stored: Sequence[Stored], schema: Schema, only: Collection[str] = ()
) -> tuple[list[Compared], list[Finding]]:
    """The articles with submitted annotations by two or more annotators (of those in `only`, if it names any).

    Where an annotator has several on an article, the one marked as ground truth counts, else the last by id, and a
    finding says so. A review is no reading of its own: whoever made it saw the others. Needs annotations that passed
    `validate`.
    """
    compared: list[Compared] = []
    findings: list[Finding] = []
    for item in stored:
        submitted = [a for a in own_work(item.task) if not only or a.annotator in only]
        counting = one_each(submitted)
        for chosen in counting:
            several = sum(annotation.annotator == chosen.annotator for annotation in submitted)
            if several > 1:
                what = f"{chosen.annotator} has {several} annotations of the article; this one counts for agreement"
                findings.append(Finding("annotator-twice", Severity.NOTE, item.path, what, chosen.id))
        if len(counting) > 1:
            readings = tuple(reading_of(annotation, schema) for annotation in counting)
            compared.append(Compared(item.task.article_id, item.path, item.collection, item.task.text, readings))
    return compared, findings


def reading_of(annotation: Annotation, schema: Schema) -> Reading:
    """An annotation as values: the same mentions and relations as the gold that it would give."""
    gold = gold_of(annotation, "", schema)
    spans = {entity.id: (entity.start, entity.end) for entity in gold.entities}
    relations = set()
    for relation in gold.relations:
        head, tail = spans[relation.head], spans[relation.tail]
        kind = schema.relations.get(relation.label)
        if kind is not None and kind.symmetric:
            head, tail = sorted((head, tail))
        relations.add(Joined(relation.label, head, tail))
    labelled = frozenset((entity.start, entity.end, entity.label) for entity in gold.entities)
    return Reading(annotation.annotator, labelled, frozenset(relations))

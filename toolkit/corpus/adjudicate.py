"""From what annotators did to what is gold: the annotation of a task that the configured rules choose,
or what the majority of its annotators have, as entities and relations."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from toolkit.annotation import Annotation, Link, Region, Task
from toolkit.document import Entity, Relation
from toolkit.gold_rules import GoldRule
from toolkit.schema import Schema

# start, end, label
LabelledSpan = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Gold:
    """The gold of an article and the rule that chose it, with the counts of what a document cannot hold."""

    annotator: str
    rule: str
    entities: tuple[Entity, ...]
    relations: tuple[Relation, ...]
    unlabelled_regions: int = 0
    unlabelled_links: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """What a rule decided for: one annotation, or those that vote. `rule` is what the document records."""

    annotations: tuple[Annotation, ...]
    rule: str
    by_vote: bool = False


def choose(task: Task, rules: Sequence[GoldRule]) -> Choice | None:
    """What the first rule that can decide decided; None where none can. Skipped annotations are never gold."""
    submitted = [annotation for annotation in task.annotations if not annotation.cancelled]
    for rule in rules:
        found = _decide(rule, submitted)
        if found is not None:
            return found
    return None


def _decide(rule: GoldRule, submitted: Sequence[Annotation]) -> Choice | None:
    """What one rule decides. The name of `majority` and `first` tells among how many."""
    if not submitted:
        return None
    match rule.kind:
        case "ground_truth":
            found = [annotation for annotation in submitted if annotation.ground_truth]
        case "adjudicator":
            found = one_each(a for a in submitted if a.annotator == rule.annotator)
        case "single":
            found = list(submitted)
        case "majority":
            voters = one_each(submitted)
            return Choice(tuple(voters), f"majority of {len(voters)}", by_vote=True)
        case "first":
            first = min(submitted, key=lambda a: (not a.ground_truth, a.annotator, a.id))
            return Choice((first,), f"first of {len(submitted)}")
    return Choice((found[0],), str(rule)) if len(found) == 1 else None


def own_work(task: Task) -> list[Annotation]:
    """The submitted annotations that somebody made without seeing the others': no skipped ones, no reviews."""
    return [annotation for annotation in task.annotations if not annotation.cancelled and not annotation.adjudicates]


def one_each(annotations: Iterable[Annotation]) -> list[Annotation]:
    """The annotation of each annotator that counts, by name: the one marked as ground truth, else the last by id."""
    counting: dict[str, Annotation] = {}
    for annotation in sorted(annotations, key=lambda a: (a.ground_truth, a.id)):
        counting[annotation.annotator] = annotation
    return [counting[name] for name in sorted(counting)]


def merged(choice: Choice, schema: Schema) -> Annotation:
    """A choice as one annotation: the chosen one, or what more than half of the voters have."""
    if not choice.by_vote:
        return choice.annotations[0]
    return shared(choice.annotations, len(choice.annotations) // 2 + 1, choice.rule, schema)


def shared(annotations: Sequence[Annotation], enough: int, id_: str, schema: Schema) -> Annotation:
    """What at least `enough` annotators have, each with one annotation here, as an annotation of this id.

    A mention is the same with equal span and label, a relation with equal label, head and tail, in either direction
    where it is symmetric. Needs annotations that passed `validate`.
    """
    spans: Counter[LabelledSpan] = Counter()
    relations: Counter[tuple[LabelledSpan, LabelledSpan, str]] = Counter()
    regions: dict[LabelledSpan, Region] = {}
    for annotation in annotations:
        gold = gold_of(annotation, id_, schema)
        by_id = {entity.id: (entity.start, entity.end, entity.label) for entity in gold.entities}
        spans.update(set(by_id.values()))
        relations.update({(by_id[r.head], by_id[r.tail], r.label) for r in gold.relations})
        for region in annotation.regions:
            for label in region.labels:
                regions.setdefault((region.start, region.end, label), region)
    kept = {span: f"m{n}" for n, span in enumerate(sorted(s for s, votes in spans.items() if votes >= enough), 1)}
    return Annotation(
        id_,
        ", ".join(annotation.annotator for annotation in annotations),
        tuple(replace(regions[span], id=new, labels=(span[2],)) for span, new in kept.items()),
        links=tuple(
            Link(kept[head], kept[tail], "right", (label,))
            for (head, tail, label), votes in sorted(relations.items())
            if votes >= enough  # whoever has a relation has its mentions, so both are kept
        ),
    )


def gold_of(annotation: Annotation, rule: str, schema: Schema) -> Gold:
    """An annotation as entities and relations with ids e1, e2 … and r1, r2 … in text order.

    A region with several labels gives an entity for each. `left` swaps the ends; `bi` gives both directions; a
    symmetric relation is stored once, the earlier mention as head. Needs an annotation that passed `validate`.
    """
    spans = sorted(
        (region.start, -region.end, label, region.id) for region in annotation.regions for label in region.labels
    )
    entities = tuple(
        Entity(start, -minus_end, label, f"e{number}") for number, (start, minus_end, label, _) in enumerate(spans, 1)
    )
    by_region: dict[str, list[Entity]] = {}
    for (_, _, _, region_id), entity in zip(spans, entities, strict=True):
        by_region.setdefault(region_id, []).append(entity)
    triples = {triple for link in annotation.links for triple in _triples(link, by_region, schema)}
    position = {entity.id: place for place, entity in enumerate(entities)}
    ordered = sorted(triples, key=lambda triple: (position[triple[0]], position[triple[1]], triple[2]))
    relations = tuple(Relation(f"r{n}", label, head, tail) for n, (head, tail, label) in enumerate(ordered, 1))
    bare_regions = sum(not region.labels for region in annotation.regions)
    bare_links = sum(not link.labels for link in annotation.links)
    return Gold(annotation.annotator, rule, entities, relations, bare_regions, bare_links)


def _triples(link: Link, by_region: dict[str, list[Entity]], schema: Schema) -> Iterator[tuple[str, str, str]]:
    """(head id, tail id, label) of a link, for every label and every pair of entities that its labels allow."""
    ends = [(link.head, link.tail)] if link.direction != "left" else [(link.tail, link.head)]
    if link.direction == "bi":
        ends.append((link.tail, link.head))
    for label in link.labels:
        kind = schema.relations.get(label)
        for head_region, tail_region in ends:
            pairs = [(h, t) for h in by_region.get(head_region, []) for t in by_region.get(tail_region, [])]
            allowed = [(h, t) for h, t in pairs if kind is None or kind.allows(h.label, t.label)]
            for head, tail in allowed or pairs:
                if kind is not None and kind.symmetric and _place(tail) < _place(head):
                    head, tail = tail, head
                yield head.id, tail.id, label


def _place(entity: Entity) -> tuple[int, int, str]:
    return entity.start, -entity.end, entity.label

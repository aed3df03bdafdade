"""From what annotators did to what is gold: one annotation of a task chosen by the configured rule, as a Document."""

from collections.abc import Iterator
from dataclasses import dataclass

from toolkit.annotation import Annotation, Link, Task
from toolkit.document import Entity, Relation
from toolkit.schema import Schema


@dataclass(frozen=True, slots=True)
class Gold:
    """The gold of an article and the rule that chose it, with the counts of what a document cannot hold."""

    annotator: str
    rule: str
    entities: tuple[Entity, ...]
    relations: tuple[Relation, ...]
    unlabelled_regions: int = 0
    unlabelled_links: int = 0


def choose(task: Task, rule: str) -> tuple[Annotation, str] | None:
    """The gold annotation and the name of the rule that found it; None where the rule cannot decide.

    `ground_truth`: the one marked as such, else the only one. `single`: the only one. `first`: the one marked, else
    the first by annotator and id. Skipped annotations are never gold.
    """
    submitted = [annotation for annotation in task.annotations if not annotation.cancelled]
    marked = [annotation for annotation in submitted if annotation.ground_truth]
    if rule != "single" and len(marked) == 1:
        return marked[0], "ground_truth"
    if len(submitted) == 1:
        return submitted[0], "single"
    if rule == "first" and submitted:
        return min(submitted, key=lambda a: (not a.ground_truth, a.annotator, a.id)), f"first of {len(submitted)}"
    return None


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

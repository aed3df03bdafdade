"""What a result tells beside its scores: documents one by one, and everything that was lost, changed or unknown."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from toolkit.evaluation.scoring.counts import LabelCounts, add
from toolkit.evaluation.scoring.judge import Judged
from toolkit.evaluation.scoring.label_maps import NamedMap
from toolkit.evaluation.scoring.relations import RelationCounts
from toolkit.findings import Finding, Severity
from toolkit.schema import Schema

Json = dict[str, Any]
_SIDES = ("gold", "prediction")


def accounts_json(judged: Sequence[Judged]) -> Json:
    """What the word view could not hold, the map left out and the clean-up changed: nothing goes missing unseen."""
    return {
        "losses": {
            side: _by_reason(table for each in judged for table in (each.losses[side], each.sides[side].mapped))
            for side in _SIDES
        },
        "cleaned": {side: _by_reason(_changes(each, side) for each in judged) for side in _SIDES},
        "joined_sentences": sum(each.joined for each in judged),
        "unopened_spans": sum(each.unopened for each in judged),
        "counts": _by_reason(each.counts for each in judged),
    }


def unknown_labels(judged: Sequence[Judged], schema: Schema) -> Json:
    """Predicted labels that are not scored ones, by view, each with its number of spans: all of them are wrong."""
    tables = {view: add(each.views[view] for each in judged) for view in ("word", "char")}
    found = {view: _unknown(table, schema.entities) for view, table in tables.items()}
    relations = _unknown(add(each.relations.strict for each in judged), schema.relations)
    return {**found, "relations": relations} if relations else found


def unmapped_findings(judged: Iterable[Judged], label_map: NamedMap | None) -> list[Finding]:
    """A warning for each predicted label that the map does not name."""
    if label_map is None:
        return []
    numbers = _by_reason(each.sides["prediction"].unmapped for each in judged)
    return [
        Finding(
            "unmapped-label",
            Severity.WARNING,
            f"label map {label_map.name}",
            f"does not name {label}, which {number} predicted spans have; they count as wrong",
        )
        for label, number in sorted(numbers.items())
    ]


def document_json(judged: Judged, *, with_relations: bool) -> Json:
    """A document's counts per view and label (right, predicted, gold), and the places of its exact errors."""
    return {
        "collection": judged.collection,
        "characters": judged.characters,
        "seen": judged.seen,
        "predicted": judged.is_predicted,
        **{view: _counts(table) for view, table in judged.views.items()},
        "relations": _relations(judged.relations) if with_relations else None,
        "missed": [list(span) for span in judged.matched.missed],
        "spurious": [list(span) for span in judged.matched.spurious],
    }


def _counts(table: LabelCounts) -> dict[str, list[int]]:
    return {label: list(numbers) for label, numbers in table.items()}


def _relations(counts: RelationCounts) -> Json:
    return {"strict": _counts(counts.strict), "boundaries": _counts(counts.boundaries)}


def _unknown(table: LabelCounts, known: Mapping[str, Any]) -> dict[str, int]:
    return {label: number.predicted for label, number in table.items() if label not in known}


def _changes(judged: Judged, side: str) -> Mapping[str, int]:
    relations = judged.relations
    doubled = relations.gold_duplicates if side == "gold" else relations.predicted_duplicates
    return {**judged.sides[side].changes, "duplicate_relations": doubled}


def _by_reason(tables: Iterable[Mapping[Any, int]]) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for table in tables:
        for reason, number in table.items():
            if number:
                sums[str(reason)] += number
    return dict(sums)

"""Relations of a document, counted by the criteria of the field (Bekoulis et al. 2018; Taillé et al. 2020).

Strict asks for the relation's label, both arguments' extents and both arguments' labels; boundaries forgives the
arguments' labels. A relation that is declared symmetric is the same either way round.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from toolkit.evaluation.scoring.cleaning import Labelled
from toolkit.evaluation.scoring.counts import LabelCounts, count


class Linked(NamedTuple):
    """A relation between two cleaned spans."""

    label: str
    head: Labelled
    tail: Labelled


@dataclass(frozen=True, slots=True)
class RelationCounts:
    """Counts by relation label under each criterion, and how many relations stood more than once on each side."""

    strict: LabelCounts = field(default_factory=dict)
    boundaries: LabelCounts = field(default_factory=dict)
    gold_duplicates: int = 0
    predicted_duplicates: int = 0


def count_relations(
    gold: Collection[Linked], predicted: Collection[Linked], symmetric: Collection[str]
) -> RelationCounts:
    """The counts of a document's relations. Equal ones count once; so do those that only a symmetric label makes equal.

    Under boundaries, relations that differ in the labels of their arguments alone are one.
    """
    if not gold and not predicted:
        return RelationCounts()
    strict = [_keys(side, symmetric, with_labels=True) for side in (gold, predicted)]
    boundaries = [_keys(side, symmetric, with_labels=False) for side in (gold, predicted)]
    return RelationCounts(
        count(*strict), count(*boundaries), len(gold) - len(strict[0]), len(predicted) - len(strict[1])
    )


def _keys(side: Iterable[Linked], symmetric: Collection[str], *, with_labels: bool) -> set[tuple[object, str]]:
    found: set[tuple[object, str]] = set()
    for label, *ends in side:
        arguments = ends if with_labels else [end[:2] for end in ends]
        found.add((tuple(sorted(arguments) if label in symmetric else arguments), label))
    return found

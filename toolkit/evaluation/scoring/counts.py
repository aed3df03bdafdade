"""Counts of right, predicted and gold spans: what every score is made of, and what may be added up and resampled."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import NamedTuple


class Counts(NamedTuple):
    """Right spans, predicted spans, gold spans."""

    tp: int = 0
    predicted: int = 0
    gold: int = 0

    @property
    def is_defined(self) -> bool:
        """Whether there is anything to score: a gold span or a predicted one."""
        return self.predicted > 0 or self.gold > 0

    @property
    def precision(self) -> float:
        """Right of predicted; 0 where nothing was predicted."""
        return self.tp / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Right of gold; 0 where nothing is gold."""
        return self.tp / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.tp / (self.predicted + self.gold) if self.is_defined else 0.0


LabelCounts = Mapping[str, Counts]


def count(gold: Iterable[tuple[Hashable, str]], predicted: Iterable[tuple[Hashable, str]]) -> dict[str, Counts]:
    """Counts by label of `(extent, label)` spans; a predicted span is right where extent and label are equal."""
    gold, predicted = set(gold), set(predicted)
    golds, all_predicted, right = (Counter(label for _, label in s) for s in (gold, predicted, gold & predicted))
    labels = sorted(golds.keys() | all_predicted.keys())
    return {label: Counts(right[label], all_predicted[label], golds[label]) for label in labels}


def add(tables: Iterable[LabelCounts]) -> dict[str, Counts]:
    """The sum of several tables by label."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for table in tables:
        for label, counts in table.items():
            for place, number in enumerate(counts):
                sums[label][place] += number
    return {label: Counts(*sums[label]) for label in sorted(sums)}


def total(table: LabelCounts) -> Counts:
    """All labels together: what micro averages are of."""
    return Counts(*(sum(column) for column in zip(*table.values(), strict=True))) if table else Counts()

"""Which spans of gold and prediction are equal: the exact view, and what every diagnosis starts from."""

from collections.abc import Iterable
from typing import NamedTuple

from toolkit.evaluation.scoring.cleaning import Labelled


class Match(NamedTuple):
    """The spans of a document that both sides have, those of gold alone and those of the prediction alone; sorted."""

    right: tuple[Labelled, ...]
    missed: tuple[Labelled, ...]
    spurious: tuple[Labelled, ...]

    @property
    def gold(self) -> tuple[Labelled, ...]:
        """All gold spans."""
        return self.right + self.missed

    @property
    def predicted(self) -> tuple[Labelled, ...]:
        """All predicted spans."""
        return self.right + self.spurious


def match(gold: Iterable[Labelled], predicted: Iterable[Labelled]) -> Match:
    """Cleaned spans of a document, matched by equal extent and label; each counts once."""
    golds, predictions = set(gold), set(predicted)
    right = golds & predictions
    return Match(*(tuple(sorted(spans)) for spans in (right, golds - right, predictions - right)))

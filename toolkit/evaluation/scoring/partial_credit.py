"""Partial credit in the four ways of SemEval-2013 task 9.1 (Segura-Bedmar, Martínez and Herrero-Zazo 2013).

`strict` wants extent and label, `exact` the extent, `partial` the extent or half of it for one that overlaps, `type`
the label on an extent that overlaps. All four are read from one pairing of mentions, that of the error table.
"""

from collections.abc import Mapping
from typing import NamedTuple

from toolkit.evaluation.scoring.diagnosis import Kind


class Credit(NamedTuple):
    """Pairs that are right, wrong and half right, and gold mentions and predictions without a counterpart."""

    correct: int
    incorrect: int
    partial: int
    missed: int
    spurious: int

    @property
    def possible(self) -> int:
        """Gold mentions."""
        return self.correct + self.incorrect + self.partial + self.missed

    @property
    def actual(self) -> int:
        """Predicted mentions."""
        return self.correct + self.incorrect + self.partial + self.spurious

    @property
    def precision(self) -> float | None:
        """Credit by predicted mention, a half for a partial one; None where there is none."""
        return (self.correct + self.partial / 2) / self.actual if self.actual else None

    @property
    def recall(self) -> float | None:
        """Credit by gold mention, a half for a partial one; None where there is none."""
        return (self.correct + self.partial / 2) / self.possible if self.possible else None

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall; None where there is no mention at all."""
        mentions = self.possible + self.actual
        return (2 * self.correct + self.partial) / mentions if mentions else None

    def as_json(self) -> dict[str, int | float | None]:
        """The counts, their sums and the three scores."""
        names = ("possible", "actual", "precision", "recall", "f1")
        return {**self._asdict(), **{name: getattr(self, name) for name in names}}


def partial_credit(kinds: Mapping[Kind, int]) -> dict[str, Credit]:
    """The credit by scheme for the counts of an error table. A clitic boundary is a boundary here."""
    equal, label, both = (kinds.get(kind, 0) for kind in (Kind.CORRECT, Kind.LABEL, Kind.BOUNDARY_AND_LABEL))
    boundary = kinds.get(Kind.BOUNDARY, 0) + kinds.get(Kind.CLITIC_BOUNDARY, 0)
    alone = (kinds.get(Kind.MISSED, 0), kinds.get(Kind.SPURIOUS, 0))
    return {
        "strict": Credit(equal, label + boundary + both, 0, *alone),
        "exact": Credit(equal + label, boundary + both, 0, *alone),
        "partial": Credit(equal + label, 0, boundary + both, *alone),
        "type": Credit(equal + boundary, label + both, 0, *alone),
    }

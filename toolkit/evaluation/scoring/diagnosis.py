"""What is wrong with each mention: every gold mention and every predicted one under exactly one kind of error."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from toolkit.alignment import align, extent_first
from toolkit.evaluation.scoring.cleaning import Labelled
from toolkit.evaluation.scoring.clitics import differ_by_proclitics
from toolkit.evaluation.scoring.matching import Match


class Kind(StrEnum):
    """What became of a mention, in the order of reports."""

    CORRECT = "correct"
    LABEL = "label"
    BOUNDARY = "boundary"
    CLITIC_BOUNDARY = "clitic_boundary"
    BOUNDARY_AND_LABEL = "boundary_and_label"
    MISSED = "missed"
    SPURIOUS = "spurious"


class Error(NamedTuple):
    """A gold mention and the prediction that answers it wrongly; None where one stands alone."""

    kind: Kind
    gold: Labelled | None
    predicted: Labelled | None

    @property
    def labels(self) -> tuple[str, str]:
        """The gold label and the predicted one; "" for no mention."""
        return self.gold[2] if self.gold else "", self.predicted[2] if self.predicted else ""


@dataclass(frozen=True, slots=True)
class ErrorTable:
    """Kinds by label, that of gold where there is one; and (gold label, predicted label) pairs, "" for no mention."""

    labels: Mapping[str, Mapping[Kind, int]]
    confusion: Mapping[tuple[str, str], int]

    @property
    def counts(self) -> Counter[Kind]:
        """The kinds, all labels together."""
        return sum((Counter(kinds) for kinds in self.labels.values()), Counter())

    def errors_json(self) -> dict[str, dict[str, int] | dict[str, dict[str, int]]]:
        """Every kind with its number, zero too: `counts` for all labels, and `labels` for each."""
        labels = {label: _all_kinds(self.labels[label]) for label in sorted(self.labels)}
        return {"counts": _all_kinds(self.counts), "labels": labels}

    def confusion_json(self) -> dict[str, dict[str, int]]:
        """How often each predicted label stands for a gold one."""
        rows: dict[str, dict[str, int]] = defaultdict(dict)
        for (gold, predicted), number in sorted(self.confusion.items()):
            rows[gold][predicted] = number
        return dict(rows)


def find_errors(text: str, matched: Match, proclitics: Sequence[str] = ()) -> tuple[Error, ...]:
    """The errors of a document, by place. Mentions may nest.

    What is not right pairs one to one: spans of equal extent first, then those of the same label that share a
    character, then any others that do; within these the closest first, then the leftmost.
    """
    return tuple(sorted(_errors(text, matched, proclitics), key=_place))


def tabulate(correct: Mapping[str, int], errors: Iterable[Error]) -> ErrorTable:
    """The error table of one document or many: the number of right mentions by label, and all errors."""
    labels: dict[str, Counter[Kind]] = defaultdict(Counter)
    confusion: Counter[tuple[str, str]] = Counter()
    for label, number in correct.items():
        if number:
            labels[label][Kind.CORRECT] = confusion[label, label] = number
    for error in errors:
        gold, predicted = error.labels
        labels[gold or predicted][error.kind] += 1
        confusion[gold, predicted] += 1
    return ErrorTable(dict(labels), confusion)


def _errors(text: str, matched: Match, proclitics: Sequence[str]) -> Iterator[Error]:
    aligned = align(matched.missed, matched.spurious, extent_first)
    for one, other in aligned.same_label:
        is_clitic = differ_by_proclitics(text, one, other, proclitics)
        yield Error(Kind.CLITIC_BOUNDARY if is_clitic else Kind.BOUNDARY, one, other)
    for one, other in aligned.other_label:
        yield Error(Kind.LABEL if one[:2] == other[:2] else Kind.BOUNDARY_AND_LABEL, one, other)
    yield from (Error(Kind.MISSED, span, None) for span in aligned.only_first)
    yield from (Error(Kind.SPURIOUS, None, span) for span in aligned.only_second)


def _place(error: Error) -> list[Labelled]:
    return sorted(span for span in error[1:] if span is not None)


def _all_kinds(kinds: Mapping[Kind, int]) -> dict[str, int]:
    return {kind.value: kinds.get(kind, 0) for kind in Kind}

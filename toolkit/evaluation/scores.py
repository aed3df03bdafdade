"""The word view, scored by seqeval. This is the only module that calls it.

seqeval walks every word ten times. A run of words where gold and prediction are both O does nothing but keep its
neighbours apart, so each such run is shortened to one O first (and so is the inside of a span that both sides share):
the numbers are the same, the work is a fraction. Its numbers are handed on as they are; counts of our own stand beside
them and must agree.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from seqeval.metrics import classification_report
from seqeval.scheme import IOB2

from toolkit.errors import ToolkitError
from toolkit.evaluation.counts import Counts, LabelCounts, count, total
from toolkit.evaluation.views import Row
from toolkit.models.iob import segments

# `mode` and `scheme` go together: seqeval ignores either without the other in some of its functions.
CALLS = {
    "strict": 'classification_report(gold, predicted, output_dict=True, mode="strict", scheme=IOB2, zero_division=0)',
    "default": "classification_report(gold, predicted, output_dict=True, zero_division=0)",
}
TOLERANCE = 1e-12


class Numbers(NamedTuple):
    """Precision, recall and F1 as seqeval computed them, and the number of gold spans."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class SeqevalReport:
    """seqeval's report in one mode; no averages where there is neither a gold span nor a predicted one."""

    micro: Numbers | None
    macro: Numbers | None
    labels: Mapping[str, Numbers]


def collapse(rows: Iterable[Row]) -> list[Row]:
    """Rows without the words that only go on as the word before them, on both sides; rows of O alone left out.

    Such a word begins and ends nothing, so every span is still there, and still equal to the same others.
    """
    collapsed = []
    for gold, predicted in rows:
        short = Row([], [])
        before = ("", "")
        for pair in zip(gold, predicted, strict=True):
            if pair != before or pair[0][0] == "B" or pair[1][0] == "B":
                short.gold.append(pair[0])
                short.predicted.append(pair[1])
                before = pair
        if short != (["O"], ["O"]) and short.gold:
            collapsed.append(short)
    return collapsed


def count_rows(rows: Sequence[Row]) -> dict[str, dict[str, Counts]]:
    """Counts by mode and label. Strict spans are the segments that a B- opens, default ones are all."""
    sides: dict[str, tuple[set[tuple[object, str]], set[tuple[object, str]]]]
    sides = {"strict": (set(), set()), "default": (set(), set())}
    for number, row in enumerate(rows):
        for side, tags in enumerate(row):
            for segment in segments(tags):
                span = ((number, segment.first, segment.last), segment.label)
                sides["default"][side].add(span)
                if segment.is_opened:
                    sides["strict"][side].add(span)
    return {mode: count(*spans) for mode, spans in sides.items()}


def seqeval_report(rows: Sequence[Row], mode: str, counts: LabelCounts) -> SeqevalReport:
    """seqeval's numbers for rows of tags in a mode of `CALLS`.

    `counts` are the spans of these rows in that mode. ToolkitError where seqeval's numbers are not theirs.
    """
    if not counts:  # seqeval has no answer to no spans: NaN and warnings, or a TypeError
        return SeqevalReport(None, None, {})
    gold, predicted = [row.gold for row in rows], [row.predicted for row in rows]
    if mode == "strict":
        report = classification_report(gold, predicted, output_dict=True, mode="strict", scheme=IOB2, zero_division=0)
    else:
        report = classification_report(gold, predicted, output_dict=True, zero_division=0)
    numbers = {
        name: Numbers(float(row["precision"]), float(row["recall"]), float(row["f1-score"]), int(row["support"]))
        for name, row in report.items()
    }
    micro, macro = numbers.pop("micro avg"), numbers.pop("macro avg")
    del numbers["weighted avg"]
    _check_agreement(mode, {**numbers, "": micro}, {**counts, "": total(counts)})
    return SeqevalReport(micro, macro, numbers)


def _check_agreement(mode: str, numbers: Mapping[str, Numbers], counts: LabelCounts) -> None:
    for label in sorted(numbers.keys() | counts.keys()):
        ours, theirs = counts.get(label), numbers.get(label)
        if ours is not None and theirs is not None and ours.gold == theirs.support:
            pairs = zip((ours.precision, ours.recall, ours.f1), theirs[:3], strict=True)
            if all(abs(one - other) <= TOLERANCE for one, other in pairs):
                continue
        raise ToolkitError(
            f"seqeval ({mode}) says {theirs} of {label or 'all labels'}, the spans say {ours}",
            fix="This is a bug of tawsim: please report it with the predictions.",
        )

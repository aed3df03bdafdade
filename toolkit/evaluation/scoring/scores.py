"""The word view, scored by seqeval. This is the only module that calls it.

seqeval walks every word ten times. A word at which no span begins or ends, on neither side, changes none of its
numbers, so such words are left out first: the work is a fraction. Its numbers are handed on as they are; counts of our
own stand beside them and must agree.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from seqeval.metrics import classification_report
from seqeval.scheme import IOB2

from toolkit.errors import ToolkitError
from toolkit.evaluation.scoring.counts import Counts, LabelCounts, count, total
from toolkit.evaluation.scoring.views import Row
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
    """Rows without the words at which, on both sides, no span begins or ends; rows of O alone left out.

    Every span is still there, and equal to the same others. An O on both sides stays only where an I- follows, which
    would else go on with what was before it.
    """
    collapsed = []
    for gold, predicted in rows:
        short = Row([], [])
        gold_before = before = "O"
        is_apart = False
        for gold_tag, tag in zip(gold, predicted, strict=True):
            if not (_goes_on(gold_before, gold_tag) and _goes_on(before, tag)):
                if gold_tag == tag == "O":
                    is_apart = True
                else:
                    if is_apart and "I" in (gold_tag[0], tag[0]):
                        short.gold.append("O")
                        short.predicted.append("O")
                    short.gold.append(gold_tag)
                    short.predicted.append(tag)
                    is_apart = False
            gold_before, before = gold_tag, tag
        if short.gold:
            collapsed.append(short)
    return collapsed


def _goes_on(before: str, tag: str) -> bool:
    """Whether a tag begins and ends nothing after the one before it."""
    return before == tag if tag == "O" else tag[0] == "I" and before[2:] == tag[2:]


def count_rows(rows: Sequence[Row]) -> dict[str, dict[str, Counts]]:
    """Counts by mode and label. Strict spans are the segments that a B- opens, default ones are all."""
    default: tuple[set[tuple[object, str]], ...] = (set(), set())
    strict: tuple[set[tuple[object, str]], ...] = (set(), set())
    for number, row in enumerate(rows):
        for tags, seen, opened in zip(row, default, strict, strict=True):
            for first, last, label, is_opened in segments(tags):
                span = ((number, first, last), label)
                seen.add(span)
                if is_opened:
                    opened.add(span)
    found = count(*default)
    return {"strict": found if strict == default else count(*strict), "default": found}


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

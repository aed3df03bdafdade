"""The disagreements of two annotators about an article, one by one: each with its kind, place and both readings."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from toolkit.alignment import Alignment
from toolkit.corpus.adjudicate import LabelledSpan
from toolkit.corpus.readings import Compared, Joined, Reading
from toolkit.proclitics import with_proclitics
from toolkit.schema import Schema
from toolkit.tokens import Span


class Kind(StrEnum):
    """What two annotators disagree about, in the order of reports."""

    BOUNDARY = "boundary"
    CLITIC = "clitic boundary"
    LABEL = "label"
    BOTH = "label and boundary"
    MISSED = "missed"
    RELATION = "relation"


@dataclass(frozen=True, slots=True)
class Disagreement:
    """`readings` are the mentions or relations of the two annotators, in their order; None where one has none.

    `detail` says of a relation what differs: its label, its direction, a mention that it joins, or itself (missed).
    """

    kind: Kind
    article: str
    path: str
    annotators: tuple[str, str]
    readings: tuple[LabelledSpan | Joined | None, LabelledSpan | Joined | None]
    detail: str | None = None

    @property
    def extent(self) -> Span:
        """From the first to the last character that the readings touch."""
        spans = [span for reading in self.readings if reading is not None for span in _spans(reading)]
        return min(start for start, _ in spans), max(end for _, end in spans)

    @property
    def missed_by(self) -> str | None:
        """The annotator who has nothing there, if one does."""
        return next((name for name, r in zip(self.annotators, self.readings, strict=True) if r is None), None)

    def as_json(self, text: str | None) -> dict[str, Any]:
        """The row of agreement.json; mentions have their words where the text is at hand."""
        start, end = self.extent
        readings = [None if reading is None else _as_json(reading, text) for reading in self.readings]
        return {
            "kind": self.kind.value,
            "detail": self.detail,
            "article": self.article,
            "path": self.path,
            "annotators": list(self.annotators),
            "start": start,
            "end": end,
            "missed_by": self.missed_by,
            "readings": readings,
        }


def disagreements(
    article: Compared, first: Reading, second: Reading, aligned: Alignment, schema: Schema
) -> list[Disagreement]:
    """Every disagreement of two readings of an article: mentions as `aligned` pairs them, then relations, by place.

    A clitic boundary is one where the ends are equal and only declared proclitics of a word lie between the starts,
    with an opening quote behind them at most; without the text it cannot be told, and is a boundary.
    """
    names = (first.annotator, second.annotator)

    def told(kind: Kind, one: Any, other: Any, detail: str | None = None) -> Disagreement:
        return Disagreement(kind, article.id, article.path, names, (one, other), detail)

    found = []
    for one, other in aligned.same_label:
        clitic = article.text is not None and _differ_by_proclitics(article.text, one, other, schema)
        found.append(told(Kind.CLITIC if clitic else Kind.BOUNDARY, one, other))
    for one, other in aligned.other_label:
        found.append(told(Kind.LABEL if one[:2] == other[:2] else Kind.BOTH, one, other))
    found += [told(Kind.MISSED, one, None) for one in aligned.only_first]
    found += [told(Kind.MISSED, None, other) for other in aligned.only_second]
    found += [told(Kind.RELATION, *row) for row in _relations(first, second, aligned)]
    return sorted(found, key=lambda row: (row.kind is Kind.RELATION, row.extent, str(row.readings)))


def _differ_by_proclitics(text: str, one: LabelledSpan, other: LabelledSpan, schema: Schema) -> bool:
    starts = {with_proclitics(text, span[0], schema.proclitics) for span in (one, other)}
    return one[1] == other[1] and len(starts) == 1


def _relations(
    first: Reading, second: Reading, aligned: Alignment
) -> Iterator[tuple[Joined | None, Joined | None, str]]:
    """Relations that only one has, paired where both join the same mentions or aligned ones, with what differs."""
    left, right = sorted(first.relations - second.relations), sorted(second.relations - first.relations)
    moved = {one[:2]: other[:2] for one, other in (*aligned.same_label, *aligned.other_label)}
    for detail in ("label", "direction", "mention"):
        for one in tuple(left):
            ends = (one.tail, one.head) if detail == "direction" else (one.head, one.tail)
            if detail == "mention":
                ends = (moved.get(one.head, one.head), moved.get(one.tail, one.tail))
            same = [o for o in right if (o.head, o.tail) == ends and (detail == "label" or o.label == one.label)]
            if same:
                left.remove(one)
                right.remove(same[0])
                yield one, same[0], detail
    yield from ((one, None, _why_alone(one, second)) for one in left)
    yield from ((None, other, _why_alone(other, first)) for other in right)


def _why_alone(relation: Joined, reader: Reading) -> str:
    """Why `reader` has no such relation: a mention that it joins is not among theirs, or they did not draw it."""
    extents = {(start, end) for start, end, _ in reader.spans}
    return "missed" if extents.issuperset((relation.head, relation.tail)) else "mention"


def _spans(reading: LabelledSpan | Joined) -> tuple[Span, ...]:
    return (reading.head, reading.tail) if isinstance(reading, Joined) else ((reading[0], reading[1]),)


def _as_json(reading: LabelledSpan | Joined, text: str | None) -> dict[str, Any]:
    def place(start: int, end: int) -> dict[str, Any]:
        return {"start": start, "end": end, "text": None if text is None else text[start:end]}

    if isinstance(reading, Joined):
        return {"label": reading.label, "head": place(*reading.head), "tail": place(*reading.tail)}
    return {"label": reading[2], **place(*reading[:2])}

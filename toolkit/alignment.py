"""Which span of one set answers which of another: one alignment, from which agreement and error tables follow.

Equal spans of equal label pair first. The rest pair where they share a character, each span at most once: by turn, then
those with the largest share of common characters, then the leftmost. The order of the input changes nothing.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

# start, end, label
LabelledSpan = tuple[int, int, str]
Pair = tuple[LabelledSpan, LabelledSpan]
# The turn in which two overlapping spans may pair; it must not depend on which of them comes first.
Turn = Callable[[LabelledSpan, LabelledSpan], int]


@dataclass(frozen=True, slots=True)
class Alignment:
    """Spans that are equal, pairs of one label, pairs of two labels, and what one side alone has; all sorted."""

    exact: tuple[LabelledSpan, ...]
    same_label: tuple[Pair, ...]
    other_label: tuple[Pair, ...]
    only_first: tuple[LabelledSpan, ...]
    only_second: tuple[LabelledSpan, ...]


def label_first(one: LabelledSpan, other: LabelledSpan) -> int:
    """Spans of the same label pair before those of different labels: for annotators, who may both be right."""
    return int(one[2] != other[2])


def extent_first(one: LabelledSpan, other: LabelledSpan) -> int:
    """Equal extents pair first, then spans of the same label: for a prediction against gold (SemEval-2013 task 9)."""
    return 0 if one[:2] == other[:2] else 1 + (one[2] != other[2])


def align(first: Collection[LabelledSpan], second: Collection[LabelledSpan], turn: Turn = label_first) -> Alignment:
    """The alignment of two sets of labelled spans of one text. Swapping them gives the same pairs swapped."""
    left, right = frozenset(first), frozenset(second)
    exact = left & right
    free = set(left ^ right)
    same_label: list[Pair] = []
    other_label: list[Pair] = []
    for _, _, leftmost, further in sorted(_candidates(left - exact, right - exact, turn)):
        if leftmost in free and further in free:
            free -= {leftmost, further}
            one, other = (leftmost, further) if leftmost in left else (further, leftmost)
            (same_label if one[2] == other[2] else other_label).append((one, other))
    alone = (tuple(sorted(side & free)) for side in (left, right))
    return Alignment(tuple(sorted(exact)), tuple(sorted(same_label)), tuple(sorted(other_label)), *alone)


def _candidates(
    left: Iterable[LabelledSpan], right: Iterable[LabelledSpan], turn: Turn
) -> Iterator[tuple[int, float, LabelledSpan, LabelledSpan]]:
    """Turn, distance and spans of every pair that shares a character, the leftmost first, in one sweep by start."""
    reached: tuple[list[LabelledSpan], list[LabelledSpan]] = ([], [])
    for span, side in sorted([*((span, 0) for span in left), *((span, 1) for span in right)]):
        others = reached[1 - side]
        others[:] = [other for other in others if other[1] > span[0]]
        yield from ((turn(other, span), _distance(other, span), other, span) for other in others)
        reached[side].append(span)


def _distance(one: LabelledSpan, other: LabelledSpan) -> float:
    """From 0 for equal extents up to 1: the share of characters that the spans do not have in common."""
    common = min(one[1], other[1]) - max(one[0], other[0])
    return 1 - common / (max(one[1], other[1]) - min(one[0], other[0]))

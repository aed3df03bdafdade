"""Which mention of one annotator answers which of another: one alignment, from which all span figures follow.

In turn, each mention at most once: equal span and label; the same label and a shared character; a shared character.
Within a turn the pairs with the largest share of common characters go first, then the leftmost.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from toolkit.corpus.adjudicate import LabelledSpan

Pair = tuple[LabelledSpan, LabelledSpan]


@dataclass(frozen=True, slots=True)
class Alignment:
    """Mentions that are equal, pairs of one label, pairs of two labels, and what one side alone has; all sorted."""

    exact: tuple[LabelledSpan, ...]
    same_label: tuple[Pair, ...]
    other_label: tuple[Pair, ...]
    only_first: tuple[LabelledSpan, ...]
    only_second: tuple[LabelledSpan, ...]


def align(first: frozenset[LabelledSpan], second: frozenset[LabelledSpan]) -> Alignment:
    """The alignment of two annotators' mentions of one article. Swapping them gives the same pairs swapped."""
    left, right = set(first - second), set(second - first)
    same_label = _paired(left, right, lambda one, other: one[2] == other[2])
    other_label = _paired(left, right, lambda one, other: True)
    return Alignment(tuple(sorted(first & second)), same_label, other_label, tuple(sorted(left)), tuple(sorted(right)))


def _paired(
    left: set[LabelledSpan], right: set[LabelledSpan], may_pair: Callable[[LabelledSpan, LabelledSpan], bool]
) -> tuple[Pair, ...]:
    """Overlapping pairs, best first; what was paired is taken out of both sets."""
    found = []
    for one, other in sorted(_overlapping(left, right), key=_closeness):
        if one in left and other in right and may_pair(one, other):
            found.append((one, other))
            left.remove(one)
            right.remove(other)
    return tuple(sorted(found))


def _overlapping(left: Iterable[LabelledSpan], right: Iterable[LabelledSpan]) -> list[Pair]:
    others = list(right)
    return [(one, other) for one in left for other in others if one[0] < other[1] and other[0] < one[1]]


def _closeness(pair: Pair) -> tuple[float, list[LabelledSpan]]:
    one, other = pair
    common = min(one[1], other[1]) - max(one[0], other[0])
    return -common / (max(one[1], other[1]) - min(one[0], other[0])), sorted(pair)

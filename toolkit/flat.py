"""Nested character spans onto one layer of words: the policy of the flat layer, applied alike to gold and prediction.

Labels that the schema drops go first. Of spans that share a word, the longest stays (the shortest where the schema
keeps the innermost), then the leftmost. A span covers every word that it touches. Whatever is lost has a reason.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from toolkit.schema import FlatLayer
from toolkit.tokens import Span, covered


class Loss(StrEnum):
    """Why a span is not in the flat layer."""

    DROPPED_LABEL = "dropped label"
    NESTED = "nested"
    CROSSING = "crossing"
    SAME_WORD = "same word"
    NO_WORD = "no word"


@dataclass(frozen=True, slots=True)
class WordSpan:
    """A labelled run of words `[first, last)`; `source` is the position of its span in the input."""

    first: int
    last: int
    label: str
    source: int


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of word spans in text order, and the losses: position in the input, reason."""

    spans: tuple[WordSpan, ...]
    losses: tuple[tuple[int, Loss], ...]

    def tags(self, length: int) -> list[str]:
        """The IOB2 tags of a text of `length` words."""
        tags = ["O"] * length
        for span in self.spans:
            tags[span.first] = f"B-{span.label}"
            tags[span.first + 1 : span.last] = [f"I-{span.label}"] * (span.last - span.first - 1)
        return tags


def flatten(spans: Iterable[tuple[int, int, str]], words: Sequence[Span], policy: FlatLayer) -> Layer:
    """`(start, end, label)` spans in code points as one layer over `words`, with every loss and its reason."""
    given = list(spans)
    sign = 1 if policy.keep == "innermost" else -1
    order = sorted(range(len(given)), key=lambda i: (sign * (given[i][1] - given[i][0]), given[i][0], given[i][2]))
    owner: dict[int, int] = {}
    kept: list[WordSpan] = []
    losses: list[tuple[int, Loss]] = []
    for place in order:
        start, end, label = given[place]
        first, last = covered(words, start, end)
        if label in policy.drop:
            losses.append((place, Loss.DROPPED_LABEL))
        elif first == last:
            losses.append((place, Loss.NO_WORD))
        elif taken := sorted({owner[word] for word in range(first, last) if word in owner}):
            losses.append((place, _reason(given[place], [given[other] for other in taken])))
        else:
            kept.append(WordSpan(first, last, label, place))
            owner.update(dict.fromkeys(range(first, last), place))
    kept.sort(key=lambda span: span.first)
    return Layer(tuple(kept), tuple(sorted(losses)))


def _reason(span: tuple[int, int, str], others: Sequence[tuple[int, int, str]]) -> Loss:
    overlapping = [other for other in others if other[0] < span[1] and span[0] < other[1]]
    if not overlapping:
        return Loss.SAME_WORD
    nested = any(
        (other[0] <= span[0] and span[1] <= other[1]) or (span[0] <= other[0] and other[1] <= span[1])
        for other in overlapping
    )
    return Loss.NESTED if nested else Loss.CROSSING

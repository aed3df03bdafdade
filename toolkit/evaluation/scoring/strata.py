"""Exact spans by what makes them hard: their length, their nesting, and whether training had them already.

Counts of a document by stratum, empty ones too, all labels together. The strata of a side add up to its spans.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from itertools import pairwise

from toolkit.evaluation.scoring.cleaning import Labelled
from toolkit.evaluation.scoring.counts import Counts
from toolkit.evaluation.scoring.matching import Match
from toolkit.normalise import comparison_key
from toolkit.tokens import words

LENGTHS = ("1", "2", "3", "4-5", "6+")
NESTING = ("flat", "nested")
NOVELTY = ("seen", "unseen", "other_label")
# The labels that training has for a mention, by its surface key.
KnownMentions = Mapping[str, Collection[str]]
_CACHED = 1 << 16


def by_length(text: str, matched: Match) -> dict[str, Counts]:
    """Counts by the number of words of the mention, a part of a word being one."""
    return _counts(LENGTHS, *([_length(text[start:end]) for start, end, _ in side] for side in matched))


def by_nesting(matched: Match) -> dict[str, Counts]:
    """Counts of the mentions that nest with no other, and of those that contain another or lie in one.

    A right mention goes where it is in gold, a spurious one where it is among the predictions. Crossing is no nesting.
    """
    in_gold, in_predicted = nested_spans(matched.gold), nested_spans(matched.predicted)
    sides = zip(matched, (in_gold, in_gold, in_predicted), strict=True)
    return _counts(NESTING, *(["nested" if span in nested else "flat" for span in side] for side, nested in sides))


def by_novelty(text: str, matched: Match, known: KnownMentions) -> dict[str, Counts]:
    """Gold mentions that training has with this label, not at all, or with other labels only (Tu and Lignos 2021).

    Recall is all that is meant: `predicted` is that of the right mentions, a spurious one belongs to no gold one.
    """
    right, missed = ([_novelty(text, span, known) for span in side] for side in (matched.right, matched.missed))
    return _counts(NOVELTY, right, missed, ())


def known_mentions(documents: Iterable[tuple[str, Iterable[Labelled]]]) -> dict[str, set[str]]:
    """The labels by surface key of the mentions of training: texts, each with its gold spans."""
    found: dict[str, set[str]] = defaultdict(set)
    for text, spans in documents:
        for start, end, label in spans:
            found[surface_key(text[start:end])].add(label)
    return dict(found)


def nested_spans(spans: Iterable[Labelled]) -> set[Labelled]:
    """Of different spans, those that contain another or lie in one; of equal extents each lies in the other."""
    order = sorted(spans)
    if all(after[0] >= before[1] for before, after in pairwise(order)):
        return set()
    order.sort(key=lambda span: (span[0], -span[1]))
    nested: set[Labelled] = set()
    # What comes before a span begins no later: the furthest end tells whether any of it holds the span.
    furthest = -1
    for span in order:
        if span[1] <= furthest:
            nested.add(span)
        furthest = max(furthest, span[1])
    # What comes after it begins no earlier: the nearest end tells whether it holds any of that.
    nearest = furthest + 1
    for span in reversed(order):
        if nearest <= span[1]:
            nested.add(span)
        nearest = min(nearest, span[1])
    return nested


@lru_cache(_CACHED)
def surface_key(surface: str) -> str:
    """The comparison key of a mention, its blanks evened out."""
    return " ".join(comparison_key(surface).split())


@lru_cache(_CACHED)
def _length(surface: str) -> str:
    number = max(1, len(words(surface)))
    return str(number) if number < 4 else "4-5" if number < 6 else "6+"


def _novelty(text: str, span: Labelled, known: KnownMentions) -> str:
    start, end, label = span
    labels = known.get(surface_key(text[start:end]), ())
    return "unseen" if not labels else "seen" if label in labels else "other_label"


def _counts(names: Iterable[str], *sides: Iterable[str]) -> dict[str, Counts]:
    """Counts from the strata of the right, missed and spurious spans."""
    right, missed, spurious = map(Counter, sides)
    return {name: Counts(right[name], right[name] + spurious[name], right[name] + missed[name]) for name in names}

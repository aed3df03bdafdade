"""The view `clitic`: exact spans, but a boundary that differs only by declared proclitics is forgiven. Never ranked.

Models that know whole words only cannot tell و from the name behind it; the distance between this view and the exact
one is what that costs. Outer punctuation is forgiven too, nothing else.
"""

import unicodedata
from collections import Counter
from collections.abc import Sequence

from toolkit.evaluation.scoring.cleaning import Labelled
from toolkit.evaluation.scoring.counts import Counts, LabelCounts
from toolkit.evaluation.scoring.matching import Match
from toolkit.offsets import EDGE
from toolkit.proclitics import with_proclitics


def clitic_counts(text: str, matched: Match, exact: LabelCounts, proclitics: Sequence[str]) -> dict[str, Counts]:
    """The counts of the exact view, by label, with those spans right too that differ from a gold one of their label by
    proclitics and outer punctuation alone; each pairs with one gold span at most.
    """
    if not (matched.missed and matched.spurious):
        return dict(exact)
    # Being equal but for proclitics is an equivalence, so that the pairs of a class are as many as its smaller side.
    missed, spurious = (
        Counter((label, *core(text, start, end, proclitics)) for start, end, label in side)
        for side in (matched.missed, matched.spurious)
    )
    forgiven: Counter[str] = Counter()
    for (label, _, _), number in (missed & spurious).items():
        forgiven[label] += number
    return {label: counts._replace(tp=counts.tp + forgiven[label]) for label, counts in exact.items()}


def core(text: str, start: int, end: int, proclitics: Sequence[str]) -> tuple[int, int]:
    """The extent by which spans are compared: without outer punctuation, from the first proclitic before them on.

    The proclitics before a span are taken in rather than those within it left out: a name may begin with such a letter.
    """
    start, end = without_punctuation(text, start, end)
    return with_proclitics(text, start, proclitics), end


def differ_by_proclitics(text: str, one: Labelled, other: Labelled, proclitics: Sequence[str]) -> bool:
    """Whether the extents differ by proclitics, and by nothing else but outer punctuation."""
    starts = {without_punctuation(text, span[0], span[1])[0] for span in (one, other)}
    cores = {core(text, span[0], span[1], proclitics) for span in (one, other)}
    return len(cores) == 1 and len(starts) == 2


def without_punctuation(text: str, start: int, end: int) -> tuple[int, int]:
    """The extent without punctuation and blanks at its edges; as it is where nothing else is in it."""
    left, right = start, end
    while left < right and _is_outer(text[left]):
        left += 1
    while left < right and _is_outer(text[right - 1]):
        right -= 1
    return (left, right) if left < right else (start, end)


def _is_outer(char: str) -> bool:
    return unicodedata.category(char).startswith("P") or char in EDGE

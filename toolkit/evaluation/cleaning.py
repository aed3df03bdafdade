"""The clean-up that gold and predicted spans get alike before they are scored. Nothing else is forgiven."""

from collections.abc import Iterable
from dataclasses import dataclass

from toolkit.offsets import extend_over_marks, trim

Labelled = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Spans in text order, each once, and how many were changed or left out."""

    spans: tuple[Labelled, ...]
    trimmed: int
    extended: int
    duplicates: int


def clean(text: str, spans: Iterable[Labelled]) -> Cleaned:
    """`(start, end, label)` spans without blanks at their edges, their last letter with its vowel signs, each once.

    A span of nothing but blanks stays as it is: it is wrong, and it counts.
    """
    found: list[Labelled] = []
    trimmed = extended = 0
    for start, end, label in spans:
        left, right = trim(text, start, end)
        if left == right:
            left, right = start, end
        whole = extend_over_marks(text, right)
        trimmed += (left, right) != (start, end)
        extended += whole != right
        found.append((left, whole, label))
    unique = sorted(set(found))
    return Cleaned(tuple(unique), trimmed, extended, len(found) - len(unique))

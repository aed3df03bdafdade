"""The clean-up that gold and predicted spans get alike before they are scored. Nothing else is forgiven."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from toolkit.offsets import EDGE, extend_over_marks, trim

Labelled = tuple[int, int, str]
_BLANK = re.compile(f"[{EDGE}]")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Spans in text order, each once, and how many were changed or left out.

    `each` are the cleaned spans in the order of the input, duplicates too: what relations point at.
    """

    spans: tuple[Labelled, ...]
    trimmed: int
    extended: int
    duplicates: int
    each: tuple[Labelled, ...]

    def changes(self) -> dict[str, int]:
        """How many spans were trimmed, extended or doubled."""
        return {"trimmed": self.trimmed, "extended": self.extended, "duplicates": self.duplicates}


def clean(text: str, spans: Iterable[Labelled]) -> Cleaned:
    """`(start, end, label)` spans without blanks at their edges, their last letter with its vowel signs, each once.

    A span of nothing but blanks stays as it is: it is wrong, and it counts.
    """
    found: list[Labelled] = []
    trimmed = extended = 0
    for start, end, label in spans:
        if _is_clean(text, start, end):
            found.append((start, end, label))
            continue
        left, right = trim(text, start, end)
        if left == right:
            left, right = start, end
        whole = extend_over_marks(text, right)
        trimmed += (left, right) != (start, end)
        extended += whole != right
        found.append((left, whole, label))
    unique = sorted(set(found))
    return Cleaned(tuple(unique), trimmed, extended, len(found) - len(unique), tuple(found))


def _is_clean(text: str, start: int, end: int) -> bool:
    """Whether no edge is a blank and no mark follows: what nearly every span is."""
    return (
        not _BLANK.match(text, start)
        and not _BLANK.match(text, end - 1)
        and (end == len(text) or not unicodedata.combining(text[end]))
    )

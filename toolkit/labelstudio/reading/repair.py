"""Where a region of an export really stands: its offsets trusted, checked against its own text, repaired if need be.

Label Studio counts code points, and its `value.text` is what the browser showed, not the slice: blanks collapsed,
every line break the two characters backslash and n, sometimes a blank more or less at an edge. What still disagrees
after that is undone has known causes, which are tried in order.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from toolkit.errors import DataError
from toolkit.labelstudio.reading.journal import quoted
from toolkit.native import kind_of
from toolkit.offsets import crlf_to_stored, lf_to_stored, utf16_to_codepoint

_UNITS: tuple[tuple[str, Callable[[str, int], int]], ...] = (
    ("the offsets count UTF-16 units", utf16_to_codepoint),
    ("the offsets count every CRLF as one character", lf_to_stored),
    ("the offsets count every line feed as CRLF", crlf_to_stored),
)
_ELSEWHERE = "the offsets are those of another version of the text, and the mention occurs once in this one"


@dataclass(frozen=True, slots=True)
class Placement:
    """Offsets in code points of the text as stored; `cause` says why they are not those of the export, if so."""

    start: int
    end: int
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a region cannot be placed: a finding's code and message."""

    code: str
    message: str


def offsets_of(value: Mapping[str, Any]) -> tuple[int, int] | Refusal:
    """The whole-number offsets of a region's value, unchecked against any text; else why they are none."""
    start, end = value.get("start"), value.get("end")
    if type(start) is int and type(end) is int:
        return start, end
    found = f"start {_told(start)}, end {_told(end)}"
    if isinstance(start, str) or isinstance(end, str):
        if any(isinstance(offset, str) and "/" in offset for offset in (start, end)):
            what = f"the offsets are XPaths of a HyperText tag ({found}), which do not lead back to the text"
            return Refusal("offset-type", f"{what}; only regions of Text tags are read")
        return Refusal("offset-type", f"the offsets are strings, expected whole numbers: {found}")
    if start is None or end is None:
        return Refusal("offset-missing", f"the region has no offsets: {found}")
    if isinstance(start, float) or isinstance(end, float):
        what = f"the offsets are fractions ({found}), as the seconds of an audio region are; expected whole numbers"
        return Refusal("offset-type", what)
    return Refusal("offset-type", f"the offsets must be whole numbers: {found}")


def _told(offset: Any) -> str:
    return "missing" if offset is None else quoted(offset) if isinstance(offset, str) else _number(offset)


def _number(offset: Any) -> str:
    return repr(offset) if isinstance(offset, int | float) else kind_of(offset)


def as_shown(text: str) -> str:
    """A piece of text as a browser shows it on one line: line breaks, written out or real, and blanks are one blank."""
    return " ".join(text.replace("\\n", " ").split())


def agrees(text: str, start: int, end: int, shown: str | None) -> bool:
    """Whether `[start, end)` lies in the text and is what was shown there; without `shown`, whether it lies in it."""
    if not 0 <= start < end <= len(text):
        return False
    if shown is None:
        return True
    found = text[start:end]
    return found == shown or as_shown(found) == as_shown(shown)


def place(text: str, start: int, end: int, shown: str | None) -> Placement | Refusal:
    """Where a region stands in `text`, given its offsets and the text that it was shown with (None where not known)."""
    if shown is not None and not as_shown(shown):
        shown = None
    if agrees(text, start, end, shown):
        return Placement(start, end)
    if end < start:
        return Refusal("offset-order", f"the end {end} comes before the start {start}")
    if end == start:
        return Refusal("offset-empty", f"the region is empty: start and end are both {start}")
    if shown is not None:
        for cause, convert in _UNITS:
            found = _converted(text, start, end, convert)
            if found and agrees(text, *found, shown):
                return Placement(*found, cause)
        matches = list(_occurrences(text, shown))
        if len(matches) == 1:
            return Placement(*matches[0], _ELSEWHERE)
        return _misplaced(text, start, end, shown, len(matches))
    return Refusal(
        "offset-range", f"the region ends past the text or starts before it: the text has {len(text)} code points"
    )


def _converted(text: str, start: int, end: int, convert: Callable[[str, int], int]) -> tuple[int, int] | None:
    try:
        return convert(text, start), convert(text, end)
    except DataError:
        return None


def _occurrences(text: str, shown: str) -> Iterator[tuple[int, int]]:
    """Every place of the text that would be shown so, overlapping ones too."""
    pattern = r"(?:\s|\\n)+".join(map(re.escape, as_shown(shown).split(" ")))
    for match in re.finditer(f"(?=({pattern}))", text):
        yield match.span(1)


def _misplaced(text: str, start: int, end: int, shown: str, occurrences: int) -> Refusal:
    expected = f"expected {quoted(shown)}, which " + (
        f"occurs {occurrences} times, so its place cannot be told" if occurrences else "is nowhere in the text"
    )
    if not 0 <= start < end <= len(text):
        return Refusal("offset-range", f"lies outside the text, which has {len(text)} code points; {expected}")
    return Refusal("offset-mismatch", f"found {quoted(text[start:end])}, {expected}")

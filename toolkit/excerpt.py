"""What is shown around a place of a text: whole words of its line, about 70 characters on either side."""

import re

_CONTEXT = re.compile(r"[^\r\n]{0,70}\S*")
_FAR = 320


def around(text: str, start: int, end: int) -> tuple[int, int]:
    """The extent `[start, end)` with its surroundings, in code points."""
    before, after = text[max(0, start - _FAR) : start][::-1], text[end : end + _FAR]
    return start - _reach(before), end + _reach(after)


def _reach(beside: str) -> int:
    """How much of the text beside the place is shown, read away from it."""
    found = _CONTEXT.match(beside)
    return found.end() if found else 0

"""Texts within a limit: GitHub drops a step summary of more than 1 MiB whole, and refuses a longer comment."""

from collections.abc import Callable, Iterator

# Of a step, all that it appends together, in bytes of UTF-8.
SUMMARY_BYTES = 1024 * 1024
# Of a comment, in characters.
COMMENT_CHARACTERS = 65_536
_ROWS = (200, 50, 20, 5, 1)
_CUT = "\n\nThe rest did not fit here; result.json has all of it.\n"


def fitted(make: Callable[[int], str], limit: int, size: Callable[[str], int]) -> str:
    """The text that `make` writes with as many rows a table as fit into the limit, 200 at most.

    Where no number of rows fits, it is cut at the end of a line and says so. Empty where not even that fits.
    """
    text = ""
    for rows in _ROWS:
        text = make(rows)
        if size(text) <= limit:
            return text
    if size(_CUT) > limit:
        return ""
    return "\n".join(_lines(text, limit - size(_CUT), size)) + _CUT


def size_in_bytes(text: str) -> int:
    """The bytes of a text in UTF-8."""
    return len(text.encode("utf-8", "surrogatepass"))


def _lines(text: str, limit: int, size: Callable[[str], int]) -> Iterator[str]:
    for line in text.split("\n"):
        limit -= size(line) + 1
        if limit < 0:
            return
        yield line

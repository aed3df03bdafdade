"""Between code points and the other units that texts are counted in. Every unit conversion of the package is here."""

import re
import unicodedata
from bisect import bisect_left

from toolkit.errors import DataError

# White space, and the invisible marks that a selection by mouse drags along (bidi controls, zero-width space, BOM).
EDGE = " \t\n\r\f\v\x1c-\x1f\x85\u00a0\u061c\u1680\u2000-\u200b\u200e\u200f"
EDGE += "\u2028-\u202f\u205f-\u2069\u3000\ufeff"
_LEFT = re.compile(f"[{EDGE}]*")
_RIGHT = re.compile(f"[{EDGE}]*$")


def utf16_to_codepoint(text: str, offset: int) -> int:
    """UTF-16 code units (JavaScript, Java) to code points. DataError past the end or inside a surrogate pair."""
    return _from_units(text, offset, [2 if ord(char) > 0xFFFF else 1 for char in text], "UTF-16 unit")


def codepoint_to_utf16(text: str, offset: int) -> int:
    """Code points to UTF-16 code units."""
    return len(text[:offset].encode("utf-16-le", "surrogatepass")) // 2


def bytes_to_codepoint(text: str, offset: int) -> int:
    """UTF-8 bytes to code points. DataError past the end or inside a character."""
    return _from_units(text, offset, [len(char.encode("utf-8", "surrogatepass")) for char in text], "UTF-8 byte")


def codepoint_to_bytes(text: str, offset: int) -> int:
    """Code points to UTF-8 bytes."""
    return len(text[:offset].encode("utf-8", "surrogatepass"))


def lf_to_stored(text: str, offset: int) -> int:
    """Offset counted with every CRLF as one character (a browser's reading) to an offset in `text` as stored."""
    return _from_units(text, offset, [0 if text[i : i + 2] == "\r\n" else 1 for i in range(len(text))], "LF unit")


def stored_to_lf(text: str, offset: int) -> int:
    """Offset in `text` as stored to one counted with every CRLF as one character; between CR and LF, before them."""
    return offset - text.count("\r\n", 0, offset) - (text[offset - 1 : offset + 1] == "\r\n" and offset > 0)


def crlf_to_stored(text: str, offset: int) -> int:
    """Offset counted when every LF of `text` was still CRLF to an offset in `text` as stored."""
    widths = [2 if char == "\n" and text[i - 1 : i] != "\r" else 1 for i, char in enumerate(text)]
    return _from_units(text, offset, widths, "CRLF unit")


def _from_units(text: str, offset: int, widths: list[int], unit: str) -> int:
    sums = [0]
    for width in widths:
        sums.append(sums[-1] + width)
    place = bisect_left(sums, offset)
    if offset < 0 or place == len(sums):
        raise DataError(f"{unit} {offset} lies past the text, which has {sums[-1]}")
    if sums[place] != offset:
        raise DataError(f"{unit} {offset} falls inside a character")
    return place


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without white space and invisible marks at its edges; an empty one where nothing else is in it."""
    left = _LEFT.match(text, start, end)
    start = left.end() if left else start
    right = _RIGHT.search(text, start, end)
    return start, right.start() if right else end


def extend_over_marks(text: str, end: int) -> int:
    """The end moved behind the combining marks that follow it, so that a letter keeps its vowel signs."""
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    return end

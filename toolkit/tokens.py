"""Words and sentences of a text, with their offsets. Deterministic; the manifest records `TOKENIZER`.

A word is a run of letters of one script family (Arabic, or any other) with its combining marks, tatweel and joiners,
a number with its separators, an emoji sequence, or one punctuation mark (a run of the same mark counts as one). White
space and bidi controls belong to no word. Proclitics are not split off: و in وباريس is part of the word.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise

TOKENIZER = "tawsim-words/1"

# Combining marks: general, Arabic (tashkil, Quranic, extended), half marks, variation selectors.
_MARKS = "\u0300-\u036f\u0483-\u0489\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8"
_MARKS += "\u06ea-\u06ed\u08ca-\u08e1\u08e3-\u08ff\u0897-\u089f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
_MARKS += "\ufe00-\ufe0f\ufe20-\ufe2f"
_ARABIC = "\u0620-\u064a\u066e\u066f\u0671-\u06d3\u06d5\u06e5\u06e6\u06ee\u06ef\u06fa-\u06fc\u06ff"
_ARABIC += "\u0750-\u077f\u0870-\u0887\u0889-\u088e\u08a0-\u08c9\ufb50-\ufbb1\ufbd3-\ufd3d\ufd50-\ufdfb\ufe70-\ufefc"
_DIGITS = "0-9\u0660-\u0669\u06f0-\u06f9"
# Invisible characters that belong to the letter before them; on their own they are no word.
_JOINERS = "\u00ad\u200c\u200d"
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
# Space and format characters that belong to no word.
_NOTHING = f"\\s{_BIDI}\u200b\u2060-\u2065\ufeff"
_FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
_PICTURE = "[\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u25aa-\u27bf\u2934-\u2b55\U0001f000-\U0001faff]"
_PICTURE += "[\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*"

_WORD = re.compile(
    "|".join(
        (
            f"[{_DIGITS}]+(?:[.,:\u066b\u066c][{_DIGITS}]+)*[{_MARKS}]*",
            f"[{_ARABIC}][{_ARABIC}{_MARKS}{_JOINERS}]*",
            f"{_FLAG}|{_PICTURE}(?:\u200d{_PICTURE})*",
            # Letters of every other script; digits may follow, as in B2B and Mi8.
            f"[^\\W\\d_{_ARABIC}](?:[^\\W_{_ARABIC}]+|[{_MARKS}{_JOINERS}]+)*",
            f"([^\\w{_NOTHING}{_MARKS}{_JOINERS}])\\1+[{_MARKS}]*",
            f"[^{_NOTHING}{_JOINERS}][{_MARKS}]*",
        )
    )
)
_LINE_END = re.compile(r"[\n\r\u0085\u2028\u2029]+")
# One letter and a dot is an initial, or د. for a doctor; a number and a dot that open a line number a list.
_STOP = re.compile(rf"(?<![.!?؟…])(?P<mark>[.!?؟…]+)[\"'”’»)\]{_BIDI}]*(?=[^\S\n\r])")
_INITIAL = re.compile(rf"(?<!\S)[(\[\"'«“‘{_BIDI}]*(?:[^\W\d_]\.)*[^\W\d_]\Z")
_LIST_NUMBER = re.compile(rf"(?:\A|[\n\r])[^\S\n\r]*[{_DIGITS}]{{1,3}}\Z")
_LOOK_BACK = 32

Span = tuple[int, int]


def words(text: str) -> list[Span]:
    """The `[start, end)` of every word, in order, not overlapping. Every character that shows lies in one."""
    return [match.span() for match in _WORD.finditer(text)]


def sentences(text: str, keep: Iterable[Span] = ()) -> list[Span]:
    """The `[start, end)` of every sentence that has a word, without the blanks around it.

    A line break ends a sentence; so does . ! ? ؟ … before a blank, unless it closes an initial or a list number.
    Two dots are a pause in Arabic newspapers and end nothing.
    No cut falls inside a span of `keep`.
    """
    cuts = {match.start() for match in _LINE_END.finditer(text)}
    for match in _STOP.finditer(text):
        if not _is_abbreviating(text, match):
            cuts.add(match.end())
    inside = sorted(keep)
    kept = _merge(inside)
    starts = [start for start, _ in kept]

    def is_free(cut: int) -> bool:
        place = bisect_right(starts, cut - 1) - 1
        return place < 0 or not kept[place][0] < cut < kept[place][1]

    edges = [0, *sorted(cut for cut in cuts if is_free(cut)), len(text)]
    found = []
    for start, end in pairwise(edges):
        stripped = text[start:end].strip()
        if stripped and _WORD.search(text, start, end):
            start += text[start:end].index(stripped)
            found.append((start, start + len(stripped)))
    return found


def _is_abbreviating(text: str, stop: re.Match[str]) -> bool:
    if stop["mark"] == "..":
        return True
    if stop["mark"] != ".":
        return False
    end = stop.start()
    start = max(0, end - _LOOK_BACK)
    return bool(_INITIAL.search(text, start, end) or _LIST_NUMBER.search(text, start, end))


def _merge(spans: Sequence[Span]) -> list[Span]:
    """Sorted spans with the overlapping ones joined; two that only touch stay apart."""
    merged: list[Span] = []
    for start, end in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def covered(word_spans: Sequence[Span], start: int, end: int) -> tuple[int, int]:
    """The half-open range of word indexes that share a character with `[start, end)`; empty where none does."""
    first = bisect_right(word_spans, start, key=lambda span: span[1])
    last = first
    while start < end and last < len(word_spans) and word_spans[last][0] < end:
        last += 1
    return first, last

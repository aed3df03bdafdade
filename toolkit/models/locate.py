"""Where mentions stand that a language model copied out of a text. It is never asked for offsets: it cannot count."""

import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache

from toolkit.models.predictor import Span
from toolkit.offsets import extend_over_marks, trim
from toolkit.proclitics import with_proclitics
from toolkit.tokens import Span as Extent
from toolkit.tokens import words

_TATWEEL = "\u0640"


def locate(text: str, mentions: Iterable[tuple[str, str]], proclitics: Sequence[str] = ()) -> list[Span | None]:
    """The place of each `(words, label)`, which come in the order of the text; None where it has none.

    A mention is looked for behind the one before it, then inside that, then anywhere, always at the first place that
    none of the same words has taken. Words that stand as they were copied go before those that differ by vowel signs,
    tatweel, invisible characters and kinds of blanks; whole words, and those behind declared proclitics, go before
    pieces of words. Offsets are code points; a span ends behind the vowel signs of its last letter.
    """
    places = cache(_Text(text, proclitics).places)
    taken: set[Extent] = set()
    labelled: set[Span] = set()
    before = (0, 0)
    found: list[Span | None] = []
    for copied, label in mentions:
        start, end = trim(copied, 0, len(copied))
        all_places = places(copied[start:end])
        free = [place for place in all_places if place.extent not in taken]
        # Of one mention in two roles the second stands where the first does.
        free = free or [place for place in all_places if Span(*place.extent, label) not in labelled]
        if not free:
            found.append(None)
            continue
        before = min(free, key=lambda place: place.rank(before)).extent
        span = Span(*before, label)
        taken.add(before)
        labelled.add(span)
        found.append(span)
    return found


class _Place:
    """An occurrence of words in a text."""

    def __init__(self, extent: Extent, is_whole: bool, is_exact: bool) -> None:
        self.extent = extent
        self._is_whole, self._is_exact = is_whole, is_exact

    def rank(self, before: Extent) -> tuple[bool, int, bool, int]:
        """The smaller, the likelier behind a mention at `before`."""
        start, _ = self.extent
        region = 0 if start >= before[1] else 1 if start >= before[0] else 2
        return not self._is_whole, region, not self._is_exact, start


class _Text:
    def __init__(self, text: str, proclitics: Sequence[str]) -> None:
        self._text, self._proclitics = text, proclitics
        self._bare, self._origins = _without_marks(text)
        self._inside = {offset for start, end in words(text) for offset in range(start + 1, end)}

    def places(self, copied: str) -> list[_Place]:
        """Every occurrence of the words, those that overlap each other too."""
        extents: dict[Extent, bool] = {}
        if not (bare := _without_marks(copied)[0].strip()):
            return []
        for start in _finds(self._text, copied):
            extents[start, extend_over_marks(self._text, start + len(copied))] = True
        for place in _finds(self._bare, bare):
            start, last = self._origins[place], self._origins[place + len(bare) - 1]
            extents.setdefault((start, extend_over_marks(self._text, last + 1)), False)
        return [_Place(extent, self._is_whole(*extent), is_exact) for extent, is_exact in extents.items()]

    def _is_whole(self, start: int, end: int) -> bool:
        opens = start not in self._inside or with_proclitics(self._text, start, self._proclitics) < start
        return opens and end not in self._inside


def _finds(text: str, part: str) -> Iterable[int]:
    place = text.find(part)
    while place >= 0:
        yield place
        place = text.find(part, place + 1)


def _without_marks(text: str) -> tuple[str, list[int]]:
    """The text without marks, tatweel and invisible characters, one blank for any run of them; the offset of each."""
    kept: list[str] = []
    origins: list[int] = []
    for offset, char in enumerate(text):
        if char == _TATWEEL or unicodedata.category(char) in ("Mn", "Cf"):
            continue
        if char.isspace():
            if kept and kept[-1] == " ":
                continue
            char = " "
        kept.append(char)
        origins.append(offset)
    return "".join(kept), origins

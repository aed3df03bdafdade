"""From the pieces of a model's tokenizer to our words, and from a tag for each piece to labelled spans of the text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from toolkit.models.iob import segments
from toolkit.models.predictor import Span
from toolkit.models.tag_schemes import Tag, to_iob
from toolkit.models.windows import Range
from toolkit.offsets import extend_over_marks, trim
from toolkit.tokens import Span as Extent

# What the tags of two pieces of one word and one label become: the first no longer ends, the second no longer begins.
_REOPENED, _CONTINUED = {"S": "B", "E": "I"}, {"B": "I", "S": "E"}


@dataclass(frozen=True, slots=True)
class Pieces:
    """The pieces of a text: `extents` in code points without the blanks at their edges, empty where there is no more.

    `words` is the range of pieces of each word of ours; the first of them is the one that the word's tag is read from.
    """

    extents: Sequence[Extent]
    words: Sequence[Range]


class Unit(NamedTuple):
    """Text `[start, end)` that takes the tag of a piece. `inner` says that it goes on the word of the unit before."""

    piece: int
    start: int
    end: int
    inner: bool = False


class Tagged(NamedTuple):
    """The spans that the tags of a sentence stand for; `unopened` is how many begin with an inside tag."""

    spans: list[Span]
    unopened: int


def align(text: str, words: Sequence[Extent], offsets: Sequence[Extent], groups: Sequence[int | None]) -> Pieces:
    """Which pieces a word has: those that share a character with it, and the blank that SentencePiece puts before it.

    `offsets` are those of the tokenizer, `groups` its own words, which tell whether such a blank belongs to the piece
    after it. A word may have no piece, where the tokenizer takes its characters out, and two words may share one.
    """
    extents = [trim(text, start, end) for start, end in offsets]
    ranges = []
    place = 0
    for start, end in words:
        while place < len(extents) and extents[place][1] <= start:
            place += 1
        last = place
        while last < len(extents) and (extents[last][0] < end or _is_empty(extents[last])):
            last += 1
        while last > place and _is_empty(extents[last - 1]):
            last -= 1
        first = place
        if place and last > place and _is_lead(place - 1, extents, offsets, groups):
            first -= 1
        ranges.append((first, last))
    return Pieces(extents, ranges)


def _is_lead(place: int, extents: Sequence[Extent], offsets: Sequence[Extent], groups: Sequence[int | None]) -> bool:
    """Whether a piece is the blank before a word, cut off from it: in training it had the tag of the word."""
    return (
        _is_empty(extents[place])
        and groups[place] is not None
        and groups[place] == groups[place + 1]
        and offsets[place][1] == offsets[place + 1][0] == extents[place + 1][0]
    )


def _is_empty(extent: Extent) -> bool:
    return extent[0] >= extent[1]


def word_units(pieces: Pieces, words: Sequence[Extent], sentence: Range) -> Iterator[Unit]:
    """The words of a sentence, each with the first of its pieces; words that share it are one unit."""
    before: Unit | None = None
    for place in range(*sentence):
        (first, last), (start, end) = pieces.words[place], words[place]
        if first == last:
            continue
        if before and before.piece == first:
            before = before._replace(end=end)
            continue
        if before:
            yield before
        before = Unit(first, start, end)
    if before:
        yield before


def piece_units(text: str, pieces: Pieces, sentence: Range) -> Iterator[Unit]:
    """The pieces of a sentence as they are, the vowel signs behind them included."""
    done = 0
    for first, last in pieces.words[slice(*sentence)]:
        for piece in range(max(first, done), last):
            start, end = pieces.extents[piece]
            if start < end:
                yield Unit(piece, start, extend_over_marks(text, end), inner=piece > first)
            elif piece == first:  # the blank before the word
                start = pieces.extents[piece + 1][0]
                yield Unit(piece, start, start)
        done = max(done, last)


def tagged_spans(units: Sequence[Unit], tags: Sequence[Tag], scores: Sequence[float]) -> Tagged:
    """The spans of a sentence by the repair rule of `iob.segments`; the score of one is the mean over its units.

    `tags` and `scores` are those of the units. Inside a word a second begin of the same label goes on the mention:
    some models were trained to give every piece of a word the tag of the word.
    """
    read = list(tags)
    for place in range(1, len(units)):
        (before, label), (kind, same) = read[place - 1], read[place]
        if units[place].inner and label == same:
            read[place - 1] = Tag(_REOPENED.get(before, before), label)
            read[place] = Tag(_CONTINUED.get(kind, kind), label)
    spans, unopened = [], 0
    for first, last, label, is_opened in segments(to_iob(read)):
        # A blank of its own that closes a run is the one before the next word.
        start, ends = units[first].start, [unit.end for unit in units[first:last] if unit.start < unit.end]
        if ends:
            unopened += not is_opened
            spans.append(Span(start, max(ends), label, round(sum(scores[first:last]) / (last - first), 6)))
    return Tagged(spans, unopened)

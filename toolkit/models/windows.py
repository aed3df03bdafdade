"""A text in windows that a model can read: sentences whole where they fit, each word answered in one window."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

# Words or pieces from one number up to another, which is not among them.
Range = tuple[int, int]
# A sentence that has to be cut is read with a quarter of the room on either side of what is answered.
_SHARE = 4


class Window(NamedTuple):
    """Words `[first, last)` are read together; those of `[own_first, own_last)` are answered here and nowhere else."""

    first: int
    last: int
    own_first: int
    own_last: int


def windows(
    sentences: Sequence[Range], pieces: Sequence[Range], room: int, *, context: int = 0, pack: bool = True
) -> list[Window]:
    """Windows of at most `room` pieces, in text order.

    `sentences` are ranges of words that follow one another, `pieces` the range of pieces of each word. `context` is how
    many pieces are read for context only, on either side; `room` must be more than twice that. Sentences that fit are
    whole and, with `pack`, read together. One that does not is cut between words, with a quarter of the room as context
    on either side, so that each word is answered where the shorter side of its context is longest. A word of more
    pieces than the room is in no window.
    """
    found: list[Window] = []
    waiting: Range | None = None
    for sentence in sentences:
        joined = (waiting[0], sentence[1]) if waiting and pack else None
        if joined and _size(pieces, *joined) <= room - 2 * context:
            waiting = joined
            continue
        if waiting:
            found.append(_widened(waiting, pieces, context, (0, len(pieces))))
        waiting = sentence
        if _size(pieces, *sentence) > room - 2 * context:
            found += _cut(sentence, pieces, room, context)
            waiting = None
    if waiting:
        found.append(_widened(waiting, pieces, context, (0, len(pieces))))
    return found


def _cut(sentence: Range, pieces: Sequence[Range], room: int, context: int) -> Iterator[Window]:
    bounds = (0, len(pieces)) if context else sentence
    share = max(context, min(room // _SHARE, (room - 1) // 2))
    first = sentence[0]
    while first < sentence[1]:
        last = first + 1
        while last < sentence[1] and _size(pieces, first, last + 1) <= room - 2 * share:
            last += 1
        size = _size(pieces, first, last)
        if size <= room:
            yield _widened((first, last), pieces, min(share, (room - size) // 2), bounds)
        first = last


def _widened(own: Range, pieces: Sequence[Range], most: int, bounds: Range) -> Window:
    """The window that answers `own`, with at most `most` pieces more on either side."""
    first, last = own
    while first > bounds[0] and pieces[own[0]][0] - pieces[first - 1][0] <= most:
        first -= 1
    while last < bounds[1] and pieces[last][1] - pieces[own[1] - 1][1] <= most:
        last += 1
    return Window(first, last, *own)


def _size(pieces: Sequence[Range], first: int, last: int) -> int:
    """How many pieces the words `[first, last)` have, with those between them."""
    return pieces[last - 1][1] - pieces[first][0]

"""A text in passages of whole sentences, as much as a service can take at a time."""

from toolkit.tokens import Span as Extent
from toolkit.tokens import covered, sentences, words


def passages(text: str, most_words: int) -> list[Extent]:
    """The `[start, end)` of passages of at most `most_words` words, which together hold every word of the text.

    A sentence that is longer than that is cut between words.
    """
    spans = words(text)
    found: list[Extent] = []
    room = 0
    for start, end in sentences(text):
        first, last = covered(spans, start, end)
        if found and last - first <= room:
            found[-1] = (found[-1][0], end)
            room -= last - first
            continue
        for piece in range(first, last, most_words):
            stop = min(piece + most_words, last)
            found.append((start if piece == first else spans[piece][0], end if stop == last else spans[stop - 1][1]))
            room = most_words - (stop - piece)
    return found

"""A text as sentences of words with their offsets, for libraries that want words and give none back."""

from collections.abc import Sequence

from toolkit.models.iob import segments
from toolkit.models.predictor import Span
from toolkit.tokens import Span as Extent
from toolkit.tokens import covered, sentences, words


def sentence_words(text: str, most: int | None = None) -> list[list[Extent]]:
    """The `[start, end)` of the words of each sentence; one with more than `most` words comes in several parts."""
    spans = words(text)
    found: list[list[Extent]] = []
    for start, end in sentences(text):
        first, last = covered(spans, start, end)
        step = most or last - first
        found += [spans[place : min(place + step, last)] for place in range(first, last, step)]
    return found


def tagged(word_spans: Sequence[Extent], tags: Sequence[str]) -> list[Span]:
    """The mentions that IOB2 tags make of words, an I- that continues nothing begins one."""
    return [Span(word_spans[s.first][0], word_spans[s.last - 1][1], s.label) for s in segments(tags)]

"""A text on its way through a model that tags pieces: cut into windows, tagged one by one, and answered as a whole."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from toolkit.errors import DataError
from toolkit.models.pieces import Pieces, Unit, align, piece_units, tagged_spans, word_units
from toolkit.models.predictor import Answer, Span
from toolkit.models.tag_schemes import TagScheme
from toolkit.models.windows import Range, Window, windows
from toolkit.tokens import Span as Extent
from toolkit.tokens import covered, sentences, words

AGGREGATIONS = {"first": "the first piece of each word", "pieces": "each piece by itself"}


@dataclass(frozen=True, slots=True)
class Decoding:
    """How texts are cut and tags are read.

    `room` is how many pieces of a text the model reads at a time, and `context` how many of them, on either side, it
    reads for context only. With `pack` it reads several sentences together.
    """

    scheme: TagScheme
    aggregation: str
    room: int
    context: int
    pack: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A text with its words and pieces. `classes` and `scores` are those of the pieces that were tagged so far."""

    text: str
    words: Sequence[Extent]
    sentences: Sequence[Range]
    pieces: Pieces
    windows: Sequence[Window]
    classes: dict[int, int] = field(default_factory=dict)
    scores: dict[int, float] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str, offsets: Sequence[Extent], groups: Sequence[int | None], decoding: Decoding) -> "Reading":
        """The text, cut into windows; `offsets` and `groups` are those of its pieces, as for `align`."""
        spans = words(text)
        pieces = align(text, spans, offsets, groups)
        rows = [covered(spans, start, end) for start, end in sentences(text)]
        cut = windows(rows, pieces.words, decoding.room, context=decoding.context, pack=decoding.pack)
        return cls(text, spans, rows, pieces, cut)

    def pieces_of(self, first: int, last: int) -> range:
        """The pieces of the words `[first, last)`, with those between them."""
        return range(self.pieces.words[first][0], self.pieces.words[last - 1][1])

    def tag(self, window: Window, classes: Sequence[int], scores: Sequence[float]) -> None:
        """Keeps what the model says of the pieces of a window, as far as it is this window that answers them."""
        start = self.pieces_of(window.first, window.last).start
        for piece in self.pieces_of(window.own_first, window.own_last):
            self.classes[piece], self.scores[piece] = classes[piece - start], scores[piece - start]

    def answer(self, decoding: Decoding) -> Answer:
        """The mentions, none across a sentence end, with what was not read, and what was changed or left out.

        DataError where the model gave NaN for one of its pieces.
        """
        if not all(0 <= score <= 1 for score in self.scores.values()):
            raise DataError("the model gives no numbers (NaN)", fix="It may need --option dtype=float32.")
        spans: list[Span] = []
        counts: Counter[str] = Counter()
        for sentence in self.sentences:
            units = [unit for unit in self._units(sentence, decoding.aggregation) if unit.piece in self.classes]
            tags = [decoding.scheme.tags[self.classes[unit.piece]] for unit in units]
            tagged = tagged_spans(units, tags, [self.scores[unit.piece] for unit in units])
            spans += tagged.spans
            counts["mentions_without_begin"] += tagged.unopened if decoding.scheme.begins else 0
        starts = {first for first, _ in self.sentences}
        counts["cuts_inside_sentences"] = sum(window.own_first not in starts for window in self.windows)
        unseen: list[Extent] = []
        for word, reason in self._unread():
            counts[reason] += 1
            # A stray vowel sign that the tokenizer takes out holds nothing that could be read.
            if any(char.isalnum() for char in self.text[slice(*word)]):
                unseen.append(word)
        return Answer(spans, seen=_rest(len(self.text), unseen) if unseen else None, counts=+counts)

    def _units(self, sentence: Range, aggregation: str) -> Iterator[Unit]:
        if aggregation == "first":
            return word_units(self.pieces, self.words, sentence)
        return piece_units(self.text, self.pieces, sentence)

    def _unread(self) -> Iterator[tuple[Extent, str]]:
        for word, (first, last) in zip(self.words, self.pieces.words, strict=True):
            if first == last:
                yield word, "words_without_pieces"
            elif first not in self.classes:
                yield word, "words_longer_than_window"


def _rest(length: int, unseen: Sequence[Extent]) -> list[Extent]:
    """What is left of a text without some of its words."""
    edges = [0, *(edge for extent in unseen for edge in extent), length]
    return [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end]

"""A document as words and sentences: those of the config `ner`, on which tags are read and scored."""

from dataclasses import dataclass

from toolkit.document import Document
from toolkit.tokens import Span as Extent
from toolkit.tokens import covered, sentences, words


@dataclass(frozen=True, slots=True)
class Sentences:
    """The words of a document, and its sentences as ranges `[first, last)` of them."""

    words: tuple[Extent, ...]
    rows: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, document: Document) -> "Sentences":
        """The sentences of a document; none is cut inside a gold mention."""
        spans = tuple(words(document.text))
        extents = sentences(document.text, [(entity.start, entity.end) for entity in document.entities])
        rows = [covered(spans, start, end) for start, end in extents]
        return cls(spans, tuple(row for row in rows if row[0] < row[1]))

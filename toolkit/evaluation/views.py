"""The two ways a document is looked at: `word`, one layer of tags on the dataset's words, and `char`, exact spans.

The rows of the word view are those of the config `ner`: the same words, the same sentences, the same gold tags.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from toolkit.document import Document
from toolkit.evaluation.cleaning import Labelled
from toolkit.flat import Layer, Loss, flatten
from toolkit.models.iob import segments
from toolkit.schema import FlatLayer
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


class Row(NamedTuple):
    """The IOB2 tags of a sentence: gold and predicted, of equal length."""

    gold: list[str]
    predicted: list[str]


@dataclass(frozen=True, slots=True)
class WordView:
    """A document on its words, and what the layer of words could not hold, by reason.

    `joined` counts sentences that a predicted span crosses: they are scored as one, so that the span stays one.
    `unopened` counts runs of predicted tags that begin with I-.
    """

    rows: tuple[Row, ...]
    gold_losses: Counter[Loss]
    predicted_losses: Counter[Loss]
    joined: int = 0
    unopened: int = 0


def project(document: Document, gold: Sequence[Labelled], predicted: Sequence[Labelled], policy: FlatLayer) -> WordView:
    """Gold and predicted spans on the words of the document, both by the same policy."""
    split = Sentences.of(document)
    gold_layer = flatten(gold, split.words, policy)
    layer = flatten(predicted, split.words, policy)
    borders = [first for first, _ in split.rows[1:]]
    crossed: set[int] = set()
    for span in (*gold_layer.spans, *layer.spans):
        crossed.update(borders[bisect_right(borders, span.first) : bisect_left(borders, span.last)])
    edges = [0, *(border for border in borders if border not in crossed), len(split.words)]
    gold_tags, tags = (each.tags(len(split.words)) for each in (gold_layer, layer))
    rows = tuple(Row(gold_tags[a:b], tags[a:b]) for a, b in pairwise(edges) if a < b)
    return WordView(rows, _reasons(gold_layer), _reasons(layer), joined=len(crossed))


def project_tags(
    document: Document, gold: Sequence[Labelled], predicted: Iterable[Sequence[str]], policy: FlatLayer
) -> WordView:
    """Gold spans on the words of the document, beside the tags that a model gave for each sentence, scored as given.

    Only labels that the flat layer drops become O, as they do for spans.
    """
    split = Sentences.of(document)
    layer = flatten(gold, split.words, policy)
    gold_tags = layer.tags(len(split.words))
    losses: Counter[Loss] = Counter()
    unopened = 0
    rows = []
    for (first, last), given in zip(split.rows, predicted, strict=True):
        tags = list(given)
        for segment in segments(given):
            unopened += not segment.is_opened
            if segment.label in policy.drop:
                tags[segment.first : segment.last] = ["O"] * (segment.last - segment.first)
                losses[Loss.DROPPED_LABEL] += 1
        rows.append(Row(gold_tags[first:last], tags))
    return WordView(tuple(rows), _reasons(layer), losses, unopened=unopened)


def _reasons(layer: Layer) -> Counter[Loss]:
    return Counter(reason for _, reason in layer.losses)

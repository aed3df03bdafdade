"""The word view: one layer of tags on the dataset's words, which seqeval scores.

The words and sentences are those of the config `ner`, and so are the gold tags.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from toolkit.document import Document
from toolkit.errors import DataError
from toolkit.evaluation.predictions.sentences import Sentences
from toolkit.evaluation.scoring.cleaning import Labelled
from toolkit.flat import Layer, Loss, WordSpan, flatten
from toolkit.models.iob import segments
from toolkit.schema import FlatLayer
from toolkit.tokens import Span as Extent
from toolkit.tokens import sentences, words

# What becomes of a run of predicted tags that begins with I-: conlleval lets it begin a span, as seqeval does without
# a mode; strict IOB2 discards it.
InvalidTags = Literal["conlleval", "discard", "raise"]
# Without one of these in it a span crosses no sentence end.
_MAY_END_A_SENTENCE = re.compile("[.!?؟…\n\r\u0085\u2028\u2029]")


class Row(NamedTuple):
    """IOB2 tags of words that follow one another: gold and predicted, of equal length."""

    gold: list[str]
    predicted: list[str]


@dataclass(frozen=True, slots=True)
class WordView:
    """The words of a document that gold or predicted spans touch, and what the layer of words could not hold.

    `joined` counts the sentence ends that a predicted span crosses; it is one span all the same. `unopened` counts
    runs of predicted tags that begin with I-. `layers` are gold and predicted spans in words; None of tags.
    """

    rows: tuple[Row, ...]
    gold_losses: Counter[Loss]
    predicted_losses: Counter[Loss]
    joined: int = 0
    unopened: int = 0
    layers: tuple[list[Labelled], list[Labelled]] | None = None


def project(document: Document, gold: Sequence[Labelled], predicted: Sequence[Labelled], policy: FlatLayer) -> WordView:
    """Gold and predicted spans on the words of the document, both by the same policy, as one row.

    Words that no span touches are left out, and sentences follow one another: every span of a layer begins with a B-,
    so that nothing else is needed to tell it from its neighbours.
    """
    touched = touched_words(document.text, (*gold, *predicted))
    gold_layer, layer = (_layer(spans, touched, policy) for spans in (gold, predicted))
    rows = (Row(gold_layer.tags(len(touched)), layer.tags(len(touched))),) if touched else ()
    layers = _triples(gold_layer), _triples(layer)
    # No sentence ends within a gold mention.
    others = {span[:2] for span in layers[1]} - {span[:2] for span in layers[0]}
    joined = _joined(document, [(touched[first][0], touched[last - 1][1]) for first, last in others])
    return WordView(rows, _reasons(gold_layer), _reasons(layer), joined, layers=layers)


def _triples(layer: Layer) -> list[Labelled]:
    return [(span.first, span.last, span.label) for span in layer.spans]


def _layer(spans: Sequence[Labelled], touched: Sequence[Extent], policy: FlatLayer) -> Layer:
    """`flatten`, in one sweep where no two sorted spans meet in a word and none is lost, as is nearly always so."""
    kept: list[WordSpan] = []
    last = 0
    for place, (start, end, label) in enumerate(spans):
        first = last
        while first < len(touched) and touched[first][1] <= start:
            first += 1
        is_met = last and touched[last - 1][1] > start
        last = first
        while last < len(touched) and touched[last][0] < end:
            last += 1
        if is_met or first == last or label in policy.drop:
            return flatten(spans, touched, policy)
        kept.append(WordSpan(first, last, label, place))
    return Layer(tuple(kept), ())


def touched_words(text: str, spans: Iterable[Labelled]) -> list[Extent]:
    """The words of a text that share a character with a span, in order, and a few beside them.

    They are those of `words(text)`: no word has a space in it, so the text between two spaces has words of its own.
    """
    found: list[Extent] = []
    done = 0
    for start, end, _ in sorted(spans):
        if end <= done:
            continue
        first = max(done, text.rfind(" ", done, start) + 1)
        last = text.find(" ", end)
        done = last if last >= 0 else len(text)
        found += [(left + first, right + first) for left, right in words(text[first:done])]
    return found


def _joined(document: Document, spans: Sequence[Extent]) -> int:
    """How many sentence ends lie within the spans."""
    if not any(_MAY_END_A_SENTENCE.search(document.text, start, end) for start, end in spans):
        return 0
    extents = sentences(document.text, [(entity.start, entity.end) for entity in document.entities])
    borders = [start for start, _ in extents[1:]]
    crossed: set[int] = set()
    for start, end in spans:
        crossed.update(borders[bisect_right(borders, start) : bisect_left(borders, end)])
    return len(crossed)


def project_tags(
    split: Sentences, gold: Sequence[Labelled], predicted: Iterable[Sequence[str]], policy: FlatLayer
) -> WordView:
    """Gold spans on the words of a document, beside the tags that a model gave for each sentence, as they are.

    Only labels that the flat layer drops become O, as they do for spans.
    """
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


def spans_of_tags(split: Sentences, rows: Iterable[Sequence[str]], policy: InvalidTags, where: str) -> list[Labelled]:
    """The spans that tags stand for, by the policy; DataError names the first run that begins with an I- to raise."""
    spans = []
    for number, ((offset, _), tags) in enumerate(zip(split.rows, rows, strict=True), 1):
        for first, last, label, is_opened in segments(tags):
            if not is_opened and policy == "raise":
                raise DataError(
                    f"document {where}, sentence {number}, word {first + 1}: {tags[first]} continues no mention",
                    fix="Write valid IOB2, or choose --invalid-tags conlleval or discard.",
                )
            if is_opened or policy == "conlleval":
                spans.append((split.words[offset + first][0], split.words[offset + last - 1][1], label))
    return spans


def _reasons(layer: Layer) -> Counter[Loss]:
    return Counter(reason for _, reason in layer.losses)

"""Gold and prediction of a document as they are scored: labels mapped, spans cleaned, relations between them."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from toolkit.document import Document
from toolkit.evaluation.predictions.prediction import Prediction
from toolkit.evaluation.scoring.cleaning import Labelled, clean
from toolkit.evaluation.scoring.label_maps import Scheme
from toolkit.evaluation.scoring.relations import Linked
from toolkit.models.iob import segments

# Why a span or a relation is in no view at all.
MAPPED_TO_NOTHING = "mapped to nothing"
RELATIONS_MAPPED = "relations of mentions mapped to nothing"


@dataclass(frozen=True, slots=True)
class Side:
    """The cleaned spans of a side in text order, its relations, and numbers by reason.

    `mapped` is what the label map leaves out, `changes` what the clean-up did; `unmapped` are predicted labels that the
    map does not name.
    """

    spans: tuple[Labelled, ...]
    relations: tuple[Linked, ...]
    mapped: Mapping[str, int]
    changes: Mapping[str, int]
    unmapped: Mapping[str, int] = field(default_factory=dict)


def gold_side(document: Document, scheme: Scheme) -> Side:
    """The mentions and relations of a document."""
    spans = [(entity.start, entity.end, entity.label) for entity in document.entities]
    places = {entity.id: place for place, entity in enumerate(document.entities)} if document.relations else {}
    links = [(each.label, places[each.head], places[each.tail]) for each in document.relations]
    return _side(document.text, spans, links, scheme.of_gold if scheme.gold is not None else None)


def predicted_side(document: Document, prediction: Prediction, scheme: Scheme) -> Side:
    """The spans and relations that a model gave."""
    spans = [(span.start, span.end, span.label) for span in prediction.spans]
    links = [(pair.label, pair.head, pair.tail) for pair in prediction.relations or ()]
    if scheme.model is None:
        return _side(document.text, spans, links, None)
    unmapped = [label for _, _, label in spans if scheme.is_unmapped(label)]
    return replace(_side(document.text, spans, links, scheme.of_model), unmapped=Counter(unmapped))


def tagged_side(document: Document, prediction: Prediction, spans: Sequence[Labelled], scheme: Scheme) -> Side:
    """The spans that were read from a model's tags, already mapped; the tags tell what the map left out."""
    given = [segment.label for row in prediction.tags or () for segment in segments(row)]
    return replace(
        _side(document.text, spans, (), None),
        mapped={MAPPED_TO_NOTHING: sum(scheme.of_model(label) is None for label in given)},
        unmapped=Counter(label for label in given if scheme.is_unmapped(label)),
    )


def mapped_tags(rows: Iterable[Sequence[str]], scheme: Scheme) -> list[list[str]]:
    """Tags with the labels that they are scored as; O where that is nothing."""
    if scheme.model is None:
        return [list(row) for row in rows]
    return [[_mapped(tag, scheme) for tag in row] for row in rows]


def _mapped(tag: str, scheme: Scheme) -> str:
    label = None if tag == "O" else scheme.of_model(tag[2:])
    return "O" if label is None else f"{tag[:2]}{label}"


def _side(
    text: str,
    spans: Sequence[Labelled],
    links: Sequence[tuple[str, int, int]],
    label_of: Callable[[str], str | None] | None,
) -> Side:
    """Spans with their labels mapped, those that are nothing left out and with them their relations, and cleaned."""
    kept = dict(enumerate(spans))
    if label_of is not None:
        mapped = ((place, (start, end, label_of(label))) for place, (start, end, label) in kept.items())
        kept = {place: (start, end, label) for place, (start, end, label) in mapped if label is not None}
    cleaned = clean(text, kept.values())
    by_place = dict(zip(kept, cleaned.each, strict=True)) if links else {}
    relations = tuple(
        Linked(label, by_place[head], by_place[tail])
        for label, head, tail in links
        if head in by_place and tail in by_place
    )
    left_out = {MAPPED_TO_NOTHING: len(spans) - len(kept), RELATIONS_MAPPED: len(links) - len(relations)}
    return Side(cleaned.spans, relations, left_out, cleaned.changes())

"""Errors in their sentences: gold and prediction of each, cut into the pieces that a page marks. Quotes the texts."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from toolkit.document import Document
from toolkit.evaluation.reports.sections import error_kind
from toolkit.evaluation.scoring.cleaning import Labelled
from toolkit.evaluation.scoring.diagnosis import Error, Kind, find_errors
from toolkit.evaluation.scoring.label_maps import NamedMap, Scheme, scheme_of
from toolkit.evaluation.scoring.matching import Match
from toolkit.evaluation.scoring.sides import gold_side
from toolkit.excerpt import around
from toolkit.schema import LabelMap, Schema
from toolkit.tokens import sentences

Json = Mapping[str, Any]
# So many errors of each kind are shown.
SHOWN = 12
_ORDER = tuple(kind for kind in Kind if kind is not Kind.CORRECT)
# These would turn the letters behind them around, which is to be seen and not to happen.
_CONTROLS = dict(zip("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", range(9), strict=True))
_CONTROL_NAMES = ("LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI")
_NO_COLOR = "#546E7A"


@dataclass(frozen=True, slots=True)
class QuotedTexts:
    """The documents that a report may quote, what their labels are, and which of them may not be passed on."""

    documents: Sequence[Document]
    schema: Schema
    withheld: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Mark:
    """A mention as it is drawn: `row` counts from the text downwards, so that nested ones do not cover each other."""

    label: str
    color: str
    row: int
    is_focus: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a sentence and the mentions over it, the outermost first. A control character is told by its name."""

    text: str
    marks: tuple[Mark, ...] = ()
    is_control: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What one side has where the error is, None for nothing, and the whole sentence as that side reads it."""

    span: Labelled | None
    color: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """An error: the document and extent, what gold and the prediction have, the letters of a clitic boundary."""

    document: str
    start: int
    end: int
    gold: Reading
    predicted: Reading
    clitic: str = ""


@dataclass(frozen=True, slots=True)
class Examples:
    """The errors of a kind: how many there are, and those that are shown."""

    kind: str
    count: int
    shown: tuple[Example, ...] = field(default=())


def find_examples(result: Json, texts: QuotedTexts) -> list[Examples]:
    """The errors of a result by kind, a few of each from as many documents as there are. Kinds without any left out."""
    scheme = _scheme(result, texts.schema)
    found: dict[Kind, list[tuple[int, str, Document, Match, Error]]] = defaultdict(list)
    for document in texts.documents:
        if document.id not in result["documents"]:
            continue
        matched = _matched(document, result["documents"][document.id], scheme)
        seen: Counter[Kind] = Counter()
        for error in find_errors(document.text, matched, scheme.schema.proclitics):
            # The first error of every document before the second of any.
            found[error.kind].append((seen[error.kind], document.id, document, matched, error))
            seen[error.kind] += 1
    return [
        Examples(
            error_kind(kind),
            len(found[kind]),
            tuple(
                _example(document, matched, error, scheme.schema)
                for _, _, document, matched, error in sorted(found[kind], key=lambda each: each[:2])[:SHOWN]
            ),
        )
        for kind in _ORDER
        if found[kind]
    ]


def _scheme(result: Json, schema: Schema) -> Scheme:
    """The scheme that the result was scored in, from what it says of its label map."""
    given = result["label_map"]
    if given is None:
        return scheme_of(schema, None)
    return scheme_of(schema, NamedMap(given["name"], LabelMap(gold=given["gold"], model=given["model"])))


def _matched(document: Document, stored: Json, scheme: Scheme) -> Match:
    """The match of a document again, from its gold and the errors that the result keeps."""
    missed, spurious = (tuple((a, b, label) for a, b, label in stored[side]) for side in ("missed", "spurious"))
    right = sorted(set(gold_side(document, scheme).spans) - set(missed))
    return Match(tuple(right), missed, spurious)


def _example(document: Document, matched: Match, error: Error, schema: Schema) -> Example:
    spans = [span for span in error[1:] if span is not None]
    start, end = min(span[0] for span in spans), max(span[1] for span in spans)
    clitic = ""
    if error.kind is Kind.CLITIC_BOUNDARY and error.gold and error.predicted:
        clitic = document.text[start : max(error.gold[0], error.predicted[0])]
    gold, predicted = (
        Reading(focus, _color(focus, schema), tuple(_sentence(document.text, start, end, side, focus, schema)))
        for focus, side in ((error.gold, matched.gold), (error.predicted, matched.predicted))
    )
    return Example(document.id, start, end, gold, predicted, clitic)


def _sentence(
    text: str, start: int, end: int, spans: Iterable[Labelled], focus: Labelled | None, schema: Schema
) -> Iterator[Piece]:
    """The sentence around an extent, or what lies around it in one that is long, with dots where it is cut."""
    first, last = around(text, start, end)
    whole = [(a, b) for a, b in sentences(text, [(start, end)]) if a <= start and end <= b]
    left, right = whole[0] if whole else (0, len(text))
    window = max(first, left), min(last, right)
    if left < window[0]:
        yield Piece("… ")
    yield from _pieces(text, window, spans, focus, schema)
    if window[1] < right:
        yield Piece(" …")


def _pieces(
    text: str, window: tuple[int, int], spans: Iterable[Labelled], focus: Labelled | None, schema: Schema
) -> Iterator[Piece]:
    first, last = window
    inside = [span for span in spans if span[0] < last and span[1] > first]
    marks = _marks(inside, focus, schema)
    controls = [place for place in range(first, last) if text[place] in _CONTROLS]
    borders = {first, last, *(min(max(place, first), last) for span in inside for place in span[:2])}
    borders |= {place for control in controls for place in (control, control + 1)}
    for start, end in pairwise(sorted(borders)):
        over = tuple(mark for span, mark in marks if span[0] <= start and end <= span[1])
        control = _CONTROLS.get(text[start])
        yield Piece(text[start:end] if control is None else _CONTROL_NAMES[control], over, control is not None)


def _marks(spans: Iterable[Labelled], focus: Labelled | None, schema: Schema) -> list[tuple[Labelled, Mark]]:
    """The spans with their marks, the longest first; the row of each is free of all that share a character with it."""
    placed: list[tuple[Labelled, Mark]] = []
    for span in sorted(spans, key=lambda span: (span[1] - span[0], span)):
        taken = {mark.row for other, mark in placed if other[0] < span[1] and span[0] < other[1]}
        row = next(row for row in range(len(placed) + 1) if row not in taken)
        placed.append((span, Mark(span[2], _color(span, schema), row, span == focus)))
    return placed[::-1]


def _color(span: Labelled | None, schema: Schema) -> str:
    kind = schema.entities.get(span[2]) if span else None
    return kind.color if kind else _NO_COLOR

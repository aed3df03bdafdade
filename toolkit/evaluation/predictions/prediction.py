"""What a model says of documents, wherever it comes from: a predictor that ran, a JSONL file or a CoNLL file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from reprlib import Repr

from toolkit.document import Document
from toolkit.files import sha256
from toolkit.findings import Finding
from toolkit.models.predictor import Pair, Span
from toolkit.tokens import Span as Extent

# Names that seqeval's report gives to averages; a label of that name would be overwritten by them.
_AVERAGES = ("micro avg", "macro avg", "weighted avg")
# An error or a value of any length becomes a line that a person reads.
_LONGEST = 500
_BRIEF = Repr()
_BRIEF.maxstring = _BRIEF.maxother = _BRIEF.maxlong = 80


@dataclass(frozen=True, slots=True)
class Prediction:
    """The spans of a document, or the error that kept the model from giving any.

    `tags` are there when the model gave tags, not spans: one row a sentence of the document, scored as they are.
    `relations` index `spans`; None where the model predicts none. `seen` are the parts of the text that the model read,
    in code points; None where it read all. `counts` is what the adapter left out or changed, by reason.
    """

    id: str
    spans: tuple[Span, ...] = ()
    error: str | None = None
    tags: tuple[tuple[str, ...], ...] | None = None
    relations: tuple[Pair, ...] | None = None
    seen: tuple[Extent, ...] | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Predictions:
    """Predictions by document id, what was wrong with the file they come from, and what identifies the model."""

    by_document: Mapping[str, Prediction]
    model: Mapping[str, str]
    findings: tuple[Finding, ...] = ()


def text_digest(document: Document) -> str:
    """The sha256 of a document's text in UTF-8: what a prediction says it was made for."""
    return sha256(document.text.encode("utf-8", "surrogatepass"))


def brief(value: object) -> str:
    """A value as Python writes it, cut where it is long: for a message of one line."""
    return _BRIEF.repr(value)


def one_line(text: str) -> str:
    """A text as one line of at most 500 characters that UTF-8 can write."""
    line = " ".join(text[: 2 * _LONGEST].encode("utf-8", "replace").decode("utf-8").split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def label_problem(label: object) -> str | None:
    """Why something cannot be a label; None where it can.

    seqeval drops dashes at the edges of a label in strict mode and keeps them in the other.
    """
    if not isinstance(label, str) or not label:
        return f"{brief(label)} is no label, expected a string that is not empty"
    if label.startswith("-") or label.endswith("-"):
        return f"label {label!r} begins or ends with a dash, which seqeval would drop"
    if label in _AVERAGES:
        return f"label {label!r} is the name of an average in seqeval's report"
    return None


def span_problem(start: object, end: object, length: int) -> str | None:
    """Why two offsets are no span of a text of `length` code points; None where they are one."""
    for name, offset in (("start", start), ("end", end)):
        if type(offset) is not int:
            return f"{name} is {brief(offset)}, expected a whole number"
    if not 0 <= start < end <= length:  # type: ignore[operator]
        return f"offsets {start}-{end}, expected 0 <= start < end <= {length}, the length of the text in code points"
    return None
